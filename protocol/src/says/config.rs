//! What is wrong with a run config: values, keys, how it is written.

super::sentences! {
    CONFIG
    must_be_set(): "must be set", "必須です", "必填";
    name_dataset():
        "name a data set of dataset_info.json, or a file",
        "dataset_info.json のデータセット名か、ファイルを指定してください",
        "请指定 dataset_info.json 中的数据集，或一个文件";
    not_one_of(value, choices): "`{value}` is not one of {choices}", "`{value}` は {choices} のいずれでもありません", "`{value}` 不是 {choices} 之一";
    no_such_template(value, choices):
        "`{value}` is not one of {choices}; leave it out to use the model's own",
        "`{value}` は {choices} のいずれでもありません。モデル自身のものを使うには外してください",
        "`{value}` 不是 {choices} 之一；省略则使用模型自带的模板";
    template_too_long(bytes, most):
        "the template has {bytes} bytes, more than {most}: put it into a file, shorter, or leave it out to use the model's own",
        "テンプレートが {bytes} バイトあり、上限 {most} を超えています。短くするか、外してモデル付属のものを使ってください",
        "模板有 {bytes} 字节，超过上限 {most}；请缩短，或省略以使用模型自带的模板";
    no_end_of_reply(template):
        "`{template}` writes no end of a reply, so what stands behind one is trained on as its end, and prompts can't be trained on; choose another template, or leave train_on_prompt out",
        "`{template}` は応答の終わりを書かず、その後に続くものを終わりとして学習するため、プロンプトは学習できません。別のテンプレートを選ぶか、train_on_prompt を外してください",
        "`{template}` 不写回复的结束标记，而把其后的内容当作结束来训练，因此不能训练提示；请换一个模板，或去掉 train_on_prompt";
    scores_no_replies():
        "stage: a reward model gives scores, not replies; `corral evaluate` shows them",
        "stage: 報酬モデルが出すのは応答ではなくスコアです。`corral evaluate` で見られます",
        "stage：奖励模型给出的是分数而不是回复；可用 `corral evaluate` 查看";
    key_must(key, must, value): "{key} {must}, not {value}", "{key}: {must}（{value} は使えません）", "{key}：{must}（当前为 {value}）";
    above_zero_to_one(): "must lie above 0 and be at most 1", "0 より大きく 1 以下にしてください", "须大于 0 且不超过 1";
    no_such_tool_format(value, choices):
        "`{value}` is not one of {choices}; leave it out to write tools as the template does",
        "`{value}` は {choices} のいずれでもありません。外すとテンプレートの書き方に従います",
        "`{value}` 不是 {choices} 之一；省略则按模板的写法";
    at_least(least): "must be at least {least}", "{least} 以上にしてください", "不能小于 {least}";
    above_zero(): "must be above 0", "0 より大きくしてください", "必须大于 0";
    between(least, most): "must lie between {least} and {most}", "{least} から {most} の間にしてください", "须在 {least} 与 {most} 之间";
    too_large(most): "is too large: at most {most}", "大きすぎます。{most} 以下にしてください", "过大：不能超过 {most}";
    takes(what, value): "takes {what}, not {value}", "{what}を指定してください（{value} は使えません）", "应为{what}，而不是 {value}";
    a_text(): "a text", "テキスト", "文本";
    a_map_or_json(): "a map, or a text of JSON", "マップか JSON のテキスト", "映射或 JSON 文本";
    true_or_false(): "true or false", "true か false ", " true 或 false";
    true_false_or_null(): "true, false or null", "true か false か null ", " true、false 或 null";
    a_count(): "a whole number, 0 or more", "0 以上の整数", "不小于 0 的整数";
    a_smaller_count():
        "a whole number up to 9,000,000,000,000,000 (beyond it a browser has none exactly)",
        "9,000,000,000,000,000 以下の整数（それより大きいとブラウザーが正確に扱えません）",
        "不大于 9,000,000,000,000,000 的整数（更大的数浏览器无法精确表示）";
    a_count_without_zero():
        "a whole number without a zero in front (YAML readers differ on it)",
        "先頭に 0 のない整数（YAML の読み手により値が変わるため）",
        "不以 0 开头的整数（不同 YAML 读取器的解释不同）";
    a_number(): "a number", "数値", "数字";
    a_number_from_zero(): "a number, 0 or more", "0 以上の数値", "不小于 0 的数字";
    one_of(names): "one of {names}", "{names} のいずれか", " {names} 之一";
    no_such_key(near): "there is no such key{near:; did you mean #?}", "知らないキーです{near:。# のことですか？}", "没有这个键{near:；是否指 #？}";
    not_a_key(key): "`{key}` is not a key of a run config", "`{key}` は実行設定のキーではありません", "`{key}` 不是运行配置的键";
    same_as(other): "says the same as {other}: keep one of them", "{other} と同じ意味のキーです。どちらか一方にしてください", "与 {other} 含义相同，请只保留一个";
    twice_on_lines(a, b):
        "stands twice, on lines {a} and {b}: keep one of them",
        "{a} 行目と {b} 行目に重複しています。どちらか一方にしてください",
        "在第 {a} 行和第 {b} 行重复出现，请只保留一处";
    twice_on_line(a): "stands twice on line {a}: keep one of them", "{a} 行目に二度あります。一つにしてください", "在第 {a} 行出现两次，请只保留一处";
    stands_twice(): "stands twice: keep one of them", "二度あります。一つにしてください", "出现两次，请只保留一处";
    file_too_large(): "the file is over 1 MiB: this is not a run config", "ファイルが 1 MiB を超えています。実行設定ではありません", "文件超过 1 MiB，不是运行配置";
    not_a_map():
        "a run config is a list of `key: value` lines",
        "実行設定は `key: value` の行の並びです",
        "运行配置应由 `key: value` 行组成";
    not_yaml(why): "not readable as YAML: {why}", "YAML として読めません: {why}", "无法按 YAML 读取：{why}";
    second_document():
        "a second document stands behind `---`: keep one run config in a file",
        "`---` の後に二つ目の文書があります。実行設定は一つのファイルに一つだけ書いてください",
        "`---` 之后还有第二个文档：一个文件只放一份运行配置";
    no_value(key):
        "`{key}=` has no value: give one, or write {key}=null for the default",
        "`{key}=` に値がありません。値を書くか、既定値にするなら {key}=null と書いてください",
        "`{key}=` 没有值：请给出值，或写 {key}=null 以使用默认值";
    not_key_value(word):
        "`{word}` is not of the form key=value or --key value",
        "`{word}` は key=value や --key value の形ではありません",
        "`{word}` 不是 key=value 或 --key value 的形式";
    other_command(verb):
        "`{verb}` is another command: keys are read from one that trains",
        "`{verb}` は学習のコマンドではありません。train のコマンドから読みます",
        "`{verb}` 不是训练命令，请粘贴 train 命令";
    names_file(file):
        "the command names the file {file}: paste what stands in it",
        "このコマンドはファイル {file} を指しています。その中身を貼り付けてください",
        "该命令引用了文件 {file}，请粘贴其内容";
    no_json_map(text): "holds no map of JSON: {text}", "JSON のマップではありません: {text}", "不是 JSON 映射：{text}";
    no_home(path):
        "{path} is not known to be a folder: write it out from /",
        "{path} は解決できません。/ から始まるパスで書いてください",
        "无法解析 {path}，请写成以 / 开头的完整路径";
    a_whole_number(): "takes a whole number", "整数を指定してください", "应为整数";
    whole_steps():
        "takes a whole number of steps, or a share of them below 1",
        "ステップ数（整数）か、1 未満の割合を指定してください",
        "应为整数步数，或小于 1 的比例";
    share_or_rows():
        "below 1 it is a share; above, a whole number of rows",
        "1 未満は割合、1 以上は行数（整数）です",
        "小于 1 表示比例，大于 1 须为整数行数";
    exclude_each_other(a, b): "{a} and {b} exclude each other", "{a} と {b} は同時に使えません", "{a} 与 {b} 不能同时使用";
    evaluation_needs_rows():
        "evaluation needs rows: set val_size or eval_dataset",
        "評価には行が必要です。val_size か eval_dataset を設定してください",
        "评估需要数据：请设置 val_size 或 eval_dataset";
    own_order_and_length():
        "rows can't stand in their own order and by length: leave out one of the two",
        "行を元の順のままと長さ順に同時に並べることはできません。どちらかを外してください",
        "数据不能既按原顺序又按长度排列，请去掉其中之一";
    nothing_to_do():
        "do_train: false leaves nothing to do but with do_predict: true; `corral evaluate` evaluates",
        "do_train: false では do_predict: true がない限り何もすることがありません。評価は `corral evaluate` で行います",
        "do_train: false 时除非 do_predict: true，否则无事可做；评估请用 `corral evaluate`";
    predicts_replies():
        "predicting writes replies: set predict_with_generate: true",
        "予測では返答を書かせます。predict_with_generate: true を設定してください",
        "预测会生成回复：请设置 predict_with_generate: true";
    generates_when_predicting():
        "replies are written by do_predict: true, not in evaluations during training",
        "返答が書かれるのは do_predict: true のときで、学習中の評価では書かれません",
        "只有 do_predict: true 时才生成回复，训练中的评估不生成";
    predicts_after_sft():
        "replies are predicted at stage sft; other models may be judged by it too, with stage: sft and no do_train",
        "返答の予測はステージ sft で行います。他のモデルも stage: sft とし、do_train なしで評価できます",
        "回复预测在 sft 阶段进行；其他模型也可用 stage: sft 且不设 do_train 来评估";
    predicts_held_rows():
        "predicting needs rows that are read before: not with streaming",
        "予測には先に読み込まれた行が必要なので、streaming とは使えません",
        "预测需要事先读入的数据，不能与 streaming 同用";
    predicts_texts():
        "predicting reads the data sets' texts, which tokens that are kept no longer have: predict in a run of its own, without tokenized_path",
        "予測はデータセットの文章を読みますが、保存済みのトークンには文章がありません。tokenized_path なしの別の実行で予測してください",
        "预测要读取数据集的文本，而已保存的 token 中没有文本：请在另一个不设 tokenized_path 的运行中预测";
    predicts_unpacked():
        "with packing, val_size holds out blocks of several rows, so most rows predicted would be ones trained on: set eval_dataset instead of val_size",
        "packing では val_size が取り分けるのは複数行をまとめたブロックなので、予測する行の多くが学習済みになります。val_size の代わりに eval_dataset を設定してください",
        "使用 packing 时，val_size 留出的是多行合成的块，因此预测的行大多是训练过的：请设置 eval_dataset 来代替 val_size";
    predicts_by_last():
        "after training the last step's model predicts, not the best one: predict in a run of its own, by its checkpoint-best",
        "学習後に予測するのは最良のモデルではなく最後のステップのモデルです。checkpoint-best を使い、別の実行で予測してください",
        "训练后进行预测的是最后一步的模型，而不是最佳模型：请用其 checkpoint-best 在另一个运行中预测";
    predicts_other_rows():
        "some rows suit only one of training and predicting, so what val_size holds out differs between them: what was trained is saved; predict with an eval_dataset in a run of its own",
        "学習と予測の一方にしか使えない行があり、val_size で取り分ける行が両者で異なります。学習結果は保存されています。eval_dataset を指定した別の実行で予測してください",
        "有些行只适用于训练或预测之一，因此 val_size 留出的行在两者之间不同。训练结果已保存；请在另一个运行中用 eval_dataset 预测";
    router_loss_stage():
        "the router's auxiliary loss is part of stages pt, sft, dpo and kto only",
        "ルーターの補助損失があるのはステージ pt、sft、dpo、kto だけです",
        "路由器的辅助损失只用于 pt、sft、dpo 和 kto 阶段";
    adapter_needs_weights():
        "an adapter needs the weights it was trained on: not with train_from_scratch",
        "アダプターには学習元の重みが必要なので、train_from_scratch とは使えません",
        "适配器需要训练它时的权重，不能与 train_from_scratch 同用";
    scratch_needs_full():
        "random weights need finetuning_type: full",
        "ランダムな重みから始めるには finetuning_type: full が必要です",
        "随机权重需要 finetuning_type: full";
    by_evaluations():
        "goes by evaluations: set eval_strategy to steps or epoch",
        "評価に基づくので、eval_strategy を steps か epoch にしてください",
        "依据评估结果：请把 eval_strategy 设为 steps 或 epoch";
    plateau_by_evaluations():
        "reduce_lr_on_plateau goes by the evaluation loss: set eval_strategy to steps or epoch",
        "reduce_lr_on_plateau は評価の損失に基づきます。eval_strategy を steps か epoch にしてください",
        "reduce_lr_on_plateau 依据评估损失：请把 eval_strategy 设为 steps 或 epoch";
    knob_takes(name, what, value): "{name} takes {what}, not {value}", "{name} には{what}を指定してください（{value} は使えません）", "{name} 应为{what}，而不是 {value}";
    takes_a_map(example): "takes a map, as {example}", "マップを指定してください。例: {example}", "应为映射，例如 {example}";
    no_such_knob(owner, name, names):
        "{owner} has no `{name}`: it takes {names}",
        "{owner} に `{name}` はありません。使えるキーは {names} です",
        "{owner} 没有 `{name}`；可用的键是 {names}";
    no_knobs(owner, name):
        "{owner} has no `{name}`: it takes nothing here",
        "{owner} に `{name}` はありません。ここでは何も受け取りません",
        "{owner} 没有 `{name}`；它在此不接受任何键";
    lr_end_below(end, rate):
        "lr_end {end} must lie below the learning rate {rate}",
        "lr_end {end} は学習率 {rate} より小さくしてください",
        "lr_end {end} 必须小于学习率 {rate}";
    one_floor():
        "give one of min_lr (a learning rate) and min_lr_rate (a share of it)",
        "min_lr（学習率）と min_lr_rate（その割合）のどちらか一方を指定してください",
        "请在 min_lr（学习率）和 min_lr_rate（其比例）中给出一个";
    factor_below_one(): "factor must lie below 1", "factor は 1 未満にしてください", "factor 必须小于 1";
    and_also(first, second): "{first}; {second}", "{first}。{second}", "{first}；{second}";
    no_list_of_keys(why): "not a list of `key: value` lines{why:: #}", "`key: value` の行の並びではありません{why:: #}", "不是 `key: value` 行的列表{why:：#}";
    own_backend(backend):
        "infer_backend: {backend} changes nothing: replies are Corral's own engine's",
        "infer_backend: {backend} は効果がありません。応答は Corral 独自のエンジンが書きます",
        "infer_backend: {backend} 无效：回复由 Corral 自己的引擎生成";
    config_of_training(made):
        "this is a config of training: what it made lies in its output_dir; name that instead ({made})",
        "これは学習の設定です。その結果は output_dir にあるので、そちらを指定してください（{made}）",
        "这是训练配置；其结果在 output_dir 中，请改为指定它（{made}）";
    write_max_new_tokens():
        "write max_new_tokens: how many tokens a reply has at most",
        "max_new_tokens と書いてください。応答の最大トークン数です",
        "请写 max_new_tokens：回复的最大 token 数";
    no_such_export(key):
        "{key}: not there; a merged folder is plain safetensors on this machine, and quantized weights are `--format gguf` with `--dtype`",
        "{key}: ありません。マージの結果はこのマシンの通常の safetensors で、量子化した重みは `--format gguf` と `--dtype` で書きます",
        "{key}：没有此项；合并结果是本机上的普通 safetensors，量化权重请用 `--format gguf` 和 `--dtype`";
    key_of_training(key, keys):
        "{key}: a key of training, not of this; here there are {keys}",
        "{key}: 学習のキーで、ここでは使えません。使えるのは {keys} です",
        "{key}：这是训练的键，此处不可用；可用的是 {keys}";
}
