//! Models and data sets from hubs: into the caches that Python's tools use, resumable, with progress.

mod ask;
mod cache;
mod error;
mod fetch;
mod huggingface;
mod modelscope;
mod wanted;

pub use error::{HubError, printable};
pub use fetch::sha256;
pub use protocol::hub::snapshot;

use crate::secrets;
use protocol::data::Part;
use protocol::hub::{Hub, HubName, Kind, Listing, has_room_for};
use protocol::{Said, says};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a hub may send nothing, where `HF_HUB_DOWNLOAD_TIMEOUT` (seconds) is not set.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A repository that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub hub: Hub,
    pub kind: Kind,
    /// `owner/name`
    pub name: String,
    pub revision: Option<String>,
    /// Which of a data set's files.
    pub part: Part,
}

/// Both hubs, from the variables that Python's tools read.
#[derive(Debug, Clone)]
pub struct Hubs {
    /// The one that is meant where none is named.
    pub default_hub: Hub,
    huggingface: HubPlace,
    modelscope: HubPlace,
    /// `HF_HUB_OFFLINE`: no hub is asked for anything.
    offline: bool,
}

/// A hub's endpoint, and its cache on this machine.
#[derive(Clone)]
pub struct HubPlace {
    pub hub: Hub,
    pub endpoint: String,
    pub cache: PathBuf,
    token: Option<String>,
    /// How long it may send nothing.
    timeout: Duration,
}

impl std::fmt::Debug for HubPlace {
    /// The token goes into no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = self.token.is_some();
        write!(
            f,
            "{:?} at {}, {}, token: {known}",
            self.hub,
            self.endpoint,
            self.cache.display()
        )
    }
}

/// What a download will fetch, before it begins.
#[derive(Debug)]
pub struct Plan {
    pub wanted: Wanted,
    /// The commit or branch that the files are of.
    pub commit: String,
    /// Where they will lie.
    pub folder: PathBuf,
    files: Vec<RepoFile>,
    /// All that the hub lists, with lengths.
    listing: BTreeMap<String, Option<u64>>,
}

/// A file of a repository, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RepoFile {
    file: String,
    url: String,
    size: u64,
    digest: Digest,
    /// Where it lies once it is whole; beside it, with `.incomplete` behind its name, what arrived of it.
    whole: PathBuf,
    /// The link that leads to it: Hugging Face's cache has one for each commit.
    link: Option<Link>,
}

/// A symbolic link.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    path: PathBuf,
    target: PathBuf,
}

/// A variable of the environment that is not empty.
fn var(name: &str) -> Option<String> {
    let set = std::env::var(name).ok()?;
    Some(set.trim().to_owned()).filter(|set| !set.is_empty())
}

/// What a hub says that a file's bytes add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Digest {
    Sha256(String),
    /// Git's name of a file: SHA-1 of its length and bytes.
    Git(String),
    Unknown,
}

impl Plan {
    /// Refuses sizes whose sum overflows; every other sum of a plan is a part of this one.
    fn check_sum(self) -> Result<Self, HubError> {
        let mut sizes = self.files.iter().map(|file| file.size);
        match sizes.try_fold(0, u64::checked_add) {
            Some(_) => Ok(self),
            None => {
                let why = says::list_past_disks();
                Err(HubError::broken(&self.wanted.name, why))
            }
        }
    }

    /// Writes the hub's list of files, so that whoever reads the folder knows what is missing.
    fn write_listing(&self) -> std::io::Result<()> {
        let Some(place) = Listing::place(&self.folder) else {
            return Ok(());
        };
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder)?;
        }
        crate::whole::write(
            &place,
            &Listing {
                files: self.listing.clone(),
            }
            .bytes(),
        )
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// How many files.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// Bytes that are still to be fetched. Files of the same content count once.
    pub fn missing(&self) -> u64 {
        let mut seen = BTreeSet::new();
        let files = self.files.iter().filter(|file| seen.insert(&file.whole));
        files.map(|file| file.size - file.arrived().min(file.size)).sum()
    }

    /// Free bytes where the files go.
    ///
    /// # Errors
    /// The disk can't be asked.
    pub fn free(&self) -> std::io::Result<u64> {
        let there = self.folder.ancestors().find(|folder| folder.is_dir());
        crate::system::disk_free(there.unwrap_or(Path::new("/")))
    }

    /// Checks that the disk has room for the plan.
    ///
    /// # Errors
    /// There is less room than bytes are to come, and a little beside.
    pub fn check_room(&self) -> Result<(), HubError> {
        let (need, free) = (self.missing(), self.free()?);
        match has_room_for(need, free) {
            false => Err(HubError::NoRoom {
                name: self.wanted.name.clone(),
                need,
                free,
                folder: self.folder.clone(),
            }),
            true => Ok(()),
        }
    }
}

impl RepoFile {
    fn partial(&self) -> PathBuf {
        let mut name = self.whole.clone().into_os_string();
        name.push(".incomplete");
        name.into()
    }

    /// Bytes that are here already.
    fn arrived(&self) -> u64 {
        let length = |path: &Path| path.metadata().ok().map(|meta| meta.len());
        let whole = length(&self.whole).filter(|length| *length == self.size);
        whole.or_else(|| length(&self.partial())).unwrap_or(0)
    }
}

impl Hubs {
    /// `HF_ENDPOINT`, `HF_HUB_CACHE` or `HF_HOME`, `MODELSCOPE_ENDPOINT` or `MODELSCOPE_DOMAIN`, `MODELSCOPE_CACHE`,
    /// `HF_HUB_OFFLINE`, `HF_HUB_DOWNLOAD_TIMEOUT`. Without tokens: who only looks at the caches needs none.
    pub fn from_env() -> Self {
        let timeout = var("HF_HUB_DOWNLOAD_TIMEOUT").and_then(|seconds| seconds.parse().ok());
        let place = |hub: Hub, endpoint: Option<String>, usual: &str| {
            let set = endpoint.unwrap_or_else(|| usual.to_owned());
            let whole = match set.contains("://") {
                true => set,
                false => format!("https://{set}"),
            };
            HubPlace {
                hub,
                endpoint: whole.trim_end_matches('/').to_owned(),
                cache: hub.cache(&|name| std::env::var_os(name)),
                token: None,
                timeout: timeout.map_or(TIMEOUT, Duration::from_secs),
            }
        };
        let modelscope = var("MODELSCOPE_ENDPOINT").or_else(|| var("MODELSCOPE_DOMAIN"));
        let no = |set: String| ["0", "false", "no", "off"].contains(&set.to_lowercase().as_str());
        Self {
            default_hub: Hub::usual(&|name| std::env::var_os(name)),
            huggingface: place(Hub::HuggingFace, var("HF_ENDPOINT"), "https://huggingface.co"),
            modelscope: place(Hub::ModelScope, modelscope, "https://modelscope.cn"),
            offline: var("HF_HUB_OFFLINE").is_some_and(|set| !no(set)),
        }
    }

    /// With tokens: by their variables, else from `secrets.env` in the data directory, else from Hugging Face's own token file.
    ///
    /// # Errors
    /// `secrets.env` can be read by others.
    pub fn with_tokens(mut self, data_dir: &Path) -> Result<Self, Said> {
        for place in [&mut self.huggingface, &mut self.modelscope] {
            for name in place.hub.token_variables() {
                if place.token.is_none() {
                    place.token = secrets::find(name, data_dir)?;
                }
            }
        }
        let home = || Hub::hf_home(&|name| std::env::var_os(name)).join("token");
        let kept = std::fs::read_to_string(var("HF_TOKEN_PATH").map_or_else(home, PathBuf::from));
        let kept = kept
            .ok()
            .map(|text| text.trim().to_owned())
            .filter(|token| !token.is_empty());
        self.huggingface.token = self.huggingface.token.or(kept);
        Ok(self)
    }

    /// Both, the usual one first.
    pub fn places(&self) -> impl Iterator<Item = &HubPlace> {
        let usual = self.default_hub;
        let others = Hub::ALL.into_iter().filter(move |hub| *hub != usual);
        std::iter::once(usual).chain(others).map(|hub| self.place(hub))
    }

    /// Names and folders of all models in both caches that are whole; of a name that is in both, the usual hub's.
    pub fn cached_models(&self) -> BTreeMap<String, PathBuf> {
        let mut all = BTreeMap::new();
        for place in self.places() {
            for (name, path) in place.cached_models() {
                all.entry(name).or_insert(path);
            }
        }
        all
    }

    pub fn place(&self, hub: Hub) -> &HubPlace {
        match hub {
            Hub::HuggingFace => &self.huggingface,
            Hub::ModelScope => &self.modelscope,
        }
    }

    /// What a download would fetch. Asks the hub, of a data set for its card too, and keeps nothing.
    ///
    /// `planned`: its size alone is asked for.
    ///
    /// # Errors
    /// It is not there, or not for everybody; or nothing of it can be used.
    pub fn plan(&self, wanted: &Wanted, planned: bool) -> Result<Plan, HubError> {
        let plain = HubName::of(wanted.kind, &wanted.name).is_some_and(|named| named.name == wanted.name);
        if !plain {
            return Err(HubError::Name(wanted.name.clone()));
        }
        if self.offline {
            return Err(HubError::Offline {
                model: wanted.name.clone(),
                planned,
            });
        }
        let plan = match wanted.hub {
            Hub::HuggingFace => self.plan_huggingface(wanted),
            Hub::ModelScope => self.plan_modelscope(wanted),
        }?;
        plan.check_sum()
    }

    /// Fetches what is planned and returns its folder. Blocks: call it off the async threads. `progress` gets bytes done and
    /// in all. Killed in the middle, the next call goes on where it was.
    ///
    /// # Errors
    /// There is no room for it, the hub breaks off too often, or what it sends is not what it says.
    pub fn fetch(&self, plan: &Plan, progress: &mut dyn FnMut(u64, u64)) -> Result<PathBuf, HubError> {
        plan.check_room()?;
        let (place, total) = (self.place(plan.wanted.hub), plan.bytes());
        plan.write_listing()?;
        let mut before = 0;
        for file in &plan.files {
            self.fetch_file(place, file, &mut |here| progress(before + here, total))?;
            before += file.size;
        }
        if plan.wanted.hub == Hub::HuggingFace {
            place.write_ref(&plan.wanted, &plan.commit)?;
        }
        Ok(plan.folder.clone())
    }

    /// The folder of a model that has all files by their names, whoever fetched them.
    pub fn seems_here(&self, wanted: &Wanted) -> Option<PathBuf> {
        let place = self.place(wanted.hub);
        let model = wanted.kind == Kind::Model;
        place.cached(&wanted.name, wanted.revision.as_deref()).filter(|_| model)
    }

    /// The folder of what is asked for, if it is here already.
    pub fn here(&self, wanted: &Wanted) -> Option<PathBuf> {
        match wanted.kind {
            // whether what others fetched is whole only the hub knows
            Kind::Model => {
                let folder = self.seems_here(wanted);
                folder.filter(|folder| self.offline || cache::listing_of(folder).is_some())
            }
            // which files are asked for only the hub knows for sure
            Kind::Dataset if self.offline => self.place(wanted.hub).cached_part(wanted),
            Kind::Dataset => None,
        }
    }
}

impl HubPlace {
    /// The text of a data set's card: from here where it is here, else from the hub, and then nothing is kept. Empty where no
    /// card is that long.
    fn card(&self, about: ask::Subject, file: &RepoFile) -> Result<String, HubError> {
        if file.size > Part::LARGEST_CARD {
            return Ok(String::new());
        }
        match file.is_whole()? {
            true => Ok(String::from_utf8_lossy(&std::fs::read(&file.whole)?).into_owned()),
            false => self.get_text(about, &file.url),
        }
    }
}
