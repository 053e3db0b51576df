//! Sentences of the server and of workers in the board's language, by their codes. English comes with each; those of the other
//! languages are a module of their own, which comes once one of them is chosen.

use super::{lang, lang_untracked};
use futures::FutureExt;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use protocol::Said;
use protocol::api::Problem;
use protocol::said::{Arg, Lang, said};
use std::cell::Cell;
use wasm_bindgen_futures::spawn_local;

/// A sentence in the language in use; in English, and where its code has no translation, as it was said.
pub fn say(said: &Said) -> String {
    row(&said.message, &said.code, &said.args)
}

/// Why the server said no.
pub fn problem(problem: &Problem) -> String {
    row(&problem.detail, &problem.code, &problem.args)
}

/// A sentence of a run's row.
pub fn row(message: &str, code: &str, args: &[Arg]) -> String {
    let lang = lang();
    let there = || translated(message, code, args, lang).now_or_never()?.ok();
    let translation = if lang != Lang::En && here() { there() } else { None };
    translation.unwrap_or_else(|| message.to_owned())
}

#[wasm_split(sentences, wasm_split_path = ::leptos::wasm_split, preload(fetch), fallible)]
fn translated(message: &str, code: &str, args: &[Arg], lang: Lang) -> Result<String, SplitLoaderError> {
    Ok(said(message, code, args, lang))
}

thread_local! {
    /// The other languages' sentences are here.
    static HERE: ArcRwSignal<bool> = ArcRwSignal::new(false);
    /// They were asked for and have not failed to come.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Whether they are here, tracked; asks for them again where they failed to come.
fn here() -> bool {
    ask();
    HERE.with(|here| here.get())
}

/// Asks for the sentences of the language in use, unless that is English.
pub fn ask() {
    if lang_untracked() == Lang::En || ASKED.replace(true) {
        return;
    }
    // the language is known before the board is mounted, and with it leptos's own executor
    spawn_local(async {
        match fetch().await {
            Ok(()) => HERE.with(|here| here.set(true)),
            Err(_) => ASKED.set(false),
        }
    });
}
