//! The named templates: one table row each, in LLaMA-Factory's names and with its token placement.

use super::tools::ToolFormat;

/// A piece of a turn. Each text piece is tokenised on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Text in which `{}` stands for the content.
    Text(&'static str),
    Bos,
    Eos,
}

/// Where the system message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemPlace {
    /// A turn of its own, before the first user's.
    OwnTurn,
    /// Inside the first user's turn, before its content.
    FirstUser,
}

/// Whether replies open with a `<think>…</think>` block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasoning {
    No,
    Yes,
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedTemplate {
    pub name: &'static str,
    pub prefix: &'static [Slot],
    pub system: &'static [Slot],
    /// The user's turn with the lead of the assistant's.
    pub user: &'static [Slot],
    /// The end of `user` that already belongs to the assistant's turn.
    pub lead: &'static str,
    pub assistant: &'static [Slot],
    /// What a tool answered, with the lead of the assistant's turn.
    pub observation: &'static [Slot],
    /// A tool call by the assistant.
    pub function: &'static [Slot],
    pub tools: ToolFormat,
    /// What stands between several tools' answers in one turn; `None`: each has a turn of its own.
    pub between_answers: Option<&'static str>,
    pub default_system: &'static str,
    pub stop_words: &'static [&'static str],
    /// The first stop word becomes the tokenizer's EOS token.
    pub replace_eos: bool,
    pub system_place: SystemPlace,
    pub reasoning: Reasoning,
}

use Slot::{Bos, Eos, Text};

const CONTENT: &[Slot] = &[Text("{}")];
pub(super) const CONTENT_EOS: &[Slot] = &[Text("{}"), Eos];

/// What a row has unless it says otherwise.
const BASE: NamedTemplate = NamedTemplate {
    name: "empty",
    prefix: &[],
    system: CONTENT,
    user: CONTENT,
    lead: "",
    assistant: CONTENT,
    observation: CONTENT,
    function: CONTENT,
    tools: ToolFormat::Default,
    between_answers: None,
    default_system: "",
    stop_words: &[],
    replace_eos: false,
    system_place: SystemPlace::OwnTurn,
    reasoning: Reasoning::No,
};

const CHATML_USER: &[Slot] = &[Text("<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n")];
const CHATML_REPLY: &[Slot] = &[Text("{}<|im_end|>\n")];

const CHATML: NamedTemplate = NamedTemplate {
    name: "chatml",
    system: &[Text("<|im_start|>system\n{}<|im_end|>\n")],
    user: CHATML_USER,
    lead: "<|im_start|>assistant\n",
    assistant: CHATML_REPLY,
    observation: &[Text("<|im_start|>tool\n{}<|im_end|>\n<|im_start|>assistant\n")],
    function: CHATML_REPLY,
    stop_words: &["<|im_end|>", "<|im_start|>"],
    replace_eos: true,
    ..BASE
};

const QWEN: NamedTemplate = NamedTemplate {
    name: "qwen",
    observation: &[Text(
        "<|im_start|>user\n<tool_response>\n{}\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
    )],
    tools: ToolFormat::Qwen,
    between_answers: Some("\n</tool_response>\n<tool_response>\n"),
    default_system: "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
    stop_words: &["<|im_end|>"],
    ..CHATML
};

const DEEPSEEK_USER: &[Slot] = &[Text("<｜User｜>{}<｜Assistant｜>")];
const GRANITE_USER: &[Slot] = &[Text(
    "<|start_of_role|>user<|end_of_role|>{}<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>",
)];
const GRANITE_REPLY: &[Slot] = &[Text("{}<|end_of_text|>\n")];
const LLAMA2_USER: &[Slot] = &[Bos, Text("[INST] {} [/INST]")];
const VICUNA_USER: &[Slot] = &[Text("USER: {} ASSISTANT:")];
const ALPACA_USER: &[Slot] = &[Text("### Instruction:\n{}\n\n### Response:\n")];
const ALPACA_REPLY: &[Slot] = &[Text("{}"), Eos, Text("\n\n")];
const ZEPHYR_USER: &[Slot] = &[Text("<|user|>\n{}"), Eos, Text("<|assistant|>\n")];
const DEFAULT_USER: &[Slot] = &[Text("Human: {}"), Eos, Text("\nAssistant:")];
const DEFAULT_REPLY: &[Slot] = &[Text("{}"), Eos, Text("\n")];

/// All of them.
pub const TEMPLATES: &[NamedTemplate] = &[
    NamedTemplate {
        name: "llama2",
        system: &[Text("<<SYS>>\n{}\n<</SYS>>\n\n")],
        user: LLAMA2_USER,
        assistant: CONTENT_EOS,
        observation: LLAMA2_USER,
        function: CONTENT_EOS,
        system_place: SystemPlace::FirstUser,
        ..BASE
    },
    NamedTemplate {
        name: "llama3",
        prefix: &[Bos],
        system: &[Text("<|start_header_id|>system<|end_header_id|>\n\n{}<|eot_id|>")],
        user: &[Text(
            "<|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|>\
             <|start_header_id|>assistant<|end_header_id|>\n\n",
        )],
        lead: "<|start_header_id|>assistant<|end_header_id|>\n\n",
        assistant: &[Text("{}<|eot_id|>")],
        observation: &[Text(
            "<|start_header_id|>ipython<|end_header_id|>\n\n{}<|eot_id|>\
             <|start_header_id|>assistant<|end_header_id|>\n\n",
        )],
        function: &[Text("{}<|eot_id|>")],
        tools: ToolFormat::Llama3,
        stop_words: &["<|eot_id|>", "<|eom_id|>"],
        replace_eos: true,
        ..BASE
    },
    CHATML,
    QWEN,
    NamedTemplate {
        name: "qwen3",
        default_system: "",
        reasoning: Reasoning::Yes,
        ..QWEN
    },
    NamedTemplate {
        name: "qwen3_nothink",
        default_system: "",
        ..QWEN
    },
    NamedTemplate {
        name: "qwen3_5",
        default_system: "",
        tools: ToolFormat::Qwen35,
        reasoning: Reasoning::Yes,
        ..QWEN
    },
    NamedTemplate {
        name: "qwen3_5_nothink",
        default_system: "",
        tools: ToolFormat::Qwen35,
        ..QWEN
    },
    NamedTemplate {
        name: "deepseek3",
        prefix: &[Bos],
        user: DEEPSEEK_USER,
        lead: "<｜Assistant｜>",
        assistant: CONTENT_EOS,
        observation: DEEPSEEK_USER,
        function: CONTENT_EOS,
        ..BASE
    },
    NamedTemplate {
        name: "granite3",
        system: &[Text("<|start_of_role|>system<|end_of_role|>{}<|end_of_text|>\n")],
        user: GRANITE_USER,
        lead: "<|start_of_role|>assistant<|end_of_role|>",
        assistant: GRANITE_REPLY,
        observation: GRANITE_USER,
        function: GRANITE_REPLY,
        ..BASE
    },
    NamedTemplate {
        name: "smollm",
        observation: CHATML_USER,
        stop_words: &["<|im_end|>"],
        replace_eos: false,
        ..CHATML
    },
    NamedTemplate {
        name: "smollm2",
        observation: CHATML_USER,
        stop_words: &["<|im_end|>"],
        replace_eos: false,
        default_system: "You are a helpful AI assistant named SmolLM, trained by Hugging Face.",
        ..CHATML
    },
    NamedTemplate {
        name: "mistral",
        prefix: &[Bos],
        system: &[Text("{}\n\n")],
        user: &[Text("[INST] {}[/INST]")],
        assistant: &[Text(" {}"), Eos],
        observation: &[Text("[TOOL_RESULTS] {\"content\": {}}[/TOOL_RESULTS]")],
        function: &[Text("[TOOL_CALLS] {}"), Eos],
        tools: ToolFormat::Mistral,
        system_place: SystemPlace::FirstUser,
        ..BASE
    },
    NamedTemplate {
        name: "alpaca",
        user: ALPACA_USER,
        lead: "### Response:\n",
        assistant: ALPACA_REPLY,
        observation: ALPACA_USER,
        function: ALPACA_REPLY,
        default_system: "Below is an instruction that describes a task. \
                         Write a response that appropriately completes the request.\n\n",
        ..BASE
    },
    NamedTemplate {
        name: "vicuna",
        user: VICUNA_USER,
        lead: " ASSISTANT:",
        assistant: CONTENT_EOS,
        observation: VICUNA_USER,
        function: CONTENT_EOS,
        default_system: "A chat between a curious user and an artificial intelligence assistant. \
                         The assistant gives helpful, detailed, and polite answers to the user's questions.",
        ..BASE
    },
    NamedTemplate {
        name: "zephyr",
        system: &[Text("<|system|>\n{}"), Eos],
        user: ZEPHYR_USER,
        lead: "<|assistant|>\n",
        assistant: CONTENT_EOS,
        observation: ZEPHYR_USER,
        function: CONTENT_EOS,
        default_system: "You are Zephyr, a helpful assistant.",
        ..BASE
    },
    NamedTemplate {
        name: "default",
        system: &[Text("System: {}"), Eos, Text("\n")],
        user: DEFAULT_USER,
        lead: "\nAssistant:",
        assistant: DEFAULT_REPLY,
        observation: DEFAULT_USER,
        function: DEFAULT_REPLY,
        ..BASE
    },
    BASE,
];

impl NamedTemplate {
    /// Looks a template up by name.
    pub fn find(name: &str) -> Option<&'static Self> {
        TEMPLATES.iter().find(|t| t.name == name)
    }
}
