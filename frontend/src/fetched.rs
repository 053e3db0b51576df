//! Requests that are repeated when their data change. All lists and rows use the one way here, so that none shows an older answer
//! after a newer one, and a hundred changes are not a hundred requests.

use crate::api::Answer;
use crate::logic::refetch_state::RefetchState;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

/// The cooldown after an answer, before a mere change is asked for again: a run that writes ten checkpoints a second is no reason to
/// ask ten times.
const COOLDOWN: Duration = Duration::from_millis(700);

/// Sends one request, and passes its answer on if that is still the newest.
type SendRequest = Rc<dyn Fn(Request) -> Pin<Box<dyn Future<Output = ()>>>>;

/// A request, and the state of the requests it is one of.
#[derive(Clone, Copy)]
struct Request {
    state: StoredValue<RefetchState>,
    number: u64,
}

impl Request {
    /// Takes note of its answer; whether that is to be used: no newer request overtook it, and the page is still there.
    fn accepts_answer(self) -> bool {
        let accepted = self.state.try_update_value(|state| state.answered(self.number));
        accepted == Some(true)
    }
}

/// A request that is repeated when its data change, for as long as its owner lives. Only the newest answer is used.
#[derive(Clone, Copy)]
pub struct Refetch {
    state: StoredValue<RefetchState>,
    send: StoredValue<SendRequest, LocalStorage>,
    cooldown: Duration,
}

impl Refetch {
    /// `ask` is called for each request, `take` with each answer that is used. Sends nothing yet.
    pub fn new<T: 'static, F: Future<Output = T> + 'static>(
        ask: impl Fn() -> F + 'static,
        take: impl Fn(T) + Clone + 'static,
    ) -> Self {
        let send: SendRequest = Rc::new(move |request| {
            let (response, take) = (ask(), take.clone());
            Box::pin(async move {
                let answer = response.await;
                if request.accepts_answer() {
                    take(answer);
                }
            })
        });
        Self {
            state: StoredValue::default(),
            send: StoredValue::new_local(send),
            cooldown: COOLDOWN,
        }
    }

    /// The same with a longer cooldown, for a request that costs the server much.
    pub fn resting(self, cooldown: Duration) -> Self {
        Self { cooldown, ..self }
    }

    /// Fetches at once. A request in flight was sent too early for its answer to be used.
    pub fn now(self) {
        if let Some(number) = self.state.try_update_value(RefetchState::now) {
            self.send(number);
        }
    }

    /// The data may have changed: fetches them at once, or after the request in flight and the cooldown.
    pub fn changed(self) {
        if let Some(number) = self.state.try_update_value(RefetchState::changed).flatten() {
            self.send(number);
        }
    }

    /// Ignores the answer of a request in flight.
    pub fn forget(self) {
        self.state.try_update_value(RefetchState::forget);
    }

    fn send(self, number: u64) {
        let Some(send) = self.send.try_get_value() else { return };
        let state = self.state;
        let response = untrack(|| send(Request { state, number }));
        spawn_local(async move {
            response.await;
            let send_next = move || {
                if let Some(number) = state.try_update_value(|state| state.cooled_down(number)).flatten() {
                    self.send(number);
                }
            };
            set_timeout(send_next, self.cooldown);
        });
    }
}

/// Subscribes to the changes of a memo without using its value. `track` is not enough: a memo that nobody reads is never computed, and
/// notifies nobody.
pub fn heed<T: Send + Sync + 'static>(memo: Memo<T>) {
    memo.with(|_| ());
}

/// Data of the server: the newest answer, and how to fetch it again.
#[derive(Clone, Copy)]
pub struct Fetched<T: Send + Sync + 'static> {
    pub answer: RwSignal<Option<Answer<T>>>,
    pub refetch: Refetch,
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Fetched<T> {
    /// Fetches the data for the first time.
    pub fn start<F: Future<Output = Answer<T>> + 'static>(ask: impl Fn() -> F + 'static) -> Self {
        let answer = RwSignal::new(None);
        let refetch = Refetch::new(ask, move |new| {
            let new = Some(new);
            // an equal answer does not rebuild what the person is using
            if answer.try_with_untracked(|known| *known != new) == Some(true) {
                answer.set(new);
            }
        });
        refetch.now();
        Self { answer, refetch }
    }
}
