//! What does not go together in a run config: methods, adapters, optimizers, losses, references.

super::sentences! {
    RULES
    llama_pro_alone():
        "trains the expanded blocks alone: finetuning_type freeze or lora",
        "追加したブロックだけを学習します。finetuning_type を freeze か lora にしてください",
        "只训练扩展的块：请用 finetuning_type freeze 或 lora";
    expanded_blocks():
        "with use_llama_pro it is how many blocks were added: 1 or more",
        "use_llama_pro では追加したブロックの数です。1 以上にしてください",
        "使用 use_llama_pro 时它是扩展的块数，须为 1 或更大";
    stream_needs_steps():
        "streaming: true needs max_steps: how many rows there are is not known before they are read",
        "streaming: true には max_steps が必要です。行数は読み終わるまで分かりません",
        "streaming: true 需要 max_steps：读完之前不知道有多少行";
    stream_holds_out_rows():
        "with streaming: true must be a whole number of rows: how many a share comes to is not known before all are read",
        "streaming: true では行数を整数で指定してください。割合が何行になるかは、すべて読むまで分かりません",
        "streaming: true 时须为整数行数：读完之前不知道比例对应多少行";
    stream_excludes(key):
        "{key} has to know the rows before the first step, which streaming: true does not: leave one of them out",
        "{key} は最初のステップの前にすべての行を必要としますが、streaming: true では分かりません。どちらかを外してください",
        "{key} 需要在第一步之前知道所有行，而 streaming: true 做不到：请去掉其中一个";
    stream_of_prompts():
        "stage ppo takes its prompts from data that are read before; streaming is for the stages pt, sft, rm, dpo and kto",
        "ステージ ppo は事前に読んだデータからプロンプトを取ります。streaming はステージ pt、sft、rm、dpo、kto で使えます",
        "ppo 阶段的提示取自事先读完的数据；streaming 用于 pt、sft、rm、dpo 和 kto 阶段";
    stream_has_no_epoch(key):
        "with streaming: true the end of an epoch is not known before it is there; set {key}: steps",
        "streaming: true ではエポックの終わりが事前に分かりません。{key}: steps にしてください",
        "streaming: true 时无法事先知道一轮何时结束；请设置 {key}: steps";
    shares_of_concat():
        "has an effect only where data sets are interleaved: mix_strategy interleave_under or interleave_over",
        "データセットを混ぜる場合だけ効果があります。mix_strategy を interleave_under か interleave_over にしてください",
        "仅在交错数据集时有效：mix_strategy 用 interleave_under 或 interleave_over";
    shares_sum_to_one():
        "must be numbers above 0 that sum to 1, one for each data set",
        "データセットごとに 0 より大きい数を 1 つずつ、合計が 1 になるように書いてください",
        "应为每个数据集一个大于 0 的数，总和为 1";
    shares_per_set(found, key, wanted):
        "has {found|number|numbers}, and {key} names {wanted|data set|data sets}: one is needed for each",
        "数が {found} 個ですが、{key} のデータセットは {wanted} 個です。1 つずつ必要です",
        "有 {found} 个数，而 {key} 有 {wanted} 个数据集：需要一一对应";
    freezes_all():
        "0 trains nothing unless freeze_extra_modules names something",
        "0 では何も学習しません。freeze_extra_modules に何か指定してください",
        "0 表示什么都不训练，除非 freeze_extra_modules 指定了模块";
    table_trains_whole(table):
        "{table} gets no adapter; it trains whole: additional_target: {table}",
        "{table} にアダプターは付きません。全体を学習するには additional_target: {table} としてください",
        "{table} 不加适配器，须整体训练：additional_target: {table}";
    oft_target_chooses():
        "lora_target has no effect under finetuning_type: oft; oft_target names the layers",
        "finetuning_type: oft では lora_target は効果がありません。層は oft_target で指定します",
        "finetuning_type: oft 时 lora_target 无效，层由 oft_target 指定";
    rank_or_block_size():
        "oft_rank and oft_block_size exclude each other: one follows from the other",
        "oft_rank と oft_block_size は同時に使えません。一方から他方が決まります",
        "oft_rank 与 oft_block_size 不能同时使用：一个由另一个决定";
    nothing_to_convert():
        "there is nothing to convert without pissa_init",
        "pissa_init がなければ変換するものがありません",
        "没有 pissa_init 就没有可转换的内容";
    dora_not_plain():
        "a DoRA adapter can't be written as a plain one: leave out use_dora or pissa_convert",
        "DoRA アダプターは通常のアダプターとして書き出せません。use_dora か pissa_convert を外してください",
        "DoRA 适配器不能写成普通适配器，请去掉 use_dora 或 pissa_convert";
    pissa_iterations():
        "takes -1 (exact) or a whole number from 0 to 1000",
        "-1（厳密）か 0 から 1000 の整数を指定してください",
        "应为 -1（精确）或 0 到 1000 的整数";
    loftq_needs_four_bits():
        "LoftQ makes up for what bitsandbytes' 4 bits take off: it needs quantization_bit: 4 and quantization_method: bnb",
        "LoftQ は bitsandbytes の 4 ビット量子化の誤差を補うものなので、quantization_bit: 4 と quantization_method: bnb が必要です",
        "LoftQ 用于弥补 bitsandbytes 4 位量化的误差，需要 quantization_bit: 4 和 quantization_method: bnb";
    not_with_loftq(key):
        "not with {key}: LoftQ starts from the model's own weights, and goes through all of it",
        "{key} とは使えません。LoftQ はモデル自身の重みから始め、全体を処理します",
        "不能与 {key} 同用：LoftQ 从模型自身的权重开始，并处理整个模型";
    lora_only():
        "only for finetuning_type: lora",
        "finetuning_type: lora でだけ使えます",
        "仅用于 finetuning_type: lora";
    quantized_needs_lora():
        "quantized weights stay as they are: train LoRA or OFT on them (finetuning_type: lora or oft), or take this line out",
        "量子化した重みは変わりません。その上で LoRA か OFT を学習するか（finetuning_type: lora、oft）、この行を外してください",
        "量化的权重保持不变：请在其上训练 LoRA 或 OFT（finetuning_type: lora 或 oft），或去掉这一行";
    no_reward_api():
        "the trainer has no network; score with a model here: lora or full",
        "学習プログラムはネットワークを使いません。ここのモデルで採点してください: lora か full",
        "训练程序不使用网络；请用本机的模型评分：lora 或 full";
    reward_adapter_named():
        "reward_model names the adapter itself under reward_model_type: lora",
        "reward_model_type: lora では reward_model がアダプター自体を指します",
        "reward_model_type: lora 时 reward_model 就是适配器本身";
    bco_weighs_alike():
        "BCO weighs good and bad replies alike; take the line out",
        "BCO は良い応答と悪い応答を同じ重みで扱います。この行を外してください",
        "BCO 对好坏回复一视同仁，请去掉这一行";
    neftune_stages():
        "NEFTune is for stages sft and pt; take the line out",
        "NEFTune はステージ sft と pt のためのものです。この行を外してください",
        "NEFTune 用于 sft 和 pt 阶段，请去掉这一行";
    for_stage_sft(name):
        "{name} is for stage sft; take the line out",
        "{name} はステージ sft のためのものです。この行を外してください",
        "{name} 用于 sft 阶段，请去掉这一行";
    one_token_weight():
        "use_eaft_loss and use_dft_loss exclude each other: a token has one weight",
        "use_eaft_loss と use_dft_loss は同時に使えません。トークンの重みは一つです",
        "use_eaft_loss 与 use_dft_loss 不能同时使用：一个 token 只有一个权重";
    neat_packing_stage():
        "neat_packing is for stage sft; take the line out",
        "neat_packing はステージ sft のためのものです。この行を外してください",
        "neat_packing 用于 sft 阶段，请去掉这一行";
    not_with_lora():
        "not with LoRA or OFT: it saves memory where whole weights are trained: set finetuning_type to full, or leave it out",
        "LoRA や OFT とは使えません。重み全体を学習するときのメモリを節約するものです。finetuning_type を full にするか、外してください",
        "不能与 LoRA 或 OFT 同用：它用于训练完整权重时节省内存，请把 finetuning_type 设为 full 或去掉它";
    built_on_adamw(key):
        "{key} is built on AdamW: leave optim out, or set adamw_torch",
        "{key} は AdamW に基づきます。optim を外すか adamw_torch にしてください",
        "{key} 基于 AdamW：请去掉 optim 或设为 adamw_torch";
    switch_interval():
        "takes a whole number from 1, or -1 for never",
        "1 以上の整数か、切り替えないなら -1 を指定してください",
        "应为不小于 1 的整数，或用 -1 表示从不";
    ld_needs_reference():
        "LD-DPO belongs to losses with a reference",
        "LD-DPO は参照モデルを使う損失のためのものです",
        "LD-DPO 只适用于带参考模型的损失";
    ld_splits_sums(name):
        "LD-DPO splits summed log-probs; {name} averages them per token",
        "LD-DPO は log-prob の合計を分けますが、{name} はトークンごとに平均します",
        "LD-DPO 拆分 log-prob 之和，而 {name} 按 token 取平均";
    wpo_weighs_pairs(name):
        "WPO weighs one pair at a time; {name} sets the pairs of a micro-batch against each other",
        "WPO はペアを一つずつ重み付けしますが、{name} はマイクロバッチのペア同士を比べます",
        "WPO 逐对加权，而 {name} 让微批内的样本对相互比较";
    loss_twice(name): "{name} stands there twice", "{name} が二度あります", "{name} 出现了两次";
    sft_no_preference():
        "sft is no preference loss: use stage: sft, or name a loss beside it",
        "sft は選好の損失ではありません。stage: sft にするか、ほかの損失も指定してください",
        "sft 不是偏好损失：请用 stage: sft，或同时指定另一种损失";
    two_scales(a, s):
        "{a} averages log-probs per token and {s} sums them: one beta does not fit both",
        "{a} は log-prob のトークン平均、{s} は合計を使うので、同じ beta は合いません",
        "{a} 取每个 token 的平均，{s} 取总和，同一个 beta 不适用";
    weights_are_numbers():
        "takes numbers, 0 or more, comma-separated",
        "0 以上の数値をコンマで区切って指定してください",
        "应为逗号分隔的不小于 0 的数字";
    weights_of_losses(given, count):
        "{given} weights for {count} losses of pref_loss: each takes one",
        "pref_loss の損失 {count} 個に対して重みが {given} 個です。一つずつ指定してください",
        "pref_loss 有 {count} 个损失却给出 {given} 个权重：每个损失一个";
    a_weight_above_zero(): "a weight must be above 0", "少なくとも一つの重みを 0 より大きくしてください", "至少一个权重须大于 0";
    smoothing_of(names, choices):
        "label smoothing has no meaning for {names}; it belongs to {choices}",
        "{names} にラベル平滑化は意味がありません。使えるのは {choices} です",
        "标签平滑对 {names} 没有意义，仅适用于 {choices}";
    smoothing_below_half():
        "must be below 0.5: at 0.5 both replies count alike",
        "0.5 未満にしてください。0.5 では二つの応答が同じ重みになります",
        "必须小于 0.5：取 0.5 时两个回复的权重相同";
    cpo_alpha_of():
        "cpo_alpha belongs to cpo and simpo (CPO-SimPO); the same term under other losses is rpo_alpha",
        "cpo_alpha は cpo と simpo（CPO-SimPO）のためのものです。ほかの損失では rpo_alpha が同じ項です",
        "cpo_alpha 用于 cpo 和 simpo（CPO-SimPO）；其他损失下同一项是 rpo_alpha";
    bco_not_with(name):
        "the BCO term compares summed log-probs with a reference's: not with {name}",
        "BCO の項は log-prob の合計を参照モデルのものと比べるため、{name} とは使えません",
        "BCO 项把 log-prob 之和与参考模型比较，不能与 {name} 同用";
    divergences_of(choices, name):
        "other divergences belong to {choices}; {name} has its own",
        "ほかのダイバージェンスが使えるのは {choices} です。{name} には固有のものがあります",
        "其他散度仅适用于 {choices}；{name} 有自己的散度";
    reference_free_of(name, choices):
        "{name} means nothing without a reference; reference_free belongs to {choices}",
        "{name} は参照モデルなしでは意味がありません。reference_free が使えるのは {choices} です",
        "{name} 没有参考模型就没有意义；reference_free 仅适用于 {choices}";
    following_starts_here():
        "a reference that follows the policy starts where the run starts: not with ref_model or ref_model_adapters",
        "追従する参照モデルは学習の出発点から始まるため、ref_model や ref_model_adapters とは使えません",
        "跟随策略的参考模型从训练起点开始，不能与 ref_model 或 ref_model_adapters 同用";
    following_not_dora():
        "a reference that follows is not there for DoRA: leave out use_dora or sync_ref_model",
        "DoRA では追従する参照モデルを使えません。use_dora か sync_ref_model を外してください",
        "DoRA 不支持跟随的参考模型，请去掉 use_dora 或 sync_ref_model";
    following_not_oft():
        "a reference that follows is not there for OFT: leave out sync_ref_model, or set finetuning_type to lora",
        "OFT では追従する参照モデルを使えません。sync_ref_model を外すか、finetuning_type を lora にしてください",
        "OFT 不支持跟随的参考模型，请去掉 sync_ref_model，或把 finetuning_type 设为 lora";
    following_not_precomputed():
        "a reference that follows the policy (sync_ref_model) cannot be computed before training",
        "追従する参照モデル（sync_ref_model）は学習前に計算できません",
        "跟随策略的参考模型（sync_ref_model）无法在训练前计算";
}
