//! Sample prompts on a card: the processor's replies, and a training that does not notice.

use super::{OF_THE_MACHINE, config_of};
use protocol::samples::{self, Reply};
use tests::parity::{Curve, On, Ours, Row, run_on};

/// Its steps, without what tells of the machine.
fn training(curve: Curve) -> Vec<Row> {
    let mut steps = curve.train;
    for row in &mut steps {
        row.retain(|metric, _| !OF_THE_MACHINE.contains(&metric.as_str()));
    }
    steps
}

#[test]
fn samples_on_a_card_are_the_processors_and_change_nothing() {
    let (_, plain) = config_of("losses/ld-apo_zero");
    let mut asked = plain.clone();
    asked.insert("sample_own_prompts".into(), "a question?\nand another one".into());
    asked.insert("sample_max_new_tokens".into(), 4.into());
    let run = |on, config| run_on(on, config).unwrap_or_else(|words| panic!("{words}"));
    let (without, with, want) = (run(On::Card, &plain), run(On::Card, &asked), run(On::Processor, &asked));
    assert_ne!(with.device(), "cpu");
    let written = |of: &Ours, step| -> Vec<Reply> {
        let text = of.text(&format!("{}/{}", samples::FOLDER, samples::answers(step)));
        text.lines()
            .skip(1)
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    for step in [0, 2] {
        assert_eq!(written(&with, step), written(&want, step), "step {step}");
        assert_eq!(written(&with, step).len(), 2);
    }
    assert_eq!(training(with.curve), training(without.curve));
}
