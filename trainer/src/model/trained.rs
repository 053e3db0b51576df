//! What trains of a model, and what the reference has in its place.
use super::adapter::AdapterForm;
use super::decoder::Decoder;
use super::linear::{LayerAdapter, Lora};
use super::params::Params;
use super::weights::Weights;
use super::{Model, Pass};
use crate::error::{Error, Result};
use candle_core::Tensor;
use protocol::says;
use std::collections::BTreeMap;

pub struct TrainedPart {
    pub params: Params,
    /// what the trained adapter's config says
    pub adapter_form: AdapterForm,
    pub adapter_scale: f64,
    /// whole weights of an adapter that goes on training and does not train them
    pub untrained_whole: BTreeMap<String, Tensor>,
    /// the lowest block that anything trains in; as many as there are when none does
    pub first_block: usize,
    /// whether what layers work out of the parameters is older than these
    pub stale: bool,
    /// the weights the run started from, where weights of the model itself train
    pub start_weights: Option<Weights>,
    /// the reference's values of the parameters, where it is synced with the policy
    pub synced_reference: Option<Params>,
}

/// What one pass reads.
#[derive(Clone, Copy)]
pub struct PassWeights<'a> {
    pub weights: &'a Weights,
    pub params: &'a Params,
    /// what layers are to make of their adapters
    pub pass: Pass,
}

impl TrainedPart {
    /// Nothing.
    pub fn nothing() -> Self {
        Self {
            params: Params::default(),
            adapter_form: AdapterForm::default(),
            adapter_scale: 1.0,
            untrained_whole: BTreeMap::new(),
            first_block: 0,
            stale: false,
            start_weights: None,
            synced_reference: None,
        }
    }

    pub fn read_in<'a>(&'a self, pass: Pass, decoder: &'a Decoder) -> PassWeights<'a> {
        let own = PassWeights {
            weights: &decoder.weights,
            params: &self.params,
            pass,
        };
        match (pass, &self.synced_reference) {
            (Pass::Policy, _) => own,
            // the policy's own layers with the values of its synced copy
            (Pass::Reference, Some(synced)) => PassWeights {
                params: synced,
                pass: Pass::Policy,
                ..own
            },
            (Pass::Reference, None) => PassWeights {
                weights: self.start_weights.as_ref().unwrap_or(&decoder.weights),
                ..own
            },
        }
    }
}

impl Model {
    pub fn params(&self) -> &Params {
        &self.trained.params
    }

    pub fn params_mut(&mut self) -> &mut Params {
        self.trained.stale = true;
        &mut self.trained.params
    }

    /// Clears the gradients.
    pub fn zero_grads(&mut self) -> Result<()> {
        self.trained.params.zero_grads(&self.engine)
    }

    /// The global L2 norm of the gradients.
    pub fn grad_norm(&self) -> Result<f64> {
        self.trained.params.grad_norm(&self.engine)
    }

    /// From now on [`Pass::Reference`] is a copy of what trains, as it is now, that [`Model::sync_reference`] brings along:
    /// TR-DPO, arXiv 2404.09656.
    ///
    /// # Errors
    /// What trains has lengths or rotations, which are not worked out for a copy.
    pub fn keep_synced_reference(&mut self) -> Result<()> {
        for linear in self.linears_mut() {
            match &linear.adapter {
                LayerAdapter::Lora(Lora { dora: Some(_), .. }) => return Err(no_dora_to_follow()),
                LayerAdapter::Oft(_) => return Err(no_rotations_to_follow()),
                LayerAdapter::None | LayerAdapter::AtStart(_) | LayerAdapter::Lora(_) => {}
            }
        }
        self.trained.synced_reference = Some(self.trained.params.copy()?);
        Ok(())
    }

    /// Takes the synced reference a step along: `(1 - share) reference + share policy`. Nothing where there is none.
    pub fn sync_reference(&mut self, share: f64) -> Result<()> {
        match &mut self.trained.synced_reference {
            Some(reference) => reference.mix(&self.engine, &self.trained.params, share),
            None => Ok(()),
        }
    }

    /// What the synced reference holds, by the names of the parameters.
    pub fn synced_reference(&self) -> Option<&Params> {
        self.trained.synced_reference.as_ref()
    }

    pub fn synced_reference_mut(&mut self) -> Option<&mut Params> {
        self.trained.synced_reference.as_mut()
    }
}

/// The error of a reference that is to follow what it can't.
pub fn no_dora_to_follow() -> Error {
    Error::invalid(says::file("sync_ref_model", says::following_not_dora()))
}

/// As [`no_dora_to_follow`].
pub fn no_rotations_to_follow() -> Error {
    Error::invalid(says::file("sync_ref_model", says::following_not_oft()))
}
