//! The methods a person chooses from, what each needs, and the settings recommended for it.

use crate::config::RunConfig;
use serde::{Deserialize, Serialize};

/// A card of the form: a stage, or a preference loss of `stage: dpo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MethodId {
    Sigmoid,
    Hinge,
    Ipo,
    KtoPair,
    Orpo,
    Simpo,
    Cpo,
    Robust,
    ExoPair,
    NcaPair,
    BcoPair,
    SppoHard,
    Aot,
    AotPair,
    ApoZero,
    ApoDown,
    Discopop,
    Mpo,
    Kto,
    Sft,
    Pt,
    Rm,
    Ppo,
}

/// Facts of a method card; the words are the board's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodCard {
    pub id: MethodId,
    /// The field's name for it.
    pub title: &'static str,
    pub needs_reference: bool,
    /// GPU memory class for an 8B model with LoRA, in GB.
    pub vram_gb: u32,
    /// 0: none, 1: recommended, 2: first choice.
    pub stars: u8,
    /// arXiv number.
    pub paper: &'static str,
    /// LaTeX-free equation, one line.
    pub equation: &'static str,
}

/// In the order they are shown: first choice first, then the other losses, then the stages before them.
pub const METHODS: &[MethodCard] = &[
    MethodCard {
        id: MethodId::Simpo,
        title: "SimPO",
        needs_reference: false,
        vram_gb: 8,
        stars: 2,
        paper: "2405.14734",
        equation: "−log σ( β·(c̄ − r̄) − γ )",
    },
    MethodCard {
        id: MethodId::Orpo,
        title: "ORPO",
        needs_reference: false,
        vram_gb: 8,
        stars: 1,
        paper: "2403.07691",
        equation: "−c̄ − β·log σ( log odds(c̄) − log odds(r̄) )",
    },
    MethodCard {
        id: MethodId::Sigmoid,
        title: "DPO",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2305.18290",
        equation: "−log σ( β·[(c − c₀) − (r − r₀)] )",
    },
    MethodCard {
        id: MethodId::Hinge,
        title: "Hinge",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2309.06657",
        equation: "max(0, 1 − β·[(c − c₀) − (r − r₀)])",
    },
    MethodCard {
        id: MethodId::Ipo,
        title: "IPO",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2310.12036",
        equation: "( (c̄ − c̄₀) − (r̄ − r̄₀) − 1/(2β) )²",
    },
    MethodCard {
        id: MethodId::KtoPair,
        title: "KTO (pairs)",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2402.01306",
        equation: "1 − σ( β·(u − KL_r) ),  1 − σ( β·(KL_c − v) )",
    },
    MethodCard {
        id: MethodId::Cpo,
        title: "CPO",
        needs_reference: false,
        vram_gb: 8,
        stars: 0,
        paper: "2401.08417",
        equation: "−log σ( β·(c − r) ) + α·NLL(c)",
    },
    MethodCard {
        id: MethodId::Robust,
        title: "Robust DPO",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2403.00409",
        equation: "[ −(1 − ε)·log σ(βz) + ε·log σ(−βz) ] / (1 − 2ε)",
    },
    MethodCard {
        id: MethodId::ExoPair,
        title: "EXO",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2402.00856",
        equation: "σ(βz)·log[σ(βz)/(1 − ε)] + σ(−βz)·log[σ(−βz)/ε]",
    },
    MethodCard {
        id: MethodId::NcaPair,
        title: "NCA",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2402.05369",
        equation: "−log σ(βu) − ½·log σ(−βu) − ½·log σ(−βv)",
    },
    MethodCard {
        id: MethodId::BcoPair,
        title: "BCO",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2404.04656",
        equation: "−log σ(βu − δ) − log σ(δ − βv)",
    },
    MethodCard {
        id: MethodId::SppoHard,
        title: "SPPO",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2405.00675",
        equation: "( u − 1/(2β) )² + ( v + 1/(2β) )²",
    },
    MethodCard {
        id: MethodId::Aot,
        title: "AOT (unpaired)",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2406.05882",
        equation: "−log σ( β·[sort(c − r) − sort(c₀ − r₀)] )",
    },
    MethodCard {
        id: MethodId::AotPair,
        title: "AOT",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2406.05882",
        equation: "−log σ( β·[sort(u) − sort(v)] )",
    },
    MethodCard {
        id: MethodId::ApoZero,
        title: "APO-zero",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2408.06266",
        equation: "1 − σ(βu) + σ(βv)",
    },
    MethodCard {
        id: MethodId::ApoDown,
        title: "APO-down",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2408.06266",
        equation: "σ(βu) + 1 − σ( β·(u − v) )",
    },
    MethodCard {
        id: MethodId::Discopop,
        title: "DiscoPOP",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2406.08414",
        equation: "(1 − m)·(−log σ(βz)) + m·exp(−βz),  m = σ(βz/τ)",
    },
    MethodCard {
        id: MethodId::Mpo,
        title: "MPO",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2411.10442",
        equation: "0.8·DPO + 0.2·BCO + 1·NLL(c)",
    },
    MethodCard {
        id: MethodId::Kto,
        title: "KTO",
        needs_reference: true,
        vram_gb: 16,
        stars: 0,
        paper: "2402.01306",
        equation: "good: 1 − σ( β·(u − KL) ),  bad: 1 − σ( β·(KL − v) )",
    },
    MethodCard {
        id: MethodId::Sft,
        title: "SFT",
        needs_reference: false,
        vram_gb: 8,
        stars: 0,
        paper: "2109.01652",
        equation: "−log p(reply | prompt), mean per token",
    },
    MethodCard {
        id: MethodId::Pt,
        title: "Pre-training",
        needs_reference: false,
        vram_gb: 8,
        stars: 0,
        paper: "",
        equation: "−log p(text), mean per token",
    },
    MethodCard {
        id: MethodId::Rm,
        title: "Reward model",
        needs_reference: false,
        vram_gb: 8,
        stars: 0,
        paper: "2203.02155",
        equation: "−log σ( score(chosen) − score(rejected) )",
    },
    MethodCard {
        id: MethodId::Ppo,
        title: "PPO",
        needs_reference: true,
        vram_gb: 24,
        stars: 0,
        paper: "1707.06347",
        equation: "max( −A·ρ, −A·clip(ρ, 0.8, 1.2) ) + 0.1·value loss,  reward − κ·KL",
    },
];

/// What the recommendation depends on beside the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// Rows of the data set, before the held-out ones are taken; `None` when unknown.
    pub rows: Option<u64>,
    /// Parameters of the model; `None` when unknown.
    pub params: Option<u64>,
}

/// A model below this learns nothing from the rates meant for billions of parameters.
const SMALL_MODEL: u64 = 50_000_000;

impl MethodId {
    pub const ALL: [Self; 23] = [
        Self::Simpo,
        Self::Orpo,
        Self::Sigmoid,
        Self::Hinge,
        Self::Ipo,
        Self::KtoPair,
        Self::Cpo,
        Self::Robust,
        Self::ExoPair,
        Self::NcaPair,
        Self::BcoPair,
        Self::SppoHard,
        Self::Aot,
        Self::AotPair,
        Self::ApoZero,
        Self::ApoDown,
        Self::Discopop,
        Self::Mpo,
        Self::Kto,
        Self::Sft,
        Self::Pt,
        Self::Rm,
        Self::Ppo,
    ];

    pub fn card(self) -> &'static MethodCard {
        // METHODS has a card for each id (tested)
        METHODS.iter().find(|card| card.id == self).unwrap_or(&METHODS[0])
    }

    /// `stage` and, for preference losses, `pref_loss`.
    pub fn keys(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Sigmoid => ("dpo", Some("sigmoid")),
            Self::Hinge => ("dpo", Some("hinge")),
            Self::Ipo => ("dpo", Some("ipo")),
            Self::KtoPair => ("dpo", Some("kto_pair")),
            Self::Orpo => ("dpo", Some("orpo")),
            Self::Simpo => ("dpo", Some("simpo")),
            Self::Cpo => ("dpo", Some("cpo")),
            Self::Robust => ("dpo", Some("robust")),
            Self::ExoPair => ("dpo", Some("exo_pair")),
            Self::NcaPair => ("dpo", Some("nca_pair")),
            Self::BcoPair => ("dpo", Some("bco_pair")),
            Self::SppoHard => ("dpo", Some("sppo_hard")),
            Self::Aot => ("dpo", Some("aot")),
            Self::AotPair => ("dpo", Some("aot_pair")),
            Self::ApoZero => ("dpo", Some("apo_zero")),
            Self::ApoDown => ("dpo", Some("apo_down")),
            Self::Discopop => ("dpo", Some("discopop")),
            Self::Mpo => ("dpo", Some("sigmoid,bco_pair,sft")),
            Self::Sft => ("sft", None),
            Self::Pt => ("pt", None),
            Self::Kto => ("kto", None),
            Self::Rm => ("rm", None),
            Self::Ppo => ("ppo", None),
        }
    }

    /// The name of its preset in `configs/`.
    pub fn preset(self) -> &'static str {
        let (stage, loss) = self.keys();
        match self {
            Self::Mpo => "mpo",
            _ => loss.unwrap_or(stage),
        }
    }

    /// The method a config is for; `None` for a stage or loss that has no card.
    pub fn of(config: &RunConfig) -> Option<Self> {
        let stage = config.stage.as_deref().unwrap_or("sft");
        let loss = config.pref_loss.as_deref().unwrap_or("sigmoid");
        Self::ALL.into_iter().find(|id| {
            let (s, l) = id.keys();
            s == stage && l.is_none_or(|l| l == loss)
        })
    }

    /// The users' guide's settings for the method, with logging, evaluation and saving scaled so that a short
    /// run still draws a curve, and the learning rate fit for a small model.
    pub fn recommended(self, scale: Scale) -> RunConfig {
        let (stage, loss) = self.keys();
        let small = scale.params.is_some_and(|p| p < SMALL_MODEL);
        let preference = loss.is_some() || self == Self::Kto;
        let (batch, accumulation) = match self {
            Self::Simpo | Self::Orpo | Self::Cpo | Self::Kto => (2, 8),
            // it compares sorted micro-batches
            Self::Aot | Self::AotPair => (4, 4),
            _ if preference => (1, 16),
            _ => (2, 8),
        };
        let learning_rate = match (preference, small) {
            // LLaMA-Factory's example
            _ if self == Self::Ppo => {
                if small {
                    2e-4
                } else {
                    1e-5
                }
            }
            (true, false) => 5e-6,
            // the demo: high enough to change its style in one short epoch, low enough to keep its facts
            (true, true) => 5e-4,
            (false, false) => 1e-4,
            (false, true) => 2e-3,
        };
        let once = preference || matches!(self, Self::Rm | Self::Ppo);
        let epochs = if once { 1.0 } else { 3.0 };
        let mut c = RunConfig {
            stage: Some(stage.into()),
            do_train: Some(true),
            pref_loss: loss.map(Into::into),
            finetuning_type: Some("lora".into()),
            lora_target: Some("all".into()),
            lora_rank: Some(32),
            lora_alpha: Some(32),
            lora_dropout: Some(0.05),
            cutoff_len: Some(if small { 512 } else { 2048 }),
            val_size: Some(0.1),
            per_device_train_batch_size: Some(batch),
            gradient_accumulation_steps: Some(accumulation),
            per_device_eval_batch_size: Some(if small { 16 } else { batch }),
            learning_rate: Some(learning_rate),
            lr_scheduler_type: Some("cosine".into()),
            warmup_ratio: Some(0.1),
            num_train_epochs: Some(epochs),
            optim: Some("adamw_torch".into()),
            max_grad_norm: Some(1.0),
            save_total_limit: Some(3),
            eval_strategy: Some("steps".into()),
            seed: Some(42),
            ..RunConfig::default()
        };
        match self {
            Self::Simpo => {
                c.pref_beta = Some(2.0);
                c.simpo_gamma = Some(0.5);
            }
            Self::Ppo => {
                c.ppo_epochs = Some(4);
                c.ppo_target = Some(6.0);
                c.init_kl_coef = Some(0.2);
                c.max_new_tokens = Some(if small { 64 } else { 512 });
                c.top_k = Some(0);
                c.top_p = Some(0.9);
            }
            Self::KtoPair | Self::Kto => {
                c.pref_beta = Some(0.1);
                c.kto_chosen_weight = Some(1.0);
                c.kto_rejected_weight = Some(1.0);
            }
            Self::Cpo => {
                c.pref_beta = Some(0.1);
                c.cpo_alpha = Some(1.0);
            }
            Self::Robust => {
                c.pref_beta = Some(0.1);
                c.dpo_label_smoothing = Some(0.1);
            }
            Self::ExoPair => {
                c.pref_beta = Some(0.1);
                c.dpo_label_smoothing = Some(1e-3);
            }
            Self::NcaPair => c.pref_beta = Some(0.01),
            Self::SppoHard => c.pref_beta = Some(0.001),
            Self::Discopop => {
                c.pref_beta = Some(0.05);
                c.discopop_tau = Some(0.05);
            }
            Self::Mpo => {
                c.pref_beta = Some(0.1);
                c.loss_weights = Some("0.8,0.2,1.0".into());
            }
            _ if preference => c.pref_beta = Some(0.1),
            _ => {}
        }
        if preference {
            c.pref_ftx = Some(0.0);
        }
        let (logging, eval, save) = cadence(scale.rows, batch * accumulation, epochs);
        c.logging_steps = Some(logging);
        c.eval_steps = Some(eval);
        c.save_steps = Some(save);
        c
    }
}

/// Steps between logs, evaluations and checkpoints: the guide's 5 / 50 / 50 for long runs; a short run gets
/// about 40 points on its curve, 5 evaluations and 2 checkpoints.
fn cadence(rows: Option<u64>, per_step: u64, epochs: f64) -> (u64, u64, u64) {
    let Some(rows) = rows else { return (5, 50, 50) };
    let total = ((rows as f64 * 0.9 / per_step as f64).ceil() * epochs) as u64;
    let logging = (total / 40).clamp(1, 5);
    let eval = total.div_ceil(5).clamp(1, 50);
    let save = total.div_ceil(2).clamp(1, 50);
    (logging, eval, save)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_has_one_card_and_is_recognised_in_its_own_recommendation() {
        assert_eq!(METHODS.len(), MethodId::ALL.len());
        for id in MethodId::ALL {
            assert_eq!(id.card().id, id);
            let config = id.recommended(Scale {
                rows: None,
                params: None,
            });
            assert_eq!(MethodId::of(&config), Some(id));
        }
    }

    #[test]
    fn the_reference_is_needed_where_the_loss_says_so() {
        for id in MethodId::ALL {
            let mut config = id.recommended(Scale {
                rows: None,
                params: None,
            });
            config.model_name_or_path = Some("m".into());
            config.dataset = Some("d".into());
            config.output_dir = Some("o".into());
            config.reward_model = Some("r".into());
            let spec = crate::config::check(&config).spec.unwrap();
            let needs = spec.method.against().needed();
            assert_eq!(needs, id.card().needs_reference, "{id:?}");
        }
    }

    #[test]
    fn a_short_run_still_draws_a_curve() {
        // 600 rows, 540 after the split, 16 a step: 34 steps
        assert_eq!(cadence(Some(600), 16, 1.0), (1, 7, 17));
        assert_eq!(cadence(Some(100_000), 16, 1.0), (5, 50, 50));
    }

    #[test]
    fn the_presets_are_the_recommendations() {
        for id in MethodId::ALL {
            let path = format!("{}/../configs/{}.yaml", env!("CARGO_MANIFEST_DIR"), id.preset());
            let preset = RunConfig::parse(&std::fs::read_to_string(&path).unwrap());
            assert_eq!((preset.errors, preset.notices), (vec![], vec![]), "{path}");
            let mut want = id.recommended(Scale {
                rows: None,
                params: None,
            });
            want.model_name_or_path = preset.config.model_name_or_path.clone();
            want.dataset = preset.config.dataset.clone();
            want.output_dir = preset.config.output_dir.clone();
            want.reward_model = preset.config.reward_model.clone();
            assert_eq!(preset.config, want, "{path}");
        }
    }
}
