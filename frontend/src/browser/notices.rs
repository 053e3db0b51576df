//! The browser's notifications (Web Notifications API): the permission to show them, and showing one.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    type Notification;

    #[wasm_bindgen(constructor, catch)]
    fn new(title: &str, options: &JsValue) -> Result<Notification, JsValue>;

    #[wasm_bindgen(static_method_of = Notification, js_name = requestPermission, catch)]
    fn request_permission() -> Result<Promise, JsValue>;
}

/// `granted`, `denied` or `default`; `None` where the browser has no notifications, as on a page that is not secure.
pub fn permission() -> Option<String> {
    let window = leptos::prelude::window();
    let class = Reflect::get(&window, &"Notification".into()).ok()?;
    if class.is_undefined() || !window.is_secure_context() {
        return None;
    }
    Reflect::get(&class, &"permission".into()).ok()?.as_string()
}

/// Asks the person for permission. Browsers allow this only in response to a click.
pub async fn request_permission() -> Option<String> {
    permission()?;
    let answer = JsFuture::from(Notification::request_permission().ok()?).await;
    answer.ok().and_then(|answer| answer.as_string()).or_else(permission)
}

/// Shows a notification, which replaces an earlier one with the same `tag`. A click on it calls `open`.
pub fn show(title: &str, text: &str, tag: &str, open: impl FnOnce() + 'static) {
    let options = Object::new();
    for (key, value) in [("body", text), ("tag", tag)] {
        let _ = Reflect::set(&options, &key.into(), &value.into());
    }
    if let Ok(notice) = Notification::new(title, &options) {
        let _ = Reflect::set(&notice, &"onclick".into(), &Closure::once_into_js(open));
    }
}
