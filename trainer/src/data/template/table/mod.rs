//! The named templates: one table row each, in LLaMA-Factory's names.

mod chatml;
mod gemma;
mod glm;
mod hunyuan;
mod llama;
mod older;
mod others;
mod usual;

use super::named::NamedTemplate;

/// All of them.
pub const TEMPLATES: &[&[NamedTemplate]] = &[
    usual::TEMPLATES,
    chatml::TEMPLATES,
    gemma::TEMPLATES,
    glm::TEMPLATES,
    hunyuan::TEMPLATES,
    llama::TEMPLATES,
    older::TEMPLATES,
    others::TEMPLATES,
];
