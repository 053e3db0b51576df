//! The board's icons: strokes on a 16 px grid, in the colour of the text.

use leptos::prelude::*;

macro_rules! icons {
    ($($name:ident: $path:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum IconName { $($name,)* }
        impl IconName {
            fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)* }
            }
        }
    };
}

icons! {
    Home: "M2.5 7.5L8 2.8l5.5 4.7M4 6.5v7h3V10h2v3.5h3v-7",
    Bell: "M4 11.5V7.2a4 4 0 0 1 8 0v4.3M2.5 11.5h11M6.7 13.8h2.6",
    Runs: "M2.5 12.5V9M6.2 12.5V4.5M9.8 12.5V7M13.5 12.5V3",
    Plus: "M8 3v10M3 8h10",
    Data: "M2.5 4c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2zM2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2",
    Models: "M8 1.8l5.5 3v6.4l-5.5 3-5.5-3V4.8zM2.5 4.8L8 7.8l5.5-3M8 7.8v6.4",
    Gauge: "M2.3 12a6 6 0 1 1 11.4 0M8 10.5l3-4M8 10.5h.01",
    Chat: "M2.5 3.5h11v7.5H7.5L4.5 13.5V11h-2z",
    Search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.2 3.2",
    Sun: "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7",
    Moon: "M13 9.5A5.5 5.5 0 1 1 6.5 3a4.5 4.5 0 0 0 6.5 6.5z",
    System: "M2 3h12v8H2zM5.5 14h5M8 11v3",
    Close: "M4 4l8 8M12 4l-8 8",
    Check: "M3 8.5l3.2 3.2L13 4.8",
    Down: "M4 6l4 4 4-4",
    Right: "M6 4l4 4-4 4",
    Up: "M4 10l4-4 4 4",
    Dots: "M3 8a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0M7.3 8a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0M11.6 8a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0",
    Stop: "M4.5 4.5h7v7h-7z",
    Play: "M5 3.5l7.5 4.5L5 12.5z",
    Copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
    Download: "M8 2.5v8M4.8 7.5L8 10.7l3.2-3.2M2.5 13.5h11",
    Upload: "M8 11V3M4.8 6.2L8 3l3.2 3.2M2.5 13.5h11",
    Trash: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4",
    Archive: "M2.5 3h11v3h-11zM3.5 6v7.5h9V6M6.5 8.5h3",
    Tag: "M2.5 2.5h5l6 6-5 5-6-6zM5.3 5.3h.01",
    Edit: "M3 13l.7-3L10.8 2.9l2.3 2.3L6 12.3z",
    Columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
    Filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
    Pin: "M6 2.5h4l-.5 4L12 9H4l2.5-2.5zM8 9v4.5",
    Star: "M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z",
    Swap: "M5 2.5L2.5 5 5 7.5M2.5 5h11M11 8.5l2.5 2.5-2.5 2.5M13.5 11h-11",
    Undo: "M5.5 3L2.5 6l3 3M2.5 6h6.8a3.7 3.7 0 0 1 0 7.4H6",
    Clock: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 4.8V8l2.3 1.6",
    Refresh: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.5",
    Warning: "M8 2.5l6 10.5H2zM8 6.5v3M8 11.3h.01",
    Info: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 7.5v3.5M8 5h.01",
    File: "M4 2h5l3.5 3.5V14H4zM9 2v3.5h3.5",
    Folder: "M2 4h4.2l1.3 1.5H14V13H2z",
    Branch: "M4.5 5.5v5M4.5 2.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zM4.5 10.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zM11.5 4a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zM11.5 7c0 2.2-3.5 2-7 3.2",
    Send: "M2.5 8L13.5 3l-3.5 10.5-2.5-4zM7.5 9.5L13.5 3",
    Settings: "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zM6 10a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z",
    Logo: "M4.5 2v12M11.5 2v12M1.5 5.5h13M1.5 10.5h13",
    Drag: "M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01",
    Eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
    EyeOff: "M6.2 3.8A6.6 6.6 0 0 1 8 3.5c4 0 6.5 4.5 6.5 4.5a12 12 0 0 1-1.9 2.3M4.2 4.9A11.6 11.6 0 0 0 1.5 8S4 12.5 8 12.5a6.2 6.2 0 0 0 3.3-1M6.6 6.6a2 2 0 0 0 2.8 2.8M2.5 2.5l11 11",
    Expand: "M9.5 2.5h4v4M13.5 2.5L9 7M6.5 13.5h-4v-4M2.5 13.5L7 9",
}

/// An icon, hidden from screen readers: the button or link around it carries the accessible name.
#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor"
            stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
            <path d=name.path() />
        </svg>
    }
}
