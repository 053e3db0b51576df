//! The size of an element, followed as it changes.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

/// Calls `resized` when the element gets another size, first once it is there.
pub fn on_resize(node: NodeRef<html::Div>, resized: impl FnMut() + 'static) {
    let resized = Closure::<dyn FnMut()>::new(resized);
    let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
    let watching = observer.clone();
    Effect::new(move || {
        if let (Some(element), Some(observer)) = (node.get(), &watching) {
            observer.observe(&element);
        }
    });
    let kept = StoredValue::new_local(Some((observer, resized)));
    on_cleanup(move || {
        kept.try_update_value(|kept| {
            if let Some((Some(observer), _resized)) = kept.take() {
                observer.disconnect();
            }
        });
    });
}

/// The width of an element in px; 0 until it is there.
pub fn width_of(node: NodeRef<html::Div>) -> RwSignal<f64> {
    let width = RwSignal::new(0.0);
    on_resize(node, move || {
        let now = node
            .try_get_untracked()
            .flatten()
            .map(|node| f64::from(node.client_width()));
        if let Some(now) = now.filter(|now| width.try_get_untracked().is_some_and(|width| width != *now)) {
            width.set(now);
        }
    });
    width
}
