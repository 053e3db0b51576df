//! Which template a released model takes, by LLaMA-Factory's names: what the form suggests for a folder.

use crate::api::ModelInfo;

/// How names of releases begin, in small letters and without their owner, with the template; the longest that fits counts. What
/// stands behind a `*` is somewhere in the rest.
const RELEASES: &[(&str, &str)] = &[
    ("aeva", "aeva"),
    // of releases before, which its list no longer has
    ("baichuan-", "baichuan"),
    ("baichuan2-", "baichuan2"),
    ("minicpm-", "cpm"),
    ("minicpm3-", "cpm3"),
    ("xverse-", "xverse"),
    ("llama-4-", "llama4"),
    ("breeze-", "breeze"),
    ("chatglm3-", "chatglm3"),
    ("aya-23-", "cohere"),
    ("c4ai-command-r", "cohere"),
    ("minicpm4", "cpm4"),
    ("minicpm5-", "empty"),
    ("dbrx-", "dbrx"),
    ("deepseek-", "deepseek"),
    ("deepseek-coder-v2-", "deepseek"),
    ("deepseek-v2-chat-0628", "deepseek3"),
    ("deepseek-v2.5", "deepseek3"),
    ("deepseek-v3", "deepseek3"),
    ("deepseek-coder-", "deepseekcoder"),
    ("deepseek-r1", "deepseekr1"),
    ("ernie-4.5-*-thinking", "ernie"),
    ("ernie-4.5-", "ernie_nothink"),
    ("exaone-3", "exaone"),
    ("falcon-", "falcon"),
    ("falcon-h1", "falcon_h1"),
    ("codegemma-", "gemma"),
    ("gemma-", "gemma"),
    ("gemma-2-", "gemma2"),
    ("gemma-3-", "gemma2"),
    ("medgemma-27b-text", "gemma2"),
    ("glm-4-", "glm4"),
    ("glm-4.7-", "glm4_7"),
    ("glm-4.5", "glm4_moe"),
    ("glm-z1-", "glmz1"),
    ("gpt-oss-", "gpt_oss"),
    ("granite-3", "granite3"),
    ("granite-4.0-", "granite4"),
    ("hunyuan-", "hunyuan"),
    ("hy-mt1.5-7b", "hunyuan"),
    ("hy-mt1.5-1.8b", "hunyuan_small"),
    ("hy-mt2-1.8b", "hy_dense_1_8b"),
    ("hy-mt2-7b", "hy_dense_7b"),
    ("hy3", "hy3"),
    ("index-1.9b", "index"),
    ("internlm2", "intern2"),
    ("internlm3-", "intern2"),
    ("lfm2.5-", "lfm2"),
    ("llama-2-", "llama2"),
    ("chinese-alpaca-2-", "llama2_zh"),
    ("chinese-llama-2-", "llama2_zh"),
    ("llama-3.", "llama3"),
    ("llama3", "llama3"),
    ("meta-llama-3", "llama3"),
    ("mobilellm-r1-", "llama3"),
    ("mimo-", "mimo"),
    ("mimo-v2", "mimo_v2"),
    ("minimax-m1", "minimax1"),
    ("minimax-text-01", "minimax1"),
    ("minimax-m2", "minimax2"),
    ("ministral-", "ministral"),
    ("mistral-nemo-", "ministral"),
    ("codestral-", "mistral"),
    ("mistral-7b", "mistral"),
    ("mixtral-", "mistral"),
    ("devstral-small", "mistral_small"),
    ("mistral-small", "mistral_small"),
    ("moonlight-", "moonlight"),
    ("openchat-3.5", "openchat"),
    ("openchat-3.6", "openchat-3.6"),
    ("opencoder-", "opencoder"),
    ("phi-3", "phi"),
    ("phi-4", "phi4"),
    ("phi-4-mini", "phi4_mini"),
    ("phi-3-small", "phi_small"),
    ("codeqwen1.5-", "qwen"),
    ("kimi-dev-", "qwen"),
    ("qwen", "qwen"),
    ("qwq-", "qwen"),
    ("qwen3-", "qwen3"),
    ("qwen-agentworld-", "qwen3"),
    ("vibethinker-", "qwen3"),
    ("qwen3-*-instruct", "qwen3_nothink"),
    ("seed-coder-", "seed_coder"),
    ("seed-oss-", "seed_oss"),
    ("smollm-", "smollm"),
    ("smollm2-", "smollm2"),
    ("solar-10.7b", "solar"),
    ("telechat2", "telechat2"),
    ("vicuna-", "vicuna"),
    ("xuanyuan", "xuanyuan"),
    ("yi-", "yi"),
    ("youtu-llm", "youtu"),
    ("yuan2-", "yuan"),
    ("zephyr-", "zephyr"),
];

/// Of a release of this name: `owner/name`, a name, or a path that ends in one.
pub fn template_of(name: &str) -> Option<&'static str> {
    let name = name.trim_end_matches('/').rsplit('/').next()?.to_lowercase();
    let fits = |pattern: &str| match pattern.split_once('*') {
        None => name.starts_with(pattern),
        Some((begin, within)) => name.strip_prefix(begin).is_some_and(|rest| rest.contains(within)),
    };
    let fitting = RELEASES.iter().filter(|(pattern, _)| fits(pattern));
    fitting
        .max_by_key(|(pattern, _)| pattern.len())
        .map(|(_, template)| *template)
}

/// The template that LLaMA-Factory has for a model: by its name, by a part of its path (the hub's cache has the name there), by
/// what it was made from, else the usual one of its family.
pub fn template_for(model: &ModelInfo) -> Option<&'static str> {
    let cached = model
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix("models--")?.split("--").nth(1));
    let names = [model.id.as_str(), model.path.as_str()]
        .into_iter()
        .chain(cached)
        .chain(model.base.as_deref());
    let by_name = names.map(template_of).find(Option::is_some).flatten();
    by_name.or_else(|| model.dims.as_ref()?.family.template)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TEMPLATES;
    use crate::decoder::families;
    use std::collections::BTreeMap;

    /// What LLaMA-Factory's list of models says of each that reads text alone.
    #[test]
    fn releases_take_what_llama_factory_says() {
        let text = include_str!("../../../tests/golden/released_models.json");
        let released: BTreeMap<String, Option<String>> = serde_json::from_str(text).unwrap();
        assert!(released.len() > 400);
        for (name, template) in &released {
            assert_eq!(template_of(name), template.as_deref(), "{name}");
        }
    }

    #[test]
    fn what_is_suggested_is_there() {
        let usual = families().filter_map(|family| family.template);
        for template in RELEASES.iter().map(|(_, template)| *template).chain(usual) {
            assert!(TEMPLATES.contains(&template), "{template}");
        }
    }
}
