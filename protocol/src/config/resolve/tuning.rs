//! Which parameters are trained, and how.

use super::Rules;
use super::notes::Range;
use super::values::list;
use crate::config::spec::*;
use crate::says;

/// Blocks that `freeze` trains when nothing is said.
const FREEZE_LAYERS: f64 = 2.0;
/// Iterations of PiSSA's decomposition when nothing is said.
const PISSA_ITER: f64 = 16.0;

#[derive(Clone, Copy)]
enum Kind {
    Full,
    Freeze,
    Lora,
    Oft,
}

impl Rules<'_> {
    pub(super) fn tuning(&mut self) -> Tuning {
        const KINDS: &[(&str, Kind)] = &[
            ("lora", Kind::Lora),
            ("oft", Kind::Oft),
            ("full", Kind::Full),
            ("freeze", Kind::Freeze),
        ];
        let kind = self.choice("finetuning_type", &self.c.finetuning_type, "lora", KINDS);
        self.only_for_lora(kind);
        match kind {
            Kind::Full | Kind::Oft => {
                if self.c.use_llama_pro == Some(true) {
                    let message = says::llama_pro_alone();
                    self.needs("use_llama_pro", "finetuning_type: freeze", message);
                }
                match kind {
                    Kind::Oft => Tuning::Oft(self.oft()),
                    _ => Tuning::Full,
                }
            }
            Kind::Freeze => Tuning::Freeze(self.freeze()),
            Kind::Lora => Tuning::Lora(self.lora()),
        }
    }

    fn freeze(&mut self) -> FreezeSpec {
        let layers = match (self.freeze_layers(), self.flag("use_llama_pro", self.c.use_llama_pro)) {
            (n, true) => TrainedLayers::Expanded(n.unsigned_abs() as usize),
            (n, false) if n > 0 => TrainedLayers::Last(n as usize),
            (n, false) => TrainedLayers::First(n.unsigned_abs() as usize),
        };
        self.note_list("freeze_trainable_modules");
        let modules = self.text_or_default("freeze_trainable_modules", &self.c.freeze_trainable_modules, "all");
        let modules = list(&Some(modules));
        FreezeSpec {
            layers,
            modules: match modules.iter().any(|m| m == "all") {
                true => vec![],
                false => modules,
            },
            extra: self.list("freeze_extra_modules", &self.c.freeze_extra_modules),
        }
    }

    /// `freeze_trainable_layers`: the last n, or the first n below 0; for LLaMA Pro how many blocks were added.
    fn freeze_layers(&mut self) -> i64 {
        let asked = self.or_default("freeze_trainable_layers", self.c.freeze_trainable_layers, FREEZE_LAYERS);
        let pro = self.flag("use_llama_pro", self.c.use_llama_pro);
        let field = "freeze_trainable_layers";
        self.note_range(field, Range::within(-1e6, 1e6).whole());
        if asked.fract() != 0.0 || asked.abs() > 1e6 {
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
        let c = self.c;
        let rank = self.count("lora_rank", c.lora_rank, 8, 1);
        let dropout = self.within("lora_dropout", c.lora_dropout, 0.0, 0.0, 0.99);
        let alpha = self.count("lora_alpha", c.lora_alpha, 2 * rank, 1) as f64;
        let target = self.targets("lora_target", &c.lora_target);
        self.counts("loraplus_lr_ratio");
        self.note_usual("loraplus_lr_ratio", 1);
        let b_rate = self.given_above("loraplus_lr_ratio", c.loraplus_lr_ratio.unwrap_or(1.0));
        let expanded = self
            .flag("use_llama_pro", c.use_llama_pro)
            .then(|| self.freeze_layers());
        LoraSpec {
            rank,
            alpha,
            dropout,
            target,
            rank_stabilized: self.flag("use_rslora", c.use_rslora),
            dora: self.flag("use_dora", c.use_dora),
            init: self.lora_init(),
            b_rate,
            additional: self.list("additional_target", &c.additional_target),
            expanded: expanded.map(|n| n.unsigned_abs() as usize),
        }
    }

    /// Names of linear layers; none for all of them, [`ALL_LINEAR`] alone for all that PEFT takes.
    fn targets(&mut self, key: &'static str, value: &Option<String>) -> Vec<String> {
        self.note_list(key);
        let target = list(&Some(self.text_or_default(key, value, "all")));
        let tables: &[&str] = match key {
            "lora_target" => &["embed_tokens"],
            _ => &["embed_tokens", "lm_head"],
        };
        if let Some(table) = target.iter().find(|name| tables.contains(&last(name))) {
            self.needs(
                key,
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
        let (count, size) = (self.or_default("oft_rank", c.oft_rank, 0) as usize, c.oft_block_size);
        if count > 0 && size.is_some_and(|n| n > 0) {
            self.excludes("oft_rank", "oft_block_size", says::rank_or_block_size());
        }
        if !list(&c.lora_target).iter().all(|name| name == "all") {
            self.explain("lora_target", says::oft_target_chooses());
        }
        OftSpec {
            blocks: match count {
                0 => Division::Size(self.count("oft_block_size", c.oft_block_size, 32, 2)),
                count => {
                    self.or_default("oft_block_size", c.oft_block_size, 0);
                    Division::Count(count)
                }
            },
            target: self.targets("oft_target", &c.oft_target),
            additional: self.list("additional_target", &c.additional_target),
        }
    }

    fn lora_init(&mut self) -> LoraInit {
        let c = self.c;
        let convert = match c.pissa_init {
            Some(true) => self.or_default("pissa_convert", c.pissa_convert, false),
            _ => c.pissa_convert == Some(true),
        };
        if self.loftq() {
            let iterations = self.count("loftq_iter", c.loftq_iter, 1, 1);
            return LoraInit::Loftq { iterations };
        }
        if !self.flag("pissa_init", c.pissa_init) {
            if convert {
                self.needs("pissa_convert", "pissa_init: true", says::nothing_to_convert());
            }
            return LoraInit::Zero;
        }
        if convert && c.use_dora == Some(true) {
            let message = says::dora_not_plain();
            self.excludes("pissa_convert", "use_dora", message);
        }
        self.note_range("pissa_iter", Range::within(-1.0, 1000.0).whole());
        let asked = self.or_default("pissa_iter", c.pissa_iter, PISSA_ITER);
        let iterations = match asked {
            -1.0 => None,
            n if n.fract() == 0.0 && (0.0..=1000.0).contains(&n) => Some(n as usize),
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
        let asked = self.choice_or_first(
            "init_lora_weights",
            &c.init_lora_weights,
            &[("true", false), ("loftq", true)],
        );
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

    fn only_for_lora(&mut self, kind: Kind) {
        if matches!(kind, Kind::Lora) {
            return;
        }
        let c = self.c;
        let adapter = matches!(kind, Kind::Oft);
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
