//! The linear layer between the last norm and the head, which a decoder has whose tables are of another width.
use crate::error::Result;
use crate::model::context::PassContext;
use crate::model::linear::{BackwardInputs, InputGrad, Linear, LinearBuffers, Outputs};
use crate::ops::{Buf, Engine, act};

/// What the layer reads and gives, in the type that passes compute in.
pub struct ProjectionBuffers {
    input: Buf,
    output: Buf,
    d_input: Buf,
    /// `A x` of its trained term
    lora_hidden: Buf,
}

impl ProjectionBuffers {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            input: buf()?,
            output: buf()?,
            d_input: buf()?,
            lora_hidden: buf()?,
        })
    }

    /// `x[rows, input]` becomes `[rows, output]`.
    pub fn forward(
        &mut self,
        pass: &PassContext,
        linear: &Linear,
        x: &mut Buf,
        linear_buffers: &mut LinearBuffers,
    ) -> Result<()> {
        let rows = pass.plan.rows;
        copy(pass.engine, x, &mut self.input, rows * linear.input)?;
        let out = Outputs {
            y: self.output.fit(rows * linear.output)?.view_mut(),
            lora_hidden: self.lora_hidden.fit(linear.lora_hidden_len(rows))?.view_mut(),
        };
        linear.forward(self.input.view(), out, &mut pass.linear(rows, linear_buffers))?;
        copy(pass.engine, &self.output, x, rows * linear.output)
    }

    /// Adds to the gradients of what trains; `dx`, the gradient of the output, becomes that of the input.
    pub fn backward(
        &mut self,
        pass: &PassContext,
        linear: &Linear,
        dx: &mut Buf,
        linear_buffers: &mut LinearBuffers,
        grads: &mut [Buf],
    ) -> Result<()> {
        let rows = pass.plan.rows;
        copy(pass.engine, dx, &mut self.output, rows * linear.output)?;
        let of_linear = BackwardInputs {
            x: self.input.view(),
            lora_hidden: self.lora_hidden.view(),
            dy: self.output.view(),
        };
        let to = InputGrad::overwrite(self.d_input.fit(rows * linear.input)?);
        linear.backward(of_linear, Some(to), grads, &mut pass.linear(rows, linear_buffers))?;
        copy(pass.engine, &self.d_input, dx, rows * linear.input)
    }
}

fn copy(engine: &Engine, from: &Buf, to: &mut Buf, len: usize) -> Result<()> {
    engine.run(act::Copy {
        from: from.view(),
        to: to.fit(len)?.view_mut(),
        len,
    })
}
