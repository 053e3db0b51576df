//! When data that change are fetched again: a throttle in which no older answer is used after a newer one, and many changes are one
//! request.

/// The state of the requests for one piece of data. Requests are numbered; only the answer to the newest is used.
#[derive(Debug, Default)]
pub struct RefetchState {
    newest: u64,
    in_flight: bool,
    /// The newest request was answered a moment ago.
    cooling_down: bool,
    /// The data changed since the newest request was sent.
    changed: bool,
}

impl RefetchState {
    /// Starts a request at once, whatever is in flight. Gives its number.
    pub fn now(&mut self) -> u64 {
        self.newest += 1;
        self.in_flight = true;
        self.cooling_down = false;
        self.changed = false;
        self.newest
    }

    /// The data may have changed. Gives the number of the request to send now; `None` while one is in flight or was just answered:
    /// then one more is sent afterwards, however much changes until then.
    pub fn changed(&mut self) -> Option<u64> {
        if self.in_flight || self.cooling_down {
            self.changed = true;
            return None;
        }
        Some(self.now())
    }

    /// An answer has come; whether it is to be used. If so, the cooldown begins.
    pub fn answered(&mut self, number: u64) -> bool {
        let is_newest = self.in_flight && number == self.newest;
        if is_newest {
            self.in_flight = false;
            self.cooling_down = true;
        }
        is_newest
    }

    /// The cooldown after an answer is over. Gives the number of the request to send now, if there is one.
    pub fn cooled_down(&mut self, number: u64) -> Option<u64> {
        if !self.cooling_down || number != self.newest {
            return None;
        }
        self.cooling_down = false;
        self.changed.then(|| self.now())
    }

    /// The answer of a request in flight is no longer wanted.
    pub fn forget(&mut self) {
        self.newest += 1;
        self.in_flight = false;
        self.cooling_down = false;
        self.changed = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overtaken_answer_is_not_used() {
        let mut state = RefetchState::default();
        let (first, second) = (state.now(), state.now());
        assert!(state.answered(second), "the answer to the newest request is used");
        assert!(!state.answered(first), "the older one came after it");
        let (third, fourth) = (state.now(), state.now());
        assert!(!state.answered(third), "a newer request is in flight");
        assert!(state.answered(fourth));
        assert!(!state.answered(fourth), "and each answers once");
    }

    #[test]
    fn a_burst_of_changes_is_two_requests() {
        let mut state = RefetchState::default();
        let first = state.changed().expect("the first change is fetched at once");
        for _ in 0..100 {
            assert_eq!(state.changed(), None, "a request is in flight");
        }
        assert!(state.answered(first));
        for _ in 0..100 {
            assert_eq!(state.changed(), None, "it was answered a moment ago");
        }
        let second = state
            .cooled_down(first)
            .expect("what changed meanwhile is fetched once");
        assert!(state.answered(second));
        assert_eq!(state.cooled_down(second), None, "nothing changed since");
        assert!(state.changed().is_some(), "the next change is fetched at once again");
    }

    #[test]
    fn an_urgent_request_ends_the_cooldown_of_an_older_one() {
        let mut state = RefetchState::default();
        let first = state.now();
        assert!(state.answered(first));
        assert_eq!(state.changed(), None);
        let second = state.now();
        assert_eq!(state.cooled_down(first), None, "the second request has that change too");
        assert!(state.answered(second));
        assert_eq!(state.cooled_down(second), None);
    }

    #[test]
    fn a_forgotten_answer_is_not_used() {
        let mut state = RefetchState::default();
        let number = state.now();
        state.forget();
        assert!(!state.answered(number));
        assert!(state.changed().is_some());
    }
}
