//! Several runs of one config with other values.

super::sentences! {
    SWEEP
    sweep_in_a_config():
        "sweep: makes many runs of this file: start it with `corral sweep FILE`, or take the block out to train once",
        "sweep: このファイルから複数の実行を作る指定です。`corral sweep FILE` で始めるか、このブロックを外して一度だけ学習してください",
        "sweep：它会用此文件生成多个运行：请用 `corral sweep FILE` 启动，或去掉这一块只训练一次";
    sweep_missing():
        "sweep: is missing: add a block `sweep:` with `parameters:`, such as `pref_beta: [1, 2, 3]`",
        "sweep: がありません。`pref_beta: [1, 2, 3]` のような `parameters:` を持つ `sweep:` ブロックを加えてください",
        "sweep：缺失：请加入带 `parameters:` 的 `sweep:` 块，例如 `pref_beta: [1, 2, 3]`";
    sweep_not_a_map(key):
        "{key}: takes keys and values, each on a line of its own",
        "{key}: キーと値を一行ずつ指定してください",
        "{key}：请逐行给出键和值";
    sweep_no_such(near):
        "a sweep has no such key{near:; did you mean #?}",
        "スイープにそのキーはありません{near:。# のことですか}",
        "扫描没有这个键{near:；是否指 #？}";
    sweep_takes_keys(other, names):
        "there is no `{other}` here: it takes {names}",
        "ここに `{other}` はありません。使えるキーは {names} です",
        "这里没有 `{other}`；可用的键是 {names}";
    sweep_no_program(key):
        "{key} is what W&B starts: here the file itself is what runs; take the line out",
        "{key} は W&B が起動するものです。ここではこのファイル自体を実行するので、その行を外してください",
        "{key} 是 W&B 要启动的程序：这里运行的就是此文件，请去掉这一行";
    sweep_no_values():
        "takes two values or more, such as `1, 2, 3`, `0.1..0.5 step 0.1` or `log 1e-6..1e-4 in 5`",
        "二つ以上の値を指定してください（例：`1, 2, 3`、`0.1..0.5 step 0.1`、`log 1e-6..1e-4 in 5`）",
        "请给出两个或更多的值，如 `1, 2, 3`、`0.1..0.5 step 0.1` 或 `log 1e-6..1e-4 in 5`";
    sweep_value(value, takes):
        "{value}: {takes}",
        "{value}: {takes}",
        "{value}：{takes}";
    sweep_twice(value):
        "{value} stands twice among the values",
        "値に {value} が二度あります",
        "值中 {value} 出现了两次";
    sweep_no_range(key):
        "{key} takes no range: list its values",
        "{key} に範囲は指定できません。値を並べてください",
        "{key} 不能用范围：请列出各个值";
    sweep_range_empty(low, high):
        "the range {low}..{high} is empty: the first number has to be the smaller one",
        "範囲 {low}..{high} は空です。先の数を小さくしてください",
        "范围 {low}..{high} 为空：第一个数必须较小";
    sweep_log_from(low):
        "a log range starts above 0, not at {low}",
        "対数の範囲は 0 より大きい値から始めてください（{low} は不可）",
        "对数范围必须从大于 0 的数开始，而不是 {low}";
    sweep_step(step):
        "{step} is no step: it has to be a number above 0, no longer than the range",
        "{step} は刻みになりません。0 より大きく、範囲を超えない数を指定してください",
        "{step} 不能作为步长：必须是大于 0 且不超过范围的数";
    sweep_needs_points():
        "a grid needs to know how many points of the range: write `in 5` or `step 0.1` behind it, or take `method: random`",
        "グリッドには範囲の点の数が必要です。後ろに `in 5` か `step 0.1` を書くか、`method: random` にしてください",
        "网格需要知道取范围中的几个点：请在后面写 `in 5` 或 `step 0.1`，或用 `method: random`";
    sweep_points(points):
        "{points} is no number of points: take 2 to 1000",
        "{points} は点の数になりません。2 から 1000 を指定してください",
        "{points} 不能作为点数：请取 2 到 1000";
    sweep_distribution(name):
        "{name} is not drawn here: take `uniform`, `log_uniform_values`, `q_uniform` or `int_uniform`",
        "{name} には対応していません。`uniform`、`log_uniform_values`、`q_uniform`、`int_uniform` のいずれかにしてください",
        "这里不支持 {name}：请用 `uniform`、`log_uniform_values`、`q_uniform` 或 `int_uniform`";
    sweep_key_is_the_runs(key):
        "{key} is each run's own and can't be swept",
        "{key} は実行ごとに決まるので、スイープできません",
        "{key} 由每个运行自行决定，不能扫描";
    sweep_key_idle(key):
        "{key} changes nothing under this config: take it out, or change what it belongs to",
        "この設定では {key} は何も変えません。外すか、対応する設定を変えてください",
        "在此配置下 {key} 没有作用：请去掉它，或更改它所属的设置";
    sweep_method(name):
        "{name} is no method: take `grid`, `random` or `tpe`",
        "{name} という方法はありません。`grid`、`random`、`tpe` のいずれかにしてください",
        "没有 {name} 这种方法：请用 `grid`、`random` 或 `tpe`";
    sweep_bayes_is_tpe():
        "method: bayes is done by tpe here (W&B models values with a Gaussian process)",
        "method: bayes はここでは tpe で行います（W&B はガウス過程を使います）",
        "method: bayes 在这里由 tpe 完成（W&B 使用高斯过程）";
    sweep_needs_cap():
        "is missing: say how many runs to make",
        "がありません。実行をいくつ作るか指定してください",
        "缺失：请说明要生成多少个运行";
    sweep_too_many(count, most):
        "makes {count} runs; a sweep has at most {most}: take fewer values, or `method: random` with `run_cap`",
        "実行が {count} 個になります。スイープは {most} 個までです。値を減らすか、`run_cap` 付きの `method: random` にしてください",
        "会生成 {count} 个运行；一次扫描最多 {most} 个：请减少取值，或用带 `run_cap` 的 `method: random`";
    sweep_one_run():
        "makes one run: a sweep takes two or more",
        "実行が一つしかできません。スイープには二つ以上必要です",
        "只会生成一个运行：扫描需要两个或更多";
    sweep_metric(name):
        "{name} is not measured on held-out rows: take one that is, such as `eval_loss` or `preference/accuracies`",
        "{name} は検証用の行で測られません。`eval_loss` や `preference/accuracies` など、測られるものにしてください",
        "{name} 不在留出数据上测量：请用在其上测量的指标，如 `eval_loss` 或 `preference/accuracies`";
    sweep_goal(name):
        "{name}: say whether `goal: maximize` or `goal: minimize` is better",
        "{name}: `goal: maximize` と `goal: minimize` のどちらが良いか指定してください",
        "{name}：请说明 `goal: maximize` 还是 `goal: minimize` 更好";
    sweep_no_held_out():
        "runs are compared by held-out rows, and there are none: set val_size, or an eval_dataset",
        "実行は検証用の行で比べますが、ありません。val_size か eval_dataset を設定してください",
        "运行按留出数据比较，但没有留出数据：请设置 val_size 或 eval_dataset";
    sweep_no_evaluations():
        "bad runs are stopped after an evaluation, and there is none before the end: set eval_strategy: epoch or steps",
        "悪い実行は評価のあとに止めますが、終わりまで評価がありません。eval_strategy: epoch か steps を設定してください",
        "较差的运行在评估后停止，但结束前没有评估：请设置 eval_strategy: epoch 或 steps";
    sweep_eta(eta):
        "{eta} is no share to stop by: 2 keeps one half at each rung, 3 one third",
        "{eta} は間引きの割合になりません。2 なら各段で半分、3 なら三分の一を残します",
        "{eta} 不能作为淘汰比例：2 表示每一级保留一半，3 表示保留三分之一";
    sweep_one_scale(metric, keys):
        "{metric} depends on {keys}: its values are not on one scale between these runs; preference/accuracies is",
        "{metric} は {keys} によって変わるため、これらの実行の間では同じ尺度になりません。preference/accuracies なら同じです",
        "{metric} 取决于 {keys}：在这些运行之间不是同一尺度；preference/accuracies 是同一尺度";
    sweep_at(point, said):
        "with {point}: {said}",
        "{point} のとき: {said}",
        "取 {point} 时：{said}";
    sweep_reference_once():
        "the reference's log-probs are computed once, by the first run, and read by the others (precompute_ref_log_probs)",
        "参照モデルの log-prob は最初の実行が一度だけ計算し、ほかの実行はそれを読みます（precompute_ref_log_probs）",
        "参考模型的 log-prob 由第一个运行计算一次，其余运行直接读取（precompute_ref_log_probs）";
    sweep_stopped_early(evaluation, place, count, metric):
        "stopped early: at evaluation {evaluation} it was {place} of {count} by {metric}",
        "早期に停止しました。評価 {evaluation} 回目で {metric} は {count} 個中 {place} 位でした",
        "提前停止：第 {evaluation} 次评估时按 {metric} 排在 {count} 个中的第 {place} 位";
    no_such_sweep(id):
        "there is no sweep {id}",
        "スイープ {id} はありません",
        "没有扫描 {id}";
    sweep_nothing_left(name):
        "there is nothing to go on with in the sweep {name}: it goes, or all of its runs are over",
        "スイープ {name} に続けるものはありません。実行中か、すべての実行が終わっています",
        "扫描 {name} 没有可继续的内容：它正在进行，或其运行均已结束";
    sweep_run_stays(name, why):
        "{name} can't go on: {why}",
        "{name} は続けられません: {why}",
        "{name} 无法继续：{why}";
    sweep_goes(name):
        "runs of the sweep {name} go on: stop it first",
        "スイープ {name} の実行が続いています。先に停止してください",
        "扫描 {name} 的运行仍在进行：请先停止";
    sweep_over(name):
        "the sweep {name} is over already",
        "スイープ {name} はすでに終わっています",
        "扫描 {name} 已经结束";
}
