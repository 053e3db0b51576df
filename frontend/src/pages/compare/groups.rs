//! Runs grouped by a key of their configs: a row for each group with means and ranges, which unfolds to its runs.

use super::columns::{Column, of_group};
use super::state::{Group, use_comparison};
use crate::fmt;
use crate::i18n::compare as words;
use crate::logic::view::toggle;
use crate::ui::{Icon, IconName};
use leptos::prelude::*;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Listed {
    Run {
        place: usize,
        id: String,
    },
    /// A group, identified by the value that its runs have.
    Group(String),
}

/// The rows: runs in the order asked for, or in that of the selection; or groups in the order of their first run, each followed by its
/// runs where it is open.
pub fn listed(asked: Option<&[usize]>, ids: &[String], groups: &[Group], open: &[String]) -> Vec<Listed> {
    let selected: Vec<usize> = (0..ids.len()).collect();
    let order = asked.unwrap_or(&selected);
    let run = |place: usize| Listed::Run {
        place,
        id: ids[place].clone(),
    };
    if groups.is_empty() {
        return order.iter().map(|place| run(*place)).collect();
    }
    let first = |group: &Group| order.iter().position(|place| group.places.contains(place));
    let mut groups: Vec<&Group> = groups.iter().collect();
    // without an order asked for, groups are in the order of their values
    if asked.is_some() {
        groups.sort_by_key(|group| first(group));
    }
    let of_group = |group: &Group| {
        let shown = open.contains(&group.value);
        let runs = order.iter().filter(move |place| shown && group.places.contains(place));
        let runs: Vec<_> = runs.map(|place| run(*place)).collect();
        std::iter::once(Listed::Group(group.value.clone())).chain(runs)
    };
    groups.into_iter().flat_map(of_group).collect()
}

/// The select of the key to group by.
#[component]
pub fn GroupBy(table: Memo<Vec<Column>>) -> impl IntoView {
    let comparison = use_comparison();
    let key = Memo::new(move |_| comparison.address.get("group"));
    let keys = Memo::new(move |_| {
        let differ = table.with(|table| {
            let keys = table.iter().filter(|column| column.setting);
            keys.map(|column| column.key.clone()).collect::<Vec<_>>()
        });
        let chosen = key.get();
        let missing = !chosen.is_empty() && !differ.contains(&chosen);
        differ.into_iter().chain(missing.then_some(chosen)).collect::<Vec<_>>()
    });
    let option = move |name: String| {
        let (value, text) = (name.clone(), name.clone());
        view! { <option value=value selected=move || key.get() == name>{text}</option> }
    };
    let choose = move |event| {
        let chosen = event_target_value(&event);
        comparison.address.edit(|query| {
            query.set("group", &chosen);
            query.set("open", "");
        });
    };
    view! {
        <Show when=move || keys.with(|keys| !keys.is_empty())>
            <label class="row color-by">
                <span class="faint">{words::group_by}</span>
                <span class="select">
                    <select id="group-by" on:change=choose>
                        <option value="" selected=move || key.with(String::is_empty)>{words::group_none}</option>
                        {move || keys.get().into_iter().map(option).collect_view()}
                    </select>
                </span>
            </label>
        </Show>
    }
}

#[component]
pub fn GroupRow(value: String, table: Memo<Vec<Column>>) -> impl IntoView {
    let comparison = use_comparison();
    let (address, lit) = (comparison.address, comparison.group.lit);
    let value = StoredValue::new(value);
    let group = Memo::new(move |_| {
        let found = comparison.groups.with(|groups| {
            let group = groups
                .iter()
                .find(|group| value.with_value(|value| group.value == *value));
            group.cloned()
        });
        found.unwrap_or(Group {
            value: String::new(),
            label: String::new(),
            color: String::new(),
            places: vec![],
        })
    });
    let open = Memo::new(move |_| {
        address
            .query
            .with(|query| query.list("open"))
            .contains(&value.get_value())
    });
    let fold = move |_| {
        address.edit(|query| {
            let mut open = query.list("open");
            toggle(&mut open, &value.get_value());
            query.set_list("open", &open);
        });
    };
    let light = move || lit.set(Some(value.get_value()));
    let name = move || {
        let label = group.with(|group| group.label.clone());
        let label = if label.is_empty() { "–" } else { &label };
        format!("{}: {label}", address.get("group"))
    };
    let cells = move || {
        table.with(|table| {
            group.with(|group| {
                let cell = |column: &Column| {
                    let text = of_group(column, &group.places);
                    view! { <td class:num=!column.setting class:mono=column.setting>{text}</td> }
                };
                table.iter().skip(1).map(cell).collect_view()
            })
        })
    };
    view! {
        <tr
            class="group-row"
            on:pointerenter=move |_| light()
            on:pointerleave=move |_| lit.set(None)
            on:focusin=move |_| light()
            on:focusout=move |_| lit.set(None)
        >
            <th scope="row" class="compared">
                <button type="button" class="cell-button group-fold" aria-expanded=move || open.get().to_string() on:click=fold>
                    <Icon name=IconName::Right />
                    <span class="run-dot" style:color=move || group.with(|group| group.color.clone())></span>
                    <span class="clip">{name}</span>
                    <span class="faint num">{move || fmt::count(group.with(|group| group.places.len()) as u64)}</span>
                </button>
            </th>
            {cells}
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_stand_beneath_their_open_group() {
        let group = |value: &str, places: &[usize]| Group {
            value: value.into(),
            label: value.into(),
            color: String::new(),
            places: places.into(),
        };
        let groups = [group("1", &[0, 2]), group("2", &[1])];
        let ids = ["a", "b", "c"].map(String::from);
        let text = |order: Option<&[usize]>, open: &[String]| {
            let rows = listed(order, &ids, &groups, open).into_iter().map(|row| match row {
                Listed::Run { id, .. } => id,
                Listed::Group(value) => format!("[{value}]"),
            });
            rows.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(text(None, &[]), "[1] [2]");
        assert_eq!(text(Some(&[1, 2, 0]), &["1".into()]), "[2] [1] c a");
        // an order that happens to be that of the selection
        let groups = [group("1", &[2]), group("2", &[0, 1])];
        let rows = listed(Some(&[0, 1, 2]), &ids, &groups, &[]);
        assert_eq!(rows, ["2", "1"].map(|value| Listed::Group(value.into())));
        assert_eq!(
            listed(Some(&[1]), &ids, &[], &[]),
            [Listed::Run {
                place: 1,
                id: "b".into()
            }]
        );
    }
}
