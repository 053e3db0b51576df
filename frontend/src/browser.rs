//! Small dealings with the browser: storage, clipboard, downloads, times, colours, focus.

pub mod notices;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

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

/// Reads `sessionStorage`, which each tab has of its own and keeps over a reload.
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

/// Puts `text` on the clipboard; false where the browser refuses.
pub async fn copy_text(text: &str) -> bool {
    let promise = window().navigator().clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(promise).await.is_ok()
}

/// Milliseconds since the Unix epoch.
pub fn now() -> i64 {
    js_sys::Date::now() as i64
}

/// `time` (ms since the epoch) in the person's zone and the board's language, to the second.
pub fn local_time(time: i64) -> String {
    let tag = crate::i18n::lang().tag();
    js_sys::Date::new(&JsValue::from_f64(time as f64))
        .to_locale_string(tag, &JsValue::UNDEFINED)
        .into()
}

/// When it will be in so many seconds, to the minute; with the day where that is not today.
pub fn local_end(seconds: f64) -> String {
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
pub fn to_front() {
    let _ = window().focus();
}

/// Puts another icon into the browser's tab; without one, that of the page again.
pub fn set_icon(address: Option<&str>) {
    const USUAL: &str = "data-usual";
    let Ok(Some(link)) = document().query_selector("link[rel=icon]") else {
        return;
    };
    let usual = link.get_attribute(USUAL).or_else(|| link.get_attribute("href"));
    let usual = usual.unwrap_or_default();
    let _ = link.set_attribute(USUAL, &usual);
    let _ = link.set_attribute("href", address.unwrap_or(&usual));
}

/// A colour of CSS, such as `var(--accent)`, as the page's theme resolves it, for drawing on a canvas.
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

/// Moves the focus to the first element that matches, and says whether there was one.
pub fn focus(selector: &str) -> bool {
    match document().query_selector(selector) {
        Ok(Some(element)) => element
            .dyn_into::<web_sys::HtmlElement>()
            .is_ok_and(|element| element.focus().is_ok()),
        _ => false,
    }
}

/// Whether keys typed now go into a text field.
pub fn typing() -> bool {
    document().active_element().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            && element.get_attribute("type").as_deref() != Some("checkbox")
    })
}

/// Whether the focus is on what a key of its own works: a button, a link, a slider.
pub fn on_a_control() -> bool {
    let control =
        |element: web_sys::Element| matches!(element.tag_name().as_str(), "BUTTON" | "A" | "INPUT" | "SUMMARY");
    document().active_element().is_some_and(control)
}

/// Whether a modal dialog is open: keys then belong to it.
pub fn dialog_open() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}

/// Starts a download of what is at `path`.
pub fn download(path: &str) {
    if let Ok(link) = document().create_element("a")
        && let Ok(link) = link.dyn_into::<web_sys::HtmlAnchorElement>()
    {
        link.set_href(path);
        link.set_download("");
        link.click();
    }
}

/// Offers the picture at `path` as PNG, at twice its size.
pub async fn save_picture(path: &str, name: &str) {
    let drawn = async || {
        let element = |name: &str| document().create_element(name).ok();
        let image: web_sys::HtmlImageElement = element("img")?.dyn_into().ok()?;
        image.set_src(path);
        wasm_bindgen_futures::JsFuture::from(image.decode()).await.ok()?;
        let canvas: web_sys::HtmlCanvasElement = element("canvas")?.dyn_into().ok()?;
        let (width, height) = (2 * image.natural_width(), 2 * image.natural_height());
        canvas.set_width(width);
        canvas.set_height(height);
        let context: web_sys::CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let (width, height) = (f64::from(width), f64::from(height));
        context
            .draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)
            .ok()?;
        let link: web_sys::HtmlAnchorElement = element("a")?.dyn_into().ok()?;
        link.set_href(&canvas.to_data_url().ok()?);
        link.set_download(name);
        link.click();
        Some(())
    };
    drawn().await;
}

/// Offers `text` as a file to save.
pub fn save_text(name: &str, kind: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let bag = web_sys::BlobPropertyBag::new();
    bag.set_type(kind);
    let Ok(blob) = web_sys::Blob::new_with_str_sequence_and_options(&parts, &bag) else {
        return;
    };
    let Ok(url) = web_sys::Url::create_object_url_with_blob(&blob) else {
        return;
    };
    if let Ok(link) = document().create_element("a")
        && let Ok(link) = link.dyn_into::<web_sys::HtmlAnchorElement>()
    {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    let _ = web_sys::Url::revoke_object_url(&url);
}

/// `text` with everything but unreserved characters percent-encoded, for a path or a query.
pub fn encode(text: &str) -> String {
    crate::logic::query::encode(text)
}

/// The text of a file a person chose; `None` when it cannot be read.
pub async fn file_text(file: &web_sys::File) -> Option<String> {
    let promise = file.text();
    wasm_bindgen_futures::JsFuture::from(promise).await.ok()?.as_string()
}
