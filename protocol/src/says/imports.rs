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
        "{path}, line {line} left out: {why}",
        "{path} の {line} 行目を除きました: {why}",
        "{path} 第 {line} 行已略去：{why}";
    import_many_runs(path, limit):
        "{path} holds more than {limit} runs: name a folder with fewer",
        "{path} には {limit} を超える実行があります。より少ないフォルダーを指定してください",
        "{path} 中的运行超过 {limit} 个：请指定包含较少运行的文件夹";
    import_not_written(path, why):
        "the run can't be written to {path}: {why}",
        "実行を {path} に書けません: {why}",
        "无法把运行写入 {path}：{why}";
    import_not_yet(path):
        "{path} holds no run yet: looking on",
        "{path} にはまだ実行がありません。待機します",
        "{path} 中尚无运行：继续等待";
    import_followed_already(directory):
        "another `corral import --follow` tells of the run, in {directory}; end that one first",
        "別の `corral import --follow` がすでにこの実行を {directory} で追っています。先にそちらを終えてください",
        "另一个 `corral import --follow` 已在 {directory} 中跟踪该运行；请先结束它";
    import_own_followed(path):
        "{path} is a run directory of Corral's: the board follows it without --follow",
        "{path} は Corral の実行ディレクトリです。--follow なしでボードが追います",
        "{path} 是 Corral 的运行目录：无需 --follow，看板会自动跟踪";
    import_no_numbers(count):
        "{count|value|values} left out: no finite number",
        "有限な数でない値を {count} 個除きました",
        "有 {count} 个值不是有限数，已略去";
    import_end_untold(program):
        "{program}'s files don't say whether it ended, and how",
        "{program} のファイルには、終了したかどうかの記録がありません",
        "{program} 的文件未说明运行是否结束及如何结束";
    import_ends_at(step, of):
        "its files end at step {step} of {of}, and don't say whether it went on",
        "ファイルは全 {of} ステップ中 {step} で終わっており、その後の記録がありません",
        "其文件止于第 {step} 步（共 {of} 步），未说明是否继续";
    import_ended_early(step, of):
        "it ended early, at step {step} of {of}",
        "全 {of} ステップ中 {step} で早めに終了しました",
        "提前结束于第 {step} 步（共 {of} 步）";
    import_status(program, status):
        "{program} says of it: {status}",
        "{program} での状態: {status}",
        "{program} 中的状态：{status}";
    import_no_step(count, column):
        "{count|row|rows} without {column}: taken in at the step of the row before",
        "{column} のない {count} 行は、直前の行のステップとして取り込みました",
        "{count} 行没有 {column}：按前一行的步数导入";
    import_own_run(path):
        "{path} is a run directory of Corral's: import it by this path, or put it below the board's runs",
        "{path} は Corral の実行ディレクトリです。このパスを指定して取り込むか、ボードの runs の下に置いてください",
        "{path} 是 Corral 的运行目录：请按此路径导入，或放到看板的 runs 之下";
    import_many_folders(path, limit):
        "{path} holds more than {limit} folders: what lies in the rest was not looked for",
        "{path} には {limit} を超えるフォルダーがあり、残りは調べていません",
        "{path} 中的文件夹超过 {limit} 个：其余未查找";
    import_not_a_point(path, line):
        "{path}, line {line} is not a time, a value and a step",
        "{path} の {line} 行目は、時刻、値、ステップの並びではありません",
        "{path} 第 {line} 行不是时间、值和步数";
    import_not_a_step(path, line, column):
        "{path}, line {line}: {column} is no number",
        "{path} の {line} 行目: {column} が数ではありません",
        "{path} 第 {line} 行：{column} 不是数字";
    import_no_history(path):
        "{path} has no log_history",
        "{path} に log_history がありません",
        "{path} 中没有 log_history";
    imported_run():
        "the run was taken in from another program's files: there is nothing here to stop, resume or train",
        "他のプログラムのファイルから取り込んだ実行です。停止、再開、学習はできません",
        "该运行由其他程序的文件导入：这里无法停止、恢复或训练";
}
