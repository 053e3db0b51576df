//! Words that several pages use.

super::words! {
    cancel: "Cancel", "キャンセル", "取消";
    close: "Close", "閉じる", "关闭";
    copy: "Copy", "コピー", "复制";
    copied: "Copied", "コピーしました", "已复制";
    delete: "Delete", "削除", "删除";
    save: "Save", "保存", "保存";
    edit: "Edit", "編集", "编辑";
    undo: "Undo", "元に戻す", "撤销";
    trashed(name, bytes, days): "{name} deleted: its {bytes} stay in the trash for {days} days",
        "{name} を削除しました。{bytes} は {days} 日間ゴミ箱に残ります", "已删除 {name}：其 {bytes} 会在回收站保留 {days} 天";
    trashed_n(n, bytes, days): "{n} deleted: their {bytes} stay in the trash for {days} days",
        "{n} 件を削除しました。{bytes} は {days} 日間ゴミ箱に残ります", "已删除 {n} 项：其 {bytes} 会在回收站保留 {days} 天";
    retry: "Try again", "再試行", "重试";
    more: "More", "その他", "更多";
    none: "None", "なし", "无";
    search: "Search", "検索", "搜索";
    loading: "Loading…", "読み込み中…", "加载中…";
    chosen: "chosen", "chosen", "chosen";
    rejected: "rejected", "rejected", "rejected";
    step: "step", "ステップ", "步";

    state_queued: "Queued", "待機中", "排队中";
    state_starting: "Starting", "準備中", "启动中";
    state_running: "Running", "実行中", "运行中";
    state_stopping: "Stopping", "停止処理中", "正在停止";
    state_completed: "Completed", "完了", "已完成";
    state_stopped: "Stopped", "停止済み", "已停止";
    state_failed: "Failed", "失敗", "失败";
    state_untold: "End not told", "終了の記録なし", "未记录结束";
    state_unknown: "Unknown", "不明", "未知";

    offline_title: "The server cannot be reached", "サーバーに接続できません", "无法连接服务器";
    offline_mend: "Start it again with `make run`; this page goes on by itself.",
        "`make run` で起動し直すと、このページは自動的に再開します。",
        "用 `make run` 重新启动后，本页会自动恢复。";
    part_missing: "This part of the board could not be fetched from the server.", "ボードのこの部分をサーバーから取得できませんでした。", "无法从服务器获取面板的这一部分。";
    not_found: "There is nothing at this address.", "このアドレスには何もありません。", "此地址没有内容。";
    unreadable_answer(what): "The server's answer could not be read: {what}",
        "サーバーの応答を読み取れませんでした: {what}",
        "无法读取服务器的响应：{what}";

    seconds(n): "{n} s", "{n} 秒", "{n} 秒";
    minutes(n): "{n} min", "{n} 分", "{n} 分钟";
    minutes_seconds(m, s): "{m} min {s} s", "{m} 分 {s} 秒", "{m} 分 {s} 秒";
    hours_minutes(h, m): "{h} h {m} min", "{h} 時間 {m} 分", "{h} 小时 {m} 分";
    days_hours(d, h): "{d} d {h} h", "{d} 日 {h} 時間", "{d} 天 {h} 小时";
    just_now: "just now", "たった今", "刚刚";
    ago(d): "{d} ago", "{d}前", "{d}前";
}
