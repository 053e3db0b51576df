//! Memory of stage `ppo`: what is reserved before its first step is what its steps come to hold, as the estimate has it.

use crate::common::folder::golden;
use crate::common::{engine, ids};
use protocol::RunConfig;
use protocol::config::{DeviceChoice, RunSpec, check};
use protocol::memory::{Lengths, Room, estimate};
use trainer::generate::SamplingOptions;
use trainer::info;
use trainer::loss::ppo::estimate_advantages;
use trainer::model::{ForwardOptions, HeadSource, LoadOptions, LoraConfig, Model, OnTheFly, Targets, Trainable};
use trainer::ops::{Device, Engine};
use trainer::optim::Optimizer;
use trainer::reference::Reference;
use trainer::stage::ppo::{Judge, Readers, Update, UpdateStats, rollouts};
use trainer::step::StepOptions;

const PROMPTS: usize = 3;
const PROMPT: usize = 24;
const WRITTEN: usize = 16;
/// `|estimate - count| / count`
const TOLERANCE: f64 = 0.05;
/// What steps may hold beyond what was reserved, of models as small as these: a reply's caches, the logits it is drawn by, the
/// batch's numbers.
const GROWTH: f64 = 0.08;

struct Counts {
    reserved: f64,
    held: f64,
}

fn spec(keys: &str) -> RunSpec {
    let yaml = format!(
        "model_name_or_path: m\nstage: ppo\ndo_train: true\nfinetuning_type: lora\nlora_rank: 4\nlora_target: all-linear\n\
         dataset: d\noutput_dir: o\nper_device_train_batch_size: {PROMPTS}\nmax_steps: 2\ncutoff_len: {PROMPT}\n\
         reward_model: r\nreward_model_type: full\nmax_new_tokens: {WRITTEN}\n{keys}"
    );
    check(&RunConfig::parse(&yaml).config).spec.unwrap()
}

fn on(spec: &RunSpec) -> Engine {
    let device = match engine().device() {
        Device::Cpu(_) => DeviceChoice::Cpu,
        Device::Cuda(card) => {
            card.forget_peak().unwrap();
            DeviceChoice::Cuda(None)
        }
    };
    Engine::on(device, spec.compute).unwrap()
}

/// Makes room for two steps and makes them; what all buffers and frozen weights hold before and after.
fn counted(name: &str, spec: &RunSpec, another: bool) -> Counts {
    let engine = on(spec);
    let load = |quantize| {
        let options = LoadOptions {
            engine: engine.clone(),
            quantize,
            ..LoadOptions::default()
        };
        Model::load(&golden(name), &options).unwrap()
    };
    let mut model = load(spec.model.quantize.map(OnTheFly::from));
    let adapter = LoraConfig {
        rank: 4,
        alpha: 8.0,
        targets: Targets::AllLinear,
        ..LoraConfig::default()
    };
    model.attach(vec![], Trainable::NewAdapter(adapter)).unwrap();
    model.add_value_head(HeadSource::Fresh { seed: 1 }, 0.0, true).unwrap();
    let mut reward_model = load(None);
    reward_model
        .add_value_head(HeadSource::Fresh { seed: 2 }, 0.0, false)
        .unwrap();
    let mut reference = match another {
        false => Reference::Start { forwards: 0 },
        true => Reference::Model {
            model: Box::new(load(None)),
            forwards: 0,
        },
    };
    let mut judge = Judge {
        reward_model,
        sampling: SamplingOptions {
            temperature: 1.0,
            max_new_tokens: WRITTEN,
            ..SamplingOptions::default()
        },
        // replies as long as they can get
        stop: vec![],
    };
    let mut optimizer = Optimizer::new(&engine, &spec.optim, 1, model.params()).unwrap();
    let vocabulary = model.config().vocabulary();
    let prompts: Vec<_> = (0..PROMPTS as u64).map(|i| ids(PROMPT, i + 1, vocabulary)).collect();
    let training = ForwardOptions::training();
    let mut readers = Readers {
        model: &mut model,
        reference: &mut reference,
        judge: &mut judge,
    };
    readers.reserve(prompts.clone(), Some(training)).unwrap();
    let count = |model: &Model, judge: &Judge, reference: &Reference| {
        let buffers = engine.device().peak_of_buffers().unwrap();
        let frozen = |model: &Model| model.peak_bytes().unwrap() - buffers;
        let other = match reference {
            Reference::Model { model, .. } => frozen(model),
            _ => 0,
        };
        (buffers + frozen(model) + frozen(&judge.reward_model) + other) as f64
    };
    let reserved = count(&model, &judge, &reference);
    for number in 1..=2 {
        let asked: Vec<_> = prompts.iter().map(|prompt| (number, &prompt[..])).collect();
        let replies = judge.write_replies(&mut model, &asked).unwrap();
        assert!(replies.iter().all(|reply| reply.tokens.len() == WRITTEN));
        let scores = judge.score(&replies, PROMPTS).unwrap();
        let rollouts = rollouts(&mut model, &mut reference, &replies, &scores, PROMPTS).unwrap();
        let estimates = estimate_advantages(&rollouts, 0.1, false);
        let mut update = Update {
            model: &mut model,
            optimizer: &mut optimizer,
            replies: &replies,
            rollouts: &rollouts,
            estimates: &estimates,
            mini_batch: PROMPTS,
            accumulation: 1,
            pass: training,
            step: StepOptions {
                number,
                learning_rate: 1e-4,
                max_grad_norm: 1.0,
            },
            loss_scale: None,
        };
        update.epoch(&[0, 1, 2], &mut UpdateStats::default()).unwrap();
    }
    Counts {
        reserved,
        held: count(&model, &judge, &reference),
    }
}

#[test]
fn what_is_reserved_is_what_steps_hold_and_what_the_estimate_says() {
    let room = match engine().device() {
        Device::Cpu(_) => Room::Host { total: 16 << 30 },
        Device::Cuda(_) => Room::Card { free: 8 << 30 },
    };
    let mut wrong = vec![];
    for (name, keys, another) in [
        ("mistral", "", false),
        ("qwen2", "", false),
        ("gemma3", "", false),
        ("mistral", "ref_model: other\n", true),
        ("mistral-bf16", "bf16: true\n", false),
    ] {
        let spec = spec(keys);
        let counts = counted(name, &spec, another);
        let rows = vec![(PROMPT as u64, 0); PROMPTS];
        let told = estimate(
            &info::read(&golden(name)).unwrap().dims,
            &spec,
            &Lengths::of(&rows),
            room,
        );
        let ratio = (told.total() - told.other) as f64 / counts.held;
        let growth = counts.held / counts.reserved - 1.0;
        println!(
            "{ratio:.3} {name} {keys:?}: {growth:.3} grown of {}, {told:?}",
            counts.held
        );
        if (ratio - 1.0).abs() > TOLERANCE || growth > GROWTH {
            wrong.push(format!("{ratio:.3} {growth:.3} {name} {keys}"));
        }
    }
    assert!(wrong.is_empty(), "estimate / count, growth:\n{}", wrong.join("\n"));
}
