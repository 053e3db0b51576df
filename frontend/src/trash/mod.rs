//! Saying that something went into the trash, with the way back.

mod delete;

pub use delete::{DeleteModel, deletable};

use crate::api;
use crate::fmt;
use crate::i18n::common;
use crate::ui::Toaster;
use leptos::task::spawn_local;
use protocol::api::Trashed;

const DAY: i64 = 24 * 3600 * 1000;

/// What things in the trash take, and for how long, as one says it of what was deleted.
pub fn said(gone: &[Trashed]) -> String {
    let bytes = fmt::bytes(gone.iter().map(|one| one.bytes).sum());
    let days = gone.first().map_or(0, |one| (one.until - one.deleted) / DAY);
    match gone {
        [one] => common::trashed(&one.name, bytes, days),
        several => common::trashed_n(several.len(), bytes, days),
    }
}

/// Says what was deleted, with an Undo; `after` is called once it is back.
pub fn offer_back(toaster: Toaster, gone: Vec<Trashed>, after: impl Fn() + Clone + Send + Sync + 'static) {
    if gone.is_empty() {
        return;
    }
    let text = said(&gone);
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
    toaster.offer(text, common::undo, undo);
}
