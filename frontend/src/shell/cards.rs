//! The machine's graphics cards in the rail: memory, use, temperature and power, kept fresh while the page is open.

use crate::fmt;
use crate::i18n::shell as words;
use crate::links;
use crate::live::use_live;
use crate::ui::Progress;
use leptos::prelude::*;
use protocol::cuda::CardUse;

#[component]
pub fn Cards() -> impl IntoView {
    let cards = use_live().cards;
    let places = Memo::new(move |_| cards.with(Vec::len));
    let row = move |place: usize| {
        let of = move |read: fn(&CardUse) -> String| move || cards.with(|cards| cards.get(place).map(read));
        let share = Signal::derive(move || cards.with(|cards| cards.get(place).map(share_of)));
        let run = Memo::new(move |_| cards.with(|cards| cards.get(place)?.run.clone()));
        let facts = move || {
            view! {
                <span class="clip" title=of(|card| card.name.clone())>{of(short_name)}</span>
                <span class="faint num">{of(memory)}</span>
                <Progress share label=Signal::derive(|| words::card_memory().to_string()) />
                <span class="faint num card-figures">{of(figures)}</span>
            }
        };
        let shown = move || match run.get() {
            Some(id) => {
                view! { <a class="rail-run" href=links::run(&id) title=words::card_run>{facts()}</a> }.into_any()
            }
            None => view! { <div class="rail-run still">{facts()}</div> }.into_any(),
        };
        view! { <li>{shown}</li> }
    };
    view! {
        <Show when=move || { places.get() > 0 }>
            <ul class="rail-going rail-cards" aria-label=words::cards>
                <For each=move || 0..places.get() key=|place| *place children=row />
            </ul>
        </Show>
    }
}

fn share_of(card: &CardUse) -> f64 {
    card.memory_used as f64 / card.memory_total.max(1) as f64
}

/// The name without the maker's prefix, which is not worth the room.
fn short_name(card: &CardUse) -> String {
    let name = card.name.trim_start_matches("NVIDIA ").trim_start_matches("GeForce ");
    name.to_owned()
}

fn memory(card: &CardUse) -> String {
    words::card_memory_of(fmt::bytes(card.memory_used), fmt::bytes(card.memory_total))
}

/// Use, temperature and power; what a card does not report is left out.
fn figures(card: &CardUse) -> String {
    let watts = |milliwatts: u32| format!("{} W", (f64::from(milliwatts) / 1000.0).round());
    let figures = [
        card.utilization.map(|percent| format!("{percent} %")),
        card.temperature.map(|degrees| format!("{degrees} °C")),
        card.milliwatts.map(watts),
    ];
    figures.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_told_by_what_it_tells() {
        let mut card = CardUse {
            name: "NVIDIA GeForce RTX 3060".into(),
            uuid: "GPU-1".into(),
            memory_used: 3 << 30,
            memory_total: 12 << 30,
            utilization: Some(93),
            temperature: Some(71),
            milliwatts: Some(169_600),
            milliwatts_most: Some(170_000),
            run: None,
        };
        assert_eq!(short_name(&card), "RTX 3060");
        assert_eq!(figures(&card), "93 % · 71 °C · 170 W");
        assert!((share_of(&card) - 0.25).abs() < 1e-9);
        (card.utilization, card.milliwatts) = (None, None);
        assert_eq!(figures(&card), "71 °C");
        card.memory_total = 0;
        assert!(share_of(&card).is_finite());
    }
}
