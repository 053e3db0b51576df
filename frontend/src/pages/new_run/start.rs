//! The start box: the run's name, the button that starts it, and what stands in its way.

use super::error_text::say;
use super::setting::control_id;
use super::state::{Form, use_form};
use super::stored;
use super::sweep::SweepBox;
use crate::api::{self, ApiError};
use crate::i18n::{lang, new_run as words, run as run_words, said};
use crate::live::{Live, use_live};
use crate::ui::{Icon, IconName, TextField, Toaster, marked, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::NewRun;
use protocol::config::FieldError;
use wasm_bindgen::JsCast;

/// Focuses the field of a key, and opens the section that it is folded in.
fn focus_field(key: &str) {
    let id = if key == "run_name" {
        "run-name".to_owned()
    } else {
        control_id(key)
    };
    // a key without a field is among the further keys
    let found = |id: &str| document().query_selector(&format!("[id=\"{id}\"]")).ok().flatten();
    let Some(element) = found(&id).or_else(|| found("further-keys")) else {
        return;
    };
    if let Ok(Some(details)) = element.closest("details") {
        let _ = details.set_attribute("open", "");
    }
    if let Ok(element) = element.dyn_into::<web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}

/// The start of the run that the form describes.
#[derive(Clone, Copy)]
struct Starting {
    form: Form,
    live: Live,
    toaster: Toaster,
    busy: RwSignal<bool>,
    /// The errors with which the server refused to start the run, until the next change.
    refused: RwSignal<Vec<FieldError>>,
    /// All that stands in the way.
    errors: Memo<Vec<FieldError>>,
    /// How many runs go.
    going: Memo<usize>,
}

impl Starting {
    fn new() -> Self {
        let (form, live) = (use_form(), use_live());
        let refused = RwSignal::new(Vec::<FieldError>::new());
        Effect::new(move || {
            form.config.track();
            refused.set(vec![]);
        });
        let errors = Memo::new(move |_| {
            let mut errors = form.errors.get();
            for error in refused.get() {
                if errors.iter().all(|known| known.field != error.field) {
                    errors.push(error);
                }
            }
            errors
        });
        let going = Memo::new(move |_| {
            live.runs
                .with(|runs| runs.values().filter(|run| run.with(|run| run.state.is_live())).count())
        });
        Self {
            form,
            live,
            toaster: use_toaster(),
            busy: RwSignal::new(false),
            refused,
            errors,
            going,
        }
    }

    fn has_errors(self) -> bool {
        self.errors.with(|errors| !errors.is_empty())
    }

    /// Starts the run and goes to its page; where something is wrong, to the field of the first error.
    async fn start(self, go: impl Fn(&str)) {
        self.form.further_settled().await;
        // the page was left meanwhile
        let first = |errors: &Vec<FieldError>| errors.first().map(|error| error.field.clone());
        let Some(first) = self.errors.try_with_untracked(first) else {
            return;
        };
        if let Some(first) = first {
            self.busy.set(false);
            focus_field(&first);
            return;
        }
        match api::create_run(&new_run(self.form)).await {
            Ok(run) => {
                stored::forget();
                let page = crate::links::run(&run.id);
                self.live.add_if_unknown(run);
                go(&page);
            }
            Err(ApiError::Problem(problem)) if !problem.errors.is_empty() => {
                let first = problem.errors[0].field.clone();
                let _ = self.refused.try_set(problem.errors);
                focus_field(&first);
            }
            Err(error) => self.toaster.fail(&error),
        }
        let _ = self.busy.try_set(false);
    }
}

#[component]
pub fn StartBox() -> impl IntoView {
    let starting = Starting::new();
    let (form, busy, errors) = (starting.form, starting.busy, starting.errors);
    let navigate = use_navigate();
    let name = Memo::new(move |_| form.config.with(|config| config.run_name.clone().unwrap_or_default()));
    // the name as it is typed, with trailing spaces
    let typed = RwSignal::new(name.get_untracked());
    Effect::new(move || {
        let name = name.get();
        if typed.get_untracked().trim() != name {
            typed.set(name);
        }
    });
    let name_error = Signal::derive(move || form.error("run_name").map(|error| say(&error)));
    let start = move |_| {
        if !busy.get_untracked() {
            busy.set(true);
            let navigate = navigate.clone();
            spawn_local(starting.start(move |page| navigate(page, NavigateOptions::default())));
        }
    };
    let verb = move || match (busy.get(), starting.going.get()) {
        (true, _) => words::starting(),
        (false, 0) => words::start(),
        (false, _) => words::queue(),
    };
    view! {
        <div class="start-box">
            <TextField
                label=words::name
                control="run-name"
                hint=words::name_hint
                value=typed
                error=name_error
                on_type=move |name: String| form.type_in("run_name", &name)
            />
            // on a narrow page this bar is sticky; beside the form it is just the button
            <div class="start-bar" style:display=move || form.sweeps.get().then_some("none")>
                <button
                    type="button"
                    id="start-run"
                    class="btn primary start"
                    aria-disabled=move || starting.has_errors().to_string()
                    aria-describedby="problems"
                    disabled=busy
                    on:click=start
                >
                    <Icon name=IconName::Play />
                    {verb}
                </button>
                <Show when=move || starting.has_errors()>
                    <span class="start-count bad-text" aria-hidden="true">{move || words::problems(errors.with(Vec::len) as u64)}</span>
                </Show>
            </div>
            <Problems starting />
            <Notices />
            <Show when=move || form.sweeps.get()>
                <SweepBox />
            </Show>
        </div>
    }
}

/// All that stands in the way of the start, each a button to its field; where nothing does, what the run will wait for.
#[component]
fn Problems(starting: Starting) -> impl IntoView {
    let (errors, going) = (starting.errors, starting.going);
    let line = |error: FieldError| {
        let (key, text) = (error.field.clone(), say(&error));
        view! {
            <li>
                <button type="button" class="problem" on:click=move |_| focus_field(&key)>
                    <code>{error.field}</code>
                    <span>{marked(&text)}</span>
                </button>
            </li>
        }
    };
    let list = move || {
        let _ = lang();
        errors.get().into_iter().map(line).collect_view()
    };
    let count = move || words::problems(errors.with(Vec::len) as u64);
    view! {
        <div id="problems" aria-live="polite">
            <Show when=move || starting.has_errors()>
                <p class="problems-head">{count}</p>
                <ul class="problems" aria-label=count>{list}</ul>
            </Show>
            <Show when=move || { !starting.has_errors() && going.get() > 0 }>
                <p class="faint">{move || words::queue_hint(going.get() as u64)}</p>
            </Show>
        </div>
    }
}

fn new_run(form: Form) -> NewRun {
    let config = form.config.get_untracked();
    NewRun {
        name: config.run_name.clone(),
        tags: vec![],
        parent: form.parent.get_untracked(),
        config,
    }
}

/// Notices of what is valid, but should be known.
#[component]
fn Notices() -> impl IntoView {
    let form = use_form();
    move || {
        let notices = form.notices();
        (!notices.is_empty()).then(|| {
            let lines = notices
                .into_iter()
                .map(|notice| view! { <li>{marked(&said::say(&notice))}</li> })
                .collect_view();
            view! { <ul class="notices faint" aria-label=run_words::notices>{lines}</ul> }
        })
    }
}
