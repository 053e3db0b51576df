//! The rows of a data set as the model will see them, token by token.

use crate::api::{self, Answer};
use crate::fmt;
use crate::i18n::{Word, common, data as words, said};
use crate::live::use_live;
use crate::logic::query::encode;
use crate::logic::tokens::fold;
use crate::ui::{ErrorNote, Icon, IconName, Skeleton};
use leptos::prelude::*;
use protocol::data::{Preview, RenderedRow, Token};

/// Which rows to render, and for which model, template and settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    pub dataset: String,
    pub model: String,
    /// Empty: the model's own.
    pub template: String,
    /// Empty: the stage that the data set is for.
    pub stage: String,
    /// Further keys of a config that change the rows, as the address has them.
    pub more: Vec<(&'static str, String)>,
    pub cutoff_len: u64,
    pub offset: u64,
    pub limit: u64,
}

impl Wanted {
    fn path(&self) -> String {
        let mut path = format!(
            "/api/datasets/{}/preview?model={}&cutoff_len={}&offset={}&limit={}",
            encode(&self.dataset),
            encode(&self.model),
            self.cutoff_len,
            self.offset,
            self.limit
        );
        for (key, value) in [("template", &self.template), ("stage", &self.stage)] {
            if !value.is_empty() {
                path += &format!("&{key}={}", encode(value));
            }
        }
        for (key, value) in &self.more {
            path += &format!("&{key}={}", encode(value));
        }
        path
    }
}

/// The rows, fetched again when `wanted` changes. `total` is set to how many there are.
#[component]
pub fn Rows(#[prop(into)] wanted: Signal<Wanted>, #[prop(optional)] total: Option<RwSignal<u64>>) -> impl IntoView {
    let again = RwSignal::new(0u32);
    use_live().when_back(move || again.update(|n| *n += 1));
    let fetched = LocalResource::new(move || {
        again.track();
        let wanted = wanted.get();
        async move {
            if wanted.dataset.is_empty() || wanted.model.is_empty() {
                return None;
            }
            let answer: Answer<Preview> = api::get(&wanted.path()).await;
            Some(answer)
        }
    });
    Effect::new(move || {
        if let (Some(total), Some(Some(Ok(preview)))) = (total, fetched.get()) {
            total.set(preview.total);
        }
    });
    view! {
        <Transition fallback=|| view! { <Skeleton lines=4 /> }>
            {move || {
                fetched
                    .get()
                    .flatten()
                    .map(|answer| match answer {
                        Ok(preview) => view! { <RowList preview /> }.into_any(),
                        Err(error) => {
                            view! { <ErrorNote error on_retry=move |()| again.update(|n| *n += 1) /> }.into_any()
                        }
                    })
            }}
        </Transition>
    }
}

#[component]
fn RowList(preview: Preview) -> impl IntoView {
    let template = match preview.template.as_str() {
        "chat_template" => words::own_template().to_owned(),
        "own" => words::written_template().to_owned(),
        _ => preview.template,
    };
    let legend = preview.rows.iter().find_map(TintLegend::of);
    let rows = preview.rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
    let notes = preview
        .notes
        .iter()
        .map(|note| view! { <li>{said::say(&note.said())}</li> })
        .collect_view();
    let notes = (!preview.notes.is_empty()).then(|| view! { <ul class="notices">{notes}</ul> });
    view! {
        <p class="rows-key">
            {legend.map(TintLegend::swatches)}
            <span class="faint">{words::tinted_counts}</span>
            <span class="grow"></span>
            <span class="faint">{words::template}" "<b>{template}</b></span>
        </p>
        {notes}
        <div class="rows">{rows}</div>
    }
}

/// The legend of the tints on a page of rows.
#[derive(Clone, Copy)]
enum TintLegend {
    Pairs,
    Labels,
    Plain,
}

impl TintLegend {
    fn of(row: &RenderedRow) -> Option<Self> {
        match row {
            RenderedRow::Pair { .. } => Some(Self::Pairs),
            RenderedRow::Labelled { .. } => Some(Self::Labels),
            RenderedRow::Sequence { .. } => Some(Self::Plain),
            RenderedRow::Bad(_) => None,
        }
    }

    fn swatches(self) -> impl IntoView {
        let swatch = |class: &'static str, word: Word| view! { <span><i class=format!("token counted {class}")>{word}</i></span> };
        match self {
            Self::Pairs => vec![swatch("chosen", common::chosen), swatch("rejected", common::rejected)],
            Self::Labels => vec![swatch("chosen", words::good), swatch("rejected", words::bad)],
            Self::Plain => vec![swatch("chosen", words::counted)],
        }
        .into_iter()
        .collect_view()
    }
}

#[component]
fn Row(row: RenderedRow) -> impl IntoView {
    match row {
        RenderedRow::Pair {
            row,
            prompt,
            chosen,
            rejected,
            cut,
        } => {
            let lengths = (prompt.len(), chosen.len(), rejected.len());
            view! {
                <article class="token-row">
                    <RowHead row cut lengths=words::pair_lengths(lengths.0, lengths.1, lengths.2) />
                    <Tokens tokens=prompt kind="prompt" />
                    <Tokens tokens=chosen kind="chosen" />
                    <Tokens tokens=rejected kind="rejected" />
                </article>
            }
            .into_any()
        }
        RenderedRow::Sequence { row, tokens, cut } => {
            let counted = tokens.iter().filter(|token| token.counts).count();
            view! {
                <article class="token-row">
                    <RowHead row cut lengths=words::sequence_lengths(tokens.len(), counted) />
                    <Tokens tokens kind="chosen" />
                </article>
            }
            .into_any()
        }
        RenderedRow::Labelled { row, tokens, good, cut } => {
            let counted = tokens.iter().filter(|token| token.counts).count();
            let kind = if good { "chosen" } else { "rejected" };
            view! {
                <article class="token-row">
                    <RowHead row cut lengths=words::sequence_lengths(tokens.len(), counted) good=Some(good) />
                    <Tokens tokens kind />
                </article>
            }
            .into_any()
        }
        RenderedRow::Bad(bad) => view! {
            <article class="token-row">
                <RowHead row=bad.row cut=false lengths=String::new() />
                <p class="bad-text">{move || said::say(&bad.said())}</p>
            </article>
        }
        .into_any(),
    }
}

#[component]
fn RowHead(
    row: u64,
    cut: bool,
    lengths: String,
    /// The label of a labelled reply.
    #[prop(default = None)]
    good: Option<bool>,
) -> impl IntoView {
    let label = good.map(|good| {
        let (class, icon, word): (_, _, Word) = if good {
            ("chip label-good", IconName::Check, words::good)
        } else {
            ("chip label-bad", IconName::Close, words::bad)
        };
        view! { <span class=class><Icon name=icon />{word}</span> }
    });
    view! {
        <header class="token-head num">
            <b>{fmt::count(row)}</b>
            {label}
            <span class="faint">{lengths}</span>
            {cut.then(|| view! { <span class="chip warn">{words::cut}</span> })}
        </header>
    }
}

/// Tokens in a row. Those that count are tinted by `kind`, special tokens are in small capitals. Long stretches are folded until they are
/// clicked, so that what counts is near.
#[component]
fn Tokens(tokens: Vec<Token>, kind: &'static str) -> impl IntoView {
    let label = match kind {
        "chosen" => common::chosen,
        "rejected" => common::rejected,
        _ => words::prompt,
    };
    let counts: Vec<bool> = tokens.iter().map(|token| token.counts).collect();
    let tokens = StoredValue::new(tokens);
    let stretches = fold(&counts)
        .into_iter()
        .map(|stretch| {
            let places = stretch.tokens.clone();
            let draw = move || tokens.with_value(|tokens| tokens[places.clone()].iter().map(|token| token_view(token, kind)).collect_view());
            if !stretch.folded {
                return draw().into_any();
            }
            let open = RwSignal::new(false);
            let more = stretch.tokens.len();
            view! {
                <Show
                    when=move || open.get()
                    fallback=move || {
                        view! {
                            <button type="button" class="chip unfold" on:click=move |_| open.set(true)>{words::more_tokens(more)}</button>
                        }
                    }
                >
                    {draw()}
                </Show>
            }
            .into_any()
        })
        .collect_view();
    view! { <p class=format!("tokens {kind}") role="group" aria-label=label>{stretches}</p> }
}

fn token_view(token: &Token, kind: &'static str) -> impl IntoView + use<> {
    let class = match (token.special, token.counts) {
        (true, true) => format!("token special counted {kind}"),
        (true, false) => "token special".to_owned(),
        (false, true) => format!("token counted {kind}"),
        (false, false) => "token".to_owned(),
    };
    let title = format!(
        "{} · id {}",
        if token.counts {
            words::counts()
        } else {
            words::counts_not()
        },
        token.id
    );
    view! { <span class=class title=title>{token_text(token)}</span> }
}

/// A token's text, with its line breaks made visible.
fn token_text(token: &Token) -> String {
    if token.special {
        token.text.trim_matches(['<', '>', '|']).to_owned()
    } else {
        token.text.replace('\n', "⏎\n")
    }
}
