//! What a preference loss says of itself, and the table that declares each of them once.

use super::{LOSSES, MethodCard, MethodId, PrefLoss};
use crate::config::RunConfig;
use crate::metric::Words;

/// A preference loss of `stage: dpo`: all but its arithmetic.
#[derive(Debug, Clone, Copy)]
pub struct Loss {
    pub id: MethodId,
    /// Value of `pref_loss`.
    pub name: &'static str,
    /// Other names for it.
    pub also: &'static [&'static str],
    pub needs_reference: bool,
    /// Whether it averages log-probs over a reply's tokens; the others sum them.
    pub averages: bool,
    /// Whether it is one of the DPO margin alone, where another divergence can take the place of reverse KL.
    pub f_divergence: bool,
    /// Whether it means something with the reference left out (`reference_free`).
    pub reference_free: bool,
    /// Whether its value for one pair depends on the others of the micro-batch through more than a detached mean.
    pub coupled: bool,
    /// Whether it compares each reply with a baseline of its own, as the BCO term does, which then does not go with it.
    pub own_baseline: bool,
    /// Names of the numbers it alone has.
    pub knobs: &'static [&'static str],
    /// The loss with its numbers.
    pub read: fn(&mut dyn LossKnobs) -> PrefLoss,
    /// `pref_beta` that is recommended.
    pub beta: f64,
    /// `per_device_train_batch_size` and `gradient_accumulation_steps` that are recommended.
    pub batch: (u64, u64),
    /// What else is recommended.
    pub sets: fn(&mut RunConfig),
    /// The field's name for it.
    pub title: &'static str,
    /// 0: none, 1: recommended, 2: first choice.
    pub stars: u8,
    /// arXiv number.
    pub paper: &'static str,
    /// LaTeX-free, one line; replies c and r under the policy, c₀ and r₀ under the reference, u = c − c₀, v = r − r₀, z = u − v, a bar where
    /// log-probs are averaged.
    pub equation: &'static str,
    /// When to take it.
    pub purpose: Words,
}

impl Loss {
    /// The loss that `pref_loss` calls so, by whichever of its names.
    pub fn named(name: &str) -> Option<&'static Self> {
        LOSSES
            .iter()
            .find(|loss| loss.name == name || loss.also.contains(&name))
    }

    pub(super) fn card(&self) -> MethodCard {
        MethodCard {
            title: self.title,
            needs_reference: self.needs_reference,
            // a reference is a second model, or a second pass
            vram_gb: if self.needs_reference { 16 } else { 8 },
            stars: self.stars,
            paper: self.paper,
            equation: self.equation,
            purpose: self.purpose,
        }
    }

    /// Whether it thinks of a share of the pairs as mislabelled (`dpo_label_smoothing`).
    pub fn smooths(&self) -> bool {
        self.knobs.contains(&"label_smoothing")
    }
}

impl PrefLoss {
    /// What it says of itself: the table that makes the one makes the other.
    pub fn declared(&self) -> &'static Loss {
        self.id().loss().unwrap_or(&LOSSES[0])
    }
}

/// The numbers that single losses have: a method each, which reads its key and its default.
pub trait LossKnobs {
    fn smoothing(&mut self) -> f64;
    /// For a loss that needs its logarithm.
    fn smoothing_above_zero(&mut self) -> f64;
    fn kto_chosen_weight(&mut self) -> f64;
    fn kto_rejected_weight(&mut self) -> f64;
    fn simpo_gamma(&mut self) -> f64;
    fn discopop_tau(&mut self) -> f64;
}

/// What most losses are: of sums, beside a reference, each pair by itself.
pub(super) const USUAL: Loss = Loss {
    id: MethodId::Sigmoid,
    name: "",
    also: &[],
    needs_reference: true,
    averages: false,
    f_divergence: false,
    reference_free: false,
    coupled: false,
    own_baseline: false,
    knobs: &[],
    read: |_| PrefLoss::Hinge,
    beta: 0.1,
    batch: (1, 16),
    sets: |_| {},
    title: "",
    stars: 0,
    paper: "",
    equation: "",
    purpose: Words::NONE,
};

/// Makes of the table: `PrefLoss`, a loss with its numbers; `LOSSES`, what each says of itself; `MethodId`, all that a person
/// chooses from: the losses, several of them at once (MPO), the other stages.
macro_rules! losses {
    ($($(#[doc = $doc:literal])+ $loss:ident $({ $($knob:ident: $read:ident),+ })? = { $($declared:tt)* })+) => {
        /// A preference loss with the numbers it alone has.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
        pub enum PrefLoss {
            $($(#[doc = $doc])+ $loss $({ $($knob: f64),+ })?,)+
        }

        impl PrefLoss {
            pub(super) fn id(&self) -> MethodId {
                match self {
                    $(Self::$loss { .. } => MethodId::$loss,)+
                }
            }
        }

        pub const LOSSES: &[Loss] = &[$(Loss {
            id: MethodId::$loss,
            knobs: &[$($(stringify!($knob)),+)?],
            read: |_knobs| PrefLoss::$loss $({ $($knob: _knobs.$read()),+ })?,
            $($declared)*
            ..USUAL
        }),+];

        /// A card of the form: a preference loss of `stage: dpo`, or a stage.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum MethodId {
            $($loss,)+
            Mpo,
            Kto,
            Sft,
            Pt,
            Rm,
            Ppo,
        }

        impl MethodId {
            /// In the order they are shown.
            pub const ALL: &[Self] = &[
                $(Self::$loss,)+
                Self::Mpo,
                Self::Kto,
                Self::Sft,
                Self::Pt,
                Self::Rm,
                Self::Ppo,
            ];
        }
    };
}
pub(super) use losses;
