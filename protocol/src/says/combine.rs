//! Several adapters or models merged into one.

super::sentences! {
    COMBINE
    combine_takes_two():
        "name two or more adapters or models to merge",
        "マージするアダプターまたはモデルを二つ以上指定してください",
        "请指定两个或更多要合并的适配器或模型";
    combine_weights(weights, count):
        "--weights: {weights|number|numbers} for {count|folder|folders}; give one for each",
        "--weights: 数値が {weights} 個、フォルダーが {count} 個です。一つずつ指定してください",
        "--weights：给了 {weights} 个数，而文件夹有 {count} 个；请每个给一个";
    combine_number(name):
        "--{name}: takes numbers that do not add up to 0",
        "--{name}: 合計が 0 にならない数値を指定してください",
        "--{name}：请给出总和不为 0 的数";
    combine_density(density):
        "--density: {density} is no share above 0 and up to 1",
        "--density: {density} は 0 より大きく 1 以下の割合ではありません",
        "--density：{density} 不是大于 0 且不超过 1 的比例";
    combine_idle(option, method):
        "{option} changes nothing with {method}: leave it out, or take another --method",
        "{option} は {method} では何も変えません。外すか、別の --method にしてください",
        "{option} 对 {method} 没有作用：请去掉它，或换一个 --method";
    combine_packed(how):
        "is quantized ({how}), and merging takes plain weights: export it with `corral export`, which writes them, and merge that",
        "量子化されています（{how}）。マージには通常の重みが要るので、`corral export` で書き出したものをマージしてください",
        "是量化的（{how}），而合并需要普通权重：请先用 `corral export` 写出，再合并它";
    combine_no_base():
        "--base: takes a model's folder or hub name",
        "--base: モデルのフォルダーかハブの名前を指定してください",
        "--base：请给出模型文件夹或 Hub 名称";
    combine_rank():
        "--rank: takes 1 or more",
        "--rank: 1 以上を指定してください",
        "--rank：请给出 1 或更大的数";
    combine_slerp(count):
        "slerp goes from one to another: name two, not {count}",
        "slerp は二つの間をたどります。{count} 個ではなく二つ指定してください",
        "slerp 在两者之间进行：请指定两个，而不是 {count} 个";
    combine_mixed():
        "adapters merge with adapters, models with models: export the adapters first, or name adapters alone",
        "アダプターはアダプターと、モデルはモデルとマージします。先にアダプターをエクスポートするか、アダプターだけを指定してください",
        "适配器与适配器合并，模型与模型合并：请先导出适配器，或只指定适配器";
    combine_kind(kind):
        "is a {kind} adapter, which is no sum on its base's own weights: export it into its model, and merge models",
        "{kind} アダプターで、元モデルの重みへの和ではありません。モデルにエクスポートしてからモデル同士をマージしてください",
        "是 {kind} 适配器，不是对基座自身权重的加和：请先导出到其模型中，再合并模型";
    combine_other_base(theirs, ours):
        "was trained on {theirs}, the first on {ours}: adapters of one base can be merged",
        "{theirs} で学習したもので、最初のものは {ours} です。マージできるのは同じモデルのアダプターです",
        "是在 {theirs} 上训练的，而第一个是在 {ours} 上：只能合并同一基座的适配器";
    combine_other_blocks(what):
        "stands on another model than the first: `{what}` differs",
        "最初のものとは別のモデルの上にあります。`{what}` が違います",
        "与第一个所依的模型不同：`{what}` 有别";
    out_is_a_file():
        "is a file; name a folder",
        "ファイルです。フォルダーを指定してください",
        "是文件；请指定一个文件夹";
    combine_value_head():
        "has a value head, which is not merged: merge models that write, and train the reward model on what comes of it",
        "バリューヘッドがあり、マージできません。文章を書くモデルをマージし、その結果で報酬モデルを学習してください",
        "带有价值头，无法合并：请合并生成文本的模型，再在其结果上训练奖励模型";
    combine_overflows(name):
        "{name} would not be finite: take smaller --weights",
        "{name} が有限の値になりません。--weights を小さくしてください",
        "{name} 将不再是有限值：请减小 --weights";
    combine_other_form(first):
        "describes another model than {first}: models of one config can be merged",
        "{first} とは別のモデルを表しています。マージできるのは同じ設定のモデルです",
        "描述的模型与 {first} 不同：只能合并配置相同的模型";
    combine_first_kept(key):
        "`{key}` differs among what was merged: the first one's is kept",
        "マージしたものの間で `{key}` が違います。最初のものを使います",
        "所合并者的 `{key}` 不同：保留第一个的";
    combine_whole(name):
        "brings `{name}` whole, which no share can be taken of: export each into its model, and merge models",
        "`{name}` を丸ごと持ち、割合を掛けられません。それぞれモデルにエクスポートしてからモデル同士をマージしてください",
        "整体带有 `{name}`，无法按比例取用：请分别导出到其模型中，再合并模型";
    combine_ranks(module, rank, other, method):
        "{module}: ranks {rank} and {other} differ, and {method} adds matrices of one rank: take cat or svd",
        "{module}: ランクが {rank} と {other} で異なります。{method} は同じランクの行列を足します。cat か svd を使ってください",
        "{module}：秩 {rank} 与 {other} 不同，而 {method} 相加的是同秩矩阵：请用 cat 或 svd";
    combine_adapters_only(method):
        "{method} merges adapters; for models take linear, slerp, task_arithmetic, ties, dare_linear, dare_ties or magnitude_prune",
        "{method} はアダプター用です。モデルには linear、slerp、task_arithmetic、ties、dare_linear、dare_ties、magnitude_prune を使ってください",
        "{method} 用于适配器；模型请用 linear、slerp、task_arithmetic、ties、dare_linear、dare_ties 或 magnitude_prune";
    combine_made_of(method, parts):
        "merged by {method} from {parts}",
        "{method} でマージしました: {parts}",
        "由 {method} 合并自 {parts}";
    combine_no_training():
        "the run was merged from checkpoints: there is nothing to stop or resume",
        "チェックポイントをマージした実行です。停止や再開はできません",
        "该运行由检查点合并而成：没有可停止或恢复的内容";
    combine_going():
        "checkpoints are being merged already: wait for that, or stop it",
        "すでにチェックポイントをマージしています。終わるのを待つか、停止してください",
        "已有检查点正在合并：请等待其完成，或将其停止";
    combine_names_base(method):
        "{method} merges what training changed: name the model it started from, --base",
        "{method} は学習による変化をマージします。元のモデルを --base で指定してください",
        "{method} 合并的是训练带来的变化：请用 --base 指定其起始模型";
}
