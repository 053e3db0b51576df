//! Code splitting: parts of the board that are loaded on demand. Each is a WebAssembly module of its own, which the bundle splits off
//! the main one wherever [`part!`] is used.

use crate::i18n::{Word, common};
use crate::live::use_live;
use crate::ui::{Icon, IconName, PageHead, Skeleton};
use leptos::prelude::*;
use leptos::task::spawn_local;
pub use leptos::wasm_split::SplitLoaderError;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

/// The fetch of a module; a module is fetched once however often it is asked for.
type Fetching = Pin<Box<dyn Future<Output = Result<(), SplitLoaderError>>>>;

thread_local! {
    /// Parts that are loaded, by their places in the source: each part of a module is bound separately.
    static LOADED: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// A view whose code is in a module that is loaded on demand.
#[derive(Clone, Copy)]
pub struct Part {
    /// Its place in the source, which identifies it.
    pub place: &'static str,
    pub fetch: fn() -> Fetching,
    /// The view, once its module is loaded.
    pub show: fn() -> Option<AnyView>,
}

impl Part {
    fn is_loaded(self) -> bool {
        LOADED.with_borrow(|loaded| loaded.contains(self.place))
    }
}

/// `part!(module, view)`: puts the view, and all code that only it needs, into the module. Parts of one module are loaded together.
macro_rules! part {
    ($module:ident, $view:expr) => {{
        #[leptos::wasm_split::wasm_split($module, wasm_split_path = ::leptos::wasm_split, preload(fetch), fallible)]
        fn $module() -> Result<AnyView, $crate::part::SplitLoaderError> {
            Ok($view.into_any())
        }
        $crate::part::Part {
            place: concat!(file!(), ":", line!(), ":", column!()),
            fetch: || Box::pin(fetch()),
            show: || futures::FutureExt::now_or_never($module())?.ok(),
        }
    }};
}
pub(crate) use part;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LoadState {
    Loading,
    Failed,
    Loaded,
}

/// Shows a part, and a skeleton until its module is loaded.
#[component]
pub fn Lazy(
    part: Part,
    /// The title of the page's head, where the part is a whole page.
    #[prop(optional)]
    title: Option<Word>,
) -> impl IntoView {
    let state = RwSignal::new(if part.is_loaded() {
        LoadState::Loaded
    } else {
        LoadState::Loading
    });
    let fetch = move || {
        state.set(LoadState::Loading);
        spawn_local(async move {
            let is_loaded = (part.fetch)().await.is_ok();
            if is_loaded {
                LOADED.with_borrow_mut(|loaded| loaded.insert(part.place));
            }
            // the component may be gone, or have fetched again
            if state.try_get_untracked() == Some(LoadState::Loading) {
                state.set(if is_loaded {
                    LoadState::Loaded
                } else {
                    LoadState::Failed
                });
            }
        });
    };
    if !part.is_loaded() {
        fetch();
    }
    use_live().when_back(move || {
        if state.get_untracked() == LoadState::Failed {
            fetch();
        }
    });
    let head = move || title.map(|title| view! { <PageHead title=title.into() /> });
    move || match state.get() {
        LoadState::Loaded => (part.show)().into_any(),
        LoadState::Loading => {
            view! { {head()} <div class:page-body=title.is_some()><Skeleton lines=8 /></div> }.into_any()
        }
        LoadState::Failed => view! {
            {head()}
            <div class:page-body=title.is_some()>
                <div class="note bad" role="alert">
                    <Icon name=IconName::Warning />
                    <p class="grow">{common::part_missing}</p>
                    <button type="button" class="btn small" on:click=move |_| fetch()>{common::retry}</button>
                </div>
            </div>
        }
        .into_any(),
    }
}
