//! What several named templates have in common: whole templates to vary, and pieces of turns.

use super::named::{CONTENT, CONTENT_EOS, NamedTemplate, Reasoning, Slot, SystemPlace, ThoughtWords};
use super::tools::{CALL_TAGS, ToolFormat};
use Slot::{Bos, Eos, Text};

/// What a row has unless it says otherwise.
pub(super) const BASE: NamedTemplate = NamedTemplate {
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
    efficient_eos: false,
    system_place: SystemPlace::OwnTurn,
    reasoning: Reasoning::No,
    thoughts: ThoughtWords::THINK,
    call_words: CALL_TAGS,
    trims_lone_tools: false,
    lead_after_tool: None,
};

pub(super) const CHATML_USER: &[Slot] = &[Text("<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n")];
pub(super) const CHATML_REPLY: &[Slot] = &[Text("{}<|im_end|>\n")];

pub(super) const CHATML: NamedTemplate = NamedTemplate {
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

pub(super) const QWEN: NamedTemplate = NamedTemplate {
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

pub(super) const DEEPSEEK_USER: &[Slot] = &[Text("<｜User｜>{}<｜Assistant｜>")];
pub(super) const GRANITE_USER: &[Slot] = &[Text(
    "<|start_of_role|>user<|end_of_role|>{}<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>",
)];
pub(super) const GRANITE_REPLY: &[Slot] = &[Text("{}<|end_of_text|>\n")];
pub(super) const LLAMA2_USER: &[Slot] = &[Bos, Text("[INST] {} [/INST]")];
pub(super) const VICUNA_USER: &[Slot] = &[Text("USER: {} ASSISTANT:")];
pub(super) const ALPACA_USER: &[Slot] = &[Text("### Instruction:\n{}\n\n### Response:\n")];
pub(super) const ALPACA_REPLY: &[Slot] = &[Text("{}"), Eos, Text("\n\n")];
pub(super) const ZEPHYR_USER: &[Slot] = &[Text("<|user|>\n{}"), Eos, Text("<|assistant|>\n")];
pub(super) const DEFAULT_USER: &[Slot] = &[Text("Human: {}"), Eos, Text("\nAssistant:")];
pub(super) const DEFAULT_REPLY: &[Slot] = &[Text("{}"), Eos, Text("\n")];

pub(super) const ATOM_USER: &[Slot] = &[Bos, Text("Human: {}\n"), Eos, Bos, Text("Assistant:")];
pub(super) const ATOM_REPLY: &[Slot] = &[Text("{}\n"), Eos];
pub(super) const BELLE_USER: &[Slot] = &[Text("Human: {}\n\nBelle: ")];
pub(super) const BREEZE_USER: &[Slot] = &[Text("[INST] {} [/INST] ")];
pub(super) const DEEPSEEK_LLM_USER: &[Slot] = &[Text("User: {}\n\nAssistant:")];
pub(super) const DEEPSEEK_CODER_USER: &[Slot] = &[Text("### Instruction:\n{}\n### Response:")];
pub(super) const DEEPSEEK_CODER_REPLY: &[Slot] = &[Text("\n{}\n<|EOT|>\n")];
pub(super) const OPENCHAT_USER: &[Slot] = &[Text("GPT4 Correct User: {}"), Eos, Text("GPT4 Correct Assistant:")];
pub(super) const OPENCHAT_36_USER: &[Slot] = &[Text(
    "<|start_header_id|>GPT4 Correct User<|end_header_id|>\n\n{}<|eot_id|>\
     <|start_header_id|>GPT4 Correct Assistant<|end_header_id|>\n\n",
)];
pub(super) const SAILOR_USER: &[Slot] = &[Text("<|im_start|>question\n{}<|im_end|>\n<|im_start|>answer\n")];
pub(super) const SEED_USER: &[Slot] = &[Bos, Text("user\n{}"), Eos, Bos, Text("assistant\n")];
pub(super) const SOLAR_USER: &[Slot] = &[Text("### User:\n{}\n\n### Assistant:\n")];
pub(super) const XUANYUAN_USER: &[Slot] = &[Text("Human: {} Assistant:")];
pub(super) const XVERSE_USER: &[Slot] = &[Text("Human: {}\n\nAssistant: ")];
pub(super) const ZIYA_USER: &[Slot] = &[Text("<human>:{}\n<bot>:")];
pub(super) const ZIYA_REPLY: &[Slot] = &[Text("{}\n")];

pub(super) const LLAMA2: NamedTemplate = NamedTemplate {
    name: "llama2",
    system: &[Text("<<SYS>>\n{}\n<</SYS>>\n\n")],
    user: LLAMA2_USER,
    assistant: CONTENT_EOS,
    observation: LLAMA2_USER,
    function: CONTENT_EOS,
    system_place: SystemPlace::FirstUser,
    ..BASE
};

pub(super) const LLAMA3: NamedTemplate = NamedTemplate {
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
};

pub(super) const MISTRAL: NamedTemplate = NamedTemplate {
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
};

pub(super) const DEEPSEEK3: NamedTemplate = NamedTemplate {
    name: "deepseek3",
    prefix: &[Bos],
    user: DEEPSEEK_USER,
    lead: "<｜Assistant｜>",
    assistant: CONTENT_EOS,
    observation: DEEPSEEK_USER,
    function: CONTENT_EOS,
    ..BASE
};

/// ChatML that leaves the EOS token alone.
pub(super) const PLAIN_CHATML: NamedTemplate = NamedTemplate {
    stop_words: &["<|im_end|>"],
    replace_eos: false,
    ..CHATML
};
