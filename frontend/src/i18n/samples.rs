//! Words of the samples: the run's tab, the comparison, and their cost in the form.

super::words! {
    tab: "Samples", "サンプル", "样例";

    none_title: "No samples of this run", "この実行にはサンプルがありません", "此运行没有样例";
    none_asked: "It was not asked to write on its way. With sample prompts, the next run answers the same prompts before training, at each evaluation and at the end, and they stand here side by side.",
        "途中で応答を書く指定がありません。サンプル用プロンプトを指定すると、学習前・評価ごと・終了時に同じプロンプトに答え、ここに並べて表示します。",
        "未要求在训练途中写回复。设定样例提示后，下次运行会在训练前、每次评估和结束时回答相同的提示，并在此并排显示。";
    none_scores: "A reward model gives scores and writes nothing.", "報酬モデルは採点するだけで、文は書きません。", "奖励模型只评分，不写文字。";
    none_yet: "The first replies appear before training begins.", "最初の応答は学習の開始前に表示されます。", "首批回复会在训练开始前出现。";
    none_recorded: "It ended before its prompts were answered, or no held-out prompt was fit to be asked.", "プロンプトに答える前に終了したか、使える検証プロンプトがありませんでした。", "在回答提示前已结束，或没有可用的留出提示。";
    again: "Train again with samples", "サンプル付きで再学習", "带样例重新训练";

    step: "Step", "ステップ", "步";
    step_at(step): "Step {step}", "ステップ {step}", "第 {step} 步";
    earlier: "Earlier step", "前のステップ", "更早一步";
    later: "Later step", "次のステップ", "更晚一步";
    play: "Play", "再生", "播放";
    pause: "Pause", "一時停止", "暂停";
    play_hint: "Goes through the steps, two a second", "1 秒に 2 ステップずつ進みます", "每秒前进两步";
    keys: "j k prompt · ← → step · space play", "j k プロンプト · ← → ステップ · space 再生", "j k 提示 · ← → 步 · space 播放";
    thinned(n): "{n} step in between was let go" / "{n} steps in between were let go", "途中の {n} ステップは省かれています", "中间有 {n} 步未保留";
    answering: "The model is answering", "モデルが応答中です", "模型正在回答";

    grid: "Prompts by steps", "プロンプトとステップの表", "提示与步的表格";
    prompt: "Prompt", "プロンプト", "提示";
    number(n): "Prompt {n}", "プロンプト {n}", "提示 {n}";
    own: "own", "自作", "自定";
    own_hint: "A prompt of your own, not a held-out row", "検証行ではなく自分で書いたプロンプト", "自定提示，不是留出数据";
    tokens(n): "{n} token" / "{n} tokens", "{n} トークン", "{n} token";
    cut_off: "cut off", "途中で終了", "被截断";
    cut_off_hint: "It had no room left for its end", "長さの上限に達しました", "达到长度上限";
    repeats(share): "repeats {share}", "繰り返し {share}", "重复 {share}";
    repeats_hint: "Share of its runs of four tokens that it had before", "すでに出た 4 トークンの並びの割合", "重复出现的四 token 片段所占比例";
    empty: "empty", "空", "空";
    refuses: "refusal?", "拒否？", "拒绝？";
    refuses_hint: "It begins as refusals do", "拒否の決まり文句で始まっています", "开头像拒绝回答";
    open_cell(n, step): "Prompt {n} at step {step}", "プロンプト {n}、ステップ {step}", "提示 {n}，第 {step} 步";

    mean_length: "Mean length", "平均の長さ", "平均长度";
    repetition: "Repetition", "繰り返し", "重复";
    curve_says(name, first, last): "{name} went from {first} to {last}.", "{name}は {first} から {last} になりました。", "{name}从 {first} 变为 {last}。";

    side_by_side: "Side by side", "並べて比較", "并排比较";
    against: "Compared with", "比較対象", "对比";
    data_says: "What the data answer", "データの応答", "数据中的回复";
    same_text: "The same words", "同じ文です", "文字相同";
    ask: "Ask in chat", "チャットで尋ねる", "在聊天中提问";
    ask_hint: "The prompt to the model before training and to this one", "学習前のモデルとこのモデルに同じプロンプトを送ります", "将提示发给训练前的模型和此模型";
    close: "Back to the grid", "表に戻る", "返回表格";

    compare_title: "What they write", "各モデルの応答", "各模型的回复";
    compare_text: "Newest replies to the same prompts; words that the first run does not have are marked", "同じプロンプトへの最新の応答。最初の実行にない語に印を付けています", "对相同提示的最新回复；标出首个运行没有的词";
    compare_none: "These runs have no prompt in common.", "共通のプロンプトがありません。", "这些运行没有相同的提示。";
    not_asked: "not asked", "未回答", "未提问";
    more_runs(n): "{n} more run that writes is not shown" / "{n} more runs that write are not shown", "応答を書く実行がほかに {n} 件あり、表示していません", "另有 {n} 个写回复的运行未显示";
    more_prompts(n): "{n} more prompt" / "{n} more prompts", "ほか {n} 件のプロンプト", "另有 {n} 条提示";

    own_placeholder: "Why is the sky blue?", "空はなぜ青いのですか？", "天空为什么是蓝色的？";
    own_note: "One a line; a conversation as JSON: {\"messages\": […], \"tools\": […]}", "1 行に 1 つ。会話は JSON で：{\"messages\": […], \"tools\": […]}", "每行一条；对话用 JSON：{\"messages\": […], \"tools\": […]}";
    cost(prompts, times, tokens): "Samples: {prompts} × {times} answers × up to {tokens} tokens", "サンプル: {prompts} × 応答 {times} 回 × 最大 {tokens} トークン", "样例：{prompts} × 回答 {times} 次 × 最多 {tokens} token";
    cost_open(prompts, tokens): "Samples: {prompts} × each evaluation × up to {tokens} tokens", "サンプル: {prompts} × 評価ごと × 最大 {tokens} トークン", "样例：{prompts} × 每次评估 × 最多 {tokens} token";
    cost_total(tokens): "{tokens} tokens in all at most, one behind the other; training waits for them", "合計最大 {tokens} トークンを 1 つずつ生成し、その間学習は待ちます", "合计最多 {tokens} token，逐个生成，训练等待其完成";
    prompts(n): "{n} prompt" / "{n} prompts", "プロンプト {n} 件", "{n} 条提示";
}
