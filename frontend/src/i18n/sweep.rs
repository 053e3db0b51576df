//! Words of sweeps: in the form, in the table, on their page.

super::words! {
    several: "Several values", "複数の値", "多个值";
    several_of(key): "Several values of {key}", "{key} の複数の値", "{key} 的多个值";
    one_value: "One value", "一つの値", "单个值";
    several_hint: "1, 2, 3 · 0.1..0.5 step 0.1 · log 1e-6..1e-4 in 3", "1, 2, 3 · 0.1..0.5 step 0.1 · log 1e-6..1e-4 in 3", "1, 2, 3 · 0.1..0.5 step 0.1 · log 1e-6..1e-4 in 3";
    several_words_hint: "Values between |", "値を | で区切る", "各值以 | 分隔";
    any_of(range): "any of {range}", "{range} の任意の値", "{range} 中任意值";
    guide: "Which setting is best: the guide's search", "どの設定が最良か：ガイドの探索", "哪种设置最好：指南中的搜索";
    guide_hint: "β 1, 2, 3 · γ 0.3, 0.5, 0.7 · learning rate 1e-6, 5e-6, 1e-5", "β 1, 2, 3 · γ 0.3, 0.5, 0.7 · 学習率 1e-6, 5e-6, 1e-5", "β 1, 2, 3 · γ 0.3, 0.5, 0.7 · 学习率 1e-6, 5e-6, 1e-5";
    title: "Sweep", "スイープ", "扫描";
    method: "Search", "探索方法", "搜索方式";
    grid: "Grid: every combination", "グリッド：全組み合わせ", "网格：所有组合";
    random: "Random", "ランダム", "随机";
    tpe: "TPE: where good runs were", "TPE：良い実行の近く", "TPE：在好的运行附近";
    cap: "Runs at most", "実行数の上限", "运行数上限";
    compared_by: "Compare by", "比較する指標", "比较指标";
    early: "Stop bad ones early: half after each rung of evaluations", "悪いものを早期に停止：評価の段ごとに半分", "提前停止较差的：每级评估后淘汰一半";
    each_minutes(time): "about {time} each", "1 件あたり約 {time}", "每个约 {time}";
    each_roughly(time): "roughly {time} each", "1 件あたりおよそ {time}", "每个大约 {time}";
    disk(bytes): "{bytes} of checkpoints", "チェックポイント {bytes}", "检查点 {bytes}";
    in_all(time): "{time} in all", "合計 {time}", "共 {time}";
    by_speed(name): "by the speed of {name}", "{name} の速度による", "按 {name} 的速度";
    time_unknown: "how long is not known: no run like these was made here yet", "所要時間は不明：似た実行がまだありません", "用时未知：此处尚无类似的运行";
    steps_in_all(n): "{n} steps in all", "合計 {n} ステップ", "共 {n} 步";
    runs(n): "{n} run" / "{n} runs", "{n} 件の実行", "{n} 个运行";
    start(n): "Start {n} run" / "Start {n} runs", "{n} 件を開始", "启动 {n} 个运行";
    behind: "Single runs go first.", "単独の実行が優先されます。", "单个运行优先。";

    unfold(name): "Show the runs of {name}", "{name} の実行を表示", "显示 {name} 的运行";
    over_of(n, of): "{n} of {of}", "{of} 件中 {n} 件", "{n} / {of}";
    progress(n, of): "{n} of {of} runs are over", "{of} 件中 {n} 件が終了", "{of} 个运行中 {n} 个已结束";
    going: "going", "実行中", "进行中";
    done: "done", "完了", "已完成";
    stopped: "stopped", "停止", "已停止";
    stop: "Stop the sweep", "スイープを停止", "停止扫描";
    go_on: "Go on", "続ける", "继续";
    delete: "Delete the sweep with its runs", "スイープを実行ごと削除", "删除扫描及其运行";
    delete_title(n): "Delete the sweep and its {n} run?" / "Delete the sweep and its {n} runs?", "スイープと {n} 件の実行を削除しますか？", "删除扫描及其 {n} 个运行？";
    delete_text: "Their curves, checkpoints and logs go into the trash, where they stay for 7 days.",
        "曲線、チェックポイント、ログはゴミ箱に移り、7 日間残ります。", "其曲线、检查点和日志会移入回收站并保留 7 天。";
    best: "Best so far", "現時点の最良", "目前最佳";
    best_with(point): "with {point}", "{point}", "{point}";
    no_best: "No run has been evaluated yet.", "まだ評価された実行はありません。", "尚无运行被评估。";
    longer: "Train the best longer", "最良のものを長く学習", "将最佳者训练更久";
    parallel: "All runs, a line each", "全実行（一本ずつ）", "所有运行，每条线一个";
    parallel_hint: "Drag along an axis to keep only what passes there; click it to let go.", "軸に沿ってドラッグすると、そこを通る実行だけを残します。クリックで解除。", "沿坐标轴拖动只保留经过该处的运行；点击取消。";
    unbrush: "All runs", "すべての実行", "所有运行";
    importance: "Which key matters", "どのキーが効くか", "哪个键重要";
    too_few(n, least): "{n} runs are too few to say which key matters; {least} say it.", "{n} 件では少なすぎて判断できません。{least} 件から表示します。", "{n} 个运行太少，无法判断；需要 {least} 个。";
    by_runs(n): "By {n} run." / "By {n} runs.", "{n} 件による。", "依据 {n} 个运行。";
    by_runs_at(n, at): "By {n} runs, at evaluation {at}: not all went further.", "{n} 件、評価 {at} 回目の値による（その先へ進まなかった実行があるため）。", "依据 {n} 个运行在第 {at} 次评估的值：并非都走得更远。";
    correlation: "rank correlation", "順位相関", "秩相关";
    permutation: "permutation", "並べ替え重要度", "置换重要性";
    heat: "Two keys", "二つのキー", "两个键";
    across: "Across", "横", "横向";
    down: "Down", "縦", "纵向";
    table: "Runs", "実行", "运行";
    stopped_early: "stopped early", "早期停止", "提前停止";
    reference(computed, read): "The reference's log-probs were computed by {computed} run(s) and read by {read}.", "参照モデルの log-prob は {computed} 件が計算し、{read} 件が読みました。", "参考模型的 log-prob 由 {computed} 个运行计算，{read} 个运行读取。";
    file: "The same from a terminal: corral sweep sweep.yaml", "端末で同じことを：corral sweep sweep.yaml", "在终端中同样执行：corral sweep sweep.yaml";
}
