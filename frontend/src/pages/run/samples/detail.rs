//! The open prompt: its replies at two steps side by side with a word diff, and the reply of the data set.

use super::cell::{Flags, Length, Oddities, Pieces};
use super::state::use_samples;
use crate::api::{self, Answer, ApiError};
use crate::fetched::{Refetch, heed};
use crate::fmt;
use crate::i18n::samples as words;
use crate::links;
use crate::live::use_live;
use crate::logic::samples::view::place_of;
use crate::logic::samples::words::differences;
use crate::ui::{ErrorNote, Icon, IconName, Select, Skeleton};
use leptos::prelude::*;
use protocol::samples::{Prompt, StepReply};

/// A prompt with the replies that are compared.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    prompt: Prompt,
    before: StepReply,
    after: StepReply,
}

#[component]
pub fn Detail(prompt: usize) -> impl IntoView {
    let tab = use_samples();
    let found = RwSignal::new(None::<Answer<Found>>);
    let steps = Memo::new(move |_| {
        tab.answered
            .with(|all| all.iter().map(|at| at.step).collect::<Vec<_>>())
    });
    let from = Memo::new(move |_| match tab.view.get().from {
        None => 0,
        asked => steps.with(|steps| place_of(steps, asked)),
    });
    let ask = move || {
        let places = [from.get_untracked(), tab.place.get_untracked()];
        async move {
            let id = tab.run.id.get_value();
            let one = |place: usize| api::sample(&id, prompt, place..place + 1);
            let (before, after) = futures::join!(one(places[0]), one(places[1]));
            let (before, after) = (before?, after?);
            let prompt = after.prompt;
            match (before.replies.into_iter().next(), after.replies.into_iter().next()) {
                (Some(before), Some(after)) => Ok(Found { prompt, before, after }),
                _ => Err(ApiError::Unreadable("no reply".into())),
            }
        }
    };
    let refetch = Refetch::new(ask, move |new: Answer<Found>| {
        let new = Some(new);
        if found.with_untracked(|known| *known != new) {
            found.set(new);
        }
    });
    Effect::new(move || {
        heed(from);
        tab.place.track();
        heed(steps);
        refetch.now();
    });
    use_live().when_back(move || refetch.now());
    let shown = move || match found.get() {
        None => view! { <Skeleton lines=4 /> }.into_any(),
        Some(Ok(found)) => view! { <Two found /> }.into_any(),
        Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| refetch.now() /> }.into_any(),
    };
    let options = Signal::derive(move || {
        let option = |step: &u64| (step.to_string(), words::step_at(fmt::count(*step)));
        steps.with(|steps| steps.iter().map(option).collect::<Vec<_>>())
    });
    let value =
        Signal::derive(move || steps.with(|steps| steps.get(from.get()).copied().unwrap_or_default().to_string()));
    view! {
        <section class="samples-detail" aria-label=words::side_by_side>
            <header class="row wrap">
                <h2>{move || words::number(prompt + 1)}</h2>
                <span class="faint">{words::against}</span>
                <Select
                    options
                    value
                    on_change=move |step: String| tab.edit(|view| view.from = step.parse().ok().filter(|step| *step > 0))
                    label=Signal::derive(|| words::against().to_string())
                />
                <span class="grow"></span>
                <AskInChat found />
                <button type="button" class="btn ghost small" on:click=move |_| tab.edit(|view| view.prompt = None)>
                    <Icon name=IconName::Close />
                    {words::close}
                </button>
            </header>
            {shown}
        </section>
    }
}

/// A link that asks the prompt in chat, where it is a single question.
#[component]
fn AskInChat(found: RwSignal<Option<Answer<Found>>>) -> impl IntoView {
    let tab = use_samples();
    let question = move || {
        let single = |prompt: &Prompt| !prompt.own || prompt.messages.len() == 1;
        let can_chat = tab.run.read(|run| run.checkpoints > 0);
        found.with(|found| match found {
            Some(Ok(found)) if can_chat && single(&found.prompt) => Some(tab.question(&found.prompt)),
            _ => None,
        })
    };
    move || {
        let href = links::ask(&tab.run.id.get_value(), &question()?);
        Some(view! {
            <a class="btn small" title=words::ask_hint href=href>
                <Icon name=IconName::Chat />
                {words::ask}
            </a>
        })
    }
}

#[component]
fn Two(found: Found) -> impl IntoView {
    let tab = use_samples();
    let Found { prompt, before, after } = found;
    let [old, new] = differences(&before.reply.text, &after.reply.text);
    let same = before.step != after.step && before.reply.text == after.reply.text;
    let expected = prompt.expected.clone();
    let room = tab.room.get_untracked();
    let side = move |of: &StepReply, text: AnyView| {
        let (odd, step, tokens) = (Oddities::from(&of.reply), of.step, of.reply.tokens);
        view! {
            <section class="samples-side">
                <h3 class="row num">
                    {move || words::step_at(fmt::count(step))}
                    <span class="faint">{move || words::tokens(u64::from(tokens))}</span>
                    <Flags of=odd />
                </h3>
                <Length tokens room />
                <p class="samples-text" tabindex="0">{text}</p>
            </section>
        }
    };
    let after_side = side(&after, view! { <Pieces pieces=new class="added" /> }.into_any());
    let before_side =
        (before.step != after.step).then(|| side(&before, view! { <Pieces pieces=old class="gone" /> }.into_any()));
    view! {
        <p class="tokens prompt samples-asked" tabindex="0">{prompt.text}</p>
        <div class="samples-two">
            {before_side}
            {after_side}
            {expected
                .map(|text| {
                    view! {
                        <section class="samples-side">
                            <h3>{words::data_says}</h3>
                            <p class="samples-text muted" tabindex="0">{text}</p>
                        </section>
                    }
                })}
        </div>
        {same.then(|| view! { <p class="faint">{words::same_text}</p> })}
    }
}
