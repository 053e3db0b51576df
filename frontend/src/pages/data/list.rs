//! The list of data sets.

use super::{kind_word, use_library};
use crate::fmt;
use crate::i18n::data as words;
use crate::i18n::said::say;
use crate::links;
use leptos::prelude::*;
use protocol::data::DatasetInfo;

#[component]
pub fn List() -> impl IntoView {
    let library = use_library();
    let rows = move || {
        let sets = library.sets.get().and_then(Result::ok).unwrap_or_default();
        sets.into_iter().map(|set| view! { <Row set /> }).collect_view()
    };
    view! {
        <div class="table-wrap">
            <table class="table library" id="datasets">
                <thead>
                    <tr>
                        <th>{words::name}</th>
                        <th>{words::kind}</th>
                        <th class="wide">{words::format}</th>
                        <th class="right">{words::rows}</th>
                        <th class="right">{words::usable}</th>
                        <th class="right wide">{words::size}</th>
                        <th class="wide">{words::used_in}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(set: DatasetInfo) -> impl IntoView {
    let path = links::dataset(&set.name);
    let uses = set.used_by.len() as u64;
    let used = move || (uses > 0).then(|| words::runs(uses));
    let name = view! {
        <td class="library-name">
            <a href=path>{set.name.clone()}</a>
            {set.demo.then(|| view! { <span class="badge">{words::comes_with}</span> })}
        </td>
    };
    match set.inspection {
        Some(found) => {
            let some_bad = found.usable < found.rows;
            view! {
                <tr data-name=set.name>
                    {name}
                    <td>{move || kind_word(found.kind)}</td>
                    <td class="wide muted">{found.format}</td>
                    <td class="right">{fmt::count(found.rows)}</td>
                    <td class="right" class:warn-text=some_bad>{fmt::count(found.usable)}</td>
                    <td class="right wide muted">{fmt::bytes(found.bytes)}</td>
                    <td class="wide muted">{used}</td>
                </tr>
            }
            .into_any()
        }
        None => {
            let why = set.unusable.said().map(|error| say(&error));
            let title = why.clone();
            view! {
            <tr data-name=set.name>
                {name}
                <td colspan="6" class="bad-text clip" title=title>
                    {words::unreadable}
                    {why.map(|error| format!(": {error}"))}
                </td>
            </tr>
            }
            .into_any()
        }
    }
}
