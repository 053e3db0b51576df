//! Words of what tells that a run has ended.

super::words! {
    title: "Notifications", "通知", "通知";
    here: "In this browser", "このブラウザー", "此浏览器";
    here_on: "You are told here when a run ends or fails, while a page of Corral is open.",
        "Corral のページを開いている間、実行の終了や失敗をここで通知します。",
        "只要有 Corral 页面打开，运行结束或失败时会在此通知你。";
    here_off: "Off. The browser asks you once when you turn it on.", "オフです。オンにするとブラウザーが一度だけ確認します。", "已关闭。开启时浏览器会询问一次。";
    here_denied: "The browser refuses notifications of this page: allow them in the site’s settings.",
        "ブラウザーがこのページの通知を拒否しています。サイトの設定で許可してください。",
        "浏览器拒绝了此页面的通知：请在网站设置中允许。";
    here_missing: "This browser shows no notifications here: they need HTTPS or this machine’s own address (localhost).",
        "このブラウザーでは通知を表示できません。HTTPS か localhost が必要です。",
        "此浏览器在此处无法显示通知：需要 HTTPS 或本机地址（localhost）。";
    turn_on: "Turn on", "オンにする", "开启";
    turn_off: "Turn off", "オフにする", "关闭";
    webhook_text: "A small JSON is posted to this address when a run ends or fails; Slack, Mattermost and Discord show it as it is. The address stays in the data directory and is shown to nobody.",
        "実行の終了や失敗のたびに小さな JSON をこのアドレスへ送ります。Slack・Mattermost・Discord ではそのまま表示されます。アドレスはデータフォルダーに保存し、表示しません。",
        "运行结束或失败时向此地址发送一段小 JSON；Slack、Mattermost 与 Discord 可直接显示。地址只保存在数据目录，不会显示。";
    webhook_address: "Address of the webhook", "Webhook のアドレス", "Webhook 地址";
    webhook_is(host): "Posts to {host}", "送信先: {host}", "发送到 {host}";
    save: "Save", "保存", "保存";
    test: "Send a test", "テスト送信", "发送测试";
    remove: "Remove", "削除", "移除";
    told(ago): "Told {ago}", "{ago}に通知しました", "{ago}已通知";
}
