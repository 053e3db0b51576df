//! Pictures as files: of an SVG at an address or on the page, and of a canvas.

use super::{color, elements, save_as, save_text};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlImageElement, Node};

#[wasm_bindgen]
extern "C" {
    type XMLSerializer;

    #[wasm_bindgen(constructor)]
    fn new() -> XMLSerializer;

    #[wasm_bindgen(method, js_name = serializeToString)]
    fn serialize(this: &XMLSerializer, node: &Node) -> String;
}

fn element<T: JsCast>(name: &str) -> Option<T> {
    document().create_element(name).ok()?.dyn_into().ok()
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// Saves the picture at `path` as a PNG of twice its size.
pub async fn save_png(path: &str, name: &str) {
    let drawn = async || {
        let image: HtmlImageElement = element("img")?;
        image.set_src(path);
        wasm_bindgen_futures::JsFuture::from(image.decode()).await.ok()?;
        let canvas: HtmlCanvasElement = element("canvas")?;
        let (width, height) = (2 * image.natural_width(), 2 * image.natural_height());
        canvas.set_width(width);
        canvas.set_height(height);
        let (width, height) = (f64::from(width), f64::from(height));
        context(&canvas)?
            .draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)
            .ok()?;
        save_as(&canvas.to_data_url().ok()?, name);
        Some(())
    };
    drawn().await;
}

/// Saves the text of an SVG as a PNG of twice its size.
pub async fn save_svg_as_png(svg: &str, name: &str) {
    let text = String::from(js_sys::encode_uri_component(svg));
    save_png(&format!("data:image/svg+xml;charset=utf-8,{text}"), name).await;
}

pub fn save_svg(svg: &str, name: &str) {
    save_text(name, "image/svg+xml", svg);
}

/// What of the page's style sheets a picture is drawn by.
const STYLES: [&str; 13] = [
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linejoin",
    "opacity",
    "paint-order",
    "vector-effect",
    "font-family",
    "font-size",
    "font-weight",
    "text-anchor",
    "dominant-baseline",
];

/// An SVG of the page as a file of its own: what style sheets say of its parts is written into them.
pub fn svg_text(original: &Element) -> Option<String> {
    let copy: Element = original.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    let parts = |of: &Element| elements::<Element>(of.query_selector_all("*"));
    for (of_page, of_file) in parts(original).iter().zip(parts(&copy)) {
        let computed = window().get_computed_style(of_page).ok()??;
        let style = |name: &&str| Some(format!("{name}:{}", computed.get_property_value(name).ok()?));
        let styles: Vec<_> = STYLES.iter().filter_map(style).collect();
        of_file.set_attribute("style", &styles.join(";")).ok()?;
    }
    let place = original.get_bounding_client_rect();
    for (name, value) in [
        ("xmlns", "http://www.w3.org/2000/svg".to_owned()),
        ("width", format!("{:.0}", place.width())),
        ("height", format!("{:.0}", place.height())),
        ("style", format!("background:{}", color("var(--bg)"))),
    ] {
        copy.set_attribute(name, &value).ok()?;
    }
    Some(XMLSerializer::new().serialize(&copy))
}

/// The width of a letter of a line's name, about, in px.
const LETTER: f64 = 6.4;

/// The height of a row of names, and the room left of the first, in px.
const ROW: f64 = 18.0;
const LEFT: f64 = 8.0;

/// Where names of so many letters go in rows of this width: how far across, and in which row; and how many rows they take.
fn legend(names: &[usize], width: f64) -> (Vec<(f64, usize)>, usize) {
    let (mut across, mut row) = (LEFT, 0);
    let place = |letters: &usize| {
        let wide = *letters as f64 * LETTER + 28.0;
        if across > LEFT && across + wide > width {
            (across, row) = (LEFT, row + 1);
        }
        let here = (across, row);
        across += wide;
        here
    };
    let places = names.iter().map(place).collect();
    (places, row + 1)
}

/// A name of a chart's line, and its colour.
pub struct NamedColor {
    pub name: String,
    pub color: String,
}

/// Saves what is drawn on a canvas as a PNG, on the page's ground, with its title and the names of its lines above it.
pub fn save_canvas(drawn: &HtmlCanvasElement, title: &str, lines: &[NamedColor]) {
    let dots = window().device_pixel_ratio().max(1.0);
    let names: Vec<usize> = lines.iter().map(|line| line.name.chars().count()).collect();
    let (places, rows) = legend(&names, f64::from(drawn.width()) / dots);
    let head = (34.0 + rows as f64 * ROW).round() * dots;
    let save = || {
        let canvas: HtmlCanvasElement = element("canvas")?;
        canvas.set_width(drawn.width());
        canvas.set_height(drawn.height() + head.ceil() as u32);
        let context = context(&canvas)?;
        context.set_fill_style_str(&color("var(--bg)"));
        context.fill_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
        context.set_fill_style_str(&color("var(--text)"));
        context.set_font(&format!("600 {}px system-ui, sans-serif", 13.0 * dots));
        context.fill_text(title, 8.0 * dots, 20.0 * dots).ok()?;
        context.set_font(&format!("{}px system-ui, sans-serif", 11.0 * dots));
        for (line, (across, row)) in lines.iter().zip(places) {
            let (across, down) = (across * dots, row as f64 * ROW * dots);
            context.set_fill_style_str(&color(&line.color));
            context.fill_rect(across, down + 34.0 * dots, 10.0 * dots, 3.0 * dots);
            context.set_fill_style_str(&color("var(--text-2)"));
            let name = (across + 14.0 * dots, down + 40.0 * dots);
            context.fill_text(&line.name, name.0, name.1).ok()?;
        }
        context.draw_image_with_html_canvas_element(drawn, 0.0, head).ok()?;
        save_as(&canvas.to_data_url().ok()?, &format!("{title}.png"));
        Some(())
    };
    save();
}
