//! The browser's tab: title and favicon show the progress of the page's run, else of the run that has been going for longest.

use super::nav::nav_item_of;
use crate::browser;
use crate::fmt;
use crate::i18n::{Word, compare, shell as words};
use crate::live::use_live;
use crate::logic::pace::share;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use protocol::api::{RunState, RunSummary};

/// What the favicon shows: a progress ring, or the page's own icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ring {
    Plain,
    /// The progress in percent.
    Going(u8),
    Failed,
}

impl Ring {
    /// The icon as a data URL; `None` for the page's own.
    fn icon(self) -> Option<String> {
        let (ink, done) = match self {
            Self::Plain => return None,
            Self::Going(percent) => ("4f6bed", percent),
            Self::Failed => ("d1423d", 100),
        };
        let circle = |ink: &str, rest: &str| {
            format!("<circle cx='16' cy='16' r='12' fill='none' stroke='%23{ink}' stroke-width='7' {rest}/>")
        };
        let arc = format!("pathLength='100' stroke-dasharray='{done} 100' transform='rotate(-90 16 16)'");
        let (ground, arc) = (circle("8886", ""), circle(ink, &arc));
        Some(format!(
            "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>{ground}{arc}</svg>"
        ))
    }
}

fn ring_of(run: &RunSummary) -> Ring {
    match (run.state, share(run)) {
        (RunState::Failed, _) => Ring::Failed,
        (state, Some(share)) if state.is_live() => Ring::Going((share.clamp(0.0, 1.0) * 100.0).round() as u8),
        (state, None) if state.is_live() => Ring::Going(0),
        _ => Ring::Plain,
    }
}

/// The id of the run whose page this path is.
fn run_at(path: &str) -> Option<&str> {
    path.strip_prefix("/runs/").filter(|id| !id.is_empty())
}

/// The page's name by its path; `None` where the page sets the title itself.
fn page_name(path: &str) -> Option<Word> {
    Some(match path.split('/').nth(1) {
        Some("runs") if run_at(path).is_some() => return None,
        Some("sweeps") => return None,
        Some("compare") => compare::title,
        _ => nav_item_of(path).map_or(words::home, |item| item.name),
    })
}

/// Sets the title and the favicon of the browser's tab; the run page and the sweep page set the title themselves.
#[component]
pub fn BrowserTab() -> impl IntoView {
    let live = use_live();
    let path = use_location().pathname;
    let going = Memo::new(move |_| {
        live.runs.with(|runs| {
            let longest = runs.values().filter(|run| run.with(|run| run.state.is_live()));
            let longest = longest.min_by_key(|run| run.with(|run| run.started.unwrap_or(i64::MAX)));
            longest.map_or(Ring::Plain, |run| run.with(ring_of))
        })
    });
    let ring = Memo::new(move |_| {
        let own = path.with(|path| run_at(path).and_then(|id| live.run(id)));
        own.map_or_else(|| going.get(), |run| run.with(ring_of))
    });
    Effect::new(move |shown: Option<Ring>| {
        let ring = ring.get();
        if shown.unwrap_or(Ring::Plain) != ring {
            browser::set_favicon(ring.icon().as_deref());
        }
        ring
    });
    Effect::new(move || {
        let Some(name) = path.with(|path| page_name(path)) else {
            return;
        };
        let name = name();
        document().set_title(&match going.get() {
            Ring::Going(percent) => format!("{} {name} · Corral", fmt::percent(f64::from(percent) / 100.0)),
            Ring::Plain | Ring::Failed => format!("{name} · Corral"),
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_tells_of_the_run_it_shows() {
        assert_eq!(run_at("/runs/abc"), Some("abc"));
        assert_eq!((run_at("/runs"), run_at("/runs/"), run_at("/")), (None, None, None));
        assert!(page_name("/runs/abc").is_none());
        let icon = Ring::Going(61).icon().unwrap_or_default();
        assert!(icon.contains("stroke-dasharray='61 100'"), "{icon}");
        assert!(Ring::Plain.icon().is_none());
    }
}
