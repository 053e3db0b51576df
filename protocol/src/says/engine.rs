//! Packed weights that do not add up, what a talk can't be made of, and what keeps a program from answering.

super::sentences! {
    ENGINE

    not_in_words(input, output):
        "a layer of {input} to {output} does not fill words of eight values: the file is broken, or its config is another model's; download the folder again",
        "{input} から {output} への層が 8 個ずつの語にちょうど収まりません。ファイルが壊れているか、設定が別のモデルのものです。フォルダーをダウンロードし直してください",
        "{input} 到 {output} 的层不能按每个字八个值排满：文件已损坏，或配置属于另一个模型；请重新下载文件夹";
    packed_words(name, got, group, want):
        "`{name}` has {got} words where groups of {group} need {want}: the file is not whole, or its config is another model's; download the folder again",
        "`{name}` は {got} 語ですが、{group} 個のグループでは {want} 語必要です。ファイルが不完全か、設定が別のモデルのものです。フォルダーをダウンロードし直してください",
        "`{name}` 有 {got} 个字，而每组 {group} 个时需要 {want} 个：文件不完整，或配置属于另一个模型；请重新下载文件夹";
    group_order(got, inputs):
        "`g_idx` has {got} entries for {inputs} inputs; download the folder again",
        "`g_idx` は {got} 個ですが、入力は {inputs} 個です。フォルダーをダウンロードし直してください",
        "`g_idx` 有 {got} 项，而输入有 {inputs} 个；请重新下载文件夹";
    no_such_group(group, groups):
        "`g_idx` names group {group} of {groups}; download the folder again",
        "`g_idx` に {groups} 個のうち {group} 番のグループが書かれています。フォルダーをダウンロードし直してください",
        "`g_idx` 指定了第 {group} 组，而共有 {groups} 组；请重新下载文件夹";
    no_whole_groups(values, group):
        "{values} values are no whole number of groups of {group}: quantize with another method, or not at all",
        "{values} 個の値は {group} 個ずつのグループで割り切れません。別の方法で量子化するか、量子化しないでください",
        "{values} 个值不是 {group} 个一组的整数倍：请用其他方法量化，或不量化";
    eetq_widths(input, output):
        "a layer of {input} to {output} is none that EETQ can hold: both are multiples of 64 there; download the folder again",
        "{input} から {output} への層は EETQ では保持できません。どちらも 64 の倍数のはずです。フォルダーをダウンロードし直してください",
        "EETQ 无法存放 {input} 到 {output} 的层：两者都应是 64 的倍数；请重新下载文件夹";
    codes_not_finite():
        "holds codes that are no number (NaN or infinity); download the folder again",
        "数でない符号（NaN か無限大）があります。フォルダーをダウンロードし直してください",
        "含有非数值的编码（NaN 或无穷大）；请重新下载文件夹";
    group_scales(got, groups, rows, want):
        "there are {got} scales where {groups} groups of {rows} rows need {want}; download the folder again",
        "スケールが {got} 個ですが、{rows} 行の {groups} グループには {want} 個必要です。フォルダーをダウンロードし直してください",
        "有 {got} 个缩放系数，而每组 {rows} 行、共 {groups} 组时需要 {want} 个；请重新下载文件夹";
    packed_block(block):
        "the block size is {block}; it must be a power of two, 2 or more: download the folder again",
        "ブロックの大きさが {block} です。2 以上の 2 の累乗でなければなりません。フォルダーをダウンロードし直してください",
        "块大小为 {block}；须为不小于 2 的 2 的幂：请重新下载文件夹";
    packed_bytes(bytes, values, want):
        "{bytes} bytes hold {values} values, not {want}; download the folder again",
        "{bytes} バイトに入るのは {values} 個の値で、{want} 個ではありません。フォルダーをダウンロードし直してください",
        "{bytes} 字节容纳 {values} 个值，而不是 {want} 个；请重新下载文件夹";
    block_scales(got, blocks, size):
        "there are {got} scales for {blocks} blocks of {size}; download the folder again",
        "大きさ {size} のブロック {blocks} 個に対して、スケールが {got} 個です。フォルダーをダウンロードし直してください",
        "{blocks} 个大小为 {size} 的块却有 {got} 个缩放系数；请重新下载文件夹";
    nested_scales(nested, scales):
        "there are {nested} nested scales for {scales} scales; download the folder again",
        "スケール {scales} 個に対して、入れ子のスケールが {nested} 個です。フォルダーをダウンロードし直してください",
        "{scales} 个缩放系数却有 {nested} 个嵌套缩放系数；请重新下载文件夹";
    row_scales(scales, rows):
        "there are {scales} scales (SCB) for {rows} rows; download the folder again",
        "{rows} 行に対して、スケール（SCB）が {scales} 個です。フォルダーをダウンロードし直してください",
        "{rows} 行却有 {scales} 个缩放系数（SCB）；请重新下载文件夹";
    uneven_blocks(columns, format, block):
        "rows of {columns} values are no whole number of {format} blocks of {block}; download the file again",
        "1 行 {columns} 個の値が、{block} 個ずつの {format} ブロックで割り切れません。ファイルをダウンロードし直してください",
        "每行 {columns} 个值不是 {block} 个一块的 {format} 块的整数倍；请重新下载文件";
    bytes_of_rows(bytes, rows, columns, format):
        "{bytes} bytes are not {rows} x {columns} values of {format}; download the file again",
        "{bytes} バイトは {format} の {rows} x {columns} 個の値と一致しません。ファイルをダウンロードし直してください",
        "{bytes} 字节不等于 {rows} x {columns} 个 {format} 值；请重新下载文件";

    role_of_talk(number, role):
        "message {number}: role `{role}` is not one of user, assistant, tool, or system in the first place",
        "メッセージ {number}: 役割 `{role}` は使えません。user、assistant、tool、または先頭の system にしてください",
        "消息 {number}：角色 `{role}` 不可用；应为 user、assistant、tool，或首条的 system";
    unknown_token_in_talk(known, id, token):
        "the model knows {known} tokens, but the conversation holds id {id} ({token}): the tokenizer is another model's, or tokens were added to it that the weights lack; put the model's own tokenizer beside its weights",
        "モデルのトークンは {known} 個ですが、会話に ID {id}（{token}）があります。トークナイザーが別のモデルのものか、重みにないトークンが追加されています。モデル自身のトークナイザーを重みの隣に置いてください",
        "模型有 {known} 个 token，而对话中出现 id {id}（{token}）：分词器属于另一个模型，或添加了权重中没有的 token；请把模型自己的分词器放在权重旁边";
    token_undecodable(why):
        "a token could not be turned into text: {why}; the tokenizer is damaged: take the model's folder again",
        "トークンをテキストにできませんでした: {why}。トークナイザーが壊れています。モデルのフォルダーを取り直してください",
        "无法把 token 转成文本：{why}；分词器已损坏，请重新获取模型文件夹";
    empty_completion(what, index):
        "{what} {index} of the batch has an empty completion",
        "バッチの {what} {index} の応答が空です",
        "批次中的 {what} {index} 的回复为空";
    reference_tokens(known, id):
        "ref_model: it knows {known} tokens, but the replies hold id {id}: it must have the tokens of the model that is trained",
        "ref_model: トークンは {known} 個ですが、応答に ID {id} があります。学習するモデルと同じトークンを持つモデルにしてください",
        "ref_model：它有 {known} 个 token，而回复中出现 id {id}：它必须与被训练的模型使用相同的 token";
    tensors_failed(why):
        "the tensor library failed: {why}", "テンソルの計算に失敗しました: {why}", "张量计算失败：{why}";
    not_downloaded(name):
        "model {name} of the hub is not on this machine: download it first",
        "ハブのモデル {name} はこのマシンにありません。先にダウンロードしてください",
        "hub 上的模型 {name} 不在本机，请先下载";
    ended_wordless(program, status):
        "{program} said nothing and ended with {status}",
        "{program} は何も言わずに終了しました（{status}）",
        "{program} 未给出任何信息就结束了（{status}）";
    answer_short():
        "corral-trainer did not answer for each model; try again",
        "corral-trainer がすべてのモデルには答えませんでした。やり直してください",
        "corral-trainer 没有逐一回答各模型，请重试";
}
