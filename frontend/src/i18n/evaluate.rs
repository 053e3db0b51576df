//! Words of the page "Evaluate".

super::words! {
    title: "Evaluate", "評価", "评估";
    intro: "How good a model is on a data set: loss, preference scores, and how close its own replies come to the expected ones.",
        "モデルがデータセットでどれだけ良いかを測ります。損失、選好のスコア、モデル自身の返答が正解にどれだけ近いか。",
        "衡量模型在数据集上的表现：损失、偏好得分，以及模型自己的回复与参考回复的接近程度。";
    model: "Model", "モデル", "模型";
    dataset: "Data set", "データセット", "数据集";
    rows: "Rows", "行数", "行数";
    rows_hint: "At most so many; empty for all", "上限。空欄なら全部", "上限；留空则全部";
    cutoff: "Cut-off", "最大長", "截断长度";
    cutoff_hint: "Tokens of a row, at most", "1 行のトークン数の上限", "每行 token 数上限";
    batch: "Rows at a time", "一度に処理する行数", "每批行数";
    batch_hint: "Fewer take less memory", "少ないほどメモリを使いません", "越少越省内存";
    write: "Write replies and compare them (BLEU-4, ROUGE)", "返答を書かせて比べる（BLEU-4、ROUGE）", "生成回复并比较（BLEU-4、ROUGE）";
    new_tokens: "Tokens of a reply", "返答のトークン数", "回复的 token 数";
    new_tokens_hint: "At most", "上限", "上限";
    temperature: "Temperature", "温度", "温度";
    temperature_hint: "0 takes the likeliest token", "0 なら最も確率の高いトークン", "0 表示取最可能的 token";
    start: "Evaluate", "評価する", "评估";
    empty: "Nothing was evaluated yet", "まだ評価はありません", "尚无评估";
    empty_text: "Choose a model and a data set above.", "上でモデルとデータセットを選んでください。", "请在上方选择模型和数据集。";

    queued: "Waiting", "待機中", "等待中";
    going: "Going", "進行中", "进行中";
    stopped: "Stopped", "停止", "已停止";
    failed: "Failed", "失敗", "失败";
    loss: "Loss", "損失", "损失";
    perplexity: "Perplexity", "パープレキシティ", "困惑度";
    accuracy: "Prefers chosen", "選好の正解率", "偏好正确率";
    margin: "Margin", "マージン", "间隔";
    took: "Time", "時間", "用时";
    actions: "Actions", "操作", "操作";
    stop: "Stop", "停止", "停止";
    delete: "Delete", "削除", "删除";
    delete_title: "Delete this evaluation?", "この評価を削除しますか？", "删除此评估？";
    delete_text: "Its results and written replies are removed from the disk.", "結果と書かれた返答がディスクから削除されます。", "其结果与生成的回复将从磁盘删除。";
    show_replies: "Show replies", "返答を表示", "显示回复";
    hide_replies: "Hide replies", "返答を隠す", "隐藏回复";
    download: "Download generated_predictions.jsonl", "generated_predictions.jsonl をダウンロード", "下载 generated_predictions.jsonl";
    prompt: "Prompt", "プロンプト", "提示";
    written: "Written", "書かれた返答", "生成的回复";
    expected: "Expected", "正解の返答", "参考回复";
    first_of(shown, all): "The first {shown} of {all}", "全 {all} 件のうち最初の {shown} 件", "共 {all} 条，显示前 {shown} 条";
    left_out(n): "{n} row could not be used" / "{n} rows could not be used", "{n} 行は使えませんでした", "{n} 行无法使用";
    cut(n): "{n} row was cut off" / "{n} rows were cut off", "{n} 行を最大長で切り詰めました", "{n} 行被截断";
    compare_with(model, data): "Compare {model} on {data}", "{data} での {model} を比べる", "比较 {data} 上的 {model}";

    matrix: "Pair by pair", "ペアごとの比較", "逐对比较";
    matrix_text: "Share of the pairs that both have in which the row's margin is larger than the column's. Tick two evaluations of pairs or more.",
        "両方にあるペアのうち、行のマージンが列より大きい割合。ペアの評価を 2 件以上選んでください。",
        "在两者共有的样本对中，行的间隔大于列的比例。请勾选两个以上的成对评估。";
    cell(pairs, right, both): "{pairs} pairs in common; {right} right here and wrong there, {both} right in both",
        "共通のペア {pairs} 件。こちらだけ正解 {right} 件、両方正解 {both} 件",
        "共有 {pairs} 对；仅此正确 {right} 对，两者都正确 {both} 对";
    no_common: "no pairs in common", "共通のペアなし", "没有共同的样本对";
}
