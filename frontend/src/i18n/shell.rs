//! Words of the frame around every page: rail, palette, list of keys.

super::words! {
    home: "Home", "ホーム", "首页";
    runs: "Runs", "実行", "运行";
    new_run: "New run", "新規実行", "新建运行";
    data: "Data", "データ", "数据";
    models: "Models", "モデル", "模型";
    evaluate: "Evaluate", "評価", "评估";
    chat: "Chat", "チャット", "对话";
    navigation: "Main", "メイン", "主导航";
    skip: "Skip to the page", "本文へ移動", "跳到正文";
    going(n): "{n} run going" / "{n} runs going", "{n} 件実行中", "{n} 个正在运行";
    going_and_queued(n, q): "{n} going, {q} queued", "実行中 {n} 件、待機 {q} 件", "{n} 个运行中，{q} 个排队";
    going_now: "Running now", "実行中", "正在运行";
    cards: "Cards", "カード", "显卡";
    card_memory: "Memory of the card", "カードのメモリ", "显存";
    card_memory_of(used, total): "{used} of {total}", "{used} / {total}", "{used} / {total}";
    card_run: "To the run on this card", "このカードでの実行へ", "前往此显卡上的运行";
    ends_in(d): "{d} left", "残り {d}", "剩余 {d}";
    progress: "Progress", "進捗", "进度";
    licences: "Licences of fonts and libraries", "フォントとライブラリのライセンス", "字体与程序库的许可证";
    back_home: "To the runs", "実行の一覧へ", "返回运行列表";
    not_found_text: "The address may be mistyped, or what it named is gone.",
        "アドレスが誤っているか、指していたものがなくなっています。", "地址可能有误，或其内容已不存在。";
    live: "live", "接続中", "已连接";
    catching_up: "catching up", "同期中", "同步中";
    offline: "offline", "切断", "已断开";
    live_hint: "What you see is up to date.", "表示は最新です。", "所见即最新。";
    catching_up_hint: "Fetching what happened meanwhile.", "この間の変化を取得しています。", "正在获取期间的变化。";
    offline_hint: "The server cannot be reached; trying again by itself.",
        "サーバーに接続できません。自動的に再接続します。", "无法连接服务器，正在自动重连。";
    language: "Language", "表示言語", "界面语言";
    theme: "Theme", "テーマ", "主题";
    theme_light: "Light", "ライト", "浅色";
    theme_dark: "Dark", "ダーク", "深色";
    theme_system: "As the system", "システムに合わせる", "跟随系统";
    updated: "Corral was updated. Reload the page to use the new version.",
        "Corral が更新されました。ページを再読み込みすると新しい版になります。",
        "Corral 已更新。重新加载页面即可使用新版本。";
    reload: "Reload", "再読み込み", "重新加载";

    palette: "Find runs, models, data, pages and actions", "実行・モデル・データ・ページ・操作を検索", "查找运行、模型、数据、页面和操作";
    palette_placeholder: "Where to? Type a name or an action", "名前や操作を入力", "输入名称或操作";
    palette_none: "Nothing of that name.", "一致するものがありません。", "没有匹配项。";
    palette_page: "page", "ページ", "页面";
    palette_run: "run", "実行", "运行";
    palette_model: "model", "モデル", "模型";
    palette_data: "data", "データ", "数据";
    palette_action: "action", "操作", "操作";
    run_demo: "Run the demo", "デモを実行", "运行演示";

    keys: "Keys", "キー操作", "快捷键";
    keys_palette: "Find anything", "何でも検索", "查找任何内容";
    keys_help: "This list", "この一覧", "显示本列表";
    keys_field: "What the field means", "項目の説明", "字段的含义";
    keys_go(page): "Go to {page}", "{page}へ移動", "前往{page}";
    keys_search: "Search in the table", "表内を検索", "在表格中搜索";
    keys_rows: "Move through rows", "行を移動", "在行间移动";
    keys_open: "Open the row", "行を開く", "打开该行";
    keys_select: "Select the row", "行を選択", "选择该行";
    keys_evaluation: "Pairs: earlier or later evaluation", "ペア: 前後の評価へ", "样本对：上一次或下一次评估";
    keys_escape: "Close, or clear the selection", "閉じる・選択を解除", "关闭或清除选择";
    keys_then: "then", "→", "然后";
}
