//! Parts of the board that come when they are asked for: each is a WebAssembly module of its own, which the bundle cuts off the
//! main one where a function stands in [`part!`].

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

/// The fetching of a module; it is never done twice.
type Fetching = Pin<Box<dyn Future<Output = Result<(), SplitLoaderError>>>>;

thread_local! {
    /// Views that are here, by where they stand in the source: each of a module's is bound by itself.
    static HERE: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// A view whose code comes in a module.
#[derive(Clone, Copy)]
pub struct Part {
    /// Where it stands in the source.
    pub place: &'static str,
    pub fetch: fn() -> Fetching,
    /// The view, once its module is here.
    pub show: fn() -> Option<AnyView>,
}

impl Part {
    fn is_here(self) -> bool {
        HERE.with_borrow(|here| here.contains(self.place))
    }
}

/// `part!(module, view)`: the view, and all that only it needs, lies in the module. Parts of one module come together.
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
enum Standing {
    Coming,
    Failed,
    Here,
}

/// A part where it belongs: at once if its module is here, else when it has come.
#[component]
pub fn Later(
    part: Part,
    /// The head of the page, where the part is a whole page.
    #[prop(optional)]
    title: Option<Word>,
) -> impl IntoView {
    let standing = RwSignal::new(if part.is_here() {
        Standing::Here
    } else {
        Standing::Coming
    });
    let fetch = move || {
        standing.set(Standing::Coming);
        spawn_local(async move {
            let came = (part.fetch)().await.is_ok();
            if came {
                HERE.with_borrow_mut(|here| here.insert(part.place));
            }
            // whoever asked may have left, or asked again
            if standing.try_get_untracked() == Some(Standing::Coming) {
                standing.set(if came { Standing::Here } else { Standing::Failed });
            }
        });
    };
    if !part.is_here() {
        fetch();
    }
    use_live().when_back(move || {
        if standing.get_untracked() == Standing::Failed {
            fetch();
        }
    });
    let head = move || title.map(|title| view! { <PageHead title=title.into() /> });
    move || match standing.get() {
        Standing::Here => (part.show)().into_any(),
        Standing::Coming => {
            view! { {head()} <div class:page-body=title.is_some()><Skeleton lines=8 /></div> }.into_any()
        }
        Standing::Failed => view! {
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
