//! Talking to models: workers that hold one each, and the OpenAI-style API over them.

mod fields;
pub mod openai;
pub mod pool;
pub mod request;
mod turns;
pub mod worker;
