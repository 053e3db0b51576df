//! What the server is asked for again and again: one way for every list and row, so that none shows an old answer after a newer
//! one, and none asks a hundred times for a hundred changes.

use crate::api::Answer;
use crate::logic::asking::Asking;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

/// From an answer to the next question about what has merely changed: a run that writes ten checkpoints a second is no reason to ask
/// ten times.
const REST: Duration = Duration::from_millis(700);

/// Asks one question and hands its answer over, while that is still the newest.
type Ask = Rc<dyn Fn(Turn) -> Pin<Box<dyn Future<Output = ()>>>>;

/// A question and where it stands among the others.
#[derive(Clone, Copy)]
struct Turn {
    asking: StoredValue<Asking>,
    question: u64,
}

impl Turn {
    /// Whether the answer counts: it was not overtaken, and the page is still there.
    fn counts(self) -> bool {
        let counts = self.asking.try_update_value(|asking| asking.answered(self.question));
        counts == Some(true)
    }
}

/// A question that is asked again and again, as long as its owner lives.
#[derive(Clone, Copy)]
pub struct Refetch {
    asking: StoredValue<Asking>,
    ask: StoredValue<Ask, LocalStorage>,
    rest: Duration,
}

impl Refetch {
    /// `ask` is called for each question, `take` with each answer that counts. Asks nothing yet.
    pub fn new<T: 'static, F: Future<Output = T> + 'static>(
        ask: impl Fn() -> F + 'static,
        take: impl Fn(T) + Clone + 'static,
    ) -> Self {
        let ask: Ask = Rc::new(move |turn| {
            let (asked, take) = (ask(), take.clone());
            Box::pin(async move {
                let answer = asked.await;
                if turn.counts() {
                    take(answer);
                }
            })
        });
        Self {
            asking: StoredValue::default(),
            ask: StoredValue::new_local(ask),
            rest: REST,
        }
    }

    /// The same with a longer rest, for a question that costs the server much.
    pub fn resting(self, rest: Duration) -> Self {
        Self { rest, ..self }
    }

    /// Asks at once: what is under way was asked too early to be shown.
    pub fn now(self) {
        if let Some(question) = self.asking.try_update_value(Asking::now) {
            self.send(question);
        }
    }

    /// What is asked for may have changed: asked at once, or when the last answer is a moment old.
    pub fn changed(self) {
        if let Some(question) = self.asking.try_update_value(Asking::changed).flatten() {
            self.send(question);
        }
    }

    /// The answer under way is wanted no more.
    pub fn forget(self) {
        self.asking.try_update_value(Asking::forget);
    }

    fn send(self, question: u64) {
        let Some(ask) = self.ask.try_get_value() else { return };
        let asking = self.asking;
        let asked = untrack(|| ask(Turn { asking, question }));
        spawn_local(async move {
            asked.await;
            let again = move || {
                if let Some(question) = asking.try_update_value(|asking| asking.rested(question)).flatten() {
                    self.send(question);
                }
            };
            set_timeout(again, self.rest);
        });
    }
}

/// Subscribes to a memo for its changes alone. `track` is not enough: a memo that nobody reads is never worked out, and tells of nothing.
pub fn heed<T: Send + Sync + 'static>(memo: Memo<T>) {
    memo.with(|_| ());
}

/// A list of the server's, its answer to the newest question in `answer`.
#[derive(Clone, Copy)]
pub struct Fetched<T: Send + Sync + 'static> {
    pub answer: RwSignal<Option<Answer<T>>>,
    pub refetch: Refetch,
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Fetched<T> {
    /// Asks for the first time.
    pub fn start<F: Future<Output = Answer<T>> + 'static>(ask: impl Fn() -> F + 'static) -> Self {
        let answer = RwSignal::new(None);
        let refetch = Refetch::new(ask, move |new| {
            let new = Some(new);
            // what has not changed is not built anew under the person's hands
            if answer.try_with_untracked(|known| *known != new) == Some(true) {
                answer.set(new);
            }
        });
        refetch.now();
        Self { answer, refetch }
    }
}
