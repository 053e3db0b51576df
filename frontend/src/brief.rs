//! Memos of parts that come and go, such as the rows of a long table.

use leptos::prelude::*;
use leptos::reactive::computed::ArcMemo;
use leptos::reactive::graph::{Subscriber, ToAnySubscriber};

/// A memo that leaves what it read when its owner goes. Any other one stays among the subscribers of a memo that lives on, which tells all it
/// ever had of each change: a table whose rows came and went ten thousand times would answer ever later.
pub fn brief_memo<T>(read: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    let memo = ArcMemo::new(read);
    let this = memo.to_any_subscriber();
    on_cleanup(move || this.clear_sources(&this));
    memo.into()
}
