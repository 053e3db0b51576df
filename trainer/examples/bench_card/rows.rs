//! What is timed: shapes of known models with a method, a loss and lengths; what says most stands first, since time may run out.

use serde_json::{Value, json};
use trainer::error::Result;
use trainer::plan::{PairTokens, Plan, SeqTokens};

/// A model by its name and `config.json`.
pub struct Shape {
    pub name: &'static str,
    pub config: &'static str,
}

const LLAMA_1B: Shape = Shape {
    name: "Llama-3.2-1B",
    config: r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 128256, "hidden_size": 2048,
        "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8,
        "head_dim": 64, "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
        "tie_word_embeddings": true, "torch_dtype": "bfloat16"}"#,
};
const LLAMA_8B: Shape = Shape {
    name: "Llama-3.1-8B",
    config: r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
        "head_dim": 128, "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
        "tie_word_embeddings": false, "torch_dtype": "bfloat16"}"#,
};
const QWEN: Shape = Shape {
    name: "Qwen3-0.6B",
    config: r#"{"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "vocab_size": 151936, "hidden_size": 1024,
        "intermediate_size": 3072, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8,
        "head_dim": 128, "max_position_embeddings": 40960, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0,
        "tie_word_embeddings": true, "torch_dtype": "bfloat16"}"#,
};
/// In place of all of them where there is no real card: to see that each kind of row runs.
const TINY: Shape = Shape {
    name: "tiny",
    config: r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 512, "hidden_size": 64,
        "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "head_dim": 16, "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "tie_word_embeddings": true,
        "torch_dtype": "bfloat16"}"#,
};

/// What trains, and in which type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Lora,
    Qlora,
    /// all weights, parameters and states in f32
    Full,
    /// all weights, parameters and states in bf16, as they are where a PyTorch script loads its model so
    PureFull,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    Dpo,
    Simpo,
    Sft,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lengths {
    /// each row is the longest
    Even,
    /// a quarter of the longest, a half, three quarters and the whole: computed without padding here, and with it elsewhere
    Ragged,
}

/// What one row of the bench trains.
pub struct Row {
    pub shape: &'static Shape,
    pub method: Method,
    pub loss: Loss,
    /// tokens of the longest text
    pub longest: usize,
    pub lengths: Lengths,
}

/// Rows of a micro-batch: as many texts, or half as many pairs.
const TEXTS: usize = 4;

/// Tokens of a row of data.
#[derive(Clone, Copy)]
pub enum Texts {
    Pair {
        prompt: usize,
        chosen: usize,
        rejected: usize,
    },
    Whole(usize),
}

/// All rows; `tiny`: of the smallest shape, in place of the known ones.
pub fn all(tiny: bool) -> Vec<Row> {
    use Lengths::{Even, Ragged};
    use Loss::{Dpo, Sft, Simpo};
    use Method::{Full, Lora, PureFull, Qlora};
    let rows: &[(&'static Shape, Method, Loss, usize, Lengths)] = &[
        (&LLAMA_1B, Lora, Dpo, 1024, Even),
        (&LLAMA_1B, Lora, Dpo, 1024, Ragged),
        (&QWEN, Lora, Dpo, 1024, Even),
        (&LLAMA_1B, PureFull, Sft, 1024, Even),
        (&LLAMA_1B, Lora, Dpo, 4096, Even),
        (&LLAMA_1B, Lora, Simpo, 1024, Ragged),
        (&LLAMA_1B, Full, Sft, 1024, Even),
        (&LLAMA_1B, Qlora, Dpo, 1024, Even),
        (&LLAMA_1B, Lora, Sft, 4096, Ragged),
        (&QWEN, PureFull, Dpo, 1024, Ragged),
        (&LLAMA_1B, Lora, Sft, 1024, Even),
        (&QWEN, Full, Sft, 1024, Even),
        (&QWEN, Qlora, Sft, 4096, Ragged),
        (&LLAMA_1B, Full, Dpo, 1024, Even),
        (&QWEN, Lora, Simpo, 4096, Even),
        // their random weights take the host a minute or more each
        (&LLAMA_8B, Qlora, Dpo, 1024, Ragged),
        (&LLAMA_8B, Lora, Sft, 1024, Even),
        (&LLAMA_8B, Lora, Dpo, 4096, Ragged),
        (&LLAMA_8B, Qlora, Simpo, 4096, Even),
        (&LLAMA_8B, PureFull, Sft, 1024, Ragged),
        (&LLAMA_8B, Lora, Simpo, 1024, Even),
    ];
    let row = |&(shape, method, loss, longest, lengths)| Row {
        shape: if tiny { &TINY } else { shape },
        method,
        loss,
        longest: if tiny { longest / 32 } else { longest },
        lengths,
    };
    rows.iter().map(row).collect()
}

impl Row {
    pub fn name(&self) -> String {
        let Self {
            method, loss, longest, ..
        } = self;
        format!("{} {method:?} {loss:?} {longest} {:?}", self.shape.name, self.lengths)
    }

    pub fn texts(&self) -> Vec<Texts> {
        let length = |i: usize| match self.lengths {
            Lengths::Even => self.longest,
            Lengths::Ragged => self.longest * (i + 1) / TEXTS,
        };
        match self.loss {
            Loss::Sft => (0..TEXTS).map(|i| Texts::Whole(length(i))).collect(),
            Loss::Dpo | Loss::Simpo => (0..TEXTS / 2)
                .map(|pair| {
                    let (chosen, rejected) = (length(2 * pair), length(2 * pair + 1));
                    let prompt = chosen / 2;
                    Texts::Pair {
                        prompt,
                        chosen: chosen - prompt,
                        rejected: rejected - prompt,
                    }
                })
                .collect(),
        }
    }

    /// Tokens that a trainer has to see: each reply with its prompt, no padding.
    pub fn tokens(&self) -> usize {
        let of = |texts| match texts {
            Texts::Pair {
                prompt,
                chosen,
                rejected,
            } => 2 * prompt + chosen + rejected,
            Texts::Whole(length) => length,
        };
        self.texts().into_iter().map(of).sum()
    }

    /// For a program that trains the same elsewhere.
    pub fn described(&self) -> serde_json::Result<Value> {
        let of = |texts| match texts {
            Texts::Pair {
                prompt,
                chosen,
                rejected,
            } => json!({"prompt": prompt, "chosen": chosen, "rejected": rejected}),
            Texts::Whole(length) => json!({"text": length}),
        };
        Ok(json!({
            "row": self.name(), "config": serde_json::from_str::<Value>(self.shape.config)?,
            "method": format!("{:?}", self.method), "loss": format!("{:?}", self.loss), "tokens": self.tokens(),
            "texts": self.texts().into_iter().map(of).collect::<Vec<_>>(),
        }))
    }

    /// Tokens that look random and are the same on each run.
    pub fn plan(&self, vocabulary: usize) -> Result<Plan> {
        let mut state = 1u64;
        let mut next = || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 33) as u32 % vocabulary as u32
        };
        let mut draw = |count: usize| -> Vec<u32> { (0..count).map(|_| next()).collect() };
        let (mut pairs, mut whole) = (vec![], vec![]);
        for texts in self.texts() {
            match texts {
                Texts::Pair {
                    prompt,
                    chosen,
                    rejected,
                } => pairs.push([prompt, chosen, rejected].map(&mut draw)),
                Texts::Whole(length) => whole.push((draw(length), vec![true; length])),
            }
        }
        let sequences: Vec<_> = whole
            .iter()
            .map(|(tokens, counts)| SeqTokens { tokens, counts })
            .collect();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|[prompt, chosen, rejected]| PairTokens {
                prompt,
                chosen,
                rejected,
            })
            .collect();
        match self.loss {
            Loss::Sft => Plan::sequences(&sequences),
            Loss::Dpo | Loss::Simpo => Plan::pairs(&pairs),
        }
    }
}
