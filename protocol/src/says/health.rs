//! What a look at a run's curves found, with its numbers.

super::sentences! {
    HEALTH
    health_accuracy_fell(after, before):
        "Worse than before training: the chosen reply is preferred in {after} of held-out pairs, before it was {before}.",
        "学習前より悪化しました: 検証ペアで chosen を好む割合は {after}（学習前 {before}）。",
        "比训练前更差：留出样本对中偏好 chosen 的比例为 {after}（训练前 {before}）。";
    health_margin_fell(after, before):
        "Worse than before training: the held-out preference margin is {after} nats per token, before it was {before}.",
        "学習前より悪化しました: 検証の preference margin はトークンあたり {after} nats（学習前 {before}）。",
        "比训练前更差：留出的 preference margin 为每 token {after} nats（训练前 {before}）。";
    health_reward_fell(after, before):
        "Worse than before training: the held-out reward is {after}, before it was {before}.",
        "学習前より悪化しました: 検証の報酬は {after}（学習前 {before}）。",
        "比训练前更差：留出的奖励为 {after}（训练前 {before}）。";
    health_held_out_loss_rose(after, before):
        "Worse than before training: the held-out loss is {after}, before it was {before}.",
        "学習前より悪化しました: 検証の loss は {after}（学習前 {before}）。",
        "比训练前更差：留出 loss 为 {after}（训练前 {before}）。";
    health_diverged(step):
        "The learning rate is too high: loss or gradient were no longer finite at step {step}.",
        "学習率が高すぎます: ステップ {step} で loss または勾配が有限でなくなりました。",
        "学习率过高：第 {step} 步时 loss 或梯度不再是有限数。";
    health_never_fell(loss, start, peak, step):
        "The learning rate looks too high: the loss is {loss}, began at {start} and went up to {peak} around step {step}.",
        "学習率が高すぎるようです: loss は {loss}。開始時は {start} で、ステップ {step} 付近で {peak} まで上がりました。",
        "学习率可能过高：loss 为 {loss}，开始时为 {start}，在第 {step} 步附近升至 {peak}。";
    health_nothing_moves(loss, before, steps):
        "Nothing moves: after {steps|step|steps} the held-out loss is {loss}, before training it was {before}. The learning rate looks too low.",
        "変化がありません: {steps} ステップ後の検証 loss は {loss}（学習前 {before}）。学習率が低すぎるようです。",
        "没有变化：{steps} 步后留出 loss 为 {loss}（训练前 {before}）。学习率可能过低。";
    health_displaced(after, before, margin, margin_before):
        "The chosen reply itself gets less likely: its held-out log-prob fell from {before} to {after}, while the preference margin rose from {margin_before} to {margin}.",
        "chosen の応答自体の確率が下がっています: 検証の log-prob が {before} から {after} に下がり、preference margin は {margin_before} から {margin} に上がりました。",
        "chosen 回复本身的概率在下降：留出 log-prob 从 {before} 降到 {after}，而 preference margin 从 {margin_before} 升到 {margin}。";
    health_spikes(count, norm, step, usual):
        "{count|spike|spikes} of the gradient norm: up to {norm} at step {step}, where {usual} is usual.",
        "勾配ノルムのスパイクが {count} 回ありました: ステップ {step} で最大 {norm}（通常は {usual}）。",
        "梯度范数出现 {count} 次尖峰：第 {step} 步高达 {norm}（通常为 {usual}）。";
    health_memorised(step, percent, held_out):
        "Every training pair is told apart from step {step} on ({percent} of the run), held-out pairs in {held_out}: memorised, or rows of training name the answer.",
        "ステップ {step}（全体の {percent}）から学習ペアをすべて当てていますが、検証ペアでは {held_out} です。丸暗記か、学習データに答えが漏れている可能性があります。",
        "从第 {step} 步（全程的 {percent}）起所有训练样本对都判对，而留出样本对为 {held_out}：可能是死记，或训练数据泄露了答案。";
    health_turned(lowest, step, after):
        "Held-out loss turned up: {lowest} at step {step} was its lowest, now it is {after}.",
        "検証 loss が上昇に転じました: 最小はステップ {step} の {lowest}、現在は {after} です。",
        "留出 loss 开始回升：最低为第 {step} 步的 {lowest}，现在为 {after}。";
    health_longer(after, before, percent):
        "Replies get longer: {after} tokens, at the beginning {before} (+{percent}).",
        "応答が長くなっています: {after} トークン（開始時 {before}、+{percent}）。",
        "回复变长：{after} 个 token，开始时为 {before}（+{percent}）。";
    health_shorter(after, before, percent):
        "Replies get shorter: {after} tokens, at the beginning {before} (−{percent}).",
        "応答が短くなっています: {after} トークン（開始時 {before}、−{percent}）。",
        "回复变短：{after} 个 token，开始时为 {before}（−{percent}）。";
    health_saturated(step, percent, loss, start):
        "Nothing is left to learn from step {step} on ({percent} of the run): the loss is {loss} of {start}, and the gradient is all but zero.",
        "ステップ {step}（全体の {percent}）以降、学ぶことが残っていません: loss は {start} から {loss} になり、勾配はほぼゼロです。",
        "从第 {step} 步（全程的 {percent}）起已无可学：loss 从 {start} 降到 {loss}，梯度几乎为零。";
    health_cut(percent, cut, rows, length):
        "{percent} of the rows are cut off: {cut} of {rows} are longer than {length} tokens.",
        "{percent} の行が切り詰められています: {rows} 行のうち {cut} 行が {length} トークンを超えています。",
        "{percent} 的行被截断：{rows} 行中有 {cut} 行超过 {length} 个 token。";
    health_no_held_out():
        "No held-out rows: nobody can tell whether this generalises.",
        "検証用の行がありません: 汎化しているかどうか判断できません。",
        "没有留出数据：无法判断能否泛化。";
    health_stalled(seconds, usual):
        "Nothing was heard from the worker for {seconds} s{usual:, a step takes # s}. It may be in a long step, or stuck.",
        "ワーカーから {seconds} 秒間応答がありません{usual:（1 ステップは # 秒）}。長いステップの途中か、止まっている可能性があります。",
        "已有 {seconds} 秒没有收到工作进程的消息{usual:（每步 # 秒）}，可能正处于较长的一步，也可能已卡住。";
    health_slower(after, before, step):
        "Slower since about step {step}: {after} tokens/s, before {before}. Something else may be using the machine.",
        "ステップ {step} ごろから遅くなっています: {after} tokens/s（以前は {before}）。ほかの処理がマシンを使っている可能性があります。",
        "约从第 {step} 步起变慢：{after} tokens/s（之前 {before}）。可能有其他程序在占用机器。";
    health_well(checks):
        "{checks|check|checks}, nothing found",
        "{checks} 項目を確認し、問題は見つかりませんでした",
        "已检查 {checks} 项，未发现问题";
    health_try(finding, changes):
        "{finding} Try {changes}.",
        "{finding} 次を試してください: {changes}",
        "{finding}可以尝试：{changes}";
    health_use(finding, checkpoint):
        "{finding} {checkpoint} is the better one.",
        "{finding} {checkpoint} のほうが良い結果です。",
        "{finding}{checkpoint} 更好。";
}
