//! Every feature that a family has beside Llama's block, in a whole model: as few golden folders as have all of them together, so
//! that an emulated card can run these where all folders would take too long.
use crate::common::families::folders;
use crate::families::Case;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use trainer::model::ModelConfig;

/// "window" of "window in 1 of 2 blocks": how many blocks have it is no feature of its own.
fn features(folder: &Path) -> BTreeSet<String> {
    let config = ModelConfig::of_folder(folder).unwrap();
    let all = config.decoder.differences().into_iter();
    let bare = |what: String| match what.split_once(" in ") {
        Some((bare, blocks)) if blocks.ends_with("blocks") => bare.to_owned(),
        _ => what,
    };
    all.map(bare).collect()
}

/// A folder with those of its features that none before it has.
type Covering = Vec<(PathBuf, BTreeSet<String>)>;

/// Folders that together have every feature, each time the one that has most of what is left.
fn covering() -> Covering {
    let all: Covering = folders()
        .into_iter()
        .map(|folder| (folder.clone(), features(&folder)))
        .collect();
    let mut left: BTreeSet<String> = all.iter().flat_map(|(_, has)| has.clone()).collect();
    let mut chosen: Covering = vec![];
    while !left.is_empty() {
        let new = |has: &BTreeSet<String>| has.intersection(&left).count();
        let (folder, has) = all.iter().max_by_key(|(_, has)| new(has)).unwrap();
        chosen.push((folder.clone(), has.intersection(&left).cloned().collect()));
        left = left.difference(has).cloned().collect();
    }
    chosen
}

/// What a card's kernels must be seen to do in a whole model: a name that is spelled otherwise, or that no folder has, is told here.
const KNOWN: &[&str] = &[
    "ALiBi",
    "ALiBi in bf16",
    "chunks",
    "corrected choice",
    "experts",
    "groups of experts",
    "head's rows normalised",
    "latent attention",
    "layer norm",
    "learned positions",
    "logits' soft-cap",
    "no positions",
    "parallel halves",
    "query temperature",
    "scores' soft-cap",
    "sigmoid router",
    "sinks",
    "sparse mixer",
    "window",
];

#[test]
fn the_folders_chosen_have_every_feature_of_the_table() {
    let chosen = covering();
    let had: BTreeSet<&str> = chosen.iter().flat_map(|(_, has)| has).map(String::as_str).collect();
    let missing: Vec<_> = KNOWN.iter().filter(|what| !had.contains(**what)).collect();
    assert!(missing.is_empty(), "no golden folder has {missing:?}");
    assert!(chosen.len() < folders().len() / 3, "{} folders", chosen.len());
}

#[test]
fn every_feature_in_a_whole_model() {
    for (folder, has) in covering() {
        let case = Case::read(folder.clone());
        let has: Vec<_> = has.into_iter().collect();
        println!("{}: {}", folder.file_name().unwrap().display(), has.join(", "));
        case.check("full", &case.shared(), None);
        case.check("lora", &case.packed(), Some(0));
    }
}
