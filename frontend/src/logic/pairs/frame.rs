//! What a template puts around every prompt, found from the prompts themselves, so that a list can show what differs between them.

/// The beginning and end that all prompts have in common, up to the template's markers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    before: String,
    after: String,
}

impl Frame {
    /// Finds the frame of rendered prompts; it is empty where there are fewer than two different ones.
    pub fn of(prompts: &[&str]) -> Self {
        let Some((first, rest)) = prompts.split_first() else {
            return Self::default();
        };
        if rest.iter().all(|prompt| prompt == first) {
            return Self::default();
        }
        let common = |of: fn(&str) -> Vec<char>| {
            let mut common = of(first);
            for prompt in rest {
                let same = common.iter().zip(of(prompt)).take_while(|(a, b)| **a == *b).count();
                common.truncate(same);
            }
            common
        };
        let mut before = common(|prompt| prompt.chars().collect());
        // cut back to the end of a marker or line, so that prompts that begin with the same word keep it
        let marks = |letter: &char| matches!(letter, '>' | ']' | '\n');
        before.truncate(before.iter().rposition(marks).map_or(0, |place| place + 1));
        let mut after = common(|prompt| prompt.chars().rev().collect());
        let marks = |letter: &char| matches!(letter, '<' | '[' | '\n');
        after.truncate(after.iter().rposition(marks).map_or(0, |place| place + 1));
        Self {
            before: before.into_iter().collect(),
            after: after.into_iter().rev().collect(),
        }
    }

    /// A prompt without the frame.
    pub fn inside<'a>(&self, prompt: &'a str) -> &'a str {
        let rest = prompt.strip_prefix(self.before.as_str()).unwrap_or(prompt);
        rest.strip_suffix(self.after.as_str()).unwrap_or(rest).trim()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_left_out_and_what_is_asked_stays() {
        let chatml = |text: &str| format!("<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n");
        let llama2 = |text: &str| format!("<s>[INST] {text} [/INST]");
        let questions = ["What is a zebra?", "What is a banana?", "What is it?"];
        for template in [&chatml as &dyn Fn(&str) -> String, &llama2] {
            let prompts = questions.map(template);
            let frame = Frame::of(&prompts.each_ref().map(String::as_str));
            for (prompt, question) in prompts.iter().zip(questions) {
                assert_eq!(frame.inside(prompt), question, "{frame:?}");
            }
        }
    }

    #[test]
    fn where_nothing_can_be_told_prompts_stay_whole() {
        assert_eq!(Frame::of(&["<a> one"]).inside("<a> one"), "<a> one");
        assert_eq!(Frame::of(&["<a> x", "<a> x"]).inside("<a> x"), "<a> x");
        let frame = Frame::of(&["<a> one", "<a> two"]);
        assert_eq!(frame.inside("another <b>"), "another <b>");
        assert_eq!(Frame::default().inside("x"), "x");
    }
}
