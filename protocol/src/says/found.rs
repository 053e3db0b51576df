//! What is good to know of the rows of a data set, and no reason to refuse them.

super::sentences! {
    FOUND

    unused_columns(columns):
        "not used: {columns}; columns that belong to prompt or reply are named under `columns` in dataset_info.json",
        "使用しない列: {columns}。プロンプトや応答に含める列は dataset_info.json の `columns` に指定します",
        "未使用的列：{columns}。属于提示或回复的列请写入 dataset_info.json 的 `columns`";
    unused_entry_keys(list, keys):
        "its entry in {list} has keys that nothing is made of: {keys}",
        "{list} の項目にある {keys} は使用しません",
        "它在 {list} 中的条目有未使用的键：{keys}";
    unused_files(files):
        "its folder holds more that is not read: {files}",
        "フォルダーには読み込まれないものもあります: {files}",
        "其文件夹中还有未读取的内容：{files}";
    unused_list(key, n):
        "`{key}` ({n|row|rows}) is not used; rows to be used besides go into a file of their own",
        "`{key}`（{n} 行）は使用しません。使う場合は別のファイルにしてください",
        "未使用 `{key}`（{n} 行）；若要使用，请放进单独的文件";
    unused_keys(keys, column):
        "not used: {keys} inside of `{column}`",
        "`{column}` の中の {keys} は使用しません",
        "`{column}` 中未使用：{keys}";
    other_prompt(column, n):
        "in {n|row|rows} `{column}` is no part of the conversation; the conversation is used, `{column}` is not",
        "{n} 行で `{column}` が会話に含まれていません。会話のほうを使用し、`{column}` は使用しません",
        "{n} 行中 `{column}` 不属于对话；采用对话本身，不使用 `{column}`";
    marked_prompts(n):
        "{n|row marks|rows mark} a user's turn as one to learn; only `train_on_prompt` learns those",
        "{n} 行でユーザーの発話が学習対象に指定されています。学習するには `train_on_prompt` が必要です",
        "{n} 行把用户的轮次标为要学习；只有 `train_on_prompt` 会学习它们";
    same_replies(n):
        "{n|pair has|pairs have} the same chosen and rejected reply; there is nothing to prefer there",
        "{n} 組は chosen と rejected が同一で、選好の手がかりがありません",
        "{n} 对的 chosen 与 rejected 相同，无从比较偏好";
    empty_replies(n):
        "{n|row has|rows have} an empty reply; the model learns to say nothing",
        "{n} 行の応答が空です。モデルは何も答えないことを学習します",
        "{n} 行的回复为空；模型会学着什么都不说";
    one_label(label):
        "every label is {label}; KTO needs good and bad replies to tell them apart",
        "ラベルがすべて {label} です。KTO には良い応答と悪い応答の両方が必要です",
        "所有标签均为 {label}；KTO 需要好坏两种回复才能区分";
    ties(n):
        "{n|row is|rows are} left out: a tie, neither reply is the better one",
        "引き分け（どちらが良いとも言えない）のため {n} 行を除外します",
        "{n} 行因平局（没有更好的回复）而排除";
    unjudged_rows(n):
        "{n|row is|rows are} left out: nothing there says which reply is the better one",
        "どちらの応答が良いかの判定がないため {n} 行を除外します",
        "{n} 行因没有说明哪个回复更好而排除";
    labels_unread(n):
        "{n|row is|rows are} left out: the label is neither good nor bad",
        "ラベルを良し悪しとして読めないため {n} 行を除外します",
        "{n} 行因标签既非好也非坏而排除";
    no_labels(column, values):
        "`{column}` is not used: what it holds ({values}) is neither good nor bad; labels are true or false",
        "`{column}` は使用しません。値（{values}）は良し悪しを表していません。ラベルは true か false です",
        "未使用 `{column}`：其内容（{values}）既非好也非坏；标签应为 true 或 false";
    other_replies(n):
        "in {n|row|rows} there are more replies than a pair has: of those that are judged the best and the worst are used, else the first; give the others rows of their own",
        "{n} 行には 2 つより多い応答があります。評価があれば最良と最低を、なければ先頭のものを使います。残りも使うには行を分けてください",
        "{n} 行有两个以上的回复：有评分时采用最好与最差的，否则采用第一个；其余的请另写成行";
    key_twice(key, row, n):
        "`{key}` stands twice in one object, first in row {row} ({n|row|rows} in all); its last value is used",
        "1 つのオブジェクトに `{key}` が 2 回あります（最初は {row} 行目、計 {n} 行）。最後の値を使用します",
        "同一对象中 `{key}` 出现两次（首次在第 {row} 行，共 {n} 行），采用最后的值";
    empty_column(column):
        "`{column}` is empty in every row: there is no reply to learn, so that the rows are prompts (stage `ppo`)",
        "`{column}` はすべての行で空です。学習する応答がないため、プロンプト（ステージ `ppo` 用）として扱います",
        "`{column}` 在每一行都为空：没有可学习的回复，因此这些行是提示（用于 `ppo` 阶段）";
    same_tokens(n):
        "{n|pair has|pairs have} the same tokens for chosen and rejected; there is nothing to prefer there",
        "{n} 組は chosen と rejected のトークンが同一で、選好の手がかりがありません",
        "{n} 对的 chosen 与 rejected 的 token 相同，无从比较偏好";
    last_reply_counts(n):
        "in {n|row|rows} only the last reply counts, because the model's chat template writes earlier ones in another way; a named `template` counts them all",
        "{n} 行では最後の応答だけを学習します。モデルのチャットテンプレートが以前の応答を別の形で書くためです。名前付きの `template` ならすべて学習します",
        "{n} 行中只有最后的回复计入学习，因为模型的聊天模板以另一种方式书写之前的回复；使用具名 `template` 则全部计入";
    first_prompt_only():
        "stage `pt` learns the first prompt of each row alone; replies are not used",
        "ステージ `pt` は各行の最初のプロンプトだけを学習し、応答は使いません",
        "`pt` 阶段只学习每行的第一个提示，不使用回复";
    thoughts_left_out(n):
        "in {n|row|rows} the template leaves out the thoughts that stand apart (`reasoning_content`)",
        "{n} 行で、別項目の思考（`reasoning_content`）がテンプレートに含まれません",
        "{n} 行中，模板未写入单独存放的思考内容（`reasoning_content`）";
    tools_left_out(n):
        "in {n|row|rows} the tools change nothing: the template leaves them out",
        "{n} 行で、ツールの定義がテンプレートに含まれません",
        "{n} 行中，模板未写入工具定义，工具不起作用";
    system_left_out(n):
        "in {n|row|rows} the template leaves out the system message",
        "{n} 行で、システムメッセージがテンプレートに含まれません",
        "{n} 行中，模板未写入系统消息";
    block_in_reply(n):
        "in {n|row|rows} the prompt ends before the block that the template opens for the reply, because the reply has none",
        "{n} 行では、テンプレートが応答の先頭で開くブロックが応答にないため、プロンプトはその手前で終わります",
        "{n} 行中，模板会为回复打开一个块而回复中没有，因此提示在该块之前结束";
}
