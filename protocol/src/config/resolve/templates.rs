//! Named templates: those there are, and what is said of LLaMA-Factory's other names.

use crate::{Said, says};

/// Templates by LLaMA-Factory's names.
pub const TEMPLATES: &[&str] = &[
    "alpaca",
    "atom",
    "belle",
    "breeze",
    "chatml",
    "chatml_de",
    "deepseek",
    "deepseek3",
    "deepseekcoder",
    "deepseekr1",
    "default",
    "empty",
    "fewshot",
    "granite3",
    "llama2",
    "llama2_zh",
    "llama3",
    "marco",
    "ministral",
    "mistral",
    "mistral_small",
    "openchat",
    "openchat-3.6",
    "opencoder",
    "qwen",
    "qwen3",
    "qwen3_5",
    "qwen3_5_nothink",
    "qwen3_6",
    "qwen3_nothink",
    "sailor",
    "seed_coder",
    "skywork_o1",
    "smollm",
    "smollm2",
    "solar",
    "vicuna",
    "xuanyuan",
    "xverse",
    "yi",
    "zephyr",
    "ziya",
];

/// How tools and their calls are written, by LLaMA-Factory's names.
pub const TOOL_FORMATS: &[&str] = &["default", "glm4", "llama3", "mistral", "qwen", "qwen3_5"];

/// Templates whose replies end with no token: what begins behind a reply stands for its end.
pub const WITHOUT_END: &[&str] = &["breeze", "fewshot", "solar"];

/// Templates of families of text models that are not there yet.
const LATER: &[&str] = &[
    "aeva",
    "aquila",
    "baichuan",
    "baichuan2",
    "bailing",
    "bailing_v2",
    "bluelm",
    "chatglm2",
    "chatglm3",
    "codegeex2",
    "codegeex4",
    "cohere",
    "cpm",
    "cpm3",
    "cpm4",
    "dbrx",
    "ernie",
    "ernie_nothink",
    "exaone",
    "falcon",
    "falcon_h1",
    "gemma",
    "gemma2",
    "glm4",
    "glm4_7",
    "glm4_moe",
    "glmz1",
    "gpt_oss",
    "granite4",
    "hunyuan",
    "hunyuan_small",
    "hy3",
    "hy_dense_1_8b",
    "hy_dense_7b",
    "index",
    "intern",
    "intern2",
    "lfm2",
    "mimo",
    "mimo_v2",
    "minimax1",
    "minimax2",
    "moonlight",
    "olmo",
    "orion",
    "phi",
    "phi4",
    "phi4_mini",
    "phi_small",
    "seed_oss",
    "starchat",
    "telechat",
    "telechat2",
    "yayi",
    "youtu",
    "yuan",
];

/// Templates of models that take more than text.
const MEDIA: &[&str] = &[
    "dots_ocr",
    "ernie_vl",
    "gemma3",
    "gemma3n",
    "gemma4",
    "gemma4n",
    "glm4_5v",
    "glm4v",
    "glm_ocr",
    "granite3_vision",
    "intern_s1",
    "intern_vl",
    "keye_vl",
    "kimi_vl",
    "lfm2_vl",
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
    "mimo_vl",
    "minicpm_o",
    "minicpm_v",
    "minicpm_v_4_6",
    "ministral3",
    "mllama",
    "moss_vl",
    "paligemma",
    "paligemma_chat",
    "pixtral",
    "qwen2_audio",
    "qwen2_omni",
    "qwen2_vl",
    "qwen3_omni",
    "qwen3_omni_nothink",
    "qwen3_vl",
    "qwen3_vl_nothink",
    "video_llava",
    "yi_vl",
    "youtu_vl",
];

/// Why a template can't be had by this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoTemplate {
    /// `later`, `media` or `choice`
    pub code: &'static str,
    pub said: Said,
}

/// `None` for a template that there is.
pub fn no_template(name: &str) -> Option<NoTemplate> {
    if TEMPLATES.contains(&name) {
        return None;
    }
    let (code, said) = if LATER.contains(&name) {
        ("later", says::template_later(name))
    } else if MEDIA.contains(&name) {
        ("media", says::template_media(name))
    } else {
        ("choice", says::no_such_template(name, TEMPLATES.join(", ")))
    };
    Some(NoTemplate { code, said })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_in_one_list_in_order() {
        let mut met = std::collections::BTreeSet::new();
        for list in [TEMPLATES, LATER, MEDIA] {
            assert!(list.is_sorted(), "{list:?}");
            assert!(list.iter().all(|name| met.insert(*name)));
        }
        assert_eq!(no_template("qwen3"), None);
        for (name, code, says) in [
            ("gemma2", "later", "not there yet"),
            ("qwen2_vl", "media", "images"),
            ("qwen3_nothing", "choice", "qwen3_nothink"),
        ] {
            let no = no_template(name).unwrap();
            assert_eq!(no.code, code);
            assert!(
                no.said.message.contains(says) && no.said.message.contains(name),
                "{}",
                no.said.message
            );
        }
    }
}
