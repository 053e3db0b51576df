//! Helpers over the browser's APIs: storage, clipboard, downloads, pictures, local times, colours, focus, keyboard.

pub mod notices;
pub mod pictures;
mod transition;
pub mod width;

pub use transition::transition;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::NodeList;

/// Reads `localStorage`; `None` when absent or blocked.
pub fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Writes `localStorage`; does nothing where storage is blocked.
pub fn store(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Takes a key out of `localStorage`.
pub fn forget(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(key);
    }
}

/// Reads `sessionStorage`, which each tab has for itself and keeps over a reload.
pub fn stored_in_tab(key: &str) -> Option<String> {
    window().session_storage().ok()??.get_item(key).ok()?
}

/// Writes `sessionStorage`; does nothing where storage is blocked.
pub fn store_in_tab(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Takes a key out of `sessionStorage`.
pub fn forget_in_tab(key: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.remove_item(key);
    }
}

/// Whether the window is at least so many px wide.
pub fn is_at_least(width: f64) -> bool {
    let own = window().inner_width().ok().and_then(|width| width.as_f64());
    own.is_some_and(|own| own >= width)
}

/// The first element that a selector names.
pub fn element(selector: &str) -> Option<web_sys::Element> {
    document().query_selector(selector).ok().flatten()
}

/// Puts `text` on the clipboard; false where the browser refuses.
pub async fn copy_text(text: &str) -> bool {
    let promise = window().navigator().clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(promise).await.is_ok()
}

/// Milliseconds since the Unix epoch.
pub fn now() -> i64 {
    js_sys::Date::now() as i64
}

/// `time` (ms since the epoch) in the person's time zone and the board's language, to the second.
pub fn local_time(time: i64) -> String {
    let tag = crate::i18n::lang().tag();
    js_sys::Date::new(&JsValue::from_f64(time as f64))
        .to_locale_string(tag, &JsValue::UNDEFINED)
        .into()
}

/// The local time `seconds` from now, to the minute; with the date where that is not today.
pub fn local_time_in(seconds: f64) -> String {
    let at = |time: f64| js_sys::Date::new(&JsValue::from_f64(time));
    let now = js_sys::Date::now();
    let end = at(now + seconds * 1000.0);
    let clock = format!("{:02}:{:02}", end.get_hours(), end.get_minutes());
    let day =
        |date: &js_sys::Date| String::from(date.to_locale_date_string(crate::i18n::lang().tag(), &JsValue::UNDEFINED));
    match day(&end) {
        today if today == day(&at(now)) => clock,
        day => format!("{day} {clock}"),
    }
}

/// Brings the page's window to the front.
pub fn focus_window() {
    let _ = window().focus();
}

/// Replaces the favicon; `None` brings the page's own back.
pub fn set_favicon(address: Option<&str>) {
    const USUAL: &str = "data-usual";
    let Ok(Some(link)) = document().query_selector("link[rel=icon]") else {
        return;
    };
    let usual = link.get_attribute(USUAL).or_else(|| link.get_attribute("href"));
    let usual = usual.unwrap_or_default();
    let _ = link.set_attribute(USUAL, &usual);
    let _ = link.set_attribute("href", address.unwrap_or(&usual));
}

/// A CSS colour, such as `var(--accent)`, as the theme of the page resolves it, for drawing on a canvas.
pub fn color(css: &str) -> String {
    let resolve = || {
        let body = document().body()?;
        let probe: web_sys::HtmlElement = document().create_element("span").ok()?.dyn_into().ok()?;
        probe.style().set_property("color", css).ok()?;
        body.append_child(&probe).ok()?;
        let color = window()
            .get_computed_style(&probe)
            .ok()
            .flatten()
            .and_then(|style| style.get_property_value("color").ok());
        probe.remove();
        color
    };
    resolve().unwrap_or_else(|| "#888".into())
}

/// Moves the focus to the first element that matches. Returns whether there was one.
pub fn focus(selector: &str) -> bool {
    match document().query_selector(selector) {
        Ok(Some(element)) => element
            .dyn_into::<web_sys::HtmlElement>()
            .is_ok_and(|element| element.focus().is_ok()),
        _ => false,
    }
}

/// Scrolls as little as needed to bring the whole element into sight.
pub fn reveal(element: &web_sys::Element) {
    let options = web_sys::ScrollIntoViewOptions::new();
    let _ = js_sys::Reflect::set(&options, &"block".into(), &"nearest".into());
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Whether typed keys go into a text field or a select.
fn is_typing() -> bool {
    document().active_element().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            && element.get_attribute("type").as_deref() != Some("checkbox")
    })
}

/// Whether the focus is on a control that uses keys itself: a button, a link, a slider.
pub fn is_control_focused() -> bool {
    let control =
        |element: web_sys::Element| matches!(element.tag_name().as_str(), "BUTTON" | "A" | "INPUT" | "SUMMARY");
    document().active_element().is_some_and(control)
}

/// Whether a modal dialog is open: keys then belong to it.
fn is_dialog_open() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}

/// Whether a key press may be taken as a shortcut of the page: no modifier is held, and it goes into no text field, input method
/// or dialog.
pub fn may_be_shortcut(event: &ev::KeyboardEvent) -> bool {
    let has_modifier = event.meta_key() || event.ctrl_key() || event.alt_key();
    !has_modifier && !event.is_composing() && !is_typing() && !is_dialog_open()
}

/// The elements of `T`'s type that a selector found.
pub fn elements<T: JsCast>(found: Result<NodeList, JsValue>) -> Vec<T> {
    let Ok(found) = found else { return vec![] };
    (0..found.length())
        .filter_map(|index| found.get(index)?.dyn_into().ok())
        .collect()
}

/// Has the browser save what is at `address` under `name`; under the server's name for it where `name` is empty.
fn save_as(address: &str, name: &str) {
    if let Ok(link) = document().create_element("a")
        && let Ok(link) = link.dyn_into::<web_sys::HtmlAnchorElement>()
    {
        link.set_href(address);
        link.set_download(name);
        link.click();
    }
}

/// Starts a download of what is at `path`.
pub fn download(path: &str) {
    save_as(path, "");
}

/// Saves `text` as a file.
pub fn save_text(name: &str, media_type: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let bag = web_sys::BlobPropertyBag::new();
    bag.set_type(media_type);
    let Ok(blob) = web_sys::Blob::new_with_str_sequence_and_options(&parts, &bag) else {
        return;
    };
    let Ok(url) = web_sys::Url::create_object_url_with_blob(&blob) else {
        return;
    };
    save_as(&url, name);
    let _ = web_sys::Url::revoke_object_url(&url);
}

/// The text of a file a person chose; `None` when it cannot be read.
pub async fn file_text(file: &web_sys::File) -> Option<String> {
    let promise = file.text();
    wasm_bindgen_futures::JsFuture::from(promise).await.ok()?.as_string()
}
