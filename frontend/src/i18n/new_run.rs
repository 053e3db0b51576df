//! Words of the page "New run".

super::words! {
    title: "New run", "新規実行", "新建运行";
    model: "Model", "モデル", "模型";
    data: "Data", "データ", "数据";
    method: "Method", "手法", "方法";
    training: "Training", "学習", "训练";
    import: "Import YAML", "YAML を読み込む", "导入 YAML";
    start_over: "Start over", "最初から", "重新填写";
    start: "Start", "開始", "开始";
    queue: "Add to queue", "キューに追加", "加入队列";
    starting: "Starting…", "開始しています…", "正在启动…";
    queue_hint(n): "{n} run goes; this one starts when it ends." / "{n} runs go; this one starts when a place is free.",
        "{n} 件が実行中です。空きができ次第、開始されます。", "有 {n} 个运行正在进行，有空位后即开始。";
    from_run(name): "The settings of {name}.", "{name} の設定を引き継いでいます。", "沿用 {name} 的设置。";
    from_run_with(name, changes): "The settings of {name}, with {changes}.", "{name} の設定を引き継ぎ、{changes} に変えています。", "沿用 {name} 的设置，并改为 {changes}。";
    next_of(name): "The next stage: it goes on from the result of {name}.",
        "{name} の結果から始まる次の段階です。", "下一阶段：从 {name} 的结果继续。";
    run_missing: "The run in the address is not there.", "アドレスの実行は存在しません。", "地址中的运行不存在。";

    advanced: "Advanced", "詳細", "高级";
    changed: "Changed from the recommended value", "推奨値から変更済み", "已偏离推荐值";
    back_to(value): "back to {value}", "{value} に戻す", "恢复为 {value}";
    back_to_none: "take out", "解除", "移除";

    choose_model: "Start from", "開始モデル", "起始模型";
    write_model: "Path or hub name", "パスまたは Hub 名", "路径或 Hub 名称";
    write_model_hint: "/path/to/folder or owner/name", "/path/to/folder または owner/name", "/path/to/folder 或 owner/name";
    pick_listed: "Choose from the list", "一覧から選択", "从列表选择";
    model_facts(family, params, dtype, context): "{family} · {params} parameters · {dtype} · context {context}",
        "{family} · {params} パラメーター · {dtype} · コンテキスト {context}", "{family} · {params} 参数 · {dtype} · 上下文 {context}";
    goes_on: "Training goes on from this adapter; the reference is the model as it is now.",
        "このアダプターから学習を続けます。参照モデルは現在の状態です。", "从该适配器继续训练；参考模型为其当前状态。";
    no_template: "This model has no chat template: choose one under Data.",
        "このモデルにはチャットテンプレートがありません。「データ」で選択してください。", "此模型没有对话模板，请在“数据”中选择。";

    choose_data: "Data set", "データセット", "数据集";
    add_data: "Add data", "データを追加", "添加数据";
    unfit(kind, stage, needs): "{kind}: {stage} needs {needs}", "{kind}: {stage} には{needs}が必要です", "{kind}：{stage} 需要{needs}";
    needs_pairs: "pairs of a chosen and a rejected reply", " chosen と rejected のペア", " chosen 与 rejected 的偏好对";
    needs_labels: "replies marked good or bad, or pairs", "良い・悪いの印が付いた応答かペア", "标注好坏的回复或偏好对";
    needs_replies: "a reply to each prompt", "プロンプトごとの応答", "每个提示对应的回复";
    needs_text: "plain text or replies", "テキストか応答", "纯文本或回复";
    needs_prompts: "prompts", "プロンプト", "提示";
    no_rows: "no usable row", "使用可能な行なし", "没有可用的行";
    rows(n): "{n} rows", "{n} 行", "{n} 行";
    some_bad(n): "{n} left out", "{n} 行を除外", "排除 {n} 行";
    longer(n, all, median): "{n} of {all} rows are longer and will be cut (median {median} tokens).",
        "{all} 行中 {n} 行が最大長を超え、切り詰められます (中央値 {median} トークン)。", "{all} 行中有 {n} 行超出长度，将被截断（中位数 {median} 个 token）。";
    keep_most(n): "{n} keeps 95 %", "{n} で 95 % を保持", "{n} 可保留 95 %";
    suggested_template(name): "LLaMA-Factory's template for this model: {name}", "このモデル向けの LLaMA-Factory のテンプレート: {name}", "LLaMA-Factory 为此模型使用的模板：{name}";
    use_template: "Use it", "使う", "使用";
    trainable_layers(names): "Layers: {names}", "層: {names}", "层：{names}";
    own_written: "Written here", "ここに書いたもの", "在此编写";
    write_template: "Write a template", "テンプレートを書く", "编写模板";
    own_jinja: "Template in Jinja", "Jinja のテンプレート", "Jinja 模板";
    leave_template: "Use the model's own", "モデル付属のものを使う", "使用模型自带的";
    preview: "First rows, as the model will see them", "モデルから見た先頭の行", "模型将看到的前几行";
    preview_needs: "Choose a model and a data set to see the rows.", "モデルとデータセットを選ぶと行が表示されます。", "选择模型和数据集后可查看数据行。";

    group_pairs: "Preference losses", "選好損失", "偏好损失";
    group_further(count): "{count} further losses", "その他の損失 {count} 種", "另外 {count} 种损失";
    group_stages: "Other stages", "その他のステージ", "其他阶段";

    needs_reference: "needs reference", "参照モデルが必要", "需要参考模型";
    no_reference: "no reference", "参照モデル不要", "无需参考模型";
    vram(n): "{n} GB+", "{n} GB 以上", "{n} GB 以上";
    vram_hint: "GPU memory for an 8 B model with LoRA", "8B モデルを LoRA で学習する場合の GPU メモリ", "以 LoRA 训练 8B 模型所需的显存";
    recommended: "Recommended", "推奨", "推荐";
    first_choice: "First choice", "最初の選択", "首选";
    paper: "Paper", "論文", "论文";
    equation: "Loss", "損失", "损失函数";

    adapter: "Adapter", "アダプター", "适配器";
    optimizer: "Optimizer", "オプティマイザー", "优化器";
    batch: "Batch and length", "バッチと長さ", "批次与时长";
    cadence: "Evaluation, logging, saving", "評価・記録・保存", "评估、日志与保存";
    plan(rows, steps): "{rows} rows a step, {steps} steps", "1 ステップ {rows} 行、全 {steps} ステップ", "每步 {rows} 行，共 {steps} 步";
    plan_rows(rows): "{rows} rows a step", "1 ステップ {rows} 行", "每步 {rows} 行";

    name: "Name", "名前", "名称";
    name_hint: "Left empty, one is made from model and method", "空欄ならモデルと手法から自動で付けます", "留空则由模型和方法生成";
    problems(n): "{n} thing to mend" / "{n} things to mend", "修正が必要な項目: {n}", "{n} 处需要修正";
    yaml: "run.yaml", "run.yaml", "run.yaml";
    yaml_hint: "Marked: differs from what is recommended", "印: 推奨値と異なる行", "标记：与推荐值不同的行";
    command: "Command line", "コマンド", "命令行";
    memory: "Memory", "メモリ", "内存";
    memory_of(a, b): "about {a} of {b}", "約 {a} / {b}", "约 {a} / {b}";
    fits_easily: "Fits easily", "余裕があります", "内存充足";
    memory_at_cutoff(a): "for the longest batch of these rows; {a} if every row filled the cut-off",
        "この行の最長バッチの場合。全行が最大長に達すると {a}", "按这些数据中最长的批次估算；若每行都达到截断长度则为 {a}";
    takes_title: "Time and disk", "時間とディスク", "时间与磁盘";
    takes(duration, end): "About {duration}, done around {end}", "約 {duration}、{end} ごろに終了", "约 {duration}，{end} 左右完成";
    takes_unknown: "How long is not known: no run of about this size has trained on this machine yet.", "所要時間は不明です。このマシンではこの規模の実行がまだありません。", "所需时间未知：本机尚未训练过相近规模的模型。";
    takes_like(name): "by the speed of {name}", "{name} の速度から", "按 {name} 的速度估算";
    takes_probed: "by the speed of a few steps that were just made", "今試した数ステップの速度から", "按刚才试跑的几步的速度估算";
    probe: "Measure a few steps", "数ステップで測る", "试跑几步测量";
    probe_hint: "Makes three steps of this run and throws them away", "この実行を 3 ステップだけ行い、結果は捨てます", "试跑三步，结果不保留";
    probing: "Making a few steps", "数ステップを試しています", "正在试跑几步";
    probe_stop: "Stop", "止める", "停止";
    takes_rough(name): "roughly, by the speed of {name}, another model or kind of training", "別のモデルまたは方式の {name} の速度からの概算", "粗略估算，依据模型或方式不同的 {name} 的速度";
    takes_disk(disk, free): "{disk} of checkpoints, {free} free", "チェックポイント {disk}、空き {free}", "检查点 {disk}，剩余 {free}";
    takes_disk_short: "More than is free: keep fewer checkpoints (save_total_limit), or make room.", "空き容量を超えます。チェックポイントを減らす（save_total_limit）か、空きを作ってください。", "超出可用空间：请减少保留的检查点（save_total_limit），或腾出空间。";
    memory_over: "More than this machine has. A shorter cut-off, a smaller batch or a smaller model helps.",
        "このマシンのメモリを超えます。最大長・バッチ・モデルを小さくしてください。", "超出本机内存。可缩短截断长度、减小批次或换小模型。";
    mem_weights: "weights", "重み", "权重";
    mem_training: "training", "学習", "训练";
    mem_reference: "reference", "参照モデル", "参考模型";
    mem_activations: "activations", "活性値", "激活值";
    mem_other: "other", "その他", "其他";

    import_title: "Import a YAML", "YAML の読み込み", "导入 YAML";
    import_text: "Paste a LLaMA-Factory file, a few of its lines, LlamaBoard's saved arguments or a llamafactory-cli command; or choose a file.",
        "LLaMA-Factory の設定ファイルやその一部、LlamaBoard の保存済み引数、llamafactory-cli のコマンドを貼り付けるか、ファイルを選択してください。",
        "粘贴 LLaMA-Factory 配置或其中几行、LlamaBoard 保存的参数、llamafactory-cli 命令，或选择文件。";
    manner: "How these settings are used", "設定の反映方法", "如何使用这些设置";
    import_instead: "Instead of what is in the form", "フォームの内容を置き換える", "替换表单内容";
    import_over: "Over what is in the form", "フォームの内容に重ねる", "叠加到表单内容之上";
    import_file: "Choose a file", "ファイルを選択", "选择文件";
    presets: "Presets", "プリセット", "预设";
    read: "Read it", "読み込む", "读取";
    use_it: "Use these settings", "この設定を使う", "使用这些设置";
    use_rest: "Use what was understood", "読み取れた設定だけ使う", "使用可识别的设置";
    imported: "The file's settings are in the form.", "ファイルの設定をフォームに反映しました。", "已将文件中的设置填入表单。";
    import_conflicts(n): "{n} line does not fit the rest: the form leaves it out, or asks." / "{n} lines do not fit the rest: the form leaves them out, or asks.", "ほかの設定と合わない項目: {n}。フォームでは省くか、修正を求めます。", "有 {n} 项与其余设置不符：表单会省去，或要求修改。";
    keys_read(n): "{n} key understood" / "{n} keys understood", "読み取れたキー: {n}", "识别了 {n} 个键";

    err_required: "Must be set", "必須です", "必填";
    err_number: "A number", "数値を入力してください", "请输入数字";
    err_count: "A whole number, 0 or more", "0 以上の整数を入力してください", "请输入不小于 0 的整数";
    err_count_from(a): "A whole number, {a} or more", "{a} 以上の整数を入力してください", "请输入不小于 {a} 的整数";
    err_min(a): "At least {a}", "{a} 以上にしてください", "不能小于 {a}";
    err_above(a): "Above {a}", "{a} より大きくしてください", "必须大于 {a}";
    err_range(a, b): "Between {a} and {b}", "{a} から {b} の間にしてください", "须在 {a} 与 {b} 之间";
    err_choice(a): "One of {a}", "{a} のいずれかです", "只能是 {a} 之一";
    err_share: "Below 1 a share; above, a whole number of rows", "1 未満は割合、1 以上は行数（整数）です", "小于 1 表示比例，大于 1 须为整数行数";
    err_excludes(message, other): "{message}", "{other} とは同時に使えません", "不能与 {other} 同时使用";
    err_needs(message, line): "{message}", "{line} が必要です", "需要 {line}";
    err_losses(message, names): "{message}", "使える損失：{names}", "仅适用于以下损失：{names}";
    err_stages(message, names): "{message}", "使えるステージ：{names}", "仅适用于以下阶段：{names}";
    err_built(message, names): "{message}", "今あるのは {names} です", "目前只有 {names}";
    err_scales(message, a, b): "{message}", "{a} はトークン平均、{b} は合計で、同じ beta は合いません", "{a} 取每个词元的平均，{b} 取总和，同一个 beta 不适用";
    err_knobs(message, names, example): "{message}", "使えるキー：{names}。例：{example}", "可用的键：{names}。例如：{example}";
    err_not_found(message, name): "{message}", "{name} が見つかりません", "找不到 {name}";
    err_no_adapter(message, name): "{message}", "{name} にアダプターがありません", "{name} 中没有适配器";
    err_not_whole(message): "{message}", "アダプターではなくモデル全体が必要です。先にマージしてください", "需要完整的模型而不是适配器，请先合并";
    err_kind(message, name, format, stage): "{message}", "{name} は {format} です。stage: {stage} では使えません", "{name} 是 {format}，不能用于 stage: {stage}";
    err_taken(message, name): "{message}", "{name} という名前の実行がすでにあります", "已有名为 {name} 的运行";
    err_bad_name: "At most 120 characters, no slashes, no dot in front", "名前は 1〜120 文字で、スラッシュと制御文字を含まず、先頭にドットを置けません", "名称须为 1 至 120 个字符，不含斜杠和控制字符，且不以点开头";
    err_syntax(message, why): "{message}", "YAML として読めません：{why}", "无法按 YAML 读取：{why}";
    err_unknown(message): "{message}", "知らないキーです", "没有这个键";
    err_max(a): "At most {a}", "{a} 以下にしてください", "不能大于 {a}";
    err_steps: "A whole number of steps, or a share of them below 1", "ステップ数（整数）か、1 未満の割合を入力してください", "请输入整数步数，或小于 1 的比例";
    err_twice(message, a, b): "{message}", "{a} 行目と {b} 行目に重複しています。どちらか一方にしてください", "在第 {a} 行和第 {b} 行重复出现，请只保留一处";
    err_same_key(message, other): "{message}", "{other} と同じ意味のキーです。どちらか一方にしてください", "与 {other} 含义相同，请只保留一个";
    err_names_file(message, file): "{message}", "このコマンドはファイル {file} を指しています。その中身を貼り付けてください", "该命令引用了文件 {file}，请粘贴其内容";
    err_not_train(message, verb): "{message}", "「{verb}」は学習のコマンドではありません。train のコマンドを貼り付けてください", "“{verb}”不是训练命令，请粘贴 train 命令";
    err_home(message, path): "{message}", "{path} は解決できません。/ から始まるパスで書いてください", "无法解析 {path}，请写成以 / 开头的完整路径";
    err_eval_rows: "Evaluation needs rows: set a held-out share", "評価には行が必要です。検証用の割合を指定してください", "评估需要数据：请设置留出比例";
    err_dataset: "Choose a data set", "データセットを選択してください", "请选择数据集";
    err_model: "Choose a model", "モデルを選択してください", "请选择模型";
}
