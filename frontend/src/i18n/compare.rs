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
    group_by: "Group by", "グループ化", "分组依据";
    group_none: "nothing", "なし", "不分组";
    views: "Views", "ビュー", "视图";
    view_name: "Name of this view", "このビューの名前", "此视图的名称";
    view_kept(name): "{name} is kept among the views", "{name} をビューに保存しました", "已保存视图 {name}";
    view_forget(name): "Remove the view {name}", "ビュー {name} を削除", "删除视图 {name}";
    download: "Download", "ダウンロード", "下载";
    report: "Report, one HTML file", "レポート（HTML 1 ファイル）", "报告（单个 HTML 文件）";
    table_csv: "Table as CSV", "表を CSV で", "表格 CSV";
    table_json: "Table as JSON", "表を JSON で", "表格 JSON";
    own_charts: "Charts of your own", "自分のグラフ", "自定义图表";
    own_title(y, x): "{y} over {x}", "{x} に対する {y}", "{y} 随 {x}";
    own_y: "Upwards", "縦軸", "纵轴";
    own_x: "Along", "横軸", "横轴";
    own_keys: "Keys that differ, a dot a run", "異なるキー（実行ごとに点）", "不同的键（每个运行一点）";
    own_metrics: "Metrics, a line a run", "メトリクス（実行ごとに線）", "指标（每个运行一条线）";
    own_add: "Add chart", "グラフを追加", "添加图表";
    own_remove(title): "Remove the chart {title}", "グラフ「{title}」を削除", "删除图表“{title}”";
    own_remove_short: "Remove", "削除", "删除";
    time: "Time", "時間", "用时";
    best: "best of the column", "列の中で最良", "本列最佳";
    held_out(metric): "Held-out {metric}", "検証 {metric}", "留出 {metric}";
    combine: "Merge", "マージ", "合并";
    combining(share): "Merging {share}", "マージ中 {share}", "合并中 {share}";
    combine_title: "Merge checkpoints", "チェックポイントをマージ", "合并检查点";
    combine_text: "The checkpoints become one adapter or one model: a run of its own, to talk to, export and download.",
        "チェックポイントを一つのアダプターまたはモデルにします。独立した実行になり、チャット、エクスポート、ダウンロードができます。",
        "将这些检查点合成一个适配器或模型：它成为一个独立的运行，可以对话、导出和下载。";
    combine_method: "Method", "方法", "方法";
    combine_task_arithmetic: "What training added, weighted and summed; the ranks of adapters add up",
        "学習で加わった分の加重和。アダプターのランクは合計になります",
        "训练所加部分的加权和；适配器的秩相加";
    combine_linear: "Weighted sum of the adapters' matrices, which takes one rank; of models, their mean",
        "アダプターの行列の加重和（同じランクが必要）。モデルでは加重平均",
        "适配器矩阵的加权和（需同秩）；模型则为加权平均";
    combine_slerp: "Along the arc between two; the weights say how far", "二つの間の弧に沿って補間。重みが位置を決めます", "沿两者之间的弧插值；权重决定位置";
    combine_ties: "The largest changes whose sign most agree on; adapters of one rank", "符号が多数で一致する大きな変化。アダプターは同じランク", "取多数符号一致的最大变化；适配器需同秩";
    combine_dare_ties: "Changes dropped at random, the others enlarged, signs as in TIES; adapters of one rank",
        "変化を無作為に落として残りを拡大し、符号は TIES と同じ。アダプターは同じランク",
        "随机丢弃变化并放大其余，符号同 TIES；适配器需同秩";
    combine_svd: "What the adapters add, summed and cut to the largest rank", "アダプターが加える分の和を最大のランクに切り詰めます", "适配器所加部分之和，截到最大的秩";
    combine_ties_svd: "TIES on what the adapters add, cut to the largest rank", "アダプターが加える分への TIES。最大のランクに切り詰めます", "对适配器所加部分做 TIES，截到最大的秩";
    combine_dare_ties_svd: "DARE-TIES on what the adapters add, cut to the largest rank", "アダプターが加える分への DARE-TIES。最大のランクに切り詰めます", "对适配器所加部分做 DARE-TIES，截到最大的秩";
    combine_checkpoints: "Checkpoints and their weights", "チェックポイントと重み", "检查点及其权重";
    combine_checkpoint(place): "Checkpoint {place}", "チェックポイント {place}", "检查点 {place}";
    combine_weight(name): "Weight of {name}", "{name} の重み", "{name} 的权重";
    combine_even: "same", "均等", "均等";
    combine_weights_bad: "Weights: a number for each, or none at all.", "重みは全部に数値を入れるか、すべて空にしてください。", "权重：每个都填数字，或全部留空。";
    combine_density: "Share of changes that is kept", "残す変化の割合", "保留变化的比例";
    combine_density_hint: "Above 0, at most 1", "0 より大きく 1 以下", "大于 0，至多为 1";
    combine_density_bad: "A number above 0 and up to 1.", "0 より大きく 1 以下の数値を入れてください。", "请填大于 0 且不超过 1 的数。";
    combine_name: "Name of the run", "実行の名前", "运行名称";
    combine_name_hint: "Left out: after the method", "空なら方法の名前", "留空则以方法命名";
    combine_add: "Add a checkpoint", "チェックポイントを追加", "添加检查点";
    combine_none: "These runs have no checkpoints to merge.", "マージできるチェックポイントがありません。", "这些运行没有可合并的检查点。";
    combine_adapter(size, free): "Makes an adapter, {size}; {free} of disk are free.", "アダプター {size} を作ります。ディスクの空きは {free}。", "将生成适配器 {size}；磁盘剩余 {free}。";
    combine_model(size, free): "Makes a whole model, {size}; {free} of disk are free.", "モデル全体 {size} を作ります。ディスクの空きは {free}。", "将生成完整模型 {size}；磁盘剩余 {free}。";
    combine_stop: "Stop", "停止", "停止";
    combine_stopped: "Stopped; nothing is kept of it.", "停止しました。何も残っていません。", "已停止，未保留任何内容。";
    combine_done(name): "{name} is among the runs and the models.", "{name} が実行とモデルに加わりました。", "{name} 已加入运行和模型列表。";
    combine_open: "Open the run", "実行を開く", "打开运行";
    combine_chat: "Chat with it", "チャットで試す", "与它对话";
}
