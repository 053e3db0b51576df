//! The form, as a person fills it in.

use super::*;

use protocol::config::{FieldError, KEYS, ValueType, check};

const SMALL: Scale = Scale {
    rows: Some(600),
    params: Some(1_600_000),
};

fn type_in(draft: &mut Draft, key: &str, text: &str) {
    draft.type_in(key, text, &draft.defaults(SMALL));
}
fn changed(draft: &Draft, key: &str) -> bool {
    draft.is_changed(key, &draft.defaults(SMALL))
}
fn errors(draft: &Draft) -> Vec<FieldError> {
    draft.errors(&draft.config(SMALL))
}
fn text(draft: &Draft, key: &str) -> String {
    let value = text_of(draft.config(SMALL).get(key).as_ref());
    draft.typed(key).map_or(value, str::to_owned)
}

fn ready(method: MethodId) -> Draft {
    let mut draft = Draft::new(method);
    draft.put("model_name_or_path", "corral-demo");
    draft.put("dataset", "demo_en");
    draft
}

#[test]
fn a_fresh_draft_is_the_recommendation_and_has_no_errors() {
    for &method in MethodId::ALL {
        let mut draft = ready(method);
        if method == MethodId::Ppo {
            draft.put("reward_model", "scorer");
        }
        assert_eq!(errors(&draft), [], "{method:?}");
        let mut config = draft.config(SMALL);
        config.reward_model = None;
        config.model_name_or_path = None;
        config.dataset = None;
        assert_eq!(config, method.recommended(SMALL), "{method:?}");
    }
}

#[test]
fn what_was_changed_is_kept_by_the_next_method_and_goes_back_when_asked() {
    let mut draft = ready(MethodId::Simpo);
    type_in(&mut draft, "pref_beta", "2.5");
    type_in(&mut draft, "lora_rank", "32");
    assert!(changed(&draft, "pref_beta") && !changed(&draft, "lora_rank"));
    draft.pick(MethodId::Sigmoid, &draft.defaults(SMALL));
    let config = draft.config(SMALL);
    assert_eq!(
        (config.pref_beta, config.simpo_gamma, config.pref_loss.as_deref()),
        (Some(2.5), None, Some("sigmoid"))
    );
    assert_eq!(config.dataset.as_deref(), Some("demo_en"));
    draft.reset("pref_beta");
    assert_eq!(draft.config(SMALL).pref_beta, Some(0.1));
    assert!(!changed(&draft, "pref_beta"));
}

#[test]
fn a_text_that_is_no_value_is_kept_shown_and_named() {
    let mut draft = ready(MethodId::Simpo);
    type_in(&mut draft, "lora_rank", "3.5");
    type_in(&mut draft, "learning_rate", "");
    type_in(&mut draft, "max_samples", "");
    let said: Vec<_> = errors(&draft)
        .into_iter()
        .map(|error| (error.field, error.code))
        .collect();
    let said: Vec<_> = said.iter().map(|(f, c)| (f.as_str(), c.as_str())).collect();
    assert_eq!(said, [("learning_rate", "required"), ("lora_rank", "type")]);
    assert_eq!(text(&draft, "lora_rank"), "3.5");
    type_in(&mut draft, "lora_rank", "16");
    type_in(&mut draft, "learning_rate", "1e-3");
    assert_eq!(errors(&draft), []);
    assert_eq!(text(&draft, "learning_rate"), "0.001");
}

#[test]
fn an_error_of_a_hidden_field_does_not_stand_in_the_way() {
    let mut draft = ready(MethodId::Simpo);
    type_in(&mut draft, "simpo_gamma", "x");
    assert_eq!(errors(&draft).len(), 1);
    draft.pick(MethodId::Orpo, &draft.defaults(SMALL));
    assert_eq!(errors(&draft), []);
}

#[test]
fn an_imported_file_means_what_it_says() {
    let text = "stage: dpo\npref_loss: simpo\nmodel_name_or_path: m\ndataset: d\nlearning_rate: 5e-6\n";
    let config = RunConfig::parse(text).config;
    let draft = Draft::of(&config);
    let ours = draft.config(SMALL);
    let mut want = config.completed();
    want.output_dir = Some("o".into());
    let mut got = ours.completed();
    got.output_dir = Some("o".into());
    got.dataset_dir = want.dataset_dir.clone();
    assert_eq!(check(&got).spec, check(&want).spec);
    assert!(changed(&draft, "learning_rate") && changed(&draft, "lora_rank"));
    assert!(!changed(&draft, "pref_beta"));
}

#[test]
fn a_few_lines_are_laid_over_what_is_there() {
    let mut draft = ready(MethodId::Simpo);
    type_in(&mut draft, "lora_rank", "32");
    let few = RunConfig::parse("pref_loss: orpo\npref_beta: 0.1\n").config;
    let over = draft.overlaid_with(&few, SMALL);
    let config = over.config(SMALL);
    assert_eq!((over.method, config.stage.as_deref()), (MethodId::Orpo, Some("dpo")));
    assert_eq!((config.pref_beta, config.lora_rank), (Some(0.1), Some(32)));
    assert_eq!(config.model_name_or_path.as_deref(), Some("corral-demo"));
    assert_eq!(config.dataset.as_deref(), Some("demo_en"));
    assert_eq!(errors(&over), []);
    let rate = RunConfig::parse("learning_rate: 2e-6\n").config;
    let over = draft.overlaid_with(&rate, SMALL);
    assert_eq!(
        (over.method, over.config(SMALL).learning_rate),
        (MethodId::Simpo, Some(2e-6))
    );
}

#[test]
fn numbers_are_taken_as_people_type_them() {
    let mut draft = ready(MethodId::Simpo);
    type_in(&mut draft, "pref_beta", "2,5");
    type_in(&mut draft, "lora_rank", "１２");
    let config = draft.config(SMALL);
    assert_eq!((config.pref_beta, config.lora_rank), (Some(2.5), Some(12)));
    type_in(&mut draft, "lora_rank", "-1");
    type_in(&mut draft, "max_samples", "1,000");
    let said = errors(&draft);
    let of = |key: &str| {
        said.iter()
            .find(|error| error.field == key)
            .map(|error| error.args.clone())
    };
    assert_eq!(of("lora_rank"), Some(vec!["1".to_owned()]), "the least is said");
    assert!(
        of("max_samples").is_some(),
        "what could be one or a thousand is refused"
    );
}

#[test]
fn the_least_cut_off_stands() {
    let mut draft = ready(MethodId::Simpo);
    type_in(&mut draft, "cutoff_len", "8");
    assert_eq!(draft.config(SMALL).cutoff_len, Some(8));
}

#[test]
fn full_training_has_no_adapter() {
    let mut draft = ready(MethodId::Sft);
    type_in(&mut draft, "finetuning_type", "full");
    let config = draft.config(SMALL);
    assert_eq!((config.lora_rank, config.lora_target.as_deref()), (None, None));
    assert!(changed(&draft, "finetuning_type"));
    assert_eq!(errors(&draft), []);
}

#[test]
fn values_are_shown_as_one_types_them() {
    for (value, text) in [
        (Value::from(5e-6), "5e-6"),
        (Value::from(2.0), "2"),
        (Value::from(0.05), "0.05"),
        (Value::from(32), "32"),
        (Value::Null, ""),
    ] {
        assert_eq!(text_of(Some(&value)), text);
    }
    assert!(same_text("1e-3", " 0.001") && !same_text("0.0", "0.01"));
}

#[test]
fn several_losses_stand_in_the_file() {
    let mut draft = ready(MethodId::Sigmoid);
    type_in(&mut draft, "pref_loss", "sigmoid,bco_pair");
    assert_eq!((draft.method, errors(&draft)), (MethodId::Sigmoid, vec![]));
    let yaml = |draft: &Draft| draft.config(SMALL).to_yaml();
    assert!(
        yaml(&draft).contains("pref_loss: sigmoid,bco_pair\n"),
        "{}",
        yaml(&draft)
    );
    // what is no loss is an error of the field
    type_in(&mut draft, "pref_loss", "abc");
    assert_eq!(errors(&draft)[0].field, "pref_loss");
    // a single one is its card, and a card has its own
    type_in(&mut draft, "pref_loss", "hinge");
    assert_eq!((draft.method, errors(&draft)), (MethodId::Hinge, vec![]));
    type_in(&mut draft, "pref_loss", "hinge,sft");
    draft.pick(MethodId::Sigmoid, &draft.defaults(SMALL));
    assert!(yaml(&draft).contains("pref_loss: sigmoid\n"));
    // a file with a list means it
    let text = "stage: dpo\npref_loss: sigmoid,sft\nmodel_name_or_path: m\ndataset: d\n";
    assert!(yaml(&Draft::of(&RunConfig::parse(text).config)).contains("pref_loss: sigmoid,sft\n"));
}

#[test]
fn the_field_of_losses_is_there_for_each_card_of_pairs() {
    for &method in MethodId::ALL.iter().filter(|method| method.pref_loss().is_some()) {
        let config = ready(method).config(SMALL);
        assert!(matters(&config).contains(&"pref_loss"), "{method:?}");
    }
}

/// Under every stage, a value that is typed into a visible field is in the file.
#[test]
fn what_the_form_sets_the_file_says() {
    let stages = [
        MethodId::Pt,
        MethodId::Sft,
        MethodId::Rm,
        MethodId::Sigmoid,
        MethodId::Kto,
        MethodId::Ppo,
    ];
    let of_stage = |method: MethodId| {
        let mut draft = ready(method);
        draft.put("reward_model", "scorer");
        let config = draft.config(SMALL);
        let mut tried = 0;
        let defaults = draft.defaults(SMALL);
        // the stage is the card's
        for key in matters(&config).into_iter().filter(|key| *key != "stage") {
            let values = match KEYS.iter().find(|known| known.name == key).map(|known| known.kind) {
                Some(ValueType::Flag) => ["true", "false"].as_slice(),
                Some(ValueType::FlagOrNull) => &["null", "false"],
                Some(ValueType::Count) => &["3", "4", "8"],
                Some(ValueType::Number) => &["0.3", "2", "4"],
                _ => &["epoch", "full", "cosine", "sigmoid,sft", "kto", "8", "a,b"],
            };
            for value in values {
                let mut draft = draft.clone();
                type_in(&mut draft, key, value);
                let mut alone = config.clone();
                alone.output_dir = Some("o".into());
                let legal = alone.set(key, &Value::String((*value).into())).is_ok();
                let usual = defaults
                    .get(key)
                    .is_some_and(|default| same(&default, &alone.get(key).unwrap_or_default()));
                if !legal || usual || check(&alone).spec.is_err() {
                    continue;
                }
                let made = draft.config(SMALL);
                let (shown, wanted) = (made.get(key).unwrap_or_default(), alone.get(key).unwrap_or_default());
                assert!(same(&shown, &wanted), "{method:?} {key}: {value} became {shown}");
                let line = format!("{key}: ");
                assert!(made.to_yaml().lines().any(|l| l.starts_with(&line)), "{method:?} {key}");
                tried += 1;
                break;
            }
        }
        tried
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = stages.map(|method| scope.spawn(move || of_stage(method))).into();
        for (method, tried) in stages.iter().zip(running) {
            assert!(tried.join().unwrap() > 50, "{method:?}");
        }
    });
}
