//! Sampling the machine's load: processor, memory and disk by `sysinfo`, cards by NVML, energy by RAPL.

use super::rapl::Rapl;
use crate::ambient::Ambient;
use crate::cards::Nvml;
use crate::system::{disk_free, memory};
use protocol::cuda::CardUse;
use protocol::event::{MetricValue, Metrics};
use protocol::metric::MACHINE;
use protocol::usage::Usage;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// A run whose worker and card are sampled.
#[derive(Clone)]
pub struct SampledRun {
    /// Its worker's number among this machine's processes, where it is one.
    pub process: Option<u32>,
    /// The uuid of its card.
    pub card: Option<String>,
}

/// Samples the machine's load again and again: rates are over the time since the sample before.
pub struct Sampler {
    system: System,
    nvml: Option<Nvml>,
    rapl: Rapl,
    looked: Option<Instant>,
    ambient: Ambient,
    /// The workers of the sample before.
    known: Vec<Pid>,
}

/// The figures that all runs of one sample have in common.
struct Shared {
    cpu: f64,
    memory: u64,
    disk_free: Option<u64>,
    watts: Option<f64>,
    cards: Vec<CardUse>,
}

impl Sampler {
    pub fn new(ambient: Ambient) -> Self {
        Self {
            system: System::new(),
            nvml: Nvml::open(),
            rapl: Rapl::open(),
            looked: None,
            ambient,
            known: vec![],
        }
    }

    /// The figures for each of these runs, in their order; none at the first call, which has nothing to compare with.
    pub fn sample(&mut self, runs: &[SampledRun], data: &Path) -> Vec<Usage> {
        let pids: Vec<Pid> = runs.iter().filter_map(pid).collect();
        self.system.refresh_cpu_usage();
        let kind = ProcessRefreshKind::nothing().with_cpu().with_memory().with_disk_usage();
        // only of those that are asked for the ended are let go of, and their descriptors with them
        let known = std::mem::replace(&mut self.known, pids.clone());
        // each once: one that is asked for twice passes for ended
        let asked: BTreeSet<Pid> = known.iter().chain(&pids).copied().collect();
        let asked: Vec<Pid> = asked.into_iter().collect();
        self.system
            .refresh_processes_specifics(ProcessesToUpdate::Some(&asked), true, kind);
        let at = self.ambient.steady();
        let watts = self.rapl.watts(at);
        let since = self.looked.replace(at).map(|before| (at - before).as_secs_f64());
        let time = self.ambient.now();
        let Some(seconds) = since.filter(|seconds| *seconds > 0.5) else {
            return runs.iter().map(|_| Usage::default()).collect();
        };
        let memory = memory();
        let shared = Shared {
            cpu: f64::from(self.system.global_cpu_usage()) / 100.0,
            memory: memory.total.saturating_sub(memory.available),
            disk_free: disk_free(data).ok(),
            watts,
            cards: match runs.iter().any(|run| run.card.is_some()) {
                true => self.nvml.as_ref().map(Nvml::cards).unwrap_or_default(),
                false => vec![],
            },
        };
        let usage = |run: &SampledRun| Usage {
            time,
            metrics: self.figures(run, &shared, &known, seconds),
        };
        runs.iter().map(usage).collect()
    }

    /// Rates of workers are of those that are `known` from the look before: a first one's would be of its whole life.
    fn figures(&self, run: &SampledRun, shared: &Shared, known: &[Pid], seconds: f64) -> Metrics {
        let mut figures = vec![
            ("cpu", Some(shared.cpu)),
            ("memory", Some(shared.memory as f64)),
            ("disk_free", shared.disk_free.map(|bytes| bytes as f64)),
            ("processor_watts", shared.watts),
        ];
        if let Some(worker) = pid(run).and_then(|pid| self.system.process(pid)) {
            let cores = self.system.cpus().len().max(1) as f64;
            let rate = |rate: f64| known.contains(&worker.pid()).then_some(rate);
            figures.extend([
                // of one core it may be more than all
                ("worker_cpu", rate(f64::from(worker.cpu_usage()) / 100.0 / cores)),
                ("worker_memory", Some(worker.memory() as f64)),
                ("disk_written", rate(worker.disk_usage().written_bytes as f64 / seconds)),
            ]);
        }
        let card = shared.cards.iter().find(|card| Some(&card.uuid) == run.card.as_ref());
        if let Some(card) = card {
            figures.extend([
                ("card", card.utilization.map(|percent| f64::from(percent) / 100.0)),
                ("card_memory", Some(card.memory_used as f64)),
                (
                    "card_watts",
                    card.milliwatts.map(|milliwatts| f64::from(milliwatts) / 1000.0),
                ),
            ]);
        }
        let named = |(name, value): (&str, Option<f64>)| Some((format!("{MACHINE}{name}"), MetricValue::new(value?)?));
        figures.into_iter().filter_map(named).collect()
    }
}

fn pid(run: &SampledRun) -> Option<Pid> {
    run.process.map(Pid::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_look_has_figures_of_this_machine_and_this_process() {
        let of_this = SampledRun {
            process: Some(std::process::id()),
            card: None,
        };
        let mut looker = Sampler::new(Ambient::default());
        let data = std::env::temp_dir();
        let first = looker.sample(std::slice::from_ref(&of_this), &data);
        assert!(first[0].metrics.is_empty());
        looker.looked = looker
            .looked
            .and_then(|at| at.checked_sub(std::time::Duration::from_secs(5)));
        let seen = looker.sample(std::slice::from_ref(&of_this), &data);
        let figure = |name: &str| {
            seen[0]
                .metrics
                .get(&format!("{MACHINE}{name}"))
                .map(|value| value.get())
        };
        assert!(
            figure("cpu").is_some_and(|share| (0.0..=1.0).contains(&share)),
            "{seen:?}"
        );
        assert!(figure("worker_memory").is_some_and(|bytes| bytes > 1e6), "{seen:?}");
        assert!(figure("memory") > figure("worker_memory"), "{seen:?}");
        assert!(
            figure("disk_free").is_some() && figure("disk_written").is_some(),
            "{seen:?}"
        );
        assert_eq!(figure("card"), None, "what is not there is not told");

        // a worker that ends is let go of, and one that is new has no rates yet
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let of_child = SampledRun {
            process: Some(child.id()),
            ..of_this.clone()
        };
        let later = |looker: &mut Sampler, runs: &[SampledRun]| {
            looker.looked = looker
                .looked
                .and_then(|at| at.checked_sub(std::time::Duration::from_secs(5)));
            looker.sample(runs, &data)
        };
        let seen = later(&mut looker, &[of_child]);
        let has = |name: &str| seen[0].metrics.contains_key(&format!("{MACHINE}{name}"));
        assert!(
            has("worker_memory") && !has("worker_cpu") && !has("disk_written"),
            "{seen:?}"
        );
        child.kill().unwrap();
        child.wait().unwrap();
        later(&mut looker, &[of_this]);
        assert_eq!(looker.system.processes().len(), 1);
    }
}
