//! What Hugging Face, or a mirror of it, lists of a repository, and where its files go.

use super::ask::Subject;
use super::cache::is_commit;
use super::fetch::{content_length, content_range, retry};
use super::wanted::{chosen, is_inside, is_sha256, path_encoded, places};
use super::{Digest, HubError, HubPlace, Hubs, Link, Plan, RepoFile, Wanted};
use protocol::hub::{Hub, Kind};
use protocol::says;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use ureq::Body;
use ureq::http::Response;

/// What the hub says of a repository.
#[derive(Deserialize)]
struct Listing {
    sha: String,
    #[serde(default)]
    gated: Value,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    #[serde(rename = "blobId")]
    blob: Option<String>,
    lfs: Option<Lfs>,
}

/// A file that git has elsewhere.
#[derive(Deserialize)]
struct Lfs {
    sha256: String,
}

/// What a repository is called, and where it is kept.
struct Repository<'a> {
    place: &'a HubPlace,
    wanted: &'a Wanted,
    commit: String,
}

impl Hubs {
    pub(super) fn plan_huggingface(&self, wanted: &Wanted) -> Result<Plan, HubError> {
        let place = self.place(Hub::HuggingFace);
        let revision = wanted.hub.revision(wanted.revision.as_deref());
        let about = Subject {
            name: &wanted.name,
            revision,
        };
        let (kind, name) = (wanted.kind.plural(), &wanted.name);
        let revision = path_encoded(revision).replace('/', "%2F");
        let url = format!("{}/api/{kind}/{name}/revision/{revision}?blobs=true", place.endpoint);
        let listed: Listing = place.get_json(about, &url)?;
        if !is_commit(&listed.sha) {
            return Err(HubError::broken(name, says::no_commit()));
        }
        let repository = Repository {
            place,
            wanted,
            commit: listed.sha,
        };
        let known: Vec<Sibling> = listed
            .siblings
            .into_iter()
            .filter(|s| is_inside(&s.rfilename))
            .collect();
        let names: Vec<&str> = known.iter().map(|sibling| sibling.rfilename.as_str()).collect();
        let chosen = chosen(wanted, &names, &mut |card| {
            let sibling = known.iter().find(|sibling| sibling.rfilename == card);
            let sibling = sibling.ok_or_else(|| HubError::broken(card, says::not_listed()))?;
            let file = repository.file(sibling)?;
            place.card(about, &file)
        })?;
        // of a repository whose terms must be accepted the list is everybody's, and the files are not
        let gated = !matches!(&listed.gated, Value::Null | Value::Bool(false));
        if let (true, Some(first)) = (gated, chosen.first()) {
            repository.locate(first)?;
        }
        let places = places(&chosen);
        let wanted_files = known
            .iter()
            .filter(|sibling| places.contains_key(sibling.rfilename.as_str()));
        let mut files = wanted_files
            .map(|sibling| repository.file(sibling))
            .collect::<Result<Vec<_>, _>>()?;
        files.sort_by_key(|file| places.get(file.file.as_str()));
        Ok(Plan {
            wanted: wanted.clone(),
            folder: repository.snapshot(),
            commit: repository.commit,
            listing: known.iter().map(|file| (file.rfilename.clone(), file.size)).collect(),
            files,
        })
    }
}

impl Repository<'_> {
    fn root(&self) -> std::path::PathBuf {
        let name = Hub::HuggingFace.repository(self.wanted.kind, &self.wanted.name);
        self.place.cache.join(name)
    }

    fn snapshot(&self) -> std::path::PathBuf {
        self.root().join("snapshots").join(&self.commit)
    }

    fn url(&self, file: &str) -> String {
        let kind = match self.wanted.kind {
            Kind::Model => "",
            Kind::Dataset => "datasets/",
        };
        let (endpoint, name, commit) = (&self.place.endpoint, &self.wanted.name, &self.commit);
        format!("{endpoint}/{kind}{name}/resolve/{commit}/{}", path_encoded(file))
    }

    /// A file by what the list says of it; a mirror whose list says less is asked for each.
    fn file(&self, sibling: &Sibling) -> Result<RepoFile, HubError> {
        let etag = match &sibling.lfs {
            Some(lfs) if !is_sha256(&lfs.sha256) => return Err(HubError::unsummed(&sibling.rfilename)),
            Some(lfs) => Some(&lfs.sha256),
            None => sibling.blob.as_ref(),
        };
        let (etag, size) = match (etag, sibling.size) {
            (Some(etag), Some(size)) => (etag.clone(), size),
            _ => retry(&sibling.rfilename, || self.locate(&sibling.rfilename))?,
        };
        let plain =
            etag.len() >= 8 && etag.len() <= 128 && etag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain {
            return Err(HubError::broken(&sibling.rfilename, says::no_usable_etag()));
        }
        let file = &sibling.rfilename;
        let up = "../".repeat(file.matches('/').count());
        let digest = match etag.len() {
            64 => Digest::Sha256(etag.clone()),
            40 => Digest::Git(etag.clone()),
            _ => Digest::Unknown,
        };
        Ok(RepoFile {
            file: file.clone(),
            url: self.url(file),
            size,
            digest,
            link: Some(Link {
                path: self.snapshot().join(file),
                target: Path::new(&format!("{up}../../blobs")).join(&etag),
            }),
            whole: self.root().join("blobs").join(etag),
        })
    }

    /// What a file is called in the cache, and how long it is.
    fn locate(&self, file: &str) -> Result<(String, u64), HubError> {
        let about = Subject {
            name: &self.wanted.name,
            revision: &self.commit,
        };
        // the hub's own answer names the file even where it sends us elsewhere
        let answer = self.place.get(about, &self.url(file), Some((0, Some(0))))?;
        let text = |r: &Response<Body>, name: &str| {
            let value = r.headers().get(name)?.to_str().ok()?;
            Some(value.trim_start_matches("W/").replace('"', ""))
        };
        let named = answer.first.as_ref().unwrap_or(&answer.last);
        let etag = text(named, "x-linked-etag").or_else(|| text(named, "etag"));
        let range = content_range(&answer.last).and_then(|range| range.all);
        let size = range.or_else(|| content_length(&answer.last));
        let size = size.ok_or_else(|| HubError::broken(file, says::no_length()))?;
        Ok((etag.unwrap_or_default(), size))
    }
}
