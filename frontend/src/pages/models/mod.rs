//! The page "Models": the models that are here, where each came from, and which was made from which.

mod disk;
mod select;

pub use select::ModelSelect;

use crate::address::use_address;
use crate::api;
use crate::fetched::Fetched;
use crate::fmt;
use crate::i18n::models as words;
use crate::i18n::said::say;
use crate::links;
use crate::live::use_live;
use crate::logic::lineage::{Line, chain, lines};
use crate::logic::view::toggle as toggle_in;
use crate::trash::{DeleteModel, deletable};
use crate::ui::catalogue::{HubSearch, Pick};
use crate::ui::hub::HubDownload;
use crate::ui::{EmptyState, ErrorNote, PageHead, Skeleton, use_row_keys};
use disk::DiskLine;
use leptos::prelude::*;
use protocol::api::{HubRequest, ModelInfo};
use protocol::config::template_for;
use protocol::hub::Kind;
use protocol::memory::layer_names;
use select::origin_word;

#[component]
pub fn Models() -> impl IntoView {
    let Fetched {
        answer: models,
        refetch,
    } = Fetched::start(api::models);
    let unfolded = RwSignal::new(vec![]);
    let live = use_live();
    live.when_library_changes(refetch);
    use_row_keys("#models tbody .link");
    view! {
        <PageHead title=words::title.into() />
        <div class="page-body">
            <HubForm on_done=move |()| refetch.now() />
            {move || match models.get() {
                None => view! { <Skeleton lines=6 /> }.into_any(),
                Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| refetch.now() /> }.into_any(),
                Some(Ok(list)) if list.is_empty() => {
                    view! { <EmptyState title=Signal::derive(|| words::empty().to_string()) /> }.into_any()
                }
                Some(Ok(list)) => {
                    // which models fold together depends on the runs' sweeps, which are known once the runs are loaded
                    live.loaded.track();
                    view! { <Forest list open=unfolded /> }.into_any()
                }
            }}
            <DiskLine />
        </div>
    }
}

/// The search for a model on the hubs, and the downloads that are going on or failed.
#[component]
fn HubForm(#[prop(into)] on_done: Callback<()>) -> impl IntoView {
    let live = use_live();
    let picked = RwSignal::new(None::<HubRequest>);
    let shown = Memo::new(move |_| {
        let mut all: Vec<HubRequest> = live.downloads.with(|all| {
            let open = all.values().filter(|download| download.state != "done");
            let models = open.filter(|download| download.asked.kind == Kind::Model);
            models.map(|download| download.asked.clone()).collect()
        });
        all.sort_by_key(HubRequest::id);
        if let Some(request) = picked.get()
            && !all.contains(&request)
        {
            all.insert(0, request);
        }
        all
    });
    view! {
        <HubSearch kind=Kind::Model on_pick=move |pick: Pick| picked.set(Some(pick.asked)) />
        <For each=move || shown.get() key=HubRequest::id let:request>
            <HubDownload plan_at_once=picked.get_untracked().as_ref() == Some(&request) asked=request on_done />
        </For>
    }
}

#[component]
fn Forest(
    list: Vec<ModelInfo>,
    /// The runs and sweeps whose models are unfolded.
    open: RwSignal<Vec<String>>,
) -> impl IntoView {
    let unit = unit_of();
    let lines = lines(&list, &unit);
    // a model that the address names must not be folded
    let chosen = use_address().query.with_untracked(|query| query.list("model"));
    let named = list.iter().filter(|model| chosen.contains(&model.id));
    let units: Vec<_> = named.filter_map(&unit).collect();
    open.update(|open| open.extend(units));
    let list = StoredValue::new(list);
    let rows = lines
        .into_iter()
        .filter_map(|line| {
            let model = list.with_value(|list| list.get(line.place.index).cloned())?;
            let unit = unit(&model);
            let of = unit.clone();
            let shown = move || !line.folded || of.as_ref().is_some_and(|of| open.with(|open| open.contains(of)));
            let model = StoredValue::new(model);
            Some(view! {
                <Show when=shown>
                    <Row model=model.get_value() unit=unit.clone().unwrap_or_default() line open list />
                </Show>
            })
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table library" id="models">
                <thead>
                    <tr>
                        <th>{words::model}</th>
                        <th class="wide">{words::from}</th>
                        <th class="right wide">{words::params}</th>
                        <th class="wide">{words::dtype}</th>
                        <th class="right">{words::size}</th>
                        <th class="right wide">{words::context}</th>
                        <th class="wide">{words::used_in}</th>
                        <th><span class="sr">{words::actions}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The unit that a model is folded with: the sweep of the run that made it, or that run.
fn unit_of() -> impl Fn(&ModelInfo) -> Option<String> {
    let live = use_live();
    move |model| {
        let run = model.run.clone()?;
        let sweep = live.runs.with_untracked(|runs| {
            let row = runs.get(&run)?;
            row.with_untracked(|run| Some(run.sweep.as_ref()?.id.clone()))
        });
        Some(sweep.unwrap_or(run))
    }
}

#[component]
fn Row(
    model: ModelInfo,
    /// The unit that it is folded with.
    unit: String,
    line: Line,
    open: RwSignal<Vec<String>>,
    list: StoredValue<Vec<ModelInfo>>,
) -> impl IntoView {
    let depth = line.place.depth;
    let unfolded = open;
    let unit = StoredValue::new(unit);
    let is_unfolded = move || unfolded.with(|open| open.contains(&unit.get_value()));
    let fold = (line.below > 0).then(|| {
        let size = fmt::bytes(line.below_bytes);
        view! {
            <button
                type="button"
                class="chip"
                aria-expanded=move || is_unfolded().to_string()
                on:click=move |_| unfolded.update(|open| toggle_in(open, &unit.get_value()))
            >
                {move || if is_unfolded() { words::fold().to_owned() } else { words::further(line.below) }}
                " · "
                {size}
            </button>
        }
    });
    let address = use_address();
    let id = StoredValue::new(model.id.clone());
    let open = Memo::new(move |_| {
        address
            .query
            .with(|query| query.list("model").first() == Some(&id.get_value()))
    });
    let toggle = move |_| {
        let chosen = if open.get_untracked() {
            vec![]
        } else {
            vec![id.get_value()]
        };
        address.edit(|query| query.set_list("model", &chosen));
    };
    let uses = model.used_by.len() as u64;
    let origin = model.origin;
    let dash = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    let number = |n: u64, show: fn(u64) -> String| if n == 0 { "–".to_owned() } else { show(n) };
    let usable = model.unusable.is_nothing();
    let chat = links::chat(&match &model.base {
        Some(base) => vec![base.clone(), model.id.clone()],
        None => vec![model.id.clone()],
    });
    let details = StoredValue::new(model.clone());
    view! {
        <tr data-name=model.id.clone() class:chosen=open>
            <td class="library-name">
                <span class="model-cell" style:padding-left=format!("{}px", depth * 18)>
                    {(depth > 0).then(|| view! { <span class="branch" aria-hidden="true"></span> })}
                    <button type="button" class="link clip" aria-expanded=move || open.get().to_string() title=model.path on:click=toggle>
                        {model.id.clone()}
                    </button>
                    {(!usable).then(|| view! { <span class="chip warn">{words::unusable}</span> })}
                    {fold}
                </span>
            </td>
            <td class="wide muted">{move || origin_word(origin)}</td>
            <td class="right wide">{number(model.params, fmt::params)}</td>
            <td class="wide muted">{dash(model.dtype)}</td>
            <td class="right">{fmt::bytes(model.bytes)}</td>
            <td class="right wide">{number(model.context, fmt::count)}</td>
            <td class="wide muted">{move || (uses > 0).then(|| crate::i18n::data::runs(uses))}</td>
            <td class="right library-actions">
                {usable
                    .then(|| {
                        view! {
                            <a class="btn small ghost" href=links::train_model(&model.id)>{words::train}</a>
                            <a class="btn small ghost" href=links::evaluate(&model.id)>{words::evaluate}</a>
                            <a class="btn small ghost" href=chat>{words::chat}</a>
                        }
                    })}
                {deletable(origin).then(|| view! { <DeleteModel id=model.id.clone() bytes=model.bytes used=uses /> })}
            </td>
        </tr>
        <Show when=move || open.get()>
            <tr class="library-open">
                <td colspan="8">
                    <Details model=details.get_value() list />
                </td>
            </tr>
        </Show>
    }
}

/// The details of a model: its lineage, its folder, the run that made it and the runs that use it.
#[component]
fn Details(model: ModelInfo, list: StoredValue<Vec<ModelInfo>>) -> impl IntoView {
    let live = use_live();
    let line = list.with_value(|list| chain(list, &model.id));
    let last = line.len() - 1;
    let line = line
        .into_iter()
        .enumerate()
        .map(|(i, name)| {
            view! {
                <li class="mono" aria-current=(i == last).then_some("true")>{name}</li>
            }
        })
        .collect_view();
    let run_link = move |id: &String| {
        let name = live.run(id)?.with(|run| run.name.clone());
        Some(view! { <a class="fact-run" href=links::run(id)>{name}</a> })
    };
    let made = model.run.as_ref().map(|run| {
        let run = run.clone();
        view! { <div><dt>{words::made_by}</dt><dd>{move || run_link(&run)}</dd></div> }
    });
    let own = model.has_chat_template.then(|| words::own_template().to_owned());
    let named = template_for(&model).map(words::named_template);
    let used = move || model.used_by.iter().filter_map(run_link).collect_view();
    let decoder = model.dims.as_ref().map(|dims| {
        let differences = dims.decoder.differences();
        let layers = layer_names(dims).join(", ");
        view! {
            {(!differences.is_empty()).then(|| {
                view! { <div><dt>{words::beside_llama}</dt><dd>{differences.join(", ")}</dd></div> }
            })}
            <div><dt>{words::layers}</dt><dd class="mono">{layers}</dd></div>
        }
    });
    let templates: Vec<_> = own.into_iter().chain(named).collect();
    let templates = (model.dims.is_some() && !templates.is_empty()).then(|| {
        view! { <div><dt>{words::template}</dt><dd>{templates.join(", ")}</dd></div> }
    });
    view! {
        <ol class="lineage" aria-label=words::lineage>{line}</ol>
        <dl class="facts-row">
            <div><dt>{words::family}</dt><dd>{model.family.clone()}</dd></div>
            {templates}
            {decoder}
            {made}
            <div><dt>{words::used_in}</dt><dd>{used}</dd></div>
            <div class="fact-file"><dt>{words::folder}</dt><dd class="mono">{model.path.clone()}</dd></div>
        </dl>
        {model.unusable.said().map(|error| say(&error)).map(|error| view! { <p class="bad-text">{error}</p> })}
    }
}
