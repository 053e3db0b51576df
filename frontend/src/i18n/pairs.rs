//! Words of the held-out pairs: the run's tab, and its half of the comparison.

super::words! {
    tab: "Pairs", "ペア", "样本对";
    title: "Held-out pairs", "検証ペア", "留出样本对";
    see_wrong: "See the pairs it gets wrong", "誤ったペアを見る", "查看判错的样本对";

    none_title: "No pairs to look at", "表示できるペアがありません", "没有可查看的样本对";
    none_stage: "This stage does not learn from pairs of replies.", "この段階は応答のペアからは学習しません。", "该阶段不从成对回复中学习。";
    none_labelled: "Replies that have a label of their own make no pairs. KTO shows them where the data set has both replies to a prompt.",
        "ラベル付きの単独の応答はペアになりません。プロンプトに両方の応答があるデータなら、KTO でも表示されます。",
        "单独带标签的回复不成对。若数据集对同一提示有两条回复，KTO 也会显示。";
    none_held_out: "No rows were held out. With val_size or eval_dataset the next run keeps pairs aside and shows each of them here.",
        "検証用の行がありません。val_size か eval_dataset を設定すると、次の実行ではペアごとの結果をここで確認できます。",
        "没有留出数据。设置 val_size 或 eval_dataset 后，下次运行会在此逐对显示结果。";
    none_yet: "The pairs appear with the first evaluation.", "最初の評価が終わると表示されます。", "第一次评估后会在此显示。";
    none_recorded: "This run kept no record of its pairs: it was trained by an earlier version, or ended before its first evaluation. Train it again to see them.",
        "ペアごとの記録がありません。以前のバージョンで学習したか、最初の評価の前に終了しています。再学習すると表示されます。",
        "没有逐对记录：由较早版本训练，或在第一次评估前已结束。重新训练即可查看。";
    none_foreign: "Another program trained this run; pairs are kept by runs that are trained here.",
        "ほかのプログラムで学習した実行です。ペアの記録はここで学習した実行にだけ残ります。",
        "此运行由其他程序训练；只有在此训练的运行才保留样本对。";
    left_out(n): "{n} more held-out pair is not listed" / "{n} more held-out pairs are not listed", "ほかに {n} ペアは一覧にありません", "另有 {n} 对未列出";

    filters: "Which pairs", "表示するペア", "显示哪些样本对";
    all: "All", "すべて", "全部";
    wrong: "Wrong", "誤り", "判错";
    wrong_hint: "The rejected reply is at least as likely as the chosen one, per token", "トークンあたりで rejected が chosen 以上にもっともらしい", "按每个 token 计，rejected 的概率不低于 chosen";
    to_right: "Flipped to right", "正解に変化", "变为判对";
    to_right_hint: "Wrong at the first evaluation, right at this one", "最初の評価では誤り、この評価では正解", "首次评估判错，本次判对";
    to_wrong: "Flipped to wrong", "誤りに変化", "变为判错";
    to_wrong_hint: "Right at the first evaluation, wrong at this one", "最初の評価では正解、この評価では誤り", "首次评估判对，本次判错";
    never_right: "Never right", "一度も正解なし", "从未判对";
    never_right_hint: "Wrong at every evaluation up to this one", "ここまでのどの評価でも誤り", "截至本次的每次评估都判错";
    longest: "Longest", "最長", "最长";
    longest_hint: "More tokens than nine tenths of the pairs", "9 割のペアよりトークン数が多い", "token 数多于九成的样本对";
    duplicate: "Duplicate prompt", "プロンプト重複", "提示重复";
    duplicate_hint: "Another held-out pair has the same prompt", "同じプロンプトのペアがほかにある", "另有样本对使用相同提示";
    marked: "Marked", "マーク済み", "已标记";
    train_marked: "Train again by the marks", "マークに従って再学習", "按标记重新训练";
    train_marked_hint: "A new run of the same config, before whose start mislabelled pairs have their replies swapped and unfit ones are left out", "同じ設定の新しい実行。開始前に、ラベル誤りのペアは応答を入れ替え、不適のペアは除きます", "以相同配置新建运行；开始前交换标注有误的样本对的回复，并去除不合适的样本对";
    marked_hint: "Marked as mislabelled, or as unfit", "ラベル誤り、または不適としてマーク", "已标为标注有误或不合适";

    histogram: "Margins", "マージン", "边际";
    histogram_says(wrong, right): "Margins of the pairs: {wrong} wrong, {right} right.", "ペアのマージン: 誤り {wrong}、正解 {right}。", "样本对的边际：判错 {wrong}，判对 {right}。";
    histogram_hint: "Drag to list a stretch of margins", "ドラッグで範囲を絞り込み", "拖动以筛选范围";
    histogram_keys: "Arrow keys choose a bin, Shift with them a stretch, Escape all.", "矢印キーで階級、Shift を加えて範囲、Escape で全体を選択します。", "方向键选择区间，按住 Shift 扩展范围，Escape 选择全部。";
    bin(from, to): "{from} to {to}", "{from} ～ {to}", "{from} 至 {to}";
    up_to(to): "up to {to}", "{to} 以下", "至多 {to}";
    above(from): "above {from}", "{from} 超", "大于 {from}";
    pairs_in(n): "{n} pair" / "{n} pairs", "{n} ペア", "{n} 对";
    pairs_of(n, all): "{n} of {all} pairs", "{all} ペア中 {n}", "{all} 对中的 {n} 对";
    all_margins: "All margins", "全範囲", "全部边际";
    margin: "Margin", "マージン", "边际";
    margin_hint: "Mean log-prob per token of the chosen reply, minus that of the rejected one", "chosen のトークンあたり平均 log-prob から rejected のそれを引いた値", "chosen 每个 token 的平均 log-prob 减去 rejected 的";
    change: "Change", "変化", "变化";
    change_hint: "Of the margin since the first evaluation; the third click sorts by its size", "最初の評価からのマージンの変化。3 回目のクリックで大きさ順", "边际自首次评估以来的变化；第三次点击按大小排序";
    moved: "|Change|", "|変化|", "|变化|";
    moved_hint: "The size of the change, whichever way it went", "変化の向きによらない大きさ", "变化的大小，不论方向";
    length: "Δ length", "Δ 長さ", "Δ 长度";
    length_hint: "Tokens of the chosen reply minus those of the rejected one", "chosen と rejected のトークン数の差", "chosen 与 rejected 的 token 数之差";
    sort_by(name): "Sort by {name}", "{name} で並べ替え", "按{name}排序";
    list: "List of pairs", "ペアの一覧", "样本对列表";
    nothing_listed: "No pair is listed by this choice.", "この条件に合うペアはありません。", "没有符合条件的样本对。";
    list_all: "List all pairs", "すべてのペアを表示", "显示全部样本对";
    number(n): "Pair {n}", "ペア {n}", "样本对 {n}";
    right: "right", "正解", "判对";
    still_wrong: "wrong", "誤り", "判错";

    step: "Evaluation", "評価", "评估";
    step_at(step): "Step {step}", "ステップ {step}", "第 {step} 步";
    earlier: "Earlier evaluation", "前の評価", "上一次评估";
    later: "Later evaluation", "次の評価", "下一次评估";
    only_step: "There is one evaluation so far: changes show with the second.", "評価はまだ 1 回です。2 回目から変化がわかります。", "目前只有一次评估，第二次起可见变化。";
    keys: "j k pair, [ ] evaluation", "j k ペア、[ ] 評価", "j k 样本对，[ ] 评估";

    pair: "The pair", "選択中のペア", "所选样本对";
    pick: "Choose a pair", "ペアを選択", "选择一个样本对";
    pick_text: "Its prompt, both replies and what training changed in them stand here.", "プロンプト、2 つの応答、学習による変化がここに表示されます。", "此处显示提示、两条回复以及训练带来的变化。";
    back_to_list: "All pairs", "ペア一覧", "全部样本对";
    gone: "This run has no pair of that number.", "この番号のペアはありません。", "没有此编号的样本对。";
    prompt: "Prompt", "プロンプト", "提示";
    tokens(n): "{n} token" / "{n} tokens", "{n} トークン", "{n} 个 token";
    per_token(before, after): "{before} → {after} per token", "トークンあたり {before} → {after}", "每个 token {before} → {after}";
    per_token_now(after): "{after} per token", "トークンあたり {after}", "每个 token {after}";
    reward_went(before, after): "reward {before} → {after}", "報酬 {before} → {after}", "奖励 {before} → {after}";
    cut: "fills the cut-off length: may be cut", "最大長に達しています（切り詰めの可能性）", "已达最大长度：可能被截断";
    likelier_tokens(n): "{n} token likelier" / "{n} tokens likelier", "上昇 {n} トークン", "{n} 个 token 更可能";
    less_likely_tokens(n): "{n} token less likely" / "{n} tokens less likely", "低下 {n} トークン", "{n} 个 token 更不可能";
    moved_tokens(up, down): "{up}, {down} than at the first evaluation.", "最初の評価と比べて {up}、{down}。", "与首次评估相比：{up}，{down}。";
    log_prob_went(change): "log-prob {change}", "log-prob {change}", "log-prob {change}";
    token_was(before, after): "p {before} → {after}", "p {before} → {after}", "p {before} → {after}";
    token_is(after): "p {after}", "p {after}", "p {after}";
    tint_key(first, last): "Tint: log-prob at step {last} minus step {first}", "色: ステップ {last} と {first} の log-prob の差", "着色：第 {last} 步与第 {first} 步 log-prob 之差";
    likelier: "likelier", "上昇", "更可能";
    less_likely: "less likely", "低下", "更不可能";
    no_tokens: "Plain text: log-probs of single tokens are kept for a bounded number of pairs, and not for this one.",
        "トークンごとの log-prob は限られた数のペアだけに残り、このペアにはありません。",
        "纯文本：仅为有限数量的样本对保留逐 token 的 log-prob，此对没有。";
    curve: "Margin over the evaluations", "評価ごとのマージン", "各次评估的边际";
    curve_says(first, last): "Margin over the evaluations: from {first} to {last}.", "評価ごとのマージン: {first} から {last}。", "各次评估的边际：从 {first} 到 {last}。";
    reward_margin: "Reward margin", "報酬マージン", "奖励边际";

    ask_both: "Ask both models", "両方のモデルに質問", "询问两个模型";
    ask_hint: "Opens the chat with this prompt: the model before training, and after", "このプロンプトで学習前後のモデルのチャットを開く", "用此提示打开对话：训练前与训练后的模型";
    mislabelled: "Mark as mislabelled", "ラベル誤りとしてマーク", "标为标注有误";
    is_mislabelled: "Marked as mislabelled", "ラベル誤り", "已标为标注有误";
    exclude: "Mark as unfit", "不適としてマーク", "标为不合适";
    is_excluded: "Marked as unfit", "不適としてマーク済み", "已标为不合适";
    unmark_hint: "Click again to take the mark off", "もう一度押すとマークを外します", "再次点击可取消标记";

    compare_text: "The same held-out pairs in both runs. A field lists its pairs.", "両方の実行に共通の検証ペア。升目を押すとそのペアを一覧します。", "两次运行中相同的留出样本对。点击格子可列出其样本对。";
    both_right: "Both right", "両方正解", "两者都判对";
    both_wrong: "Both wrong", "両方誤り", "两者都判错";
    only_right(name): "Only {name} right", "{name} だけ正解", "仅 {name} 判对";
    first_run: "First run", "1 つ目の実行", "第一个运行";
    second_run: "Second run", "2 つ目の実行", "第二个运行";
    against: "against", "対", "对比";
    margin_in(name): "Margin in {name}", "{name} のマージン", "{name} 的边际";
    open_in(name): "Open in {name}", "{name} で開く", "在 {name} 中打开";
}
