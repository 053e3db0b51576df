//! What ModelScope lists of a repository, and where its files go: the endpoints that its own Python tools use.

use super::ask::Subject;
use super::error::printable;
use super::wanted::{chosen, is_inside, is_sha256, path_encoded, places};
use super::{Digest, HubError, HubPlace, Hubs, Plan, RepoFile, Wanted};
use protocol::hub::{Hub, Kind};
use protocol::says;
use serde::Deserialize;

/// ModelScope cuts a list of a model's files off here, without saying so.
const LIST_LIMIT: usize = 3000;
/// Files of a data set on one page of its list, and pages that are asked for.
const PAGE_SIZE: usize = 200;
const MAX_PAGES: usize = 500;

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "Success", default = "yes")]
    success: bool,
    #[serde(rename = "Message", default)]
    message: String,
    #[serde(rename = "Data")]
    data: Option<Listed>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "Files")]
    files: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Path")]
    path: String,
    /// "tree" of a folder.
    #[serde(rename = "Type", default)]
    kind: String,
    #[serde(rename = "Size", default)]
    size: u64,
    #[serde(rename = "Sha256", default)]
    sha256: Option<String>,
}

impl Entry {
    /// Its SHA-256, where the list has one.
    fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref().filter(|hash| !hash.is_empty())
    }
}

impl Hubs {
    pub(super) fn plan_modelscope(&self, wanted: &Wanted) -> Result<Plan, HubError> {
        let place = self.place(Hub::ModelScope);
        let revision = wanted.hub.revision(wanted.revision.as_deref()).to_owned();
        let repository = Hub::ModelScope.repository(wanted.kind, &wanted.name);
        let folder = place.cache.join(repository).join("snapshots").join(&revision);
        let listed = match wanted.kind {
            Kind::Model => place.model_files(&wanted.name, &revision)?,
            Kind::Dataset => place.dataset_files(&wanted.name, &revision)?,
        };
        let plain = |entry: &Entry| entry.kind != "tree" && is_inside(&entry.path);
        let known: Vec<Entry> = listed.into_iter().filter(plain).collect();
        let summed = |entry: &&Entry| entry.sha256().is_none_or(is_sha256);
        if let Some(entry) = known.iter().find(|entry| !summed(entry)) {
            return Err(HubError::unsummed(&entry.path));
        }
        let file = |entry: &Entry| RepoFile {
            file: entry.path.clone(),
            url: format!(
                "{}?Revision={}&FilePath={}",
                place.address(wanted.kind, &wanted.name, "repo"),
                query_encoded(&revision),
                query_encoded(&entry.path)
            ),
            size: entry.size,
            digest: entry
                .sha256()
                .map_or(Digest::Unknown, |hash| Digest::Sha256(hash.to_owned())),
            whole: folder.join(&entry.path),
            link: None,
        };
        let names: Vec<&str> = known.iter().map(|entry| entry.path.as_str()).collect();
        let chosen = chosen(wanted, &names, &mut |card| {
            let entry = known.iter().find(|entry| entry.path == card);
            let file = file(entry.ok_or_else(|| HubError::broken(card, says::not_listed()))?);
            let about = Subject {
                name: &wanted.name,
                revision: &revision,
            };
            place.card(about, &file)
        })?;
        let places = places(&chosen);
        let wanted_files = known.iter().filter(|entry| places.contains_key(entry.path.as_str()));
        let mut files: Vec<RepoFile> = wanted_files.map(file).collect();
        files.sort_by_key(|file| places.get(file.file.as_str()));
        Ok(Plan {
            wanted: wanted.clone(),
            commit: revision,
            folder,
            listing: known.iter().map(|file| (file.path.clone(), Some(file.size))).collect(),
            files,
        })
    }
}

impl HubPlace {
    fn address(&self, kind: Kind, name: &str, what: &str) -> String {
        format!("{}/api/v1/{}/{name}/{what}", self.endpoint, kind.plural())
    }

    /// The files of a model's top folder: no other is asked for.
    fn model_files(&self, name: &str, revision: &str) -> Result<Vec<Entry>, HubError> {
        let url = self.address(Kind::Model, name, "repo/files");
        let files = self.listed(
            Subject { name, revision },
            &format!("{url}?Revision={}&Recursive=False", query_encoded(revision)),
        )?;
        match files.len() < LIST_LIMIT {
            true => Ok(files),
            false => Err(self.too_many(name, LIST_LIMIT)),
        }
    }

    /// All files of a data set, page by page.
    fn dataset_files(&self, name: &str, revision: &str) -> Result<Vec<Entry>, HubError> {
        let url = self.address(Kind::Dataset, name, "repo/tree");
        let mut all = vec![];
        for page in 1..=MAX_PAGES {
            let asked = format!(
                "{url}?Revision={}&Recursive=True&PageNumber={page}&PageSize={PAGE_SIZE}",
                query_encoded(revision)
            );
            let files = self.listed(Subject { name, revision }, &asked)?;
            let last = files.len() < PAGE_SIZE;
            all.extend(files);
            if last {
                return Ok(all);
            }
        }
        Err(self.too_many(name, PAGE_SIZE * MAX_PAGES))
    }

    fn listed(&self, about: Subject, url: &str) -> Result<Vec<Entry>, HubError> {
        let reply: Reply = self.get_json(about, url)?;
        match reply.success {
            true => Ok(reply.data.and_then(|data| data.files).unwrap_or_default()),
            false => Err(HubError::broken(about.name, says::hub_says(printable(&reply.message)))),
        }
    }

    fn too_many(&self, name: &str, most: usize) -> HubError {
        HubError::TooMany {
            name: name.to_owned(),
            endpoint: self.endpoint.clone(),
            most,
        }
    }
}

/// A text percent-encoded as the value in a query string.
fn query_encoded(text: &str) -> String {
    path_encoded(text).replace('/', "%2F")
}
