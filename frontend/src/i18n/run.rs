//! Words of the run page, and of charts.

super::words! {
    imported: "imported", "取り込み", "已导入";
    imported_from(program, path): "Taken in from {program}: {path}. It can be looked at and compared; there is nothing here to train, chat with or download.",
        "{program} から取り込みました: {path}。閲覧と比較ができます。学習、チャット、ダウンロードの対象はありません。",
        "从 {program} 导入：{path}。可查看和比较；这里没有可训练、对话或下载的内容。";
    merged_here: "merged", "マージ", "合并";
    merged_from(path): "Merged from {path}.", "{path} をマージしました。", "合并自 {path}。";
    by_script: "script", "スクリプト", "脚本";
    told_by(path): "Told by a script of your own: {path}. It can be looked at and compared; it is stopped where it runs.",
        "自分のスクリプトによる記録: {path}。閲覧と比較ができます。停止は実行元で行ってください。",
        "由你的脚本记录：{path}。可查看和比较；请在其运行处停止。";
    title: "Run", "実行", "运行";
    gone: "This run is gone.", "この実行は存在しません。", "该运行已不存在。";
    back: "All runs", "実行一覧", "全部运行";
    rename: "Rename the run", "実行名を変更", "重命名运行";
    stop: "Stop", "停止", "停止";
    stop_save: "Stop and save", "保存して停止", "保存并停止";
    stop_save_hint: "Finishes the step and writes a checkpoint", "現在のステップを終え、チェックポイントを書き込みます", "完成当前步并写入检查点";
    stop_now: "Stop now", "今すぐ停止", "立即停止";
    stop_now_hint: "Keeps the last checkpoint written", "最後に書き込んだチェックポイントを残します", "保留最近写入的检查点";
    cancel_queued: "Take out of the queue", "待機列から外す", "移出队列";
    more: "More about this run", "この実行の操作", "此运行的更多操作";
    resume: "Resume", "再開", "继续训练";
    resume_from(step): "Resume from step {step}", "ステップ {step} から再開", "从第 {step} 步继续";
    resume_at(checkpoint): "Resume from {checkpoint}", "{checkpoint} から再開", "从 {checkpoint} 继续";
    damaged: "The newest checkpoint is damaged", "最新のチェックポイントが壊れています", "最新的检查点已损坏";
    start_over: "Start over", "最初からやり直す", "从头重新开始";
    back_to_queue: "Put back into the queue", "待機列に戻す", "放回队列";
    actions: "Actions", "操作", "操作";
    again: "Train again with changes", "設定を変えて再学習", "修改后重新训练";
    next_stage: "Next stage from this one", "この結果から次の段階へ", "以此为起点进入下一阶段";
    archive: "Archive", "アーカイブ", "归档";
    unarchive: "Take out of the archive", "アーカイブから戻す", "取消归档";
    delete: "Delete…", "削除…", "删除…";
    delete_title: "Delete this run?", "この実行を削除しますか？", "删除此运行？";
    delete_text(name): "“{name}”, its curves, checkpoints and log go into the trash, where they stay for 7 days. Outside the data directory files stay where they are.",
        "「{name}」の曲線・チェックポイント・ログはゴミ箱に移り、7 日間残ります。データフォルダーの外にあるものは一覧から消えるだけです。",
        "“{name}”的曲线、检查点和日志会移入回收站并保留 7 天。位于数据目录之外的只从列表中移除。";
    delete_used(names): "Started from its result: {names}.", "この結果から始めた実行: {names}。", "以其结果为起点的运行：{names}。";

    tab_overview: "Overview", "概要", "概览";
    tab_config: "Config", "設定", "配置";
    tab_checkpoints: "Checkpoints", "チェックポイント", "检查点";
    tab_log: "Log", "ログ", "日志";
    tab_files: "Files", "ファイル", "文件";
    tabs: "Parts of the run", "実行の内容", "运行内容";

    step_of(step, total): "step {step} of {total}", "ステップ {step} / {total}", "第 {step} / {total} 步";
    step_only(step): "step {step}", "ステップ {step}", "第 {step} 步";
    left(d): "{d} left", "残り {d}", "剩余 {d}";
    took(d): "took {d}", "所要 {d}", "用时 {d}";
    since(d): "for {d}", "経過 {d}", "已运行 {d}";
    tokens_s(n): "{n} tokens/s", "{n} tokens/s", "{n} tokens/s";
    peak(n): "peak {n}", "最大 {n}", "峰值 {n}";
    queue_place(n): "Waits for a device: place {n} in the queue.", "デバイスの空きを待っています: 待機列の {n} 番目。", "正在等待设备：队列第 {n} 位。";
    queue_first: "Next to start, as soon as a device is free.", "デバイスが空き次第、次に始まります。", "设备空闲后立即开始。";
    health: "Health", "状態の確認", "健康检查";
    health_well(n): "{n} check, nothing found" / "{n} checks, nothing found", "{n} 項目を確認し、問題は見つかりませんでした", "已检查 {n} 项，未发现问题";
    health_show: "Show", "グラフで見る", "查看图表";
    health_show_of(finding): "Show where: {finding}", "グラフで見る: {finding}", "查看图表：{finding}";
    shaded(from, to): "Steps {from} to {to} are shaded", "ステップ {from} から {to} までを網掛けしています", "已标出第 {from} 到 {to} 步";
    health_try(changes): "Train again with {changes}", "{changes} で再学習", "以 {changes} 重新训练";
    health_use(checkpoint): "Chat with {checkpoint}", "{checkpoint} とチャット", "与 {checkpoint} 对话";
    phase_loading: "Loading the model", "モデルを読み込み中", "正在加载模型";
    phase_tokenizing: "Tokenizing the data", "データをトークン化中", "正在对数据分词";
    phase_reference: "Computing the reference’s log-probs", "参照モデルの log-prob を計算中", "正在计算参考模型的 log-prob";
    phase_training: "Training", "学習中", "训练中";
    phase_evaluating: "Evaluating on the held-out rows", "検証データで評価中", "正在用留出数据评估";
    phase_sampling: "Answering the sample prompts", "サンプル用プロンプトに応答中", "正在回答样例提示";
    phase_predicting: "Writing replies to the held-out prompts", "検証データのプロンプトに返答を書いています", "正在为留出提示生成回复";
    phase_saving: "Writing a checkpoint", "チェックポイントを書き込み中", "正在写入检查点";
    phase_merging: "Merging", "マージ中", "正在合并";
    starting: "The worker is starting", "ワーカーを起動しています", "工作进程正在启动";
    stopping: "Stopping: the checkpoint is being written", "停止中: チェックポイントを書き込んでいます", "正在停止：写入检查点";

    prefers(after, before): "Prefers the chosen reply in {after} of held-out pairs (before: {before})",
        "検証ペアの {after} で chosen の応答を好みます（学習前: {before}）",
        "在 {after} 的留出样本对中偏好 chosen 回复（训练前：{before}）";
    prefers_alone(after): "Prefers the chosen reply in {after} of held-out pairs",
        "検証ペアの {after} で chosen の応答を好みます",
        "在 {after} 的留出样本对中偏好 chosen 回复";
    scores(after, before): "Scores the chosen reply higher in {after} of held-out pairs (before: {before})",
        "検証ペアの {after} で chosen に高い得点を付けます（学習前: {before}）",
        "在 {after} 的留出样本对中给 chosen 更高的评分（训练前：{before}）";
    rewarded(after, before): "Mean reward on held-out prompts went from {before} to {after}",
        "検証プロンプトの平均報酬は {before} から {after} になりました", "留出提示的平均奖励从 {before} 变为 {after}";
    use_in_ppo: "Train with it (PPO)", "これで PPO 学習", "用它进行 PPO 训练";
    loss_fell(after, before): "Held-out loss went from {before} to {after}", "検証 loss は {before} から {after} になりました", "留出集 loss 从 {before} 变为 {after}";
    loss_is(after): "Held-out loss {after}", "検証 loss {after}", "留出集 loss {after}";
    outcome: "Outcome", "結果", "结果";
    finished: "The run is complete", "実行が完了しました", "运行已完成";
    taken_out: "Taken out of the queue before it began", "開始前に待機列から外されました", "在开始前已移出队列";
    never_began: "Stopped before its first step", "最初のステップの前に停止しました", "在第一步之前已停止";
    not_evaluated: "Not evaluated since step 0: what training has changed was not measured", "ステップ 0 以降は評価されていません: 学習による変化は測定されていません", "自第 0 步后未再评估：训练带来的变化没有测量";
    as_of(sentence, step): "{sentence}, as of step {step}", "{sentence}（ステップ {step} 時点）", "{sentence}（截至第 {step} 步）";
    worse(sentence): "Worse than before training. {sentence}", "学習前より悪化しました。{sentence}", "比训练前更差。{sentence}";
    worse_hint: "Often the learning rate is too high or the run too long. See where the curves turn, then train again with a smaller one.",
        "多くの場合、学習率が大きすぎるか学習が長すぎます。曲線が折れる位置を確かめ、より小さい学習率で再学習してください。",
        "通常是学习率过大或训练过长。请查看曲线在何处转折，再用更小的学习率重新训练。";
    stopped_at(step): "Stopped at step {step}", "ステップ {step} で停止しました", "已在第 {step} 步停止";
    stopped_without(step): "Stopped at step {step}; no checkpoint was written", "ステップ {step} で停止しました。チェックポイントは書き込まれていません", "已在第 {step} 步停止，没有写入检查点";
    stopped_early(step): "Stopped at step {step}; the checkpoint is kept", "ステップ {step} で停止しました。チェックポイントは残っています", "已在第 {step} 步停止，检查点已保留";
    chat_with: "Chat with it", "チャットで試す", "与它对话";
    download_merged: "Download merged", "マージ済みをダウンロード", "下载合并模型";
    merging(share): "Merging {share}", "マージ中 {share}", "合并中 {share}";
    export: "Export", "エクスポート", "导出";
    export_what: "In another form", "ほかの形式", "其他形式";
    export_form_hint: "A GGUF file with its Modelfile for llama.cpp, Ollama and LM Studio, or safetensors in a type of your choice. Each has a card and checksums.",
        "llama.cpp・Ollama・LM Studio 用の GGUF ファイル（Modelfile 付き）か、型を選んだ safetensors。どれもカードとチェックサム付きです。",
        "供 llama.cpp、Ollama、LM Studio 使用的 GGUF 文件（附 Modelfile），或所选类型的 safetensors。均附说明卡与校验和。";
    stop_export: "Stop; nothing is kept of it", "停止（何も残りません）", "停止（不保留任何内容）";
    merge_failed: "Merging failed", "マージに失敗しました", "合并失败";
    download_adapter: "Adapter", "アダプター", "适配器";
    download_config: "Config and metrics", "設定とメトリクス", "配置与指标";

    failed: "The run failed", "実行が失敗しました", "运行失败";
    failed_at(step): "The run failed at step {step}", "ステップ {step} で失敗しました", "运行在第 {step} 步失败";
    last_words: "Last lines of the log", "ログの最後の行", "日志末尾";
    whole_log: "Whole log", "ログ全体", "完整日志";

    parting: "Chosen and rejected", "chosen と rejected", "chosen 与 rejected";
    parting_reference: "log-probs against the reference, × β", "参照モデルに対する log-prob × β", "相对参考模型的 log-prob × β";
    parting_alone: "log-probs × β", "log-prob × β", "log-prob × β";
    parting_scores: "scores of the replies", "応答のスコア", "回复的评分";
    margin_now(n): "margin {n}", "margin {n}", "margin {n}";
    flag_best(step): "best so far: step {step}", "現時点で最良: ステップ {step}", "目前最佳：第 {step} 步";
    flag_kept(step): "best: checkpoint-{step}", "最良: checkpoint-{step}", "最佳：checkpoint-{step}";
    train: "train", "学習", "训练";
    eval: "held out", "検証", "留出";
    smoothing: "Smoothing", "平滑化", "平滑";
    log_scale: "Log", "対数", "对数";
    log_hint: "Decades on the y axis", "縦軸を対数目盛にする", "纵轴使用对数刻度";
    clip_outliers: "Clip outliers", "外れ値を除外", "裁去离群值";
    clip_hint: "Fits the y axis to 96 % of the values", "縦軸を値の 96 % に合わせる", "使纵轴适合 96 % 的数值";
    as_table: "As a table", "表で表示", "显示为表格";
    as_table_of(title): "{title} as a table", "{title} を表で表示", "{title}：表格";
    save_chart(title): "Download {title}", "{title} をダウンロード", "下载 {title}";
    full_width: "Full width", "全幅で表示", "全宽显示";
    full_width_of(title): "{title} in full width", "{title} を全幅で表示", "{title}：全宽";
    hide_line: "Hide or show this line", "この線の表示を切り替え", "隐藏或显示此线";
    more_lines(n): "and {n} more", "ほか {n} 本", "另有 {n} 条";
    chart_keys: "Arrow keys move through the steps.", "矢印キーでステップを移動できます。", "方向键可在各步间移动。";
    x_axis: "X axis", "横軸", "横轴";
    x_step: "Step", "ステップ", "步";
    x_epoch: "Epoch", "エポック", "轮";
    x_time: "Time", "時間", "时间";
    zoom_back: "Whole range", "全範囲", "完整范围";
    zoom_hint: "Drag across a chart to zoom; double-click to go back", "ドラッグで拡大、ダブルクリックで戻る", "拖动放大，双击还原";
    export_csv: "CSV", "CSV", "CSV";
    export_hint: "Download every logged value as CSV", "記録した全値を CSV でダウンロード", "以 CSV 下载全部记录值";
    at_step(n): "step {n}", "ステップ {n}", "第 {n} 步";
    at_epoch(n): "epoch {n}", "エポック {n}", "第 {n} 轮";
    chart_line(name, first, last): "{name}: from {first} to {last}.", "{name}: {first} から {last}。", "{name}：从 {first} 到 {last}。";
    no_points: "The curves begin with the first logged step.", "最初のステップが記録されると曲線が表示されます。", "记录第一步后曲线即会出现。";
    no_points_ever: "This run logged no step.", "この実行は記録されたステップがありません。", "此运行没有记录任何一步。";

    facts: "Facts", "概要", "基本信息";
    fact_model: "Model", "モデル", "模型";
    fact_method: "Method", "手法", "方法";
    fact_data: "Data", "データ", "数据";
    fact_rows: "Rows", "行数", "行数";
    rows_split(train, eval): "{train} to train, {eval} held out", "学習 {train}、検証 {eval}", "训练 {train}，留出 {eval}";
    rows_streamed(eval): "streamed, {eval} held out", "ストリーミング、検証 {eval}", "流式读取，留出 {eval}";
    fact_params: "Trainable", "学習対象", "可训练参数";
    params_of(some, all, share): "{some} of {all} ({share})", "{all} 中 {some} ({share})", "{all} 中的 {some}（{share}）";
    fact_device: "Device", "デバイス", "设备";
    fact_created: "Created", "作成", "创建于";
    fact_parent: "Starts from", "起点", "起点";
    fact_folder: "Folder", "フォルダー", "文件夹";
    fact_peak: "Peak memory", "最大メモリ", "内存峰值";
    fact_energy: "Energy", "電力量", "能耗";
    tags: "Tags", "タグ", "标签";
    add_tag: "Add a tag", "タグを追加", "添加标签";
    remove_tag(tag): "Remove the tag {tag}", "タグ {tag} を外す", "移除标签 {tag}";
    note: "Note", "メモ", "备注";
    note_placeholder: "What was this run for? What came out?", "この実行の目的や結果をメモ", "这次运行的目的和结论";
    data_read: "Rows", "データの行", "数据行";
    rows_cut(name, n): "{name}: {n} rows were cut to the cut-off length", "{name}: {n} 行を最大長で切り詰めました", "{name}：{n} 行按最大长度截断";
    rows_left_out(name, n): "{name}: {n} rows were left out", "{name}: {n} 行を除外しました", "{name}：排除了 {n} 行";
    row_reason(row, reason): "row {row}: {reason}", "{row} 行目: {reason}", "第 {row} 行：{reason}";
    notices: "Notices", "お知らせ", "提示";

    config_yaml: "As YAML", "YAML", "YAML";
    config_hint: "Complete: every default is written out.", "すべての既定値を書き出した完全な設定です。", "完整配置：已写出全部默认值。";
    command: "On the command line", "コマンドライン", "命令行";
    differs: "differs from the method’s recommended value", "手法の推奨値と異なる", "与该方法的推荐值不同";
    recommended(value): "recommended: {value}", "推奨: {value}", "推荐：{value}";

    checkpoint: "Checkpoint", "チェックポイント", "检查点";
    best: "best", "最良", "最佳";
    best_hint: "Lowest eval loss so far; checkpoint-best points here", "eval loss が最小。checkpoint-best が指すもの", "eval loss 最低；checkpoint-best 指向这里";
    size: "Size", "サイズ", "大小";
    written: "Written", "書き込み", "写入时间";
    no_checkpoints: "No checkpoint yet.", "チェックポイントはまだありません。", "还没有检查点。";
    no_checkpoints_text: "One is written every save_steps steps, and when the run ends or is stopped with saving.",
        "save_steps ごと、終了時、および保存して停止したときに書き込まれます。",
        "每隔 save_steps 步、运行结束时以及保存并停止时写入。";

    log_empty: "The log is empty so far.", "ログはまだ空です。", "日志暂无内容。";
    follow: "Follow the end", "末尾を追う", "跟随末尾";
    log_cut: "Only the last part is shown; the whole log is under Files.", "末尾のみ表示しています。全体は「ファイル」にあります。", "仅显示末尾；完整日志见“文件”。";

    files_none: "No files yet.", "ファイルはまだありません。", "还没有文件。";
    file: "File", "ファイル", "文件";
    checksum: "SHA-256", "SHA-256", "SHA-256";
    checksums: "Compute checksums", "チェックサムを計算", "计算校验和";
    archives: "Download", "ダウンロード", "下载";
    merged_what: "Merged checkpoint", "マージ済みチェックポイント", "合并后的检查点";
    merged_hint: "Base and adapter in one Hugging Face folder: loads anywhere, needs nothing of Corral.",
        "ベースとアダプターを 1 つの Hugging Face フォルダーにまとめたもの。どこでもそのまま読み込めます。",
        "基座与适配器合成一个 Hugging Face 文件夹，可在任何地方直接加载。";
    adapter_hint: "The LoRA alone, in PEFT’s format; small, and needs the base model.", "LoRA のみ（PEFT 形式）。小さいがベースモデルが必要です。", "仅 LoRA，PEFT 格式；体积小，需配合基座模型。";
    config_files_hint: "config.yaml, events and metrics.", "config.yaml、イベント、メトリクス。", "config.yaml、事件与指标。";
    load_transformers: "Load the merged checkpoint with transformers", "transformers でマージ済みを読み込む", "用 transformers 加载合并模型";
    load_peft: "Load the adapter with PEFT", "PEFT でアダプターを読み込む", "用 PEFT 加载适配器";
    all_files: "All files", "すべてのファイル", "全部文件";
}
