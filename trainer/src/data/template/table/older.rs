//! Templates that LLaMA-Factory had until 0.9.3.

use super::super::named::Slot::{Bos, Eos, Text, Token};
use super::super::named::{CONTENT_EOS, NamedTemplate};
use super::super::shapes::{BASE, PLAIN_CHATML};
use super::super::tools::ToolFormat;

pub(super) const TEMPLATES: &[NamedTemplate] = &[
    NamedTemplate {
        name: "aquila",
        system: &[Text("System: {}###")],
        user: &[Text("Human: {}###Assistant:")],
        lead: "Assistant:",
        assistant: &[Text("{}###")],
        observation: &[Text("Human: {}###Assistant:")],
        function: &[Text("{}###")],
        default_system: "A chat between a curious human and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the human's questions.",
        stop_words: &["</s>"],
        ..BASE
    },
    NamedTemplate {
        name: "baichuan",
        user: &[Token("<reserved_102>"), Text("{}"), Token("<reserved_103>")],
        lead: "<reserved_103>",
        observation: &[Token("<reserved_102>"), Text("{}"), Token("<reserved_103>")],
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "baichuan2",
        user: &[Text("<reserved_106>{}<reserved_107>")],
        lead: "<reserved_107>",
        observation: &[Text("<reserved_106>{}<reserved_107>")],
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "bluelm",
        user: &[Token("[|Human|]:"), Text("{}"), Token("[|AI|]:")],
        lead: "[|AI|]:",
        assistant: CONTENT_EOS,
        observation: &[Token("[|Human|]:"), Text("{}"), Token("[|AI|]:")],
        function: CONTENT_EOS,
        ..BASE
    },
    NamedTemplate {
        name: "chatglm2",
        prefix: &[Token("[gMASK]"), Token("sop")],
        user: &[Text("[Round {round}]\n\n问：{}\n\n答：")],
        lead: "答：",
        // LLaMA-Factory leaves its own `{{idx}}` in a tool's answer, where the number belongs
        observation: &[Text("[Round {round}]\n\n问：{}\n\n答：")],
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "codegeex2",
        prefix: &[Token("[gMASK]"), Token("sop")],
        assistant: CONTENT_EOS,
        function: CONTENT_EOS,
        ..BASE
    },
    NamedTemplate {
        name: "codegeex4",
        prefix: &[Text("[gMASK]<sop>")],
        system: &[Text("<|system|>\n{}")],
        user: &[Text("<|user|>\n{}<|assistant|>\n")],
        lead: "<|assistant|>\n",
        observation: &[Text("<|observation|>\n{}<|assistant|>\n")],
        tools: ToolFormat::Glm4,
        default_system: "你是一位智能编程助手，你叫CodeGeeX。你会为用户回答关于编程、代码、计算机方面的任何问题，并提供格式规范、可以执行、准确安全的代码，并在必要时提供详细的解释。",
        stop_words: &["<|user|>", "<|observation|>"],
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "cpm",
        prefix: &[Bos],
        user: &[Text("<用户>{}<AI>")],
        lead: "<AI>",
        assistant: CONTENT_EOS,
        observation: &[Text("<用户>{}<AI>")],
        function: CONTENT_EOS,
        ..BASE
    },
    NamedTemplate {
        name: "cpm3",
        prefix: &[Bos],
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "intern",
        prefix: &[Bos],
        system: &[Text("<|System|>:{}\n")],
        user: &[Text("<|User|>:{}\n<|Bot|>:")],
        lead: "<|Bot|>:",
        assistant: &[Text("{}<eoa>\n")],
        observation: &[Text("<|User|>:{}\n<|Bot|>:")],
        function: &[Text("{}<eoa>\n")],
        default_system: "You are an AI assistant whose name is InternLM (书生·浦语).\n- InternLM (书生·浦语) is a conversational language model that is developed by Shanghai AI Laboratory (上海人工智能实验室). It is designed to be helpful, honest, and harmless.\n- InternLM (书生·浦语) can understand and communicate fluently in the language chosen by the user such as English and 中文.",
        stop_words: &["<eoa>"],
        ..BASE
    },
    NamedTemplate {
        name: "orion",
        prefix: &[Bos],
        user: &[Text("Human: {}\n\nAssistant: "), Eos],
        assistant: CONTENT_EOS,
        observation: &[Text("Human: {}\n\nAssistant: "), Eos],
        function: CONTENT_EOS,
        ..BASE
    },
    NamedTemplate {
        name: "telechat",
        system: &[Text("<_system>{}<_end>")],
        user: &[Text("<_user>{}<_bot>")],
        lead: "<_bot>",
        assistant: CONTENT_EOS,
        observation: &[Text("<_user>{}<_bot>")],
        function: CONTENT_EOS,
        ..BASE
    },
    NamedTemplate {
        name: "yayi",
        system: &[Token("<|System|>"), Text(":\n{}\n\n")],
        user: &[Token("<|Human|>"), Text(":\n{}\n\n"), Token("<|YaYi|>"), Text(":")],
        lead: "<|YaYi|>:",
        assistant: &[Text("{}\n\n")],
        observation: &[Token("<|Human|>"), Text(":\n{}\n\n"), Token("<|YaYi|>"), Text(":")],
        function: &[Text("{}\n\n")],
        default_system: "You are a helpful, respectful and honest assistant named YaYi developed by Beijing Wenge Technology Co.,Ltd. Always answer as helpfully as possible, while being safe.  Your answers should not include any harmful, unethical, racist, sexist, toxic, dangerous, or illegal content. Please ensure that your responses are socially unbiased and positive in nature.\n\nIf a question does not make any sense, or is not factually coherent, explain why instead of answering something not correct. If you don't know the answer to a question, please don't share false information.",
        stop_words: &["<|End|>"],
        ..BASE
    },
];
