//! Data sets: where they are listed, and what is wrong with their entries.

use super::of_dataset;

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

    not_an_object_of_datasets():
        "must be an object of data sets by name",
        "データセットを名前ごとに並べたオブジェクトでなければなりません",
        "应为按名称列出数据集的对象";
    entry_no_object(list):
        "its entry in {list} must be an object", "{list} の項目はオブジェクトでなければなりません", "它在 {list} 中的条目应为对象";
    entry_no_file(list): "its entry in {list} has no `file_name`", "{list} の項目に `file_name` がありません", "它在 {list} 中的条目没有 `file_name`";
    entry_elsewhere(key, place, folder):
        "it is not on this machine (`{key}`: {place}); download its files into {folder} and put `file_name` in its entry",
        "このマシンにありません（`{key}`: {place}）。ファイルを {folder} にダウンロードし、項目に `file_name` を書いてください",
        "它不在本机（`{key}`：{place}）；请把文件下载到 {folder}，并在条目中写上 `file_name`";
    entry_on_hub(key, name, command):
        "it is not on this machine (`{key}`: {name}); download it: `{command}`",
        "このマシンにありません（`{key}`: {name}）。`{command}` でダウンロードしてください",
        "它不在本机（`{key}`：{name}）；请用 `{command}` 下载";
    entry_lacks_files(key, name, file, more, command):
        "`{key}`: {name} is not here whole, {file} is missing{more:, with # more}; fetch the rest: `{command}`",
        "`{key}`: {name} が揃っていません。{file}{more: ほか # 個}がありません。`{command}` でダウンロードしてください",
        "`{key}`：{name} 不完整，缺少 {file}{more: 等（另有 # 个）}；请用 `{command}` 下载";
    entry_script(key, script):
        "its rows come from a Python program (`{key}`: {script}), which is not run; write them to a file and name that as `file_name`",
        "行は Python のプログラム（`{key}`: {script}）から来ますが、実行しません。ファイルに書き出して `file_name` に指定してください",
        "其数据行来自 Python 程序（`{key}`：{script}），不会运行；请写入文件并以 `file_name` 指定";
    no_hub_name(key, name):
        "`{key}` must be a name on the hub, owner/name; it is `{name}`", "`{key}` はハブ上の名前 owner/name でなければなりません。今は `{name}` です", "`{key}` 应为 Hub 上的名称 owner/name；现在是 `{name}`";
    entry_text(key): "`{key}` must be a text", "`{key}` は文字列でなければなりません", "`{key}` 应为文本";
    entry_object(key): "`{key}` must be an object", "`{key}` はオブジェクトでなければなりません", "`{key}` 应为对象";
    entry_flag(key): "`{key}` must be true or false", "`{key}` は true か false でなければなりません", "`{key}` 应为 true 或 false";
    entry_count(key): "`{key}` must be a whole number above 0", "`{key}` は 1 以上の整数でなければなりません", "`{key}` 应为大于 0 的整数";
    entry_lacks(key, name, names): "`{key}` has no `{name}`; it has {names}", "`{key}` に `{name}` はありません。使えるのは {names} です", "`{key}` 中没有 `{name}`；可用的是 {names}";
    entry_near(list, key, meant):
        "its entry in {list} has `{key}`; did you mean `{meant}`?",
        "{list} の項目に `{key}` があります。`{meant}` のことですか？",
        "它在 {list} 中的条目有 `{key}`；是否指 `{meant}`？";
    entry_split(split):
        "split `{split}`: a file has one split, `train`; put the rows wanted into a file of their own",
        "split `{split}`: ファイルの split は `train` だけです。使う行を別のファイルにしてください",
        "split `{split}`：一个文件只有 `train` 一个 split；请把需要的行放进单独的文件";
    entry_beside_file(list, key):
        "its entry in {list} has `{key}` beside `file_name`: rows are read from that file alone; take `{key}` out, or download what is wanted and name it as `file_name`",
        "{list} の項目に `file_name` と並んで `{key}` があります。行を読むのはそのファイルだけです。`{key}` を消すか、使うものをダウンロードして `file_name` に指定してください",
        "它在 {list} 中的条目除 `file_name` 外还有 `{key}`：数据行只从该文件读取；请删去 `{key}`，或下载所需内容并写作 `file_name`";
    no_hub_folder(folder):
        "it has no data file in a folder `{folder}`", "フォルダー `{folder}` にデータファイルがありません", "文件夹 `{folder}` 中没有数据文件";
    name_a_subset(subsets):
        "it has several subsets; name one as `subset`: {subsets}",
        "サブセットが複数あります。`subset` で一つ指定してください: {subsets}",
        "它有多个子集；请用 `subset` 指定一个：{subsets}";
    no_hub_subset(subset, subsets):
        "it has no subset `{subset}`{subsets:; it has #}",
        "サブセット `{subset}` がありません{subsets:。あるのは # です}",
        "它没有子集 `{subset}`{subsets:；可用的是 #}";
    no_hub_split(split, splits):
        "it has no split `{split}`; it has {splits}", "split `{split}` がありません。あるのは {splits} です", "它没有 split `{split}`；可用的是 {splits}";
    no_hub_files(): "it has no data file that is read", "読めるデータファイルがありません", "没有可读取的数据文件";
    entry_pairs_unmarked(column):
        "`columns` names a side of pairs (`{column}`), and without `ranking` they are not read as pairs: set `ranking: true`, or take the column out",
        "`columns` がペアの片方（`{column}`）を示していますが、`ranking` がないためペアとして読めません。`ranking: true` を指定するか、その列を消してください",
        "`columns` 指定了成对回复的一侧（`{column}`），但没有 `ranking` 就不会按成对数据读取：请设置 `ranking: true`，或删去该列";
    entry_formatting(value):
        "formatting `{value}` is unknown; it is `alpaca`, `sharegpt` or `openai`",
        "formatting `{value}` は不明です。`alpaca`、`sharegpt`、`openai` のいずれかです",
        "未知的 formatting `{value}`；应为 `alpaca`、`sharegpt` 或 `openai`";
    comparison_shape(key, replies, verdicts):
        "`{key}` must be an object: `{replies}` (two columns, or one with a list) and one of {verdicts}",
        "`{key}` は `{replies}`（2 つの列、またはリストの列 1 つ）と {verdicts} のいずれかを持つオブジェクトでなければなりません",
        "`{key}` 应为对象：含 `{replies}`（两列，或一个列表列）以及 {verdicts} 之一";
    comparison_lists(key):
        "`{key}` must be a list of names of columns", "`{key}` は列名のリストでなければなりません", "`{key}` 应为列名列表";
    column_nowhere(list, column, file, columns):
        "its entry in {list} names the column `{column}`, which no row of {file} has; there are {columns}",
        "{list} の項目にある列 `{column}` は {file} のどの行にもありません。あるのは {columns} です",
        "它在 {list} 中的条目指定了列 `{column}`，而 {file} 的任何一行都没有；可用的是 {columns}";
    holds_pairs(): "preference pairs, which stages `dpo`, `rm` and `kto` train on", "選好ペア（ステージ `dpo`、`rm`、`kto` で学習）", "偏好对（用于 `dpo`、`rm`、`kto` 阶段）";
    holds_instructions(): "instructions with one reply each, which stage `sft` trains on", "応答が 1 つずつの指示（ステージ `sft` で学習）", "各有一个回复的指令（用于 `sft` 阶段）";
    holds_text(): "plain text, which stage `pt` trains on", "テキスト（ステージ `pt` で学習）", "纯文本（用于 `pt` 阶段）";
    holds_labelled(): "single labelled replies (`kto_tag`), which stage `kto` trains on", "ラベル付きの応答（`kto_tag`、ステージ `kto` で学習）", "带标签的单个回复（`kto_tag`，用于 `kto` 阶段）";
    holds_prompts(): "prompts without replies, which stage `ppo` trains on", "応答のないプロンプト（ステージ `ppo` で学習）", "没有回复的提示（用于 `ppo` 阶段）";
    wrong_kind(what, stage):
        "it holds {what}; this run is stage `{stage}`",
        "中身は{what}ですが、この実行のステージは `{stage}` です",
        "内容是{what}，而本次运行是 `{stage}` 阶段";
    holds_out_all(held, rows):
        "`val_size` holds out {held} rows of {rows}; none is left to train on: set it lower, or name an eval_dataset",
        "`val_size` で {rows} 行のうち {held} 行を評価用に取り分けると、学習する行が残りません。小さくするか、eval_dataset を指定してください",
        "`val_size` 从 {rows} 行中留出 {held} 行作评估，没有剩下可训练的行：请调小，或指定 eval_dataset";
    block_unfilled(tokens, cutoff):
        "{tokens} tokens in all don't fill one block of `cutoff_len` {cutoff}; lower it or add text",
        "全体で {tokens} トークンしかなく、`cutoff_len` {cutoff} のブロック 1 つにもなりません。小さくするか、テキストを足してください",
        "总共 {tokens} 个 token，不足一个 `cutoff_len` {cutoff} 的块；请调小它或添加文本";
    too_many_rows():
        "more rows, or a longer one, than can be counted by 32 bits; `max_samples` takes the first of them",
        "行数または 1 行の長さが 32 ビットで数えられる範囲を超えています。`max_samples` で先頭の行だけを使えます",
        "行数或单行长度超出 32 位计数范围；可用 `max_samples` 只取前面的行";
    broken_off(): "loading was broken off", "読み込みが中断されました", "读取被中断";
    no_usable_row(name, total, rows):
        "data set `{name}` has no usable row among its {total}{rows:; #}",
        "データセット `{name}` の {total} 行に、使える行がありません{rows:。#}",
        "数据集 `{name}` 的 {total} 行中没有可用的行{rows:；#}";
    rows_usable(name, usable, rows, cut):
        "{name}: {usable} of {rows} rows usable{cut:, # cut to cutoff_len}",
        "{name}: {rows} 行のうち {usable} 行が使用可能{cut:、# 行を cutoff_len で打ち切り}",
        "{name}：{rows} 行中 {usable} 行可用{cut:，# 行按 cutoff_len 截断}";
    more_rows(n): "and {n} more", "ほか {n} 行", "另有 {n} 行";
    at_row(row, why): "row {row}: {why}", "{row} 行目: {why}", "第 {row} 行：{why}";
    row_and_more(first, more): "{first}; {more}", "{first}。{more}", "{first}；{more}";
    row_no_object(row): "row {row} is not an object", "{row} 行目がオブジェクトではありません", "第 {row} 行不是对象";
    has_no_rows(): "has no rows", "行がありません", "没有数据行";
    no_rows_usable(name, row):
        "{name}: none of its rows can be used{row:: #}",
        "{name}: 使える行がありません{row:（#）}",
        "{name}：没有可用的行{row:（#）}";

    folder_without_data(endings, folders):
        "holds no data file ({endings}){folders:; its folders may: #}",
        "データファイル（{endings}）がありません{folders:。中のフォルダーを指定してください: #}",
        "没有数据文件（{endings}）{folders:；请指定其中的文件夹：#}";
    folder_of_two_types(first, second):
        "holds data files of two types ({first}, {second}): keep files of one type in a folder, or name one file",
        "2 種類のデータファイル（{first}、{second}）があります。フォルダーには 1 種類だけを置くか、ファイルを一つ指定してください",
        "含有两种类型的数据文件（{first}、{second}）：请让一个文件夹只放一种类型，或指定一个文件";
    in_file(file, row, why): "{file}, row {row}: {why}", "{file} の {row} 行目: {why}", "{file} 第 {row} 行：{why}";
    is_utf16(encoding):
        "is UTF-16; save it as UTF-8 (`iconv -f {encoding} -t UTF-8 in > out`)",
        "UTF-16 です。UTF-8 で保存し直してください（`iconv -f {encoding} -t UTF-8 in > out`）",
        "是 UTF-16；请另存为 UTF-8（`iconv -f {encoding} -t UTF-8 in > out`）";
    unpacking_failed(format, why):
        "is packed by {format} and can't be unpacked: {why}",
        "{format} で圧縮されていますが、展開できません: {why}",
        "由 {format} 压缩，但无法解压：{why}";
    packed_no_text():
        "is packed, and what is in it is no text: unpack it first",
        "圧縮されていますが、中身がテキストではありません。先に展開してください",
        "是压缩文件，但内容不是文本：请先解压";
    grows_too_far(most):
        "would grow to more than {most} MiB when it is read, far more than so small a file should hold; nothing of it is used",
        "読み込むと {most} MiB を超えます。この大きさのファイルとしては多すぎるため、使いません",
        "读取后会超过 {most} MiB，远超这么小的文件应有的内容；不会使用";
    is_archive(format):
        "is an archive ({format}); unpack it, and name the data file in it",
        "アーカイブ（{format}）です。展開して、中のデータファイルを指定してください",
        "是压缩包（{format}）；请解压，并指定其中的数据文件";
    is_spreadsheet():
        "is a spreadsheet; save it as CSV (UTF-8)",
        "表計算のファイルです。CSV（UTF-8）で保存してください",
        "是电子表格；请另存为 CSV（UTF-8）";
    packed_otherwise(format):
        "is packed by {format}, which is not read; unpack it, or pack it by gzip or Zstandard",
        "{format} で圧縮されていますが、読めません。展開するか、gzip か Zstandard で圧縮してください",
        "由 {format} 压缩，无法读取；请解压，或改用 gzip 或 Zstandard 压缩";
    of_other_program(format):
        "is a file of {format}, whose rows are not read; write them to a .jsonl or .csv file",
        "{format} のファイルで、行を読めません。.jsonl か .csv に書き出してください",
        "是 {format} 文件，无法读取其中的行；请写成 .jsonl 或 .csv 文件";
    is_json_named(ending):
        "is called .{ending} and begins as JSON; if it is that, call it .json or .jsonl",
        "名前は .{ending} ですが、JSON のように始まっています。JSON なら名前を .json か .jsonl にしてください",
        "名为 .{ending}，但开头像 JSON；如果是 JSON，请命名为 .json 或 .jsonl";
    old_feather():
        "is Feather of the first version, which is no longer written; write it anew (`pandas.read_feather(\"in\").to_feather(\"out\")`)",
        "古い（バージョン 1 の）Feather です。書き直してください（`pandas.read_feather(\"in\").to_feather(\"out\")`）",
        "是第一版 Feather，已不再使用；请重新写出（`pandas.read_feather(\"in\").to_feather(\"out\")`）";
    not_as_named(ending):
        "is called .{ending} and does not begin as such a file does",
        "名前は .{ending} ですが、中身の始まりが違います",
        "名为 .{ending}，但开头不是这种文件";
    spreadsheet(ending): "a spreadsheet (.{ending}) is not read: save its sheet as CSV (in a spreadsheet program: Save As, CSV UTF-8) and add that file",
        "表計算のファイル（.{ending}）は読めません。シートを CSV（表計算ソフトの「名前を付けて保存」、CSV UTF-8）で保存して、そのファイルを追加してください", "无法读取电子表格（.{ending}）：请把工作表另存为 CSV（在电子表格软件中：另存为，CSV UTF-8），再添加该文件";
    not_a_data_file(texts, packings, tables):
        "is no data file by its name: {texts} are read, each packed too ({packings}), and {tables}",
        "名前がデータファイルではありません。読めるのは {texts}（{packings} で圧縮したものも）と {tables} です",
        "文件名不是数据文件：可读取 {texts}（也可压缩为 {packings}）以及 {tables}";
    table_broken(format, rows, why):
        "can't be read as {format}{rows: after row #}: {why}",
        "{format} として読めません{rows:（# 行目の後）}: {why}",
        "无法按 {format} 读取{rows:（第 # 行之后）}：{why}";
    row_too_long(most): "is longer than {most} MiB", "{most} MiB を超えています", "超过 {most} MiB";
    cells_differ(found, wanted):
        "has {found|cell|cells}; the first line names {wanted|column|columns}",
        "セルが {found} 個ですが、最初の行の列名は {wanted} 個です",
        "有 {found} 个单元格，而首行列名有 {wanted} 个";
    behind_quote(cell):
        "cell {cell} goes on behind its closing quote; a quote within quotes is written twice (`\"\"`)",
        "{cell} 番目のセルは閉じる引用符の後にも文字があります。引用符の中の引用符は 2 つ重ねて（`\"\"`）書きます",
        "第 {cell} 个单元格在关闭引号之后还有文字；引号内的引号须写两次（`\"\"`）";
    lone_returns():
        "its lines end in carriage returns alone (CR), as old spreadsheets write them; save it with LF or CRLF, as CSV UTF-8",
        "行末が復帰文字（CR）だけです。古い表計算ソフトの形式なので、LF か CRLF の CSV（UTF-8）で保存し直してください",
        "行尾只有回车符（CR），是旧版电子表格的格式；请另存为 LF 或 CRLF 的 CSV UTF-8";
    quote_open(line):
        "a quote that opens on line {line} is never closed",
        "{line} 行目で開いた引用符が閉じられていません",
        "第 {line} 行打开的引号没有关闭";
    quote_too_long(line, most):
        "a row goes on for more than {most} MiB; the quote that opens on line {line} may never be closed",
        "1 つの行が {most} MiB を超えています。{line} 行目で開いた引用符が閉じられていないのかもしれません",
        "一行超过 {most} MiB；第 {line} 行打开的引号可能没有关闭";
    mixture_endless(most):
        "these data sets interleave to more than {most} rows: one of them is drawn too rarely (`interleave_probs`)",
        "このデータセットを混ぜると {most} 行を超えます。どれかが選ばれる確率が低すぎます（`interleave_probs`）",
        "这些数据集交错后超过 {most} 行：其中某个被抽到的概率太低（`interleave_probs`）";
    is_empty(): "is empty", "空です", "是空的";
    line_too_long(line, most): "line {line} is longer than {most} MiB", "{line} 行目が {most} MiB を超えています", "第 {line} 行超过 {most} MiB";
    several_lists(first, second):
        "holds several lists of rows (`{first}`, `{second}`); put the one wanted into a file of its own",
        "行のリストが複数あります（`{first}`、`{second}`）。使うものを別のファイルにしてください",
        "含有多个数据行列表（`{first}`、`{second}`）；请把需要的那个放进单独的文件";
    one_object():
        "holds one object; a list of rows is needed, or one row a line",
        "オブジェクトが 1 つあるだけです。行のリストか、1 行に 1 つずつの行が必要です",
        "只有一个对象；需要数据行的列表，或每行一个";

    row_without_pair(): "it has no chosen and rejected reply", "chosen と rejected の応答がありません", "没有 chosen 和 rejected 回复";
    row_without_label():
        "it has no label (true or false in the column `kto_tag` names)",
        "ラベルがありません（`kto_tag` が示す列の true か false）",
        "没有标签（`kto_tag` 所指列中的 true 或 false）";
    row_without_reply(): "it has no reply", "応答がありません", "没有回复";
    counted_not_learned():
        "the replies that count here are marked as not to be learned",
        "ここで数える応答は、学習しないものと指定されています",
        "这里计入的回复被标记为不学习";
    no_reply_left(cutoff):
        "no token of the reply is left within `cutoff_len` {cutoff}; the prompt fills it",
        "`cutoff_len` {cutoff} がプロンプトで埋まり、応答のトークンが残りません",
        "`cutoff_len` {cutoff} 被提示占满，没有剩下回复的 token";
    no_turns(): "no turns", "発話がありません", "没有任何轮次";
    turns_before_reply(n):
        "{n} turns before the reply; they alternate, beginning and ending with the user's",
        "応答の前に発話が {n} 個あります。ユーザーの発話で始まり、交互に並び、ユーザーの発話で終わらなければなりません",
        "回复之前有 {n} 轮；它们应交替出现，以用户开始并以用户结束";
    turn_is_users(turn):
        "turn {turn} is the user's; turns alternate, beginning with the user's",
        "{turn} 番目の発話がユーザーのものです。発話はユーザーから始まり、交互に並びます",
        "第 {turn} 轮是用户的；各轮应从用户开始交替";
    turn_is_assistants(turn):
        "turn {turn} is the assistant's; turns alternate, beginning with the user's",
        "{turn} 番目の発話がアシスタントのものです。発話はユーザーから始まり、交互に並びます",
        "第 {turn} 轮是助手的；各轮应从用户开始交替";
    the_users(): "the user's", "ユーザーの発話", "用户的轮次";
    the_assistants(): "the assistant's", "アシスタントの発話", "助手的轮次";
    a_tools_answer(): "a tool's answer", "ツールの応答", "工具的答复";
    a_tool_call(): "a tool call", "ツール呼び出し", "工具调用";
    template_leaves_out(turn, what, name):
        "the model's chat template leaves out turn {turn} ({what}); a named template writes it: set `template`, for instance to `{name}`",
        "モデルのチャットテンプレートは {turn} 番目の発話（{what}）を書きません。名前付きのテンプレートなら書きます。`template` をたとえば `{name}` にしてください",
        "模型的聊天模板不写第 {turn} 轮（{what}）；具名模板会写：请设置 `template`，例如 `{name}`";

    of_the_model(): "of the model", "（モデル付属）", "（模型自带）";
    of_the_run(): "of the run", "（この実行のもの）", "（此次运行的）";
    template_unreadable(why): "can't be read: {why}", "読めません: {why}", "无法读取：{why}";
    template_refuses(why): "the model's chat template refuses it: {why}", "モデルのチャットテンプレートが受け付けません: {why}", "模型的聊天模板拒绝它：{why}";
    template_too_much(why):
        "the model's chat template can't be given it: {why}",
        "モデルのチャットテンプレートに渡せません: {why}",
        "无法交给模型的聊天模板：{why}";
    reply_not_behind_prompt():
        "the model's chat template doesn't put the reply right after its prompt, so the tokens that count can't be told; set `template` to a named one",
        "モデルのチャットテンプレートが応答をプロンプトの直後に置かないため、数えるトークンが分かりません。`template` に名前付きのものを指定してください",
        "模型的聊天模板没有把回复紧接在提示之后，因此无法判断哪些 token 计入；请把 `template` 设为具名模板";
    tool_format_unknown(name, names): "tool_format `{name}` is not one of {names}", "tool_format `{name}` は {names} のいずれでもありません", "tool_format `{name}` 不是 {names} 之一";
    tool_format_of_model(name):
        "it writes tools in its own way, so tool_format `{name}` can't be followed; set `template`, or leave `tool_format` out",
        "ツールを独自の書き方で書くため、tool_format `{name}` には従えません。`template` を指定するか、`tool_format` を外してください",
        "它以自己的方式书写工具，无法遵循 tool_format `{name}`；请设置 `template`，或去掉 `tool_format`";
    no_chat_template():
        "the model folder has no chat template; set `template`, for instance to `default`",
        "モデルのフォルダーにチャットテンプレートがありません。`template` をたとえば `default` にしてください",
        "模型文件夹没有聊天模板；请设置 `template`，例如 `default`";
    no_default_template(names):
        "tokenizer_config.json has the chat templates {names} and none called `default`; rename the one to use, or set `template`",
        "tokenizer_config.json のチャットテンプレートは {names} で、`default` がありません。使うものの名前を変えるか、`template` を指定してください",
        "tokenizer_config.json 中的聊天模板为 {names}，没有名为 `default` 的；请重命名要用的那个，或设置 `template`";
    bad_call(why): "a function call that is not JSON: {why}", "関数呼び出しが JSON ではありません: {why}", "函数调用不是 JSON：{why}";
    bad_tools(why): "a tool description that is not JSON: {why}", "ツールの説明が JSON ではありません: {why}", "工具描述不是 JSON：{why}";
    tools_must_be_list(): "`tools` must be a JSON list", "`tools` は JSON のリストでなければなりません", "`tools` 应为 JSON 列表";
    call_without_name(): "a function call without a `name`", "`name` のない関数呼び出しがあります", "有一个函数调用没有 `name`";
    call_without_arguments(name): "call of `{name}` without `arguments`", "`{name}` の呼び出しに `arguments` がありません", "对 `{name}` 的调用没有 `arguments`";
    one_call_at_a_time():
        "GLM-4 calls one function at a time", "GLM-4 が一度に呼び出す関数は 1 つです", "GLM-4 一次只调用一个函数";
    arguments_no_object(name): "the arguments of `{name}` are no object", "`{name}` の引数がオブジェクトではありません", "`{name}` 的参数不是对象";

    words_broken(file, at):
        "`{file}` can't be read from byte {at} on; take that of the model again",
        "`{file}` は {at} バイト目から読めません。モデルのものを取り直してください",
        "`{file}` 从第 {at} 字节起无法读取，请重新获取该模型的这个文件";
    words_line(file, line):
        "line {line} of `{file}` is no token of it; take that of the model again",
        "`{file}` の {line} 行目はトークンとして読めません。モデルのものを取り直してください",
        "`{file}` 第 {line} 行不是其中的词元，请重新获取该模型的这个文件";
    words_entry(file, key, place):
        "`{key}` of `{file}` can't be used at {place}; take that of the model again",
        "`{file}` の `{key}` は {place} で使えません。モデルのものを取り直してください",
        "`{file}` 的 `{key}` 在 {place} 处不可用，请重新获取该模型的这个文件";
    words_vocab(file, why):
        "`{file}` is no map of tokens to ids ({why}); take that of the model again",
        "`{file}` はトークンから ID への対応になっていません（{why}）。モデルのものを取り直してください",
        "`{file}` 不是词元到 id 的映射（{why}），请重新获取该模型的这个文件";
    words_kind(file, kind):
        "`{file}` is of the kind `{kind}`; SentencePiece's BPE and unigram are read: put the model's tokenizer.json beside it",
        "`{file}` の種類は `{kind}` です。読めるのは SentencePiece の BPE と unigram なので、モデルの tokenizer.json を隣に置いてください",
        "`{file}` 的类型为 `{kind}`；能读取的是 SentencePiece 的 BPE 和 unigram：请把模型的 tokenizer.json 放在它旁边";
    words_long_piece(file, bytes, most):
        "`{file}` holds a token of {bytes} bytes, more than {most}; take that of the model again",
        "`{file}` に {bytes} バイトのトークンがあります（上限 {most}）。モデルのものを取り直してください",
        "`{file}` 含有 {bytes} 字节的词元，超过上限 {most}，请重新获取该模型的这个文件";
    words_no_merges():
        "stands without `merges.txt`; put that of the model beside it",
        "`merges.txt` がありません。モデルのものを隣に置いてください",
        "缺少 `merges.txt`；请把该模型的这个文件放在它旁边";
    words_class(class, file):
        "how `{class}` parts text is not known here; put the model's tokenizer.json beside `{file}`",
        "`{class}` のテキストの分け方は未対応です。モデルの tokenizer.json を `{file}` の隣に置いてください",
        "`{class}` 的切分方式未知；请把模型的 tokenizer.json 放在 `{file}` 旁边";
    words_id_taken(token, id, file):
        "`{token}` can't have id {id}, as the added tokens say: `{file}` has another token there; take both of the model again",
        "追加トークンでは `{token}` の ID が {id} ですが、`{file}` では別のトークンです。両方ともモデルのものを取り直してください",
        "添加的词元把 `{token}` 的 id 定为 {id}，但 `{file}` 在那里是另一个词元，请重新获取该模型的这两个文件";
    tokenizer_json_missing():
        "there is no `tokenizer.json`, `tokenizer.model`, `tekken.json`, `qwen.tiktoken` or `vocab.json`; put that of the model there",
        "`tokenizer.json`・`tokenizer.model`・`tekken.json`・`qwen.tiktoken`・`vocab.json` のいずれもありません。モデルのものを置いてください",
        "没有 `tokenizer.json`、`tokenizer.model`、`tekken.json`、`qwen.tiktoken` 或 `vocab.json`；请放入该模型的这个文件";
    tokenizer_broken(doing):
        "{doing}: `tokenizer.json` is broken; take that of the model again",
        "{doing}: `tokenizer.json` が壊れています。モデルのものを取り直してください",
        "{doing}：`tokenizer.json` 已损坏，请重新获取该模型的这个文件";
    added_token(token, id, left):
        "`tokenizer_config.json` gives `{token}` id {id}, `tokenizer.json` leaves {left} for it",
        "`tokenizer_config.json` では `{token}` の ID が {id} ですが、`tokenizer.json` では {left} になります",
        "`tokenizer_config.json` 给 `{token}` 的 id 为 {id}，而 `tokenizer.json` 留给它的是 {left}";
    no_id(): "none", "なし", "无";
    not_utf8(): "is not UTF-8", "UTF-8 ではありません", "不是 UTF-8";
    not_json(why): "is not JSON: {why}", "JSON ではありません: {why}", "不是 JSON：{why}";
    tokenizer_file_too_large(): "is too large to be a tokenizer file", "トークナイザーのファイルとしては大きすぎます", "过大，不像分词器文件";
    entry_twice(name):
        "`{name}` stands in it more than once, and which entry is meant can't be told: rename or remove one",
        "`{name}` という項目が 2 つ以上あり、どれを指すのか分かりません。名前を変えるか、どれかを削除してください",
        "其中有多个名为 `{name}` 的条目，无法判断指哪一个：请改名或删除其中之一";
    key_of_entry_twice(name, key):
        "the entry `{name}` has `{key}` more than once, and which is meant can't be told: remove one",
        "項目 `{name}` に `{key}` が 2 つ以上あり、どれを指すのか分かりません。どれかを削除してください",
        "条目 `{name}` 中多次出现 `{key}`，无法判断指哪一个：请删除其中之一";
}

/// Why a data set can't be used, with its name in front where the reason doesn't say it.
pub fn in_dataset(name: &str, why: crate::Said) -> crate::Said {
    match why.code.as_str() {
        "of_dataset" | "no_usable_row" | "dataset_unlisted" | "no_dataset_list" | "no_rows_usable" => why,
        _ => of_dataset(name, why),
    }
}
