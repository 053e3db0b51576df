//! Checks a sweep before it starts: its keys and values, the metric runs are compared by, and every combination by the rule
//! book.

use super::points::{at, config_of, count, point_text};
use super::values::{MAX_POINTS, Values};
use super::{Method, Point, Sweep, Target};
use crate::config::{DataSpec, Every, FieldError, Key, Notes, ValSize, check as judge};
use crate::metric::{self, is_held_out};
use crate::{RunConfig, RunSpec, Said, Stage, says};

/// Runs of one sweep, at most.
pub const MAX_RUNS: u64 = 1000;
/// How many combinations are checked where values are drawn from ranges, besides the ends of each range.
const MAX_PROBES: u64 = 50;
/// Keys that can't be swept, since each run has its own value.
const PER_RUN_KEYS: &[&str] = &[
    "run_name",
    "output_dir",
    "overwrite_output_dir",
    "resume_from_checkpoint",
    "logging_dir",
];

/// The outcome of checking a sweep.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    pub errors: Vec<FieldError>,
    pub notices: Vec<Said>,
    /// How many runs it makes.
    pub runs: u64,
    pub target: Option<Target>,
    /// Whether the reference's log-probs can be computed once and reused by all runs after the first.
    pub reference_once: bool,
}

/// The metric on held-out rows that the config's stage is judged by; where there is one, a metric on the same scale whatever is
/// swept. `None`: the config names a stage that there is not.
pub fn default_metric(config: &RunConfig) -> Option<&'static str> {
    Stage::of(config).map(Stage::judged_by)
}

/// Checks a sweep and all of its runs, without reading any files.
pub fn check(config: &RunConfig, sweep: &Sweep) -> Checked {
    let mut checked = Checked::default();
    checked.check_keys(sweep);
    checked.check_size(sweep);
    checked.check_target(config, sweep);
    if checked.errors.is_empty() {
        checked.runs = count(sweep).unwrap_or(0);
        checked.check_combinations(config, sweep);
    }
    checked
}

impl Checked {
    fn error(&mut self, field: &str, code: &str, said: Said) {
        let error = FieldError::new(field, code, said);
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn check_keys(&mut self, sweep: &Sweep) {
        if sweep.parameters.is_empty() {
            self.error("sweep", "required", says::sweep_missing());
        }
        for (place, parameter) in sweep.parameters.iter().enumerate() {
            let name = parameter.key.as_str();
            let Some(key) = Key::named(name) else {
                let near = crate::config::nearest(name, crate::config::KEYS.iter().map(|key| key.name));
                self.error(name, "unknown", says::no_such_key(near.unwrap_or_default()));
                continue;
            };
            if PER_RUN_KEYS.contains(&name) {
                self.error(name, "sweep_own", says::sweep_key_is_the_runs(name));
            }
            if sweep.parameters.iter().take(place).any(|other| other.key == name) {
                self.error(name, "twice", says::stands_twice());
            }
            let again = match &parameter.values {
                Values::List(list) => Values::list(key, list),
                Values::Range(range) => Values::range(key, *range),
            };
            if let Err(said) = again {
                self.error(name, "sweep_values", said);
            } else if sweep.method == Method::Grid && parameter.values.all(key).is_none() {
                let said = match &parameter.values {
                    Values::Range(range) if range.step.is_some() => says::sweep_step_too_small(MAX_POINTS),
                    _ => says::sweep_needs_points(),
                };
                self.error(name, "sweep_points", said);
            }
        }
    }

    fn check_size(&mut self, sweep: &Sweep) {
        if let Some(halving) = sweep.early_terminate {
            if halving.eta < 2 {
                self.error("early_terminate.eta", "min", says::sweep_eta(halving.eta));
            }
            if halving.min_iter < 1 {
                self.error("early_terminate.min_iter", "min", says::at_least(1));
            }
        }
        if !self.errors.is_empty() {
            return;
        }
        match count(sweep) {
            None => self.error("run_cap", "required", says::sweep_needs_cap()),
            Some(runs) if runs > MAX_RUNS => self.error("run_cap", "max", says::sweep_too_many(runs, MAX_RUNS)),
            Some(0 | 1) => self.error("run_cap", "min", says::sweep_one_run()),
            Some(_) => {}
        }
    }

    fn check_target(&mut self, base: &RunConfig, sweep: &Sweep) {
        let Some(name) = sweep.metric(base) else {
            // the rule book refuses the stage
            return;
        };
        if !is_held_out(&name) {
            self.error("metric", "sweep_metric", says::sweep_metric(&name));
            return;
        }
        self.target = sweep.target(base);
        if self.target.is_none() {
            self.error("goal", "required", says::sweep_goal(&name));
        }
        let moves = [
            "stage",
            "pref_loss",
            "loss_weights",
            "pref_beta",
            "simpo_gamma",
            "pref_ftx",
            "dpo_label_smoothing",
        ];
        let swept = sweep.parameters.iter().map(|parameter| parameter.key.as_str());
        let swept: Vec<&str> = swept.filter(|key| moves.contains(key)).collect();
        if metric::find(&name).is_some_and(|metric| metric.depends_on_loss) && !swept.is_empty() {
            self.notices.push(says::sweep_one_scale(&name, swept.join(", ")));
        }
    }

    fn check_combinations(&mut self, base: &RunConfig, sweep: &Sweep) {
        let mut matter = vec![];
        let mut first = true;
        for point in probes(sweep, self.runs) {
            let config = config_of(base, &point);
            matter.extend(Notes::of(&config).counted());
            matter.sort_unstable();
            matter.dedup();
            let judged = judge(&config);
            if first {
                self.notices.extend(judged.notices);
                first = false;
            }
            match judged.spec {
                Ok(spec) => {
                    self.check_held_out(&spec, sweep);
                    self.reference_once = self.reference_once || stores_reference(&config);
                }
                Err(errors) => {
                    for error in errors {
                        self.at_point(error, &point, sweep);
                    }
                }
            }
        }
        let idle = sweep
            .parameters
            .iter()
            .filter(|parameter| !matter.contains(&parameter.key.as_str()));
        for parameter in idle.collect::<Vec<_>>() {
            self.error(&parameter.key, "sweep_idle", says::sweep_key_idle(&parameter.key));
        }
        if self.reference_once {
            self.notices.push(says::sweep_reference_once());
        }
    }

    /// Adds an error of one combination, once for each key and code, and with the swept values where it is about one of them.
    fn at_point(&mut self, error: FieldError, point: &Point, sweep: &Sweep) {
        if self
            .errors
            .iter()
            .any(|known| known.field == error.field && known.code == error.code)
        {
            return;
        }
        let swept = sweep.parameters.iter().any(|parameter| parameter.key == error.field);
        self.errors.push(match swept {
            true => FieldError::new(
                &error.field,
                &error.code,
                says::sweep_at(point_text(point), error.sentence()),
            )
            .with_args(error.args),
            false => error,
        });
    }

    /// Checks that there are held-out rows, and evaluations where runs are stopped early.
    fn check_held_out(&mut self, spec: &RunSpec, sweep: &Sweep) {
        let DataSpec {
            val_size, eval_dataset, ..
        } = &spec.data;
        if matches!(val_size, ValSize::None) && eval_dataset.is_empty() {
            self.error("val_size", "required", says::sweep_no_held_out());
        } else if sweep.early_terminate.is_some() && spec.cadence.eval == Every::Never {
            self.error("eval_strategy", "required", says::sweep_no_evaluations());
        }
    }
}

/// The combinations to check: all of them, or where values are drawn from ranges, some of them and those at the ends of ranges.
fn probes(sweep: &Sweep, runs: u64) -> Vec<Point> {
    let finite = |parameter: &super::Parameter| {
        let key = Key::named(&parameter.key);
        key.is_some_and(|key| parameter.values.all(key).is_some())
    };
    if sweep.method != Method::Tpe && sweep.parameters.iter().all(finite) {
        return (0..runs).filter_map(|index| at(sweep, index)).collect();
    }
    let mut all: Vec<Point> = (0..runs.min(MAX_PROBES)).filter_map(|index| at(sweep, index)).collect();
    let Some(one) = all.first().cloned() else {
        return all;
    };
    for parameter in &sweep.parameters {
        let ends = Key::named(&parameter.key).map(|key| parameter.values.ends(key));
        for value in ends.unwrap_or_default() {
            let mut point = one.clone();
            point.insert(parameter.key.clone(), value);
            all.push(point);
        }
    }
    all
}

/// Whether the reference's log-probs of this config can be stored for other runs, and the config doesn't decide it itself.
pub fn stores_reference(config: &RunConfig) -> bool {
    if config.precompute_ref_log_probs.is_some() {
        return false;
    }
    let mut asked = config.clone();
    asked.precompute_ref_log_probs = Some(true);
    judge(&asked)
        .spec
        .is_ok_and(|spec| spec.method.reference().precomputes())
}
