//! What the machine does while a run goes: the server measures it, no event has it.

use super::USUAL;
use crate::metric::{ChartId, Drawn, Group, Measured, Metric, Tone, Unit, Words};

const MACHINE: Metric = Metric {
    group: Group::Machine,
    measured: Measured::Training,
    tone: Tone::Series(1),
    ..USUAL
};

pub(super) const OF_MACHINE: &[Metric] = &[
    Metric {
        name: "machine/cpu",
        title: Words::new("processor", "プロセッサー", "处理器"),
        label: Words::new("all", "全体", "总体"),
        meaning: Words::new(
            "Share of all cores in use, by whatever program",
            "全コアの使用率（すべてのプログラム）",
            "全部核心的使用率（所有程序）",
        ),
        unit: Unit::Share,
        drawn: Drawn::In(ChartId::Processor),
        tone: Tone::Series(8),
        ..MACHINE
    },
    Metric {
        name: "machine/worker_cpu",
        title: Words::new("processor, by the run", "プロセッサー（この実行）", "处理器（本运行）"),
        label: Words::new("this run", "この実行", "本运行"),
        meaning: Words::new(
            "Share of all cores that the run's worker uses",
            "この実行のワーカーが使う全コアに対する割合",
            "本运行的工作进程占全部核心的比例",
        ),
        unit: Unit::Share,
        drawn: Drawn::In(ChartId::Processor),
        ..MACHINE
    },
    Metric {
        name: "machine/memory",
        title: Words::new("memory in use", "メモリ使用量", "已用内存"),
        label: Words::new("all", "全体", "总体"),
        meaning: Words::new(
            "Memory that programs hold, in bytes: the machine's, or that of the server's control group",
            "プログラムが使うメモリ（バイト）。マシン全体、またはサーバーの cgroup",
            "程序占用的内存（字节）：整机或服务器所在控制组",
        ),
        unit: Unit::Bytes,
        drawn: Drawn::In(ChartId::Memory),
        tone: Tone::Series(8),
        ..MACHINE
    },
    Metric {
        name: "machine/worker_memory",
        title: Words::new("memory of the run", "この実行のメモリ", "本运行的内存"),
        label: Words::new("this run", "この実行", "本运行"),
        meaning: Words::new(
            "Memory that the run's worker has resident, in bytes",
            "この実行のワーカーの常駐メモリ（バイト）",
            "本运行工作进程的常驻内存（字节）",
        ),
        unit: Unit::Bytes,
        drawn: Drawn::In(ChartId::Memory),
        ..MACHINE
    },
    Metric {
        name: "machine/disk_written",
        title: Words::new("written to disk", "ディスクへの書き込み", "写入磁盘"),
        label: Words::new("this run", "この実行", "本运行"),
        meaning: Words::new(
            "Bytes that the run's worker writes to the disk in a second",
            "この実行のワーカーが 1 秒間にディスクへ書くバイト数",
            "本运行工作进程每秒写入磁盘的字节数",
        ),
        unit: Unit::Bytes,
        drawn: Drawn::In(ChartId::DiskWritten),
        ..MACHINE
    },
    Metric {
        name: "machine/disk_free",
        title: Words::new("free disk", "ディスクの空き", "磁盘可用空间"),
        label: Words::new("free", "空き", "可用"),
        meaning: Words::new(
            "Bytes free where the run's folder lies",
            "実行フォルダーのあるディスクの空きバイト数",
            "运行目录所在磁盘的可用字节数",
        ),
        unit: Unit::Bytes,
        drawn: Drawn::In(ChartId::DiskFree),
        tone: Tone::Series(3),
        ..MACHINE
    },
    Metric {
        name: "machine/card",
        title: Words::new("use of the card", "カードの使用率", "显卡使用率"),
        label: Words::new("in use", "使用率", "使用率"),
        meaning: Words::new(
            "Share of the time in which the run's card computed, as NVML has it",
            "この実行のカードが計算していた時間の割合（NVML による）",
            "本运行的显卡处于计算中的时间比例（NVML）",
        ),
        unit: Unit::Share,
        drawn: Drawn::In(ChartId::Card),
        ..MACHINE
    },
    Metric {
        name: "machine/card_memory",
        title: Words::new("memory of the card", "カードのメモリ", "显存"),
        label: Words::new("in use", "使用量", "已用"),
        meaning: Words::new(
            "Memory in use on the run's card, in bytes, as NVML has it",
            "この実行のカードのメモリ使用量（バイト、NVML による）",
            "本运行的显卡已用显存（字节，NVML）",
        ),
        unit: Unit::Bytes,
        drawn: Drawn::In(ChartId::CardMemory),
        ..MACHINE
    },
    Metric {
        name: "machine/card_watts",
        title: Words::new("power of the card", "カードの消費電力", "显卡功率"),
        label: Words::new("card", "カード", "显卡"),
        meaning: Words::new(
            "Watts that the run's card draws, as NVML measures it",
            "この実行のカードの消費電力（ワット、NVML による）",
            "本运行的显卡功率（瓦，NVML 测得）",
        ),
        unit: Unit::Watts,
        drawn: Drawn::In(ChartId::Power),
        ..MACHINE
    },
    Metric {
        name: "machine/processor_watts",
        title: Words::new("power of the processor", "プロセッサーの消費電力", "处理器功率"),
        label: Words::new("processor", "プロセッサー", "处理器"),
        meaning: Words::new(
            "Watts that the processors draw, by all programs, as RAPL measures it",
            "プロセッサーの消費電力（ワット、全プログラム、RAPL による）",
            "处理器功率（瓦，所有程序，RAPL 测得）",
        ),
        unit: Unit::Watts,
        drawn: Drawn::In(ChartId::Power),
        tone: Tone::Series(8),
        ..MACHINE
    },
];
