//! Models, adapters and their files: what is not there, what does not fit.

super::sentences! {
    MODEL
    no_adapter_folder(adapter): "adapter {adapter}: there is no such folder", "アダプター {adapter}: そのフォルダーはありません", "适配器 {adapter}：没有这个文件夹";
    adapter_without_base():
        "this adapter does not name the model it was trained on: name that as the model and this folder as the adapter on it",
        "このアダプターには学習元のモデルが書かれていません。モデルとして学習元を、アダプターとしてこのフォルダーを指定してください",
        "该适配器没有写明它训练自哪个模型：请把那个模型指定为模型，并把此文件夹指定为其适配器";
    no_model_file():
        "is no model: name the folder it lies in, or a GGUF file",
        "モデルではありません。それが入ったフォルダーか、GGUF ファイルを指定してください",
        "不是模型：请指定它所在的文件夹，或一个 GGUF 文件";
    loftq_stands_alone():
        "a LoftQ adapter begins with the model's own weights; it can't stand on other adapters",
        "LoftQ アダプターはモデル自身の重みから始まるため、ほかのアダプターの上には置けません",
        "LoftQ 适配器从模型自身的权重开始，不能叠加在其他适配器上";
    no_model_folder(path):
        "model {path}: there is no such folder, and a hub name takes the form owner/name",
        "モデル {path}: そのフォルダーはありません。ハブの名前なら owner/name の形で書いてください",
        "模型 {path}：没有这个文件夹，而 hub 名称的形式是 owner/name";
    base_not_here(path, key):
        "names {path} as the model that this adapter was trained on, which is not on this machine: name the model as it is called here and the adapter's folder as the adapter on it (model_name_or_path and adapter_name_or_path, or --adapter), or correct `{key}` in that file",
        "このアダプターの学習元として {path} を指していますが、このマシンにありません。ここでのモデルの場所とアダプターのフォルダーを指定するか（model_name_or_path と adapter_name_or_path、または --adapter）、このファイルの `{key}` を直してください",
        "写明该适配器训练自 {path}，但本机没有：请指定模型在本机的位置并把适配器文件夹指定为其适配器（model_name_or_path 和 adapter_name_or_path，或 --adapter），或改正该文件中的 `{key}`";
    no_downloader(name, program, why):
        "model {name}: there is no such folder, and to download it {program} could not be started ({why})",
        "モデル {name}: そのフォルダーはなく、ダウンロードするための {program} を起動できませんでした（{why}）",
        "模型 {name}：没有这个文件夹，且无法启动用于下载的 {program}（{why}）";
    download_failed(name):
        "model {name}: the download failed; see above",
        "モデル {name}: ダウンロードに失敗しました。上の出力を見てください",
        "模型 {name}：下载失败，见上文";
    adapter_is_pickle():
        "this is a pickle, which can run code when opened, and is never loaded; save the adapter as safetensors",
        "pickle 形式で、開くとコードが実行されうるため読み込みません。アダプターを safetensors で保存し直してください",
        "这是 pickle 文件，打开时可能执行代码，因此从不加载；请把适配器保存为 safetensors";
    file_is_pickle():
        "this is a pickle, which can run code when opened, and is never loaded; save it as safetensors",
        "pickle 形式で、開くとコードが実行されうるため読み込みません。safetensors で保存し直してください",
        "这是 pickle 文件，打开时可能执行代码，因此从不加载；请保存为 safetensors";
    weights_are_pickle(lines):
        "weights in pickle files can run code when loaded and are never opened; take a revision that has safetensors, or convert the model by two lines of Python:\n{lines}",
        "pickle の重みは読み込むとコードが実行されうるため開きません。safetensors のあるリビジョンを使うか、次の 2 行の Python でモデルを変換してください:\n{lines}",
        "pickle 权重加载时可能执行代码，因此从不打开；请使用带 safetensors 的修订版本，或用以下两行 Python 转换模型：\n{lines}";
    no_weights_here():
        "no weights here: expected model.safetensors, or model.safetensors.index.json and its shards",
        "重みがありません。model.safetensors、または model.safetensors.index.json とその分割ファイルが必要です",
        "这里没有权重：需要 model.safetensors，或 model.safetensors.index.json 及其分片";
    dora_disagrees(module, config):
        "{module}: lora_magnitude_vector and use_dora in {config} do not agree",
        "{module}: lora_magnitude_vector の有無が {config} の use_dora と一致しません",
        "{module}：lora_magnitude_vector 与 {config} 中的 use_dora 不一致";
    rank_disagrees(module, got, config, want):
        "{module} has rank {got}, but {config} says {want}",
        "{module} のランクは {got} ですが、{config} では {want} です",
        "{module} 的秩为 {got}，而 {config} 中是 {want}";
    stray_tensor(key):
        "`{key}` is neither a matrix of an adapter on a linear layer nor of a module that modules_to_save names",
        "`{key}` は線形層のアダプターの行列でも、modules_to_save のモジュールのものでもありません",
        "`{key}` 既不是线性层上适配器的矩阵，也不属于 modules_to_save 中的模块";
    no_adapter_matrix(): "there is no adapter's matrix in it", "アダプターの行列が入っていません", "其中没有适配器的矩阵";
    other_matrices(config):
        "its matrices are not of the kind that peft_type in {config} says",
        "行列の種類が {config} の peft_type と一致しません",
        "矩阵的种类与 {config} 中的 peft_type 不一致";
    half_pair(module):
        "one of the two matrices of {module} is missing",
        "{module} の二つの行列のうち一つがありません",
        "{module} 的两个矩阵缺少一个";
    adapter_is_empty(): "the adapter has no module", "アダプターにモジュールがありません", "适配器没有模块";
    no_adapter_config(config):
        "this is no adapter folder: there is no {config}",
        "アダプターのフォルダーではありません。{config} がありません",
        "这不是适配器文件夹：没有 {config}";
    too_short_safetensors():
        "not a safetensors file: shorter than 8 bytes",
        "safetensors ファイルではありません。8 バイトもありません",
        "不是 safetensors 文件：不足 8 字节";
    cut_safetensors(header, size):
        "not a whole safetensors file: it announces a header of {header} bytes and has {size} in all; download it again",
        "safetensors ファイルが途中で切れています。ヘッダーが {header} バイトのはずですが、全体で {size} バイトです。ダウンロードし直してください",
        "safetensors 文件不完整：声明的文件头为 {header} 字节，而总共只有 {size} 字节；请重新下载";
    bad_safetensors_header(why):
        "the safetensors header cannot be used: {why}",
        "safetensors のヘッダーを使えません: {why}",
        "safetensors 文件头无法使用：{why}";
    other_length(size, expected):
        "the file has {size} bytes where its header announces {expected}; download it again",
        "ファイルは {size} バイトですが、ヘッダーでは {expected} バイトです。ダウンロードし直してください",
        "文件为 {size} 字节，而文件头声明为 {expected} 字节；请重新下载";
    not_whole_safetensors(why):
        "not a whole safetensors file ({why})",
        "完全な safetensors ファイルではありません（{why}）",
        "不是完整的 safetensors 文件（{why}）";
    no_tensor(name): "there is no tensor `{name}`", "テンソル `{name}` がありません", "没有张量 `{name}`";
    no_such_tensor(): "there is no such tensor", "そのテンソルがありません", "没有这个张量";
    weights_lack_tensor(name): "the weights have no tensor `{name}`", "重みにテンソル `{name}` がありません", "权重中没有张量 `{name}`";
    tensor_kind(name, kind):
        "`{name}` is stored as {kind}; supported: F32, BF16, F16",
        "`{name}` の型は {kind} です。使えるのは F32、BF16、F16 です",
        "`{name}` 的存储类型为 {kind}；支持 F32、BF16、F16";
    shape_and_bytes():
        "a tensor's shape and its bytes do not agree",
        "テンソルの形とバイト数が一致しません",
        "张量的形状与字节数不一致";
    of_tensor(name, why): "`{name}`: {why}", "`{name}`: {why}", "`{name}`：{why}";
    shape_of_config(name, got, want, rows):
        "`{name}` has shape {got} where config.json says {want}{rows:; if tokens were added to the model, its vocab_size is #: write that into config.json}",
        "`{name}` の形は {got} ですが、config.json では {want} です{rows:。モデルにトークンを追加したのなら vocab_size は # なので、config.json にそう書いてください}",
        "`{name}` 的形状为 {got}，而 config.json 中是 {want}{rows:；如果给模型添加过 token，其 vocab_size 应为 #，请写入 config.json}";
    not_an_index(why): "not an index of shards: {why}", "分割ファイルの索引ではありません: {why}", "不是分片索引：{why}";
    stray_shard(name):
        "`{name}` is not the name of a safetensors file beside it",
        "`{name}` は隣にある safetensors ファイルの名前ではありません",
        "`{name}` 不是旁边的 safetensors 文件名";
    not_finite(name):
        "`{name}` holds values that are not finite numbers (NaN or infinity): the file is damaged, or the training that wrote it diverged; take another copy of it, or an earlier checkpoint",
        "`{name}` に有限でない値（NaN か無限大）があります。ファイルが壊れているか、これを書いた学習が発散しています。別のコピーか、前のチェックポイントを使ってください",
        "`{name}` 含有非有限数（NaN 或无穷大）：文件已损坏，或写出它的训练已发散；请换一份拷贝，或用更早的检查点";
    uneven_expansion(count, n):
        "use_llama_pro: the model has {count} blocks, which {n} added ones do not divide; expand a model with `corral-trainer expand` and name the same number as freeze_trainable_layers",
        "use_llama_pro: モデルのブロックは {count} 個で、追加した {n} 個では割り切れません。`corral-trainer expand` でモデルを拡張し、同じ数を freeze_trainable_layers に指定してください",
        "use_llama_pro：模型有 {count} 个块，不能被扩展的 {n} 个整除；请用 `corral-trainer expand` 扩展模型，并在 freeze_trainable_layers 中写同样的数";
    no_outside_module(name, known):
        "additional_target: there is no module `{name}`; outside the blocks there are {known}",
        "additional_target: モジュール `{name}` はありません。ブロックの外にあるのは {known} です",
        "additional_target：没有模块 `{name}`；块之外有 {known}";
    adapted_already(module):
        "additional_target: {module} has an adapter already; a module trains whole or by an adapter, not both",
        "additional_target: {module} にはすでにアダプターがあります。モジュールは全体かアダプターのどちらか一方で学習します",
        "additional_target：{module} 已有适配器；一个模块要么整体训练，要么用适配器，不能两者兼有";
    quantized_stays(name, format):
        "`{name}` is quantized ({format}) and can't change: train LoRA or OFT on it, or start from the f32, bf16 or f16 model",
        "`{name}` は量子化されていて（{format}）変えられません。その上で LoRA か OFT を学習するか、f32、bf16、f16 のモデルから始めてください",
        "`{name}` 已量化（{format}），无法改变：请在其上训练 LoRA 或 OFT，或从 f32、bf16、f16 模型开始";
    nothing_trains(): "nothing trains", "学習するものがありません", "没有可训练的内容";
    no_freeze_module(field, name, known):
        "{field}: there is no module `{name}`; there are {known}",
        "{field}: モジュール `{name}` はありません。あるのは {known} です",
        "{field}：没有模块 `{name}`；可用的是 {known}";
    whole_missing(module, name):
        "the adapter's config says that it holds `{module}` whole (modules_to_save), but its weights have no `{name}`: the file is not whole, or not of this model; take the adapter's folder again",
        "アダプターの設定では `{module}` の全体を含むはずですが（modules_to_save）、重みに `{name}` がありません。ファイルが不完全か、別のモデルのものです。アダプターのフォルダーを取り直してください",
        "适配器的配置声明完整包含 `{module}`（modules_to_save），但其权重中没有 `{name}`：文件不完整，或不属于该模型；请重新获取适配器文件夹";
    whole_shape(name, shape):
        "the adapter's `{name}` has shape {shape}, which is not that of the model's: is it an adapter of another model?",
        "アダプターの `{name}` の形 {shape} がモデルと合いません。別のモデルのアダプターではありませんか？",
        "适配器的 `{name}` 形状为 {shape}，与模型不符：它是否属于另一个模型？";
    whole_stranger(name):
        "the adapter has the whole weight `{name}`, which this model has not",
        "アダプターにある重み `{name}` が、このモデルにはありません",
        "适配器含有完整权重 `{name}`，而该模型没有";
    whole_width(name, shape, width):
        "the adapter's `{name}` has shape {shape}; the model's rows are {width} wide: is it an adapter of another model?",
        "アダプターの `{name}` の形は {shape} ですが、モデルの行の幅は {width} です。別のモデルのアダプターではありませんか？",
        "适配器的 `{name}` 形状为 {shape}，而模型每行宽 {width}：它是否属于另一个模型？";
    tables_part(embedding, head):
        "with this adapter the embedding has {embedding} rows and the head {head}: tokens were added, and one of the two tables was not saved; save the adapter with `save_embedding_layers=True`",
        "このアダプターでは埋め込みが {embedding} 行、ヘッドが {head} 行になります。トークンを追加した後、片方の表が保存されていません。`save_embedding_layers=True` で保存し直してください",
        "使用该适配器时嵌入有 {embedding} 行而输出头有 {head} 行：添加过 token，但两张表之一没有保存；请用 `save_embedding_layers=True` 保存适配器";
    head_takes_plain_lora(name):
        "`{name}` is the head, which takes plain LoRA alone: no DoRA, rotation, PiSSA or LoftQ",
        "`{name}` は出力層で、使えるのは通常の LoRA だけです（DoRA・回転・PiSSA・LoftQ は使えません）",
        "`{name}` 是输出层，只能使用普通 LoRA（不支持 DoRA、旋转、PiSSA 和 LoftQ）";
    head_is_tied(name):
        "`{name}` shares its table with the embedding, so an adapter on it would be on both: `additional_target: {name}` trains a table of its own",
        "`{name}` は埋め込みと表を共有しているため、アダプターを付けると両方に及びます。`additional_target: {name}` とすると独立した表として学習します",
        "`{name}` 与嵌入共享同一张表，加上适配器会同时作用于两者；使用 `additional_target: {name}` 可将其作为独立的表来训练";
    head_is_normalized(name):
        "the rows of `{name}` are divided by their lengths, which no adapter is made for: leave it out of lora_target",
        "`{name}` の各行は長さで割られており、これに対応するアダプターはありません。lora_target から外してください",
        "`{name}` 的每一行都会除以其长度，没有适用的适配器；请从 lora_target 中去掉";
    adapter_stranger(path):
        "the adapter has weights for `{path}`, which this model has no linear layer for; supported are the linear layers of the decoder blocks",
        "アダプターに `{path}` の重みがありますが、このモデルにその線形層はありません。使えるのはデコーダーブロックの線形層です",
        "适配器含有 `{path}` 的权重，而该模型没有对应的线性层；支持的是解码器块的线性层";
    adapter_surplus(path):
        "the adapter's weights have something for `{path}`, which target_modules, exclude_modules or layers_to_transform of its adapter_config.json leave out; name it there, or take the adapter's folder again",
        "アダプターの重みに `{path}` がありますが、adapter_config.json の target_modules、exclude_modules、layers_to_transform では対象外です。そこに書くか、アダプターのフォルダーを取り直してください",
        "适配器的权重中有 `{path}`，但其 adapter_config.json 的 target_modules、exclude_modules 或 layers_to_transform 将其排除；请在其中写明，或重新获取适配器文件夹";
    adapter_missing(path):
        "the adapter's config says that it is on `{path}`, but its weights have nothing for that: the file is not whole, or not of this model; take the adapter's folder again",
        "アダプターの設定では `{path}` にも付くはずですが、重みにそれがありません。ファイルが不完全か、別のモデルのものです。アダプターのフォルダーを取り直してください",
        "适配器的配置声明作用于 `{path}`，但其权重中没有：文件不完整，或不属于该模型；请重新获取适配器文件夹";
    adapter_shapes(path, a, b, output, input):
        "the adapter's matrices for `{path}` are {a} and {b}; the layer is {output} x {input}: is it an adapter of another model?",
        "アダプターの `{path}` の行列は {a} と {b} ですが、層は {output} x {input} です。別のモデルのアダプターではありませんか？",
        "适配器中 `{path}` 的矩阵为 {a} 和 {b}，而该层是 {output} x {input}：它是否属于另一个模型？";
    bad_pattern(field, pattern):
        "{field}: `{pattern}` is no regular expression that can be used; list the modules instead",
        "{field}: `{pattern}` は使える正規表現ではありません。モジュールを並べて書いてください",
        "{field}：`{pattern}` 不是可用的正则表达式，请改为列出各模块";
    dropout_out_of_range(dropout):
        "LoRA dropout is {dropout}; it must be at least 0 and below 1",
        "LoRA の dropout が {dropout} です。0 以上 1 未満にしてください",
        "LoRA dropout 为 {dropout}；须不小于 0 且小于 1";
    adapter_has_no_weights(): "the adapter has no weights", "アダプターに重みがありません", "适配器没有权重";
    loftq_not_quantized(path):
        "a LoftQ adapter belongs to quantized weights, and `{path}` is not quantized",
        "LoftQ アダプターは量子化された重みのためのものですが、`{path}` は量子化されていません",
        "LoftQ 适配器属于量化权重，而 `{path}` 未量化";
    rank_at_least_one(): "the LoRA rank must be at least 1", "LoRA のランクは 1 以上にしてください", "LoRA 的秩须至少为 1";
    nothing_to_turn(path, inputs):
        "`{path}` has {inputs} inputs, which leave blocks of one, and nothing to turn: take another oft_block_size, or name fewer layers in oft_target",
        "`{path}` の入力は {inputs} 個で、ブロックの大きさが 1 になり回転できません。oft_block_size を変えるか、oft_target の層を減らしてください",
        "`{path}` 有 {inputs} 个输入，块大小只能为 1，无法旋转：请换一个 oft_block_size，或在 oft_target 中减少层";
    rotation_shape(path, shape, stored, each, inputs):
        "the adapter's rotation for `{path}` is {shape}; by its config it is {stored} x {each} for {inputs} inputs: is it an adapter of another model?",
        "アダプターの `{path}` の回転は {shape} ですが、設定によれば入力 {inputs} 個に対して {stored} x {each} です。別のモデルのアダプターではありませんか？",
        "适配器中 `{path}` 的旋转为 {shape}，而按其配置，{inputs} 个输入应为 {stored} x {each}：它是否属于另一个模型？";
    no_room_for_blocks(count, gigabytes, usable):
        "oft_rank {count}: the adapter and what trains it would take {gigabytes} GB of memory, and there are {usable} GB: raise oft_rank, or name fewer layers in oft_target",
        "oft_rank {count}: アダプターとその学習にメモリが {gigabytes} GB 必要ですが、使えるのは {usable} GB です。oft_rank を上げるか、oft_target の層を減らしてください",
        "oft_rank {count}：适配器及其训练需要 {gigabytes} GB 内存，而可用的只有 {usable} GB：请提高 oft_rank，或在 oft_target 中减少层";
    no_room_for_adapter(key, value, gigabytes, usable, target):
        "{key} {value}: the adapter and what trains it would take {gigabytes} GB of memory, and there are {usable} GB: lower {key}, or name fewer layers in {target}",
        "{key} {value}: アダプターとその学習にメモリが {gigabytes} GB 必要ですが、使えるのは {usable} GB です。{key} を下げるか、{target} の層を減らしてください",
        "{key} {value}：适配器及其训练需要 {gigabytes} GB 内存，而可用的只有 {usable} GB：请降低 {key}，或在 {target} 中减少层";
    no_projected_layer(key, name, known):
        "{key}: `{name}` names no linear layer that trains; there are {known}, or all",
        "{key}: `{name}` に当たる学習対象の線形層がありません。あるのは {known}、または all です",
        "{key}：`{name}` 不是正在训练的线性层；可用的是 {known}，或 all";
    no_linear_layer(key, name, known):
        "{key}: `{name}` is not a linear layer of a decoder block; there are {known}, or all (what lies outside the blocks trains whole, by additional_target)",
        "{key}: `{name}` はデコーダーブロックの線形層ではありません。あるのは {known}、または all です（ブロックの外は additional_target で全体を学習します）",
        "{key}：`{name}` 不是解码器块的线性层；可用的是 {known}，或 all（块之外的部分用 additional_target 整体训练）";
    pissa_rank(rank, path, output, input, most):
        "PiSSA of rank {rank}: `{path}` is {output} x {input} and has no more than {most} directions; lower lora_rank or lora_target",
        "PiSSA のランク {rank}: `{path}` は {output} x {input} で、方向は {most} 個までです。lora_rank を下げるか lora_target を減らしてください",
        "PiSSA 的秩 {rank}：`{path}` 为 {output} x {input}，最多有 {most} 个方向；请降低 lora_rank 或减少 lora_target";
    loftq_of_quantized(path):
        "LoftQ: `{path}` comes from a folder that is quantized already; name the one it was made from",
        "LoftQ: `{path}` はすでに量子化されたフォルダーのものです。量子化する前のモデルを指定してください",
        "LoftQ：`{path}` 来自已量化的文件夹；请指定量化之前的模型";
    loftq_rank(rank, path, output, input):
        "LoftQ of rank {rank}: `{path}` is {output} x {input}; lower lora_rank or lora_target",
        "LoftQ のランク {rank}: `{path}` は {output} x {input} です。lora_rank を下げるか lora_target を減らしてください",
        "LoftQ 的秩 {rank}：`{path}` 为 {output} x {input}；请降低 lora_rank 或减少 lora_target";
    dora_rows_of_zeros(): "DoRA needs a weight without rows of zeros", "DoRA には、すべて 0 の行がない重みが必要です", "DoRA 需要没有全零行的权重";
    no_blocks_to_repeat(from, to, count):
        "layer_replication: the blocks from {from} to {to} are not there; the model has {count}: is it an adapter of another model?",
        "layer_replication: ブロック {from} から {to} はありません。モデルのブロックは {count} 個です。別のモデルのアダプターではありませんか？",
        "layer_replication：没有第 {from} 到 {to} 个块，模型只有 {count} 个：它是否属于另一个模型？";
    no_deeper_experts():
        "layer_replication: a model with dense blocks among those with experts can't be made deeper",
        "layer_replication: エキスパートのないブロックが混ざったモデルは深くできません",
        "layer_replication：混有非专家块的专家模型无法加深";
    no_silent_block():
        "this model normalises the residual stream itself (post-norm): a block put between others changes what it computes",
        "このモデルは残差の流れ自体を正規化する (post-norm) ため、ブロックを挟むと計算結果が変わります",
        "该模型对残差流本身做归一化（post-norm），插入块会改变其计算结果";
    config_without_words(key):
        "the family's config.json has no way to say which blocks the model has now; {key} can't be changed in it",
        "この系列の config.json では今のブロック構成を表せません。{key} は変えられません",
        "该系列的 config.json 无法表示模型现在的块；不能更改 {key}";
    uneven_spread(count, before):
        "{count} blocks can't be spread evenly over the model's {before}; give a number that divides {before}",
        "{count} 個のブロックをモデルの {before} 個に均等に挟めません。{before} を割り切る数にしてください",
        "{count} 个块无法均匀分布到模型的 {before} 个块中；请给出能整除 {before} 的数";
    weight_kind(kind): "weights of type {kind}; supported: f32, bf16, f16", "重みの型が {kind} です。使えるのは f32、bf16、f16 です", "权重类型为 {kind}；支持 f32、bf16、f16";
    outside_vocabulary(id, vocab):
        "token id {id} is outside the model's vocabulary of {vocab}: the tokenizer is not the model's own",
        "トークン ID {id} はモデルの語彙（{vocab}）の外です。トークナイザーがモデルのものではありません",
        "token id {id} 超出模型的词表（{vocab}）：分词器不是该模型的";
    cannot_be_expanded():
        "this model's blocks norm the sum of what they read and compute, so that no block put between them leaves it as it was: train it without expanding it",
        "このモデルのブロックは入力と計算結果の和を正規化するため、間に置いても何も変えないブロックを作れません。拡張せずに学習してください",
        "该模型的块会对输入与计算结果之和做归一化，因此插入的块不可能不改变它：请不要扩展，直接训练";
    past_learned_positions(positions, most):
        "a text of {positions} tokens: this model has learned {most} positions and knows none past them; set cutoff_len or the length of replies so that texts stay below",
        "テキストが {positions} トークンです。このモデルが学習した位置は {most} までで、それより先はありません。cutoff_len か返答の長さを小さくしてください",
        "文本长达 {positions} 个 token：该模型只学习了 {most} 个位置，之后没有；请把 cutoff_len 或回复长度设小";
    must_not_be_quantized(name): "`{name}` is quantized; it must not be", "`{name}` が量子化されていますが、ここは量子化できません", "`{name}` 已量化，但此处不允许";
    no_weight(name): "the model has no weight `{name}`", "モデルに重み `{name}` がありません", "模型没有权重 `{name}`";
    not_readable(why): "not readable: {why}", "読み取れません: {why}", "无法读取：{why}";
    not_readable_as_json(why): "not readable as JSON: {why}", "JSON として読めません: {why}", "无法按 JSON 读取：{why}";
    no_model_here():
        "this is no model folder: there is no config.json",
        "モデルのフォルダーではありません。config.json がありません",
        "这不是模型文件夹：没有 config.json";
    fused_is_quantized(name):
        "`{name}` holds several layers and is quantized in blocks that run from one into the next; load the plain model, and quantize it with quantization_bit",
        "`{name}` には複数の層がまとめて量子化されており、ブロックが層の境をまたいでいます。量子化していないモデルを読み込み、quantization_bit で量子化してください",
        "`{name}` 含有多个层，且量化的块跨越了层的边界；请加载未量化的模型，再用 quantization_bit 量化";
    stacked_is_quantized(name):
        "`{name}` holds the layers of all experts and is quantized in a form that is read of single layers alone; load the plain model, and quantize it with quantization_bit",
        "`{name}` には全エキスパートの層がまとめられており、個々の層でのみ読める形式で量子化されています。量子化していないモデルを読み込み、quantization_bit で量子化してください",
        "`{name}` 含有所有专家的层，其量化形式只能按单个层读取；请加载未量化的模型，再用 quantization_bit 量化";
    fused_start(path):
        "adapters that start as a part of the weights (PiSSA, LoftQ) are not supported on {path}, which holds several layers in one",
        "{path} は複数の層を一つにまとめたものなので、重みの一部から始まるアダプター（PiSSA、LoftQ）には対応していません",
        "{path} 把多个层合为一个，不支持以权重的一部分起步的适配器（PiSSA、LoftQ）";
    fused_beside(name):
        "`{name}` lies with other layers in one tensor: it can get an adapter, but not train whole beside one",
        "`{name}` は他の層と一つのテンソルにまとまっているため、アダプターを付けることはできますが、アダプターと並べて全体を学習することはできません",
        "`{name}` 与其他层在同一张量中：可以加适配器，但不能在适配器旁整体训练";
    no_regular_file(): "is no regular file", "通常のファイルではありません", "不是普通文件";
    too_large_for_config(size): "has {size} bytes: too many for a config", "{size} バイトあり、設定ファイルとしては大きすぎます", "有 {size} 字节，作为配置文件过大";
    no_path_of_file(): "this is not a path of a file or folder", "ファイルやフォルダーのパスではありません", "这不是文件或文件夹的路径";
    no_adapters_config(why): "not an adapter's config: {why}", "アダプターの設定ではありません: {why}", "不是适配器配置：{why}";
    old_rotations():
        "the adapter's rotations are in the form of PEFT before 0.14 (there is no oft_block_size); train it again",
        "アダプターの回転が PEFT 0.14 より前の形式です（oft_block_size がありません）。学習し直してください",
        "适配器的旋转为 PEFT 0.14 之前的形式（没有 oft_block_size），请重新训练";
    no_blocks(): "r and oft_block_size are both 0", "r と oft_block_size がどちらも 0 です", "r 与 oft_block_size 都是 0";
    blocks_twice(count, size):
        "r ({count}) and oft_block_size ({size}) are both set; one follows from the other",
        "r（{count}）と oft_block_size（{size}）が両方指定されています。一方から他方が決まります",
        "r（{count}）与 oft_block_size（{size}）都已设置；一个由另一个决定";
    bounded_rotations():
        "adapters with bounded rotations (coft) are not supported",
        "回転を制限したアダプター（coft）には対応していません",
        "不支持带约束旋转（coft）的适配器";
    most_terms(terms):
        "num_cayley_neumann_terms is {terms}; at most 64 are summed",
        "num_cayley_neumann_terms が {terms} です。足し合わせるのは 64 項までです",
        "num_cayley_neumann_terms 为 {terms}；最多累加 64 项";
    no_fan_in(config):
        "{config}: fan_in_fan_out changes nothing: how the model's weights lie is read from its own files",
        "{config}: fan_in_fan_out は効果がありません。重みの並びはモデル自身のファイルから読みます",
        "{config}：fan_in_fan_out 无效：权重的排列从模型自身的文件读取";
    all_takes_none(key, family):
        "{key}: all takes no layer of {family}, as in LLaMA-Factory; ask for all-linear, or name layers such as c_attn",
        "{key}: all は LLaMA-Factory と同様 {family} のどの層にも付きません。all-linear か、c_attn のような層名を指定してください",
        "{key}: all 与 LLaMA-Factory 一样不包含 {family} 的任何层；请改用 all-linear，或写出 c_attn 等层名";
    unknown_adapter_key(config, key, value):
        "{config}: `{key}` ({value}) is no key known here: it changes nothing",
        "{config}: `{key}`（{value}）は知らないキーで、効果がありません",
        "{config}：`{key}`（{value}）不是已知的键，没有作用";
    other_adapter_kind(kind):
        "the adapter is of type {kind}; LoRA and OFT adapters are supported",
        "アダプターの種類が {kind} です。使えるのは LoRA と OFT のアダプターです",
        "适配器类型为 {kind}；支持的是 LoRA 和 OFT 适配器";
    adapter_rank(): "r must be at least 1, in rank_pattern too", "r は 1 以上にしてください（rank_pattern でも同様です）", "r 须至少为 1，rank_pattern 中也一样";
    adapter_alpha(alpha): "lora_alpha is {alpha}; it must be a finite number", "lora_alpha が {alpha} です。有限の数にしてください", "lora_alpha 为 {alpha}；须为有限数";
    adapter_without_effect(file):
        "lora_alpha of {file} is 0: the adapter changes nothing",
        "{file} の lora_alpha が 0 なので、アダプターは何も変えません",
        "{file} 的 lora_alpha 为 0：适配器不起任何作用";
    adapter_bias(bias):
        "adapters with trained biases (bias: {bias}) are not supported",
        "バイアスを学習したアダプター（bias: {bias}）には対応していません",
        "不支持训练了偏置的适配器（bias: {bias}）";
    adapter_refused(key, what):
        "adapters with {what} ({key}) are not supported",
        "{key} を使ったアダプターには対応していません{what:}",
        "不支持使用 {key} 的适配器{what:}";
    tied_tables():
        "tables that train and stay tied (ensure_weight_tying) are not supported",
        "結びつけたまま学習する表（ensure_weight_tying）には対応していません",
        "不支持保持绑定并训练的表（ensure_weight_tying）";
    loftq_bits(bits): "LoftQ with {bits} bits is not supported; with 4 it is", "{bits} ビットの LoftQ には対応していません。4 ビットなら使えます", "不支持 {bits} 位的 LoftQ；4 位可以";
    changed_base(name):
        "init_lora_weights is \"{name}\": the adapter belongs to weights that this start changed; convert it to a plain one (PEFT: save_pretrained with path_initial_model_for_weight_conversion)",
        "init_lora_weights が \"{name}\" です。この開始方法で変えられた重みのためのアダプターなので、通常のものに変換してください（PEFT: save_pretrained に path_initial_model_for_weight_conversion を指定）",
        "init_lora_weights 为 \"{name}\"：该适配器属于被这种初始化改变过的权重；请转换为普通适配器（PEFT：save_pretrained 时指定 path_initial_model_for_weight_conversion）";
    bad_regex(field, pattern):
        "{field}: `{pattern}` is no regular expression that can be used",
        "{field}: `{pattern}` は使える正規表現ではありません",
        "{field}：`{pattern}` 不是可用的正则表达式";
    bad_quant_state(why): "its quant_state: {why}", "quant_state を読めません: {why}", "其 quant_state 无法读取：{why}";
    other_shape(got, want): "has shape {got} where the config says {want}", "形が {got} ですが、設定では {want} です", "形状为 {got}，而配置中是 {want}";
    other_count(name, got, want): "`{name}` has {got} values, not {want}", "`{name}` の値は {want} 個のはずですが {got} 個です", "`{name}` 应有 {want} 个值，实际为 {got} 个";
    other_kind(got, want): "is stored as {got}; wanted: {want}", "型が {got} です。必要なのは {want} です", "存储为 {got}；需要 {want}";
}
