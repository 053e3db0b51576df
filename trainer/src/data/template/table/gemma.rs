//! Templates of Gemma and PaliGemma.

use super::super::named::Slot::{Bos, Text};
use super::super::named::{CONTENT, CONTENT_EOS, NamedTemplate, Reasoning, SystemPlace, ThoughtWords};
use super::super::shapes::{BASE, LLAMA3, MISTRAL};
use super::super::tools::ToolFormat;

const GEMMA: NamedTemplate = NamedTemplate {
    name: "gemma",
    user: &[Text("<start_of_turn>user\n{}<end_of_turn>\n<start_of_turn>model\n")],
    lead: "<start_of_turn>model\n",
    assistant: &[Text("{}<end_of_turn>\n")],
    observation: &[Text("<start_of_turn>tool\n{}<end_of_turn>\n<start_of_turn>model\n")],
    function: &[Text("{}<end_of_turn>\n")],
    tools: ToolFormat::Default,
    stop_words: &["<end_of_turn>"],
    replace_eos: true,
    ..MISTRAL
};

const GEMMA4: NamedTemplate = NamedTemplate {
    name: "gemma4",
    system: &[Text("<|turn>system\n<|think|>{}<turn|>\n")],
    user: &[Text("<|turn>user\n{}<turn|>\n<|turn>model\n")],
    lead: "<|turn>model\n",
    assistant: &[Text("{}<turn|>\n")],
    observation: &[Text("<|turn>tool\n{}<turn|>\n<|turn>model\n")],
    function: &[Text("<|tool>{}<tool|>")],
    tools: ToolFormat::Gemma4,
    default_system: "You are a helpful assistant.",
    stop_words: &["<turn|>"],
    reasoning: Reasoning::Yes,
    thoughts: ThoughtWords {
        open: "<|channel>thought\n",
        close: "<channel|>",
        none: "<|channel>thought\n<channel|>",
    },
    ..LLAMA3
};

pub(super) const TEMPLATES: &[NamedTemplate] = &[
    GEMMA,
    NamedTemplate {
        name: "gemma2",
        stop_words: &["<eos>", "<end_of_turn>"],
        replace_eos: false,
        efficient_eos: true,
        ..GEMMA
    },
    NamedTemplate {
        name: "gemma3",
        ..GEMMA
    },
    NamedTemplate {
        name: "gemma3n",
        ..GEMMA
    },
    GEMMA4,
    NamedTemplate {
        name: "gemma4n",
        ..GEMMA4
    },
    NamedTemplate {
        name: "paligemma",
        prefix: &[Bos],
        user: &[Text("{}\n")],
        assistant: CONTENT_EOS,
        observation: &[Text("{}\n")],
        function: CONTENT_EOS,
        system_place: SystemPlace::FirstUser,
        ..BASE
    },
    NamedTemplate {
        name: "paligemma_chat",
        system: CONTENT,
        ..GEMMA
    },
];
