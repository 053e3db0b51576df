//! `cuda status` and `cuda install`: what this machine has to train on a card with, and fetching what it lacks.

mod install;

use super::print_json;
use crate::error::Result;
use crate::ops::cuda::{survey, wheel};
use crate::terminal;
use clap::{Args, Subcommand};
use install::Install;
use protocol::cuda::{Card, Cuda, Library};
use protocol::{Said, data_dir, says};
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum CudaVerb {
    /// Which driver, libraries and cards are found, and what is missing; exit code 1 where no card can be trained on
    Status {
        /// The same as JSON
        #[arg(long)]
        json: bool,
    },
    /// Fetch cuBLAS into the data directory with this machine's uv or pip
    Install(InstallArgs),
}

#[derive(Args)]
pub struct InstallArgs {
    /// The package index to fetch from, where it is not uv's or pip's own
    #[arg(long)]
    index_url: Option<String>,
}

pub fn run(verb: &CudaVerb) -> Result<ExitCode> {
    match verb {
        CudaVerb::Status { json } => status(*json),
        CudaVerb::Install(args) => install(args),
    }
}

fn status(json: bool) -> Result<ExitCode> {
    let found = survey();
    match json {
        true => print_json(&found)?,
        false => say(&lines(&found))?,
    }
    Ok(match found.usable().next() {
        Some(_) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

fn install(args: &InstallArgs) -> Result<ExitCode> {
    let found = survey();
    if let Some(cublas) = &found.cublas {
        say(&[says::cublas_is_there(&cublas.version, &cublas.path)])?;
        return Ok(ExitCode::SUCCESS);
    }
    let data = data_dir::of(&|name| std::env::var_os(name)).unwrap_or_else(|| "data".into());
    let install = Install {
        wheel: wheel::fitting(),
        data: &data,
        index_url: args.index_url.as_deref(),
    };
    let Some(tool) = install::tool() else {
        say(&[says::no_pip()])?;
        terminal::print(&install.by_hand())?;
        return Ok(ExitCode::FAILURE);
    };
    say(&[install.beforehand(&tool)])?;
    let folder = install.run(&tool)?;
    say(&[says::cublas_installed(folder.display().to_string())])?;
    Ok(ExitCode::SUCCESS)
}

fn say(lines: &[Said]) -> Result<()> {
    let lang = terminal::lang();
    let text: String = lines.iter().map(|line| line.in_lang(lang) + "\n").collect();
    terminal::print(&text)
}

/// What was found, a line each.
fn lines(found: &Cuda) -> Vec<Said> {
    let library = |name: &str, found: &Option<Library>| match found {
        Some(library) => says::library_line(name, &library.version, &library.path),
        None => says::no_library_line(name),
    };
    let mut lines = vec![
        library("CUDA", &found.driver),
        library("cuBLAS", &found.cublas),
        library("cuBLASLt", &found.cublas_lt),
    ];
    lines.extend(found.cards.iter().map(card));
    lines.push(match (&found.missing, found.usable().count()) {
        (Some(why), _) => says::no_card_trains(why.clone()),
        (None, count) => says::cards_train(count),
    });
    lines
}

fn card(card: &Card) -> Said {
    let memory = format!("{:.1} GiB", card.memory as f64 / f64::from(1 << 30));
    let line = says::card_line(card.index, &card.name, memory, card.capability.to_string());
    match &card.unusable {
        None => line,
        Some(why) => says::card_line_but(line, why.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Lang;
    use protocol::cuda::Capability;

    #[test]
    fn what_is_there_and_what_is_not_is_a_line_each() {
        let library = |version: &str| {
            Some(Library {
                path: "/usr/lib/libx.so".into(),
                version: version.into(),
            })
        };
        let found = Cuda {
            driver: library("12.8"),
            cublas: library("12.8.4"),
            cublas_lt: library("12.8.4"),
            cards: vec![Card {
                index: 0,
                name: "NVIDIA GeForce RTX 3060".into(),
                uuid: String::new(),
                memory: 12 << 30,
                capability: Capability { major: 8, minor: 6 },
                unusable: None,
            }],
            missing: None,
        };
        let told = |found: &Cuda| {
            lines(found)
                .iter()
                .map(|line| line.in_lang(Lang::En))
                .collect::<Vec<_>>()
        };
        let whole = told(&found);
        assert_eq!(whole[0], "CUDA 12.8: /usr/lib/libx.so");
        assert_eq!(
            whole[3],
            "cuda:0: NVIDIA GeForce RTX 3060, 12.0 GiB, compute capability 8.6"
        );
        assert_eq!(whole[4], "1 card can be trained on");
        let nothing = told(&Cuda {
            missing: Some(says::no_cuda_driver()),
            ..Cuda::default()
        });
        assert_eq!(nothing[0], "CUDA: not found");
        assert!(
            nothing[3].starts_with("No card can be trained on: there is no NVIDIA driver"),
            "{nothing:?}"
        );
    }
}
