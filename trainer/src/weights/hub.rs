//! The folder of a model that a hub has, fetched by `corral download`.

use crate::error::{Error, Result};
use crate::stop;
use protocol::config::RunSpec;
use protocol::hub::HubName;
use protocol::says;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How often who waits for a download looks whether it is asked to stop.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Where models that are no folder come from: a hub, through `corral download`, which stands beside this program and
/// has the network that this one lacks.
#[derive(Debug, Clone, Default)]
pub struct Hub {
    pub revision: Option<String>,
    pub cache_dir: Option<String>,
    /// What is not here already is not fetched.
    pub offline: bool,
}

impl Hub {
    /// As a run asks for it.
    pub fn of(spec: &RunSpec) -> Self {
        Self {
            revision: spec.model.revision.clone(),
            cache_dir: spec.model.cache_dir.clone(),
            offline: false,
        }
    }

    /// The local folder of a hub model, downloaded if need be.
    pub(super) fn folder(&self, named: &HubName) -> Result<PathBuf> {
        let name = &named.name;
        let own = std::env::current_exe().map_err(Error::io("this program"))?;
        let corral = own.with_file_name("corral");
        let mut command = Command::new(&corral);
        command.arg("download");
        if let Some(revision) = named.revision.as_ref().or(self.revision.as_ref()) {
            command.arg(format!("--revision={revision}"));
        }
        if let Some(cache) = &self.cache_dir {
            command.env("HF_HUB_CACHE", cache).env("MODELSCOPE_CACHE", cache);
        }
        if let Some(hub) = named.hub {
            command.arg(format!("--hub={}", hub.id()));
        }
        if self.offline {
            command.env("HF_HUB_OFFLINE", "1");
        }
        command.args(["--", name]);
        // SAFETY: prctl touches nothing of the parent's; that it can't is no harm
        unsafe {
            // nobody waits for what it fetches once this process is ended
            command.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
                Ok(())
            });
        }
        command.stderr(if self.offline { Stdio::null() } else { Stdio::inherit() });
        let output = output_of(command, |why| {
            Error::invalid(says::no_downloader(name, corral.display(), why))
        })?;
        if !output.status.success() {
            return Err(Error::invalid(match self.offline {
                true => says::not_downloaded(name),
                false => says::download_failed(name),
            }));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(PathBuf::from(text.lines().last().unwrap_or_default().trim()))
    }
}

/// A program that ends with whoever waits for it.
struct Awaited(Child);

impl Drop for Awaited {
    fn drop(&mut self) {
        // one that has ended already takes no harm
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a program writes to its standard output, and how it ends.
///
/// # Errors
/// It can't be run; or this program is asked to stop, when that one is ended too.
fn output_of(mut command: Command, cannot_run: impl Fn(io::Error) -> Error) -> Result<Output> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = Awaited(child.map_err(&cannot_run)?);
    let (sender, written) = channel();
    let stdout = child.0.stdout.take();
    // read beside, for this thread to look meanwhile whether it is to stop
    std::thread::spawn(move || {
        let mut text = vec![];
        let read = stdout.map_or(Ok(0), |mut out| out.read_to_end(&mut text));
        // who no longer waits needs it no more
        let _ = sender.send(read.map(|_| text));
    });
    let text = loop {
        stop::check()?;
        match written.recv_timeout(LOOK_EVERY) {
            Ok(text) => break text,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break Ok(vec![]),
        }
    };
    let ended = text.and_then(|stdout| {
        Ok(Output {
            status: child.0.wait()?,
            stdout,
            stderr: vec![],
        })
    });
    let output = ended.map_err(cannot_run)?;
    // a Ctrl-C reaches both: what it broke off is no failure
    stop::check()?;
    Ok(output)
}
