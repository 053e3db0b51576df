//! Templates of Llama's and Mistral's kin, LLaVA's among them.

use super::super::named::Slot::{Eos, Text};
use super::super::named::{CONTENT_EOS, NamedTemplate};
use super::super::shapes::{BASE, LLAMA3, MISTRAL};

const LLAVA: NamedTemplate = NamedTemplate {
    name: "llava",
    user: &[Text("USER: {} ASSISTANT:")],
    lead: " ASSISTANT:",
    assistant: CONTENT_EOS,
    observation: &[Text("USER: {} ASSISTANT:")],
    function: CONTENT_EOS,
    default_system: "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user's questions.",
    ..BASE
};

const MINISTRAL3: NamedTemplate = NamedTemplate {
    name: "ministral3",
    user: &[Text("[INST]{}[/INST]")],
    assistant: CONTENT_EOS,
    observation: &[Text("[TOOL_RESULTS]{\"content\": {}}[/TOOL_RESULTS]")],
    function: &[Text("[TOOL_CALLS]{}"), Eos],
    ..MISTRAL
};

pub(super) const TEMPLATES: &[NamedTemplate] = &[
    NamedTemplate {
        name: "granite3_vision",
        system: &[Text("<|system|>\n{}\n")],
        user: &[Text("<|user|>\n{}\n<|assistant|>\n")],
        lead: "<|assistant|>\n",
        observation: &[Text("<|user|>\n{}\n<|assistant|>\n")],
        ..LLAVA
    },
    NamedTemplate {
        name: "llama4",
        system: &[Text("<|header_start|>system<|header_end|>\n\n{}<|eot|>")],
        user: &[Text(
            "<|header_start|>user<|header_end|>\n\n{}<|eot|><|header_start|>assistant<|header_end|>\n\n",
        )],
        lead: "<|header_start|>assistant<|header_end|>\n\n",
        assistant: &[Text("{}<|eot|>")],
        observation: &[Text(
            "<|header_start|>ipython<|header_end|>\n\n{}<|eot|><|header_start|>assistant<|header_end|>\n\n",
        )],
        function: &[Text("{}<|eot|>")],
        stop_words: &["<|eot|>", "<|eom|>"],
        ..LLAMA3
    },
    LLAVA,
    NamedTemplate {
        name: "llava_next",
        ..LLAVA
    },
    NamedTemplate {
        name: "llava_next_llama3",
        ..LLAMA3
    },
    NamedTemplate {
        name: "llava_next_mistral",
        ..MISTRAL
    },
    NamedTemplate {
        name: "llava_next_video",
        ..LLAVA
    },
    NamedTemplate {
        name: "llava_next_video_mistral",
        ..MISTRAL
    },
    MINISTRAL3,
    NamedTemplate {
        name: "mllama",
        ..LLAMA3
    },
    NamedTemplate {
        name: "pixtral",
        ..MINISTRAL3
    },
    NamedTemplate {
        name: "video_llava",
        ..LLAVA
    },
    NamedTemplate {
        name: "yi_vl",
        user: &[Text("### Human: {}\n### Assistant:")],
        lead: "### Assistant:",
        assistant: &[Text("{}\n")],
        observation: &[Text("### Human: {}\n### Assistant:")],
        function: &[Text("{}\n")],
        default_system: "This is a chat between an inquisitive human and an AI assistant. Assume the role of the AI assistant. Read all the images carefully, and respond to the human's questions with informative, helpful, detailed and polite answers. 这是一个好奇的人类和一个人工智能助手之间的对话。假设你扮演这个AI助手的角色。仔细阅读所有的图像，并对人类的问题做出信息丰富、有帮助、详细的和礼貌的回答。\n\n",
        stop_words: &["###"],
        efficient_eos: true,
        ..BASE
    },
];
