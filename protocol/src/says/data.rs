//! Data sets: where they are listed, and what is wrong with their entries.

super::sentences! {
    DATA

    dataset_unlisted(name, list, near):
        "data set `{name}` is neither in {list} nor a file{near:; did you mean `#`?}",
        "データセット `{name}` は {list} になく、ファイルでもありません{near:。`#` のことですか？}",
        "数据集 `{name}` 既不在 {list} 中，也不是文件{near:；是否指 `#`？}";
    no_dataset_list(name, list):
        "data set `{name}` is not a file, and there is no {list} to look it up in (`dataset_dir`)",
        "データセット `{name}` はファイルではなく、名前を調べる {list} もありません（`dataset_dir`）",
        "数据集 `{name}` 不是文件，也没有可供查找的 {list}（`dataset_dir`）";
}
