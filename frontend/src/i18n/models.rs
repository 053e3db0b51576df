//! Words of the page "Models".

super::words! {
    title: "Models", "モデル", "模型";
    origin_demo: "Comes with Corral", "Corral 付属", "Corral 自带";
    origin_folder: "Local folders", "ローカルフォルダー", "本地文件夹";
    origin_hub: "From the hub", "Hub から", "来自 Hub";
    origin_adapter: "Adapters of runs", "実行のアダプター", "运行产生的适配器";
    origin_merged: "Whole models of runs", "実行のモデル全体", "运行产生的完整模型";

    download: "Download", "ダウンロード", "下载";
    downloading: "Downloading", "ダウンロード中", "正在下载";
    again: "Try again", "再試行", "重试";
    further(n): "{n} further checkpoint" / "{n} further checkpoints", "ほか {n} 個のチェックポイント", "另有 {n} 个检查点";
    fold: "Fold", "折りたたむ", "收起";
    actions: "Actions", "操作", "操作";
    hub_wrong: "A name such as owner/name, or the address of its page", "owner/name の形の名前か、そのページのアドレスを入力してください", "请输入 owner/name 形式的名称或其页面地址";
    stop: "Stop", "停止", "停止";
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
    chat: "Chat", "チャット", "对话";
    empty: "No models yet.", "モデルがまだありません。", "还没有模型。";
    hub_name: "Name on the hub", "Hub 上の名前", "Hub 上的名称";
    hub_placeholder: "owner/name on the hub", "Hub 上の owner/name", "Hub 上的 owner/name";
    from_hub: "Download from the hub", "Hub からダウンロード", "从 Hub 下载";
}
