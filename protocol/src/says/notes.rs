//! What is noted of a run's settings, and how a worker ended.

super::sentences! {
    NOTES
    pairs_not_kept(path, why):
        "held-out pairs are kept no more one by one, since {path} can't be written: {why}",
        "{path} に書き込めないため、評価用のペアは以後 1 件ずつ保存されません：{why}",
        "无法写入 {path}，此后不再逐条保存留出的成对数据：{why}";
    first_command():
        "only the first command was read",
        "最初のコマンドだけを読みました",
        "只读取了第一条命令";
    model_without_folder(name):
        "these settings name the model {name} without its folder: choose it here",
        "この設定はモデル {name} をフォルダーなしで指しています。ここで選んでください",
        "这些设置只给出模型名 {name} 而没有文件夹，请在此选择";
    stage_is_dpo():
        "stage: dpo, since pref_loss belongs to it",
        "pref_loss があるので stage: dpo とします",
        "因为有 pref_loss，阶段视为 dpo";
    given_twice(key, value):
        "{key} is given more than once on the command line: the last one, {value}, is taken",
        "{key} がコマンドラインで複数回指定されています。最後の {value} を使います",
        "命令行中多次给出 {key}，以最后的 {value} 为准";
    warmup_steps_win(ratio, steps):
        "warmup_ratio {ratio} is not used: warmup_steps {steps} says how long the learning rate rises; leave one of the two out",
        "warmup_ratio {ratio} は使われません: 学習率を上げる長さは warmup_steps {steps} で決まります。どちらか一方を外してください",
        "warmup_ratio {ratio} 不生效：学习率上升的步数由 warmup_steps {steps} 决定；请去掉其中之一";
    no_effect_infer_dtype():
        "infer_dtype has no effect here: weights stay in the type they are stored in",
        "infer_dtype はここでは効果がありません: 重みは保存された型のままです",
        "infer_dtype 在此无效：权重保持存储时的类型";
    no_effect_accuracy():
        "compute_accuracy has no effect: it is for stage sft; stages of pairs always tell theirs",
        "compute_accuracy は効果がありません: ステージ sft のためのもので、ペアのステージでは常に表示されます",
        "compute_accuracy 无效：它用于 sft 阶段，成对数据的阶段总会给出准确率";
    no_effect_marks():
        "pair_marks has no effect: it is for the stages that train on pairs, dpo, rm and kto",
        "pair_marks は効果がありません: ペアで学習するステージ dpo、rm、kto のためのものです",
        "pair_marks 无效：它用于以成对数据训练的阶段 dpo、rm 和 kto";
    no_effect_here(key, why):
        "{key} has no effect here: {why}",
        "{key} はここでは効果がありません（{why}）",
        "{key} 在此无效（{why}）";
    tracker_given_up(tracker, why):
        "{tracker} is told no more of this run, which goes on: {why}",
        "{tracker} への記録を止めました。実行は続きます: {why}",
        "不再向 {tracker} 记录此运行，运行照常继续：{why}";
    tracker_ready(tracker, command):
        "{tracker}: `{command}` shows or uploads this run",
        "{tracker}: `{command}` でこの実行を表示またはアップロードできます",
        "{tracker}：`{command}` 可显示或上传此运行";
    tracker_off(tracker, variable):
        "{tracker} is not told of this run: {variable} says so",
        "{variable} の指定により {tracker} には記録しません",
        "根据 {variable} 的设置，不向 {tracker} 记录此运行";
    variable_no_effect(variable, why):
        "{variable} has no effect here: {why}",
        "{variable} はここでは効果がありません（{why}）",
        "{variable} 在此无效（{why}）";
    tracker_by_corral(tracker):
        "report_to: {tracker} is told by `corral train` and by the board, not by the trainer itself: `corral report` tells it of a run afterwards",
        "report_to: {tracker} への記録は `corral train` とボードが行い、トレーナー自身は行いません。後からは `corral report` で記録できます",
        "report_to: {tracker} 由 `corral train` 和看板记录，训练程序本身不记录；事后可用 `corral report` 记录";
    trackio_away(path, why):
        "trackio's {path} can't be written: {why}",
        "trackio の {path} に書けません: {why}",
        "无法写入 trackio 的 {path}：{why}";
    trackio_held(path, seconds):
        "another program has held {path} for {seconds} s",
        "別のプログラムが {path} を {seconds} 秒間ロックしています",
        "另一个程序已占用 {path} {seconds} 秒";
    mlflow_no_uri():
        "report_to: mlflow: MLFLOW_TRACKING_URI does not say where the server is",
        "report_to: mlflow: MLFLOW_TRACKING_URI にサーバーの場所がありません",
        "report_to: mlflow：MLFLOW_TRACKING_URI 未指明服务器地址";
    mlflow_no_server(uri):
        "MLFLOW_TRACKING_URI {uri} is no http or https address; a server (`mlflow server`) is told, files and databases are not written",
        "MLFLOW_TRACKING_URI の {uri} は http でも https でもありません。記録先はサーバー（`mlflow server`）だけで、ファイルやデータベースには書きません",
        "MLFLOW_TRACKING_URI {uri} 不是 http 或 https 地址；只向服务器（`mlflow server`）记录，不写文件或数据库";
    mlflow_away(uri, why):
        "MLflow at {uri} does not answer: {why}; `corral report` tells it of the run later",
        "{uri} の MLflow が応答しません: {why}。後から `corral report` で記録できます",
        "{uri} 上的 MLflow 无响应：{why}；稍后可用 `corral report` 记录";
    mlflow_refused(uri, what, why):
        "MLflow at {uri} refuses {what}: {why}",
        "{uri} の MLflow が {what} を拒否しました: {why}",
        "{uri} 上的 MLflow 拒绝 {what}：{why}";
    no_events(path):
        "{path} is no run directory: there is no events.jsonl",
        "{path} は実行ディレクトリではありません（events.jsonl がありません）",
        "{path} 不是运行目录：没有 events.jsonl";
    report_not_kept(path, why):
        "how far the run was told can't be kept in {path}: {why}",
        "どこまで記録したかを {path} に保存できません: {why}",
        "无法在 {path} 中保存记录进度：{why}";
    secrets_open(path):
        "{path} can be read by others: `chmod 600` it, and it is used",
        "{path} は他のユーザーも読めます。`chmod 600` にすると使います",
        "{path} 可被其他用户读取：执行 `chmod 600` 后才会使用";
    secrets_unreadable(path, why):
        "{path} can't be read: {why}",
        "{path} を読めません: {why}",
        "无法读取 {path}：{why}";
    report_goes_on(path):
        "{path}: another `corral report` tells of this run already",
        "{path}: 別の `corral report` がこの実行を記録しています",
        "{path}：已有另一个 `corral report` 在记录此运行";
    report_behind(path):
        "MLflow was not told all of this run, and nobody tells it more: `corral report {path}` tells the rest",
        "MLflow への記録が途中で止まっています。`corral report {path}` で残りを記録できます",
        "MLflow 的记录未完成，且已无进程继续：`corral report {path}` 可记录其余部分";
    mlflow_no_id(uri, what):
        "MLflow at {uri} answers {what} without an id",
        "{uri} の MLflow の {what} への応答に ID がありません",
        "{uri} 上的 MLflow 对 {what} 的回答中没有 ID";
    tracker_too_slow(seconds):
        "what was left was not written in {seconds} s",
        "残りを {seconds} 秒以内に書けませんでした",
        "剩余内容未能在 {seconds} 秒内写完";
    lora_dropout_off():
        "lora_dropout is off in preference training, as in LLaMA-Factory and TRL",
        "選好学習では LLaMA-Factory や TRL と同様に lora_dropout は無効です",
        "偏好训练中 lora_dropout 不生效，与 LLaMA-Factory 和 TRL 相同";
    never_paged():
        "optim: states are never paged out; the optimizer is the one without `paged_`",
        "optim: オプティマイザーの状態はページアウトされません。`paged_` なしのものと同じです",
        "optim：优化器状态不会换页，等同于不带 `paged_` 的优化器";
    pissa_other_programs():
        "other programs find the principal part anew when they load a PiSSA adapter, and with pissa_iter 0 or more from another random start: pissa_convert: true writes an adapter they load as it is",
        "他のプログラムは PiSSA アダプターを読み込むたびに主成分を求め直し、pissa_iter が 0 以上だと乱数の起点も変わります。pissa_convert: true にすると、そのまま読み込めるアダプターを書き出します",
        "其他程序加载 PiSSA 适配器时会重新求主成分，且 pissa_iter 为 0 或更大时随机起点不同；pissa_convert: true 会写出可直接加载的适配器";
    no_effect_ppo(key):
        "{key} has no effect: PPO writes its replies as it goes, and measures how far it is from where it started",
        "{key} は効果がありません: PPO は学習しながら応答を書き、出発点からの距離を測ります",
        "{key} 无效：PPO 边训练边生成回复，并衡量与起点的距离";
    aot_batch_of_one():
        "AOT compares sorted micro-batches: with per_device_train_batch_size 1 there is nothing to sort, and it is DPO; take 2 or more",
        "AOT は並べ替えたマイクロバッチを比べます。per_device_train_batch_size が 1 では並べ替えるものがなく DPO と同じです。2 以上にしてください",
        "AOT 比较排序后的微批；per_device_train_batch_size 为 1 时无可排序，等同 DPO，请设为 2 或更大";
    no_effect_alpha():
        "f_alpha_divergence_coef has no effect: it belongs to f_divergence_type: alpha_divergence",
        "f_alpha_divergence_coef は効果がありません: f_divergence_type: alpha_divergence のためのキーです",
        "f_alpha_divergence_coef 无效：它属于 f_divergence_type: alpha_divergence";
    no_effect_reference_free(key):
        "{key} has no effect: reference_free leaves it out",
        "{key} は効果がありません: reference_free により参照モデルを使いません",
        "{key} 无效：reference_free 不使用参考模型";
    no_effect_no_reference(key, names):
        "{key} has no effect: {names} needs no reference",
        "{key} は効果がありません: {names} は参照モデルを必要としません",
        "{key} 无效：{names} 不需要参考模型";
    no_effect_without_sync(key):
        "{key} has no effect without sync_ref_model: true",
        "sync_ref_model: true がないと {key} は効果がありません",
        "没有 sync_ref_model: true 时 {key} 无效";
    no_effect_shared_reference():
        "ref_model_quantization_bit has no effect: without ref_model the reference is what the run starts from, and shares its weights",
        "ref_model_quantization_bit は効果がありません: ref_model がないとき、参照モデルは学習の出発点そのもので、重みを共有します",
        "ref_model_quantization_bit 无效：没有 ref_model 时，参考模型就是训练的起点，并共享其权重";
    reference_read(rows):
        "reference log-probs of {rows} rows read from the store: no reference forward",
        "参照モデルの log-prob {rows} 行分を保存済みの値から読みました（forward は 0 回）",
        "从缓存读取了 {rows} 行的参考 log-prob（前向 0 次）";
    reference_computed(rows, forwards):
        "reference log-probs of {rows} rows computed and stored: {forwards} reference forwards",
        "参照モデルの log-prob {rows} 行分を計算して保存しました（forward {forwards} 回）",
        "计算并保存了 {rows} 行的参考 log-prob（前向 {forwards} 次）";
    rope_scaled(kind, factor, original, reach):
        "RoPE scaling `{kind}`, factor {factor}: positions reach over {reach} tokens instead of {original}",
        "RoPE スケーリング `{kind}`、倍率 {factor}。位置は {original} トークンではなく {reach} トークンまで届きます",
        "RoPE 缩放 `{kind}`，倍率 {factor}：位置可达 {reach} 个 token，而非 {original} 个";
    fast_tokenizer_alone(folder):
        "use_fast_tokenizer is false, but {folder} has no files of a slow tokenizer; ids are the fast one's, as tokenizer.json says",
        "use_fast_tokenizer は false ですが、{folder} に低速トークナイザーのファイルがないため、ID は tokenizer.json による高速トークナイザーのものです",
        "use_fast_tokenizer 为 false，但 {folder} 中没有慢速分词器的文件；ID 按 tokenizer.json，即快速分词器的";
    rope_as_trained(kind, factor, original, reach):
        "positions are scaled as in training: `{kind}`, factor {factor}, {reach} tokens instead of {original}",
        "位置は学習時と同じくスケーリングします（`{kind}`、倍率 {factor}、{original} ではなく {reach} トークン）",
        "位置按训练时的方式缩放：`{kind}`，倍率 {factor}，{reach} 个 token 而非 {original} 个";
    rope_adapters_differ(below):
        "was trained with other rope_scaling than {below}, and not on top of it: no scaling is right for both. Merge them apart, train the one on the other, or say rope_scaling",
        "{below} とは異なる rope_scaling で、その上にではなく別々に学習されています。両方に合うスケーリングはありません。別々にマージするか、一方を他方の上で学習するか、rope_scaling を指定してください",
        "与 {below} 是分别以不同的 rope_scaling 训练的，没有对两者都正确的缩放。请分开合并，或在其中一个之上训练另一个，或指定 rope_scaling";
    adapter_of_other_base(adapter, theirs, ours):
        "the adapter {adapter} was trained on {theirs}, not on {ours}: on these weights it is another model",
        "アダプター {adapter} は {ours} ではなく {theirs} で学習されたものです。この重みの上では別のモデルになります",
        "适配器 {adapter} 是在 {theirs} 上训练的，而不是 {ours}：放在这些权重上就成了另一个模型";
    rope_trained_otherwise(kind, factor, original, reach):
        "rope_scaling: the adapter was trained with other scaling (`{kind}`, factor {factor}, {reach} tokens instead of {original})",
        "rope_scaling: アダプターは別のスケーリングで学習されています（`{kind}`、倍率 {factor}、{original} ではなく {reach} トークン）",
        "rope_scaling：该适配器是以另一种缩放训练的（`{kind}`，倍率 {factor}，{reach} 个 token 而非 {original} 个）";
    rope_reaches(cutoff, original):
        "rope_scaling: nothing is scaled, since texts of cutoff_len {cutoff} have a place within the model's {original} tokens",
        "rope_scaling: cutoff_len {cutoff} のテキストはモデルの {original} トークンに収まるため、何もスケーリングしません",
        "rope_scaling：不作缩放，因为 cutoff_len {cutoff} 的文本在模型的 {original} 个 token 之内";
    rope_dynamic_trained():
        "rope_scaling: dynamic changes rotations past the new length alone; it may not work well with fine-tuning",
        "rope_scaling: dynamic は新しい長さを超えたときだけ回転を変えるため、ファインチューニングではうまく働かないことがあります",
        "rope_scaling：dynamic 仅在超过新长度时改变旋转，微调时效果可能不佳";
    rope_beside_adapter(reach, entry):
        "PEFT's files of the adapter do not hold the scaling: with it, set max_position_embeddings to {reach} and rope_scaling to {entry} in the base's config.json elsewhere; corral.json beside it has it, and what is merged or exported says it",
        "アダプターの PEFT ファイルにスケーリングは入りません。ほかで使うときは、元のモデルの config.json で max_position_embeddings を {reach}、rope_scaling を {entry} にしてください。隣の corral.json には記録され、マージや書き出しの結果には反映されます",
        "适配器的 PEFT 文件不含缩放：在别处使用时，请在基座的 config.json 中将 max_position_embeddings 设为 {reach}，rope_scaling 设为 {entry}；旁边的 corral.json 已记录，合并或导出的结果也会写明";
    experts_in_peft():
        "an adapter on experts is one of PEFT over transformers 4; over transformers 5, which keeps experts in one tensor, PEFT may leave parts of it out: merge it for use there",
        "エキスパートへのアダプターは transformers 4 上の PEFT の形式です。エキスパートを一つのテンソルに持つ transformers 5 では PEFT が一部を読み込まないことがあるため、そこで使うときはマージしてください",
        "专家上的适配器是基于 transformers 4 的 PEFT 格式；transformers 5 将专家存于一个张量，PEFT 可能会漏掉其中一部分：在那里使用请先合并";
    head_takes_no_adapter(head):
        "lora_target: all takes {head} too in LLaMA-Factory; here the head takes plain LoRA alone, no DoRA, PiSSA or LoftQ, and additional_target: {head} trains it whole",
        "lora_target: all は LLaMA-Factory では {head} にも付きますが、ここで出力層に付くのは通常の LoRA だけです（DoRA・PiSSA・LoftQ は付きません）。additional_target: {head} とすれば丸ごと学習します",
        "在 LLaMA-Factory 中 lora_target: all 也包含 {head}；此处输出层只加普通 LoRA（不加 DoRA、PiSSA、LoftQ），用 additional_target: {head} 可整体训练它";
    long_cutoff(cutoff, context):
        "cutoff_len {cutoff} is more than the {context} tokens the model was made for",
        "cutoff_len {cutoff} はモデルが想定する {context} トークンを超えています",
        "cutoff_len {cutoff} 超过模型支持的 {context} 个 token";
    otherwise_past(models, length):
        "past {length} tokens {models} computes otherwise in evaluation and chat (dynamic NTK, log-n attention) than in training, as its published code does: figures of longer rows are not those of training",
        "{length} トークンを超えると、{models} は公開コードと同じく、評価とチャットで学習時とは別の計算をします（dynamic NTK、log-n attention）。それより長い行の数値は学習時の値と一致しません",
        "超过 {length} 个 token 后，{models} 与其公开代码一样，在评估和对话时的计算与训练时不同（dynamic NTK、log-n attention）：更长行的数值与训练时不一致";
    turned_apart(length):
        "texts of more than {length} tokens are turned by their length in evaluation (dynamic NTK), which model and reference do not do alike; set cutoff_len to {length} or less",
        "評価では {length} トークンを超えるテキストの回転が長さで変わり（dynamic NTK）、モデルと参照モデルで扱いが異なります。cutoff_len を {length} 以下にしてください",
        "评估时超过 {length} 个 token 的文本按其长度旋转（dynamic NTK），而模型与参考模型的做法不同；请把 cutoff_len 设为 {length} 或更小";
    head_unasked(head):
        "stage rm scores what goes into {head} and asks it for no token: what is trained of {head} stays as it begins",
        "stage rm は {head} に入る値を採点し、{head} にトークンを予測させません。{head} の学習対象は初期値のままです",
        "stage rm 对送入 {head} 的值打分，不让它预测 token：{head} 上要训练的部分保持初始值";
    only_head_unasked(head):
        "stage rm scores what goes into {head} and asks it for no token: with {head} alone nothing of the model trains, only the value head on top; name its other layers",
        "stage rm は {head} に入る値を採点し、{head} にトークンを予測させません。{head} だけではモデルは何も学習されず、上に載る value head だけが学習されます。ほかの層も指定してください",
        "stage rm 对送入 {head} 的值打分，不让它预测 token：只选 {head} 时模型本身不会被训练，只训练其上的 value head；请指定其他层";
    high_rate(rate):
        "learning_rate {rate} is far above what trains a language model: 1e-7 to 1e-2 is usual",
        "learning_rate {rate} は言語モデルの学習には大きすぎます。通常は 1e-7 から 1e-2 です",
        "learning_rate {rate} 远高于训练语言模型的常用值（1e-7 到 1e-2）";
    stays_quantized(formats, mib):
        "the linear layers stay quantized ({formats}, {mib} MiB) and are dequantized as they are used",
        "線形層は量子化されたまま（{formats}、{mib} MiB）で、使うときに逆量子化します",
        "线性层保持量化（{formats}，{mib} MiB），使用时反量化";
    quantized_activations(key):
        "`{key}` of quantization_config has no effect: what is computed is not quantized, the weights alone are",
        "quantization_config の `{key}` は効果がありません。量子化されているのは重みだけで、計算の途中の値は量子化しません",
        "quantization_config 的 `{key}` 无效：只有权重是量化的，计算中的值不量化";
    stays_quantized_as_it_is(formats, mib):
        "the linear layers stay quantized ({formats}, {mib} MiB) and are dequantized as they are used; quantization_bit changes nothing about it",
        "線形層は量子化されたまま（{formats}、{mib} MiB）で、使うときに逆量子化します。quantization_bit はこれを変えません",
        "线性层保持量化（{formats}，{mib} MiB），使用时反量化；quantization_bit 对此没有影响";
    no_experts():
        "moe_aux_loss_coef changes nothing: the model has no experts to route to",
        "moe_aux_loss_coef は効果がありません: このモデルに振り分け先のエキスパートはありません",
        "moe_aux_loss_coef 无效：该模型没有可路由的专家";
    no_router_loss(architecture):
        "moe_aux_loss_coef changes nothing: routers of {architecture} have no auxiliary loss",
        "moe_aux_loss_coef は効果がありません: {architecture} のルーターに補助損失はありません",
        "moe_aux_loss_coef 无效：{architecture} 的路由没有辅助损失";
    mixes_as_in_evaluation(router):
        "experts are chosen as the model does it in evaluation: the noise that {router} draws in training is not drawn",
        "エキスパートは評価時と同じように選ばれます。{router} が学習時に引くノイズは使いません",
        "专家按评估时的方式选择：不抽取 {router} 训练时的噪声";
    computes_in_f32(asked):
        "{asked}: computing in f32 on this device; weights stay in the type they are stored in",
        "{asked}: このデバイスでは f32 で計算します。重みは保存された型のままです",
        "{asked}：在此设备上以 f32 计算，权重保持存储时的类型";
    overflowed(step, scale):
        "step {step}: gradients were too large for float16, so nothing was updated; the loss scale is {scale} now (a few of these are usual as fp16 begins)",
        "ステップ {step}: 勾配が float16 に収まらないため更新しませんでした。loss scale は {scale} になります（fp16 の開始時に数回起きるのは普通です）",
        "第 {step} 步：梯度超出 float16 的范围，未做更新；loss scale 现为 {scale}（fp16 刚开始时出现几次属正常）";
    diverged(step):
        "diverged at step {step}: the loss or its gradient is no longer a finite number; lower learning_rate, or raise warmup_ratio",
        "ステップ {step} で発散しました: loss か勾配が有限の数でなくなりました。learning_rate を下げるか、warmup_ratio を上げてください",
        "在第 {step} 步发散：loss 或梯度不再是有限数；请降低 learning_rate 或提高 warmup_ratio";
    killed(signal, last, checkpoint):
        "the worker was killed (signal {signal}): most likely the machine ran out of memory; a smaller batch or cutoff_len needs less{last:; it said last: #}{checkpoint: (it can be resumed from #)}",
        "ワーカーが強制終了されました（シグナル {signal}）。メモリ不足が最も考えられます。バッチか cutoff_len を小さくしてください{last:。最後の出力: #}{checkpoint:（# から再開できます）}",
        "工作进程被强制终止（信号 {signal}），很可能是内存不足；请减小批大小或 cutoff_len{last:；最后的输出：#}{checkpoint:（可从 # 继续）}";
    out_of_memory(signal, last, checkpoint):
        "the worker got no more memory (signal {signal}); a smaller batch or cutoff_len needs less{last:; it said last: #}{checkpoint: (it can be resumed from #)}",
        "ワーカーがメモリを確保できませんでした（シグナル {signal}）。バッチか cutoff_len を小さくしてください{last:。最後の出力: #}{checkpoint:（# から再開できます）}",
        "工作进程无法再分配内存（信号 {signal}）；请减小批大小或 cutoff_len{last:；最后的输出：#}{checkpoint:（可从 # 继续）}";
    told_to_end(signal, last, checkpoint):
        "the worker was told to end from outside (signal {signal}){last:; it said last: #}{checkpoint: (it can be resumed from #)}",
        "ワーカーは外部から終了を指示されました（シグナル {signal}）{last:。最後の出力: #}{checkpoint:（# から再開できます）}",
        "工作进程被外部要求结束（信号 {signal}）{last:；最后的输出：#}{checkpoint:（可从 # 继续）}";
    crashed(signal, last, checkpoint):
        "the worker crashed (signal {signal}){last:; it said last: #}{checkpoint: (it can be resumed from #)}",
        "ワーカーが異常終了しました（シグナル {signal}）{last:。最後の出力: #}{checkpoint:（# から再開できます）}",
        "工作进程崩溃（信号 {signal}）{last:；最后的输出：#}{checkpoint:（可从 # 继续）}";
    exited(exit, last, checkpoint):
        "the worker ended with exit code {exit}{last:; it said last: #}{checkpoint: (it can be resumed from #)}",
        "ワーカーが終了コード {exit} で終わりました{last:。最後の出力: #}{checkpoint:（# から再開できます）}",
        "工作进程以退出码 {exit} 结束{last:；最后的输出：#}{checkpoint:（可从 # 继续）}";
    gone(signal, last, checkpoint):
        "the worker is gone without a word: killed, out of memory, or the machine was restarted{signal:}{last:; it said last: #}{checkpoint: (it can be resumed from #)}",
        "ワーカーが何も残さず消えました。強制終了、メモリ不足、またはマシンの再起動が考えられます{signal:}{last:。最後の出力: #}{checkpoint:（# から再開できます）}",
        "工作进程未留下任何信息便已消失：被终止、内存不足或机器重启{signal:}{last:；最后的输出：#}{checkpoint:（可从 # 继续）}";
    not_started(program, why):
        "the worker {program} could not be started: {why}",
        "ワーカー {program} を起動できませんでした: {why}",
        "无法启动工作进程 {program}：{why}";
    events_unreadable(path, why):
        "{path} can't be read: {why}",
        "{path} を読み取れません: {why}",
        "无法读取 {path}：{why}";
    directory_gone(directory):
        "{directory} was removed while the run went; its worker was ended",
        "実行中に {directory} が削除されたため、ワーカーを終了しました",
        "运行中 {directory} 被删除，已结束其工作进程";
    never_began():
        "it was taken out of the queue before it began",
        "始まる前に待機列から外されました",
        "开始之前已移出队列";
    left_the_queue():
        "it was taken out of the queue before it went on",
        "再開する前に待機列から外されました",
        "继续之前已移出队列";
    elsewhere_going():
        "its worker runs on another machine: it can be followed here, and stopped there",
        "ワーカーは別のマシンで動いています。ここでは経過を見られますが、停止はそのマシンで行ってください",
        "工作进程在另一台机器上运行：可在此查看，但需在那台机器上停止";
    elsewhere_silent(file):
        "its worker was started on another machine and nothing is heard of it: whether it still runs is for that machine to say; once you know that it does not, remove {file}, and the run can be resumed here",
        "ワーカーは別のマシンで起動され、応答がありません。まだ動いているかはそのマシンで確認してください。終わっていると確認できたら {file} を削除すると、ここで再開できます",
        "工作进程在另一台机器上启动，目前没有消息，是否仍在运行需在那台机器上确认；确认已结束后删除 {file}，即可在此继续";
    newer_protocol(theirs, ours):
        "its worker is of a newer Corral (version {theirs} of the run directory; this one reads {ours}): what is shown may lack what is new",
        "ワーカーはより新しい Corral のものです（実行フォルダーのバージョン {theirs}、こちらは {ours}）。新しい項目は表示されないことがあります",
        "工作进程来自更新的 Corral（运行目录版本 {theirs}，本程序为 {ours}），新内容可能无法显示";
    ends_early(step, total, stale, metric):
        "training ends at step {step} of {total}: {stale} evaluations in a row without a better {metric} (early_stopping_steps)",
        "{total} ステップ中 {step} で学習を終えます。{metric} が {stale} 回続けて改善しませんでした（early_stopping_steps）",
        "训练在第 {step} 步（共 {total} 步）结束：{metric} 连续 {stale} 次评估没有改善（early_stopping_steps）";
    idle_key(): "what is trained, and how, has no use for it", "この学習の対象と方法では使われません", "当前的训练对象和方法用不到它";
}
