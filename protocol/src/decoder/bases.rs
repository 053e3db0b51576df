//! The formats that a frozen base model may be stored in, and which families can be read from each.

use super::{Family, GateUp};

/// A format of stored weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    Gguf,
    Bitsandbytes,
    Gptq,
    Awq,
    Compressed,
    Fp8,
    Mxfp4,
    Hqq,
    Eetq,
    Aqlm,
}

/// How much of a family can be read from a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Nothing,
    /// All but the experts, which share their tensors.
    AllButExperts,
    All,
}

pub const BASES: [Base; 10] = [
    Base::Gguf,
    Base::Bitsandbytes,
    Base::Gptq,
    Base::Awq,
    Base::Compressed,
    Base::Fp8,
    Base::Mxfp4,
    Base::Hqq,
    Base::Eetq,
    Base::Aqlm,
];

/// llama.cpp's architectures, with the classes of transformers that they stand for; where there are several, the more specific
/// one first.
pub const GGUF: &[(&str, &[&str])] = &[
    // llama.cpp gives Mistral, InternLM3 and others the same name
    ("llama", &["MixtralForCausalLM", "LlamaForCausalLM"]),
    ("llama4", &["Llama4ForCausalLM"]),
    ("qwen", &["QWenLMHeadModel"]),
    ("qwen2", &["Qwen2ForCausalLM"]),
    ("qwen3", &["Qwen3ForCausalLM"]),
    ("qwen2moe", &["Qwen2MoeForCausalLM"]),
    ("qwen3moe", &["Qwen3MoeForCausalLM"]),
    ("phi2", &["PhiForCausalLM"]),
    ("phi3", &["Phi3ForCausalLM"]),
    ("phimoe", &["PhimoeForCausalLM"]),
    ("gemma", &["GemmaForCausalLM"]),
    ("gemma2", &["Gemma2ForCausalLM"]),
    ("gemma3", &["Gemma3ForCausalLM"]),
    ("starcoder", &["GPTBigCodeForCausalLM"]),
    ("starcoder2", &["Starcoder2ForCausalLM"]),
    ("stablelm", &["StableLmForCausalLM"]),
    ("nemotron", &["NemotronForCausalLM"]),
    ("olmo", &["OlmoForCausalLM"]),
    ("olmo2", &["Olmo3ForCausalLM", "Olmo2ForCausalLM"]),
    ("olmoe", &["OlmoeForCausalLM"]),
    ("command-r", &["CohereForCausalLM"]),
    ("cohere2", &["Cohere2ForCausalLM"]),
    ("chatglm", &["ChatGLMModel", "GlmForCausalLM"]),
    ("glm4", &["Glm4ForCausalLM"]),
    ("glm4moe", &["Glm4MoeForCausalLM"]),
    ("smollm3", &["SmolLM3ForCausalLM"]),
    ("granite", &["GraniteForCausalLM"]),
    ("granitemoe", &["GraniteMoeForCausalLM"]),
    ("minicpm", &["MiniCPMForCausalLM"]),
    ("minicpm3", &["MiniCPM3ForCausalLM"]),
    ("xverse", &["XverseForCausalLM"]),
    ("baichuan", &["BaichuanForCausalLM"]),
    ("internlm2", &["InternLM2ForCausalLM"]),
    ("ernie4_5", &["Ernie4_5ForCausalLM"]),
    ("ernie4_5-moe", &["Ernie4_5_MoeForCausalLM"]),
    ("hunyuan-dense", &["HunYuanDenseV1ForCausalLM"]),
    ("hunyuan-moe", &["HunYuanMoEV1ForCausalLM"]),
    ("seed_oss", &["SeedOssForCausalLM"]),
    ("deepseek", &["DeepseekForCausalLM"]),
    ("deepseek2", &["DeepseekV3ForCausalLM", "DeepseekV2ForCausalLM"]),
    ("gpt-oss", &["GptOssForCausalLM"]),
    ("gpt2", &["GPT2LMHeadModel"]),
    ("gptneox", &["GPTNeoXForCausalLM"]),
    ("bloom", &["BloomForCausalLM"]),
    ("mpt", &["MptForCausalLM"]),
    ("falcon", &["FalconForCausalLM"]),
];

/// Classes that llama.cpp stores under the architecture of another class with the same tensors and arithmetic.
const AS_ANOTHER: [(&str, &str); 3] = [
    ("MistralForCausalLM", "LlamaForCausalLM"),
    ("InternLM3ForCausalLM", "LlamaForCausalLM"),
    ("BaiChuanForCausalLM", "BaichuanForCausalLM"),
];

impl Base {
    /// The name that people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gguf => "GGUF",
            Self::Bitsandbytes => "bitsandbytes",
            Self::Gptq => "GPTQ",
            Self::Awq => "AWQ",
            Self::Compressed => "compressed-tensors",
            Self::Fp8 => "FP8",
            Self::Mxfp4 => "MXFP4",
            Self::Hqq => "HQQ",
            Self::Eetq => "EETQ",
            Self::Aqlm => "AQLM",
        }
    }

    /// Whether experts that share their tensors can be read from it.
    pub fn holds_stacks(self) -> bool {
        matches!(self, Self::Gguf | Self::Mxfp4)
    }

    /// How much of a family can be read from it.
    pub fn extent(self, family: &Family) -> Extent {
        let of_all = |there: bool| if there { Extent::All } else { Extent::Nothing };
        match (self, family.weights.stacked) {
            (Self::Gguf, _) => of_all(gguf_architecture(family.architecture).is_some()),
            // as GPT-OSS is published
            (Self::Mxfp4, stacked) => of_all(stacked.is_some_and(|stacked| stacked.order == GateUp::Alternating)),
            (_, Some(_)) => Extent::AllButExperts,
            (_, None) => Extent::All,
        }
    }
}

/// The classes of transformers that an architecture of llama.cpp stands for.
pub fn gguf_classes(name: &str) -> &'static [&'static str] {
    GGUF.iter()
        .find(|(own, _)| *own == name)
        .map_or(&[], |(_, classes)| classes)
}

/// llama.cpp's architecture for a class of transformers.
pub fn gguf_architecture(class: &str) -> Option<&'static str> {
    let another = AS_ANOTHER.iter().find(|(own, _)| *own == class);
    let class = another.map_or(class, |(_, another)| another);
    let mut all = GGUF.iter();
    all.find(|(_, classes)| classes.contains(&class)).map(|(name, _)| *name)
}

/// The architectures of GGUF files that can be read, comma-separated, for messages.
pub fn gguf_supported() -> String {
    GGUF.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoder::{by_architecture, families};

    #[test]
    fn what_files_name_is_described() {
        for class in GGUF.iter().flat_map(|(_, classes)| *classes) {
            let family = by_architecture(class).unwrap_or_else(|| panic!("{class} is no family"));
            assert_eq!(Base::Gguf.extent(family), Extent::All);
        }
        for (class, another) in AS_ANOTHER {
            assert!(by_architecture(class).is_some() && by_architecture(another).is_some());
        }
        let without: Vec<_> = families()
            .filter(|family| Base::Gguf.extent(family) == Extent::Nothing)
            .map(|family| family.architecture)
            .collect();
        assert_eq!(without, ["MinistralForCausalLM", "GPTJForCausalLM", "OPTForCausalLM"]);
    }

    #[test]
    fn experts_in_one_tensor_are_stored_by_those_who_hold_them() {
        let extent = |base: Base, class| base.extent(by_architecture(class).unwrap());
        assert_eq!(extent(Base::Mxfp4, "GptOssForCausalLM"), Extent::All);
        assert_eq!(extent(Base::Gptq, "GptOssForCausalLM"), Extent::AllButExperts);
        assert_eq!(extent(Base::Gptq, "MixtralForCausalLM"), Extent::All);
        for class in ["MixtralForCausalLM", "Llama4ForCausalLM"] {
            assert_eq!(extent(Base::Mxfp4, class), Extent::Nothing);
        }
    }
}
