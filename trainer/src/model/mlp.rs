//! The second half of a block: one feed-forward network, or a router and several of which a token meets a few.
use super::balance::Slopes;
use super::linear::{Linear, Work};
use super::routing::{Routing, Rule};
use super::swiglu::{self, Room, Swiglu};
use crate::error::Result;
use crate::ops::{Buf, Write, act, gather, optimizer};
use candle_core::Device;

#[derive(Debug)]
pub enum Mlp {
    Dense(Swiglu),
    Experts(Experts),
}

/// A mixture of experts: *Mixtral of Experts*, arXiv 2401.04088; with a shared expert, Qwen2-MoE (arXiv 2407.10671).
#[derive(Debug)]
pub struct Experts {
    pub router: Linear,
    pub experts: Vec<Swiglu>,
    pub shared: Option<Shared>,
    pub rule: Rule,
}

/// An expert that every token goes to, weighed by the sigmoid of a gate of its own.
#[derive(Debug)]
pub struct Shared {
    pub expert: Swiglu,
    pub gate: Linear,
}

/// What a forward pass leaves for the backward pass.
pub struct Saved {
    /// of the dense network, or of all experts one behind the other
    inner: swiglu::Saved,
    shared: swiglu::Saved,
    /// `A x` of the router's and the shared gate's trained terms
    low: [Buf; 2],
    pub routing: Routing,
    /// the sigmoid of the shared expert's gate
    open: Buf,
}

impl Saved {
    pub fn new(device: &Device) -> Result<Self> {
        Ok(Self {
            inner: swiglu::Saved::new(device)?,
            shared: swiglu::Saved::new(device)?,
            low: [Buf::zeros(0, device)?, Buf::zeros(0, device)?],
            routing: Routing::default(),
            open: Buf::zeros(0, device)?,
        })
    }

    /// Makes room for `rows` rows.
    pub fn reserve(&mut self, rows: usize, mlp: &Mlp) -> Result<()> {
        match mlp {
            Mlp::Dense(dense) => self.inner.reserve(rows, dense.width(), dense.ranks()),
            Mlp::Experts(experts) => {
                let all = rows * experts.rule.top_k;
                self.inner.reserve(all, experts.width(), experts.ranks())?;
                match &experts.shared {
                    Some(Shared { expert, .. }) => self.shared.reserve(rows, expert.width(), expert.ranks()),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Buffers that live for one pass through an MLP.
pub struct Scratch {
    pub room: Room,
    /// logits of the router or of the shared gate
    logits: Buf,
    /// one expert's rows: input, gradient of the output, gradient of the input; `[rows, hidden]`
    rows: [Buf; 3],
}

impl Scratch {
    pub fn new(device: &Device) -> Result<Self> {
        let buf = || Buf::zeros(0, device);
        Ok(Self {
            room: Room::new(device)?,
            logits: buf()?,
            rows: [buf()?, buf()?, buf()?],
        })
    }
}

impl Mlp {
    pub fn linears(&self) -> Vec<&Linear> {
        match self {
            Self::Dense(dense) => dense.linears().into(),
            Self::Experts(moe) => {
                let shared = moe.shared.iter();
                let shared = shared.flat_map(|s| s.expert.linears().into_iter().chain([&s.gate]));
                let experts = moe.experts.iter().flat_map(Swiglu::linears);
                [&moe.router].into_iter().chain(experts).chain(shared).collect()
            }
        }
    }

    pub fn linears_mut(&mut self) -> Vec<&mut Linear> {
        match self {
            Self::Dense(dense) => dense.linears_mut().into(),
            Self::Experts(moe) => {
                let shared = moe.shared.iter_mut();
                let shared = shared.flat_map(|s| s.expert.linears_mut().into_iter().chain([&mut s.gate]));
                let experts = moe.experts.iter_mut().flat_map(Swiglu::linears_mut);
                [&mut moe.router].into_iter().chain(experts).chain(shared).collect()
            }
        }
    }

    /// The layers whose output goes into the residual stream.
    pub fn outputs_mut(&mut self) -> Vec<&mut Linear> {
        match self {
            Self::Dense(dense) => vec![&mut dense.down],
            Self::Experts(moe) => {
                let shared = moe.shared.iter_mut().map(|shared| &mut shared.expert.down);
                moe.experts.iter_mut().map(|e| &mut e.down).chain(shared).collect()
            }
        }
    }

    pub fn routes(&self) -> bool {
        matches!(self, Self::Experts(_))
    }

    /// The widest of its networks.
    pub fn widest(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.width(),
            Self::Experts(moe) => moe.shared.as_ref().map_or(0, |s| s.expert.width()).max(moe.width()),
        }
    }

    /// `x += mlp(h)`; `h` is used up.
    pub fn forward(
        &self,
        h: &mut Buf,
        x: &mut Buf,
        saved: &mut Saved,
        scratch: &mut Scratch,
        work: &mut Work,
    ) -> Result<()> {
        match self {
            Self::Dense(dense) => {
                let mut part = saved.inner.whole(work.tokens, dense)?;
                dense.forward(h, None, &mut part, &mut scratch.room, work)?;
                work.engine.run(act::Add {
                    x: x.view_mut(),
                    y: h.view(),
                    len: work.tokens * dense.gate.input,
                })
            }
            Self::Experts(experts) => experts.forward(h, x, saved, scratch, work),
        }
    }

    /// From `dy` to the gradients of what trains and `dh`, which is overwritten. `slopes`: of the auxiliary loss.
    pub fn backward(
        &self,
        (h, dy, slopes): (&Buf, &Buf, Option<&Slopes>),
        dh: &mut Buf,
        saved: &mut Saved,
        scratch: &mut Scratch,
        grads: &mut [Buf],
        work: &mut Work,
    ) -> Result<()> {
        match self {
            Self::Dense(dense) => {
                let mut part = saved.inner.whole(work.tokens, dense)?;
                dense.backward(
                    (h, None, dy),
                    (dh, Write::Overwrite),
                    &mut part,
                    &mut scratch.room,
                    grads,
                    work,
                )?;
                Ok(())
            }
            Self::Experts(experts) => experts.backward((h, dy, slopes), dh, saved, scratch, grads, work),
        }
    }
}

impl Experts {
    /// Of one expert.
    pub fn width(&self) -> usize {
        self.experts.first().map_or(0, Swiglu::width)
    }

    /// The largest ranks of the experts' trained terms.
    fn ranks(&self) -> [usize; 3] {
        let largest = |a: [usize; 3], b: [usize; 3]| [a[0].max(b[0]), a[1].max(b[1]), a[2].max(b[2])];
        self.experts.iter().map(Swiglu::ranks).fold([0; 3], largest)
    }

    fn forward(
        &self,
        h: &mut Buf,
        x: &mut Buf,
        saved: &mut Saved,
        scratch: &mut Scratch,
        work: &mut Work,
    ) -> Result<()> {
        let (n, hidden) = (work.tokens, self.router.input);
        let (width, ranks) = (self.width(), self.ranks());
        saved.inner.reserve(n * self.rule.top_k, width, ranks)?;
        let [low_router, low_gate] = &mut saved.low;
        let count = n * self.rule.experts;
        let low_router = low_router.fit(self.router.low_len(n))?;
        self.router.forward(
            h.view(),
            scratch.logits.fit(count)?.view_mut(),
            low_router.view_mut(),
            work,
        )?;
        saved.routing = Routing::new(&scratch.logits.to_vec(count)?, self.rule);
        let rows = &mut scratch.rows[0];
        let mut first = 0;
        for (expert, load) in self.experts.iter().zip(saved.routing.loads(work.engine)?) {
            work.tokens = load.count;
            if work.tokens == 0 {
                continue;
            }
            let mut part = saved.inner.part(first, work.tokens, width, ranks);
            work.engine.run(gather::Gather {
                table: h.view().into(),
                ids: load.tokens.view(),
                y: rows.fit(work.tokens * hidden)?.view_mut(),
                count: load.count,
                width: hidden,
            })?;
            expert.forward(rows, Some(load.weights.view()), &mut part, &mut scratch.room, work)?;
            work.engine.run(gather::ScatterAdd {
                rows: rows.view(),
                ids: load.tokens.view(),
                factors: None,
                out: x.view_mut(),
                count: load.count,
                width: hidden,
            })?;
            first += work.tokens;
        }
        work.tokens = n;
        if let Some(Shared { expert, gate }) = &self.shared {
            let low_gate = low_gate.fit(gate.low_len(n))?;
            gate.forward(h.view(), scratch.logits.fit(n)?.view_mut(), low_gate.view_mut(), work)?;
            let logits = scratch.logits.to_vec(n)?;
            let open = logits.into_iter().map(|x| 1.0 / (1.0 + (-x).exp()));
            saved.open = Buf::from_vec(open.collect(), h.device())?;
            let mut part = saved.shared.whole(n, expert)?;
            expert.forward(h, Some(saved.open.view()), &mut part, &mut scratch.room, work)?;
            work.engine.run(act::Add {
                x: x.view_mut(),
                y: h.view(),
                len: n * hidden,
            })?;
        }
        Ok(())
    }

    fn backward(
        &self,
        (h, dy, slopes): (&Buf, &Buf, Option<&Slopes>),
        dh: &mut Buf,
        saved: &mut Saved,
        scratch: &mut Scratch,
        grads: &mut [Buf],
        work: &mut Work,
    ) -> Result<()> {
        let (n, hidden) = (work.tokens, self.router.input);
        let (width, ranks) = (self.width(), self.ranks());
        let Scratch { room, rows, .. } = scratch;
        work.engine.run(optimizer::Fill {
            x: dh.view_mut(),
            value: 0.0,
            len: n * hidden,
        })?;
        let mut by_weight = saved.routing.no_gradient();
        let mut first = 0;
        for (expert, load) in self.experts.iter().zip(saved.routing.loads(work.engine)?) {
            work.tokens = load.count;
            if work.tokens == 0 {
                continue;
            }
            let len = work.tokens * hidden;
            let [input, d_output, d_input] = &mut *rows;
            work.engine.run(gather::Gather {
                table: h.view().into(),
                ids: load.tokens.view(),
                y: input.fit(len)?.view_mut(),
                count: load.count,
                width: hidden,
            })?;
            work.engine.run(gather::Gather {
                table: dy.view().into(),
                ids: load.tokens.view(),
                y: d_output.fit(len)?.view_mut(),
                count: load.count,
                width: hidden,
            })?;
            let mut part = saved.inner.part(first, work.tokens, width, ranks);
            let outer = (&*input, Some(load.weights.view()), &*d_output);
            let d_input = (d_input.fit(len)?, Write::Overwrite);
            let gradients = expert.backward(outer, d_input, &mut part, room, grads, work)?;
            load.place(&gradients, &mut by_weight);
            work.engine.run(gather::ScatterAdd {
                rows: rows[2].view(),
                ids: load.tokens.view(),
                factors: None,
                out: dh.view_mut(),
                count: load.count,
                width: hidden,
            })?;
            first += work.tokens;
        }
        work.tokens = n;
        let [low_router, low_gate] = &saved.low;
        if let Some(Shared { expert, gate }) = &self.shared {
            let outer = (h, Some(saved.open.view()), dy);
            let mut part = saved.shared.whole(n, expert)?;
            let gradients = expert.backward(outer, (&mut *dh, Write::Accumulate), &mut part, room, grads, work)?;
            let open = saved.open.to_vec(n)?;
            let by_logit = gradients.iter().zip(&open).map(|(g, s)| g * s * (1.0 - s));
            let by_logit = Buf::from_vec(by_logit.collect(), dh.device())?;
            gate.backward(
                (h.view(), low_gate.view(), by_logit.view()),
                Some((&mut *dh, Write::Accumulate)),
                grads,
                work,
            )?;
        }
        let by_probability = |token: usize, expert: usize| slopes.map_or(0.0, |s| s.at(token, expert));
        let by_logit = saved.routing.backward(&by_weight, by_probability);
        let by_logit = Buf::from_vec(by_logit, dh.device())?;
        self.router.backward(
            (h.view(), low_router.view(), by_logit.view()),
            Some((dh, Write::Accumulate)),
            grads,
            work,
        )
    }
}
