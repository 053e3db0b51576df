//! Names and hints of a run config's keys, as the form shows them.

super::words! {
    hint_none: "", "", "";
    template: "Template", "テンプレート", "模板";
    template_hint: "How turns are written out", "対話の書式", "对话的书写格式";
    cutoff_len: "Cut-off", "最大長", "截断长度";
    cutoff_len_hint: "Most tokens of a row", "1 行あたりの最大トークン数", "每行最多 token 数";
    val_size: "Held out", "検証用", "留出比例";
    val_size_hint: "For evaluation: a share, or a number of rows", "評価用の割合または行数", "用于评估的比例或行数";
    max_samples: "Most rows", "最大行数", "最多行数";
    max_samples_hint: "Empty: all", "空欄なら全行", "留空为全部";
    eval_dataset: "Evaluation data", "評価用データ", "评估数据";
    eval_dataset_hint: "A data set of its own, instead of held-out rows", "検証用の分割の代わりに使うデータセット", "用单独的数据集代替留出的行";
    disable_shuffling: "Keep the rows' order", "行の順序を保つ", "保持数据顺序";

    pref_beta: "Beta", "Beta (β)", "Beta (β)";
    pref_beta_hint: "How hard pairs pull apart", "ペアを引き離す強さ", "拉开偏好对的力度";
    simpo_gamma: "Gamma", "Gamma (γ)", "Gamma (γ)";
    simpo_gamma_hint: "The margin aimed at", "目標マージン", "目标间隔";
    pref_ftx: "Supervised share", "教師あり損失の重み", "监督损失权重";
    pref_ftx_hint: "Weight of imitating the chosen reply", "chosen を模倣する損失の重み", "模仿 chosen 回复的权重";
    label_smoothing: "Label smoothing", "ラベル平滑化", "标签平滑";
    label_smoothing_hint: "Share of pairs thought mislabelled (cDPO)", "誤ラベルと見なす割合 (cDPO)", "视为误标的比例 (cDPO)";
    ld_alpha: "LD alpha", "LD alpha", "LD alpha";
    ld_alpha_hint: "Weight past the shorter reply's length (LD-DPO)", "短い方の長さを超えた部分の重み (LD-DPO)", "超出较短回复部分的权重 (LD-DPO)";
    kto_chosen: "Weight of chosen", "chosen の重み", "chosen 权重";
    kto_rejected: "Weight of rejected", "rejected の重み", "rejected 权重";
    ref_model: "Reference model", "参照モデル", "参考模型";
    ref_model_hint: "Empty: the model the run starts from", "空欄なら開始時のモデル", "留空则为起始模型";
    precompute: "Compute the reference once and keep it", "参照の対数確率を一度だけ計算して保存", "参考对数概率只计算一次并保存";
    train_on_prompt: "Train on the prompt too", "プロンプトも学習対象にする", "同时训练提示部分";
    mask_history: "Train on the last turn only", "最後のターンだけを学習", "只训练最后一轮";
    packing: "Pack short rows together", "短い行を詰める", "合并短样本";

    finetuning_type: "What is trained", "学習対象", "训练对象";
    lora: "LoRA adapter", "LoRA アダプター", "LoRA 适配器";
    full: "All weights", "全パラメーター", "全部参数";
    lora_rank: "Rank", "ランク", "秩 (rank)";
    lora_rank_hint: "Size of the adapter", "アダプターの大きさ", "适配器大小";
    lora_alpha: "Alpha", "Alpha", "Alpha";
    lora_alpha_hint: "Scale: alpha / rank", "スケール: alpha / rank", "缩放：alpha / rank";
    lora_dropout: "Dropout", "Dropout", "Dropout";
    lora_dropout_hint: "Off in preference training", "選好学習では無効", "偏好训练中不生效";
    lora_target: "Target", "対象層", "目标层";
    lora_target_hint: "all, or q_proj,v_proj …", "all または q_proj,v_proj など", "all，或 q_proj,v_proj 等";
    new_adapter: "Merge the starting adapter, train a fresh one", "開始アダプターを統合し、新しいものを学習", "合并起始适配器并训练新的";

    learning_rate: "Learning rate", "学習率", "学习率";
    scheduler: "Schedule", "スケジュール", "调度";
    cosine: "cosine", "cosine", "cosine";
    linear: "linear", "linear", "linear";
    constant: "constant", "constant", "constant";
    constant_warmup: "constant with warm-up", "constant (ウォームアップ付き)", "constant（带预热）";
    warmup_ratio: "Warm-up share", "ウォームアップの割合", "预热比例";
    warmup_ratio_hint: "Of all steps", "全ステップに対する割合", "占总步数";
    warmup_steps: "Warm-up steps", "ウォームアップのステップ数", "预热步数";
    warmup_steps_hint: "Over the share when above 0", "0 より大きければこちらを優先", "大于 0 时优先";
    weight_decay: "Weight decay", "重み減衰", "权重衰减";
    max_grad_norm: "Clip at", "勾配クリップ", "梯度裁剪";
    max_grad_norm_hint: "Gradient norm; 0: never", "勾配ノルムの上限。0 なら無効", "梯度范数上限；0 为不裁剪";
    adam_beta1: "Adam beta 1", "Adam beta 1", "Adam beta 1";
    adam_beta2: "Adam beta 2", "Adam beta 2", "Adam beta 2";
    adam_epsilon: "Adam epsilon", "Adam epsilon", "Adam epsilon";

    batch: "Rows at once", "同時に処理する行数", "单批行数";
    batch_hint: "A micro-batch; takes memory", "マイクロバッチ。メモリを使用", "微批大小，占用内存";
    accumulation: "Accumulation", "勾配累積", "梯度累积";
    accumulation_hint: "Micro-batches a step", "1 ステップあたりのマイクロバッチ数", "每步的微批数";
    eval_batch: "Evaluation batch", "評価バッチ", "评估批大小";
    epochs: "Epochs", "エポック数", "轮数";
    epochs_hint: "Passes over the data", "データを何周するか", "遍历数据的次数";
    max_steps: "Most steps", "最大ステップ数", "最大步数";
    max_steps_hint: "Instead of epochs", "エポック数の代わりに指定", "替代轮数";
    seed: "Seed", "シード", "随机种子";
    compute: "Compute in bfloat16", "bfloat16 で計算", "以 bfloat16 计算";
    fp16: "Compute in float16", "float16 で計算", "以 float16 计算";
    device: "Device", "デバイス", "设备";
    device_auto: "the best there is", "自動選択", "自动选择";
    activation_memory: "Memory for activations", "活性値用メモリ", "激活值内存";
    activation_memory_hint: "MiB; layers past it are recomputed. Empty: automatic", "MiB。超えた層は再計算。空欄なら自動", "MiB；超出的层将重算。留空为自动";

    eval_strategy: "Evaluate", "評価", "评估";
    save_strategy: "Save checkpoints", "チェックポイントの保存", "保存检查点";
    never: "never", "しない", "从不";
    every_steps: "every few steps", "ステップごと", "按步数";
    every_epoch: "every epoch", "エポックごと", "每轮";
    eval_steps: "Evaluate every", "評価間隔", "评估间隔";
    save_steps: "Save every", "保存間隔", "保存间隔";
    logging_steps: "Log every", "記録間隔", "日志间隔";
    steps_hint: "Steps", "ステップ", "步";
    save_limit: "Checkpoints kept", "保持するチェックポイント数", "保留的检查点数";
    save_limit_hint: "The best one beside them. Empty: all", "最良のものは別に保持。空欄なら全部", "最佳检查点另行保留。留空为全部";
}
