//! Going from a part of one page to the page that is about it, as a view transition where the browser has them.

use super::element;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

/// The name under which the travelling element is known to both pages, as in `style/31-run.css`.
const TRAVELS: &str = "view-transition-name: run-name";
/// Milliseconds between two looks whether the new page is there, and how many looks are taken: nobody waits longer for a picture.
const PAUSE_MS: u32 = 8;
const LOOKS: usize = 12;

/// Goes to another page by `go`. What `from` shows moves to where `arrives`, a selector, shows it; at once where the browser has no
/// transitions, or the person wants no motion.
pub fn transition(from: Option<Element>, arrives: &'static str, go: impl FnOnce() + 'static) {
    let still = window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_none_or(|asked| asked.matches());
    let document = document();
    let start = Reflect::get(&document, &"startViewTransition".into()).ok();
    let start = start.and_then(|start| start.dyn_into::<Function>().ok());
    let (Some(start), Some(from), false) = (start, from, still) else {
        return go();
    };
    let _ = from.set_attribute("style", TRAVELS);
    // a start that throws has not gone
    let go = Rc::new(Cell::new(Some(go)));
    let once = go.clone();
    let change = Closure::once_into_js(move || {
        if let Some(go) = once.take() {
            go();
        }
        Promise::new(&mut |done, _| {
            spawn_local(async move {
                for _ in 0..LOOKS {
                    TimeoutFuture::new(PAUSE_MS).await;
                    if element(arrives).is_some() {
                        break;
                    }
                }
                let _ = done.call0(&JsValue::NULL);
            });
        })
    });
    let Ok(begun) = start.call1(&document, &change) else {
        return go.take().into_iter().for_each(|go| go());
    };
    // one that is skipped, as on a hidden page, is no error: the page has changed all the same
    for part in ["ready", "finished", "updateCallbackDone"] {
        if let Ok(Ok(part)) = Reflect::get(&begun, &part.into()).map(|part| part.dyn_into::<Promise>()) {
            let ignored = Closure::once_into_js(|_: JsValue| {});
            let ignored: Function = ignored.unchecked_into();
            let _ = Reflect::get(&part, &"catch".into())
                .ok()
                .and_then(|catch| catch.dyn_into::<Function>().ok())
                .map(|catch| catch.call1(&part, &ignored));
        }
    }
}
