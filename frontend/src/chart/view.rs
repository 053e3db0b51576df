//! Whether a chart is in the viewport. One that is not is not drawn.

use js_sys::{Array, Function, Reflect};
use leptos::html;
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;
use web_sys::Element;

#[wasm_bindgen]
extern "C" {
    type IntersectionObserver;

    #[wasm_bindgen(constructor, catch)]
    fn new(callback: &Function, options: &JsValue) -> Result<IntersectionObserver, JsValue>;

    #[wasm_bindgen(method)]
    fn observe(this: &IntersectionObserver, element: &Element);

    #[wasm_bindgen(method)]
    fn disconnect(this: &IntersectionObserver);
}

/// Whether the element is in the viewport, or nearly so.
pub fn in_view(node: NodeRef<html::Div>) -> RwSignal<bool> {
    let visible = RwSignal::new(false);
    let on_change = Closure::<dyn Fn(Array)>::new(move |entries: Array| {
        let newest = entries.get(entries.length().saturating_sub(1));
        let now = Reflect::get(&newest, &"isIntersecting".into()).is_ok_and(|now| now.is_truthy());
        if visible.try_get_untracked() == Some(!now) {
            visible.set(now);
        }
    });
    let options = super::options::js(&json!({ "rootMargin": "120px" }));
    let observer = IntersectionObserver::new(on_change.as_ref().unchecked_ref(), &options).ok();
    let kept = StoredValue::new_local(Some((observer, on_change)));
    Effect::new(move || {
        let Some(element) = node.get() else { return };
        kept.with_value(|kept| match kept {
            Some((Some(observer), _)) => observer.observe(&element),
            // without an observer, every chart is drawn
            _ => visible.set(true),
        });
    });
    on_cleanup(move || {
        kept.try_update_value(|kept| {
            if let Some((Some(observer), _on_change)) = kept.take() {
                observer.disconnect();
            }
        });
    });
    visible
}
