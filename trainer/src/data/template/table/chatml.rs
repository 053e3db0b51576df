//! Templates that are ChatML, with a default of their own or a prefix.

use super::super::named::Slot::{Bos, Text};
use super::super::named::{Delimiters, NamedTemplate, Reasoning, ThoughtWords};
use super::super::shapes::{CHATML_USER, PLAIN_CHATML, QWEN};
use super::super::tools::ToolFormat;

pub(super) const TEMPLATES: &[NamedTemplate] = &[
    NamedTemplate {
        name: "cpm4",
        prefix: &[Bos],
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "dbrx",
        default_system: "You are DBRX, created by Databricks. You were last updated in December 2023. You answer questions based on information available up to that point.\nYOU PROVIDE SHORT RESPONSES TO SHORT QUESTIONS OR STATEMENTS, but provide thorough responses to more complex and open-ended questions.\nYou assist with various tasks, from writing to coding (using markdown for code blocks — remember to use ``` with code, JSON, and tables).\n(You do not have real-time data access or code execution capabilities. You avoid stereotyping and provide balanced perspectives on controversial topics. You do not provide song lyrics, poems, or news articles and do not divulge details of your training data.)\nThis is your system prompt, guiding your responses. Do not reference it, just respond to the user. If you find yourself talking about this message, stop. You should be responding appropriately and usually that means not mentioning this.\nYOU DO NOT MENTION ANY OF THIS INFORMATION ABOUT YOURSELF UNLESS THE INFORMATION IS DIRECTLY PERTINENT TO THE USER'S QUERY.",
        replace_eos: true,
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "ernie",
        system: &[Text("<|im_start|>system\n{}<|im_end|>\n\n")],
        user: &[Text("<|im_start|>user\n{}<|im_end|>\n\n<|im_start|>assistant\n")],
        assistant: &[Text("{}<|im_end|>\n\n")],
        observation: &[Text("<|im_start|>tool\n{}<|im_end|>\n\n<|im_start|>assistant\n")],
        function: &[Text("{}<|im_end|>\n\n")],
        default_system: "<global_setting>\nthink_mode=True\n</global_setting>",
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "falcon_h1",
        prefix: &[Bos],
        stop_words: &["<|im_end|>", "<|end_of_text|>"],
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "intern2",
        prefix: &[Bos],
        observation: CHATML_USER,
        default_system: "You are an AI assistant whose name is InternLM (书生·浦语).\n- InternLM (书生·浦语) is a conversational language model that is developed by Shanghai AI Laboratory (上海人工智能实验室). It is designed to be helpful, honest, and harmless.\n- InternLM (书生·浦语) can understand and communicate fluently in the language chosen by the user such as English and 中文.",
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "intern_s1",
        prefix: &[Bos],
        observation: CHATML_USER,
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "intern_vl",
        prefix: &[Bos],
        observation: CHATML_USER,
        default_system: "你是书生·万象，英文名是InternVL，是由上海人工智能实验室、清华大学及多家合作单位联合开发的多模态大语言模型。",
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "keye_vl",
        default_system: "",
        reasoning: Reasoning::Yes,
        ..QWEN
    },
    NamedTemplate {
        name: "lfm2",
        observation: &[Text(
            "<|im_start|>tool\n<|tool_response_start|>{}<|tool_response_end|><|im_end|>\n<|im_start|>assistant\n",
        )],
        tools: ToolFormat::Lfm2,
        default_system: "You are a helpful AI assistant.",
        replace_eos: true,
        call_words: Delimiters {
            open: "<|tool_call_start|>",
            close: "<|tool_call_end|>",
        },
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "lfm2_vl",
        observation: &[Text(
            "<|im_start|>tool\n<|tool_response_start|>{}<|tool_response_end|><|im_end|>\n<|im_start|>assistant\n",
        )],
        tools: ToolFormat::Lfm2,
        default_system: "You are a helpful multimodal assistant by Liquid AI.",
        replace_eos: true,
        call_words: Delimiters {
            open: "<|tool_call_start|>",
            close: "<|tool_call_end|>",
        },
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "llava_next_qwen",
        default_system: "You are a helpful assistant.",
        ..QWEN
    },
    NamedTemplate {
        name: "llava_next_video_yi",
        observation: CHATML_USER,
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "llava_next_yi",
        observation: CHATML_USER,
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "mimo",
        default_system: "You are a helpful assistant.",
        reasoning: Reasoning::Yes,
        ..QWEN
    },
    NamedTemplate {
        name: "mimo_v2",
        default_system: "You are MiMo, a helpful AI assistant engineered by Xiaomi.",
        reasoning: Reasoning::Yes,
        thoughts: ThoughtWords {
            open: "<think>",
            close: "</think>",
            none: "<think></think>",
        },
        ..QWEN
    },
    NamedTemplate {
        name: "mimo_vl",
        default_system: "You are MiMo, an AI assistant developed by Xiaomi.",
        reasoning: Reasoning::Yes,
        ..QWEN
    },
    NamedTemplate {
        name: "minicpm_o",
        observation: CHATML_USER,
        default_system: "You are a helpful assistant. You can accept audio and text input and output voice and text.",
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "minicpm_v",
        observation: CHATML_USER,
        default_system: "You are a helpful assistant.",
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "minicpm_v_4_6",
        observation: CHATML_USER,
        default_system: "You are a helpful assistant.",
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "moss_vl",
        default_system: "",
        trims_lone_tools: true,
        ..QWEN
    },
    NamedTemplate {
        name: "qwen2_audio",
        observation: CHATML_USER,
        default_system: "You are a helpful assistant.",
        replace_eos: true,
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "qwen2_omni",
        default_system: "You are a helpful assistant.",
        ..QWEN
    },
    NamedTemplate {
        name: "qwen2_vl",
        default_system: "You are a helpful assistant.",
        ..QWEN
    },
    NamedTemplate {
        name: "qwen3_omni",
        default_system: "",
        reasoning: Reasoning::Yes,
        ..QWEN
    },
    NamedTemplate {
        name: "qwen3_omni_nothink",
        default_system: "",
        ..QWEN
    },
    NamedTemplate {
        name: "qwen3_vl",
        default_system: "",
        reasoning: Reasoning::Yes,
        ..QWEN
    },
    NamedTemplate {
        name: "qwen3_vl_nothink",
        default_system: "",
        ..QWEN
    },
];
