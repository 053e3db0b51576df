//! Files, and what holds other sentences.

super::sentences! {
    COMMON

    file(path, why): "{path}: {why}", "{path}: {why}", "{path}：{why}";
    not_read(path, why): "can't read {path}: {why}", "{path} を読めません: {why}", "无法读取 {path}：{why}";
    of_dataset(name, why): "data set `{name}`: {why}", "データセット `{name}`: {why}", "数据集 `{name}`：{why}";
    of_tokenizer(path, why): "tokenizer in {path}: {why}", "{path} のトークナイザー: {why}", "{path} 中的分词器：{why}";
    of_template(name, why): "template {name}: {why}", "テンプレート {name}: {why}", "模板 {name}：{why}";
}
