//! Templates of Tencent's models.

use super::super::named::Slot::{Bos, Text};
use super::super::named::{NamedTemplate, Reasoning, ThoughtWords};
use super::super::shapes::BASE;

pub(super) const TEMPLATES: &[NamedTemplate] = &[
    NamedTemplate {
        name: "hunyuan",
        prefix: &[Text("<|startoftext|>")],
        system: &[Text("{}<|extra_4|>")],
        user: &[Text("{}<|extra_0|>")],
        assistant: &[Text("{}<|eos|>")],
        observation: &[Text("{}<|extra_0|>")],
        function: &[Text("{}<|eos|>")],
        stop_words: &["<|eos|>"],
        ..BASE
    },
    NamedTemplate {
        name: "hunyuan_small",
        prefix: &[Text("<｜hy_begin▁of▁sentence｜>")],
        system: &[Text("{}<｜hy_place▁holder▁no▁3｜>")],
        user: &[Text("<｜hy_User｜>{}<｜hy_place▁holder▁no▁8｜>")],
        lead: "<｜hy_place▁holder▁no▁8｜>",
        assistant: &[Text("{}<｜hy_place▁holder▁no▁2｜>")],
        observation: &[Text("<｜hy_User｜>{}<｜hy_place▁holder▁no▁8｜>")],
        function: &[Text("{}<｜hy_place▁holder▁no▁2｜>")],
        stop_words: &["<｜hy_place▁holder▁no▁2｜>"],
        ..BASE
    },
    NamedTemplate {
        name: "hy3",
        prefix: &[Bos],
        user: &[Text("<｜hy_User｜>{}<｜hy_Assistant｜>")],
        lead: "<｜hy_Assistant｜>",
        assistant: &[Text("{}<｜hy_eos｜>")],
        observation: &[Text("<｜hy_User｜>{}<｜hy_Assistant｜>")],
        function: &[Text("{}<｜hy_eos｜>")],
        stop_words: &["<｜hy_eos｜>"],
        replace_eos: true,
        reasoning: Reasoning::Yes,
        thoughts: ThoughtWords {
            open: "<think>",
            close: "</think>",
            none: "<think></think>",
        },
        ..BASE
    },
    NamedTemplate {
        name: "hy_dense_1_8b",
        prefix: &[Bos],
        system: &[Text("{}<｜hy_place▁holder▁no▁3｜>")],
        user: &[Text("<｜hy_User｜>{}")],
        assistant: &[Text("<｜hy_Assistant｜>{}")],
        observation: &[Text("<｜hy_User｜>{}")],
        function: &[Text("<｜hy_Assistant｜>{}")],
        stop_words: &["<｜hy_place▁holder▁no▁2｜>"],
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "hy_dense_7b",
        prefix: &[Bos],
        system: &[Text("{}<|extra_4|>")],
        user: &[Text("{}<|extra_0|>")],
        observation: &[Text("{}<|extra_0|>")],
        stop_words: &["<|eos|>"],
        efficient_eos: true,
        ..BASE
    },
];
