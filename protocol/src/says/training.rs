//! A run as it is set up, resumed and told; checkpoints; the commands of a terminal.

super::sentences! {
    TRAINING
    internal_error(why): "internal error: {why}", "内部エラー: {why}", "内部错误：{why}";
    trained_before():
        "was trained into before: set resume_from_checkpoint: true to go on, overwrite_output_dir: true to begin anew, or another output_dir",
        "以前の学習の結果があります。続けるなら resume_from_checkpoint: true、やり直すなら overwrite_output_dir: true、または別の output_dir にしてください",
        "之前已有训练结果：继续请设 resume_from_checkpoint: true，重新开始请设 overwrite_output_dir: true，或换一个 output_dir";
    predicts_elsewhere():
        "holds a trained run, which a prediction alone would write over: name another output_dir",
        "学習済みの実行があります。予測だけを行うと上書きされるので、別の output_dir を指定してください",
        "含有已训练的运行，单独预测会覆盖它：请换一个 output_dir";
    not_empty(name):
        "is not empty (it holds {name}): set overwrite_output_dir: true, or another output_dir",
        "空ではありません（{name} があります）。overwrite_output_dir: true にするか、別の output_dir にしてください",
        "不是空的（含有 {name}）：请设 overwrite_output_dir: true，或换一个 output_dir";
    no_resumable():
        "this is no resumable checkpoint: there is no state.json (save_only_model leaves it out)",
        "再開できるチェックポイントではありません。state.json がありません（save_only_model では書きません）",
        "这不是可恢复的检查点：没有 state.json（save_only_model 不会写它）";
    other_checkpoint_version(theirs, ours):
        "version {theirs} of checkpoints; this program reads version {ours}",
        "チェックポイントのバージョンは {theirs} ですが、このプログラムが読めるのは {ours} です",
        "检查点版本为 {theirs}，本程序读取版本 {ours}";
    other_rows():
        "was made with other training rows, another order or another batch size: resume with the config it was made with, or start a new run from its weights",
        "別の学習データ、順序、バッチサイズで作られたものです。そのときの設定で再開するか、その重みから新しい実行を始めてください",
        "它是用其他训练数据、顺序或批大小生成的：请用当时的配置恢复，或以其权重开始新的运行";
    made_with_other_config(changes):
        "was made with another config, whose state fits nothing here ({changes}): resume with the config it was made with, or start a new run from its weights",
        "別の設定で作られたため、保存された状態をここで使えません（{changes}）。そのときの設定で再開するか、その重みから新しい実行を始めてください",
        "它是用其他配置生成的，其状态在此无法使用（{changes}）：请用当时的配置恢复，或以其权重开始新的运行";
    goes_on_otherwise(changes):
        "goes on with other settings than the checkpoint was made with: {changes}",
        "チェックポイントを作ったときとは違う設定で続けます: {changes}",
        "将以不同于生成该检查点时的设置继续：{changes}";
    no_checkpoint_folder(path):
        "resume_from_checkpoint: {path} is no folder; name one checkpoint, or `true` for the newest",
        "resume_from_checkpoint: {path} はフォルダーではありません。チェックポイントを一つ指定するか、最新なら `true` としてください",
        "resume_from_checkpoint：{path} 不是文件夹；请指定一个检查点，或用 `true` 表示最新的";
    no_such_metric(metric, names):
        "metric_for_best_model: there is no {metric} here; evaluations tell {names}",
        "metric_for_best_model: ここに {metric} はありません。評価で得られるのは {names} です",
        "metric_for_best_model：这里没有 {metric}；评估给出的是 {names}";
    unknown_token_in_data(vocab, id, token):
        "the model knows {vocab} tokens, but the data holds id {id} ({token}): choose a template whose special tokens the model has, or the tokenizer that belongs to it",
        "モデルのトークンは {vocab} 個ですが、データに ID {id}（{token}）があります。モデルにある特殊トークンを使うテンプレートか、モデルのトークナイザーを選んでください",
        "模型有 {vocab} 个 token，而数据中出现 id {id}（{token}）：请选择其特殊 token 为模型所有的模板，或该模型自己的分词器";
    no_reward_model(file):
        "is no reward model: there is no {file} (`stage: rm` makes one)",
        "報酬モデルではありません。{file} がありません（`stage: rm` で作れます）",
        "不是奖励模型：没有 {file}（`stage: rm` 可生成）";
    no_saved_tensor(name): "the saved state has no tensor `{name}`", "保存された状態にテンソル `{name}` がありません", "保存的状态中没有张量 `{name}`";
    saved_shape(name, saved, here):
        "`{name}` has shape {saved} in the saved state, {here} in this run: was it saved by a run of another shape?",
        "`{name}` の形は保存された状態では {saved}、この実行では {here} です。別の設定の実行で保存したものではありませんか？",
        "`{name}` 在保存的状态中形状为 {saved}，在本次运行中为 {here}：它是否由另一种配置的运行保存？";
    no_blocks_for_badam():
        "use_badam: the model has no decoder blocks to take turns",
        "use_badam: 交代で学習するデコーダーブロックがモデルにありません",
        "use_badam：模型没有可轮流训练的解码器块";
    badam_start(start, count):
        "badam_start_block: {start} is past the last of {count} blocks, counted from 0",
        "badam_start_block: {start} は {count} 個のブロックの範囲外です（0 から数えます）",
        "badam_start_block：{start} 超出 {count} 个块的范围（从 0 计数）";
    asked_to_stop(): "asked to stop", "停止を求められました", "收到停止请求";
    nothing_to_predict():
        "there is nothing to compare written replies with: a reward model writes none, and plain texts expect none",
        "書かせた返答と比べるものがありません。報酬モデルは返答を書かず、ただのテキストには正解の返答がありません",
        "没有可与生成回复比较的内容：奖励模型不生成回复，纯文本也没有参考回复";
    stopped_unwritten(): "asked to stop; nothing was written", "停止を求められました。何も書いていません", "收到停止请求；没有写入任何内容";
    not_finite_score(name, value):
        "{name} is {value}, not a finite number: the model's weights, or an adapter's, are damaged or too large; take another copy, or an earlier checkpoint",
        "{name} が {value} で、有限の数ではありません。モデルかアダプターの重みが壊れているか大きすぎます。別のコピーか、前のチェックポイントを使ってください",
        "{name} 为 {value}，不是有限数：模型或适配器的权重已损坏或过大；请换一份拷贝，或用更早的检查点";
    no_legacy_format():
        "export_legacy_format writes pickle files, which Corral does not; set it to false",
        "export_legacy_format は pickle ファイルを書くためのもので、Corral では使えません。false にしてください",
        "export_legacy_format 会写 pickle 文件，Corral 不支持，请设为 false";
    name_out_folder():
        "--out (or export_dir) names the folder to write",
        "書き出すフォルダーを --out（または export_dir）で指定してください",
        "请用 --out（或 export_dir）指定要写入的文件夹";
    export_dtype_of_gguf(dtype):
        "--dtype {dtype} is of `--format gguf`; a merged folder takes f32, f16 or bf16",
        "--dtype {dtype} は `--format gguf` のときに使います。マージしたフォルダーでは f32、f16、bf16 です",
        "--dtype {dtype} 用于 `--format gguf`；合并文件夹可用 f32、f16 或 bf16";
    export_name_not_plain(name):
        "--name `{name}` is no plain name of a file: it takes letters, digits, `.`, `_` and `-`, and begins with none of `.` and `-`",
        "--name `{name}` はファイル名に使えません。文字、数字、`.`、`_`、`-` だけを使い、`.` と `-` では始めないでください",
        "--name `{name}` 不能用作文件名：只能含字母、数字、`.`、`_` 和 `-`，且不能以 `.` 或 `-` 开头";
    modelfile_without(what):
        "a Modelfile over the base would be another model, for Ollama does not apply this one's {what}: export it as `--format gguf` or `--format merged`",
        "このモデルの {what} は Ollama では適用されず、元モデルへの Modelfile は別のモデルになります。`--format gguf` か `--format merged` でエクスポートしてください",
        "Ollama 不会应用此模型的 {what}，基于基座的 Modelfile 会成为另一个模型：请用 `--format gguf` 或 `--format merged` 导出";
    modelfile_of_reward_model():
        "this is a reward model, and Ollama has no place for its value head: export it as `--format merged`",
        "報酬モデルです。Ollama にはバリューヘッドを置く場所がないため、`--format merged` でエクスポートしてください",
        "这是奖励模型，而 Ollama 没有价值头的位置：请用 `--format merged` 导出";
    export_dtype_idle():
        "--dtype changes nothing here: an adapter stays as it was trained, and a Modelfile holds no weights; leave it out",
        "--dtype はここでは何も変えません。アダプターは学習したまま、Modelfile に重みはないので、外してください",
        "--dtype 在此没有作用：适配器保持原样，Modelfile 不含权重；请去掉它";
    export_size_idle():
        "--size changes nothing here: only a merged folder has its weights in several files; leave it out",
        "--size はここでは何も変えません。重みが複数のファイルになるのはマージしたフォルダーだけなので、外してください",
        "--size 在此没有作用：只有合并后的文件夹才会把权重分成多个文件，请去掉";
    export_size_unused():
        "export_size is not used: only a merged folder has its weights in several files",
        "export_size は使われません。重みが複数のファイルになるのはマージしたフォルダーだけです",
        "未使用 export_size：只有合并后的文件夹才会把权重分成多个文件";
    export_without_value_head():
        "the value head that PPO trained is not in it: it is of use for going on with training alone",
        "PPO が学習した価値ヘッドは含まれません。学習を続けるときにだけ使うものです",
        "其中不含 PPO 训练的价值头：它只用于继续训练";
    merged_into_stored(bits):
        "the adapter was trained on weights packed to {bits} bits, and is put into those of the folder as they are stored, as LLaMA-Factory does: what the model writes may differ a little",
        "アダプターは {bits} ビットに量子化した重みの上で学習されましたが、LLaMA-Factory と同じく、フォルダーに保存されたままの重みに統合します。出力がわずかに変わることがあります",
        "适配器是在量化为 {bits} 位的权重上训练的，但与 LLaMA-Factory 一样，会并入文件夹中按原样存储的权重：模型的输出可能略有不同";
    gguf_other_types(format, types):
        "rows of some tensors are no whole number of {format}'s blocks: they are stored in other types ({types}), as llama.cpp does, and the file is larger",
        "一部のテンソルは行の長さが {format} のブロックの整数倍でないため、llama.cpp と同じく別の型で保存し（{types}）、ファイルは大きくなります",
        "部分张量的行长不是 {format} 块的整数倍，因此与 llama.cpp 一样以其他类型存储（{types}），文件会更大";
    export_without_adapter(model):
        "{model} has no adapter: export it as `--format merged` or `--format gguf`",
        "{model} にアダプターはありません。`--format merged` か `--format gguf` でエクスポートしてください",
        "{model} 没有适配器：请用 `--format merged` 或 `--format gguf` 导出";
    export_of_adapters(count):
        "the model is a base with {count} adapters, one on the other: merge them with `corral merge`, or export it as `--format merged`",
        "元モデルに {count} 個のアダプターが重なっています。`corral merge` で一つにするか、`--format merged` でエクスポートしてください",
        "该模型是叠加了 {count} 个适配器的基座：请用 `corral merge` 合并它们，或用 `--format merged` 导出";
    merged_is_plain(formats):
        "the base is quantized ({formats}): its weights are dequantized, and the merged folder is a plain one",
        "元モデルが量子化されています（{formats}）。重みを復元し、マージしたフォルダーは量子化なしになります",
        "基座是量化的（{formats}）：其权重会被反量化，合并后的文件夹不再量化";
    weight_past_f16(name):
        "`{name}` has numbers past 65504, where f16 ends: take bf16 or f32",
        "`{name}` に f16 の上限 65504 を超える数があります。bf16 か f32 にしてください",
        "`{name}` 含有超过 f16 上限 65504 的数：请用 bf16 或 f32";
    size_above_zero(): "--size (or export_size) must be above 0", "--size（または export_size）は 0 より大きくしてください", "--size（或 export_size）必须大于 0";
    out_is_being_written():
        "is being written by another program: wait until it is done, or name another folder",
        "ほかのプログラムが書き込んでいます。終わるまで待つか、別のフォルダーを指定してください",
        "正由另一个程序写入：请等它结束，或指定另一个文件夹";
    out_not_empty():
        "is not empty, and no merge of Corral's made it; name another folder",
        "空でなく、Corral のマージで作られたものでもありません。別のフォルダーを指定してください",
        "不是空的，也不是由 Corral 合并生成的，请指定另一个文件夹";
    out_holds_others(name):
        "holds `{name}`, which would be lost; name another folder",
        "`{name}` があり、失われてしまいます。別のフォルダーを指定してください",
        "其中有 `{name}`，会因此丢失，请指定另一个文件夹";
    out_is_merged(path):
        "holds {path}, which is being merged; name another folder",
        "マージする {path} がここにあります。別のフォルダーを指定してください",
        "正要合并的 {path} 就在这里，请指定另一个文件夹";
    name_file_or_dataset(): "name a file or a data set", "ファイルかデータセットを指定してください", "请指定文件或数据集";
    name_model(): "name a model", "モデルを指定してください", "请指定模型";
    name_model_or_key(): "name a model, or set model_name_or_path", "モデルを指定するか、model_name_or_path を設定してください", "请指定模型，或设置 model_name_or_path";
    config_no_model(path):
        "{path} is a config, not a model: name the model_name_or_path, or output_dir, that it holds",
        "{path} は設定ファイルで、モデルではありません。その中の model_name_or_path か output_dir を指定してください",
        "{path} 是配置而不是模型：请指定其中的 model_name_or_path 或 output_dir";
    damaged_store():
        "not a store of reference log-probs; remove the file",
        "参照モデルの log-prob の保存ファイルではありません。このファイルを削除してください",
        "不是参考 log-prob 的存储文件，请删除它";
    cannot_be_run(path): "{path} can't be run:", "{path} は実行できません:", "{path} 无法运行：";
    in_error(why): "error: {why}", "エラー: {why}", "错误：{why}";
    run_failed(why): "failed: {why}", "失敗しました: {why}", "失败：{why}";
    in_note(what): "note: {what}", "注意: {what}", "注意：{what}";
    damaged_line(seq, why):
        "the line after event {seq} is damaged ({why}); restore the file, or train into another output_dir",
        "イベント {seq} の次の行が壊れています（{why}）。ファイルを元に戻すか、別の output_dir で学習してください",
        "事件 {seq} 之后的一行已损坏（{why}）；请恢复该文件，或换一个 output_dir 训练";
    another_worker():
        "another worker is training into this run directory; stop it first",
        "別のワーカーがこの実行フォルダーで学習中です。先に停止してください",
        "另一个工作进程正在向该运行目录训练，请先停止它";
    conversation_length(tokens, most):
        "the conversation has {tokens} tokens; the model takes from 1 to {most}: shorten it",
        "会話は {tokens} トークンですが、モデルが受け取れるのは 1 から {most} です。短くしてください",
        "对话有 {tokens} 个 token，模型可接受 1 到 {most} 个，请缩短";
    no_token_for_bias(id, vocab):
        "logit_bias: there is no token {id}; the model has {vocab}",
        "logit_bias: トークン {id} はありません。モデルのトークンは {vocab} 個です",
        "logit_bias：没有 token {id}；模型有 {vocab} 个";
    logits_not_finite():
        "the model's logits are not finite numbers: its weights, or an adapter's, are damaged or too large; take another copy, or an earlier checkpoint",
        "モデルの logits が有限の数ではありません。モデルかアダプターの重みが壊れているか大きすぎます。別のコピーか、前のチェックポイントを使ってください",
        "模型的 logits 不是有限数：模型或适配器的权重已损坏或过大；请换一份拷贝，或用更早的检查点";
    nothing_counts():
        "a batch without a single token whose log-probability counts: check the labels and the cut-off",
        "log-prob を数えるトークンが一つもないバッチがあります。ラベルと cutoff_len を確かめてください",
        "有一个批次没有任何计入 log-prob 的 token：请检查标签和 cutoff_len";
    no_tokenizer_json():
        "the tokenizer is missing: put the model's tokenizer.json, tokenizer.model, tekken.json, qwen.tiktoken, or vocab.json with merges.txt, beside the weights, in a folder of its own",
        "トークナイザーがありません。モデルの tokenizer.json・tokenizer.model・tekken.json・qwen.tiktoken、または vocab.json と merges.txt を、専用のフォルダーの重みの隣に置いてください",
        "缺少分词器：请把模型的 tokenizer.json、tokenizer.model、tekken.json、qwen.tiktoken，或 vocab.json 与 merges.txt，与权重放在单独的文件夹中";
}
