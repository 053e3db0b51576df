//! From token ids to the residual stream, and the gradient back to what is there for it.
use crate::error::Result;
use crate::model::Noise;
use crate::model::context::PassContext;
use crate::model::linear::{BackwardInputs, InputGrad, LinearBuffers, Outputs};
use crate::model::norm::NormContext;
use crate::model::weights::{Weight, Weights};
use crate::ops::{Buf, Engine, Write, gather, noise, scale};
use crate::plan::Plan;

/// The way of tokens into the residual stream: `norm(project(scale * table[id]) + positions[position])`.
pub struct Embedding<'a> {
    pub pass: &'a PassContext<'a>,
    pub weights: &'a Weights,
}

/// What the way in leaves for the way back.
pub struct EmbeddingBuffers {
    /// rows of the table, `[tokens, width]`, where a linear layer takes them
    rows: Buf,
    /// `A x` of that layer's trained term
    lora_hidden: Buf,
    /// what the norm reads, `[tokens, hidden]`, where there is one
    unnormed: Buf,
}

impl EmbeddingBuffers {
    pub fn new(engine: &Engine) -> Result<Self> {
        Ok(Self {
            rows: engine.buffer()?,
            lora_hidden: engine.buffer()?,
            unnormed: engine.buffer()?,
        })
    }
}

impl Embedding<'_> {
    fn norm(&self) -> Option<NormContext<'_>> {
        let (pass, decoder) = (self.pass, self.pass.decoder);
        let vectors = self.weights.embedding_norm.as_ref();
        let (vectors, spec) = vectors.zip(decoder.embedding.norm.as_ref())?;
        Some(pass.norm(vectors, spec, pass.plan.tokens(), decoder.hidden))
    }

    /// The table of positions, and the row of the first.
    fn positions(&self) -> Option<(&Weight, usize)> {
        let spec = self.pass.decoder.embedding.positions.as_ref()?;
        Some((self.weights.positions.as_ref()?, spec.offset))
    }

    /// Fills `x[tokens, hidden]`. Noise goes on the rows of the table as they are.
    pub fn forward(
        &self,
        x: &mut Buf,
        noise: Option<(&Plan, Noise)>,
        buffers: &mut EmbeddingBuffers,
        linear_buffers: &mut LinearBuffers,
    ) -> Result<()> {
        let (pass, decoder) = (self.pass, self.pass.decoder);
        let (tokens, hidden, width) = (pass.plan.tokens(), decoder.hidden, decoder.embedding.width);
        let EmbeddingBuffers {
            rows,
            lora_hidden,
            unnormed,
        } = buffers;
        let norm = self.norm();
        let stream = match norm {
            Some(_) => unnormed.fit(tokens * hidden)?,
            None => &mut *x,
        };
        match &self.weights.project_in {
            None => self.look_up(stream, noise)?,
            Some(linear) => {
                self.look_up(rows.fit(tokens * width)?, noise)?;
                let out = Outputs {
                    y: stream.view_mut(),
                    lora_hidden: lora_hidden.fit(linear.lora_hidden_len(tokens))?.view_mut(),
                };
                linear.forward(rows.view(), out, &mut pass.linear(tokens, linear_buffers))?;
            }
        }
        if let Some((table, first)) = self.positions() {
            pass.engine.run(gather::AddRows {
                table: table.operand(pass.params),
                first,
                ids: pass.plan.all().positions,
                x: stream.view_mut(),
                count: tokens,
                width: hidden,
            })?;
        }
        match norm {
            Some(norm) => norm.forward(unnormed, x),
            None => Ok(()),
        }
    }

    /// `to[tokens, width]`, with noise and the scale of the embedding.
    fn look_up(&self, to: &mut Buf, noise: Option<(&Plan, Noise)>) -> Result<()> {
        let (pass, spec) = (self.pass, &self.pass.decoder.embedding);
        pass.engine.run(gather::Gather {
            table: self.weights.embed.operand(pass.params),
            ids: pass.plan.ids(),
            y: to.view_mut(),
            count: pass.plan.tokens(),
            width: spec.width,
        })?;
        if let Some((plan, noise)) = noise {
            add_noise(pass, plan, noise, to, spec.width)?;
        }
        self.scale(to)
    }

    fn scale(&self, rows: &mut Buf) -> Result<()> {
        let spec = &self.pass.decoder.embedding;
        match spec.scale == 1.0 {
            true => Ok(()),
            false => self.pass.engine.run(scale::Scale {
                x: rows.view_mut(),
                factor: spec.scale as f32,
                len: self.pass.plan.tokens() * spec.width,
            }),
        }
    }

    /// Adds to the gradients of what trains here, from `dx`, that of the residual stream, which is used up. `spare` are
    /// buffers to work in.
    pub fn backward(
        &self,
        dx: &mut Buf,
        buffers: &EmbeddingBuffers,
        spare: [&mut Buf; 2],
        linear_buffers: &mut LinearBuffers,
        grads: &mut [Buf],
    ) -> Result<()> {
        let (pass, decoder) = (self.pass, self.pass.decoder);
        let (tokens, hidden, width) = (pass.plan.tokens(), decoder.hidden, decoder.embedding.width);
        let [unnormed, rows] = spare;
        let dx = match self.norm() {
            None => dx,
            Some(norm) => {
                norm.weight_grad(&buffers.unnormed, dx.view(), grads)?;
                let to = unnormed.fit(tokens * hidden)?;
                norm.input_grad(&buffers.unnormed, dx.view(), to, Write::Overwrite)?;
                to
            }
        };
        if let Some((table, first)) = self.positions()
            && let Some(id) = table.trained()
        {
            let len = grads[id].capacity();
            pass.engine.run(gather::ScatterAdd {
                rows: dx.view(),
                ids: pass.plan.all().positions,
                factors: None,
                out: grads[id].part_mut(first * hidden, len - first * hidden),
                count: tokens,
                width: hidden,
            })?;
        }
        let trained = self.weights.embed.trained();
        let d_rows = match &self.weights.project_in {
            None => dx,
            Some(linear) => {
                let of_linear = BackwardInputs {
                    x: buffers.rows.view(),
                    lora_hidden: buffers.lora_hidden.view(),
                    dy: dx.view(),
                };
                rows.fit(tokens * width)?;
                let to = trained.map(|_| InputGrad::overwrite(rows));
                linear.backward(of_linear, to, grads, &mut pass.linear(tokens, linear_buffers))?;
                rows
            }
        };
        let Some(id) = trained else { return Ok(()) };
        self.scale(d_rows)?;
        pass.engine.run(gather::ScatterAdd {
            rows: d_rows.view(),
            ids: pass.plan.ids(),
            factors: None,
            out: grads[id].view_mut(),
            count: tokens,
            width,
        })
    }
}

fn add_noise(pass: &PassContext, plan: &Plan, noise: Noise, x: &mut Buf, width: usize) -> Result<()> {
    for group in &plan.groups {
        let tokens: usize = group.iter().map(|segment| segment.len).sum();
        let first = group.iter().map(|segment| segment.query).min().unwrap_or(0);
        let magnitude = noise.alpha / ((tokens * width) as f64).sqrt();
        pass.engine.run(noise::AddNoise {
            x: x.view_mut(),
            at: first * width..(first + tokens) * width,
            magnitude: magnitude as f32,
            seed: noise.seed,
        })?;
    }
    Ok(())
}
