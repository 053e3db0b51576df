//! Tokens that are kept: in the cache, in `tokenized_path`, and those that LLaMA-Factory kept there.

super::sentences! {
    TOKENS

    not_kept(path, why, key):
        "can't write tokens into {path}: {why}; `{key}` names another folder",
        "トークンを {path} に書き込めません: {why}。`{key}` で別のフォルダーを指定できます",
        "无法将词元写入 {path}：{why}；可用 `{key}` 指定其他文件夹";
    tokens_found(folder):
        "the data's tokens were kept before and are read from {folder}",
        "以前に保存されたデータのトークンを {folder} から読みます",
        "数据的词元先前已保存，从 {folder} 读取";
    tokens_kept(folder):
        "the data's tokens are kept in {folder}",
        "データのトークンを {folder} に保存しました",
        "数据的词元已保存到 {folder}";
    tokens_not_kept(path, why):
        "the data's tokens are not kept for the next run, since {path} can't be written: {why}",
        "{path} に書き込めないため、データのトークンは次の実行のために保存されません：{why}",
        "无法写入 {path}，数据的词元不会留给下次运行：{why}";
    tokens_of_other(key):
        "the tokens there were made with another `{key}`; name another `tokenized_path`, or remove the folder",
        "ここのトークンは別の `{key}` で作られています。別の `tokenized_path` を指定するか、フォルダーを削除してください",
        "此处的词元是用另一 `{key}` 生成的；请指定其他 `tokenized_path`，或删除该文件夹";
    tokens_of_llamafactory(folder, rows):
        "the tokens that LLaMA-Factory kept in {folder} are used as they are ({rows} rows); as there, `dataset`, `template`, `cutoff_len`, `max_samples`, `packing` and what else makes rows change nothing of them",
        "LLaMA-Factory が {folder} に保存したトークンをそのまま使います（{rows} 行）。LLaMA-Factory と同じく、`dataset`、`template`、`cutoff_len`、`max_samples`、`packing` など行の作り方に関する設定は反映されません",
        "按原样使用 LLaMA-Factory 保存在 {folder} 中的词元（{rows} 行）；与其一致，`dataset`、`template`、`cutoff_len`、`max_samples`、`packing` 等影响行的设置对其不起作用";
    tokens_not_scored(folder, split):
        "{folder} has held-out rows (`{split}`) that are not used: set `val_size`, or name an `eval_dataset`, to be scored on them",
        "{folder} には評価用の行（`{split}`）がありますが使われません。`val_size` か `eval_dataset` を指定すると評価に使われます",
        "{folder} 中有未使用的评估行（`{split}`）：设置 `val_size` 或指定 `eval_dataset` 即可用其评估";
    no_split_of_tokens(split, splits):
        "has no split `{split}`; it has {splits}", "split `{split}` がありません。あるのは {splits} です", "没有 split `{split}`；可用的是 {splits}";
    tokens_indexed():
        "names rows by an indices file, which is not read; write it once more with `dataset.flatten_indices().save_to_disk(…)`",
        "行がインデックスファイルで指定されており、これは読めません。`dataset.flatten_indices().save_to_disk(…)` で書き直してください",
        "其行由索引文件指定，无法读取；请用 `dataset.flatten_indices().save_to_disk(…)` 重新写出";
    bad_file_name_of_tokens(name):
        "names the data file `{name}`, which is not in its folder", "データファイル `{name}` はこのフォルダーの中にありません", "所列数据文件 `{name}` 不在该文件夹中";
    tokens_without(column): "the column `{column}` is missing", "列 `{column}` がありません", "缺少列 `{column}`";
    tokens_no_ids(column): "`{column}` is no list of token ids", "`{column}` がトークン ID のリストではありません", "`{column}` 不是词元 ID 列表";
    tokens_unequal(column, other):
        "`{column}` and `{other}` are not equally long", "`{column}` と `{other}` の長さが違います", "`{column}` 与 `{other}` 长度不同";
    tokens_without_reply(column):
        "`{column}` leaves no reply to learn", "`{column}` に学習する応答がありません", "`{column}` 中没有可学习的回复";
    tokens_of_two_prompts():
        "its two replies have different prompts", "2 つの応答のプロンプトが違います", "两个回复的提示不同";
    tokens_of_media(column):
        "it has {column}, which text models don't take", "{column} がありますが、テキストモデルでは使えません", "含有 {column}，文本模型无法使用";
    no_tokens_there():
        "is not empty, and holds no tokens; name another `tokenized_path`",
        "空ではなく、トークンもありません。別の `tokenized_path` を指定してください",
        "不为空，且其中没有词元；请指定其他 `tokenized_path`";
    tokens_damaged():
        "tokens that were kept are damaged; remove them and they are made again",
        "保存されたトークンが壊れています。削除すれば作り直されます",
        "保存的词元已损坏；删除后会重新生成";
}
