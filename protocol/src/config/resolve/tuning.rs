//! Which parameters are trained, and how.

use super::Rules;
use super::values::list;
use crate::config::keys::{LoraStart, TuningKind, TypedKey, key};
use crate::config::spec::*;
use crate::says;

impl Rules<'_> {
    pub(super) fn tuning(&mut self) -> Tuning {
        let kind = self.choice(key::finetuning_type);
        self.only_for_lora(kind);
        match kind {
            TuningKind::Full | TuningKind::Oft => {
                if self.c.use_llama_pro == Some(true) {
                    let message = says::llama_pro_alone();
                    self.needs("use_llama_pro", "finetuning_type: freeze", message);
                }
                match kind {
                    TuningKind::Oft => Tuning::Oft(self.oft()),
                    _ => Tuning::Full,
                }
            }
            TuningKind::Freeze => Tuning::Freeze(self.freeze()),
            TuningKind::Lora => Tuning::Lora(self.lora()),
        }
    }

    fn freeze(&mut self) -> FreezeSpec {
        let layers = match (self.freeze_layers(), self.flag(key::use_llama_pro)) {
            (n, true) => TrainedLayers::Expanded(n.unsigned_abs() as usize),
            (n, false) if n > 0 => TrainedLayers::Last(n as usize),
            (n, false) => TrainedLayers::First(n.unsigned_abs() as usize),
        };
        let modules = self.list(key::freeze_trainable_modules);
        FreezeSpec {
            layers,
            modules: match modules.iter().any(|m| m == "all") {
                true => vec![],
                false => modules,
            },
            extra: self.list(key::freeze_extra_modules),
        }
    }

    /// `freeze_trainable_layers`: the last n, or the first n below 0; for LLaMA Pro how many blocks were added.
    fn freeze_layers(&mut self) -> i64 {
        let asked = self.value(key::freeze_trainable_layers).unwrap_or_default();
        let pro = self.flag(key::use_llama_pro);
        let field = "freeze_trainable_layers";
        if asked.fract() != 0.0 || !key::freeze_trainable_layers.row.range().holds(asked) {
            self.error(field, "type", says::a_whole_number());
            return 1;
        }
        let extra = !list(&self.c.freeze_extra_modules).is_empty();
        if pro && asked < 1.0 {
            self.belongs(field, "min", &["1"], says::expanded_blocks());
        } else if asked == 0.0 && !extra {
            self.needs(field, "freeze_extra_modules", says::freezes_all());
        }
        asked as i64
    }

    fn lora(&mut self) -> LoraSpec {
        let rank = self.count(key::lora_rank);
        let dropout = self.number(key::lora_dropout);
        let alpha = self.count(key::lora_alpha) as f64;
        let target = self.targets(key::lora_target);
        let b_rate = self.number(key::loraplus_lr_ratio);
        let expanded = self.flag(key::use_llama_pro).then(|| self.freeze_layers());
        LoraSpec {
            rank,
            alpha,
            dropout,
            target,
            rank_stabilized: self.flag(key::use_rslora),
            dora: self.flag(key::use_dora),
            init: self.lora_init(),
            b_rate,
            additional: self.list(key::additional_target),
            expanded: expanded.map(|n| n.unsigned_abs() as usize),
        }
    }

    /// Names of linear layers; none for all of them, [`ALL_LINEAR`] alone for all that PEFT takes.
    fn targets(&mut self, key: TypedKey<String>) -> Vec<String> {
        let target = self.list(key);
        let tables: &[&str] = match key.row.name {
            "lora_target" => &["embed_tokens"],
            _ => &["embed_tokens", "lm_head"],
        };
        if let Some(table) = target.iter().find(|name| tables.contains(&last(name))) {
            self.needs(
                key.row.name,
                &format!("additional_target: {table}"),
                says::table_trains_whole(table),
            );
        }
        for all in ["all", ALL_LINEAR] {
            if target.iter().any(|name| name == all) {
                return if all == ALL_LINEAR { vec![all.into()] } else { vec![] };
            }
        }
        target
    }

    fn oft(&mut self) -> OftSpec {
        let c = self.c;
        let (count, size) = (self.count(key::oft_rank), c.oft_block_size);
        if count > 0 && size.is_some_and(|n| n > 0) {
            self.excludes("oft_rank", "oft_block_size", says::rank_or_block_size());
        }
        if !list(&c.lora_target).iter().all(|name| name == "all") {
            self.explain("lora_target", says::oft_target_chooses());
        }
        OftSpec {
            blocks: match count {
                0 => Division::Size(self.count(key::oft_block_size)),
                count => {
                    self.value(key::oft_block_size);
                    Division::Count(count)
                }
            },
            target: self.targets(key::oft_target),
            additional: self.list(key::additional_target),
        }
    }

    fn lora_init(&mut self) -> LoraInit {
        let c = self.c;
        let convert = match c.pissa_init {
            Some(true) => self.flag(key::pissa_convert),
            _ => c.pissa_convert == Some(true),
        };
        if self.loftq() {
            let iterations = self.count(key::loftq_iter);
            return LoraInit::Loftq { iterations };
        }
        if !self.flag(key::pissa_init) {
            if convert {
                self.needs("pissa_convert", "pissa_init: true", says::nothing_to_convert());
            }
            return LoraInit::Zero;
        }
        if convert && c.use_dora == Some(true) {
            let message = says::dora_not_plain();
            self.excludes("pissa_convert", "use_dora", message);
        }
        let iterations = match self.value(key::pissa_iter).unwrap_or_default() {
            -1.0 => None,
            n if n.fract() == 0.0 && key::pissa_iter.row.range().holds(n) => Some(n as usize),
            _ => {
                self.error("pissa_iter", "type", says::pissa_iterations());
                None
            }
        };
        if iterations.is_some() && !convert {
            self.notices.push(says::pissa_other_programs());
        }
        LoraInit::Pissa { iterations, convert }
    }

    /// Whether LoftQ is asked for.
    fn loftq(&mut self) -> bool {
        let c = self.c;
        let asked = self.choice(key::init_lora_weights) == LoraStart::Loftq;
        let field = "init_lora_weights";
        if c.quantization_bit != Some(4) {
            self.idle(&[field]);
        }
        let others = matches!(c.quantization_method.as_deref(), Some("hqq" | "eetq"));
        if asked && (others || c.quantization_bit != Some(4)) {
            let message = says::loftq_needs_four_bits();
            self.needs(field, "quantization_bit: 4", message);
        }
        for (key, set) in [
            ("pissa_init", c.pissa_init == Some(true)),
            ("pissa_convert", c.pissa_convert == Some(true)),
            ("use_llama_pro", c.use_llama_pro == Some(true)),
            ("create_new_adapter", c.create_new_adapter == Some(true)),
        ] {
            if asked && set {
                self.excludes(field, key, says::not_with_loftq(key));
            }
        }
        asked
    }

    fn only_for_lora(&mut self, kind: TuningKind) {
        if matches!(kind, TuningKind::Lora) {
            return;
        }
        let c = self.c;
        let adapter = matches!(kind, TuningKind::Oft);
        for (field, set) in [
            ("use_rslora", c.use_rslora == Some(true)),
            ("use_dora", c.use_dora == Some(true)),
            ("pissa_init", c.pissa_init == Some(true)),
            ("pissa_convert", c.pissa_convert == Some(true)),
            ("init_lora_weights", c.init_lora_weights.as_deref() == Some("loftq")),
            ("loraplus_lr_ratio", c.loraplus_lr_ratio.is_some()),
            ("create_new_adapter", c.create_new_adapter == Some(true) && !adapter),
        ] {
            if set {
                self.needs(field, "finetuning_type: lora", says::lora_only());
            }
        }
    }
}

/// The last part of a module's name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}
