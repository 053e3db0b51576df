//! What a model's config and quantized files say that cannot be computed here.

super::sentences! {
    FOLDER
    no_json_object(why): "not a JSON object: {why}", "JSON のオブジェクトではありません: {why}", "不是 JSON 对象：{why}";
    unsupported(key, value, supported):
        "`{key}` is {value}; supported: {supported}",
        "`{key}` は {value} です。対応しているのは {supported} です",
        "`{key}` 为 {value}；支持 {supported}";
    unsupported_awq(value, supported):
        "AWQ's `version` is {value}; supported: {supported}",
        "AWQ の `version` は {value} です。対応しているのは {supported} です",
        "AWQ 的 `version` 为 {value}；支持 {supported}";
    must_be(key, value, what): "`{key}` is {value}; it must be {what}", "`{key}` は {value} ですが、{what}でなければなりません", "`{key}` 为 {value}；须为{what}";
    even(): "even", "偶数", "偶数";
    above_nothing(): "a number above 0", "0 より大きい数", "大于 0 的数";
    at_most_one(): "at most 1", "1 以下", "不大于 1";
    numbers_of(count): "a list of {count} numbers", "{count} 個の数のリスト", "{count} 个数的列表";
    above_nothing_or_all(): "above 0, or -1", "0 より大きい数か -1 ", "大于 0 的数或 -1";
    a_divisor_of(experts, most): "a divisor of the {experts} experts and at most {most}", "{experts} 個のエキスパートの約数で {most} 以下の数", "{experts} 个专家的约数且不大于 {most}";
    groups_with_enough_experts(count): "at most the {count} groups, and enough that they hold the experts of a token", "{count} 個のグループ以下で、1 トークン分のエキスパートを含む数", "不大于 {count} 个组，且足以容纳一个词元的专家";
    one_number(): "one number for all layers", "全層で同じ数", "所有层相同的数";
    two_above_nothing(): "two numbers above 0", "0 より大きい数二つ", "两个大于 0 的数";
    a_list_of_counts(): "a list of whole numbers", "整数のリスト", "整数列表";
    from_one_to(most): "a whole number from 1 to {most}", "1 から {most} の整数", "1 到 {most} 的整数";
    key_is_missing(key): "`{key}` is missing", "`{key}` がありません", "缺少 `{key}`";
    key_lacks(key, name): "`{key}` has no `{name}`", "`{key}` に `{name}` がありません", "`{key}` 中没有 `{name}`";
    heads_do_not_divide(heads, kv):
        "{heads} attention heads do not divide into {kv} key-value heads",
        "attention のヘッド {heads} 個は、key-value のヘッド {kv} 個で割り切れません",
        "{heads} 个 attention 头不能被 {kv} 个 key-value 头整除";
    other_architecture(found, supported):
        "`architectures` names {found}; supported: {supported}",
        "`architectures` は {found} です。対応しているのは {supported} です",
        "`architectures` 为 {found}；支持 {supported}";
    family_left_out(architecture, why):
        "{architecture} is not trained here: {why}",
        "{architecture} には対応していません。{why}",
        "不支持 {architecture}：{why}";
    yuan_left_out():
        "its attention filters queries and keys over time, which no other family does",
        "注意機構がクエリとキーを時間方向にろ過する、他にない構造のためです",
        "其注意力在时间方向上过滤查询和键，其他系列都没有这种结构";
    phi_small_left_out():
        "its attention is block-sparse, which no other family's is",
        "注意機構がブロック疎で、他にない構造のためです",
        "其注意力为块稀疏，其他系列都没有这种结构";
    more_than_a_decoder(found):
        "`architectures` names {found}, a model that reads more than text; take the folder of the text model alone (its architecture ends with ForCausalLM)",
        "`architectures` の {found} は文章以外も読むモデルです。文章だけのモデル (architecture が ForCausalLM で終わるもの) のフォルダーを指定してください",
        "`architectures` 中的 {found} 是不只读取文本的模型；请使用纯文本模型（architecture 以 ForCausalLM 结尾）的文件夹";
    no_architecture(): "no architecture", "なし", "空";
    rope_scaling(kind, supported):
        "RoPE scaling `{kind}`; supported: {supported}",
        "RoPE のスケーリングが `{kind}` です。対応しているのは {supported} です",
        "RoPE 缩放为 `{kind}`；支持 {supported}";
    rope_not_scalable(family):
        "rope_scaling: the positions of {family} cannot be scaled (they are not rotary, or its modelling code scales none): leave the key out",
        "rope_scaling: {family} の位置はスケーリングできません（回転位置ではないか、モデルのコードにスケーリングがありません）。このキーを外してください",
        "rope_scaling：{family} 的位置不能缩放（不是旋转位置，或其建模代码没有缩放）：请去掉此键";
    rope_scaled_otherwise(family, asked, supported):
        "rope_scaling: the modelling code of {family} does not scale positions by `{asked}`; supported: {supported}",
        "rope_scaling: {family} のモデルのコードは `{asked}` のスケーリングに対応していません。対応しているのは {supported} です",
        "rope_scaling：{family} 的建模代码不支持 `{asked}` 缩放；支持 {supported}";
    layer_types_of(count, layers):
        "`layer_types` has {count} entries for {layers} layers",
        "`layer_types` は {count} 個ですが、層は {layers} 個です",
        "`layer_types` 有 {count} 项，而层数为 {layers}";
    layer_type(kind, supported): "layer type {kind}; supported: {supported}", "層の種類が {kind} です。対応しているのは {supported} です", "层类型为 {kind}；支持 {supported}";
    too_many_experts_chosen(chosen, experts, key):
        "`num_experts_per_tok` is {chosen}, more than the {experts} of `{key}`",
        "`num_experts_per_tok` が {chosen} で、`{key}` の {experts} より多くなっています",
        "`num_experts_per_tok` 为 {chosen}，超过 `{key}` 的 {experts}";
    more_than_any_model(key, size):
        "`{key}` is {size}, more than any model has: the file is broken",
        "`{key}` が {size} で、どのモデルよりも大きい値です。ファイルが壊れています",
        "`{key}` 为 {size}，超过任何模型：文件已损坏";
    header_cut_off(): "the header is cut off; download the file again", "ヘッダーが途中で切れています。ダウンロードし直してください", "文件头不完整，请重新下载";
    broken_header(count, what): "the header announces {count} {what}: the file is broken", "ヘッダーの {what} が {count} です。ファイルが壊れています", "文件头中的 {what} 为 {count}：文件已损坏";
    broken_header_text(length):
        "the header holds a text of {length} bytes: the file is broken",
        "ヘッダーに {length} バイトのテキストがあります。ファイルが壊れています",
        "文件头含有 {length} 字节的文本：文件已损坏";
    broken_header_list():
        "the header holds a list no model has: the file is broken",
        "ヘッダーにありえないリストがあります。ファイルが壊れています",
        "文件头含有不合理的列表：文件已损坏";
    header_value_type(kind):
        "the header holds a value of unknown type {kind}",
        "ヘッダーに未知の型 {kind} の値があります",
        "文件头含有未知类型 {kind} 的值";
    tensor_dimensions(name, rank): "`{name}` has {rank} dimensions", "`{name}` の次元が {rank} です", "`{name}` 有 {rank} 个维度";
    no_gguf(): "this is no GGUF file", "GGUF ファイルではありません", "这不是 GGUF 文件";
    gguf_version(version): "GGUF version {version}; supported: 2, 3", "GGUF のバージョンが {version} です。対応しているのは 2、3 です", "GGUF 版本为 {version}；支持 2、3";
    past_the_end():
        "a tensor lies past the end of the file; download it again",
        "テンソルがファイルの終わりを越えています。ダウンロードし直してください",
        "有张量超出文件末尾，请重新下载";
    gguf_architecture(name, supported):
        "the architecture is {name}; supported in GGUF: {supported}",
        "アーキテクチャが {name} です。GGUF で対応しているのは {supported} です",
        "架构为 {name}；GGUF 支持 {supported}";
    no_metadata(key):
        "the metadata has no `{key}`: the file is not whole; download it again, or convert the model anew",
        "メタデータに `{key}` がありません。ファイルが不完全です。ダウンロードし直すか、モデルを変換し直してください",
        "元数据中没有 `{key}`：文件不完整；请重新下载，或重新转换模型";
    gguf_key(key, value):
        "`{key}` is {value}, which asks for something that is not computed here",
        "`{key}` が {value} です。これが求める計算には対応していません",
        "`{key}` 为 {value}，其要求的计算不受支持";
    gguf_tensor(name, architecture):
        "the file has a tensor `{name}` that no {architecture} known here computes with",
        "ファイルにテンソル `{name}` がありますが、ここで扱える {architecture} はそれを使いません",
        "文件中有张量 `{name}`，此处已知的 {architecture} 都不使用它";
    no_biases_in_gguf():
        "queries, keys and values have biases and what attention gives has none, or the other way round: no Llama is such; put the model's config.json beside the file",
        "クエリ・キー・バリューとアテンションの出力の一方だけにバイアスがあります。そのような Llama はないので、モデルの config.json をファイルの隣に置いてください",
        "查询、键、值与注意力输出中只有一方带有偏置：没有这样的 Llama；请把模型的 config.json 放在该文件旁边";
    rope_table():
        "RoPE is scaled by a table (`rope_freqs`) and by a factor besides: put the model's config.json beside the file",
        "RoPE が表（`rope_freqs`）と係数の両方でスケーリングされています。モデルの config.json をファイルの隣に置いてください",
        "RoPE 同时按表（`rope_freqs`）和系数缩放：请把模型的 config.json 放在该文件旁边";
    gguf_rope_scaling(kind, supported):
        "RoPE scaling `{kind}` in GGUF; supported: {supported}",
        "GGUF の RoPE のスケーリングが `{kind}` です。対応しているのは {supported} です",
        "GGUF 的 RoPE 缩放为 `{kind}`；支持 {supported}";
    several_gguf(count, names):
        "there are {count} GGUF files here ({names}): name the one that is meant by its path, or keep one",
        "GGUF ファイルが {count} 個あります（{names}）。使うものをパスで指定するか、一つだけにしてください",
        "这里有 {count} 个 GGUF 文件（{names}）：请用路径指定要用的那个，或只保留一个";
    ggml_type(kind, supported):
        "is coded as ggml's type {kind}; supported: {supported}",
        "ggml の型 {kind} で符号化されています。対応しているのは {supported} です",
        "以 ggml 的类型 {kind} 编码；支持 {supported}";
    gguf_no_text(value): "`tokenizer.ggml.tokens` holds {value}, which is no text", "`tokenizer.ggml.tokens` にテキストでない値 {value} があります", "`tokenizer.ggml.tokens` 含有非文本值 {value}";
    gguf_no_pair(value): "`tokenizer.ggml.merges` holds {value}, which is no pair", "`tokenizer.ggml.merges` に組でない値 {value} があります", "`tokenizer.ggml.merges` 含有不成对的值 {value}";
    gguf_no_tokenizer():
        "the file holds no tokenizer: put the model's tokenizer.json beside it",
        "ファイルにトークナイザーがありません。モデルの tokenizer.json を隣に置いてください",
        "文件中没有分词器：请把模型的 tokenizer.json 放在它旁边";
    gguf_tokenizer_kind(kind):
        "its tokenizer is of the kind `{kind}`; `gpt2` and `llama` are built from a file: put the model's tokenizer.json beside it",
        "トークナイザーの種類が `{kind}` です。ファイルから作れるのは `gpt2` と `llama` なので、モデルの tokenizer.json を隣に置いてください",
        "其分词器类型为 `{kind}`；只有 `gpt2` 和 `llama` 能从文件构建：请把模型的 tokenizer.json 放在它旁边";
    gguf_unknown_parts(name):
        "its tokenizer parts text in the way `{name}`, which is not known here: put the model's tokenizer.json beside it",
        "トークナイザーのテキストの分け方 `{name}` は未対応です。モデルの tokenizer.json を隣に置いてください",
        "其分词器的切分方式 `{name}` 未知：请把模型的 tokenizer.json 放在它旁边";
    gguf_none_of_family(class):
        "llama.cpp has no model of the class {class}: export it as `--format merged`",
        "llama.cpp に {class} のモデルはありません。`--format merged` でエクスポートしてください",
        "llama.cpp 没有 {class} 类的模型：请用 `--format merged` 导出";
    gguf_no_place(name, architecture):
        "llama.cpp's {architecture} has no place for `{name}`: export the model as `--format merged`",
        "llama.cpp の {architecture} には `{name}` を置く場所がありません。`--format merged` でエクスポートしてください",
        "llama.cpp 的 {architecture} 没有 `{name}` 的位置：请用 `--format merged` 导出";
    gguf_unsaid(models, what):
        "llama.cpp computes no {models} such as this one ({what}), and a file would mean another model: export it as `--format merged`",
        "llama.cpp はこのような {models} を計算しません（{what}）。ファイルが別のモデルを意味してしまうため、`--format merged` でエクスポートしてください",
        "llama.cpp 不计算这样的 {models}（{what}），文件会代表另一个模型：请用 `--format merged` 导出";
    gguf_of_reward_model():
        "this is a reward model, and GGUF has no place for its value head: export it as `--format merged`",
        "報酬モデルです。GGUF にはバリューヘッドを置く場所がないため、`--format merged` でエクスポートしてください",
        "这是奖励模型，而 GGUF 没有价值头的位置：请用 `--format merged` 导出";
    gguf_no_such_tokenizer(kind):
        "llama.cpp's files hold tokenizers of byte-level and SentencePiece's BPE, not {kind}: export the model as `--format merged`",
        "llama.cpp のファイルに入るのはバイトレベルと SentencePiece の BPE で、{kind} は入りません。`--format merged` でエクスポートしてください",
        "llama.cpp 的文件只容纳字节级和 SentencePiece 的 BPE 分词器，不含 {kind}：请用 `--format merged` 导出";
    gguf_tokens_past_rows(tokens, rows):
        "has {tokens} tokens, and the model's tables have {rows} rows: take the tokenizer that the model came with",
        "トークンが {tokens} 個ありますが、モデルの表は {rows} 行です。モデルに付属のトークナイザーを使ってください",
        "有 {tokens} 个词元，而模型的表只有 {rows} 行：请使用模型自带的分词器";
    gguf_unnamed_parts():
        "llama.cpp has no name for how this tokenizer parts text: the file says `default`, and some texts become other tokens there",
        "このトークナイザーのテキストの分け方には llama.cpp での名前がありません。ファイルには `default` と書かれ、一部のテキストは別のトークンになります",
        "llama.cpp 没有这种分词方式的名称：文件中写为 `default`，部分文本在那里会变成其他词元";
    gguf_other_letters():
        "llama.cpp writes texts as they come: it has no form for the letters that this tokenizer replaces or the spaces that it leaves out, and texts with them become other tokens there",
        "llama.cpp はテキストをそのまま扱います。このトークナイザーが置き換える文字や取り除く空白を表す形式がなく、それらを含むテキストは別のトークンになります",
        "llama.cpp 按原样处理文本：它无法表示这个分词器所替换的字符或去掉的空格，含有它们的文本在那里会变成其他词元";
    gguf_without_window(window):
        "llama.cpp's files say nothing of this model's windows of {window} tokens: longer texts are computed otherwise there",
        "llama.cpp のファイルはこのモデルの {window} トークンのウィンドウを表せません。それより長いテキストは別の計算になります",
        "llama.cpp 的文件不记录该模型 {window} 个词元的窗口：更长的文本在那里算法不同";
    gguf_without_growth(original):
        "llama.cpp has no dynamic RoPE and no log-n attention: texts of more than {original} tokens are computed otherwise there",
        "llama.cpp に dynamic RoPE と log-n attention はありません。{original} トークンを超えるテキストは別の計算になります",
        "llama.cpp 没有 dynamic RoPE 和 log-n attention：超过 {original} 个词元的文本在那里算法不同";
}
