//! The named templates in widest use, and small ones.

use super::super::named::Slot::{Bos, Eos, Text};
use super::super::named::{CONTENT_EOS, NamedTemplate, Reasoning, SystemPlace};
use super::super::shapes::*;
use super::super::tools::ToolFormat;

pub(super) const TEMPLATES: &[NamedTemplate] = &[
    LLAMA2,
    LLAMA3,
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
    DEEPSEEK3,
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
    MISTRAL,
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
    NamedTemplate {
        name: "atom",
        user: ATOM_USER,
        lead: "Assistant:",
        assistant: ATOM_REPLY,
        observation: ATOM_USER,
        function: ATOM_REPLY,
        ..BASE
    },
    NamedTemplate {
        name: "belle",
        prefix: &[Bos],
        user: BELLE_USER,
        lead: "\n\nBelle: ",
        assistant: ALPACA_REPLY,
        observation: BELLE_USER,
        function: ALPACA_REPLY,
        ..BASE
    },
    NamedTemplate {
        name: "breeze",
        prefix: &[Bos],
        user: BREEZE_USER,
        observation: BREEZE_USER,
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "chatml_de",
        default_system: "Du bist ein freundlicher und hilfsbereiter KI-Assistent.",
        ..CHATML
    },
    NamedTemplate {
        name: "deepseek",
        prefix: &[Bos],
        system: &[Text("{}\n\n")],
        user: DEEPSEEK_LLM_USER,
        lead: "Assistant:",
        assistant: CONTENT_EOS,
        observation: DEEPSEEK_LLM_USER,
        function: CONTENT_EOS,
        ..BASE
    },
    NamedTemplate {
        name: "deepseekcoder",
        prefix: &[Bos],
        user: DEEPSEEK_CODER_USER,
        lead: "### Response:",
        assistant: DEEPSEEK_CODER_REPLY,
        observation: DEEPSEEK_CODER_USER,
        function: DEEPSEEK_CODER_REPLY,
        default_system: "You are an AI programming assistant, utilizing the DeepSeek Coder model, \
                         developed by DeepSeek Company, and you only answer questions related to computer science. \
                         For politically sensitive questions, security and privacy issues, \
                         and other non-computer science questions, you will refuse to answer.\n",
        ..BASE
    },
    NamedTemplate {
        name: "deepseekr1",
        reasoning: Reasoning::Yes,
        ..DEEPSEEK3
    },
    NamedTemplate {
        name: "fewshot",
        assistant: &[Text("{}\n\n")],
        function: &[Text("{}\n\n")],
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "llama2_zh",
        default_system: "You are a helpful assistant. 你是一个乐于助人的助手。",
        ..LLAMA2
    },
    NamedTemplate {
        name: "marco",
        default_system: "你是一个经过良好训练的AI助手，你的名字是Marco-o1.由阿里国际数字商业集团的AI Business创造.\n\
                         ## 重要！！！！！\n\
                         当你回答问题时，你的思考应该在<Thought>内完成，<Output>内输出你的结果。\n\
                         <Thought>应该尽可能是英文，但是有2个特例，一个是对原文中的引用，另一个是是数学应该使用markdown格式，\
                         <Output>内的输出需要遵循用户输入的语言。\n",
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "ministral",
        user: &[Text("[INST]{}[/INST]")],
        assistant: CONTENT_EOS,
        observation: &[Text("[TOOL_RESULTS]{\"content\": {}}[/TOOL_RESULTS]")],
        function: &[Text("[TOOL_CALLS]{}"), Eos],
        ..MISTRAL
    },
    NamedTemplate {
        name: "mistral_small",
        system: &[Text("[SYSTEM_PROMPT]{}[/SYSTEM_PROMPT]")],
        user: &[Text("[INST]{}[/INST]")],
        assistant: CONTENT_EOS,
        observation: &[Text("[TOOL_RESULTS]{\"content\": {}}[/TOOL_RESULTS]")],
        function: &[Text("[TOOL_CALLS]{}"), Eos],
        system_place: SystemPlace::OwnTurn,
        ..MISTRAL
    },
    NamedTemplate {
        name: "openchat",
        prefix: &[Bos],
        user: OPENCHAT_USER,
        lead: "GPT4 Correct Assistant:",
        assistant: CONTENT_EOS,
        observation: OPENCHAT_USER,
        function: CONTENT_EOS,
        ..BASE
    },
    NamedTemplate {
        name: "openchat-3.6",
        prefix: &[Bos],
        user: OPENCHAT_36_USER,
        lead: "<|start_header_id|>GPT4 Correct Assistant<|end_header_id|>\n\n",
        assistant: CONTENT_EOS,
        observation: OPENCHAT_36_USER,
        function: CONTENT_EOS,
        stop_words: &["<|eot_id|>"],
        ..BASE
    },
    NamedTemplate {
        name: "opencoder",
        default_system: "You are OpenCoder, created by OpenCoder Team.",
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "qwen3_6",
        default_system: "",
        tools: ToolFormat::Qwen35,
        reasoning: Reasoning::Yes,
        ..QWEN
    },
    NamedTemplate {
        name: "sailor",
        user: SAILOR_USER,
        lead: "<|im_start|>answer\n",
        observation: SAILOR_USER,
        stop_words: &["<|im_end|>"],
        replace_eos: false,
        default_system: "You are an AI assistant named Sailor created by Sea AI Lab. \
                         Your answer should be friendly, unbiased, faithful, informative and detailed.",
        ..CHATML
    },
    NamedTemplate {
        name: "seed_coder",
        system: &[Bos, Text("system\n{}"), Eos],
        user: SEED_USER,
        lead: "assistant\n",
        assistant: CONTENT_EOS,
        observation: SEED_USER,
        function: CONTENT_EOS,
        default_system: "You are an AI programming assistant, utilizing the Seed-Coder model, developed by ByteDance Seed, \
                         and you only answer questions related to computer science. For politically sensitive questions, \
                         security and privacy issues, and other non-computer science questions, you will refuse to \
                         answer.\n\n",
        ..BASE
    },
    NamedTemplate {
        name: "skywork_o1",
        default_system: "You are Skywork-o1, a thinking model developed by Skywork AI, specializing in solving complex \
                         problems involving mathematics, coding, and logical reasoning through deep thought. When faced \
                         with a user's request, you first engage in a lengthy and in-depth thinking process to explore \
                         possible solutions to the problem. After completing your thoughts, you then provide a detailed \
                         explanation of the solution process in your response.",
        replace_eos: false,
        ..LLAMA3
    },
    NamedTemplate {
        name: "solar",
        system: &[Text("### System:\n{}\n\n")],
        user: SOLAR_USER,
        lead: "### Assistant:\n",
        observation: SOLAR_USER,
        efficient_eos: true,
        ..BASE
    },
    NamedTemplate {
        name: "xuanyuan",
        user: XUANYUAN_USER,
        lead: " Assistant:",
        assistant: CONTENT_EOS,
        observation: XUANYUAN_USER,
        function: CONTENT_EOS,
        default_system: "以下是用户和人工智能助手之间的对话。用户以Human开头，人工智能助手以Assistant开头，\
                         会对人类提出的问题给出有帮助、高质量、详细和礼貌的回答，并且总是拒绝参与与不道德、\
                         不安全、有争议、政治敏感等相关的话题、问题和指示。\n",
        ..BASE
    },
    NamedTemplate {
        name: "xverse",
        user: XVERSE_USER,
        lead: "Assistant: ",
        assistant: CONTENT_EOS,
        observation: XVERSE_USER,
        function: CONTENT_EOS,
        ..BASE
    },
    NamedTemplate {
        name: "yi",
        observation: CHATML_USER,
        ..PLAIN_CHATML
    },
    NamedTemplate {
        name: "ziya",
        user: ZIYA_USER,
        lead: "<bot>:",
        assistant: ZIYA_REPLY,
        observation: ZIYA_USER,
        function: ZIYA_REPLY,
        ..BASE
    },
    BASE,
];
