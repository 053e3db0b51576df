//! Words of the runs table.

super::words! {
    take_in: "Import runs", "実行を取り込む", "导入运行";
    take_in_title: "Import runs of other programs", "他のプログラムの実行を取り込む", "导入其他程序的运行";
    take_in_text: "Output folders of LLaMA-Factory and transformers, TensorBoard's folders, MLflow's mlruns, and W&B's exported histories (CSV, JSON) become runs to look at and compare. Nothing is changed where they lie.",
        "LLaMA-Factory と transformers の出力フォルダー、TensorBoard のフォルダー、MLflow の mlruns、W&B から書き出した履歴（CSV、JSON）を、閲覧と比較のための実行として取り込みます。元のファイルは変更しません。",
        "LLaMA-Factory 与 transformers 的输出文件夹、TensorBoard 文件夹、MLflow 的 mlruns 以及 W&B 导出的历史（CSV、JSON）会成为可查看、可比较的运行。原文件不会改动。";
    take_in_path: "Path", "パス", "路径";
    take_in_path_hint: "A file or a folder on the server's machine; every run below it", "サーバー上のファイルかフォルダー。その下のすべての実行", "服务器上的文件或文件夹；其下所有运行";
    take_in_name: "Name", "名前", "名称";
    take_in_name_hint: "Empty: what they are called there", "空欄なら元の名前", "留空则用原名";
    take_in_file: "Choose a file", "ファイルを選択", "选择文件";
    take_in_verb: "Import", "取り込む", "导入";
    take_in_left_out: "The rest was imported; this was not:", "残りは取り込みました。次のものは取り込めませんでした:", "其余已导入；以下未导入：";
    taken_in(n): "{n} run imported" / "{n} runs imported", "{n} 件取り込みました", "已导入 {n} 个运行";
    import: "Import a LLaMA-Factory file", "LLaMA-Factory の設定を読み込む", "导入 LLaMA-Factory 配置";
    machine(cores, free, all, disk): "This machine: {cores} cores, {free} of {all} memory free, {disk} of disk free.",
        "このマシン: {cores} コア、メモリ空き {free} / {all}、ディスク空き {disk}。",
        "本机：{cores} 核，内存可用 {free} / {all}，磁盘可用 {disk}。";
    machine_cards(names): " Training runs on {names}.", "学習は {names} で行います。", "训练在 {names} 上运行。";
    machine_cpu_why(why): " Training runs on the CPU: {why}.", "学習は CPU で行います: {why}。", "训练在 CPU 上运行：{why}。";
    machine_cpu: " Training runs on the CPU.", "学習は CPU で行います。", "训练在 CPU 上运行。";
    title: "Runs", "実行", "运行";
    new_run: "New run", "新規実行", "新建运行";
    search: "Search, or loss:simpo acc>0.9 -word", "検索、または loss:simpo acc>0.9 -語", "搜索，或 loss:simpo acc>0.9 -词";
    unknown_field(names): "There is no field {names}. Known are name, loss, state, model, data, tag, note, health and every config key; acc, margin, lr, step, time and every metric can be compared.",
        "{names} というフィールドはありません。使えるのは name、loss、state、model、data、tag、note、health と設定キー、比較には acc、margin、lr、step、time とメトリクスです。",
        "没有字段 {names}。可用的有 name、loss、state、model、data、tag、note、health 及所有配置项；可比较 acc、margin、lr、step、time 及所有指标。";
    filter_state: "State", "状態", "状态";
    filter_loss: "Loss", "Loss", "Loss";
    filter_model: "Model", "モデル", "模型";
    filter_health: "Health", "状態の確認", "健康";
    filter_tag: "Tag", "タグ", "标签";
    filter_none: "Nothing to choose from yet.", "選択肢はまだありません。", "暂无可选项。";
    archived: "Archived", "アーカイブ済み", "已归档";
    clear_filters: "Clear filters", "絞り込みを解除", "清除筛选";
    columns: "Columns", "列", "列";
    columns_find: "Find a config key or metric", "設定キーやメトリクスを検索", "查找配置项或指标";
    columns_reset: "Usual columns", "既定の列", "默认列";
    shown(n, total): "{n} of {total}", "{total} 件中 {n} 件", "{n} / {total}";
    count(n): "{n} run" / "{n} runs", "{n} 件", "{n} 个运行";

    col_name: "name", "名前", "名称";
    col_loss: "loss", "loss", "loss";
    col_model: "model", "モデル", "模型";
    col_data: "data", "データ", "数据";
    col_step: "step", "ステップ", "步";
    col_acc: "acc", "acc", "acc";
    col_margin: "margin", "margin", "margin";
    col_eval_loss: "eval loss", "eval loss", "eval loss";
    col_health: "health", "状態", "健康";
    health_bad: "No use", "使えない結果", "结果不可用";
    health_warning: "Could be better", "改善の余地あり", "可以更好";
    health_note: "Good to know", "参考情報", "供参考";
    health_well: "Nothing found", "問題なし", "未发现问题";
    col_lr: "lr", "lr", "lr";
    col_time: "time", "時間", "用时";
    col_spark: "curve", "推移", "走势";
    col_created: "created", "作成", "创建于";
    col_peak: "peak memory", "最大メモリ", "内存峰值";
    col_tags: "tags", "タグ", "标签";

    made_worse: "Worse than before training", "学習前より悪化", "比训练前更差";
    as_of(step): "evaluated at step {step}", "ステップ {step} で評価", "在第 {step} 步评估";
    in_queue(n): "queue {n}", "待機 {n}", "排队 {n}";
    earlier: "Start earlier", "先に実行", "提前";
    later: "Start later", "後に実行", "推后";
    take_out: "Take out of the queue", "待機列から外す", "移出队列";
    earlier_of(name): "Start {name} earlier", "{name} を先に実行", "提前 {name}";
    later_of(name): "Start {name} later", "{name} を後に実行", "推后 {name}";
    take_out_of(name): "Take {name} out of the queue", "{name} を待機列から外す", "将 {name} 移出队列";
    select(name): "Select {name}", "{name} を選択", "选择 {name}";
    select_all: "Select all shown", "表示中をすべて選択", "全选所列";
    sort_by(col): "Sort by {col}", "{col} で並べ替え", "按 {col} 排序";

    selected(n): "{n} selected", "{n} 件を選択中", "已选 {n} 个";
    compare: "Compare", "比較", "比较";
    compare_hint: "Select two or more", "2 件以上を選択してください", "请选择两个或更多";
    tag: "Tag", "タグ付け", "打标签";
    tag_title: "Tag the selected runs", "選択した実行にタグを付ける", "为所选运行打标签";
    tag_label: "Tag", "タグ", "标签";
    archive: "Archive", "アーカイブ", "归档";
    unarchive: "Take out of the archive", "アーカイブから戻す", "取消归档";
    archived_n(n): "Archived {n} run" / "Archived {n} runs", "{n} 件をアーカイブしました", "已归档 {n} 个运行";
    unarchived_n(n): "Took {n} run out of the archive" / "Took {n} runs out of the archive", "{n} 件をアーカイブから戻しました", "已取消归档 {n} 个运行";
    tagged_n(n): "Tagged {n} run" / "Tagged {n} runs", "{n} 件にタグを付けました", "已为 {n} 个运行打标签";
    clear_selection: "Clear the selection", "選択を解除", "清除选择";
    delete_title(n): "Delete {n} run?" / "Delete {n} runs?", "{n} 件の実行を削除しますか？", "删除 {n} 个运行？";
    delete_text: "Their curves, checkpoints and logs go into the trash, where they stay for 7 days. Outside the data directory files stay where they are.",
        "曲線・チェックポイント・ログはゴミ箱に移り、7 日間残ります。データフォルダーの外にあるものは一覧から消えるだけです。",
        "其曲线、检查点和日志会移入回收站并保留 7 天。位于数据目录之外的只从列表中移除。";

    empty_title: "No run yet", "まだ実行がありません", "还没有运行";
    empty_text: "Your runs will be listed here, with their curves as they train. The demo tunes a small model in your language in under a minute, on this machine.",
        "実行と学習中の曲線がここに並びます。デモでは、このマシンだけで小さなモデルを 1 分以内に調整します。",
        "运行及其训练曲线会列在这里。演示会在本机用不到一分钟调优一个小模型。";
    no_match: "No run matches.", "該当する実行がありません。", "没有符合条件的运行。";
}
