//! The reference of all keys of a run config, in a dialog: what each means and takes, its default, when it counts. The form opens it at
//! a key.

use crate::api;
use crate::app::use_shell;
use crate::i18n::keys::KeyWords;
use crate::i18n::{new_run, reference as words};
use crate::part::{Lazy, part};
use crate::ui::{Dialog, ErrorNote, Skeleton, marked};
use leptos::prelude::*;
use protocol::config::{Condition, Described, Group, Range, Test, ValueType};

/// The state of the dialog, by which it is opened from anywhere.
#[derive(Clone, Copy, Default)]
pub struct Asked {
    pub open: RwSignal<bool>,
    /// The search text.
    text: RwSignal<String>,
}

impl Asked {
    /// Opens the dialog with `key` searched for; an empty one lists all keys.
    pub fn at(self, key: &str) {
        self.text.set(key.to_owned());
        self.open.set(true);
    }
}

#[component]
pub fn Reference() -> impl IntoView {
    let asked = use_shell().reference;
    view! {
        <Dialog open=asked.open title=Signal::derive(|| words::title().to_string()) class="reference">
            <Lazy part=part!(reference, view! { <Keys /> }) />
        </Dialog>
    }
}

/// The search field and the keys; mounted while the dialog is open.
#[component]
fn Keys() -> impl IntoView {
    let text = use_shell().reference.text;
    let all = LocalResource::new(api::keys);
    // `autofocus` has no effect on what is mounted into a dialog that is open already
    request_animation_frame(|| {
        crate::browser::focus(".reference .input");
    });
    view! {
        <input
            class="input"
            type="search"
            autofocus=true
            autocomplete="off"
            spellcheck="false"
            aria-label=words::find
            placeholder=words::find
            prop:value=text
            on:input=move |event| text.set(event_target_value(&event))
        />
        <div class="reference-keys" tabindex="0" role="region" aria-label=words::all_keys>
            {move || match all.get() {
                None => view! { <Skeleton lines=6 /> }.into_any(),
                Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| all.refetch() /> }.into_any(),
                Some(Ok(keys)) => text.with(|text| found(&keys, text)),
            }}
        </div>
    }
}

/// The keys that have the text in a name, their label, their hint or their meaning, by groups.
fn found(keys: &[Described], text: &str) -> AnyView {
    let text = text.trim().to_lowercase();
    let has = |part: &str| part.to_lowercase().contains(&text);
    let fits = |key: &&Described| {
        let label = KeyWords::of(&key.name).map(|words| (words.label(), words.hint()));
        has(&key.name)
            || key.names.iter().any(|name| has(name))
            || has(&key.about)
            || label.is_some_and(|(label, hint)| has(label) || has(hint))
    };
    let mut fitting: Vec<_> = keys.iter().filter(fits).collect();
    // a key with exactly this name comes first, apart from those that only mention it
    let exact = fitting
        .iter()
        .position(|key| key.name == text)
        .map(|at| fitting.remove(at));
    if exact.is_none() && fitting.is_empty() {
        return view! { <p class="muted">{words::none}</p> }.into_any();
    }
    let groups = Group::ALL.into_iter().map(|group| {
        let of_group: Vec<_> = fitting
            .iter()
            .filter(|key| key.group == group)
            .map(|key| entry(key))
            .collect();
        (!of_group.is_empty()).then(|| view! { <h3>{heading(group)}</h3> {of_group} })
    });
    view! { {exact.map(entry)} {groups.collect_view()} }.into_any()
}

fn heading(group: Group) -> &'static str {
    match group {
        Group::Model => new_run::model(),
        Group::Data => new_run::data(),
        Group::Method => new_run::method(),
        Group::Adapter => new_run::adapter(),
        Group::Optimizer => new_run::optimizer(),
        Group::Batch => new_run::batch(),
        Group::Cadence => new_run::cadence(),
        Group::Run => words::group_run(),
    }
}

fn entry(key: &Described) -> AnyView {
    let own = KeyWords::of(&key.name);
    let facts = [
        (words::takes(), takes(key)),
        (words::default(), defaults(key)),
        (words::when(), when(key)),
        (words::whose(), key.whose.name().to_owned()),
        (words::other_names(), key.names.join(", ")),
    ];
    let facts = facts.into_iter().filter(|(_, told)| !told.is_empty());
    let facts = facts
        .map(|(name, told)| view! { <div><dt>{name}</dt><dd>{told}</dd></div> })
        .collect_view();
    let hint = own.map(KeyWords::hint).filter(|hint| !hint.is_empty());
    view! {
        <article class="reference-key" data-key=key.name.clone()>
            <h4>
                <code>{key.name.clone()}</code>
                {own.map(|own| view! { <span class="muted">{own.label()}</span> })}
            </h4>
            {hint.map(|hint| view! { <p>{hint}</p> })}
            <p lang="en">{marked(&key.about)}</p>
            <dl>{facts}</dl>
        </article>
    }
    .into_any()
}

fn takes(key: &Described) -> String {
    let whole = key.range.is_some_and(|range| range.whole);
    let kind = match key.kind {
        ValueType::Text if key.list => words::list(),
        ValueType::Text => words::text(),
        ValueType::Flag => words::flag(),
        ValueType::FlagOrNull => words::flag_or_null(),
        ValueType::Number if !whole => words::number(),
        ValueType::Count | ValueType::Number => words::count(),
        ValueType::Map => words::map(),
    };
    let more = match key.choices.is_empty() {
        false => key.choices.join(", "),
        true => key.range.map(bounds).unwrap_or_default(),
    };
    match more.is_empty() {
        true => kind.to_owned(),
        false => format!("{kind}: {more}"),
    }
}

/// The bounds in mathematical signs, which need no translation.
fn bounds(range: Range) -> String {
    let least = range.least.map(|least| format!("≥ {least}"));
    let above = range.above.map(|above| format!("> {above}"));
    let most = range.most.map(|most| match most >= 1e9 {
        true => format!("≤ {most:e}"),
        false => format!("≤ {most}"),
    });
    let all: Vec<_> = [least, above, most].into_iter().flatten().collect();
    all.join(", ")
}

fn defaults(key: &Described) -> String {
    let mut all: Vec<String> = key
        .defaults
        .iter()
        .map(|default| match default.under.as_slice() {
            [] => default.text(),
            under => format!("{} ({})", default.text(), lines(under)),
        })
        .collect();
    if !key.follows.is_empty() {
        all.push(words::follows(key.follows.join(", ")));
    }
    all.join("; ")
}

fn when(key: &Described) -> String {
    let regions: Vec<_> = key.when.iter().map(|region| lines(region)).collect();
    match regions.as_slice() {
        [] => words::never().to_owned(),
        // always
        [region] if region.is_empty() => String::new(),
        regions => regions.join(&format!(" {} ", words::or())),
    }
}

fn lines(region: &[Condition]) -> String {
    let line = |line: &Condition| match &line.test {
        Test::One(names) => format!("{}: {}", line.key, names.join(" / ")),
        Test::Not(names) => format!("{} ≠ {}", line.key, names.join(", ")),
        Test::There => words::given(&line.key),
        Test::Several => words::several(&line.key),
        Test::Absent => words::absent(&line.key),
    };
    let all: Vec<_> = region.iter().map(line).collect();
    all.join(&format!(" {} ", words::and()))
}
