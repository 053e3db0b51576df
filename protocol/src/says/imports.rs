//! What keeps another program's run from being taken in, and what is said of one that was.

super::sentences! {
    IMPORTS
    import_nothing_there(path):
        "{path}: nothing that can be taken in: there is no trainer_state.json, trainer_log.jsonl, TensorBoard event file, mlruns folder, or W&B history as CSV or JSON",
        "{path}: 取り込めるものがありません。trainer_state.json、trainer_log.jsonl、TensorBoard のイベントファイル、mlruns フォルダー、W&B の履歴（CSV か JSON）のいずれもありません",
        "{path}：没有可导入的内容：既无 trainer_state.json、trainer_log.jsonl、TensorBoard 事件文件、mlruns 文件夹，也无 CSV 或 JSON 格式的 W&B 历史";
    import_no_values(path):
        "{path} holds no values of metrics",
        "{path} には指標の値がありません",
        "{path} 中没有指标的值";
    import_unreadable(path, why):
        "{path} can't be read: {why}",
        "{path} を読めません: {why}",
        "无法读取 {path}：{why}";
    import_too_large(path, limit):
        "{path} is larger than {limit} MiB",
        "{path} は {limit} MiB を超えています",
        "{path} 超过 {limit} MiB";
    import_damaged(path, byte):
        "{path} is damaged at byte {byte}: what stands before it was taken in",
        "{path} は {byte} バイト目で壊れています。それより前だけを取り込みました",
        "{path} 在第 {byte} 字节处损坏：只导入了之前的内容";
    import_bad_line(path, line, why):
        "{path}, line {line}: {why}",
        "{path} の {line} 行目: {why}",
        "{path} 第 {line} 行：{why}";
    import_many_runs(path, limit):
        "{path} holds more than {limit} runs: name a folder with fewer",
        "{path} には {limit} を超える実行があります。より少ないフォルダーを指定してください",
        "{path} 中的运行超过 {limit} 个：请指定包含较少运行的文件夹";
    import_not_written(path, why):
        "the run can't be written to {path}: {why}",
        "実行を {path} に書けません: {why}",
        "无法把运行写入 {path}：{why}";
    import_no_numbers(count):
        "{count|value|values} left out: no finite number",
        "有限な数でない値を {count} 個除きました",
        "有 {count} 个值不是有限数，已略去";
    imported_run():
        "the run was taken in from another program's files: there is nothing here to stop, resume or train",
        "他のプログラムのファイルから取り込んだ実行です。停止、再開、学習はできません",
        "该运行由其他程序的文件导入：这里无法停止、恢复或训练";
}
