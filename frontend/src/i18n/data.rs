//! Words of the page "Data", and of rows as the model sees them.

super::words! {
    title: "Data", "データ", "数据";
    template: "Template", "テンプレート", "模板";
    own_template: "the model's own", "モデル付属", "模型自带";
    written_template: "one written for it", "自分で書いたもの", "自己编写的";
    tinted_counts: "Tinted tokens count in the loss.", "色付きのトークンが損失に算入されます。", "着色的 token 计入损失。";
    counts: "counts in the loss", "損失に算入", "计入损失";
    counts_not: "does not count", "損失に算入しない", "不计入损失";
    cut: "cut off", "打ち切り", "已截断";
    prompt: "prompt", "プロンプト", "提示";
    pair_lengths(p, c, r): "{p} prompt · {c} chosen · {r} rejected tokens",
        "プロンプト {p} · chosen {c} · rejected {r} トークン", "提示 {p} · chosen {c} · rejected {r} 个 token";
    sequence_lengths(n, c): "{n} tokens, {c} count", "{n} トークン、うち {c} を算入", "{n} 个 token，其中 {c} 个计入";
    more_tokens(n): "… {n} more tokens", "…ほか {n} トークン", "…还有 {n} 个 token";
    good: "good", "良い", "好";
    bad: "bad", "悪い", "差";
    counted: "counts", "算入", "计入";

    preference: "Preference pairs", "選好ペア", "偏好对";
    instruction: "Instructions", "指示と応答", "指令与回复";
    text: "Plain text", "テキスト", "纯文本";
    unpaired: "Labelled replies", "ラベル付き応答", "带标签的回复";
    prompts: "Prompts", "プロンプト", "提示";

    add: "Add data", "データを追加", "添加数据";
    name: "Name", "名前", "名称";
    format: "Format", "形式", "格式";
    kind: "Kind", "種類", "类型";
    rows: "Rows", "行数", "行数";
    usable: "Usable", "使用可能", "可用";
    size: "Size", "サイズ", "大小";
    used_in: "Used in", "使用先", "用于";
    runs(n): "{n} run" / "{n} runs", "{n} 件の実行", "{n} 个运行";
    comes_with: "comes with Corral", "Corral 付属", "Corral 自带";
    file: "File", "ファイル", "文件";
    all: "All data", "データ一覧", "全部数据";
    gone(name): "There is no data set {name}.", "データセット {name} は存在しません。", "没有名为 {name} 的数据集。";
    empty: "No data yet.", "データがまだありません。", "还没有数据。";
    empty_text: "Upload a JSON or JSONL file, paste rows, or name a file on this machine.",
        "JSON / JSONL ファイルのアップロード、行の貼り付け、またはこのマシン上のファイルの指定で追加できます。",
        "上传 JSON 或 JSONL 文件、粘贴数据行，或指定本机上的文件。";
    unreadable: "Cannot be read", "読み取れません", "无法读取";
    train: "Train on it", "このデータで学習", "用它训练";
    delete: "Delete…", "削除…", "删除…";
    delete_title: "Delete this data set?", "このデータセットを削除しますか?", "删除此数据集？";
    delete_text(name): "“{name}” leaves the list. A file that was uploaded or pasted is deleted; one added by its path stays where it is.",
        "「{name}」を一覧から外します。アップロードまたは貼り付けたファイルは削除され、パスで追加したファイルは元の場所に残ります。",
        "“{name}”将从列表移除。上传或粘贴的文件会被删除；按路径添加的文件保留在原处。";
    deleted(name): "Deleted {name}.", "{name} を削除しました。", "已删除 {name}。";

    upload: "Upload", "アップロード", "上传";
    paste: "Paste", "貼り付け", "粘贴";
    path: "Path", "パス", "路径";
    from_hub: "Hub", "Hub", "Hub";
    hub_subset: "Subset", "サブセット", "子集";
    hub_split: "Split", "分割", "划分";
    ways: "Where the data comes from", "データの取り込み方法", "数据来源";
    choose_file: "Choose a file", "ファイルを選択", "选择文件";
    drop_file: "or drop it here: JSON, JSONL, CSV, TSV or text (.gz, .zst too), Parquet, Arrow", "またはここにドロップ (JSON、JSONL、CSV、TSV、テキスト。.gz と .zst も可。Parquet、Arrow)", "或拖到此处（JSON、JSONL、CSV、TSV、文本，也可为 .gz、.zst；Parquet、Arrow）";
    paste_hint: "JSON, JSONL or plain text", "JSON、JSONL、またはプレーンテキスト", "JSON、JSONL 或纯文本";
    paste_label: "Rows", "データ", "数据内容";
    path_label: "File or folder on this machine", "このマシン上のファイルかフォルダー", "本机文件或文件夹";
    path_hint: "The whole path; it stays where it is. A folder is read file by file, in the order of their names.", "絶対パスで指定します。元の場所に残ります。フォルダーの中は名前順に読みます。", "填写绝对路径；文件保留在原处。文件夹按文件名顺序逐个读取。";
    name_hint: "One word, to choose it by", "選択時に使う名前 (空白・カンマ・スラッシュ不可)", "用于选择的名称（不含空格、逗号、斜杠）";
    name_bad: "One word without spaces, commas or slashes", "空白・カンマ・スラッシュは使えません", "不能含空格、逗号或斜杠";
    name_taken: "There is a data set of this name already", "同じ名前のデータセットがあります", "已有同名数据集";
    add_verb: "Add", "追加", "添加";
    adding: "Reading the rows…", "読み込んでいます…", "正在读取…";
    added(name, n): "Added {name}: {n} usable rows.", "{name} を追加しました (使用可能 {n} 行)。", "已添加 {name}：{n} 行可用。";

    bring_text: "This is a dataset_info.json: a list of data sets. Choose which of them to add.",
        "これは dataset_info.json (データセットの一覧) です。追加するものを選んでください。", "这是 dataset_info.json（数据集列表）。请选择要添加的数据集。";
    bring_entries: "Data sets in the file", "ファイル内のデータセット", "文件中的数据集";
    bring_name(n): "Name of {n} here", "{n} のここでの名前", "{n} 在此处的名称";
    bring_folder: "Folder of the files", "ファイルのあるフォルダー", "文件所在文件夹";
    bring_folder_hint: "The whole path of the folder on this machine that the file names in the list belong to",
        "一覧のファイル名が置かれている、このマシン上のフォルダーの絶対パス", "列表中文件名所在的本机文件夹的绝对路径";
    bring_look: "Look again", "再確認", "重新查找";
    bring_add(n): "Add {n} data set" / "Add {n} data sets", "{n} 件を追加", "添加 {n} 个数据集";
    brought(n): "Added {n} data set." / "Added {n} data sets.", "データセットを {n} 件追加しました。", "已添加 {n} 个数据集。";

    recognised: "Recognised as", "認識した形式", "识别为";
    entry: "Entry in dataset_info.json", "dataset_info.json の項目", "dataset_info.json 中的条目";
    bad_rows(n): "{n} row cannot be used" / "{n} rows cannot be used", "使用できない行: {n}", "{n} 行不可用";
    all_usable: "Every row can be used.", "すべての行を使用できます。", "所有行均可用。";
    to_know: "Good to know of these rows", "この行データについて", "关于这些数据行";
    row: "Row", "行", "行";
    reason: "Reason", "理由", "原因";
    first_of(n): "The first {n} are listed.", "最初の {n} 件を表示しています。", "仅列出前 {n} 行。";
    as_seen: "Rows as the model sees them", "モデルから見た行", "模型看到的数据行";
    tokenizer_of: "Model", "モデル", "模型";
    page(a, b, n): "{a}–{b} of {n}", "{n} 行中 {a}–{b}", "第 {a}–{b} 行，共 {n} 行";
    earlier: "Earlier rows", "前の行", "前面的行";
    later: "Later rows", "次の行", "后面的行";
}
