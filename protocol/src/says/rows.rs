//! Why a row of a data set can't be used, and why a file's rows can't.

super::sentences! {
    ROWS

    null(): "null", "null", "null";
    a_truth(): "true or false", "真偽値", "布尔值";
    a_list(): "a list", "リスト", "列表";
    an_object(): "an object", "オブジェクト", "对象";

    row_not_json(why, hint): "not valid JSON: {why}{hint:; #}", "JSON として正しくありません: {why}{hint:。#}",
        "不是合法的 JSON：{why}{hint:；#}";
    at_column(what, column): "{what} at column {column}", "{what}（{column} バイト目）", "{what}（第 {column} 列）";
    file_not_json(why, hint): "is not valid JSON: {why}{hint:; #}", "JSON として正しくありません: {why}{hint:。#}",
        "不是合法的 JSON：{why}{hint:；#}";
    ends_in_a_row(why): "ends in the middle of a row: {why}", "行の途中でファイルが終わっています: {why}",
        "文件在一行中间结束：{why}";
    looks_like(encoding):
        "not UTF-8; it looks like {encoding}: save it as UTF-8 (`iconv -f {encoding} -t UTF-8 in > out`)",
        "UTF-8 ではなく、{encoding} のようです。UTF-8 で保存し直してください（`iconv -f {encoding} -t UTF-8 in > out`）",
        "不是 UTF-8，看起来是 {encoding}：请另存为 UTF-8（`iconv -f {encoding} -t UTF-8 in > out`）";
    other_encoding():
        "not UTF-8; its encoding is another one: save it as UTF-8 (`iconv -f ENCODING -t UTF-8 in > out`)",
        "UTF-8 ではありません。UTF-8 で保存し直してください（`iconv -f 元の文字コード -t UTF-8 in > out`）",
        "不是 UTF-8，而是其他编码：请另存为 UTF-8（`iconv -f 原编码 -t UTF-8 in > out`）";
    nan_is_no_json():
        "`NaN` and `Infinity` are no JSON: write null (`json.dumps(…, allow_nan=False)` tells where they come from)",
        "`NaN` と `Infinity` は JSON にありません。null と書いてください（`json.dumps(…, allow_nan=False)` で出どころが分かります）",
        "JSON 中没有 `NaN` 和 `Infinity`：请写成 null（用 `json.dumps(…, allow_nan=False)` 可找出来源）";
    pythons_writing(): "that is Python's way of writing: write JSON with `json.dumps`",
        "Python の書き方です。`json.dumps` で JSON として書き出してください", "这是 Python 的写法：请用 `json.dumps` 写成 JSON";

    not_a_row(what): "{what}; a row is an object", "{what}です。行はオブジェクトでなければなりません", "是{what}；一行应为对象";
    column_missing(column): "`{column}` is missing", "`{column}` がありません", "缺少 `{column}`";
    column_empty(column): "`{column}` is empty", "`{column}` が空です", "`{column}` 为空";
    no_column_named(key): "the entry in dataset_info.json names no `{key}` column",
        "dataset_info.json の項目に `{key}` 列の指定がありません", "dataset_info.json 的条目没有指定 `{key}` 列";
    not_text(column, what): "`{column}` is {what}; it must be text", "`{column}` が{what}です。文字列でなければなりません",
        "`{column}` 是{what}，应为文本";
    not_a_number(column, value): "`{column}` is {value}; it must be a number",
        "`{column}` が {value} です。数値でなければなりません", "`{column}` 为 {value}，应为数字";
    not_a_list(column, what): "`{column}` is {what}; it must be a list", "`{column}` が{what}です。リストでなければなりません",
        "`{column}` 是{what}，应为列表";
    python_list(column): "`{column}` is a Python list written as text; write it as JSON (`json.dumps`)",
        "`{column}` は文字列として書かれた Python のリストです。JSON で書き出してください（`json.dumps`）",
        "`{column}` 是写成文本的 Python 列表，请写成 JSON（`json.dumps`）";
    history_pairs(column): "`{column}` must be a list of question and answer pairs",
        "`{column}` は質問と回答の組のリストでなければなりません", "`{column}` 应为问答对的列表";
    tools_no_list(what): "the tools are {what}; they must be a JSON list", "ツールが{what}です。JSON のリストでなければなりません",
        "工具是{what}，应为 JSON 列表";
    holds_media(column): "`{column}` holds media; Corral trains on text",
        "`{column}` にメディアがあります。Corral が学習するのはテキストです", "`{column}` 含有媒体；Corral 只训练文本";
    row_weight(column, value):
        "`{column}` is {value}: every row counts alike here; leave the column out or set it to 1, and repeat or remove rows",
        "`{column}` が {value} です。ここではどの行も同じ重みです。列を外すか 1 にし、行の繰り返しや削除で調整してください",
        "`{column}` 为 {value}：这里每一行的权重相同；请去掉该列或设为 1，并用重复或删除行来调整";
    text_empty(): "the text is empty", "テキストが空です", "文本为空";

    no_reply(column): "it has no reply (text in the column `{column}`)", "応答がありません（列 `{column}` のテキスト）",
        "没有回复（`{column}` 列的文本）";
    no_reply_there(): "there is no reply", "応答がありません", "没有回复";
    no_label(column): "it has no label (true or false in the column `{column}`)",
        "ラベルがありません（列 `{column}` の true か false）", "没有标签（`{column}` 列的 true 或 false）";
    label_unread(column, value): "`{column}` is {value}; a label is true or false (or 1 and 0, good and bad)",
        "`{column}` が {value} です。ラベルは true か false です（1 と 0、good と bad も可）",
        "`{column}` 为 {value}；标签应为 true 或 false（也可用 1 和 0、good 和 bad）";
    several_answers(column, n): "`{column}` holds {n} answers; a row has one reply",
        "`{column}` に回答が {n} 個あります。1 行の応答は 1 つです", "`{column}` 有 {n} 个答案；一行只有一个回复";
    two_texts(column): "`{column}` must hold two texts, the chosen reply and the rejected one",
        "`{column}` には chosen と rejected の 2 つの文字列が必要です", "`{column}` 应有两段文本：选中的回复和被拒绝的回复";
    reply_not_learned(): "its reply is marked as not to be learned", "応答が学習しないものと指定されています",
        "其回复被标记为不学习";
    no_reply_learned(): "every reply of it is marked as not to be learned", "すべての応答が学習しないものと指定されています",
        "其所有回复都被标记为不学习";

    no_transcript(column):
        "`{column}` holds no prompt: it is no conversation of `Human:` and `Assistant:` turns, and the entry names no `prompt` column",
        "`{column}` にプロンプトがありません。`Human:` と `Assistant:` の会話ではなく、項目に `prompt` 列の指定もありません",
        "`{column}` 中没有提示：它不是 `Human:` 与 `Assistant:` 的对话，条目也没有指定 `prompt` 列";
    not_messages(column, what): "`{column}` is {what}; it must be a list of messages",
        "`{column}` が{what}です。メッセージのリストでなければなりません", "`{column}` 是{what}，应为消息列表";
    not_a_message(column, what): "`{column}` holds {what} where a message should be",
        "`{column}` でメッセージのあるべき所に{what}があります", "`{column}` 中有一处应为消息，却是{what}";
    message_without(column, key): "`{column}`: a message without `{key}`", "`{column}`: `{key}` のないメッセージがあります",
        "`{column}`：有一条消息没有 `{key}`";
    key_not_text(column, key, what): "`{column}`: `{key}` is {what}; it must be text",
        "`{column}`: `{key}` が{what}です。文字列でなければなりません", "`{column}`：`{key}` 是{what}，应为文本";
    role_unknown(column, role):
        "`{column}`: role `{role}` is unknown; name the roles under `tags` in dataset_info.json",
        "`{column}`: 役割 `{role}` は不明です。dataset_info.json の `tags` で役割の名前を指定してください",
        "`{column}`：未知角色 `{role}`；请在 dataset_info.json 的 `tags` 中指定角色名";
    late_system(column): "`{column}`: a system message after the first turn",
        "`{column}`: 最初の発話より後にシステムメッセージがあります", "`{column}`：首轮之后出现系统消息";
    begins_with_reply(column): "`{column}` begins with the assistant's turn",
        "`{column}` がアシスタントの発話から始まっています", "`{column}` 以助手的轮次开头";
    same_side(column, turn): "`{column}`: turn {turn} has the same side as the one before",
        "`{column}`: {turn} 番目の発話が直前と同じ側です", "`{column}`：第 {turn} 轮与前一轮是同一方";
    ends_without_reply(column): "`{column}` doesn't end with the assistant's turn",
        "`{column}` がアシスタントの発話で終わっていません", "`{column}` 没有以助手的轮次结尾";
    ends_with_user(column): "`{column}` ends with the user's turn; there is no reply to learn",
        "`{column}` がユーザーの発話で終わっていて、学習する応答がありません", "`{column}` 以用户的轮次结尾，没有可学习的回复";
    marks_contradict(column, one, other):
        "`{column}`: `{one}` and `{other}` contradict each other about whether a turn is learned",
        "`{column}`: 発話を学習するかどうかについて `{one}` と `{other}` が食い違っています",
        "`{column}`：关于是否学习某一轮，`{one}` 与 `{other}` 相互矛盾";
    mark_unread(column, key, value):
        "`{column}`: `{key}` is {value}; a turn is learned (1, true) or not (0, false)",
        "`{column}`: `{key}` が {value} です。発話は学習する（1, true）か、しない（0, false）かのどちらかです",
        "`{column}`：`{key}` 为 {value}；一轮要么学习（1、true），要么不学习（0、false）";
    part_of_a_turn(column, key):
        "`{column}`: `{key}` learns parts of a turn; here a turn is learned whole or not at all: split it, or mark it with `train`",
        "`{column}`: `{key}` は発話の一部を学習する指定ですが、ここでは発話全体を学習するかしないかだけです。発話を分けるか `train` で指定してください",
        "`{column}`：`{key}` 只学习一轮的一部分；这里一轮要么整体学习，要么不学习：请拆分该轮，或用 `train` 标记";
    call_not_json(column, why): "`{column}`: a tool call that is not JSON: {why}",
        "`{column}`: ツール呼び出しが JSON ではありません: {why}", "`{column}`：工具调用不是 JSON：{why}";
    part_without_text(column): "`{column}`: a part of a message without `text`",
        "`{column}`: `text` のないメッセージの部分があります", "`{column}`：消息中有一部分没有 `text`";
    media_part(column, kind): "`{column}` holds `{kind}`; Corral trains on text",
        "`{column}` に `{kind}` があります。Corral が学習するのはテキストです", "`{column}` 含有 `{kind}`；Corral 只训练文本";

    no_prompt(): "there is no prompt", "プロンプトがありません", "没有提示";
    no_prompt_in(one, other): "`{one}` and `{other}` hold no prompt", "`{one}` と `{other}` にプロンプトがありません",
        "`{one}` 和 `{other}` 中没有提示";
    prompt_ends_with_reply(): "the prompt doesn't end with the user's turn",
        "プロンプトがユーザーの発話で終わっていません", "提示没有以用户的轮次结尾";
    not_the_reply(column): "`{column}` is not the assistant's turn", "`{column}` がアシスタントの発話ではありません",
        "`{column}` 不是助手的轮次";
    not_a_reply(column, what): "`{column}` is {what}; it must be a message",
        "`{column}` が{what}です。メッセージでなければなりません", "`{column}` 是{what}，应为消息";
    choice_contradicted(reply, flag, mark): "`{reply}` is marked `{flag}`, and by `{mark}` it is the worst; take one of the two out",
        "`{reply}` は `{flag}` とされていますが、`{mark}` では最低です。どちらかを消してください",
        "`{reply}` 标为 `{flag}`，而按 `{mark}` 它最差；请删去其中之一";
    systems_differ(one, other): "`{one}` and `{other}` have different system messages",
        "`{one}` と `{other}` のシステムメッセージが異なります", "`{one}` 与 `{other}` 的系统消息不同";
    not_from_prompt(column): "`{column}` doesn't begin with the row's prompt",
        "`{column}` がその行のプロンプトから始まっていません", "`{column}` 不是以该行的提示开头";
    turns_before(one, n, other, m): "`{one}` has {n} turns before its reply, `{other}` has {m}",
        "応答の前の発話が `{one}` では {n}、`{other}` では {m} です", "回复之前的轮次：`{one}` 有 {n} 轮，`{other}` 有 {m} 轮";
    differ_at(one, other, turn): "`{one}` and `{other}` differ at turn {turn} already; only their last turns may differ",
        "`{one}` と `{other}` は {turn} 番目の発話ですでに異なります。違ってよいのは最後の発話だけです",
        "`{one}` 与 `{other}` 在第 {turn} 轮就已不同；只有最后一轮可以不同";
    sides_differ_early(): "its chosen and rejected conversation differ before their last turns already",
        "chosen と rejected の会話が最後の発話より前で異なっています", "chosen 与 rejected 的对话在最后一轮之前就已不同";

    tie(): "a tie: neither reply is the better one", "引き分けです。どちらが良いとも言えません",
        "平局：没有哪个回复更好";
    unjudged(): "nothing says which reply is the better one", "どちらの応答が良いかの判定がありません",
        "没有说明哪个回复更好";
    verdict_unread(column, value, one, other): "`{column}` is {value}, which means neither `{one}` nor `{other}` for certain",
        "`{column}` の {value} が `{one}` と `{other}` のどちらを指すのか分かりません",
        "`{column}` 为 {value}，无法确定指 `{one}` 还是 `{other}`";
    several_turns(n): "it lists {n} turns in one cell; a pair is one prompt with two replies to it",
        "1 つのセルに {n} 個の発話があります。ペアは 1 つのプロンプトへの 2 つの応答です",
        "一个单元格列出了 {n} 轮；一对数据是一个提示和它的两个回复";
    no_text_in(column): "`{column}` holds no reply", "`{column}` に応答がありません", "`{column}` 中没有回复";
    too_few_replies(column, n): "`{column}` holds {n} replies; a pair needs two",
        "`{column}` の応答は {n} 個です。ペアには 2 つ必要です", "`{column}` 有 {n} 个回复；一对需要两个";

    beside_other_length(column, n, list, m): "`{column}` has {n} numbers for the {m} replies of `{list}`",
        "`{list}` の応答は {m} 個ですが、`{column}` の数値は {n} 個です", "`{list}` 有 {m} 个回复，而 `{column}` 有 {n} 个数字";
    text_too_long(size, most):
        "a text of it is {size} MiB long, and tokens are made of {most} MiB at most at a time: part it into several rows",
        "長さ {size} MiB のテキストがあります。一度にトークンにできるのは {most} MiB までです。複数の行に分けてください",
        "有一段文本长 {size} MiB；一次最多能对 {most} MiB 分词：请拆成多行";

    row_not_shown(n, most):
        "not shown, though it can be used: with its {n} tokens the rows asked for have more than {most}; ask for fewer rows, or set a smaller cutoff_len",
        "使用できますが表示しません。この行の {n} トークンを加えると {most} を超えます。行数を減らすか、cutoff_len を小さくしてください",
        "可用但未显示：加上这一行的 {n} 个 token，所请求的行会超过 {most}；请减少行数，或设置更小的 cutoff_len";

    name_like(other):
        "there is a data set {other} already, whose name differs in capitals alone: some file systems take the two for one",
        "大文字と小文字だけが違う名前のデータセット {other} がすでにあります。両者を区別しないファイルシステムがあります",
        "已有仅大小写不同的数据集 {other}：有些文件系统不区分这两个名称";
    under_key(key, why): "`{key}`: {why}", "`{key}`: {why}", "`{key}`：{why}";
    no_variable(name): "{name} is not put in here ($HOME and ~ are): write the path out",
        "{name} はここでは展開されません（$HOME と ~ は展開されます）。パスをそのまま書いてください",
        "{name} 在此不会展开（$HOME 和 ~ 会展开），请写出完整路径";
    unknown_layout(columns, empty):
        "its rows have {columns}{empty:, and nothing in #}, which is no layout Corral knows; describe it in dataset_info.json with `columns`",
        "行の列は {columns}{empty:（# は空）} で、Corral の知る形式ではありません。dataset_info.json の `columns` で指定してください",
        "各行的列为 {columns}{empty:（# 为空）}，不是 Corral 认识的格式；请在 dataset_info.json 中用 `columns` 说明";
    is_lfs_pointer():
        "is no data but Git LFS's note of where the file is; fetch it (`git lfs pull`)",
        "データではなく、ファイルの場所を示す Git LFS のポインターです。`git lfs pull` で取得してください",
        "不是数据，而是 Git LFS 指向文件的指针；请用 `git lfs pull` 获取";
    is_web_page():
        "is a web page, no data; download the file that the page is about",
        "データではなくウェブページです。ページが紹介しているファイルをダウンロードしてください",
        "是网页而不是数据；请下载该页面所介绍的文件";
    ends_before_message(): "it ends before its first message", "最初のメッセージの前で終わっています", "在第一条消息之前就结束了";
    ends_within_message(): "it ends in the middle of a message", "メッセージの途中で終わっています", "在一条消息中间结束";
    message_of(bytes): "it has a message of {bytes} bytes", "{bytes} バイトのメッセージがあります", "其中有一条 {bytes} 字节的消息";
    part_outside(): "a part lies outside of its message", "メッセージの外を指す部分があります", "有一部分位于其消息之外";
    parts_misfit(): "its parts do not fit together", "各部分が合いません", "各部分彼此不符";
    batch_too_large(size, most):
        "it has a batch of {size} MiB; at most {most} are read at once",
        "{size} MiB のバッチがあります。一度に読めるのは {most} MiB までです",
        "其中有 {size} MiB 的批次；一次最多读取 {most} MiB";
    rows_in_bytes(rows, bytes): "it says {rows} rows in {bytes} bytes", "{bytes} バイトに {rows} 行あることになっています", "声称 {bytes} 字节中有 {rows} 行";
    footer_misplaced(): "its footer is not where its end says", "末尾が示す場所にフッターがありません", "页脚不在文件末尾所指的位置";
    footer_broken(): "its footer is broken", "フッターが壊れています", "页脚已损坏";
    table_cut_off(): "it is cut off: it does not end as it began; take the file again", "途中で切れています（末尾が先頭と合いません）。ファイルを取り直してください", "文件被截断（结尾与开头不符）；请重新获取";
    columns_nested(depth, most): "its columns are nested {depth} deep; {most} are read", "列の入れ子が {depth} 段あります。読めるのは {most} 段までです", "列嵌套了 {depth} 层；最多读取 {most} 层";
    by_columns():
        "it is one object that holds a table, not a list of rows: write one object a row (pandas: `to_json(path, orient=\"records\", force_ascii=False)`)",
        "表全体が 1 つのオブジェクトになっていて、行のリストではありません。1 行を 1 つのオブジェクトとして書いてください（pandas では `to_json(path, orient=\"records\", force_ascii=False)`）",
        "整张表是一个对象，而不是行的列表：请每行写成一个对象（pandas：`to_json(path, orient=\"records\", force_ascii=False)`）";
    no_verdict(one, other):
        "its rows have two replies, `{one}` and `{other}`, and no column Corral knows says which is the better; name it in dataset_info.json with `comparison`",
        "行に `{one}` と `{other}` の 2 つの応答がありますが、どちらが良いかを示す列が見当たりません。dataset_info.json の `comparison` で指定してください",
        "各行有 `{one}` 和 `{other}` 两个回复，但没有 Corral 认识的列说明哪个更好；请在 dataset_info.json 中用 `comparison` 指定";
    places_unsure(column, list):
        "`{column}` numbers the replies of `{list}`, and the rows don't show for certain whether it counts from 0 or from 1: say in dataset_info.json with `comparison` which it is, as `better_from_0` or `better_from_1` in place of `better`",
        "`{column}` は `{list}` の応答の番号ですが、0 から数えているのか 1 からなのか確定できません。dataset_info.json の `comparison` で、`better` の代わりに `better_from_0` か `better_from_1` として指定してください",
        "`{column}` 是 `{list}` 中回复的编号，但从各行无法确定是从 0 还是从 1 开始计数：请在 dataset_info.json 的 `comparison` 中用 `better_from_0` 或 `better_from_1`（代替 `better`）说明";
    place_zero(column, list):
        "`comparison` says `better_from_1`, and `{column}` is 0 in some row, which is no place in `{list}` counted from 1: mend those rows (-1 is no reply), or, if 0 is the first reply in all rows, write `better_from_0`",
        "`comparison` に `better_from_1` とありますが、`{column}` が 0 の行があり、1 から数えると `{list}` にその番号はありません。その行を直すか（-1 はどの応答でもないことを表します）、どの行でも 0 が先頭の応答なら `better_from_0` と書いてください",
        "`comparison` 写的是 `better_from_1`，但 `{column}` 在某行为 0，从 1 开始计数时 `{list}` 中没有这个编号：请修正这些行（-1 表示都不是）；若所有行中 0 都是第一个回复，请改写为 `better_from_0`";
    place_past_end(column, list):
        "`comparison` says `better_from_0`, and `{column}` is as large in some row as `{list}` is long, which is past its end counted from 0: mend those rows (-1 is no reply), or, if 1 is the first reply in all rows, write `better_from_1`",
        "`comparison` に `better_from_0` とありますが、`{column}` の値が `{list}` の長さと同じ行があり、0 から数えると末尾を超えます。その行を直すか（-1 はどの応答でもないことを表します）、どの行でも 1 が先頭の応答なら `better_from_1` と書いてください",
        "`comparison` 写的是 `better_from_0`，但 `{column}` 在某行等于 `{list}` 的长度，从 0 开始计数时超出末尾：请修正这些行（-1 表示都不是）；若所有行中 1 都是第一个回复，请改写为 `better_from_1`";
    sides_unsure(column, values, one, other):
        "`{column}` is {values}, which doesn't say for certain which of `{one}` and `{other}` is the better: write the name of the better column there, or say in dataset_info.json with `comparison` how it is meant, as `better_from_0`, `better_from_1` or `first_is_better`",
        "`{column}` の値（{values}）からは `{one}` と `{other}` のどちらが良いのか確定できません。良い方の列名を書くか、dataset_info.json の `comparison` で `better_from_0`、`better_from_1`、`first_is_better` のいずれかを指定してください",
        "`{column}` 的值（{values}）无法确定 `{one}` 和 `{other}` 哪个更好：请写入较好一列的列名，或在 dataset_info.json 的 `comparison` 中用 `better_from_0`、`better_from_1` 或 `first_is_better` 说明";
    scale_unsure(column, values, one, other):
        "`{column}` is a scale ({values}), and nothing says which of its ends is for `{one}` and where its middle is: write a number below zero where `{one}` is the better, above zero where `{other}` is and 0 for a tie, and name it in dataset_info.json with `comparison` as `leaning`",
        "`{column}` は段階評価（{values}）ですが、どちらの端が `{one}` を指し、どこが中央なのか分かりません。`{one}` が良ければ負、`{other}` が良ければ正、引き分けは 0 の数値にし、dataset_info.json の `comparison` で `leaning` として指定してください",
        "`{column}` 是量表（{values}），但没有说明哪一端表示 `{one}`、中点在哪里：请改写为 `{one}` 更好时为负、`{other}` 更好时为正、平局为 0 的数字，并在 dataset_info.json 的 `comparison` 中以 `leaning` 指定";
    place_beyond(column, value, one, other):
        "`{column}` is {value} in some row, and two replies have no such place: name in dataset_info.json with `comparison` how it counts, `better_from_0` (0 is `{one}`, 1 is `{other}`) or `better_from_1`, and mend or remove other numbers; -1 is neither",
        "`{column}` が {value} の行がありますが、2 つの応答にその番号はありません。dataset_info.json の `comparison` で数え方（`better_from_0` なら 0 が `{one}`、1 が `{other}`。または `better_from_1`）を指定し、ほかの数値は直すか除いてください。-1 はどちらでもないことを表します",
        "`{column}` 在某行为 {value}，两个回复没有这样的编号：请在 dataset_info.json 的 `comparison` 中说明计数方式，`better_from_0`（0 为 `{one}`，1 为 `{other}`）或 `better_from_1`，并修正或去掉其他数字；-1 表示都不是";
    several_sides(n, columns):
        "its rows have {n} replies side by side ({columns}), and a pair has two: put them into one list, `responses`, with a list of numbers beside it, `scores` (the higher the better) or `ranks` (1 the best), or write the two that are meant as `chosen` and `rejected`",
        "行に応答が {n} 個並んでいます（{columns}）。ペアは 2 つの応答です。1 つのリスト `responses` にまとめて、`scores`（大きいほど良い）か `ranks`（1 が最良）の数値のリストを添えるか、使う 2 つを `chosen` と `rejected` として書いてください",
        "各行并列有 {n} 个回复（{columns}），而一对只有两个：请把它们放进一个列表 `responses`，旁边附上数字列表 `scores`（越大越好）或 `ranks`（1 为最好），或把要用的两个写成 `chosen` 和 `rejected`";
    names_of_replies(chosen, rejected, replies):
        "`{chosen}` and `{rejected}` hold names of replies that stand in `{replies}`, in some rows at least: write the replies themselves there",
        "`{chosen}` と `{rejected}` に、応答ではなく `{replies}` にある応答の名前が書かれた行があります。応答そのものを書いてください",
        "`{chosen}` 和 `{rejected}` 中有些行是 `{replies}` 里回复的名称，而不是回复：请写入回复本身";
    answers_name_others(column, others):
        "`{column}` holds nothing but names of what stands in `{others}`, and a model would learn the name alone: write the choices into the prompt and the answer in words into `{column}`, or describe the file in dataset_info.json with `columns`",
        "`{column}` にあるのは `{others}` の中身を指す名前だけで、モデルは名前だけを学習してしまいます。選択肢をプロンプトに、答えを文で `{column}` に書くか、dataset_info.json の `columns` で指定してください",
        "`{column}` 中只有 `{others}` 里内容的名称，模型只会学到名称：请把选项写进提示、把答案文字写进 `{column}`，或在 dataset_info.json 中用 `columns` 说明";
    three_labels(column):
        "`{column}` holds -1, 0 and 1, three things where a label has two: write true for good replies and false for bad ones, and leave the others out",
        "`{column}` に -1、0、1 の 3 通りの値がありますが、ラベルは 2 通りです。良い応答は true、悪い応答は false とし、残りは除いてください",
        "`{column}` 中有 -1、0、1 三种值，而标签只有两种：好回复写 true，坏回复写 false，其余请去掉";
    order_or_places(column, list):
        "`{column}` may hold the place of each reply of `{list}`, or name the replies from the best to the worst, and the two say different things: write a number for each reply, as `ranks` (1 the best) or `scores` (the higher the better)",
        "`{column}` は `{list}` の各応答の順位とも、良い順に並べた応答の番号とも読め、意味が変わります。応答ごとの数値を `ranks`（1 が最良）か `scores`（大きいほど良い）として書いてください",
        "`{column}` 既可能是 `{list}` 中每个回复的名次，也可能是从好到坏排列的回复编号，两者含义不同：请为每个回复写一个数字，用 `ranks`（1 为最好）或 `scores`（越大越好）";
    stepwise_rows():
        "its rows judge the steps of one reply (`completions` with `labels`, TRL's stepwise supervision), which is for process reward models; no stage here trains on steps",
        "行は 1 つの応答の各ステップを評価しています（`completions` と `labels`、TRL の stepwise supervision）。プロセス報酬モデル用で、ここにはステップごとに学習する stage がありません",
        "各行评判一个回复的各个步骤（`completions` 与 `labels`，即 TRL 的 stepwise supervision），用于过程奖励模型；这里没有按步骤训练的阶段";
    message_tree():
        "its rows are the messages of a tree (`message_id`, `parent_id`), not conversations; walk each path from a first message to a reply and write it as `messages`, or its ranked replies as `chosen` and `rejected`",
        "行は会話ではなくメッセージの木です（`message_id`、`parent_id`）。最初のメッセージから応答までの道筋を `messages` として、順位の付いた応答を `chosen` と `rejected` として書き出してください",
        "各行是消息树的节点（`message_id`、`parent_id`），不是对话；请把从首条消息到回复的每条路径写成 `messages`，或把有排名的回复写成 `chosen` 和 `rejected`";
    no_marks():
        "holds no marks on pairs; they are made on the board's page of a run, under Pairs",
        "ペアへの印がありません。印は実行ページの「ペア」で付けます",
        "没有对回复对的标记；标记在运行页面的“回复对”中添加";
    marks_taken(swapped, excluded):
        "by the marks on pairs, the replies of {swapped} are swapped and {excluded} are left out",
        "ペアへの印により、{swapped} 件の応答を入れ替え、{excluded} 件を除きました",
        "按回复对上的标记，交换了 {swapped} 对的回复，去除了 {excluded} 对";
    marks_without_pair(lost, all):
        "{lost} of the {all} marks on pairs are of none of these rows: marks hold for the same data under the same template, tokenizer and cutoff_len",
        "ペアへの印 {all} 件のうち {lost} 件は、どの行にも当てはまりません。印は同じデータ、同じテンプレート、トークナイザー、cutoff_len でのみ有効です",
        "{all} 个标记中有 {lost} 个不对应任何行：标记只在数据、模板、分词器和 cutoff_len 都相同时有效";
    marks_leave_nothing():
        "the marks on pairs leave out every row; take some back",
        "ペアへの印ですべての行が除かれます。一部の印を外してください",
        "回复对上的标记去除了所有行；请取消一些标记";
}
