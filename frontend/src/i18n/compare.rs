//! Words of the compare page.

super::words! {
    title: "Compare", "比較", "比较";
    back: "All runs", "実行一覧", "全部运行";
    none_title: "Nothing to compare", "比較する実行がありません", "没有可比较的运行";
    none_text: "Select two or more runs in the table, then Compare.", "一覧で 2 件以上を選択して「比較」を押してください。", "请在列表中选择两个或更多运行，然后点击“比较”。";
    remove(name): "Take {name} out", "{name} を外す", "移除 {name}";
    pin(name): "Make {name} the baseline", "{name} を基準にする", "以 {name} 为基准";
    unpin: "No baseline", "基準を解除", "取消基准";
    differences: "Columns in monospace: the keys in which the configurations differ.", "等幅の列は、設定の異なるキーです。", "等宽字体的列是配置不同的键。";
    no_differences: "These runs have the same configuration.", "設定に違いはありません。", "这些运行的配置相同。";
    results: "Results", "結果", "结果";
    not_comparable: "Values of different losses are not on one scale.", "異なる loss の値は同じ尺度ではありません。", "不同 loss 的数值不在同一尺度。";
    run: "Run", "実行", "运行";
    hide(name): "Hide {name} in the charts", "{name} をグラフで隠す", "在图表中隐藏 {name}";
    show(name): "Show {name} in the charts", "{name} をグラフに表示", "在图表中显示 {name}";
    color_by: "Colour by", "色分け", "着色依据";
    time: "Time", "時間", "用时";
    best: "best of the column", "列の中で最良", "本列最佳";
    held_out(metric): "Held-out {metric}", "検証 {metric}", "留出 {metric}";
}
