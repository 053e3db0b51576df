//! Words of the page "Models".

super::words! {
    title: "Models", "モデル", "模型";
    origin_demo: "Comes with Corral", "Corral 付属", "Corral 自带";
    origin_folder: "Local folders", "ローカルフォルダー", "本地文件夹";
    origin_hub: "From the hub", "Hub から", "来自 Hub";
    origin_adapter: "Adapters of runs", "実行のアダプター", "运行产生的适配器";
    origin_merged: "Whole models of runs", "実行のモデル全体", "运行产生的完整模型";

    disk(bytes, free): "This data directory takes {bytes}; {free} are free.", "このデータフォルダーの使用量は {bytes}、空きは {free} です。", "此数据目录占用 {bytes}，可用空间 {free}。";
    trash(n, bytes): "Trash: {n} · {bytes}", "ゴミ箱: {n} 件 · {bytes}", "回收站：{n} 项 · {bytes}";
    trash_hint(days): "What is deleted stays here for {days} days and takes its room until then.",
        "削除したものは {days} 日間ここに残り、それまで容量を使います。", "删除的内容在此保留 {days} 天，期间仍占用空间。";
    empty_trash: "Empty the trash", "ゴミ箱を空にする", "清空回收站";
    empty_title: "Empty the trash?", "ゴミ箱を空にしますか？", "清空回收站？";
    empty_text(bytes): "{bytes} become free. What is in it cannot be taken back any more.",
        "{bytes} が空きます。中のものは元に戻せなくなります。", "将释放 {bytes}。其中的内容将无法恢复。";
    trash_run: "Run", "実行", "运行";
    trash_sweep: "Sweep", "スイープ", "扫描";
    trash_checkpoint: "Checkpoint", "チェックポイント", "检查点";
    trash_config: "Configuration", "設定", "配置";
    delete_title(name): "Delete {name}?", "{name} を削除しますか？", "删除 {name}？";
    delete_text(bytes): "It goes into the trash for 7 days: {bytes} of weights, and what lies beside them. Its room is free once the trash is emptied.",
        "重み {bytes} と付随するファイルが 7 日間ゴミ箱に残ります。容量はゴミ箱を空にすると空きます。", "权重 {bytes} 及其旁的文件会在回收站保留 7 天；清空回收站后才释放空间。";
    delete_used(n): "{n} run was made with it: its adapter can't be used without it." / "{n} runs were made with it: their adapters can't be used without it.",
        "{n} 件の実行で使われました。そのアダプターはこれがないと使えません。", "有 {n} 个运行用过它：没有它，其适配器无法使用。";
    download: "Download", "ダウンロード", "下载";
    downloading: "Downloading", "ダウンロード中", "正在下载";
    again: "Try again", "再試行", "重试";
    further(n): "{n} further checkpoint" / "{n} further checkpoints", "ほか {n} 個のチェックポイント", "另有 {n} 个检查点";
    fold: "Fold", "折りたたむ", "收起";
    actions: "Actions", "操作", "操作";
    stop: "Stop", "停止", "停止";
    hub: "Hub", "Hub", "Hub";
    what_for: "What for", "用途", "用途";
    tag_base: "base", "ベース", "基座";
    tag_chat: "chat", "チャット", "对话";
    tag_programs: "code", "コード", "代码";
    tag_math: "maths", "数学", "数学";
    tag_reasoning: "reasoning", "推論", "推理";
    tag_translation: "translation", "翻訳", "翻译";
    template_is(name): "template {name}", "テンプレート {name}", "模板 {name}";
    rows(n): "{n} rows", "{n} 行", "{n} 行";
    more_found(n): "{n} more: search further" / "{n} more: search further", "ほか {n} 件。語を足して絞り込めます", "另有 {n} 项，可继续缩小范围";
    nothing_found: "Nothing of this name in the catalogue; owner/name or the address of its page is looked up on the hub itself", "カタログに見つかりません。owner/name かページのアドレスなら Hub で調べます", "目录中没有；输入 owner/name 或其页面地址可直接在 Hub 上查询";
    look: "Look up", "調べる", "查询";
    to_fetch(a, b): "{a} to fetch, {b} free", "取得 {a}、空き {b}", "需下载 {a}，可用 {b}";
    all_here: "all of it is here", "すべて揃っています", "已全部在本机";
    is_here: "here", "取得済み", "已下载";
    asking_hub: "asking the hub…", "Hub に問い合わせ中…", "正在查询 Hub…";
    fetched(a, b): "{a} of {b}", "{a} / {b}", "{a} / {b}";

    model: "Model", "モデル", "模型";
    from: "From", "入手元", "来源";
    params: "Parameters", "パラメーター", "参数";
    dtype: "Type", "データ型", "类型";
    size: "Size", "サイズ", "大小";
    context: "Context", "コンテキスト", "上下文";
    used_in: "Used in", "使用先", "用于";
    made_by: "Made by", "作成元の実行", "来自运行";
    family: "Family", "モデル系列", "架构";
    layers: "Linear layers", "線形層", "线性层";
    beside_llama: "Beside Llama's block", "Llama のブロックとの違い", "与 Llama 块的不同";
    template: "Template", "テンプレート", "模板";
    own_template: "its own", "モデル付属", "自带";
    named_template(name): "{name} (LLaMA-Factory's name)", "{name}（LLaMA-Factory での名前）", "{name}（LLaMA-Factory 中的名称）";
    folder: "Folder", "フォルダー", "文件夹";
    lineage: "Made from what", "系譜", "谱系";
    unusable: "cannot be used", "使用不可", "不可用";
    train: "Train", "学習", "训练";
    evaluate: "Evaluate", "評価", "评估";
    chat: "Chat", "チャット", "对话";
    empty: "No models yet.", "モデルがまだありません。", "还没有模型。";
    hub_name: "Catalogue words, or a name on the hub", "カタログの語、または Hub 上の名前", "目录关键词，或 Hub 上的名称";
    hub_placeholder: "qwen 0.5b, or owner/name", "qwen 0.5b または owner/name", "qwen 0.5b 或 owner/name";
    hub_data_placeholder: "ultrafeedback, or owner/name", "ultrafeedback または owner/name", "ultrafeedback 或 owner/name";
}
