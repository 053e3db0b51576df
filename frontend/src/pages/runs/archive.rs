//! Archiving runs and unarchiving them, with an Undo.

use crate::api;
use crate::i18n::{common, runs as words};
use crate::live::Live;
use crate::ui::Toaster;
use leptos::task::spawn_local;
use protocol::api::RunPatch;

/// Marks the runs as archived or not, and shows a toast with an Undo. Returns the ids of the runs for which it succeeded.
pub async fn archive(live: Live, toaster: Toaster, runs: Vec<String>, archived: bool) -> Vec<String> {
    let mut done = vec![];
    for id in runs {
        let change = RunPatch {
            archived: Some(archived),
            ..RunPatch::default()
        };
        match live.change(&id, api::patch_run(&id, &change)).await {
            Ok(_) => done.push(id),
            Err(error) => toaster.fail(&error),
        }
    }
    if !done.is_empty() {
        let count = done.len() as u64;
        let said = if archived {
            words::archived_n(count)
        } else {
            words::unarchived_n(count)
        };
        let back = done.clone();
        let undo = move || {
            let back = back.clone();
            spawn_local(async move {
                Box::pin(archive(live, toaster, back, !archived)).await;
            });
        };
        toaster.say_with_action(said, common::undo, undo);
    }
    done
}
