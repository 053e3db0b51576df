//! How parameters move: the optimizer, its schedule, and the projections and blocks of the frugal ones.

use super::super::setting::Setting;
use super::{choice, flag, number, text};
use crate::i18n::fields as words;

pub const OPTIMIZER: &[Setting] = &[
    number("learning_rate", words::learning_rate, words::hint_none),
    choice(
        "optim",
        words::optimizer,
        &[
            ("adamw_torch", || "AdamW"),
            ("adamw_8bit", words::adamw_8bit),
            ("adafactor", || "Adafactor"),
            ("lion_32bit", || "Lion"),
            ("lion_8bit", words::lion_8bit),
            ("sgd", || "SGD"),
        ],
    ),
    choice(
        "lr_scheduler_type",
        words::scheduler,
        &[
            ("cosine", words::cosine),
            ("linear", words::linear),
            ("constant", words::constant),
            ("constant_with_warmup", words::constant_warmup),
            ("cosine_with_restarts", words::cosine_restarts),
            ("cosine_with_min_lr", words::cosine_least),
            ("cosine_warmup_with_min_lr", words::cosine_warmup_least),
            ("polynomial", words::polynomial),
            ("inverse_sqrt", words::inverse_sqrt),
            ("warmup_stable_decay", words::stable_decay),
            ("reduce_lr_on_plateau", words::plateau),
        ],
    ),
    number("warmup_ratio", words::warmup_ratio, words::warmup_ratio_hint),
];

pub const OPTIMIZER_ADVANCED: &[Setting] = &[
    number("warmup_steps", words::warmup_steps, words::warmup_steps_hint),
    text(
        "lr_scheduler_kwargs",
        words::scheduler_kwargs,
        words::scheduler_kwargs_hint,
    ),
    number("weight_decay", words::weight_decay, words::hint_none),
    number("max_grad_norm", words::max_grad_norm, words::max_grad_norm_hint),
    number("adam_beta1", words::adam_beta1, words::hint_none),
    number("adam_beta2", words::adam_beta2, words::hint_none),
    number("adam_epsilon", words::adam_epsilon, words::hint_none),
    flag("use_galore", words::galore),
    number("galore_rank", words::projection_rank, words::hint_none),
    number("galore_update_interval", words::projection_interval, words::hint_none),
    number("galore_scale", words::projection_scale, words::hint_none),
    text("galore_target", words::projection_target, words::projection_target_hint),
    choice(
        "galore_proj_type",
        words::projection_side,
        &[
            ("std", words::side_shorter),
            ("reverse_std", words::side_longer),
            ("right", words::side_right),
            ("left", words::side_left),
            ("full", words::side_both),
        ],
    ),
    flag("use_apollo", words::apollo),
    number("apollo_rank", words::projection_rank, words::hint_none),
    number("apollo_update_interval", words::projection_interval, words::hint_none),
    number("apollo_scale", words::projection_scale, words::hint_none),
    text("apollo_target", words::projection_target, words::projection_target_hint),
    choice(
        "apollo_proj",
        words::projection_basis,
        &[("random", words::random), ("svd", || "SVD")],
    ),
    choice(
        "apollo_proj_type",
        words::projection_side,
        &[
            ("std", words::side_shorter),
            ("right", words::side_right),
            ("left", words::side_left),
        ],
    ),
    choice(
        "apollo_scale_type",
        words::scaled_by,
        &[("channel", words::by_channel), ("tensor", words::by_tensor)],
    ),
    flag("apollo_scale_front", words::scale_front),
    flag("use_badam", words::badam),
    choice(
        "badam_switch_mode",
        words::badam_mode,
        &[
            ("ascending", words::ascending),
            ("descending", words::descending),
            ("random", words::random),
            ("fixed", words::fixed),
        ],
    ),
    number("badam_start_block", words::badam_start, words::hint_none),
    number("badam_switch_interval", words::badam_interval, words::hint_none),
];
