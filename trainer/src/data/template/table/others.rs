//! Templates of further families.

use super::super::named::Slot::{Bos, Eos, Text, Token};
use super::super::named::{CONTENT_EOS, NamedTemplate, Reasoning, ThoughtWords};
use super::super::shapes::{BASE, CHATML, PLAIN_CHATML, QWEN};
use super::super::tools::ToolFormat;

const PHI: NamedTemplate = NamedTemplate {
    name: "phi",
    system: &[Text("<|system|>\n{}<|end|>\n")],
    user: &[Text("<|user|>\n{}<|end|>\n<|assistant|>\n")],
    lead: "<|assistant|>\n",
    assistant: &[Text("{}<|end|>\n")],
    observation: &[Text("<|user|>\n{}<|end|>\n<|assistant|>\n")],
    function: &[Text("{}<|end|>\n")],
    stop_words: &["<|end|>"],
    ..CHATML
};

pub(super) const TEMPLATES: &[NamedTemplate] = &[
    NamedTemplate {
        name: "bailing",
        system: &[Text("<role>SYSTEM</role>{}")],
        user: &[Text("<role>HUMAN</role>{}<role>ASSISTANT</role>")],
        lead: "<role>ASSISTANT</role>",
        observation: &[Text("<role>OBSERVATION</role>{}<role>ASSISTANT</role>")],
        stop_words: &["<|endoftext|>"],
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "bailing_v2",
        system: &[Text("<role>SYSTEM</role>{}<|role_end|>")],
        user: &[Text("<role>HUMAN</role>{}<|role_end|><role>ASSISTANT</role>")],
        lead: "<role>ASSISTANT</role>",
        assistant: &[Text("{}<|role_end|>")],
        observation: &[Text(
            "<role>OBSERVATION</role>\n<tool_response>\n{}\n</tool_response><|role_end|><role>ASSISTANT</role>",
        )],
        function: &[Text("{}<|role_end|>")],
        tools: ToolFormat::Ling,
        default_system: "",
        stop_words: &["<|endoftext|>"],
        replace_eos: false,
        efficient_eos: true,
        ..QWEN
    },
    NamedTemplate {
        name: "cohere",
        prefix: &[Bos],
        system: &[Text("<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>{}<|END_OF_TURN_TOKEN|>")],
        user: &[Text(
            "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>{}<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
        )],
        lead: "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
        assistant: CONTENT_EOS,
        observation: &[Text(
            "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>{}<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
        )],
        function: CONTENT_EOS,
        ..BASE
    },
    NamedTemplate {
        name: "dots_ocr",
        system: &[Text("<|system|>{}<|endofsystem|>\n")],
        user: &[Text("<|user|>{}<|endofuser|><|assistant|>")],
        lead: "<|assistant|>",
        assistant: &[Text("{}<|endofassistant|>")],
        observation: &[Text("<|user|>{}<|endofuser|><|assistant|>")],
        function: &[Text("{}<|endofassistant|>")],
        stop_words: &["<|endofassistant|>"],
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "ernie_nothink",
        prefix: &[Text("<|begin_of_sentence|>")],
        system: &[Text("{}\n")],
        user: &[Text("User: {}\nAssistant: ")],
        lead: "Assistant: ",
        assistant: &[Text("{}<|end_of_sentence|>")],
        observation: &[Text("User: {}\nAssistant: ")],
        function: &[Text("{}<|end_of_sentence|>")],
        stop_words: &["<|end_of_sentence|>"],
        ..BASE
    },
    NamedTemplate {
        name: "ernie_vl",
        system: &[Text("{}\n")],
        user: &[Text("User: {}")],
        lead: "",
        assistant: &[Text("\nAssistant: {}<|end_of_sentence|>")],
        observation: &[Text("User: {}")],
        function: &[Text("\nAssistant: {}<|end_of_sentence|>")],
        stop_words: &["<|end_of_sentence|>"],
        reasoning: Reasoning::Yes,
        ..CHATML
    },
    NamedTemplate {
        name: "exaone",
        system: &[Text("[|system|]{}[|endofturn|]\n")],
        user: &[Text("[|user|]{}\n[|assistant|]")],
        lead: "[|assistant|]",
        assistant: &[Text("{}"), Eos, Text("\n")],
        observation: &[Text("[|user|]{}\n[|assistant|]")],
        function: &[Text("{}"), Eos, Text("\n")],
        ..BASE
    },
    NamedTemplate {
        name: "falcon",
        user: &[Text("User: {}\nFalcon:")],
        lead: "Falcon:",
        assistant: &[Text("{}\n")],
        observation: &[Text("User: {}\nFalcon:")],
        function: &[Text("{}\n")],
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "gpt_oss",
        system: &[Text("<|start|>system<|message|>{}<|end|>")],
        user: &[Text("<|start|>user<|message|>{}<|end|><|start|>assistant")],
        lead: "<|start|>assistant",
        observation: &[Text("<|start|>user<|message|>{}<|end|><|start|>assistant")],
        default_system: "You are ChatGPT, a large language model trained by OpenAI.",
        efficient_eos: true,
        reasoning: Reasoning::Yes,
        thoughts: ThoughtWords {
            open: "<|channel|>analysis<|message|>",
            close: "<|end|><|start|>assistant<|channel|>final<|message|>",
            none: "<|channel|>analysis<|message|><|end|><|start|>assistant<|channel|>final<|message|>",
        },
        ..BASE
    },
    NamedTemplate {
        name: "granite4",
        system: &[Text("<|start_of_role|>system<|end_of_role|>{}<|end_of_text|>\n")],
        user: &[Text(
            "<|start_of_role|>user<|end_of_role|>{}<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>",
        )],
        lead: "<|start_of_role|>assistant<|end_of_role|>",
        assistant: &[Text("{}<|end_of_text|>\n")],
        observation: &[Text(
            "<|start_of_role|>tool<|end_of_role|>{}<|end_of_text|>\n<|start_of_role|>assistant\n",
        )],
        function: &[Text("{}<|end_of_text|>\n")],
        default_system: "You are Granite, developed by IBM. You are a helpful AI assistant.",
        stop_words: &["<|end_of_text|>"],
        lead_after_tool: Some("<|start_of_role|>assistant\n"),
        ..BASE
    },
    NamedTemplate {
        name: "index",
        system: &[Text("<unk>{}")],
        user: &[Text("reserved_0{}reserved_1")],
        lead: "reserved_1",
        observation: &[Text("reserved_0{}reserved_1")],
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "kimi_vl",
        system: &[Text("<|im_system|>system<|im_middle|>{}<|im_end|>")],
        user: &[Text(
            "<|im_user|>user<|im_middle|>{}<|im_end|><|im_assistant|>assistant<|im_middle|>",
        )],
        lead: "<|im_assistant|>assistant<|im_middle|>",
        assistant: &[Text("{}<|im_end|>")],
        observation: &[Text(
            "<|im_user|>user<|im_middle|>{}<|im_end|><|im_assistant|>assistant<|im_middle|>",
        )],
        function: &[Text("{}<|im_end|>")],
        default_system: "You are a helpful assistant",
        reasoning: Reasoning::Yes,
        thoughts: ThoughtWords {
            open: "◁think▷",
            close: "◁/think▷",
            none: "◁think▷◁/think▷",
        },
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "minimax1",
        system: &[Text(
            "<beginning_of_sentence>system ai_setting=assistant\n{}<end_of_sentence>\n",
        )],
        user: &[Text(
            "<beginning_of_sentence>user name=user\n{}<end_of_sentence>\n<beginning_of_sentence>ai name=assistant\n",
        )],
        lead: "<beginning_of_sentence>ai name=assistant\n",
        assistant: &[Text("{}<end_of_sentence>\n")],
        observation: &[Text(
            "<beginning_of_sentence>tool name=tools\n{}<end_of_sentence>\n<beginning_of_sentence>ai name=assistant\n",
        )],
        function: &[Text("{}<end_of_sentence>\n")],
        tools: ToolFormat::MiniMax1,
        default_system: "You are a helpful assistant.",
        stop_words: &["<end_of_sentence>"],
        ..BASE
    },
    NamedTemplate {
        name: "minimax2",
        system: &[Text("]~!b[]~b]system\n{}[e~[\n")],
        user: &[Text("]~b]user\n{}[e~[\n]~b]ai\n")],
        lead: "]~b]ai\n",
        assistant: &[Text("{}[e~[\n")],
        observation: &[Text("]~b]tool\n<response>{}</response>[e~[\n]~b]ai\n")],
        function: &[Text("{}[e~[\n")],
        tools: ToolFormat::MiniMax2,
        default_system: "You are a helpful assistant. Your name is MiniMax-M2.1 and is built by MiniMax.",
        stop_words: &["[e~["],
        reasoning: Reasoning::Yes,
        ..BASE
    },
    NamedTemplate {
        name: "moonlight",
        system: &[Text("<|im_system|>system<|im_middle|>{}<|im_end|>")],
        user: &[Text(
            "<|im_user|>user<|im_middle|>{}<|im_end|><|im_assistant|>assistant<|im_middle|>",
        )],
        lead: "<|im_assistant|>assistant<|im_middle|>",
        assistant: &[Text("{}<|im_end|>")],
        observation: &[Text(
            "<|im_user|>user<|im_middle|>{}<|im_end|><|im_assistant|>assistant<|im_middle|>",
        )],
        function: &[Text("{}<|im_end|>")],
        default_system: "You are a helpful assistant provided by Moonshot-AI.",
        replace_eos: true,
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "olmo",
        prefix: &[Eos],
        user: &[Text("<|user|>\n{}<|assistant|>\n")],
        lead: "<|assistant|>\n",
        assistant: CONTENT_EOS,
        observation: &[Text("<|user|>\n{}<|assistant|>\n")],
        function: CONTENT_EOS,
        ..BASE
    },
    PHI,
    NamedTemplate {
        name: "phi4",
        system: &[Text("<|im_start|>system<|im_sep|>{}<|im_end|>")],
        user: &[Text(
            "<|im_start|>user<|im_sep|>{}<|im_end|><|im_start|>assistant<|im_sep|>",
        )],
        lead: "<|im_start|>assistant<|im_sep|>",
        assistant: &[Text("{}<|im_end|>")],
        observation: &[Text(
            "<|im_start|>user<|im_sep|>{}<|im_end|><|im_start|>assistant<|im_sep|>",
        )],
        function: &[Text("{}<|im_end|>")],
        replace_eos: true,
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "phi4_mini",
        system: &[Text("<|system|>{}<|end|>")],
        user: &[Text("<|user|>{}<|end|><|assistant|>")],
        lead: "<|assistant|>",
        assistant: &[Text("{}<|end|>")],
        observation: &[Text("<|user|>{}<|end|><|assistant|>")],
        function: &[Text("{}<|end|>")],
        tools: ToolFormat::Phi4Mini,
        ..PHI
    },
    NamedTemplate {
        name: "phi_small",
        ..PHI
    },
    NamedTemplate {
        name: "seed_oss",
        system: &[Bos, Text("system\n{}"), Eos],
        user: &[Bos, Text("user\n{}"), Eos, Bos, Text("assistant\n")],
        lead: "assistant\n",
        assistant: CONTENT_EOS,
        observation: &[Bos, Text("user\n{}"), Eos, Bos, Text("assistant\n")],
        function: &[Bos, Text("\n{}"), Eos],
        tools: ToolFormat::SeedOss,
        reasoning: Reasoning::Yes,
        thoughts: ThoughtWords {
            open: "<seed:think>",
            close: "</seed:think>",
            none: "<seed:think></seed:think>",
        },
        ..BASE
    },
    NamedTemplate {
        name: "starchat",
        user: &[Text("<|user|>\n{}<|end|>\n<|assistant|>")],
        lead: "<|assistant|>",
        observation: &[Text("<|user|>\n{}<|end|>\n<|assistant|>")],
        replace_eos: false,
        ..PHI
    },
    NamedTemplate {
        name: "telechat2",
        system: &[Text("<_system>{}")],
        user: &[Text("<_user>{}<_bot>")],
        lead: "<_bot>",
        assistant: CONTENT_EOS,
        observation: &[Text("<_user>{}<_bot>")],
        function: CONTENT_EOS,
        default_system: "你是中国电信星辰语义大模型，英文名是TeleChat，你是由中电信人工智能科技有限公司和中国电信人工智能研究院（TeleAI）研发的人工智能助手。",
        ..BASE
    },
    NamedTemplate {
        name: "youtu",
        prefix: &[Bos],
        user: &[Text("<|User|>{}<|Assistant|>")],
        lead: "<|Assistant|>",
        assistant: &[Text("{}<|end_of_text|>")],
        observation: &[Text("<tool_response>\n{}\n</tool_response><|Assistant|>")],
        between_answers: Some("\n</tool_response>\n<tool_response>\n"),
        stop_words: &["<|end_of_text|>"],
        replace_eos: true,
        reasoning: Reasoning::Yes,
        ..BASE
    },
    NamedTemplate {
        name: "youtu_vl",
        system: &[Text("<|begin_of_text|>system\n{}<|end_of_text|>\n")],
        user: &[Text(
            "<|begin_of_text|>user\n{}<|end_of_text|>\n<|begin_of_text|>assistant\n",
        )],
        lead: "<|begin_of_text|>assistant\n",
        assistant: &[Text("{}<|end_of_text|>\n")],
        observation: &[Text(
            "<|begin_of_text|>user\n{}<|end_of_text|>\n<|begin_of_text|>assistant\n",
        )],
        function: &[Text("{}<|end_of_text|>\n")],
        default_system: "You are a helpful assistant.",
        stop_words: &["<|end_of_text|>"],
        ..BASE
    },
    NamedTemplate {
        name: "yuan",
        user: &[Text("{}"), Token("<sep>")],
        assistant: &[Text("{}<eod>\n")],
        observation: &[Text("{}"), Token("<sep>")],
        function: &[Text("{}<eod>\n")],
        stop_words: &["<eod>"],
        ..BASE
    },
];
