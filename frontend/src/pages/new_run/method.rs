//! The section "Method": a card for each method, and the settings of the chosen one.

use super::setting::{Advanced, Settings};
use super::several::Guide;
use super::state::use_form;
use crate::i18n::{new_run as words, said_words};
use crate::ui::{Icon, IconName};
use leptos::ev;
use leptos::prelude::*;
use protocol::config::Group;
use protocol::method::{MethodCard, MethodId};

/// The name of a method in the ids of elements.
fn slug(id: MethodId) -> &'static str {
    id.preset()
}

/// The users' guide's six losses, which most people choose from.
const COMMON: [MethodId; 6] = [
    MethodId::Simpo,
    MethodId::Orpo,
    MethodId::Sigmoid,
    MethodId::Hinge,
    MethodId::Ipo,
    MethodId::KtoPair,
];

/// A group of cards.
#[derive(Clone, Copy, PartialEq)]
enum CardGroup {
    /// The common losses on pairs.
    Common,
    /// Further losses on pairs, folded away.
    Further,
    /// Other stages.
    Stages,
}

impl CardGroup {
    fn of(id: MethodId) -> Self {
        match id.pref_loss() {
            _ if COMMON.contains(&id) => Self::Common,
            Some(_) => Self::Further,
            None => Self::Stages,
        }
    }

    fn methods(self) -> impl Iterator<Item = MethodId> {
        MethodId::ALL.iter().copied().filter(move |id| Self::of(*id) == self)
    }
}

/// The card `steps` further, in the order in which they stand on the page.
fn further(from: MethodId, steps: usize) -> MethodId {
    let all: Vec<_> = [CardGroup::Common, CardGroup::Further, CardGroup::Stages]
        .into_iter()
        .flat_map(CardGroup::methods)
        .collect();
    let here = all.iter().position(|id| *id == from).unwrap_or(0);
    all[(here + steps) % all.len()]
}

#[component]
pub fn MethodSection() -> impl IntoView {
    let form = use_form();
    let chosen = Memo::new(move |_| form.draft.with(|draft| draft.method));
    // the card under the pointer or with the focus, the equation of which is shown; else the chosen one's is
    let hovered = RwSignal::new(None::<MethodId>);
    let shown = Memo::new(move |_| hovered.get().unwrap_or(chosen.get()).card());
    let keys = move |event: ev::KeyboardEvent| {
        let steps = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => 1,
            "ArrowLeft" | "ArrowUp" => MethodId::ALL.len() - 1,
            _ => return,
        };
        event.prevent_default();
        let next = further(chosen.get_untracked(), steps);
        form.pick(next);
        crate::browser::focus(&format!("#method-{}", slug(next)));
    };
    let cards = move |group: CardGroup| {
        group
            .methods()
            .map(|id| view! { <Card id chosen hovered /> })
            .collect_view()
    };
    let open = move || CardGroup::of(chosen.get()) == CardGroup::Further;
    let count = CardGroup::Further.methods().count() as u64;
    view! {
        <section class="form-section" id="section-method" aria-labelledby="head-method">
            <h2 id="head-method">{words::method}</h2>
            <div class="method-groups" role="radiogroup" aria-labelledby="head-method" on:keydown=keys>
                <h3>{words::group_pairs}</h3>
                <div class="method-cards">{cards(CardGroup::Common)}</div>
                <details class="advanced" prop:open=open>
                    <summary>{move || words::group_further(count)}</summary>
                    <div class="method-cards">{cards(CardGroup::Further)}</div>
                </details>
                <h3>{words::group_stages}</h3>
                <div class="method-cards">{cards(CardGroup::Stages)}</div>
            </div>
            <p class="equation" aria-live="polite">
                <span class="faint">{words::equation}</span>
                <code>{move || shown.get().equation}</code>
                <span class="grow"></span>
                {move || {
                    let paper = shown.get().paper;
                    (!paper.is_empty())
                        .then(|| {
                            let address = format!("https://arxiv.org/abs/{paper}");
                            view! { <a href=address target="_blank" rel="noreferrer">{words::paper}" "{paper}</a> }
                        })
                }}
            </p>
            <Guide />
            <Settings groups=&[Group::Method] />
            <Advanced groups=&[Group::Method] />
        </section>
    }
}

#[component]
fn Card(id: MethodId, chosen: Memo<MethodId>, hovered: RwSignal<Option<MethodId>>) -> impl IntoView {
    let form = use_form();
    let card: MethodCard = id.card();
    let on = move || chosen.get() == id;
    let has_graphics_card = move || {
        form.unavailable("device", "cuda").is_none() && form.system.with(|system| matches!(system, Some(Ok(_))))
    };
    let stars = (card.stars > 0).then(|| {
        let word = if card.stars > 1 {
            words::first_choice
        } else {
            words::recommended
        };
        view! {
            <span class="chip on">
                <Icon name=IconName::Star />
                {word}
            </span>
        }
    });
    let reference = if card.needs_reference {
        words::needs_reference
    } else {
        words::no_reference
    };
    view! {
        <button
            type="button"
            role="radio"
            id=format!("method-{}", slug(id))
            class="method-card"
            aria-checked=move || on().to_string()
            tabindex=move || if on() { "0" } else { "-1" }
            title=card.equation
            on:click=move |_| form.pick(id)
            on:pointerenter=move |_| hovered.set(Some(id))
            on:pointerleave=move |_| hovered.set(None)
            on:focus=move |_| hovered.set(Some(id))
            on:blur=move |_| hovered.set(None)
        >
            <span class="method-name">{card.title}{stars}</span>
            <span class="method-for">{move || said_words(&card.purpose)}</span>
            <span class="method-chips">
                <span class="chip">{reference}</span>
                {move || {
                    // graphics memory is of interest only where a graphics card can be trained on
                    has_graphics_card().then(|| view! { <span class="chip" title=words::vram_hint>{words::vram(card.vram_gb)}</span> })
                }}
            </span>
        </button>
    }
}
