//! When a thing that changes is asked for again: no older answer is shown after a newer one, and many changes are one question.

/// Where the questions after one thing stand. Each has a number; only the answer to the newest counts.
#[derive(Debug, Default)]
pub struct Asking {
    newest: u64,
    under_way: bool,
    /// The newest question was answered a moment ago.
    resting: bool,
    /// Something changed since the newest question was asked.
    changed: bool,
}

impl Asking {
    /// Asks at once, whatever is under way: gives the question's number.
    pub fn now(&mut self) -> u64 {
        self.newest += 1;
        self.under_way = true;
        self.resting = false;
        self.changed = false;
        self.newest
    }

    /// The thing may have changed. Gives the question to ask now; none while one is under way or was just answered: then it is
    /// asked once more afterwards, however much changes until then.
    pub fn changed(&mut self) -> Option<u64> {
        if self.under_way || self.resting {
            self.changed = true;
            return None;
        }
        Some(self.now())
    }

    /// An answer has come: whether it is to be shown. If so, a rest begins.
    pub fn answered(&mut self, question: u64) -> bool {
        let counts = self.under_way && question == self.newest;
        if counts {
            self.under_way = false;
            self.resting = true;
        }
        counts
    }

    /// The rest after an answer is over. Gives the question to ask now.
    pub fn rested(&mut self, question: u64) -> Option<u64> {
        if !self.resting || question != self.newest {
            return None;
        }
        self.resting = false;
        self.changed.then(|| self.now())
    }

    /// What is under way is wanted no more.
    pub fn forget(&mut self) {
        self.newest += 1;
        self.under_way = false;
        self.resting = false;
        self.changed = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_overtaken_is_not_shown() {
        let mut asking = Asking::default();
        let (first, second) = (asking.now(), asking.now());
        assert!(asking.answered(second), "the newest question's answer counts");
        assert!(!asking.answered(first), "the older one came after it");
        let (third, fourth) = (asking.now(), asking.now());
        assert!(!asking.answered(third), "a newer question is under way");
        assert!(asking.answered(fourth));
        assert!(!asking.answered(fourth), "and each answers once");
    }

    #[test]
    fn a_burst_is_two_questions() {
        let mut asking = Asking::default();
        let first = asking.changed().expect("the first change is asked after at once");
        for _ in 0..100 {
            assert_eq!(asking.changed(), None, "one is under way");
        }
        assert!(asking.answered(first));
        for _ in 0..100 {
            assert_eq!(asking.changed(), None, "it was answered a moment ago");
        }
        let second = asking
            .rested(first)
            .expect("what changed meanwhile is asked after once");
        assert!(asking.answered(second));
        assert_eq!(asking.rested(second), None, "nothing changed since");
        assert!(
            asking.changed().is_some(),
            "the next change is asked after at once again"
        );
    }

    #[test]
    fn an_urgent_question_ends_the_rest_of_an_older_one() {
        let mut asking = Asking::default();
        let first = asking.now();
        assert!(asking.answered(first));
        assert_eq!(asking.changed(), None);
        let second = asking.now();
        assert_eq!(asking.rested(first), None, "the second asks after that change too");
        assert!(asking.answered(second));
        assert_eq!(asking.rested(second), None);
    }

    #[test]
    fn what_is_forgotten_is_not_shown() {
        let mut asking = Asking::default();
        let question = asking.now();
        asking.forget();
        assert!(!asking.answered(question));
        assert!(asking.changed().is_some());
    }
}
