//! Words of configurations under a name, and of keys that have no field.

super::words! {
    button: "Configurations", "設定の保存・読込", "已存配置";
    title: "Configurations", "保存した設定", "已存配置";
    name: "Keep this form as", "このフォームを保存する名前", "将此表单保存为";
    name_hint: "To load it later, or to download its YAML for a terminal.", "後で読み込むか、端末用に YAML をダウンロードできます。", "以便日后载入，或下载 YAML 供终端使用。";
    replace: "Replace it", "置き換える", "替换";
    saved(name): "Kept as {name}", "{name} として保存しました", "已保存为 {name}";
    empty: "None kept yet.", "保存された設定はまだありません。", "尚无已存配置。";
    folder_hint: "YAML files of the folder configs in the data directory: files put there are listed too.",
        "データフォルダーの configs にある YAML ファイルです。そこに置いたファイルも表示されます。",
        "即数据目录 configs 文件夹中的 YAML 文件；放入其中的文件也会列出。";
    one_value_each: "Of several values the first is kept: a configuration has one value a key.",
        "複数の値のうち最初のものだけが保存されます（設定は 1 キーに 1 値です）。",
        "多个值中只保存第一个：配置的每个键只有一个值。";
    load: "Load", "読み込む", "载入";
    loaded(name): "{name} is in the form", "{name} をフォームに読み込みました", "{name} 已载入表单";
    rename: "Rename", "名前を変更", "重命名";
    new_name: "New name", "新しい名前", "新名称";
    download: "Download as YAML", "YAML でダウンロード", "下载为 YAML";
    not_taken_n(n): "{n} key can't be used" / "{n} keys can't be used", "使えないキーが {n} 個あります", "有 {n} 个键无法使用";
    from_saved(name): "The configuration {name}; the form said the same.", "設定 {name} です。フォームと同じ内容でした。", "配置 {name}：与表单原有内容相同。";
    from_saved_with(name, changes): "The configuration {name}. Other than before: {changes}.",
        "設定 {name} です。変わった項目：{changes}。", "配置 {name}。与之前不同：{changes}。";
    and_more(n): "{n} more" / "{n} more", "ほか {n} 件", "另有 {n} 项";
    not_taken(what): "Not taken: {what}.", "読み込まれなかったもの：{what}。", "未采用：{what}。";

    further: "Further keys", "その他のキー", "其他键";
    further_hint: "key: value, a line each: what has no field here. Reference › all keys",
        "フィールドのないキーを 1 行に 1 つ「key: value」で書きます", "每行一个 key: value，用于没有输入框的键";
    has_field(names): "Set in its own field: {names}", "専用のフィールドに設定しました：{names}", "已填入对应的输入框：{names}";
    no_effect(names): "No effect under these settings: {names}", "この設定では効果がありません：{names}", "在当前设置下不起作用：{names}";
}
