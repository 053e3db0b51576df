//! Words of the reference of keys.

super::words! {
    title: "Keys of a run config", "実行設定のキー", "运行配置的键";
    all_keys: "All keys", "すべてのキー", "所有键";
    about(key): "What {key} means", "{key} の意味", "{key} 的含义";
    find: "Find a key", "キーを検索", "查找键";
    none: "No key has that in its name or meaning.", "名前にも説明にも見つかりません。", "名称和说明中都没有找到。";
    takes: "Takes", "値", "取值";
    default: "Default", "既定値", "默认值";
    when: "When", "条件", "条件";
    never: "never: it is read, and changes nothing", "なし (読み込まれるが何も変えない)", "从不：会被读取，但不改变任何东西";
    whose: "From", "由来", "来源";
    other_names: "Also named", "別名", "别名";
    follows(keys): "follows {keys}", "{keys} に従う", "随 {keys} 而定";
    given(key): "{key} is set", "{key} を指定", "设置了 {key}";
    absent(key): "{key} is not set", "{key} の指定なし", "未设置 {key}";
    several(key): "several in {key}", "{key} が複数", "{key} 有多项";
    or: "or", "または", "或";
    and: "and", "かつ", "且";
    text: "text", "文字列", "文本";
    list: "list, comma-separated", "リスト (カンマ区切り)", "列表（逗号分隔）";
    flag: "true or false", "true / false", "true 或 false";
    flag_or_null: "true, false or null", "true / false / null", "true、false 或 null";
    count: "whole number", "整数", "整数";
    number: "number", "数値", "数值";
    map: "map, or JSON", "マップまたは JSON", "映射或 JSON";
    group_run: "The run, and who is told of it", "実行と記録先", "运行及其记录";
}
