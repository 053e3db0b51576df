//! The toast after something was moved to the trash, with an Undo.

mod delete;

pub use delete::{DeleteModel, deletable};

use crate::api;
use crate::fmt;
use crate::i18n::common;
use crate::ui::Toaster;
use leptos::task::spawn_local;
use protocol::api::Trashed;

const DAY: i64 = 24 * 3600 * 1000;

/// The sentence for what was deleted: its name or number, its size, and how long the trash keeps it.
fn deleted_text(gone: &[Trashed]) -> String {
    let bytes = fmt::bytes(gone.iter().map(|one| one.bytes).sum());
    let days = gone.first().map_or(0, |one| (one.until - one.deleted) / DAY);
    match gone {
        [one] => common::trashed(&one.name, bytes, days),
        several => common::trashed_n(several.len(), bytes, days),
    }
}

/// Says what was deleted, with an Undo. `after` is called once it is restored.
pub fn toast_with_undo(toaster: Toaster, gone: Vec<Trashed>, after: impl Fn() + Clone + Send + Sync + 'static) {
    if gone.is_empty() {
        return;
    }
    let text = deleted_text(&gone);
    let undo = move || {
        let (gone, after) = (gone.clone(), after.clone());
        spawn_local(async move {
            for one in gone {
                if let Err(error) = api::restore(&one.id).await {
                    toaster.fail(&error);
                }
            }
            after();
        });
    };
    toaster.say_with_action(text, common::undo, undo);
}
