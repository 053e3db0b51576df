//! Bindings to the part of uPlot that is used, and to the canvas it draws on. The page's script defines it.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

#[wasm_bindgen]
extern "C" {
    /// A drawn chart.
    #[wasm_bindgen(js_name = uPlot)]
    pub type UPlot;

    #[wasm_bindgen(constructor, js_class = "uPlot", catch)]
    pub fn new(options: &JsValue, data: &JsValue, target: &HtmlElement) -> Result<UPlot, JsValue>;

    #[wasm_bindgen(method, js_name = setData)]
    pub fn set_data(this: &UPlot, data: &JsValue, reset_scales: bool);

    #[wasm_bindgen(method, js_name = setScale)]
    pub fn set_scale(this: &UPlot, key: &str, range: &JsValue);

    #[wasm_bindgen(method, js_name = setSize)]
    pub fn set_size(this: &UPlot, size: &JsValue);

    #[wasm_bindgen(method, js_name = setSelect)]
    pub fn set_select(this: &UPlot, select: &JsValue, fire_hook: bool);

    #[wasm_bindgen(method, js_name = posToVal)]
    pub fn pos_to_val(this: &UPlot, position: f64, scale: &str) -> f64;

    #[wasm_bindgen(method, js_name = valToPos)]
    pub fn val_to_pos(this: &UPlot, value: f64, scale: &str) -> f64;

    /// The position in px of the canvas with `canvas`, else in px of the page.
    #[wasm_bindgen(method, js_name = valToPos)]
    pub fn val_to_canvas(this: &UPlot, value: f64, scale: &str, canvas: bool) -> f64;

    /// The context of its canvas.
    #[wasm_bindgen(method, getter)]
    pub fn ctx(this: &UPlot) -> JsValue;

    #[wasm_bindgen(method, js_name = setCursor)]
    pub fn set_cursor(this: &UPlot, place: &JsValue, fire_hook: bool, publish: bool);

    #[wasm_bindgen(method)]
    pub fn redraw(this: &UPlot, rebuild_paths: bool, recalc_axes: bool);

    #[wasm_bindgen(method, getter)]
    pub fn series(this: &UPlot) -> Array;

    #[wasm_bindgen(method)]
    pub fn destroy(this: &UPlot);

    /// The plot on the canvas, in device px.
    #[wasm_bindgen(method, getter)]
    pub fn bbox(this: &UPlot) -> JsValue;

    #[wasm_bindgen(method, getter)]
    pub fn scales(this: &UPlot) -> JsValue;

    #[wasm_bindgen(method, getter)]
    pub fn cursor(this: &UPlot) -> JsValue;

    #[wasm_bindgen(method, getter)]
    pub fn select(this: &UPlot) -> JsValue;

    /// A path on a canvas.
    pub type Path2D;

    #[wasm_bindgen(constructor)]
    pub fn new() -> Path2D;

    #[wasm_bindgen(method, js_name = moveTo)]
    pub fn move_to(this: &Path2D, x: f64, y: f64);

    #[wasm_bindgen(method)]
    pub fn arc(this: &Path2D, x: f64, y: f64, radius: f64, from: f64, to: f64);

    #[wasm_bindgen(method, js_name = lineTo)]
    pub fn line_to(this: &Path2D, x: f64, y: f64);
}
