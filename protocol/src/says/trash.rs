//! What is kept under a name, what is deleted, and what is taken back.

super::sentences! {
    TRASH
    no_such_config(name): "there is no configuration {name}", "設定 {name} はありません", "没有配置 {name}";
    config_name_bad():
        "a configuration's name has 1 to 120 characters, no slashes or control characters, and no dot in front",
        "設定の名前は 1 から 120 文字で、スラッシュ、制御文字、先頭のドットは使えません",
        "配置名称须为 1 到 120 个字符，不能包含斜杠或控制字符，也不能以点开头";
    config_taken(name):
        "there is a configuration named {name} already",
        "{name} という名前の設定がすでにあります",
        "已有名为 {name} 的配置";
    config_too_long(name, most):
        "{name} is longer than {most} KiB, which no configuration is",
        "{name} は {most} KiB を超えています。設定としては長すぎます",
        "{name} 超过 {most} KiB，不像是配置";
    config_too_many(most):
        "{most} configurations are kept at most: delete some that are no longer used",
        "保存できる設定は {most} 個までです。使わないものを削除してください",
        "最多保存 {most} 个配置：请删除不再使用的";

    no_such_model(name): "there is no model {name}", "モデル {name} はありません", "没有模型 {name}";
    model_of_corral(name):
        "{name} comes with Corral and stays",
        "{name} は Corral 付属のため削除できません",
        "{name} 随 Corral 自带，不可删除";
    model_of_cache(name, path):
        "{name} lies in the hub's cache, which other programs use too: delete {path} in a terminal",
        "{name} は Hub のキャッシュにあり、ほかのプログラムも使います。端末で {path} を削除してください",
        "{name} 位于 Hub 的缓存中，其他程序也会使用：请在终端中删除 {path}";
    model_in_use(name, who):
        "{name} is used by {who}: wait for its end, or stop it",
        "{name} は{who}が使っています。終わるのを待つか、停止してください",
        "{name} 正被{who}使用：请等待结束或先停止";
    used_by_run(name): "the run {name}", "実行 {name} ", "运行 {name} ";
    used_by_merge(): "a merge or an export", "マージまたはエクスポート", "合并或导出";
    used_by_evaluation(name): "an evaluation of {name}", "{name} の評価", "对 {name} 的评估";
    used_by_chat(): "a chat", "チャット", "对话";

    no_such_trash(id): "there is nothing {id} in the trash", "ゴミ箱に {id} はありません", "回收站中没有 {id}";
    trash_place_taken(path):
        "{path} is there again: move it away, then take this back",
        "{path} がすでにあります。移動してから元に戻してください",
        "{path} 已存在：请先移走再恢复";
    trash_place_gone(path):
        "{path}, in which it lay, is not there any more: take that back first",
        "それがあった {path} がもうありません。先にそちらを元に戻してください",
        "它原先所在的 {path} 已不存在：请先恢复它";
    trash_other_disk(path):
        "{path} lies on another disk than the trash and can't be moved there: delete it in a terminal",
        "{path} はゴミ箱とは別のディスクにあり、移動できません。端末で削除してください",
        "{path} 与回收站不在同一磁盘，无法移入：请在终端中删除";
    trash_outside(path):
        "{path} lies outside the data directory: Corral deletes nothing there",
        "{path} はデータフォルダーの外にあります。Corral はそこでは何も削除しません",
        "{path} 位于数据目录之外：Corral 不会在那里删除任何内容";
}
