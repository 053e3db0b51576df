//! Named templates: those there are, and what is said of other names.

use crate::{Said, says};

/// Templates by LLaMA-Factory's names.
pub const TEMPLATES: &[&str] = &[
    "aeva",
    "alpaca",
    "aquila",
    "atom",
    "baichuan",
    "baichuan2",
    "bailing",
    "bailing_v2",
    "belle",
    "bluelm",
    "breeze",
    "chatglm2",
    "chatglm3",
    "chatml",
    "chatml_de",
    "codegeex2",
    "codegeex4",
    "cohere",
    "cpm",
    "cpm3",
    "cpm4",
    "dbrx",
    "deepseek",
    "deepseek3",
    "deepseekcoder",
    "deepseekr1",
    "default",
    "dots_ocr",
    "empty",
    "ernie",
    "ernie_nothink",
    "ernie_vl",
    "exaone",
    "falcon",
    "falcon_h1",
    "fewshot",
    "gemma",
    "gemma2",
    "gemma3",
    "gemma3n",
    "gemma4",
    "gemma4n",
    "glm4",
    "glm4_5v",
    "glm4_7",
    "glm4_moe",
    "glm4v",
    "glm_ocr",
    "glmz1",
    "gpt_oss",
    "granite3",
    "granite3_vision",
    "granite4",
    "hunyuan",
    "hunyuan_small",
    "hy3",
    "hy_dense_1_8b",
    "hy_dense_7b",
    "index",
    "intern",
    "intern2",
    "intern_s1",
    "intern_vl",
    "keye_vl",
    "kimi_vl",
    "lfm2",
    "lfm2_vl",
    "llama2",
    "llama2_zh",
    "llama3",
    "llama4",
    "llava",
    "llava_next",
    "llava_next_llama3",
    "llava_next_mistral",
    "llava_next_qwen",
    "llava_next_video",
    "llava_next_video_mistral",
    "llava_next_video_yi",
    "llava_next_yi",
    "marco",
    "mimo",
    "mimo_v2",
    "mimo_vl",
    "minicpm_o",
    "minicpm_v",
    "minicpm_v_4_6",
    "minimax1",
    "minimax2",
    "ministral",
    "ministral3",
    "mistral",
    "mistral_small",
    "mllama",
    "moonlight",
    "moss_vl",
    "olmo",
    "openchat",
    "openchat-3.6",
    "opencoder",
    "orion",
    "paligemma",
    "paligemma_chat",
    "phi",
    "phi4",
    "phi4_mini",
    "phi_small",
    "pixtral",
    "qwen",
    "qwen2_audio",
    "qwen2_omni",
    "qwen2_vl",
    "qwen3",
    "qwen3_5",
    "qwen3_5_nothink",
    "qwen3_6",
    "qwen3_nothink",
    "qwen3_omni",
    "qwen3_omni_nothink",
    "qwen3_vl",
    "qwen3_vl_nothink",
    "sailor",
    "seed_coder",
    "seed_oss",
    "skywork_o1",
    "smollm",
    "smollm2",
    "solar",
    "starchat",
    "telechat",
    "telechat2",
    "vicuna",
    "video_llava",
    "xuanyuan",
    "xverse",
    "yayi",
    "yi",
    "yi_vl",
    "youtu",
    "youtu_vl",
    "yuan",
    "zephyr",
    "ziya",
];

/// How tools and their calls are written, by LLaMA-Factory's names.
pub const TOOL_FORMATS: &[&str] = &[
    "default", "gemma4", "glm4", "glm4_moe", "lfm2", "ling", "llama3", "minimax1", "minimax2", "mistral", "qwen",
    "qwen3_5", "seed_oss",
];

/// Templates whose replies end with no token: what begins behind a reply stands for its end.
pub const WITHOUT_END: &[&str] = &[
    "aeva",
    "baichuan",
    "baichuan2",
    "bailing",
    "bailing_v2",
    "breeze",
    "chatglm2",
    "chatglm3",
    "codegeex4",
    "dots_ocr",
    "falcon",
    "fewshot",
    "gemma2",
    "glm4",
    "glm4_5v",
    "glm4_7",
    "glm4_moe",
    "glm4v",
    "glm_ocr",
    "glmz1",
    "gpt_oss",
    "hy_dense_1_8b",
    "hy_dense_7b",
    "index",
    "solar",
    "yi_vl",
];

/// Why a template can't be had by this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoTemplate {
    /// `too_large` or `choice`
    pub code: &'static str,
    pub said: Said,
}

/// What the key `template` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateSource<'a> {
    /// LLaMA-Factory's name.
    Named(&'a str),
    /// A file with a template in Jinja.
    File(&'a str),
    /// The template itself.
    Text(&'a str),
}

impl<'a> TemplateSource<'a> {
    /// The longest template that a config may hold, in bytes: one word of a command line holds no more.
    pub const MOST: usize = 100_000;

    pub fn of(template: &'a str) -> Self {
        match template {
            text if text.contains("{%") || text.contains("{{") => Self::Text(text),
            path if path.ends_with(".jinja") => Self::File(path),
            name => Self::Named(name),
        }
    }
}

/// `None` for a template that there is, or that is a person's own.
pub fn no_template(name: &str) -> Option<NoTemplate> {
    if let TemplateSource::Text(text) = TemplateSource::of(name)
        && text.len() > TemplateSource::MOST
    {
        return Some(NoTemplate {
            code: "too_large",
            said: says::template_too_long(text.len(), TemplateSource::MOST),
        });
    }
    if TEMPLATES.contains(&name) || !matches!(TemplateSource::of(name), TemplateSource::Named(_)) {
        return None;
    }
    let (code, said) = ("choice", says::no_such_template(name, TEMPLATES.join(", ")));
    Some(NoTemplate { code, said })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_others_are_refused_with_those_there_are() {
        for list in [TEMPLATES, WITHOUT_END, TOOL_FORMATS] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
        assert_eq!(no_template("qwen3"), None);
        assert_eq!(no_template("my templates/own.jinja"), None);
        assert_eq!(no_template("{{ messages[0].content }}"), None);
        assert_eq!(no_template(&"{{ x }}".repeat(20_000)).unwrap().code, "too_large");
        let no = no_template("qwen3_nothing").unwrap();
        assert_eq!(no.code, "choice");
        assert!(
            no.said.message.contains("qwen3_nothink") && no.said.message.contains("qwen3_nothing`"),
            "{}",
            no.said.message
        );
    }
}
