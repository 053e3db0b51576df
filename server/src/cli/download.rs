//! `corral download`: a model or a data set of a hub, with progress on a terminal or in lines of JSON.

use super::data_dir_of_environment;
use super::told;
use crate::library::download::{ProgressLine, hub_of};
use crate::library::hub::{HubError, Hubs, Plan, Wanted, printable};
use protocol::api::{DownloadPlan, HubRequest};
use protocol::data::Part;
use protocol::hub::{Hub, HubName, Kind, is_revision};
use protocol::tell;
use protocol::{Said, says};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Debug, clap::Args)]
pub struct Download {
    /// owner/name, or the address of its page
    name: String,
    /// huggingface or modelscope [default: what the address says, else huggingface, or modelscope with USE_MODELSCOPE_HUB=1]
    #[arg(long, value_parser = hub_of)]
    hub: Option<Hub>,
    /// It is a data set
    #[arg(long)]
    dataset: bool,
    /// Which of the data set's subsets
    #[arg(long, requires = "dataset")]
    subset: Option<String>,
    /// Which of its splits [default: train]
    #[arg(long, requires = "dataset")]
    split: Option<String>,
    /// Only what lies in this folder of it
    #[arg(long, requires = "dataset")]
    folder: Option<String>,
    /// A branch, a tag or a commit [default: main, at ModelScope master]
    #[arg(long)]
    revision: Option<String>,
    /// Tell how much there is to fetch and how much room for it, and fetch nothing
    #[arg(long)]
    dry_run: bool,
    /// Tell progress in JSON lines on standard output
    #[arg(long)]
    json: bool,
}

/// How the command ended.
enum Done {
    Here(PathBuf),
    Planned(DownloadPlan),
}

/// Fetches, and prints the folder; gives the exit code.
pub fn run(args: &Download) -> u8 {
    match download(args) {
        Ok(Done::Here(path)) if !args.json => line(&path.display().to_string()),
        Ok(Done::Here(_)) => {}
        Ok(Done::Planned(plan)) if args.json => print_line(&ProgressLine {
            plan: Some(plan),
            ..ProgressLine::default()
        }),
        Ok(Done::Planned(plan)) => {
            let mib = |bytes: u64| bytes.div_ceil(1 << 20);
            let said = says::fetch_plan(plan.files, mib(plan.bytes), mib(plan.missing), plan.free >> 20);
            line(&format!("{}\n{}", told::out(&said), plan.folder));
        }
        Err(error) => {
            match args.json {
                true => print_line(&ProgressLine {
                    error: Some(error),
                    ..ProgressLine::default()
                }),
                false => told::error(&error.map_text(&|text| printable(&text))),
            }
            return 1;
        }
    }
    0
}

fn download(args: &Download) -> Result<Done, Said> {
    let data_dir = data_dir_of_environment()?;
    let hubs = Hubs::from_env().with_tokens(&data_dir)?;
    let wanted = wanted(args, hubs.default_hub)?;
    if !args.dry_run
        && let Some(path) = hubs.here(&wanted)
    {
        return Ok(Done::Here(path));
    }
    let plan = match hubs.plan(&wanted, args.dry_run) {
        Ok(plan) => plan,
        // a hub that can't be reached takes nothing away from what is here
        Err(HubError::Broken { reason, .. })
            if !args.dry_run
                && let Some(path) = hubs.seems_here(&wanted) =>
        {
            if !args.json {
                told::note(&says::not_compared(&wanted.name, reason));
            }
            return Ok(Done::Here(path));
        }
        Err(error) => return Err(error.said()),
    };
    if args.dry_run {
        return download_plan(&plan).map(Done::Planned);
    }
    let mut progress = Progress::new(args);
    if !args.json {
        let mib = plan.missing().div_ceil(1 << 20);
        tell!("{}", told::err(&says::to_fetch(&wanted.name, mib, wanted.hub.title())));
    }
    let fetched = hubs.fetch(&plan, &mut |done, total| progress.print(done, total));
    progress.end();
    let path = fetched.map_err(|e| e.said())?;
    Ok(Done::Here(hubs.here(&wanted).unwrap_or(path)))
}

fn wanted(args: &Download, usual: Hub) -> Result<Wanted, Said> {
    let kind = match args.dataset {
        true => Kind::Dataset,
        false => Kind::Model,
    };
    // an address is as good as the name in it
    let named = HubName::of(kind, &args.name);
    let in_address = named.as_ref();
    let revision = args
        .revision
        .clone()
        .or(in_address.and_then(|named| named.revision.clone()));
    if let Some(wrong) = revision.as_deref().filter(|revision| !is_revision(revision)) {
        return Err(says::bad_revision(wrong.escape_debug().to_string()));
    }
    Ok(Wanted {
        hub: args.hub.or(in_address.and_then(|named| named.hub)).unwrap_or(usual),
        kind,
        name: named.map_or_else(|| args.name.clone(), |named| named.name),
        revision,
        part: Part {
            subset: args.subset.clone(),
            split: args.split.clone(),
            folder: args.folder.clone(),
        },
    })
}

fn download_plan(plan: &Plan) -> Result<DownloadPlan, Said> {
    let (wanted, part) = (&plan.wanted, plan.wanted.part.clone());
    let free = plan.free().map_err(says::hub_io)?;
    Ok(DownloadPlan {
        asked: HubRequest {
            name: wanted.name.clone(),
            hub: Some(wanted.hub),
            kind: wanted.kind,
            revision: wanted.revision.clone(),
            subset: part.subset,
            split: part.split,
            folder: part.folder,
        },
        commit: plan.commit.clone(),
        files: plan.count() as u64,
        bytes: plan.bytes(),
        missing: plan.missing(),
        free,
        folder: plan.folder.display().to_string(),
    })
}

/// Prints how far the download is, at most five times a second.
struct Progress<'a> {
    args: &'a Download,
    last_printed: Option<Instant>,
}

impl<'a> Progress<'a> {
    fn new(args: &'a Download) -> Self {
        Self {
            args,
            last_printed: None,
        }
    }

    fn print(&mut self, done: u64, total: u64) {
        let due = self
            .last_printed
            .is_none_or(|t| t.elapsed() > Duration::from_millis(200))
            || done == total;
        if !due {
            return;
        }
        self.last_printed = Some(Instant::now());
        match self.args.json {
            true => print_line(&ProgressLine {
                done,
                total,
                ..ProgressLine::default()
            }),
            false => {
                let said = says::fetched_so_far(&self.args.name, done >> 20, total >> 20);
                let far = format!("\r{}", told::err(&said));
                let _ = std::io::stderr().write_all(far.as_bytes());
            }
        }
    }

    fn end(&self) {
        if !self.args.json && self.last_printed.is_some() {
            tell!();
        }
    }
}

fn print_line(told: &ProgressLine) {
    line(&serde_json::to_string(told).unwrap_or_default());
}

fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    // a reader that went away ends us by its signal or here: either way there is no one to tell
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
