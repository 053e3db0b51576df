//! Words of the page "Data", and of rows as the model sees them.

super::words! {
    title: "Data", "データ", "数据";
    template: "Template", "テンプレート", "模板";
    own_template: "the model's own", "モデル付属", "模型自带";
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
    ways: "Where the data comes from", "データの取り込み方法", "数据来源";
    choose_file: "Choose a file", "ファイルを選択", "选择文件";
    drop_file: "or drop it here: .json, .jsonl, .txt", "またはここにドロップ (.json、.jsonl、.txt)", "或拖到此处（.json、.jsonl、.txt）";
    paste_hint: "JSON, JSONL or plain text", "JSON、JSONL、またはプレーンテキスト", "JSON、JSONL 或纯文本";
    paste_label: "Rows", "データ", "数据内容";
    path_label: "File on this machine", "このマシン上のファイル", "本机文件";
    path_hint: "The whole path; the file stays where it is.", "絶対パスで指定します。ファイルは移動しません。", "填写绝对路径；文件保留在原处。";
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
    unused_columns(columns): "Not used: {columns}. What belongs to prompt or reply is named under “columns” in dataset_info.json.",
        "使用しない列: {columns}。プロンプトや応答に含める列は dataset_info.json の columns に指定します。",
        "未使用的列：{columns}。属于提示或回复的列请写入 dataset_info.json 的 columns。";
    unused_keys(keys, column): "Not used: {keys} in the messages of “{column}”.",
        "「{column}」のメッセージ内の {keys} は使用しません。", "“{column}”的消息中未使用：{keys}。";
    other_prompt(column, n): "In {n} rows “{column}” is no part of the conversation; the conversation is used.",
        "{n} 行で「{column}」が会話に含まれていません。会話のほうを使用します。", "{n} 行中“{column}”不属于对话；采用对话本身。";
    marked_prompts(n): "{n} row marks a user's turn as one to learn; only train_on_prompt learns those." / "{n} rows mark a user's turn as one to learn; only train_on_prompt learns those.",
        "{n} 行でユーザーの発話が学習対象に指定されています。学習するには train_on_prompt が必要です。",
        "{n} 行把用户的轮次标为要学习；只有 train_on_prompt 会学习它们。";
    same_replies(n): "{n} pair has the same chosen and rejected reply: there is nothing to prefer in it." / "{n} pairs have the same chosen and rejected reply: there is nothing to prefer in them.",
        "{n} 組は chosen と rejected が同一で、選好の手がかりがありません。", "{n} 对的 chosen 与 rejected 相同，无从比较偏好。";
    empty_replies(n): "{n} row has an empty reply: the model learns to say nothing." / "{n} rows have an empty reply: the model learns to say nothing.",
        "{n} 行の応答が空です。モデルは何も答えないことを学習します。", "{n} 行的回复为空：模型会学着什么都不说。";
    thoughts_left_out(n): "In {n} row the template leaves out the thoughts that stand apart (reasoning_content)." / "In {n} rows the template leaves out the thoughts that stand apart (reasoning_content).",
        "{n} 行で、別項目の思考 (reasoning_content) がテンプレートに含まれません。", "{n} 行中，模板未写入单独存放的思考内容（reasoning_content）。";
    tools_left_out(n): "In {n} row the tools change nothing: the template leaves them out." / "In {n} rows the tools change nothing: the template leaves them out.",
        "{n} 行で、ツールの定義がテンプレートに含まれません。", "{n} 行中，模板未写入工具定义，工具不起作用。";
    system_left_out(n): "In {n} row the template leaves out the system message." / "In {n} rows the template leaves out the system message.",
        "{n} 行で、システムメッセージがテンプレートに含まれません。", "{n} 行中，模板未写入系统消息。";
    block_in_reply(n): "In {n} row the prompt ends before the block that the template opens for the reply, because the reply has none." / "In {n} rows the prompt ends before the block that the template opens for the reply, because the reply has none.",
        "{n} 行では、テンプレートが応答の先頭で開くブロックが応答にないため、プロンプトはその手前で終わります。", "{n} 行中，模板会为回复打开一个块而回复中没有，因此提示在该块之前结束。";
    all_good: "Every label is true: KTO needs good and bad replies to tell them apart.",
        "ラベルがすべて true です。KTO には良い応答と悪い応答の両方が必要です。", "所有标签均为 true：KTO 需要好坏两种回复才能区分。";
    all_bad: "Every label is false: KTO needs good and bad replies to tell them apart.",
        "ラベルがすべて false です。KTO には良い応答と悪い応答の両方が必要です。", "所有标签均为 false：KTO 需要好坏两种回复才能区分。";
    ties(n): "{n} rows are left out: a tie, neither reply is the better one.",
        "引き分け (どちらの応答も優れていない) のため {n} 行を除外します。", "{n} 行因平局（没有更好的回复）而排除。";
    unjudged(n): "{n} rows are left out: nothing in them says which reply is the better one.",
        "どちらの応答が良いかの判定がないため {n} 行を除外します。", "{n} 行因没有说明哪个回复更好而排除。";
    labels_unread(n): "{n} rows are left out: their label is neither good nor bad.",
        "ラベルを良し悪しとして読めないため {n} 行を除外します。", "{n} 行因标签既非好也非坏而排除。";
    no_labels(column, values): "“{column}” is not used: what it holds ({values}) is neither good nor bad. Labels are true or false.",
        "「{column}」は使用しません。値 ({values}) は良し悪しを表していません。ラベルは true か false です。",
        "未使用“{column}”：其内容（{values}）既非好也非坏。标签应为 true 或 false。";
    other_replies(n): "In {n} rows there are more replies than a pair has: of those that are judged the best and the worst are used, else the first. Give the others rows of their own.",
        "{n} 行には 2 つより多い応答があります。評価があれば最良と最低を、なければ先頭のものを使います。残りも使うには行を分けてください。",
        "{n} 行有两个以上的回复：有评分时采用最好与最差的，否则采用第一个。其余的请另写成行。";
    key_twice(key, row, n): "“{key}” stands twice in one object, first in row {row} ({n} rows in all). Its last value is used.",
        "1 つのオブジェクトに「{key}」が 2 回あります (最初は {row} 行目、計 {n} 行)。最後の値を使用します。",
        "同一对象中“{key}”出现两次（首次在第 {row} 行，共 {n} 行），采用最后的值。";
    empty_column(column): "“{column}” is empty in every row: there is no reply to learn, so the rows are prompts (stage ppo).",
        "「{column}」はすべての行で空です。学習する応答がないため、プロンプト (stage ppo 用) として扱います。",
        "“{column}”在每一行都为空：没有可学习的回复，因此这些行是提示（用于 ppo 阶段）。";
    same_tokens(n): "{n} pairs have the same tokens for chosen and rejected: there is nothing to prefer in them.",
        "{n} 組は chosen と rejected のトークンが同一で、選好の手がかりがありません。", "{n} 对的 chosen 与 rejected 的 token 相同，无从比较偏好。";
    last_reply_counts(n): "In {n} rows only the last reply counts, because the model's chat template writes earlier ones in another way; a named template counts them all.",
        "{n} 行では最後の応答だけを学習します。モデルのテンプレートが以前の応答を別の形で書くためです。名前付きテンプレートならすべて学習します。",
        "{n} 行中只有最后的回复计入学习，因为模型的聊天模板以另一种方式书写之前的回复；使用具名模板则全部计入。";
    first_prompt_only: "Stage pt learns the first prompt of each row alone; replies are not used.",
        "stage pt は各行の最初のプロンプトだけを学習し、応答は使いません。", "pt 阶段只学习每行的第一个提示，不使用回复。";
    row: "Row", "行", "行";
    reason: "Reason", "理由", "原因";
    first_of(n): "The first {n} are listed.", "最初の {n} 件を表示しています。", "仅列出前 {n} 行。";
    as_seen: "Rows as the model sees them", "モデルから見た行", "模型看到的数据行";
    tokenizer_of: "Model", "モデル", "模型";
    page(a, b, n): "{a}–{b} of {n}", "{n} 行中 {a}–{b}", "第 {a}–{b} 行，共 {n} 行";
    earlier: "Earlier rows", "前の行", "前面的行";
    later: "Later rows", "次の行", "后面的行";
}
