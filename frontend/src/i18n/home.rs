//! Words of the first page.

super::words! {
    attention: "Needs attention", "要確認", "需要关注";
    all_well: "Nothing does.", "ありません。", "没有。";
    verdicts: "Last results", "最近の結果", "最近的结果";
    no_verdict: "No run has ended yet.", "終了した実行はまだありません。", "还没有结束的运行。";
    all_runs(n): "{n} run in all" / "All {n} runs", "全 {n} 件の実行", "全部 {n} 个运行";
    nothing_goes: "Nothing runs now.", "実行中のものはありません。", "当前没有运行。";
    more_going(n): "{n} more is going" / "{n} more are going", "ほか {n} 件実行中", "另有 {n} 个正在运行";
    waiting(n): "{n} run waits in the queue" / "{n} runs wait in the queue", "{n} 件が待機中", "{n} 个运行在排队";
    ends(time): "ends {time}", "{time} に終了予定", "预计 {time} 结束";
}
