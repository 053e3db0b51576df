//! Words of the page "Chat".

super::words! {
    title: "Chat", "チャット", "对话";
    left: "First model", "1 つ目のモデル", "第一个模型";
    right: "Second model", "2 つ目のモデル", "第二个模型";
    before: "before", "学習前", "训练前";
    after: "after", "学習後", "训练后";
    one_column: "One model only", "1 モデルのみ", "只用一个模型";
    swap: "Swap the columns", "左右を入れ替え", "交换两栏";
    new_talk: "New chat", "新しいチャット", "新对话";
    history: "History", "履歴", "历史";
    no_history: "No chats yet.", "チャットはまだありません。", "还没有对话。";
    history_note: "Kept in this browser alone; the oldest go first.",
        "このブラウザーにのみ保存され、古いものから消えます。", "仅保存在此浏览器中，最旧的会先被清除。";
    forget_talk(q): "Delete: {q}", "削除: {q}", "删除：{q}";
    turns(n): "{n} question" / "{n} questions", "質問 {n} 件", "{n} 个问题";
    export: "Export", "書き出し", "导出";
    export_markdown: "To read (Markdown)", "読む用 (Markdown)", "便于阅读（Markdown）";
    export_json: "As messages (JSON Lines)", "メッセージ形式 (JSON Lines)", "消息格式（JSON Lines）";
    edit_question: "Edit the question", "質問を編集", "编辑问题";
    editing: "Editing: sending replaces this question and all that follows.",
        "編集中: 送信すると、この質問以降が置き換わります。", "正在编辑：发送后将替换此问题及其后的全部内容。";
    draw_again: "Write it again", "もう一度生成", "重新生成";
    draw_again_same: "Write it again. At temperature 0 the same settings give the same reply.",
        "もう一度生成します。温度 0 では、設定が同じなら返答も同じです。", "重新生成。温度为 0 时，相同设置得到相同回复。";
    settings: "Settings", "生成設定", "生成设置";
    send: "Send", "送信", "发送";
    stop: "Stop", "停止", "停止";
    message: "Message", "メッセージ", "消息";
    placeholder_two: "Ask both models the same thing", "両方のモデルに同じ質問をする", "向两个模型提出同一个问题";
    placeholder_one: "Ask the model something", "モデルに質問する", "向模型提问";
    keys: "Enter sends, Shift+Enter starts a new line", "Enter で送信、Shift+Enter で改行", "Enter 发送，Shift+Enter 换行";
    conversation: "Conversation", "会話", "对话内容";
    empty: "Ask both the same question and see what training changed.",
        "同じ質問を投げかけて、学習で何が変わったかを見比べてください。",
        "向两个模型提同一个问题，看看训练带来了什么变化。";
    empty_one: "Ask the model something.", "モデルに質問してみてください。", "向模型提个问题吧。";
    same_dice: "Same seed and settings in both columns.", "シードと生成設定は両方の列で共通です。", "两栏使用相同的种子和设置。";
    no_models: "There is no model to talk to.", "会話できるモデルがありません。", "没有可以对话的模型。";
    see_models: "See the models", "モデルを見る", "查看模型";
    waiting: "Loading the model…", "モデルを読み込んでいます…", "正在加载模型…";
    thinking: "Waiting for the first token…", "最初のトークンを待っています…", "正在等待第一个 token…";
    stopped: "stopped", "停止済み", "已停止";
    cut: "cut at the most tokens", "最大トークン数で打ち切り", "已达最大 token 数";
    empty_reply: "(an empty reply)", "(空の返答)", "（空回复）";
    speed(n): "{n} tokens/s", "{n} tokens/s", "{n} tokens/s";
    tokens(n): "{n} token" / "{n} tokens", "{n} トークン", "{n} 个 token";
    retry: "Try again", "再試行", "重试";
    broken: "The connection broke before the reply was whole.", "返答の途中で接続が切れました。", "回复尚未完成，连接已中断。";
    run_gone: "The run in the address has no checkpoint to talk to.", "アドレスの実行には会話できるチェックポイントがありません。", "地址中的运行没有可对话的检查点。";

    temperature: "Temperature", "温度 (temperature)", "温度 (temperature)";
    temperature_hint: "0 always takes the likeliest token", "0 なら常に最も確率の高いトークン", "0 表示总取概率最高的 token";
    top_p: "Top-p", "Top-p", "Top-p";
    top_p_hint: "Share of the likeliest tokens drawn from", "抽選対象とする上位トークンの累積確率", "参与采样的高概率 token 占比";
    max_tokens: "Most tokens", "最大トークン数", "最大 token 数";
    max_tokens_hint: "Of a reply", "1 回の返答あたり", "每次回复";
    seed: "Seed", "シード", "随机种子";
    seed_hint: "The same one draws the same reply", "同じ値なら同じ返答", "相同的种子得到相同的回复";
    system: "System message", "システムメッセージ", "系统消息";
    system_hint: "Put before every conversation", "会話の先頭に置かれます", "置于每次对话之前";
    bounds(a, b): "between {a} and {b}", "{a}〜{b} の範囲で指定してください", "请填写 {a} 到 {b} 之间的值";

    example_capital: "What is the capital of Kenya?", "ノルウェーの首都はどこですか。", "泰国的首都是什么？";
    example_legs: "How many legs does a butterfly have?", "アリの足は何本？", "请告诉我鸡有几条腿。";
    example_colour: "What is the colour of a pumpkin?", "草はどんな色ですか。", "柠檬是哪种颜色？";
    example_use: "What can I do with a chair?", "鍵は何のためにありますか。", "人们为什么需要自行车？";
}
