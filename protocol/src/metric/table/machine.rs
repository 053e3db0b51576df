//! Metrics of the machine during a run: measured by the server, and in no event.

use super::USUAL;
use crate::metric::{ChartId, Drawn, Group, Measured, Metric, Tone, Unit};
use crate::wording::metric as words;

const MACHINE: Metric = Metric {
    group: Group::Machine,
    measured: Measured::Training,
    tone: Tone::Series(1),
    ..USUAL
};

pub(super) const OF_MACHINE: &[Metric] = &[
    Metric {
        name: "machine/cpu",
        title: words::MACHINE_CPU,
        label: words::MACHINE_CPU_LABEL,
        meaning: words::MACHINE_CPU_MEANING,
        unit: Unit::Share,
        drawn: Drawn::In(ChartId::Processor),
        tone: Tone::Series(8),
        ..MACHINE
    },
    Metric {
        name: "machine/worker_cpu",
        title: words::MACHINE_WORKER_CPU,
        label: words::MACHINE_WORKER_CPU_LABEL,
        meaning: words::MACHINE_WORKER_CPU_MEANING,
        unit: Unit::Share,
        drawn: Drawn::In(ChartId::Processor),
        ..MACHINE
    },
    Metric {
        name: "machine/memory",
        title: words::MACHINE_MEMORY,
        label: words::MACHINE_MEMORY_LABEL,
        meaning: words::MACHINE_MEMORY_MEANING,
        unit: Unit::Bytes,
        drawn: Drawn::In(ChartId::Memory),
        tone: Tone::Series(8),
        ..MACHINE
    },
    Metric {
        name: "machine/worker_memory",
        title: words::MACHINE_WORKER_MEMORY,
        label: words::MACHINE_WORKER_MEMORY_LABEL,
        meaning: words::MACHINE_WORKER_MEMORY_MEANING,
        unit: Unit::Bytes,
        drawn: Drawn::In(ChartId::Memory),
        ..MACHINE
    },
    Metric {
        name: "machine/disk_written",
        title: words::MACHINE_DISK_WRITTEN,
        label: words::MACHINE_DISK_WRITTEN_LABEL,
        meaning: words::MACHINE_DISK_WRITTEN_MEANING,
        unit: Unit::Bytes,
        drawn: Drawn::In(ChartId::DiskWritten),
        ..MACHINE
    },
    Metric {
        name: "machine/disk_free",
        title: words::MACHINE_DISK_FREE,
        label: words::MACHINE_DISK_FREE_LABEL,
        meaning: words::MACHINE_DISK_FREE_MEANING,
        unit: Unit::Bytes,
        drawn: Drawn::In(ChartId::DiskFree),
        tone: Tone::Series(3),
        ..MACHINE
    },
    Metric {
        name: "machine/card",
        title: words::MACHINE_CARD,
        label: words::MACHINE_CARD_LABEL,
        meaning: words::MACHINE_CARD_MEANING,
        unit: Unit::Share,
        drawn: Drawn::In(ChartId::Card),
        ..MACHINE
    },
    Metric {
        name: "machine/card_memory",
        title: words::MACHINE_CARD_MEMORY,
        label: words::MACHINE_CARD_MEMORY_LABEL,
        meaning: words::MACHINE_CARD_MEMORY_MEANING,
        unit: Unit::Bytes,
        drawn: Drawn::In(ChartId::CardMemory),
        ..MACHINE
    },
    Metric {
        name: "machine/card_watts",
        title: words::MACHINE_CARD_WATTS,
        label: words::MACHINE_CARD_WATTS_LABEL,
        meaning: words::MACHINE_CARD_WATTS_MEANING,
        unit: Unit::Watts,
        drawn: Drawn::In(ChartId::Power),
        ..MACHINE
    },
    Metric {
        name: "machine/processor_watts",
        title: words::MACHINE_PROCESSOR_WATTS,
        label: words::MACHINE_PROCESSOR_WATTS_LABEL,
        meaning: words::MACHINE_PROCESSOR_WATTS_MEANING,
        unit: Unit::Watts,
        drawn: Drawn::In(ChartId::Power),
        tone: Tone::Series(8),
        ..MACHINE
    },
];
