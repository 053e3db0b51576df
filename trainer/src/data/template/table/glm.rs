//! Templates of GLM and what follows it.

use super::super::named::Slot::{Text, Token};
use super::super::named::{NamedTemplate, Reasoning, ThoughtWords};
use super::super::shapes::BASE;
use super::super::tools::ToolFormat;

const GLM4: NamedTemplate = NamedTemplate {
    name: "glm4",
    prefix: &[Text("[gMASK]<sop>")],
    system: &[Text("<|system|>\n{}")],
    user: &[Text("<|user|>\n{}<|assistant|>")],
    lead: "<|assistant|>",
    assistant: &[Text("\n{}")],
    observation: &[Text("<|observation|>\n{}<|assistant|>")],
    tools: ToolFormat::Glm4,
    stop_words: &["<|user|>", "<|observation|>"],
    efficient_eos: true,
    ..BASE
};

pub(super) const TEMPLATES: &[NamedTemplate] = &[
    NamedTemplate {
        name: "aeva",
        tools: ToolFormat::Glm4Moe,
        default_system: "You are an AI assistant named Aeva created by Zongzhi Lou. Your answer should be friendly, unbiased, faithful, informative and detailed.",
        reasoning: Reasoning::Yes,
        thoughts: ThoughtWords {
            open: "<think>",
            close: "</think>",
            none: "</think>",
        },
        ..GLM4
    },
    NamedTemplate {
        name: "chatglm3",
        prefix: &[Token("[gMASK]"), Token("sop")],
        system: &[Token("<|system|>"), Text("\n"), Text("{}")],
        user: &[Token("<|user|>"), Text("\n"), Text("{}"), Token("<|assistant|>")],
        assistant: &[Text("\n"), Text("{}")],
        observation: &[Token("<|observation|>"), Text("\n"), Text("{}"), Token("<|assistant|>")],
        ..GLM4
    },
    GLM4,
    NamedTemplate {
        name: "glm4_5v",
        tools: ToolFormat::Glm4Moe,
        stop_words: &["<|user|>", "<|observation|>", "</answer>"],
        reasoning: Reasoning::Yes,
        ..GLM4
    },
    NamedTemplate {
        name: "glm4_7",
        tools: ToolFormat::Glm4Moe,
        reasoning: Reasoning::Yes,
        thoughts: ThoughtWords {
            open: "<think>",
            close: "</think>",
            none: "</think>",
        },
        ..GLM4
    },
    NamedTemplate {
        name: "glm4_moe",
        tools: ToolFormat::Glm4Moe,
        reasoning: Reasoning::Yes,
        ..GLM4
    },
    NamedTemplate {
        name: "glm4v",
        stop_words: &["<|user|>", "<|observation|>", "</answer>"],
        reasoning: Reasoning::Yes,
        ..GLM4
    },
    NamedTemplate {
        name: "glm_ocr",
        ..GLM4
    },
    NamedTemplate {
        name: "glmz1",
        reasoning: Reasoning::Yes,
        ..GLM4
    },
];
