//! What is said of the prompts that a run answers on its way.

super::sentences! {
    SAMPLES
    own_prompts_too_many(found, most):
        "{found} prompts; at most {most} are answered: leave some out",
        "プロンプトが {found} 件あります。答えるのは最大 {most} 件です。減らしてください",
        "有 {found} 条提示；最多回答 {most} 条，请减少";
    own_prompts_too_long(most):
        "the prompts are longer than {most} KiB together: shorten them",
        "プロンプトが合わせて {most} KiB を超えています。短くしてください",
        "提示合计超过 {most} KiB，请缩短";
    own_prompt_unreadable(line, why, example):
        "line {line} begins as a conversation and is none ({why}): write plain text, or {example} in one line",
        "{line} 行目は会話の形で始まりますが読めません（{why}）。普通の文か、1 行の {example} にしてください",
        "第 {line} 行以对话开头却无法读取（{why}）：请写普通文字，或写成一行 {example}";
    own_prompt_ends(line):
        "line {line} is a conversation that nobody has to answer: let it end with a turn of the user or of a tool",
        "{line} 行目の会話は応答を待つ形で終わっていません。ユーザーかツールの発言で終えてください",
        "第 {line} 行的对话没有待回答的内容：请以用户或工具的一轮结束";
    own_prompt_role(line, role):
        "line {line} has the role {role}: there are system, user, assistant and tool",
        "{line} 行目の role {role} はありません。system、user、assistant、tool のどれかです",
        "第 {line} 行的角色 {role} 不存在：可用 system、user、assistant、tool";
    own_prompt_no_room(line, tokens, most):
        "sample_own_prompts: line {line} has {tokens} tokens, and the model takes at most {most}: shorten it",
        "sample_own_prompts: {line} 行目は {tokens} トークンですが、モデルが受け取れるのは最大 {most} です。短くしてください",
        "sample_own_prompts：第 {line} 行有 {tokens} 个 token，模型最多接受 {most} 个，请缩短";
    samples_of_scores(key):
        "{key} has no effect in stage rm: a reward model gives scores and writes nothing",
        "{key} はステージ rm では効果がありません: 報酬モデルは点数を付けるだけで、文は書きません",
        "{key} 在 rm 阶段无效：奖励模型只打分，不写文字";
    samples_without_rows(key):
        "{key} has no effect: no rows are held out to take prompts from; set val_size or eval_dataset, or write prompts in sample_own_prompts",
        "{key} は効果がありません: プロンプトを取る検証用の行がありません。val_size か eval_dataset を設定するか、sample_own_prompts にプロンプトを書いてください",
        "{key} 无效：没有留出的行可取提示；请设置 val_size 或 eval_dataset，或在 sample_own_prompts 中写提示";
    samples_fewer(found, asked):
        "sample_prompts: {found} of {asked} prompts are answered: the held-out rows have no more that differ, are whole, and show where a reply begins",
        "sample_prompts: {asked} 件のうち {found} 件に答えます。検証用の行には、異なっていて切り詰められず応答の始まりが分かるプロンプトがほかにありません",
        "sample_prompts：{asked} 条中回答 {found} 条，留出的行中没有更多互不相同、未被截断且能看出回复起点的提示";
    samples_not_kept(path, why):
        "prompts are answered no more, since {path} can't be written: {why}",
        "{path} に書き込めないため、以後プロンプトには答えません：{why}",
        "无法写入 {path}，此后不再回答提示：{why}";
    run_without_samples():
        "the run answered no prompts (yet): sample_prompts and sample_own_prompts ask for it",
        "この実行は（まだ）プロンプトに答えていません。sample_prompts か sample_own_prompts で指定します",
        "此运行（尚）未回答任何提示：用 sample_prompts 或 sample_own_prompts 指定";
    no_such_sample(prompt):
        "the run has no prompt {prompt}",
        "この実行にプロンプト {prompt} はありません",
        "此运行没有提示 {prompt}";
    samples_never_answered():
        "the prompts were not answered yet",
        "プロンプトにはまだ答えていません",
        "提示尚未被回答";
}
