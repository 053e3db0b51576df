//! What the form's keys are called, their hints, and what their choices are called.

use super::said_words;
use protocol::metric::Words;

/// A key in the words of the form.
pub struct KeyWords {
    key: &'static str,
    label: Words,
    hint: Option<Words>,
    /// The words of its values; an empty one is for where it is left out.
    choices: &'static [(&'static str, Words)],
}

impl KeyWords {
    pub fn of(key: &str) -> Option<&'static Self> {
        ALL.iter().find(|words| words.key == key)
    }

    /// In the language in use; tracked.
    pub fn label(&self) -> &'static str {
        said_words(&self.label)
    }

    /// What more there is to say; tracked.
    pub fn hint(&self) -> &'static str {
        self.hint.as_ref().map_or("", |hint| said_words(hint))
    }

    /// The values that have words, in their order.
    pub fn values(&self) -> impl Iterator<Item = &'static str> {
        self.choices.iter().map(|(value, _)| *value)
    }

    /// What a value is called; tracked.
    pub fn choice(&self, value: &str) -> Option<&'static str> {
        let found = self.choices.iter().find(|(known, _)| *known == value);
        found.map(|(_, words)| said_words(words))
    }
}

/// The label of a key in the language in use, else its name; tracked.
pub fn label(key: &'static str) -> &'static str {
    KeyWords::of(key).map_or(key, KeyWords::label)
}

/// What a value of a key is called in the language in use; tracked.
pub fn choice(key: &str, value: &'static str) -> &'static str {
    KeyWords::of(key).and_then(|words| words.choice(value)).unwrap_or(value)
}

macro_rules! hint {
    () => {
        None
    };
    ($en:literal, $ja:literal, $zh:literal) => {
        Some(Words::new($en, $ja, $zh))
    };
}

/// `key: label / hint { "value": words; };`, each in English, Japanese and Chinese.
macro_rules! keys {
    ($($key:ident: $en:literal, $ja:literal, $zh:literal $(/ $hen:literal, $hja:literal, $hzh:literal)?
        $({ $($value:literal: $ven:literal, $vja:literal, $vzh:literal;)* })?;)*) => {
        static ALL: &[KeyWords] = &[$(KeyWords {
            key: stringify!($key),
            label: Words::new($en, $ja, $zh),
            hint: hint!($($hen, $hja, $hzh)?),
            choices: &[$($(($value, Words::new($ven, $vja, $vzh)),)*)?],
        },)*];
    };
}

keys! {
    // Model
    model_name_or_path: "Model", "モデル", "模型";

    // Method
    stage: "Stage", "ステージ", "阶段";
    pref_loss: "Losses", "損失", "损失" / "Several with commas: sigmoid,bco_pair,sft", "カンマ区切りで複数: sigmoid,bco_pair,sft", "可用逗号列出多个：sigmoid,bco_pair,sft";
    pref_beta: "Beta", "Beta (β)", "Beta (β)" / "How hard pairs pull apart", "ペアを引き離す強さ", "拉开偏好对的力度";
    simpo_gamma: "Gamma", "Gamma (γ)", "Gamma (γ)" / "The margin aimed at", "目標マージン", "目标间隔";
    cpo_alpha: "CPO alpha", "CPO alpha", "CPO alpha" / "Weight of imitating the chosen reply", "chosen を模倣する損失の重み", "模仿 chosen 回复的权重";
    loss_weights: "Weights of the losses", "各損失の重み", "各损失的权重" / "One for each loss named", "損失ごとに 1 つ", "每种损失一个";
    discopop_tau: "Blend temperature", "混合の温度", "混合温度";
    kto_loss: "Loss", "損失", "损失" {
        "kto": "KTO", "KTO", "KTO";
        "bco": "BCO", "BCO", "BCO";
    };
    kto_chosen_weight: "Weight of chosen", "chosen の重み", "chosen 权重";
    kto_rejected_weight: "Weight of rejected", "rejected の重み", "rejected 权重";
    pref_ftx: "Supervised share", "教師あり損失の重み", "监督损失权重" / "Weight of imitating the chosen reply", "chosen を模倣する損失の重み", "模仿 chosen 回复的权重";
    reward_model: "Reward model", "報酬モデル", "奖励模型" / "A run of stage rm, or a folder", "ステージ rm の結果かフォルダー", "rm 阶段的结果或文件夹";
    reward_model_type: "Kind of reward model", "報酬モデルの種類", "奖励模型类型" {
        "lora": "LoRA adapter", "LoRA アダプター", "LoRA 适配器";
        "full": "a whole model", "独立したモデル", "完整模型";
    };
    ppo_target: "Target KL", "目標 KL", "目标 KL" / "Divergence from the reference aimed at", "参照からのずれの目標値", "与参考的目标散度";
    max_new_tokens: "Longest reply", "返答の最大長", "最长回复";
    eaft_alpha: "EAFT power", "EAFT の指数", "EAFT 指数" / "How much the model’s certainty counts; 0: not at all", "モデルの確信をどれだけ重みに使うか。0 なら使わない", "模型的确定程度对权重的影响；0 为无影响";
    train_on_prompt: "Train on the prompt too", "プロンプトも学習対象にする", "同时训练提示部分";
    mask_history: "Train on the last turn only", "最後のターンだけを学習", "只训练最后一轮";
    packing: "Pack short rows together", "短い行を詰める", "合并短样本";
    neat_packing: "Packed rows don't see each other", "詰めた行どうしを互いに見せない", "合并的样本互不可见";
    dpo_label_smoothing: "Label smoothing", "ラベル平滑化", "标签平滑" / "Share of pairs thought mislabelled (cDPO)", "誤ラベルと見なす割合 (cDPO)", "视为误标的比例 (cDPO)";
    ld_alpha: "LD alpha", "LD alpha", "LD alpha" / "Weight past the shorter reply's length (LD-DPO)", "短い方の長さを超えた部分の重み (LD-DPO)", "超出较短回复部分的权重 (LD-DPO)";
    rpo_alpha: "RPO alpha", "RPO alpha", "RPO alpha" / "Weight of the chosen replies' likelihood", "chosen の尤度の重み", "chosen 似然的权重";
    pref_bco_weight: "BCO share", "BCO の重み", "BCO 权重" / "Mixes a binary classifier's loss in", "二値分類の損失を混ぜる", "混入二元分类损失";
    f_divergence_type: "Divergence", "ダイバージェンス", "散度" {
        "": "reverse KL", "逆 KL", "反向 KL";
        "js_divergence": "Jensen-Shannon", "Jensen-Shannon", "Jensen-Shannon";
        "alpha_divergence": "alpha", "alpha", "alpha";
    };
    f_alpha_divergence_coef: "Divergence alpha", "ダイバージェンスの alpha", "散度的 alpha";
    moe_aux_loss_coef: "Router loss", "ルーター損失", "路由损失" / "Weight of the experts’ balance; empty: the model’s own", "エキスパートの均衡の重み。空欄ならモデルの設定", "专家均衡的权重；留空则用模型自带值";
    neftune_noise_alpha: "NEFTune noise", "NEFTune のノイズ", "NEFTune 噪声" / "Noise on the embeddings; 5 is usual", "埋め込みに加えるノイズ。通常は 5", "加在嵌入上的噪声，通常为 5";
    use_dft_loss: "Tokens by their probability (DFT)", "トークンを自身の確率で重み付け (DFT)", "按 token 自身概率加权 (DFT)";
    use_eaft_loss: "Tokens by the model’s doubt (EAFT)", "モデルの迷いでトークンを重み付け (EAFT)", "按模型的不确定性加权 token (EAFT)";
    summary_dropout_prob: "Dropout before the value head", "値ヘッド前の Dropout", "价值头前的 Dropout";
    reward_model_adapters: "Reward adapters", "報酬モデルのアダプター", "奖励模型适配器";
    ppo_buffer_size: "Rollout batches", "ロールアウトのバッチ数", "采样批数";
    ppo_epochs: "Passes over a rollout", "ロールアウトの反復数", "每批采样的轮数";
    init_kl_coef: "Price of divergence", "ずれの重み", "散度系数" / "At the start", "開始時の値", "起始值";
    adap_kl_ctrl: "Steer the price to the target", "目標値に合わせて重みを調整", "按目标调整系数";
    ppo_score_norm: "Normalise rewards", "報酬を正規化", "归一化奖励";
    ppo_whiten_rewards: "Whiten advantages' rewards", "報酬を白色化", "白化奖励";
    do_sample: "Draw replies (else the likeliest token)", "返答をサンプリング (オフなら最尤)", "采样生成（否则取最可能的 token）";
    temperature: "Temperature", "温度", "温度";
    top_p: "Top p", "Top p", "Top p";
    top_k: "Top k", "Top k", "Top k";
    repetition_penalty: "Repetition penalty", "繰り返しペナルティ", "重复惩罚";
    ref_model: "Reference model", "参照モデル", "参考模型" / "Empty: the model the run starts from", "空欄なら開始時のモデル", "留空则为起始模型";
    ref_model_adapters: "Reference adapters", "参照のアダプター", "参考适配器";
    ref_model_quantization_bit: "Reference’s weights", "参照モデルの重み", "参考模型权重" {
        "": "as stored", "そのまま", "保持原样";
        "4": "4 bit (QLoRA)", "4 ビット (QLoRA)", "4 位 (QLoRA)";
        "8": "8 bit", "8 ビット", "8 位";
    };
    ref_model_mixup_alpha: "Share taken over", "取り込む割合", "混入比例" / "1: the reference becomes the policy", "1 なら方策そのものになる", "为 1 时参考即为策略";
    ref_model_sync_steps: "Follow every … steps", "何ステップごとに追従するか", "每多少步跟随一次";
    sync_ref_model: "Let the reference follow (TR-DPO)", "参照モデルを追従させる (TR-DPO)", "让参考模型跟随 (TR-DPO)";
    reference_free: "Without a reference", "参照なし", "不使用参考";
    use_weighting: "Weigh pairs by how likely the policy writes them (WPO)", "方策が書きそうなペアほど重くする (WPO)", "按策略生成概率给偏好对加权 (WPO)";
    precompute_ref_log_probs: "Compute the reference once and keep it", "参照の対数確率を一度だけ計算して保存", "参考对数概率只计算一次并保存";

    // Adapter
    finetuning_type: "What is trained", "学習対象", "训练对象" {
        "lora": "LoRA adapter", "LoRA アダプター", "LoRA 适配器";
        "oft": "Rotations (OFT)", "回転 (OFT)", "旋转 (OFT)";
        "freeze": "Some layers", "一部の層", "部分层";
        "full": "All weights", "全パラメーター", "全部参数";
    };
    freeze_trainable_layers: "Layers", "層の数", "层数" / "2: the last two; -2: the first two", "2 は末尾 2 層、-2 は先頭 2 層", "2 为最后两层，-2 为前两层";
    freeze_trainable_modules: "Modules in them", "層内のモジュール", "层内模块" / "all, or mlp,self_attn …", "all または mlp,self_attn など", "all，或 mlp,self_attn 等";
    freeze_extra_modules: "Modules beside them", "層以外のモジュール", "层外模块" / "embed_tokens, norm, lm_head", "embed_tokens, norm, lm_head", "embed_tokens、norm、lm_head";
    lora_rank: "Rank", "ランク", "秩 (rank)" / "Size of the adapter", "アダプターの大きさ", "适配器大小";
    lora_alpha: "Alpha", "Alpha", "Alpha" / "Scale: alpha / rank", "スケール: alpha / rank", "缩放：alpha / rank";
    lora_dropout: "Dropout", "Dropout", "Dropout" / "Off in preference training", "選好学習では無効", "偏好训练中不生效";
    lora_target: "Target", "対象層", "目标层" / "all, or q_proj,v_proj …", "all または q_proj,v_proj など", "all，或 q_proj,v_proj 等";
    oft_block_size: "Block size", "ブロックの大きさ", "块大小" / "Inputs turned together; 32 is usual", "まとめて回す入力の数。通常は 32", "一起旋转的输入数，通常为 32";
    oft_target: "Target", "対象層", "目标层" / "all, or q_proj,v_proj …", "all または q_proj,v_proj など", "all，或 q_proj,v_proj 等";
    quantization_bit: "Base weights", "ベースの重み", "基座权重" {
        "": "as stored", "そのまま", "保持原样";
        "4": "4 bit (QLoRA)", "4 ビット (QLoRA)", "4 位 (QLoRA)";
        "8": "8 bit", "8 ビット", "8 位";
        "6": "6 bit (HQQ)", "6 ビット (HQQ)", "6 位 (HQQ)";
        "5": "5 bit (HQQ)", "5 ビット (HQQ)", "5 位 (HQQ)";
        "3": "3 bit (HQQ)", "3 ビット (HQQ)", "3 位 (HQQ)";
        "2": "2 bit (HQQ)", "2 ビット (HQQ)", "2 位 (HQQ)";
        "1": "1 bit (HQQ)", "1 ビット (HQQ)", "1 位 (HQQ)";
    };
    quantization_method: "Packed by", "量子化の方法", "量化方法" {
        "bnb": "bitsandbytes", "bitsandbytes", "bitsandbytes";
        "hqq": "HQQ", "HQQ", "HQQ";
        "eetq": "EETQ", "EETQ", "EETQ";
    };
    quantization_type: "4-bit code", "4 ビットの形式", "4 位编码" {
        "nf4": "NF4", "NF4", "NF4";
        "fp4": "FP4", "FP4", "FP4";
    };
    double_quantization: "Quantize the scales too", "スケールも量子化", "同时量化缩放系数";
    create_new_adapter: "Merge the starting adapter, train a fresh one", "開始アダプターを統合し、新しいものを学習", "合并起始适配器并训练新的";
    adapter_name_or_path: "Adapters to start from", "開始時のアダプター", "起始适配器" / "Paths or names, comma-separated, in order", "パスまたは名前をカンマ区切りで順に", "路径或名称，按顺序用逗号分隔";
    train_from_scratch: "From random weights", "ランダムな重みから", "从随机权重开始";
    use_llama_pro: "Only expanded blocks (LLaMA Pro)", "拡張したブロックだけ (LLaMA Pro)", "仅训练扩展块 (LLaMA Pro)";
    oft_rank: "Blocks per layer", "層あたりのブロック数", "每层块数" / "In place of the block size, which then is 0", "ブロックの大きさの代わりに指定（その場合は 0）", "代替块大小（此时块大小为 0）";
    use_rslora: "Scale by √rank (rsLoRA)", "√rank でスケール (rsLoRA)", "按 √rank 缩放 (rsLoRA)";
    use_dora: "Train size and direction apart (DoRA)", "大きさと方向を分けて学習 (DoRA)", "分别训练大小与方向 (DoRA)";
    pissa_init: "Start from the main directions (PiSSA)", "主成分から始める (PiSSA)", "从主方向开始 (PiSSA)";
    pissa_iter: "PiSSA iterations", "PiSSA の反復回数", "PiSSA 迭代次数" / "-1: exact", "-1 なら厳密", "-1 为精确分解";
    pissa_convert: "Save as a plain LoRA adapter", "通常の LoRA として保存", "保存为普通 LoRA";
    init_lora_weights: "Start of the adapter", "アダプターの初期値", "适配器初始化" {
        "true": "zero", "ゼロ", "零";
        "loftq": "LoftQ", "LoftQ", "LoftQ";
    };
    loftq_iter: "LoftQ rounds", "LoftQ の反復回数", "LoftQ 迭代次数";
    loraplus_lr_ratio: "LoRA+ ratio", "LoRA+ の比", "LoRA+ 比率" / "Learning rate of B over that of A", "A に対する B の学習率の比", "B 与 A 的学习率之比";
    additional_target: "Trained whole", "丸ごと学習する層", "完整训练的模块" / "embed_tokens,lm_head …", "embed_tokens,lm_head など", "embed_tokens,lm_head 等";

    // Data
    dataset: "Data set", "データセット", "数据集";
    template: "Template", "テンプレート", "模板" / "How turns are written out", "対話の書式", "对话的书写格式" {
        "": "The model's own", "モデル付属のもの", "模型自带";
    };
    cutoff_len: "Cut-off", "最大長", "截断长度" / "Most tokens of a row", "1 行あたりの最大トークン数", "每行最多 token 数";
    val_size: "Held out", "検証用", "留出比例" / "For evaluation: a share, or a number of rows", "評価用の割合または行数", "用于评估的比例或行数";
    max_samples: "Most rows", "最大行数", "最多行数" / "Empty: all", "空欄なら全行", "留空为全部";
    eval_dataset: "Evaluation data", "評価用データ", "评估数据" / "A data set of its own, instead of held-out rows", "検証用の分割の代わりに使うデータセット", "用单独的数据集代替留出的行";
    streaming: "Train while reading", "読みながら学習", "边读边训练";
    buffer_size: "Shuffled at a time", "一度に混ぜる行数", "每次打乱的行数" / "Rows that wait for their turn", "順番を待つ行数", "等待轮到的行数";
    mix_strategy: "Several data sets", "複数のデータセット", "多个数据集" {
        "concat": "One behind the other", "順につなげる", "依次拼接";
        "interleave_under": "In turn, until the first ends", "交互に、どれかが終わるまで", "交替，直到其中一个用完";
        "interleave_over": "In turn, until all have ended", "交互に、すべてが終わるまで", "交替，直到全部用完";
    };
    interleave_probs: "Share of each", "それぞれの割合", "各自的比例" / "One for each data set, 1 in all: 0.7,0.3. Empty: in turn", "データセットごとに、合計 1: 0.7,0.3。空欄なら交互", "每个数据集一个，合计 1：0.7,0.3。留空为轮流";
    default_system: "System message", "システムメッセージ", "系统提示" / "For rows that bring none", "行に含まれていない場合に使用", "用于没有系统提示的数据";
    enable_thinking: "Thinking", "思考", "思考" {
        "": "As in the template", "テンプレートに従う", "按模板";
        "true": "On: replies without it get an empty block", "有効: 思考のない応答には空のブロックを補う", "开启：无思考的回复补上空块";
        "false": "Off: removed from replies", "無効: 応答から取り除く", "关闭：从回复中移除";
        "null": "As the data has it", "データのまま", "保持数据原样";
    };
    tool_format: "Tool format", "ツールの書式", "工具格式" / "How tools and calls are written", "ツールと呼び出しの書き方", "工具及其调用的写法" {
        "": "The template's own", "テンプレート付属", "模板自带";
    };
    disable_shuffling: "Keep the rows' order", "行の順序を保つ", "保持数据顺序";
    rope_scaling: "RoPE scaling", "RoPE スケーリング", "RoPE 缩放" {
        "": "none", "なし", "无";
        "linear": "linear", "linear", "linear";
        "dynamic": "dynamic", "dynamic", "dynamic";
        "yarn": "YaRN", "YaRN", "YaRN";
        "llama3": "Llama 3", "Llama 3", "Llama 3";
    };
    pair_marks: "Marks on pairs", "ペアへの印", "样本对上的标记" / "A run whose marked pairs are swapped or left out", "印を付けたペアを入れ替え・除外する、その実行の名前", "按哪次运行的标记交换或去除样本对";

    // Optimizer
    learning_rate: "Learning rate", "学習率", "学习率";
    optim: "Optimizer", "オプティマイザー", "优化器" {
        "adamw_torch": "AdamW", "AdamW", "AdamW";
        "adamw_8bit": "AdamW, 8-bit states", "AdamW (8 ビット状態)", "AdamW（8 位状态）";
        "adafactor": "Adafactor", "Adafactor", "Adafactor";
        "lion_32bit": "Lion", "Lion", "Lion";
        "lion_8bit": "Lion, 8-bit states", "Lion (8 ビット状態)", "Lion（8 位状态）";
        "sgd": "SGD", "SGD", "SGD";
    };
    lr_scheduler_type: "Schedule", "スケジュール", "调度" {
        "cosine": "cosine", "cosine", "cosine";
        "linear": "linear", "linear", "linear";
        "constant": "constant", "constant", "constant";
        "constant_with_warmup": "constant with warm-up", "constant (ウォームアップ付き)", "constant（带预热）";
        "cosine_with_restarts": "cosine with restarts", "cosine (再開あり)", "cosine（带重启）";
        "cosine_with_min_lr": "cosine to a least rate", "cosine (下限あり)", "cosine（有下限）";
        "cosine_warmup_with_min_lr": "the same, warmed up from a share", "同上 (途中の値からウォームアップ)", "同上（从一定比例预热）";
        "polynomial": "polynomial", "多項式", "多项式";
        "inverse_sqrt": "inverse square root", "平方根の逆数", "平方根倒数";
        "warmup_stable_decay": "warm-up, stable, decay", "ウォームアップ・一定・減衰", "预热、稳定、衰减";
        "reduce_lr_on_plateau": "lower on a plateau", "停滞したら下げる", "停滞时降低";
    };
    warmup_ratio: "Warm-up share", "ウォームアップの割合", "预热比例" / "Of all steps", "全ステップに対する割合", "占总步数";
    warmup_steps: "Warm-up steps", "ウォームアップのステップ数", "预热步数" / "Over the share when above 0", "0 より大きければこちらを優先", "大于 0 时优先";
    lr_scheduler_kwargs: "Schedule's parameters", "スケジュールのパラメーター", "调度参数" / "JSON: {\"num_cycles\": 2}", "JSON: {\"num_cycles\": 2}", "JSON：{\"num_cycles\": 2}";
    weight_decay: "Weight decay", "重み減衰", "权重衰减";
    max_grad_norm: "Clip at", "勾配クリップ", "梯度裁剪" / "Gradient norm; 0: never", "勾配ノルムの上限。0 なら無効", "梯度范数上限；0 为不裁剪";
    adam_beta1: "Adam beta 1", "Adam beta 1", "Adam beta 1";
    adam_beta2: "Adam beta 2", "Adam beta 2", "Adam beta 2";
    adam_epsilon: "Adam epsilon", "Adam epsilon", "Adam epsilon";
    use_galore: "Low-rank gradients (GaLore)", "勾配の低ランク射影 (GaLore)", "低秩梯度 (GaLore)";
    galore_rank: "Projection rank", "射影のランク", "投影秩";
    galore_update_interval: "New projection every … steps", "何ステップごとに射影を更新するか", "每多少步更新投影";
    galore_scale: "Projection scale", "射影のスケール", "投影缩放";
    galore_target: "Projected modules", "射影するモジュール", "投影的模块" / "all, or parts of names", "all または名前の一部", "all，或名称的一部分";
    galore_proj_type: "Projected side", "射影する側", "投影的一侧" {
        "std": "shorter", "短い側", "较短一侧";
        "reverse_std": "longer", "長い側", "较长一侧";
        "right": "right", "右", "右";
        "left": "left", "左", "左";
        "full": "both", "両側", "两侧";
    };
    use_apollo: "Low-rank scaling (APOLLO)", "低ランクのスケーリング (APOLLO)", "低秩缩放 (APOLLO)";
    apollo_rank: "Projection rank", "射影のランク", "投影秩";
    apollo_update_interval: "New projection every … steps", "何ステップごとに射影を更新するか", "每多少步更新投影";
    apollo_scale: "Projection scale", "射影のスケール", "投影缩放";
    apollo_target: "Projected modules", "射影するモジュール", "投影的模块" / "all, or parts of names", "all または名前の一部", "all，或名称的一部分";
    apollo_proj: "Basis", "基底", "基" {
        "random": "random", "ランダム", "随机";
        "svd": "SVD", "SVD", "SVD";
    };
    apollo_proj_type: "Projected side", "射影する側", "投影的一侧" {
        "std": "shorter", "短い側", "较短一侧";
        "right": "right", "右", "右";
        "left": "left", "左", "左";
    };
    apollo_scale_type: "Scaled by", "スケーリングの単位", "缩放单位" {
        "channel": "channel", "チャンネル", "通道";
        "tensor": "tensor", "テンソル", "张量";
    };
    apollo_scale_front: "Scale before the norm limit", "ノルム制限の前にスケーリング", "在范数限制之前缩放";
    use_badam: "Block by block (BAdam)", "ブロックごと (BAdam)", "逐块训练 (BAdam)";
    badam_switch_mode: "Order of blocks", "ブロックの順序", "块的顺序" {
        "ascending": "ascending", "昇順", "升序";
        "descending": "descending", "降順", "降序";
        "random": "random", "ランダム", "随机";
        "fixed": "fixed", "固定", "固定";
    };
    badam_start_block: "First block", "最初のブロック", "起始块";
    badam_switch_interval: "Next block every … steps", "何ステップごとに次のブロックへ移るか", "每多少步换下一块";

    // Batch
    num_train_epochs: "Epochs", "エポック数", "轮数" / "Passes over the data", "データを何周するか", "遍历数据的次数";
    per_device_train_batch_size: "Rows at once", "同時に処理する行数", "单批行数" / "A micro-batch; takes memory", "マイクロバッチ。メモリを使用", "微批大小，占用内存";
    gradient_accumulation_steps: "Accumulation", "勾配累積", "梯度累积" / "Micro-batches a step", "1 ステップあたりのマイクロバッチ数", "每步的微批数";
    seed: "Seed", "シード", "随机种子";
    max_steps: "Most steps", "最大ステップ数", "最大步数" / "Instead of epochs", "エポック数の代わりに指定", "替代轮数";
    per_device_eval_batch_size: "Evaluation batch", "評価バッチ", "评估批大小";
    device: "Device", "デバイス", "设备" {
        "": "the best there is", "自動選択", "自动选择";
        "cpu": "CPU", "CPU", "CPU";
        "cuda": "CUDA", "CUDA", "CUDA";
    };
    activation_memory: "Memory for activations", "活性値用メモリ", "激活值内存" / "MiB; layers past it are recomputed. Empty: automatic", "MiB。超えた層は再計算。空欄なら自動", "MiB；超出的层将重算。留空为自动";
    bf16: "Compute in bfloat16", "bfloat16 で計算", "以 bfloat16 计算";
    fp16: "Compute in float16", "float16 で計算", "以 float16 计算";
    pure_bf16: "Parameters in bfloat16 too", "パラメータも bfloat16", "参数也用 bfloat16";

    // Cadence
    eval_strategy: "Evaluate", "評価", "评估" {
        "no": "never", "しない", "从不";
        "steps": "every few steps", "ステップごと", "按步数";
        "epoch": "every epoch", "エポックごと", "每轮";
    };
    eval_steps: "Evaluate every", "評価間隔", "评估间隔" / "Steps", "ステップ", "步";
    save_strategy: "Save checkpoints", "チェックポイントの保存", "保存检查点" {
        "no": "never", "しない", "从不";
        "steps": "every few steps", "ステップごと", "按步数";
        "epoch": "every epoch", "エポックごと", "每轮";
    };
    save_steps: "Save every", "保存間隔", "保存间隔" / "Steps", "ステップ", "步";
    logging_steps: "Log every", "記録間隔", "日志间隔" / "Steps", "ステップ", "步";
    save_total_limit: "Checkpoints kept", "保持するチェックポイント数", "保留的检查点数" / "The best one beside them. Empty: all", "最良のものは別に保持。空欄なら全部", "最佳检查点另行保留。留空为全部";
    sample_prompts: "Sample prompts", "サンプル用プロンプト", "样例提示" / "Held-out prompts that are answered on the way; 0: none", "途中で答えさせる検証プロンプトの数。0 で無効", "训练途中回答的留出提示数；0 为不回答";
    sample_own_prompts: "Prompts of your own", "自分のプロンプト", "自定提示" / "One a line", "1 行に 1 つ", "每行一条";
    sample_max_new_tokens: "Longest sample", "サンプルの最大長", "样例最大长度" / "Tokens", "トークン", "token";
    sample_temperature: "Sampling temperature", "サンプルの温度", "样例温度" / "0: always the likeliest token", "0 なら常に最尤トークン", "0 为始终取最可能的 token";

    // Run
    run_name: "Name", "名前", "名称";
    report_to: "Logs for other programs", "他のプログラム向けの記録", "供其他程序读取的日志" / "Logs of other programs, in the run directory: TensorBoard's event files, offline runs of W&B and SwanLab for their own sync command", "他のプログラムのログを実行ディレクトリに書きます: TensorBoard のイベントファイル、W&B と SwanLab のオフライン実行（アップロードはそれぞれの sync コマンドで）", "在运行目录中写入其他程序的日志：TensorBoard 事件文件，W&B 与 SwanLab 的离线运行（用各自的 sync 命令上传）" {
        "": "None", "なし", "无";
        "tensorboard": "TensorBoard", "TensorBoard", "TensorBoard";
        "wandb": "W&B", "W&B", "W&B";
        "swanlab": "SwanLab", "SwanLab", "SwanLab";
        "trackio": "trackio", "trackio", "trackio";
        "mlflow": "MLflow", "MLflow", "MLflow";
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::config::{KEYS, Place};

    /// What a person sees of a key has words in every language: they do not compile without.
    #[test]
    fn each_key_of_the_form_has_words_and_no_other() {
        let shown = KEYS.iter().filter(|key| key.place != Place::No).map(|key| key.name);
        assert_eq!(
            ALL.iter().map(|words| words.key).collect::<Vec<_>>(),
            shown.collect::<Vec<_>>()
        );
    }
}
