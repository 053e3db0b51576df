### Corral の日本語: en.ftl の翻訳。

## language: the language itself: what the switch calls it

language-name = 日本語
language-letter = 日

## common: what several pages use

common-cancel = キャンセル
common-close = 閉じる
common-copy = コピー
common-copied = コピーしました
common-delete = 削除
common-save = 保存
common-undo = 元に戻す
# $name, $bytes, $days
common-trashed = { $name } を削除しました。{ $bytes } は { $days } 日間ゴミ箱に残ります
# $n, $bytes, $days
common-trashed-n = { $n } 件を削除しました。{ $bytes } は { $days } 日間ゴミ箱に残ります
common-retry = 再試行
common-more = その他
common-none = なし
common-search = 検索
common-loading = 読み込み中…
common-chosen = chosen
common-rejected = rejected
common-step = ステップ

common-state-queued = 待機中
common-state-starting = 準備中
common-state-running = 実行中
common-state-stopping = 停止処理中
common-state-completed = 完了
common-state-stopped = 停止済み
common-state-failed = 失敗
common-state-untold = 終了の記録なし
common-state-unknown = 不明

common-offline-title = サーバーに接続できません
common-offline-mend = 起動し直すと、このページは自動的に再開します。
common-offline-mend-by = 次のコマンドで起動し直すと、このページは自動的に再開します:
common-part-missing = ボードのこの部分をサーバーから取得できませんでした。
common-not-found = このアドレスには何もありません。
common-unreadable-answer = サーバーの応答を読み取れませんでした: { $what }

common-seconds = { $n } 秒
common-minutes = { $n } 分
# $m, $s
common-minutes-seconds = { $m } 分 { $s } 秒
# $h, $m
common-hours-minutes = { $h } 時間 { $m } 分
# $d, $h
common-days-hours = { $d } 日 { $h } 時間
common-just-now = たった今
common-ago = { $d }前

## shell: the frame around every page: rail, palette, list of keys

shell-home = ホーム
shell-runs = 実行
shell-new-run = 新規実行
shell-data = データ
shell-models = モデル
shell-evaluate = 評価
shell-chat = チャット
shell-navigation = メイン
shell-skip = 本文へ移動
shell-going = { $n } 件実行中
# $n, $q
shell-going-and-queued = 実行中 { $n } 件、待機 { $q } 件
shell-going-now = 実行中
shell-pinned = 固定した実行
shell-cards = カード
shell-card-memory = カードのメモリ
# $used, $total
shell-card-memory-of = { $used } / { $total }
shell-card-run = このカードでの実行へ
shell-ends-in = 残り { $d }
shell-progress = 進捗
shell-licences = フォントとライブラリのライセンス
shell-back-home = 実行の一覧へ
shell-not-found-text = アドレスが誤っているか、指していたものがなくなっています。
shell-live = 接続中
shell-catching-up = 同期中
shell-offline = 切断
shell-live-hint = 表示は最新です。
shell-catching-up-hint = この間の変化を取得しています。
shell-offline-hint = サーバーに接続できません。自動的に再接続します。
shell-language = 表示言語
shell-theme = テーマ
shell-theme-light = ライト
shell-theme-dark = ダーク
shell-theme-system = システムに合わせる
shell-updated = Corral が更新されました。ページを再読み込みすると新しい版になります。
shell-reload = 再読み込み

shell-palette = 実行・モデル・データ・ページ・操作を検索
shell-palette-placeholder = 名前や操作を入力
shell-palette-none = 一致するものがありません。
shell-palette-page = ページ
shell-palette-run = 実行
shell-palette-model = モデル
shell-palette-data = データ
shell-palette-action = 操作
shell-run-demo = デモを実行

shell-keys = キー操作
shell-keys-palette = 何でも検索
shell-keys-help = この一覧
shell-keys-field = 項目の説明
shell-keys-go = { $page }へ移動
shell-keys-search = 表内を検索
shell-keys-rows = 行を移動
shell-keys-open = 行を開く
shell-keys-select = 行を選択
shell-keys-evaluation = ペア: 前後の評価へ
shell-keys-escape = 閉じる・選択を解除
shell-keys-then = →

## home: the first page

home-attention = 要確認
home-all-well = ありません。
home-verdicts = 最近の結果
home-no-verdict = 終了した実行はまだありません。
home-all-runs = 全 { $n } 件の実行
home-nothing-goes = 実行中のものはありません。
home-more-going = ほか { $n } 件実行中
home-waiting = { $n } 件が待機中
home-of-sweep = { $of } 件中 { $n } 件：{ $says }
home-best-of = 最良（{ $point }）：{ $says }
home-ends = { $time } に終了予定

## runs: the runs table

runs-take-in = 実行を取り込む
runs-take-in-title = 他のプログラムの実行を取り込む
runs-take-in-text = LLaMA-Factory と transformers の出力フォルダー、TensorBoard のフォルダー、MLflow の mlruns、W&B から書き出した履歴（CSV、JSON）を、閲覧と比較のための実行として取り込みます。元のファイルは変更しません。
runs-take-in-path = パス
runs-take-in-path-hint = サーバー上のファイルかフォルダー。その下のすべての実行
runs-take-in-name = 名前
runs-take-in-name-hint = 空欄なら元の名前
runs-take-in-file = ファイルを選択
runs-take-in-verb = 取り込む
runs-take-in-left-out = 残りは取り込みました。次のものは取り込めませんでした:
runs-taken-in = { $n } 件取り込みました
runs-import = LLaMA-Factory の設定を読み込む
# $cores, $free, $all, $disk
runs-machine = このマシン: { $cores } コア、メモリ空き { $free } / { $all }、ディスク空き { $disk }。
runs-machine-cards = 学習は { $names } で行います。
runs-machine-cpu-why = 学習は CPU で行います: { $why }。
runs-machine-cpu = 学習は CPU で行います。
runs-title = 実行
runs-new-run = 新規実行
runs-search = 検索、または loss:simpo acc>0.9 -語
runs-unknown-field = { $names } というフィールドはありません。使えるのは name、loss、state、model、data、tag、note、health と設定キー、比較には acc、margin、lr、step、time とメトリクスです。
runs-filter-state = 状態
runs-filter-loss = Loss
runs-filter-model = モデル
runs-filter-health = 状態の確認
runs-filter-tag = タグ
runs-filter-none = 選択肢はまだありません。
runs-archived = アーカイブ済み
runs-clear-filters = 絞り込みを解除
runs-columns = 列
runs-columns-find = 設定キーやメトリクスを検索
runs-columns-reset = 既定の列
# $n, $total
runs-shown = { $total } 件中 { $n } 件
runs-count = { $n } 件

runs-col-name = 名前
runs-col-loss = loss
runs-col-model = モデル
runs-col-data = データ
runs-col-step = ステップ
runs-col-acc = acc
runs-col-margin = margin
runs-col-eval-loss = eval loss
runs-col-health = 状態
runs-health-bad = 使えない結果
runs-health-warning = 改善の余地あり
runs-health-note = 参考情報
runs-health-well = 問題なし
runs-col-lr = lr
runs-col-time = 時間
runs-col-spark = 推移
runs-col-created = 作成
runs-col-peak = 最大メモリ
runs-col-tags = タグ

runs-made-worse = 学習前より悪化
runs-as-of = ステップ { $step } で評価
runs-in-queue = 待機 { $n }
runs-earlier = 先に実行
runs-later = 後に実行
runs-take-out = 待機列から外す
runs-earlier-of = { $name } を先に実行
runs-later-of = { $name } を後に実行
runs-take-out-of = { $name } を待機列から外す
runs-select = { $name } を選択
runs-select-all = 表示中をすべて選択
runs-sort-by = { $col } で並べ替え
runs-preview = プレビュー
runs-preview-open = 開く
runs-pin = サイドバーに固定
runs-unpin = サイドバーの固定を外す

runs-selected = { $n } 件を選択中
runs-compare = 比較
runs-compare-hint = 2 件以上を選択してください
runs-tag = タグ付け
runs-tag-title = 選択した実行にタグを付ける
runs-tag-label = タグ
runs-archive = アーカイブ
runs-unarchive = アーカイブから戻す
runs-archived-n = { $n } 件をアーカイブしました
runs-unarchived-n = { $n } 件をアーカイブから戻しました
runs-tagged-n = { $n } 件にタグを付けました
runs-clear-selection = 選択を解除
runs-delete-title = { $n } 件の実行を削除しますか？
runs-delete-text = 曲線・チェックポイント・ログはゴミ箱に移り、7 日間残ります。データフォルダーの外にあるものは一覧から消えるだけです。

runs-empty-title = まだ実行がありません
runs-empty-text = 実行と学習中の曲線がここに並びます。デモでは、このマシンだけで小さなモデルを 1 分以内に調整します。
runs-no-match = 該当する実行がありません。

## run: the run page, and charts

run-imported = 取り込み
# $program, $path
run-imported-from = { $program } から取り込みました: { $path }。閲覧と比較ができます。学習、チャット、ダウンロードの対象はありません。
run-merged-here = マージ
run-merged-from = { $path } をマージしました。
run-by-script = スクリプト
run-told-by = 自分のスクリプトによる記録: { $path }。閲覧と比較ができます。停止は実行元で行ってください。
run-title = 実行
run-gone = この実行は存在しません。
run-back = 実行一覧
run-rename = 実行名を変更
run-stop = 停止
run-stop-save = 保存して停止
run-stop-save-hint = 現在のステップを終え、チェックポイントを書き込みます
run-stop-now = 今すぐ停止
run-stop-now-hint = 最後に書き込んだチェックポイントを残します
run-cancel-queued = 待機列から外す
run-more = この実行の操作
run-resume = 再開
run-resume-from = ステップ { $step } から再開
run-resume-at = { $checkpoint } から再開
run-damaged = 最新のチェックポイントが壊れています
run-start-over = 最初からやり直す
run-back-to-queue = 待機列に戻す
run-actions = 操作
run-again = 設定を変えて再学習
run-next-stage = この結果から次の段階へ
run-archive = アーカイブ
run-unarchive = アーカイブから戻す
run-delete = 削除…
run-delete-title = この実行を削除しますか？
run-delete-text = 「{ $name }」の曲線・チェックポイント・ログはゴミ箱に移り、7 日間残ります。データフォルダーの外にあるものは一覧から消えるだけです。
run-delete-used = この結果から始めた実行: { $names }。

run-tab-overview = 概要
run-tab-config = 設定
run-tab-checkpoints = チェックポイント
run-tab-log = ログ
run-tab-files = ファイル
run-tabs = 実行の内容

# $step, $total
run-step-of = ステップ { $step } / { $total }
run-step-only = ステップ { $step }
run-left = 残り { $d }
run-took = 所要 { $d }
run-since = 経過 { $d }
run-tokens-s = { $n } tokens/s
run-peak = 最大 { $n }
run-queue-place = デバイスの空きを待っています: 待機列の { $n } 番目。
run-queue-first = デバイスが空き次第、次に始まります。
run-health = 状態の確認
run-health-well = { $n } 項目を確認し、問題は見つかりませんでした
run-health-show = グラフで見る
run-health-show-of = グラフで見る: { $finding }
# $from, $to
run-shaded = ステップ { $from } から { $to } までを網掛けしています
run-health-try = { $changes } で再学習
run-health-use = { $checkpoint } とチャット
run-phase-loading = モデルを読み込み中
run-phase-tokenizing = データをトークン化中
run-phase-reference = 参照モデルの log-prob を計算中
run-phase-training = 学習中
run-phase-evaluating = 検証データで評価中
run-phase-sampling = サンプル用プロンプトに応答中
run-phase-predicting = 検証データのプロンプトに返答を書いています
run-phase-saving = チェックポイントを書き込み中
run-phase-merging = マージ中
run-starting = ワーカーを起動しています
run-stopping = 停止中: チェックポイントを書き込んでいます

# $after, $before
run-prefers = 検証ペアの { $after } で chosen の応答を好みます（学習前: { $before }）
run-prefers-alone = 検証ペアの { $after } で chosen の応答を好みます
# $after, $before
run-scores = 検証ペアの { $after } で chosen に高い得点を付けます（学習前: { $before }）
# $after, $before
run-rewarded = 検証プロンプトの平均報酬は { $before } から { $after } になりました
run-use-in-ppo = これで PPO 学習
# $after, $before
run-loss-fell = 検証 loss は { $before } から { $after } になりました
run-loss-is = 検証 loss { $after }
run-outcome = 結果
run-finished = 実行が完了しました
run-taken-out = 開始前に待機列から外されました
run-never-began = 最初のステップの前に停止しました
run-not-evaluated = ステップ 0 以降は評価されていません: 学習による変化は測定されていません
# $sentence, $step
run-as-of = { $sentence }（ステップ { $step } 時点）
run-worse = 学習前より悪化しました。{ $sentence }
run-worse-hint = 多くの場合、学習率が大きすぎるか学習が長すぎます。曲線が折れる位置を確かめ、より小さい学習率で再学習してください。
run-stopped-at = ステップ { $step } で停止しました
run-stopped-without = ステップ { $step } で停止しました。チェックポイントは書き込まれていません
run-stopped-early = ステップ { $step } で停止しました。チェックポイントは残っています
run-chat-with = チャットで試す
run-download-merged = マージ済みをダウンロード
run-merging = マージ中 { $share }
run-export = エクスポート
run-export-what = ほかの形式
run-export-form-hint = llama.cpp・Ollama・LM Studio 用の GGUF ファイル（Modelfile 付き）か、型を選んだ safetensors。どれもカードとチェックサム付きです。
run-stop-export = 停止（何も残りません）
run-merge-failed = マージに失敗しました
run-download-adapter = アダプター
run-download-config = 設定とメトリクス

run-failed = 実行が失敗しました
run-failed-at = ステップ { $step } で失敗しました
run-last-words = ログの最後の行
run-whole-log = ログ全体

run-parting = chosen と rejected
run-parting-reference = 参照モデルに対する log-prob × β
run-parting-alone = log-prob × β
run-parting-scores = 応答のスコア
run-margin-now = margin { $n }
run-flag-best = 現時点で最良: ステップ { $step }
run-flag-kept = 最良: checkpoint-{ $step }
run-train = 学習
run-eval = 検証
run-smoothing = 平滑化
run-log-scale = 対数
run-log-hint = 縦軸を対数目盛にする
run-clip-outliers = 外れ値を除外
run-clip-hint = 縦軸を値の 96 % に合わせる
run-as-table = 表で表示
run-as-table-of = { $title } を表で表示
run-save-chart = { $title } をダウンロード
run-full-width = 全幅で表示
run-full-width-of = { $title } を全幅で表示
run-hide-line = この線の表示を切り替え
run-more-lines = ほか { $n } 本
run-chart-keys = 矢印キーでステップを移動できます。
run-x-axis = 横軸
run-x-step = ステップ
run-x-epoch = エポック
run-x-time = 時間
run-zoom-back = 全範囲
run-zoom-hint = ドラッグで拡大、ダブルクリックで戻る
run-export-csv = CSV
run-export-hint = 記録した全値を CSV でダウンロード
run-at-step = ステップ { $n }
run-at-epoch = エポック { $n }
# $name, $first, $last
run-chart-line = { $name }: { $first } から { $last }。
run-no-points = 最初のステップが記録されると曲線が表示されます。
run-no-points-ever = この実行は記録されたステップがありません。

run-facts = 概要
run-fact-model = モデル
run-fact-method = 手法
run-fact-data = データ
run-fact-eval-data = 検証データ
run-fact-rows = 行数
# $train, $eval
run-rows-split = 学習 { $train }、検証 { $eval }
run-rows-streamed = ストリーミング、検証 { $eval }
run-fact-params = 学習対象
# $some, $all, $share
run-params-of = { $all } 中 { $some } ({ $share })
run-fact-device = デバイス
run-fact-created = 作成
run-fact-parent = 起点
run-fact-folder = フォルダー
run-fact-peak = 最大メモリ
run-fact-energy = 電力量
run-tags = タグ
run-add-tag = タグを追加
run-remove-tag = タグ { $tag } を外す
run-note = メモ
run-note-placeholder = この実行の目的や結果をメモ
run-data-read = データの行
# $name, $n
run-rows-cut = { $name }: { $n } 行を最大長で切り詰めました
# $name, $n
run-rows-left-out = { $name }: { $n } 行を除外しました
# $row, $reason
run-row-reason = { $row } 行目: { $reason }
run-notices = お知らせ

run-config-yaml = YAML
run-config-hint = すべての既定値を書き出した完全な設定です。
run-command = コマンドライン
run-differs = 手法の推奨値と異なる
run-recommended = 推奨: { $value }

run-checkpoint = チェックポイント
run-best = 最良
run-best-hint = eval loss が最小。checkpoint-best が指すもの
run-size = サイズ
run-written = 書き込み
run-no-checkpoints = チェックポイントはまだありません。
run-no-checkpoints-text = save_steps ごと、終了時、および保存して停止したときに書き込まれます。

run-log-empty = ログはまだ空です。
run-follow = 末尾を追う
run-log-cut = 末尾のみ表示しています。全体は「ファイル」にあります。

run-files-none = ファイルはまだありません。
run-file = ファイル
run-checksum = SHA-256
run-checksums = チェックサムを計算
run-archives = ダウンロード
run-merged-what = マージ済みチェックポイント
run-merged-hint = ベースとアダプターを 1 つの Hugging Face フォルダーにまとめたもの。どこでもそのまま読み込めます。
run-adapter-hint = LoRA のみ（PEFT 形式）。小さいがベースモデルが必要です。
run-config-files-hint = config.yaml、イベント、メトリクス。
run-load-transformers = transformers でマージ済みを読み込む
run-load-peft = PEFT でアダプターを読み込む
run-all-files = すべてのファイル

## samples: the samples: the run's tab, the comparison, and their cost in the form

samples-tab = サンプル

samples-none-title = この実行にはサンプルがありません
samples-none-asked = 途中で応答を書く指定がありません。サンプル用プロンプトを指定すると、学習前・評価ごと・終了時に同じプロンプトに答え、ここに並べて表示します。
samples-none-scores = 報酬モデルは採点するだけで、文は書きません。
samples-none-yet = 最初の応答は学習の開始前に表示されます。
samples-none-recorded = プロンプトに答える前に終了したか、使える検証プロンプトがありませんでした。
samples-again = サンプル付きで再学習

samples-step = ステップ
samples-step-at = ステップ { $step }
samples-earlier = 前のステップ
samples-later = 次のステップ
samples-play = 再生
samples-pause = 一時停止
samples-play-hint = 1 秒に 2 ステップずつ進みます
samples-keys = j k プロンプト · ← → ステップ · space 再生
samples-thinned = 途中の { $n } ステップは省かれています
samples-answering = モデルが応答中です

samples-grid = プロンプトとステップの表
samples-prompt = プロンプト
samples-number = プロンプト { $n }
samples-own = 自作
samples-own-hint = 検証行ではなく自分で書いたプロンプト
samples-tokens = { $n } トークン
samples-cut-off = 途中で終了
samples-cut-off-hint = 長さの上限に達しました
samples-repeats = 繰り返し { $share }
samples-repeats-hint = すでに出た 4 トークンの並びの割合
samples-empty = 空
samples-refuses = 拒否？
samples-refuses-hint = 拒否の決まり文句で始まっています
# $n, $step
samples-open-cell = プロンプト { $n }、ステップ { $step }

samples-mean-length = 平均の長さ
samples-repetition = 繰り返し
# $name, $first, $last
samples-curve-says = { $name }は { $first } から { $last } になりました。

samples-side-by-side = 並べて比較
samples-against = 比較対象
samples-data-says = データの応答
samples-same-text = 同じ文です
samples-ask = チャットで尋ねる
samples-ask-hint = 学習前のモデルとこのモデルに同じプロンプトを送ります
samples-close = 表に戻る

samples-compare-title = 各モデルの応答
samples-compare-text = 同じプロンプトへの最新の応答。最初の実行にない語に印を付けています
samples-compare-none = 共通のプロンプトがありません。
samples-not-asked = 未回答
samples-more-runs = 応答を書く実行がほかに { $n } 件あり、表示していません
samples-more-prompts = ほか { $n } 件のプロンプト

samples-own-placeholder = 空はなぜ青いのですか？
samples-own-note = 1 行に 1 つ。会話は JSON で：{ "{" }"messages": […], "tools": […]{ "}" }
# $prompts, $times, $tokens
samples-cost = サンプル: { $prompts } × 応答 { $times } 回 × 最大 { $tokens } トークン
# $prompts, $tokens
samples-cost-open = サンプル: { $prompts } × 評価ごと × 最大 { $tokens } トークン
samples-cost-total = 合計最大 { $tokens } トークンを 1 つずつ生成し、その間学習は待ちます
samples-cost-time = このマシンでの生成に最大で約 { $time }
samples-cost-time-unknown = 所要時間は不明です。このマシンではこの規模の実行がまだサンプルを生成していません
samples-cost-of-runs = × { $n } 実行
samples-prompts = プロンプト { $n } 件

## pairs: the held-out pairs: the run's tab, and its half of the comparison

pairs-tab = ペア
pairs-title = 検証ペア
pairs-see-wrong = 誤ったペアを見る

pairs-none-title = 表示できるペアがありません
pairs-none-stage = この段階は応答のペアからは学習しません。
pairs-none-labelled = ラベル付きの単独の応答はペアになりません。プロンプトに両方の応答があるデータなら、KTO でも表示されます。
pairs-none-held-out = 検証用の行がありません。val_size か eval_dataset を設定すると、次の実行ではペアごとの結果をここで確認できます。
pairs-none-yet = 最初の評価が終わると表示されます。
pairs-none-recorded = ペアごとの記録がありません。以前のバージョンで学習したか、最初の評価の前に終了しています。再学習すると表示されます。
pairs-none-foreign = ほかのプログラムで学習した実行です。ペアの記録はここで学習した実行にだけ残ります。
pairs-left-out = ほかに { $n } ペアは一覧にありません

pairs-filters = 表示するペア
pairs-all = すべて
pairs-wrong = 誤り
pairs-wrong-hint = トークンあたりで rejected が chosen 以上にもっともらしい
pairs-to-right = 正解に変化
pairs-to-right-hint = 最初の評価では誤り、この評価では正解
pairs-to-wrong = 誤りに変化
pairs-to-wrong-hint = 最初の評価では正解、この評価では誤り
pairs-never-right = 一度も正解なし
pairs-never-right-hint = ここまでのどの評価でも誤り
pairs-longest = 最長
pairs-longest-hint = 9 割のペアよりトークン数が多い
pairs-duplicate = プロンプト重複
pairs-duplicate-hint = 同じプロンプトのペアがほかにある
pairs-marked = マーク済み
pairs-train-marked = マークに従って再学習
pairs-train-marked-hint = 同じ設定の新しい実行。開始前に、ラベル誤りのペアは応答を入れ替え、不適のペアは除きます
pairs-marked-hint = ラベル誤り、または不適としてマーク

pairs-histogram = マージン
# $wrong, $right
pairs-histogram-says = ペアのマージン: 誤り { $wrong }、正解 { $right }。
pairs-histogram-hint = ドラッグで範囲を絞り込み
pairs-histogram-keys = 矢印キーで階級、Shift を加えて範囲、Escape で全体を選択します。
# $from, $to
pairs-bin = { $from } ～ { $to }
pairs-up-to = { $to } 以下
pairs-above = { $from } 超
pairs-pairs-in = { $n } ペア
# $n, $all
pairs-pairs-of = { $all } ペア中 { $n }
pairs-all-margins = 全範囲
pairs-margin = マージン
pairs-margin-hint = chosen のトークンあたり平均 log-prob から rejected のそれを引いた値
pairs-change = 変化
pairs-change-hint = 最初の評価からのマージンの変化。3 回目のクリックで大きさ順
pairs-moved = |変化|
pairs-moved-hint = 変化の向きによらない大きさ
pairs-length = Δ 長さ
pairs-length-hint = chosen と rejected のトークン数の差
pairs-sort-by = { $name } で並べ替え
pairs-list = ペアの一覧
pairs-nothing-listed = この条件に合うペアはありません。
pairs-list-all = すべてのペアを表示
pairs-number = ペア { $n }
pairs-right = 正解
pairs-still-wrong = 誤り

pairs-step = 評価
pairs-step-at = ステップ { $step }
pairs-earlier = 前の評価
pairs-later = 次の評価
pairs-only-step = 評価はまだ 1 回です。2 回目から変化がわかります。
pairs-keys = j k ペア、[ ] 評価

pairs-pair = 選択中のペア
pairs-pick = ペアを選択
pairs-pick-text = プロンプト、2 つの応答、学習による変化がここに表示されます。
pairs-back-to-list = ペア一覧
pairs-gone = この番号のペアはありません。
pairs-prompt = プロンプト
pairs-tokens = { $n } トークン
# $before, $after
pairs-per-token = トークンあたり { $before } → { $after }
pairs-per-token-now = トークンあたり { $after }
# $before, $after
pairs-reward-went = 報酬 { $before } → { $after }
pairs-cut = 最大長に達しています（切り詰めの可能性）
pairs-likelier-tokens = 確率が高い { $n } トークン
pairs-less-likely-tokens = 確率が低い { $n } トークン
# $up, $down
pairs-moved-tokens = 最初の評価と比べて { $up }、{ $down }。
# $up, $down
pairs-tokens-apart = 参照モデルと比べて { $up }、{ $down }。
pairs-log-prob-went = log-prob { $change }
# $before, $after
pairs-token-was = p { $before } → { $after }
pairs-token-is = p { $after }
# $own, $reference
pairs-token-under = p { $own }、参照モデルでは { $reference }
# $before, $first, $after, $last
pairs-token-between = p ステップ { $first } で { $before }、ステップ { $last } で { $after }
pairs-token-keys = { $reply }: 矢印キーでトークンを移動
# $step
pairs-tint-reference = 色: ステップ { $step } の log-prob から参照モデルの log-prob を引いた差
# $step
pairs-tint-following = 色: ステップ { $step } の log-prob から、その時点の参照モデル（学習中のモデルに追従）の log-prob を引いた差
# $last, $first
pairs-tint-key = 色: ステップ { $last } の log-prob から最初の評価（ステップ { $first }）の log-prob を引いた差（参照モデルの log-prob はありません）
# $first, $last
pairs-tint-first = 色なし: ステップ { $first } は比較の基準となる評価です。トークンごとの log-prob はここと、ステップ { $last } に残っています。
# $first, $last
pairs-tint-first-following = 色なし: 参照モデルは学習中のモデルに追従します。そのトークンごとの log-prob はステップ { $last } の時点のもので、ステップ { $first } のものはありません。
# $step, $first, $last
pairs-tint-between = 色なし: トークンごとの log-prob はステップ { $first } と { $last } に残っており、ステップ { $step } にはありません。
pairs-reference = 参照モデル
pairs-difference = 差
pairs-likelier = 高い
pairs-less-likely = 低い
pairs-no-tokens = 色なし: トークンごとの log-prob が残るのはマージンが大きく動いたペア（最大 { $most } 組）だけで、このペアにはありません。
pairs-no-tokens-of-rewards = 色なし: 報酬モデルは応答全体を採点するため、トークンごとの log-prob はありません。
pairs-score-tokens = トークンを採点する
pairs-scoring-tokens = 採点中…
pairs-score-cost = 学習前と現在のモデルを読み込みます。参照モデルが別のモデルなら、それも読み込みます。
pairs-curve = 評価ごとのマージン
# $first, $last
pairs-curve-says = 評価ごとのマージン: { $first } から { $last }。
pairs-reward-margin = 報酬マージン

pairs-ask-both = 両方のモデルに質問
pairs-ask-hint = このプロンプトで学習前後のモデルのチャットを開く
pairs-mislabelled = ラベル誤りとしてマーク
pairs-is-mislabelled = ラベル誤り
pairs-exclude = 不適としてマーク
pairs-is-excluded = 不適としてマーク済み
pairs-unmark-hint = もう一度押すとマークを外します

pairs-compare-text = 両方の実行に共通の検証ペア。升目を押すとそのペアを一覧します。
pairs-both-right = 両方正解
pairs-both-wrong = 両方誤り
pairs-only-right = { $name } だけ正解
pairs-first-run = 1 つ目の実行
pairs-second-run = 2 つ目の実行
pairs-against = 対
pairs-margin-in = { $name } のマージン
pairs-open-in = { $name } で開く

## new-run: the page "New run"

new-run-title = 新規実行
new-run-model = モデル
new-run-data = データ
new-run-method = 手法
new-run-training = 学習
new-run-import = YAML を読み込む
new-run-start-over = 最初から
new-run-start = 開始
new-run-queue = キューに追加
new-run-starting = 開始しています…
new-run-queue-hint = { $n } 件が実行中です。空きができ次第、開始されます。
new-run-from-run = { $name } の設定を引き継いでいます。
# $name, $changes
new-run-from-run-with = { $name } の設定を引き継ぎ、{ $changes } に変えています。
new-run-next-of = { $name } の結果から始まる次の段階です。
new-run-run-missing = アドレスの実行は存在しません。

new-run-advanced = 詳細
new-run-changed = 推奨値から変更済み
new-run-back-to = { $value } に戻す
new-run-back-to-none = 解除

new-run-choose-model = 開始モデル
new-run-write-model = パスまたは Hub 名
new-run-write-model-hint = /path/to/folder または owner/name
new-run-pick-listed = 一覧から選択
# $family, $params, $dtype, $context
new-run-model-facts = { $family } · { $params } パラメーター · { $dtype } · コンテキスト { $context }
new-run-goes-on = このアダプターから学習を続けます。参照モデルは現在の状態です。
new-run-no-template = このモデルにはチャットテンプレートがありません。「データ」で選択してください。

new-run-choose-data = データセット
new-run-add-data = データを追加
# $kind, $stage, $needs
new-run-unfit = { $kind }: { $stage } には{ $needs }が必要です
new-run-needs-pairs = { " " }chosen と rejected のペア
new-run-needs-labels = 良い・悪いの印が付いた応答かペア
new-run-needs-replies = プロンプトごとの応答
new-run-needs-text = テキストか応答
new-run-needs-prompts = プロンプト
new-run-no-rows = 使用可能な行なし
new-run-rows = { $n } 行
new-run-some-bad = { $n } 行を除外
# $n, $all, $median
new-run-longer = { $all } 行中 { $n } 行が最大長を超え、切り詰められます (中央値 { $median } トークン)。
new-run-keep-most = { $n } で 95 % を保持
new-run-suggested-template = このモデル向けの LLaMA-Factory のテンプレート: { $name }
new-run-use-template = 使う
new-run-trainable-layers = 層: { $names }
new-run-own-written = ここに書いたもの
new-run-write-template = テンプレートを書く
new-run-own-jinja = Jinja のテンプレート
new-run-leave-template = モデル付属のものを使う
new-run-preview = モデルから見た先頭の行
new-run-preview-needs = モデルとデータセットを選ぶと行が表示されます。

new-run-group-pairs = 選好損失
new-run-group-further = その他の損失 { $count } 種
new-run-group-stages = その他のステージ

new-run-needs-reference = 参照モデルが必要
new-run-no-reference = 参照モデル不要
new-run-vram = { $n } GB 以上
new-run-vram-hint = 8B モデルを LoRA で学習する場合の GPU メモリ
new-run-recommended = 推奨
new-run-first-choice = 最初の選択
new-run-paper = 論文
new-run-equation = 損失

new-run-adapter = アダプター
new-run-optimizer = オプティマイザー
new-run-batch = バッチと長さ
new-run-cadence = 評価・記録・保存
# $rows, $steps
new-run-plan = 1 ステップ { $rows } 行、全 { $steps } ステップ
new-run-plan-rows = 1 ステップ { $rows } 行

new-run-name = 名前
new-run-name-hint = 空欄ならモデルと手法から自動で付けます
new-run-problems = 修正が必要な項目: { $n }
new-run-yaml = run.yaml
new-run-yaml-hint = 印: 推奨値と異なる行
new-run-command = コマンド
new-run-memory = メモリ
# $a, $b
new-run-memory-of = 約 { $a } / { $b }
new-run-fits-easily = 余裕があります
new-run-memory-at-cutoff = この行の最長バッチの場合。全行が最大長に達すると { $a }
new-run-takes-title = 時間とディスク
# $duration, $end
new-run-takes = 約 { $duration }、{ $end } ごろに終了
new-run-takes-unknown = 所要時間は不明です。このマシンではこの規模の実行がまだありません。
new-run-takes-like = { $name } の速度から
new-run-takes-probed = 今試した数ステップの速度から
new-run-probe = 数ステップで測る
new-run-probe-hint = この実行を 3 ステップだけ行い、結果は捨てます
new-run-probing = 数ステップを試しています
new-run-probe-stop = 止める
new-run-takes-rough = 別のモデルまたは方式の { $name } の速度からの概算
# $disk, $free
new-run-takes-disk = チェックポイント { $disk }、空き { $free }
new-run-takes-disk-short = 空き容量を超えます。チェックポイントを減らす（save_total_limit）か、空きを作ってください。
new-run-memory-over = このマシンのメモリを超えます。最大長・バッチ・モデルを小さくしてください。
new-run-mem-weights = 重み
new-run-mem-training = 学習
new-run-mem-reference = 参照モデル
new-run-mem-activations = 活性値
new-run-mem-other = その他

new-run-import-title = YAML の読み込み
new-run-import-text = LLaMA-Factory の設定ファイルやその一部、LlamaBoard の保存済み引数、llamafactory-cli のコマンドを貼り付けるか、ファイルを選択してください。
new-run-manner = 設定の反映方法
new-run-import-instead = フォームの内容を置き換える
new-run-import-over = フォームの内容に重ねる
new-run-import-file = ファイルを選択
new-run-presets = プリセット
new-run-read = 読み込む
new-run-use-it = この設定を使う
new-run-use-rest = 読み取れた設定だけ使う
new-run-imported = ファイルの設定をフォームに反映しました。
new-run-import-conflicts = ほかの設定と合わない項目: { $n }。フォームでは省くか、修正を求めます。
new-run-keys-read = 読み取れたキー: { $n }

new-run-err-required = 必須です
new-run-err-number = 数値を入力してください
new-run-err-count = 0 以上の整数を入力してください
new-run-err-count-from = { $a } 以上の整数を入力してください
new-run-err-min = { $a } 以上にしてください
new-run-err-above = { $a } より大きくしてください
# $a, $b
new-run-err-range = { $a } から { $b } の間にしてください
new-run-err-choice = { $a } のいずれかです
new-run-err-share = 1 未満は割合、1 以上は行数（整数）です
# $message (may be left out), $other (may be left out)
new-run-err-excludes = { $other } とは同時に使えません
# $message (may be left out), $line (may be left out)
new-run-err-needs = { $line } が必要です
# $message (may be left out), $names (may be left out)
new-run-err-losses = 使える損失：{ $names }
# $message (may be left out), $names (may be left out)
new-run-err-stages = 使えるステージ：{ $names }
# $message (may be left out), $names (may be left out)
new-run-err-built = 今あるのは { $names } です
# $message (may be left out), $a (may be left out), $b (may be left out)
new-run-err-scales = { $a } はトークン平均、{ $b } は合計で、同じ beta は合いません
# $message (may be left out), $names (may be left out), $example (may be left out)
new-run-err-knobs = 使えるキー：{ $names }。例：{ $example }
# $message (may be left out), $name (may be left out)
new-run-err-not-found = { $name } が見つかりません
# $message (may be left out), $name (may be left out)
new-run-err-no-adapter = { $name } にアダプターがありません
# $message (may be left out)
new-run-err-not-whole = アダプターではなくモデル全体が必要です。先にマージしてください
# $message (may be left out), $name (may be left out), $format (may be left out), $stage (may be left out)
new-run-err-kind = { $name } は { $format } です。stage: { $stage } では使えません
# $message (may be left out), $name (may be left out)
new-run-err-taken = { $name } という名前の実行がすでにあります
new-run-err-bad-name = 名前は 1〜120 文字で、スラッシュと制御文字を含まず、先頭にドットを置けません
# $message (may be left out), $why (may be left out)
new-run-err-syntax = YAML として読めません：{ $why }
# $message (may be left out)
new-run-err-unknown = 知らないキーです
new-run-err-max = { $a } 以下にしてください
new-run-err-steps = ステップ数（整数）か、1 未満の割合を入力してください
# $message (may be left out), $a (may be left out), $b (may be left out)
new-run-err-twice = { $a } 行目と { $b } 行目に重複しています。どちらか一方にしてください
# $message (may be left out), $other (may be left out)
new-run-err-same-key = { $other } と同じ意味のキーです。どちらか一方にしてください
# $message (may be left out), $file (may be left out)
new-run-err-names-file = このコマンドはファイル { $file } を指しています。その中身を貼り付けてください
# $message (may be left out), $verb (may be left out)
new-run-err-not-train = 「{ $verb }」は学習のコマンドではありません。train のコマンドを貼り付けてください
# $message (may be left out), $path (may be left out)
new-run-err-home = { $path } は解決できません。/ から始まるパスで書いてください
new-run-err-eval-rows = 評価には行が必要です。検証用の割合を指定してください
new-run-err-dataset = データセットを選択してください
new-run-err-model = モデルを選択してください

## configs: configurations under a name, and keys that have no field

configs-button = 設定の保存・読込
configs-title = 保存した設定
configs-name = このフォームを保存する名前
configs-name-hint = 後で読み込むか、端末用に YAML をダウンロードできます。
configs-replace = 置き換える
configs-saved = { $name } として保存しました
configs-empty = 保存された設定はまだありません。
configs-folder-hint = データフォルダーの configs にある YAML ファイルです。そこに置いたファイルも表示されます。
configs-one-value-each = 複数の値のうち最初のものだけが保存されます（設定は 1 キーに 1 値です）。
configs-load = 読み込む
configs-loaded = { $name } をフォームに読み込みました
configs-rename = 名前を変更
configs-new-name = 新しい名前
configs-download = YAML でダウンロード
configs-not-taken-n = 使えないキーが { $n } 個あります
configs-from-saved = 設定 { $name } です。フォームと同じ内容でした。
# $name, $changes
configs-from-saved-with = 設定 { $name } です。変わった項目：{ $changes }。
configs-and-more = ほか { $n } 件
configs-not-taken = 読み込まれなかったもの：{ $what }。

configs-further = その他のキー
configs-further-hint = フィールドのないキーを 1 行に 1 つ「key: value」で書きます
configs-has-field = 専用のフィールドに設定しました：{ $names }
configs-no-effect = この設定では効果がありません：{ $names }

## reference: the reference of keys

reference-title = 実行設定のキー
reference-all-keys = すべてのキー
reference-about = { $key } の意味
reference-find = キーを検索
reference-none = 名前にも説明にも見つかりません。
reference-takes = 値
reference-default = 既定値
reference-when = 条件
reference-never = なし (読み込まれるが何も変えない)
reference-whose = 由来
reference-other-names = 別名
reference-follows = { $keys } に従う
reference-given = { $key } を指定
reference-absent = { $key } の指定なし
reference-several = { $key } が複数
reference-or = または
reference-and = かつ
reference-text = 文字列
reference-list = リスト (カンマ区切り)
reference-flag = true / false
reference-flag-or-null = true / false / null
reference-count = 整数
reference-number = 数値
reference-map = マップまたは JSON
reference-group-run = 実行と記録先

## sweep: sweeps: in the form, in the table, on their page

sweep-several = 複数の値
sweep-several-of = { $key } の複数の値
sweep-one-value = 一つの値
sweep-several-words-hint = 値を | で区切る
sweep-guide = どの設定が最良か：ガイドの探索
sweep-guide-hint = β 1, 2, 3 · γ 0.3, 0.5, 0.7 · 学習率 1e-6, 5e-6, 1e-5
sweep-title = スイープ
sweep-method = 探索方法
sweep-grid = グリッド：全組み合わせ
sweep-random = ランダム
sweep-tpe = TPE：良い実行の近く
sweep-cap = 実行数の上限
sweep-compared-by = 比較する指標
sweep-early = 悪いものを早期に停止：評価の段ごとに半分
sweep-each-minutes = 1 件あたり約 { $time }
sweep-each-roughly = 1 件あたりおよそ { $time }
sweep-disk = チェックポイント { $bytes }
sweep-in-all = 合計 { $time }
sweep-by-speed = { $name } の速度による
sweep-time-unknown = 所要時間は不明：似た実行がまだありません
sweep-steps-in-all = 合計 { $n } ステップ
sweep-runs = { $n } 件の実行
sweep-start = { $n } 件を開始
sweep-behind = 単独の実行が優先されます。

sweep-unfold = { $name } の実行を表示
# $n, $of
sweep-over-of = { $of } 件中 { $n } 件
# $n, $of
sweep-progress = { $of } 件中 { $n } 件が終了
sweep-going = 実行中
sweep-done = 完了
sweep-stopped = 停止
sweep-stop = スイープを停止
sweep-go-on = 続ける
sweep-delete = スイープを実行ごと削除
sweep-delete-title = スイープと { $n } 件の実行を削除しますか？
sweep-delete-text = 曲線、チェックポイント、ログはゴミ箱に移り、7 日間残ります。
sweep-best = 現時点の最良
sweep-best-of-all = 最良
sweep-best-with = { $point }
sweep-no-best = まだ評価された実行はありません。
sweep-longer = 最良のものを長く学習
sweep-parallel = 全実行（一本ずつ）
sweep-parallel-hint = 軸に沿ってドラッグすると、そこを通るものだけが残ります。クリックで解除。キーボードでは軸の上で矢印キー、Shift で範囲を広げ、Escape で解除。
sweep-unbrush = すべての実行
sweep-axis-keys = { $key }: 残す範囲
# $from, $to
sweep-kept-between = { $from } から { $to }
sweep-kept-none = 二つの値の間: なし
sweep-importance = どのキーが効くか
# $least, $n
sweep-too-few = どのキーが効くかは、結果のある実行が { $least } 件から表示します（現在 { $n } 件）。
sweep-by-runs = { $n } 件による。
# $n, $at
sweep-by-runs-at = { $n } 件、評価 { $at } 回目の値による（その先へ進まなかった実行があるため）。
sweep-correlation = 順位相関
sweep-permutation = 並べ替え重要度
sweep-heat = 二つのキー
sweep-across = 横
sweep-down = 縦
sweep-table = 実行
sweep-stopped-early = 早期停止
# $computed, $read
sweep-reference = 参照モデルの log-prob は { $computed } 件が計算し、{ $read } 件が読みました。
sweep-file = 端末で同じことを：corral sweep sweep.yaml

## compare: the compare page

compare-title = 比較
compare-back = 実行一覧
compare-none-title = 比較する実行がありません
compare-none-text = 一覧で 2 件以上を選択して「比較」を押してください。
compare-remove = { $name } を外す
compare-pin = { $name } を基準にする
compare-unpin = 基準を解除
compare-differences = 等幅の列は、設定の異なるキーです。
compare-no-differences = 設定に違いはありません。
compare-results = 結果
compare-not-comparable = 異なる loss の値は同じ尺度ではありません。
compare-run = 実行
compare-hide = { $name } をグラフで隠す
compare-show = { $name } をグラフに表示
compare-color-by = 色分け
compare-group-by = グループ化
compare-group-none = なし
compare-views = ビュー
compare-view-name = このビューの名前
compare-view-kept = { $name } をビューに保存しました
compare-view-forget = ビュー { $name } を削除
compare-download = ダウンロード
compare-report = レポート（HTML 1 ファイル）
compare-table-csv = 表を CSV で
compare-table-json = 表を JSON で
compare-own-charts = 自分のグラフ
compare-own-y = 縦軸
compare-own-x = 横軸
compare-own-keys = 異なるキー（実行ごとに点）
compare-own-metrics = メトリクス（実行ごとに線）
compare-own-add = グラフを追加
compare-own-decades = { $key } は対数目盛
compare-own-remove = グラフ「{ $title }」を削除
compare-own-remove-short = 削除
compare-time = 時間
compare-best = 列の中で最良
compare-combine = マージ
compare-combining = マージ中 { $share }
compare-combine-title = チェックポイントをマージ
compare-combine-text = チェックポイントを一つのアダプターまたはモデルにします。独立した実行になり、チャット、エクスポート、ダウンロードができます。
compare-combine-method = 方法
compare-combine-task-arithmetic = 学習で加わった分の加重和。アダプターのランクは合計になります
compare-combine-linear = アダプターの行列の加重和（同じランクが必要）。モデルでは加重平均
compare-combine-slerp = 二つの間の弧に沿って補間。重みが位置を決めます
compare-combine-ties = 符号が多数で一致する大きな変化。アダプターは同じランク
compare-combine-dare-ties = 変化を無作為に落として残りを拡大し、符号は TIES と同じ。アダプターは同じランク
compare-combine-svd = アダプターが加える分の和を最大のランクに切り詰めます
compare-combine-ties-svd = アダプターが加える分への TIES。最大のランクに切り詰めます
compare-combine-dare-ties-svd = アダプターが加える分への DARE-TIES。最大のランクに切り詰めます
compare-combine-checkpoints = チェックポイントと重み
compare-combine-checkpoint = チェックポイント { $place }
compare-combine-weight = { $name } の重み
compare-combine-even = 均等
compare-combine-weights-bad = 重みは全部に数値を入れるか、すべて空にしてください。
compare-combine-density = 残す変化の割合
compare-combine-density-hint = 0 より大きく 1 以下
compare-combine-density-bad = 0 より大きく 1 以下の数値を入れてください。
compare-combine-name = 実行の名前
compare-combine-name-hint = 空なら方法の名前
compare-combine-add = チェックポイントを追加
compare-combine-none = マージできるチェックポイントがありません。
# $size, $free
compare-combine-adapter = アダプター { $size } を作ります。ディスクの空きは { $free }。
# $size, $free
compare-combine-model = モデル全体 { $size } を作ります。ディスクの空きは { $free }。
compare-combine-stop = 停止
compare-combine-stopped = 停止しました。何も残っていません。
compare-combine-done = { $name } が実行とモデルに加わりました。
compare-combine-open = 実行を開く
compare-combine-chat = チャットで試す

## data: the page "Data", and rows as the model sees them

data-title = データ
data-template = テンプレート
data-own-template = モデル付属
data-written-template = 自分で書いたもの
data-tinted-counts = 色付きのトークンが損失に算入されます。
data-counts = 損失に算入
data-counts-not = 損失に算入しない
data-cut = 打ち切り
data-prompt = プロンプト
# $p, $c, $r
data-pair-lengths = プロンプト { $p } · chosen { $c } · rejected { $r } トークン
# $n, $c
data-sequence-lengths = { $n } トークン、うち { $c } を算入
data-more-tokens = …ほか { $n } トークン
data-good = 良い
data-bad = 悪い
data-counted = 算入

data-preference = 選好ペア
data-instruction = 指示と応答
data-text = テキスト
data-unpaired = ラベル付き応答
data-prompts = プロンプト

data-add = データを追加
data-name = 名前
data-format = 形式
data-kind = 種類
data-rows = 行数
data-usable = 使用可能
data-size = サイズ
data-used-in = 使用先
data-runs = { $n } 件の実行
data-comes-with = Corral 付属
data-file = ファイル
data-all = データ一覧
data-gone = データセット { $name } は存在しません。
data-empty = データがまだありません。
data-empty-text = JSON / JSONL ファイルのアップロード、行の貼り付け、またはこのマシン上のファイルの指定で追加できます。
data-unreadable = 読み取れません
data-train = このデータで学習
data-delete = 削除…
data-delete-title = このデータセットを削除しますか?
data-delete-text = 「{ $name }」を一覧から外します。アップロードまたは貼り付けたファイルは削除され、パスで追加したファイルは元の場所に残ります。
data-deleted = { $name } を削除しました。

data-upload = アップロード
data-paste = 貼り付け
data-path = パス
data-from-hub = Hub
data-hub-subset = サブセット
data-hub-split = 分割
data-ways = データの取り込み方法
data-choose-file = ファイルを選択
data-drop-file = またはここにドロップ (JSON、JSONL、CSV、TSV、テキスト。.gz と .zst も可。Parquet、Arrow)
data-paste-hint = JSON、JSONL、またはプレーンテキスト
data-paste-label = データ
data-path-label = このマシン上のファイルかフォルダー
data-path-hint = 絶対パスで指定します。元の場所に残ります。フォルダーの中は名前順に読みます。
data-name-hint = 選択時に使う名前 (空白・カンマ・スラッシュ不可)
data-name-taken = 同じ名前のデータセットがあります
data-add-verb = 追加
data-adding = 読み込んでいます…
# $name, $n
data-added = { $name } を追加しました (使用可能 { $n } 行)。

data-bring-text = これは dataset_info.json (データセットの一覧) です。追加するものを選んでください。
data-bring-entries = ファイル内のデータセット
data-bring-name = { $n } のここでの名前
data-bring-folder = ファイルのあるフォルダー
data-bring-folder-hint = 一覧のファイル名が置かれている、このマシン上のフォルダーの絶対パス
data-bring-look = 再確認
data-bring-add = { $n } 件を追加
data-brought = データセットを { $n } 件追加しました。

data-recognised = 認識した形式
data-entry = dataset_info.json の項目
data-bad-rows = 使用できない行: { $n }
data-all-usable = すべての行を使用できます。
data-to-know = この行データについて
data-row = 行
data-reason = 理由
data-first-of = 最初の { $n } 件を表示しています。
data-as-seen = モデルから見た行
data-tokenizer-of = モデル
# $a, $b, $n
data-page = { $n } 行中 { $a }–{ $b }
data-earlier = 前の行
data-later = 次の行

## models: the page "Models"

models-title = モデル
models-origin-demo = Corral 付属
models-origin-folder = ローカルフォルダー
models-origin-hub = Hub から
models-origin-adapter = 実行のアダプター
models-origin-merged = 実行のモデル全体

# $bytes, $free
models-disk = このデータフォルダーの使用量は { $bytes }、空きは { $free } です。
# $n, $bytes
models-trash = ゴミ箱: { $n } 件 · { $bytes }
models-trash-hint = 削除したものは { $days } 日間ここに残り、それまで容量を使います。
models-empty-trash = ゴミ箱を空にする
models-empty-title = ゴミ箱を空にしますか？
models-empty-text = { $bytes } が空きます。中のものは元に戻せなくなります。
models-trash-run = 実行
models-trash-sweep = スイープ
models-trash-checkpoint = チェックポイント
models-trash-config = 設定
models-delete-title = { $name } を削除しますか？
models-delete-text = 重み { $bytes } と付随するファイルが 7 日間ゴミ箱に残ります。容量はゴミ箱を空にすると空きます。
models-delete-used = { $n } 件の実行で使われました。そのアダプターはこれがないと使えません。
models-download = ダウンロード
models-downloading = ダウンロード中
models-again = 再試行
models-further = ほか { $n } 個のチェックポイント
models-fold = 折りたたむ
models-actions = 操作
models-stop = 停止
models-hub = Hub
models-what-for = 用途
models-tag-base = ベース
models-tag-chat = チャット
models-tag-programs = コード
models-tag-math = 数学
models-tag-reasoning = 推論
models-tag-translation = 翻訳
models-template-is = テンプレート { $name }
models-rows = { $n } 行
models-more-found = ほか { $n } 件。語を足して絞り込めます
models-nothing-found = カタログに見つかりません。owner/name かページのアドレスなら Hub で調べます
models-look = 調べる
# $a, $b
models-to-fetch = 取得 { $a }、空き { $b }
models-all-here = すべて揃っています
models-is-here = 取得済み
models-asking-hub = Hub に問い合わせ中…
# $a, $b
models-fetched = { $a } / { $b }

models-model = モデル
models-from = 入手元
models-params = パラメーター
models-dtype = データ型
models-size = サイズ
models-context = コンテキスト
models-used-in = 使用先
models-made-by = 作成元の実行
models-family = モデル系列
models-layers = 線形層
models-beside-llama = Llama のブロックとの違い
models-template = テンプレート
models-own-template = モデル付属
models-named-template = { $name }（LLaMA-Factory での名前）
models-folder = フォルダー
models-lineage = 系譜
models-unusable = 使用不可
models-train = 学習
models-evaluate = 評価
models-chat = チャット
models-empty = モデルがまだありません。
models-hub-name = カタログの語、または Hub 上の名前
models-hub-placeholder = qwen 0.5b または owner/name
models-hub-data-placeholder = ultrafeedback または owner/name

## evaluate: the page "Evaluate"

evaluate-title = 評価
evaluate-intro = モデルがデータセットでどれだけ良いかを測ります。損失、選好のスコア、モデル自身の返答が正解にどれだけ近いか。
evaluate-model = モデル
evaluate-dataset = データセット
evaluate-rows = 行数
evaluate-rows-hint = 上限。空欄なら全部
evaluate-cutoff = 最大長
evaluate-cutoff-hint = 1 行のトークン数の上限
evaluate-batch = 一度に処理する行数
evaluate-batch-hint = 少ないほどメモリを使いません
evaluate-write = 返答を書かせて比べる（BLEU-4、ROUGE）
evaluate-new-tokens = 返答のトークン数
evaluate-new-tokens-hint = 上限
evaluate-temperature = 温度
evaluate-temperature-hint = 0 なら最も確率の高いトークン
evaluate-start = 評価する
evaluate-empty = まだ評価はありません
evaluate-empty-text = 上でモデルとデータセットを選んでください。

evaluate-queued = 待機中
evaluate-going = 進行中
evaluate-stopped = 停止
evaluate-failed = 失敗
evaluate-loss = 損失
evaluate-perplexity = パープレキシティ
evaluate-accuracy = 選好の正解率
evaluate-margin = マージン
evaluate-took = 時間
evaluate-actions = 操作
evaluate-stop = 停止
evaluate-delete = 削除
evaluate-delete-title = この評価を削除しますか？
evaluate-delete-text = 結果と書かれた返答がディスクから削除されます。
evaluate-show-replies = 返答を表示
evaluate-hide-replies = 返答を隠す
evaluate-download = generated_predictions.jsonl をダウンロード
evaluate-prompt = プロンプト
evaluate-written = 書かれた返答
evaluate-expected = 正解の返答
# $shown, $all
evaluate-first-of = 全 { $all } 件のうち最初の { $shown } 件
evaluate-left-out = { $n } 行は使えませんでした
evaluate-cut = { $n } 行を最大長で切り詰めました
# $model, $data
evaluate-compare-with = { $data } での { $model } を比べる

evaluate-matrix = ペアごとの比較
evaluate-matrix-text = 両方にあるペアのうち、行のマージンが列より大きい割合。ペアの評価を 2 件以上選んでください。
# $pairs, $right, $both
evaluate-cell = 共通のペア { $pairs } 件。こちらだけ正解 { $right } 件、両方正解 { $both } 件
evaluate-no-common = 共通のペアなし

## chat: the page "Chat"

chat-title = チャット
chat-left = 1 つ目のモデル
chat-right = 2 つ目のモデル
chat-before = 学習前
chat-after = 学習後
chat-one-column = 1 モデルのみ
chat-swap = 左右を入れ替え
chat-new-talk = 新しいチャット
chat-history = 履歴
chat-no-history = チャットはまだありません。
chat-history-note = このブラウザーにのみ保存され、古いものから消えます。
chat-forget-talk = 削除: { $q }
chat-turns = 質問 { $n } 件
chat-export = 書き出し
chat-export-markdown = 読む用 (Markdown)
chat-export-json = メッセージ形式 (JSON Lines)
chat-edit-question = 質問を編集
chat-editing = 編集中: 送信すると、この質問以降が置き換わります。
chat-draw-again = もう一度生成
chat-draw-again-same = もう一度生成します。温度 0 では、設定が同じなら返答も同じです。
chat-settings = 生成設定
chat-send = 送信
chat-stop = 停止
chat-message = メッセージ
chat-placeholder-two = 両方のモデルに同じ質問をする
chat-placeholder-one = モデルに質問する
chat-keys = Enter で送信、Shift+Enter で改行
chat-conversation = 会話
chat-empty = 同じ質問を投げかけて、学習で何が変わったかを見比べてください。
chat-empty-one = モデルに質問してみてください。
chat-same-dice = シードと生成設定は両方の列で共通です。
chat-no-models = 会話できるモデルがありません。
chat-see-models = モデルを見る
chat-waiting = モデルを読み込んでいます…
chat-thinking = 最初のトークンを待っています…
chat-stopped = 停止済み
chat-cut = 最大トークン数で打ち切り
chat-empty-reply = (空の返答)
chat-speed = { $n } tokens/s
chat-tokens = { $n } トークン
chat-retry = 再試行
chat-broken = 返答の途中で接続が切れました。
chat-run-gone = アドレスの実行には会話できるチェックポイントがありません。

chat-temperature = 温度 (temperature)
chat-temperature-hint = 0 なら常に最も確率の高いトークン
chat-top-p = Top-p
chat-top-p-hint = 抽選対象とする上位トークンの累積確率
chat-max-tokens = 最大トークン数
chat-max-tokens-hint = 1 回の返答あたり
chat-seed = シード
chat-seed-hint = 同じ値なら同じ返答
chat-system = システムメッセージ
chat-system-hint = 会話の先頭に置かれます
# $a, $b
chat-bounds = { $a }〜{ $b } の範囲で指定してください

chat-example-capital = ノルウェーの首都はどこですか。
chat-example-legs = アリの足は何本？
chat-example-colour = 草はどんな色ですか。
chat-example-use = 鍵は何のためにありますか。

## notify: what tells that a run has ended

notify-title = 通知
notify-here = このブラウザー
notify-here-on = Corral のページを開いている間、実行の終了や失敗をここで通知します。
notify-here-off = オフです。オンにするとブラウザーが一度だけ確認します。
notify-here-denied = ブラウザーがこのページの通知を拒否しています。サイトの設定で許可してください。
notify-here-missing = このブラウザーでは通知を表示できません。HTTPS か localhost が必要です。
notify-turn-on = オンにする
notify-turn-off = オフにする
notify-webhook-text = 実行の終了や失敗のたびに小さな JSON をこのアドレスへ送ります。Slack・Mattermost・Discord ではそのまま表示されます。アドレスはデータフォルダーに保存し、表示しません。
notify-webhook-address = Webhook のアドレス
notify-webhook-is = 送信先: { $host }
notify-save = 保存
notify-test = テスト送信
notify-remove = 削除
notify-told = { $ago }に通知しました

## key: the form: Model

key-model_name_or_path = モデル

## key: the form: Method

key-stage = ステージ
key-pref_loss = 損失
    .hint = カンマ区切りで複数: sigmoid,bco_pair,sft
key-pref_beta = Beta (β)
    .hint = ペアを引き離す強さ
key-simpo_gamma = Gamma (γ)
    .hint = 目標マージン
key-cpo_alpha = CPO alpha
    .hint = chosen を模倣する損失の重み
key-loss_weights = 各損失の重み
    .hint = 損失ごとに 1 つ
key-discopop_tau = 混合の温度
key-kto_loss = 損失
    .is-kto = KTO
    .is-bco = BCO
key-kto_chosen_weight = chosen の重み
key-kto_rejected_weight = rejected の重み
key-pref_ftx = 教師あり損失の重み
    .hint = chosen を模倣する損失の重み
key-reward_model = 報酬モデル
    .hint = ステージ rm の結果かフォルダー
key-reward_model_type = 報酬モデルの種類
    .is-lora = LoRA アダプター
    .is-full = 独立したモデル
key-ppo_target = 目標 KL
    .hint = 参照からのずれの目標値
key-max_new_tokens = 返答の最大長
key-eaft_alpha = EAFT の指数
    .hint = モデルの確信をどれだけ重みに使うか。0 なら使わない
key-train_on_prompt = プロンプトも学習対象にする
key-mask_history = 最後のターンだけを学習
key-packing = 短い行を詰める
key-neat_packing = 詰めた行どうしを互いに見せない
key-dpo_label_smoothing = ラベル平滑化
    .hint = 誤ラベルと見なす割合 (cDPO)
key-ld_alpha = LD alpha
    .hint = 短い方の長さを超えた部分の重み (LD-DPO)
key-rpo_alpha = RPO alpha
    .hint = chosen の尤度の重み
key-pref_bco_weight = BCO の重み
    .hint = 二値分類の損失を混ぜる
key-f_divergence_type = ダイバージェンス
    .unset = 逆 KL
    .is-js_divergence = Jensen-Shannon
    .is-alpha_divergence = alpha
key-f_alpha_divergence_coef = ダイバージェンスの alpha
key-moe_aux_loss_coef = ルーター損失
    .hint = エキスパートの均衡の重み。空欄ならモデルの設定
key-neftune_noise_alpha = NEFTune のノイズ
    .hint = 埋め込みに加えるノイズ。通常は 5
key-use_dft_loss = トークンを自身の確率で重み付け (DFT)
key-use_eaft_loss = モデルの迷いでトークンを重み付け (EAFT)
key-summary_dropout_prob = 値ヘッド前の Dropout
key-reward_model_adapters = 報酬モデルのアダプター
key-ppo_buffer_size = ロールアウトのバッチ数
key-ppo_epochs = ロールアウトの反復数
key-init_kl_coef = ずれの重み
    .hint = 開始時の値
key-adap_kl_ctrl = 目標値に合わせて重みを調整
key-ppo_score_norm = 報酬を正規化
key-ppo_whiten_rewards = 報酬を白色化
key-do_sample = 返答をサンプリング (オフなら最尤)
key-temperature = 温度
key-top_p = Top p
key-top_k = Top k
key-repetition_penalty = 繰り返しペナルティ
key-ref_model = 参照モデル
    .hint = 空欄なら開始時のモデル
key-ref_model_adapters = 参照のアダプター
key-ref_model_quantization_bit = 参照モデルの重み
    .unset = そのまま
    .is-4 = 4 ビット (QLoRA)
    .is-8 = 8 ビット
key-ref_model_mixup_alpha = 取り込む割合
    .hint = 1 なら方策そのものになる
key-ref_model_sync_steps = 何ステップごとに追従するか
key-sync_ref_model = 参照モデルを追従させる (TR-DPO)
key-reference_free = 参照なし
key-use_weighting = 方策が書きそうなペアほど重くする (WPO)
key-precompute_ref_log_probs = 参照の対数確率を一度だけ計算して保存

## key: the form: Adapter

key-finetuning_type = 学習対象
    .is-lora = LoRA アダプター
    .is-oft = 回転 (OFT)
    .is-freeze = 一部の層
    .is-full = 全パラメーター
key-freeze_trainable_layers = 層の数
    .hint = 2 は末尾 2 層、-2 は先頭 2 層
key-freeze_trainable_modules = 層内のモジュール
    .hint = all または mlp,self_attn など
key-freeze_extra_modules = 層以外のモジュール
    .hint = embed_tokens, norm, lm_head
key-lora_rank = ランク
    .hint = アダプターの大きさ
key-lora_alpha = Alpha
    .hint = スケール: alpha / rank
key-lora_dropout = Dropout
    .hint = 選好学習では無効
key-lora_target = 対象層
    .hint = all または q_proj,v_proj など
key-oft_block_size = ブロックの大きさ
    .hint = まとめて回す入力の数。通常は 32
key-oft_target = 対象層
    .hint = all または q_proj,v_proj など
key-quantization_bit = ベースの重み
    .unset = そのまま
    .is-4 = 4 ビット (QLoRA)
    .is-8 = 8 ビット
    .is-6 = 6 ビット (HQQ)
    .is-5 = 5 ビット (HQQ)
    .is-3 = 3 ビット (HQQ)
    .is-2 = 2 ビット (HQQ)
    .is-1 = 1 ビット (HQQ)
key-quantization_method = 量子化の方法
    .is-bnb = bitsandbytes
    .is-hqq = HQQ
    .is-eetq = EETQ
key-quantization_type = 4 ビットの形式
    .is-nf4 = NF4
    .is-fp4 = FP4
key-double_quantization = スケールも量子化
key-create_new_adapter = 開始アダプターを統合し、新しいものを学習
key-adapter_name_or_path = 開始時のアダプター
    .hint = パスまたは名前をカンマ区切りで順に
key-train_from_scratch = ランダムな重みから
key-use_llama_pro = 拡張したブロックだけ (LLaMA Pro)
key-oft_rank = 層あたりのブロック数
    .hint = ブロックの大きさの代わりに指定（その場合は 0）
key-use_rslora = √rank でスケール (rsLoRA)
key-use_dora = 大きさと方向を分けて学習 (DoRA)
key-pissa_init = 主成分から始める (PiSSA)
key-pissa_iter = PiSSA の反復回数
    .hint = -1 なら厳密
key-pissa_convert = 通常の LoRA として保存
key-init_lora_weights = アダプターの初期値
    .is-true = ゼロ
    .is-loftq = LoftQ
key-loftq_iter = LoftQ の反復回数
key-loraplus_lr_ratio = LoRA+ の比
    .hint = A に対する B の学習率の比
key-additional_target = 丸ごと学習する層
    .hint = embed_tokens,lm_head など

## key: the form: Data

key-dataset = データセット
key-template = テンプレート
    .hint = 対話の書式
    .unset = モデル付属のもの
key-cutoff_len = 最大長
    .hint = 1 行あたりの最大トークン数
key-val_size = 検証用
    .hint = 評価用の割合または行数
key-max_samples = 最大行数
    .hint = 空欄なら全行
key-eval_dataset = 評価用データ
    .hint = 検証用の分割の代わりに使うデータセット
key-streaming = 読みながら学習
key-buffer_size = 一度に混ぜる行数
    .hint = 順番を待つ行数
key-mix_strategy = 複数のデータセット
    .is-concat = 順につなげる
    .is-interleave_under = 交互に、どれかが終わるまで
    .is-interleave_over = 交互に、すべてが終わるまで
key-interleave_probs = それぞれの割合
    .hint = データセットごとに、合計 1: 0.7,0.3。空欄なら交互
key-default_system = システムメッセージ
    .hint = 行に含まれていない場合に使用
key-enable_thinking = 思考
    .unset = テンプレートに従う
    .is-true = 有効: 思考のない応答には空のブロックを補う
    .is-false = 無効: 応答から取り除く
    .is-null = データのまま
key-tool_format = ツールの書式
    .hint = ツールと呼び出しの書き方
    .unset = テンプレート付属
key-disable_shuffling = 行の順序を保つ
key-rope_scaling = RoPE スケーリング
    .unset = なし
    .is-linear = linear
    .is-dynamic = dynamic
    .is-yarn = YaRN
    .is-llama3 = Llama 3
key-pair_marks = ペアへの印
    .hint = 印を付けたペアを入れ替え・除外する、その実行の名前

## key: the form: Optimizer

key-learning_rate = 学習率
key-optim = オプティマイザー
    .is-adamw_torch = AdamW
    .is-adamw_8bit = AdamW (8 ビット状態)
    .is-adafactor = Adafactor
    .is-lion_32bit = Lion
    .is-lion_8bit = Lion (8 ビット状態)
    .is-sgd = SGD
key-lr_scheduler_type = スケジュール
    .is-cosine = cosine
    .is-linear = linear
    .is-constant = constant
    .is-constant_with_warmup = constant (ウォームアップ付き)
    .is-cosine_with_restarts = cosine (再開あり)
    .is-cosine_with_min_lr = cosine (下限あり)
    .is-cosine_warmup_with_min_lr = 同上 (途中の値からウォームアップ)
    .is-polynomial = 多項式
    .is-inverse_sqrt = 平方根の逆数
    .is-warmup_stable_decay = ウォームアップ・一定・減衰
    .is-reduce_lr_on_plateau = 停滞したら下げる
key-warmup_ratio = ウォームアップの割合
    .hint = 全ステップに対する割合
key-warmup_steps = ウォームアップのステップ数
    .hint = 0 より大きければこちらを優先
key-lr_scheduler_kwargs = スケジュールのパラメーター
    .hint = JSON: { "{" }"num_cycles": 2{ "}" }
key-weight_decay = 重み減衰
key-max_grad_norm = 勾配クリップ
    .hint = 勾配ノルムの上限。0 なら無効
key-adam_beta1 = Adam beta 1
key-adam_beta2 = Adam beta 2
key-adam_epsilon = Adam epsilon
key-use_galore = 勾配の低ランク射影 (GaLore)
key-galore_rank = 射影のランク
key-galore_update_interval = 何ステップごとに射影を更新するか
key-galore_scale = 射影のスケール
key-galore_target = 射影するモジュール
    .hint = all または名前の一部
key-galore_proj_type = 射影する側
    .is-std = 短い側
    .is-reverse_std = 長い側
    .is-right = 右
    .is-left = 左
    .is-full = 両側
key-use_apollo = 低ランクのスケーリング (APOLLO)
key-apollo_rank = 射影のランク
key-apollo_update_interval = 何ステップごとに射影を更新するか
key-apollo_scale = 射影のスケール
key-apollo_target = 射影するモジュール
    .hint = all または名前の一部
key-apollo_proj = 基底
    .is-random = ランダム
    .is-svd = SVD
key-apollo_proj_type = 射影する側
    .is-std = 短い側
    .is-right = 右
    .is-left = 左
key-apollo_scale_type = スケーリングの単位
    .is-channel = チャンネル
    .is-tensor = テンソル
key-apollo_scale_front = ノルム制限の前にスケーリング
key-use_badam = ブロックごと (BAdam)
key-badam_switch_mode = ブロックの順序
    .is-ascending = 昇順
    .is-descending = 降順
    .is-random = ランダム
    .is-fixed = 固定
key-badam_start_block = 最初のブロック
key-badam_switch_interval = 何ステップごとに次のブロックへ移るか

## key: the form: Batch

key-num_train_epochs = エポック数
    .hint = データを何周するか
key-per_device_train_batch_size = 同時に処理する行数
    .hint = マイクロバッチ。メモリを使用
key-gradient_accumulation_steps = 勾配累積
    .hint = 1 ステップあたりのマイクロバッチ数
key-seed = シード
key-max_steps = 最大ステップ数
    .hint = エポック数の代わりに指定
key-per_device_eval_batch_size = 評価バッチ
key-device = デバイス
    .unset = 自動選択
    .is-cpu = CPU
    .is-cuda = CUDA
key-activation_memory = 活性値用メモリ
    .hint = MiB。超えた層は再計算。空欄なら自動
key-bf16 = bfloat16 で計算
key-fp16 = float16 で計算
key-pure_bf16 = パラメータも bfloat16

## key: the form: Cadence

key-eval_strategy = 評価
    .is-no = しない
    .is-steps = ステップごと
    .is-epoch = エポックごと
key-eval_steps = 評価間隔
    .hint = ステップ
key-save_strategy = チェックポイントの保存
    .is-no = しない
    .is-steps = ステップごと
    .is-epoch = エポックごと
key-save_steps = 保存間隔
    .hint = ステップ
key-logging_steps = 記録間隔
    .hint = ステップ
key-save_total_limit = 保持するチェックポイント数
    .hint = 最良のものは別に保持。空欄なら全部
key-sample_prompts = サンプル用プロンプト
    .hint = 途中で答えさせる検証プロンプトの数。0 で無効
key-sample_own_prompts = 自分のプロンプト
    .hint = 1 行に 1 つ
key-sample_max_new_tokens = サンプルの最大長
    .hint = トークン
key-sample_temperature = サンプルの温度
    .hint = 0 なら常に最尤トークン

## key: the form: Run

key-run_name = 名前
key-report_to = 他のプログラム向けの記録
    .hint = 他のプログラムのログを実行フォルダーに書きます: TensorBoard のイベントファイル、W&B と SwanLab のオフライン実行（アップロードはそれぞれの sync コマンドで）
    .unset = なし
    .is-tensorboard = TensorBoard
    .is-wandb = W&B
    .is-swanlab = SwanLab
    .is-trackio = trackio
    .is-mlflow = MLflow

## says: Several adapters or models merged into one

says-combine-takes-two = マージするアダプターまたはモデルを二つ以上指定してください
# $weights, $count
says-combine-weights = --weights: 数値が { $weights } 個、フォルダーが { $count } 個です。一つずつ指定してください
says-combine-number = --{ $name }: 合計が 0 にならない有限の数値を指定してください
says-combine-density = --density: { $density } は 0 より大きく 1 以下の割合ではありません
# $option, $method
says-combine-idle = { $option } は { $method } では何も変えません。外すか、別の --method にしてください
says-combine-packed = 量子化されています（{ $how }）。マージには通常の重みが要るので、`corral export` で書き出したものをマージしてください
says-combine-no-base = --base: モデルのフォルダーかハブの名前を指定してください
says-combine-of-models = アダプターを合わせるとき { $option } は何も変えません。外してください
# $rank, $most
says-combine-rank-too-large = --rank { $rank } はこれらの層の持つ階数を超えています。{ $most } 以下にしてください
says-combine-rank = --rank: 1 以上を指定してください
says-combine-slerp = slerp は二つの間をたどります。{ $count } 個ではなく二つ指定してください
says-combine-mixed = アダプターはアダプターと、モデルはモデルとマージします。先にアダプターをエクスポートするか、アダプターだけを指定してください
says-combine-kind = { $kind } アダプターで、元モデルの重みへの和ではありません。モデルにエクスポートしてからモデル同士をマージしてください
# $theirs, $ours
says-combine-other-base = { $theirs } で学習したもので、最初のものは { $ours } です。マージできるのは同じモデルのアダプターです
says-combine-other-blocks = 最初のものとは別のモデルの上にあります。`{ $what }` が違います
says-out-is-a-file = ファイルです。フォルダーを指定してください
says-combine-value-head = バリューヘッドがあり、マージできません。文章を書くモデルをマージし、その結果で報酬モデルを学習してください
says-combine-overflows = { $name } が有限の値になりません。--weights を小さくしてください
says-combine-other-form = { $first } とは別のモデルを表しています。マージできるのは同じ設定のモデルです
says-combine-first-kept = マージしたものの間で `{ $key }` が違います。最初のものを使います
says-combine-whole = `{ $name }` を丸ごと持ち、割合を掛けられません。それぞれモデルにエクスポートしてからモデル同士をマージしてください
# $module, $rank, $other, $method
says-combine-ranks = { $module }: ランクが { $rank } と { $other } で異なります。{ $method } は同じランクの行列を足します。cat か svd を使ってください
says-combine-adapters-only = { $method } はアダプター用です。モデルには linear、slerp、task_arithmetic、ties、dare_linear、dare_ties、magnitude_prune を使ってください
# $method, $parts
says-combine-made-of = { $method } でマージしました: { $parts }
says-combine-no-training = チェックポイントをマージした実行です。停止や再開はできません
says-combine-going = すでにチェックポイントをマージしています。終わるのを待つか、停止してください
says-combine-names-base = { $method } は学習による変化をマージします。元のモデルを --base で指定してください

## says: Files, and what holds other sentences

# $path, $why
says-file = { $path }: { $why }
# $path, $why
says-not-read = { $path } を読めません: { $why }
says-held-out-metric = 検証 { $metric }
# $y, $x
says-metric-over = { $x } に対する { $y }
# $name, $why
says-of-dataset = データセット `{ $name }`: { $why }
# $path, $why
says-of-tokenizer = { $path } のトークナイザー: { $why }
# $name, $why
says-of-template = テンプレート { $name }: { $why }

## says: What is wrong with a run config: values, keys, how it is written

says-must-be-set = 必須です
says-name-dataset = dataset_info.json のデータセット名か、ファイルを指定してください
# $value, $choices
says-not-one-of = `{ $value }` は { $choices } のいずれでもありません
# $value, $choices
says-no-such-template = `{ $value }` は { $choices } のいずれでもありません。モデル自身のものを使うには外してください
# $bytes, $most
says-template-too-long = テンプレートが { $bytes } バイトあり、上限 { $most } を超えています。短くするか、外してモデル付属のものを使ってください
says-no-end-of-reply = `{ $template }` は応答の終わりを書かず、その後に続くものを終わりとして学習するため、プロンプトは学習できません。別のテンプレートを選ぶか、train_on_prompt を外してください
says-scores-no-replies = stage: 報酬モデルが出すのは応答ではなくスコアです。`corral evaluate` で見られます
# $key, $must, $value
says-key-must = { $key }: { $must }（{ $value } は使えません）
# $value, $choices
says-no-such-tool-format = `{ $value }` は { $choices } のいずれでもありません。外すとテンプレートの書き方に従います
says-at-least = { $least } 以上にしてください
says-above-zero = 0 より大きくしてください
# $least, $most
says-between = { $least } から { $most } の間にしてください
says-above-most = 大きすぎます。{ $most } 以下にしてください
# $what, $value
says-takes = { $what }を指定してください（{ $value } は使えません）
says-a-text = テキスト
says-a-map-or-json = マップか JSON のテキスト
says-true-or-false = true か false{ " " }
says-true-false-or-null = true か false か null{ " " }
says-a-count = 0 以上の整数
says-a-smaller-count = 9,000,000,000,000,000 以下の整数（それより大きいとブラウザーが正確に扱えません）
says-a-count-without-zero = 先頭に 0 のない整数（YAML の読み手により値が変わるため）
says-a-number = 数値
says-a-number-from-zero = 0 以上の数値
says-one-of = { $names } のいずれか
says-no-such-key =
    知らないキーです{ $near ->
        [empty] { "" }
       *[other] 。{ $near } のことですか？
    }
says-not-a-key = `{ $key }` は実行設定のキーではありません
says-same-as = { $other } と同じ意味のキーです。どちらか一方にしてください
# $a, $b
says-twice-on-lines = { $a } 行目と { $b } 行目に重複しています。どちらか一方にしてください
says-twice-on-line = { $a } 行目に二度あります。一つにしてください
says-stands-twice = 二度あります。一つにしてください
says-file-too-large = ファイルが 1 MiB を超えています。実行設定ではありません
says-v1-format = これは LLaMA-Factory の v1 形式のファイルで、そのキー (model、train_dataset、peft_config など) は読みません。examples/train_lora のファイルのように model_name_or_path、dataset、stage、finetuning_type で書いてください
says-not-a-map = 実行設定は `key: value` の行の並びです
says-not-yaml = YAML として読めません: { $why }
says-second-document = `---` の後に二つ目の文書があります。実行設定は一つのファイルに一つだけ書いてください
says-option-without-value = 値が必要ですが、後ろに値がありません
says-no-value = `{ $key }=` に値がありません。値を書くか、既定値にするなら { $key }=null と書いてください
says-not-key-value = `{ $word }` は key=value や --key value の形ではありません
says-other-command = `{ $verb }` は学習のコマンドではありません。train のコマンドから読みます
says-names-file = このコマンドはファイル { $file } を指しています。その中身を貼り付けてください
says-no-json-map = JSON のマップではありません: { $text }
says-no-home = { $path } は解決できません。/ から始まるパスで書いてください
says-a-whole-number = 整数を指定してください
says-whole-steps = ステップ数（整数）か、1 未満の割合を指定してください
says-share-or-rows = 1 未満は割合、1 以上は行数（整数）です
# $a, $b
says-exclude-each-other = { $a } と { $b } は同時に使えません
says-evaluation-needs-rows = 評価には行が必要です。val_size か eval_dataset を設定してください
says-own-order-and-length = 行を元の順のままと長さ順に同時に並べることはできません。どちらかを外してください
says-nothing-to-do = do_train: false では do_predict: true がない限り何もすることがありません。評価は `corral evaluate` で行います
says-predicts-replies = 予測では返答を書かせます。predict_with_generate: true を設定してください
says-generates-when-predicting = 返答が書かれるのは do_predict: true のときで、学習中の評価では書かれません
says-predicts-after-sft = 返答の予測はステージ sft で行います。他のモデルも stage: sft とし、do_train なしで評価できます
says-predicts-held-rows = 予測には先に読み込まれた行が必要なので、streaming とは使えません
says-predicts-texts = 予測はデータセットの文章を読みますが、保存済みのトークンには文章がありません。tokenized_path なしの別の実行で予測してください
says-predicts-unpacked = packing では val_size が取り分けるのは複数行をまとめたブロックなので、予測する行の多くが学習済みになります。val_size の代わりに eval_dataset を設定してください
says-predicts-by-last = 学習後に予測するのは最良のモデルではなく最後のステップのモデルです。checkpoint-best を使い、別の実行で予測してください
says-predicts-other-rows = 学習と予測の一方にしか使えない行があり、val_size で取り分ける行が両者で異なります。学習結果は保存されています。eval_dataset を指定した別の実行で予測してください
says-router-loss-stage = ルーターの補助損失があるのはステージ pt、sft、dpo、kto だけです
says-adapter-needs-weights = アダプターには学習元の重みが必要なので、train_from_scratch とは使えません
says-scratch-needs-full = ランダムな重みから始めるには finetuning_type: full が必要です
says-by-evaluations = 評価に基づくので、eval_strategy を steps か epoch にしてください
says-plateau-by-evaluations = reduce_lr_on_plateau は評価の損失に基づきます。eval_strategy を steps か epoch にしてください
# $name, $what, $value
says-knob-takes = { $name } には{ $what }を指定してください（{ $value } は使えません）
says-takes-a-map = マップを指定してください。例: { $example }
# $owner, $name, $names
says-no-such-knob = { $owner } に `{ $name }` はありません。使えるキーは { $names } です
# $owner, $name
says-no-knobs = { $owner } に `{ $name }` はありません。ここでは何も受け取りません
# $end, $rate
says-lr-end-below = lr_end { $end } は学習率 { $rate } より小さくしてください
says-one-floor = min_lr（学習率）と min_lr_rate（その割合）のどちらか一方を指定してください
says-factor-below-one = factor は 1 未満にしてください
# $first, $second
says-and-also = { $first }。{ $second }
says-no-list-of-keys =
    `key: value` の行の並びではありません{ $why ->
        [empty] { "" }
       *[other] : { $why }
    }
says-own-backend = infer_backend: { $backend } は効果がありません。応答は Corral 独自のエンジンが書きます
says-config-of-training = これは学習の設定です。その結果は output_dir にあるので、そちらを指定してください（{ $made }）
says-write-max-new-tokens = max_new_tokens と書いてください。応答の最大トークン数です
says-no-such-export = { $key }: ありません。マージの結果はこのマシンの通常の safetensors で、量子化した重みは `--format gguf` と `--dtype` で書きます
# $key, $keys
says-key-of-training = { $key }: 学習のキーで、ここでは使えません。使えるのは { $keys } です

## says: NVIDIA's cards: what is missing to train on one, and what to do

says-cuda-silent = このマシンのカードについて corral-trainer が答えませんでした
says-no-cuda-driver = このマシンに NVIDIA ドライバーがありません（libcuda.so.1 が見つかりません）。バージョン 525 以降のドライバーをインストールしてください
says-cuda-stub = { $path } はビルド用のスタブで、ドライバーではありません。そのフォルダーを LD_LIBRARY_PATH から外すか、NVIDIA ドライバーをインストールしてください
# $path, $call, $why
says-cuda-fails = NVIDIA ドライバー（{ $path }）が応答しません。{ $call } の結果は { $why } です。`nvidia-smi` が動くか確かめてください
says-cuda-driver-old = NVIDIA ドライバーが古すぎます。対応する CUDA は { $version } ですが、12.0 以降が必要です。ドライバー 525 以降をインストールしてください
says-no-cuda-card = NVIDIA ドライバーがカードを見つけられません
says-no-visible-card = CUDA_VISIBLE_DEVICES={ $value } では使えるカードがありません。このマシンにあるカードを指定するか、設定を外してください
# $name, $capability
says-old-card = { $name } の compute capability は { $capability } です。学習できるのは 8.0 以降（RTX 30、A100 以降）のカードで、それより古いものは bf16 で計算できません
says-no-cublas = NVIDIA の行列積ライブラリー cuBLAS が見つかりません。`corral cuda install` で取得できます（{ $size }）。CUDA 対応の PyTorch にも含まれています
says-bad-cublas = このマシンの cuBLAS はどれも使えません（{ $tried }）。`corral cuda install` で使えるものを取得できます
# $index, $cards
says-no-such-card = カード { $index } はありません。このプログラムから見えるカードは { $cards } 枚で、0 から数えます
says-on-cpu-instead = CPU で計算します: { $why }
# $width, $most
says-heads-too-wide-for-card = このモデルの注意ヘッドの幅は { $width } ですが、カードで計算できるのは { $most } までです。device を cpu にしてください
# $name, $need, $free, $total
says-card-lacks-room = { $name } の空きは { $total } 中 { $free } で、必要なのは約 { $need } です
# $wanted, $free, $total
says-card-full = カードのメモリが足りません。さらに { $wanted } 必要ですが、空きは { $total } 中 { $free } です。最後のチェックポイントは残っています
# $what, $advice
says-card-full-so = { $what }。{ $advice }
# $keys, $need
says-card-would-do = { $keys } にすると、必要なメモリは約 { $need } です
says-card-is-too-small = このモデルでは最小でも約 { $need } 必要です。より小さいモデルや量子化されたモデル、またはメモリの多いカードを使ってください
# $need, $total
says-card-is-shared = この実行に必要なのは { $total } 中の約 { $need } で、残りはほかのプログラムが使っています。`nvidia-smi` で確かめて終了するか、`device` で別のカードを選んでください
# $name, $version, $path
says-library-line = { $name } { $version }: { $path }
says-no-library-line = { $name }: ありません
# $index, $name, $memory, $capability
says-card-line = cuda:{ $index }: { $name }、{ $memory }、compute capability { $capability }
# $line, $why
says-card-line-but = { $line } — { $why }
says-no-card-trains = カードでは学習できません: { $why }
says-cards-train = { $count } 枚のカードで学習できます
# $version, $path
says-cublas-is-there = cuBLAS { $version } はすでにあります: { $path }
# $package, $version, $size, $tool, $folder
says-fetches-cublas = { $package } { $version }（{ $size }）を { $tool } で { $folder } に取得します
says-cublas-installed = cuBLAS を { $folder } に置きました。`corral cuda status` で確認できます
says-no-pip = パッケージを取得する uv も pip もこのマシンにありません。次の 2 行を実行してください:
# $free, $needed
says-no-room-for-cublas = このディスクの空きは { $free } ですが、cuBLAS の展開には { $needed } 必要です。空きを作るか、DATA_DIR を別のディスクのフォルダーにしてください
# $tool, $why
says-tool-not-started = { $tool } を起動できません: { $why }
# $tool, $status
says-tool-failed = { $tool } は cuBLAS を取得できませんでした（{ $status }）。理由は上の行にあります。何もインストールしていません
says-cuda-unavailable = device: cuda — { $why }

## says: Data sets: where they are listed, and what is wrong with their entries

# $name, $list, $near
says-dataset-unlisted =
    データセット `{ $name }` は { $list } になく、ファイルでもありません{ $near ->
        [empty] { "" }
       *[other] 。`{ $near }` のことですか？
    }
# $name, $list
says-no-dataset-list = データセット `{ $name }` はファイルではなく、名前を調べる { $list } もありません（`dataset_dir`）

says-not-an-object-of-datasets = データセットを名前ごとに並べたオブジェクトでなければなりません
says-entry-no-object = { $list } の項目はオブジェクトでなければなりません
says-entry-no-file = { $list } の項目に `file_name` がありません
# $key, $place, $folder
says-entry-elsewhere = このマシンにありません（`{ $key }`: { $place }）。ファイルを { $folder } にダウンロードし、項目に `file_name` を書いてください
# $key, $name, $command
says-entry-on-hub = このマシンにありません（`{ $key }`: { $name }）。`{ $command }` でダウンロードしてください
# $key, $name, $file, $more, $command
says-entry-lacks-files =
    `{ $key }`: { $name } が揃っていません。{ $file }{ $more ->
        [empty] { "" }
       *[other] { " " }ほか { $more } 個
    }がありません。`{ $command }` でダウンロードしてください
# $key, $script
says-entry-script = 行は Python のプログラム（`{ $key }`: { $script }）から来ますが、実行しません。ファイルに書き出して `file_name` に指定してください
# $key, $name
says-no-hub-name = `{ $key }` はハブ上の名前 owner/name でなければなりません。今は `{ $name }` です
says-entry-text = `{ $key }` は文字列でなければなりません
says-entry-object = `{ $key }` はオブジェクトでなければなりません
says-entry-flag = `{ $key }` は true か false でなければなりません
says-entry-count = `{ $key }` は 1 以上の整数でなければなりません
# $key, $name, $names
says-entry-lacks = `{ $key }` に `{ $name }` はありません。使えるのは { $names } です
# $list, $key, $meant
says-entry-near = { $list } の項目に `{ $key }` があります。`{ $meant }` のことですか？
says-entry-split = split `{ $split }`: ファイルの split は `train` だけです。使う行を別のファイルにしてください
# $list, $key
says-entry-beside-file = { $list } の項目に `file_name` と並んで `{ $key }` があります。行を読むのはそのファイルだけです。`{ $key }` を消すか、使うものをダウンロードして `file_name` に指定してください
says-no-hub-folder = フォルダー `{ $folder }` にデータファイルがありません
says-name-a-subset = サブセットが複数あります。`subset` で一つ指定してください: { $subsets }
# $subset, $subsets
says-no-hub-subset =
    サブセット `{ $subset }` がありません{ $subsets ->
        [empty] { "" }
       *[other] 。あるのは { $subsets } です
    }
# $split, $splits
says-no-hub-split = split `{ $split }` がありません。あるのは { $splits } です
says-no-hub-files = 読めるデータファイルがありません
says-entry-pairs-unmarked = `columns` がペアの片方（`{ $column }`）を示していますが、`ranking` がないためペアとして読めません。`ranking: true` を指定するか、その列を消してください
says-entry-formatting = formatting `{ $value }` は不明です。`alpaca`、`sharegpt`、`openai` のいずれかです
# $key, $replies, $verdicts
says-comparison-shape = `{ $key }` は `{ $replies }`（2 つの列、またはリストの列 1 つ）と { $verdicts } のいずれかを持つオブジェクトでなければなりません
says-comparison-lists = `{ $key }` は列名のリストでなければなりません
# $list, $column, $file, $columns
says-column-nowhere = { $list } の項目にある列 `{ $column }` は { $file } のどの行にもありません。あるのは { $columns } です
says-holds-pairs = 選好ペア（ステージ `dpo`、`rm`、`kto` で学習）
says-holds-instructions = 応答が 1 つずつの指示（ステージ `sft` で学習）
says-holds-text = テキスト（ステージ `pt` で学習）
says-holds-labelled = ラベル付きの応答（`kto_tag`、ステージ `kto` で学習）
says-holds-prompts = 応答のないプロンプト（ステージ `ppo` で学習）
# $what, $stage
says-wrong-kind = 中身は{ $what }ですが、この実行のステージは `{ $stage }` です
# $held, $rows
says-holds-out-all = `val_size` で { $rows } 行のうち { $held } 行を評価用に取り分けると、学習する行が残りません。小さくするか、eval_dataset を指定してください
# $tokens, $cutoff
says-block-unfilled = 全体で { $tokens } トークンしかなく、`cutoff_len` { $cutoff } のブロック 1 つにもなりません。小さくするか、テキストを足してください
says-too-many-rows = 行数または 1 行の長さが 32 ビットで数えられる範囲を超えています。`max_samples` で先頭の行だけを使えます
says-broken-off = 読み込みが中断されました
# $name, $total, $rows
says-no-usable-row =
    データセット `{ $name }` の { $total } 行に、使える行がありません{ $rows ->
        [empty] { "" }
       *[other] 。{ $rows }
    }
# $row, $why
says-at-row = { $row } 行目: { $why }
# $first, $more
says-row-and-more = { $first }。{ $more }
says-row-no-object = { $row } 行目がオブジェクトではありません
says-has-no-rows = 行がありません
# $name, $row
says-no-rows-usable =
    { $name }: 使える行がありません{ $row ->
        [empty] { "" }
       *[other] （{ $row }）
    }

# $endings, $folders
says-folder-without-data =
    データファイル（{ $endings }）がありません{ $folders ->
        [empty] { "" }
       *[other] 。中のフォルダーを指定してください: { $folders }
    }
# $first, $second
says-folder-of-two-types = 2 種類のデータファイル（{ $first }、{ $second }）があります。フォルダーには 1 種類だけを置くか、ファイルを一つ指定してください
# $first, $second, $register
says-folder-of-listed-files = 2 種類のデータファイル（{ $first }、{ $second }）があり、{ $register } に一覧されています。その中から選ぶにはこのファイルを指定してください。データファイルを一つ指定することもできます
# $file, $row, $why
says-in-file = { $file } の { $row } 行目: { $why }
says-is-utf16 = UTF-16 です。UTF-8 で保存し直してください（`iconv -f { $encoding } -t UTF-8 in > out`）
# $format, $why
says-unpacking-failed = { $format } で圧縮されていますが、展開できません: { $why }
says-packed-no-text = 圧縮されていますが、中身がテキストではありません。先に展開してください
says-grows-too-far = 読み込むと { $most } MiB を超えます。この大きさのファイルとしては多すぎるため、使いません
says-is-archive = アーカイブ（{ $format }）です。展開して、中のデータファイルを指定してください
says-is-spreadsheet = 表計算のファイルです。CSV（UTF-8）で保存してください
says-packed-otherwise = { $format } で圧縮されていますが、読めません。展開するか、gzip か Zstandard で圧縮してください
says-of-other-program = { $format } のファイルで、行を読めません。.jsonl か .csv に書き出してください
says-is-json-named = 名前は .{ $ending } ですが、JSON のように始まっています。JSON なら名前を .json か .jsonl にしてください
says-old-feather = 古い（バージョン 1 の）Feather です。書き直してください（`pandas.read_feather("in").to_feather("out")`）
says-not-as-named = 名前は .{ $ending } ですが、中身の始まりが違います
says-spreadsheet = 表計算のファイル（.{ $ending }）は読めません。シートを CSV（表計算ソフトの「名前を付けて保存」、CSV UTF-8）で保存して、そのファイルを追加してください
# $texts, $packings, $tables
says-not-a-data-file = 名前がデータファイルではありません。読めるのは { $texts }（{ $packings } で圧縮したものも）と { $tables } です
# $format, $rows, $why
says-table-broken =
    { $format } として読めません{ $rows ->
        [empty] { "" }
       *[other] （{ $rows } 行目の後）
    }: { $why }
says-row-too-long = { $most } MiB を超えています
# $found, $wanted
says-cells-differ = セルが { $found } 個ですが、最初の行の列名は { $wanted } 個です
says-behind-quote = { $cell } 番目のセルは閉じる引用符の後にも文字があります。引用符の中の引用符は 2 つ重ねて（`""`）書きます
says-lone-returns = 行末が復帰文字（CR）だけです。古い表計算ソフトの形式なので、LF か CRLF の CSV（UTF-8）で保存し直してください
says-quote-open = { $line } 行目で開いた引用符が閉じられていません
# $line, $most
says-quote-too-long = 1 つの行が { $most } MiB を超えています。{ $line } 行目で開いた引用符が閉じられていないのかもしれません
says-mixture-endless = このデータセットを混ぜると { $most } 行を超えます。どれかが選ばれる確率が低すぎます（`interleave_probs`）
says-is-empty = 空です
# $line, $most
says-line-too-long = { $line } 行目が { $most } MiB を超えています
# $first, $second
says-several-lists = 行のリストが複数あります（`{ $first }`、`{ $second }`）。使うものを別のファイルにしてください
says-one-object = オブジェクトが 1 つあるだけです。行のリストか、1 行に 1 つずつの行が必要です

says-row-without-pair = chosen と rejected の応答がありません
says-row-without-label = ラベルがありません（`kto_tag` が示す列の true か false）
says-row-without-reply = 応答がありません
says-counted-not-learned = ここで数える応答は、学習しないものと指定されています
says-no-reply-left = `cutoff_len` { $cutoff } がプロンプトで埋まり、応答のトークンが残りません
says-no-turns = 発話がありません
says-turns-before-reply = 応答の前に発話が { $n } 個あります。ユーザーの発話で始まり、交互に並び、ユーザーの発話で終わらなければなりません
says-turn-is-users = { $turn } 番目の発話がユーザーのものです。発話はユーザーから始まり、交互に並びます
says-turn-is-assistants = { $turn } 番目の発話がアシスタントのものです。発話はユーザーから始まり、交互に並びます
says-the-users = ユーザーの発話
says-the-assistants = アシスタントの発話
says-a-tools-answer = ツールの応答
says-a-tool-call = ツール呼び出し
# $turn, $what, $name
says-template-leaves-out = モデルのチャットテンプレートは { $turn } 番目の発話（{ $what }）を書きません。名前付きのテンプレートなら書きます。`template` をたとえば `{ $name }` にしてください

says-of-the-model = （モデル付属）
says-of-the-run = （この実行のもの）
says-template-unreadable = 読めません: { $why }
says-template-refuses = モデルのチャットテンプレートが受け付けません: { $why }
says-template-too-much = モデルのチャットテンプレートに渡せません: { $why }
says-reply-not-behind-prompt = モデルのチャットテンプレートが応答をプロンプトの直後に置かないため、数えるトークンが分かりません。`template` に名前付きのものを指定してください
# $name, $names
says-tool-format-unknown = tool_format `{ $name }` は { $names } のいずれでもありません
says-tool-format-of-model = ツールを独自の書き方で書くため、tool_format `{ $name }` には従えません。`template` を指定するか、`tool_format` を外してください
says-no-chat-template = モデルのフォルダーにチャットテンプレートがありません。`template` をたとえば `default` にしてください
says-no-default-template = tokenizer_config.json のチャットテンプレートは { $names } で、`default` がありません。使うものの名前を変えるか、`template` を指定してください
says-bad-call = 関数呼び出しが JSON ではありません: { $why }
says-bad-tools = ツールの説明が JSON ではありません: { $why }
says-tools-must-be-list = `tools` は JSON のリストでなければなりません
says-call-without-name = `name` のない関数呼び出しがあります
says-call-without-arguments = `{ $name }` の呼び出しに `arguments` がありません
says-one-call-at-a-time = GLM-4 が一度に呼び出す関数は 1 つです
says-arguments-no-object = `{ $name }` の引数がオブジェクトではありません

# $file, $at
says-words-broken = `{ $file }` は { $at } バイト目から読めません。モデルのものを取り直してください
# $file, $line
says-words-line = `{ $file }` の { $line } 行目はトークンとして読めません。モデルのものを取り直してください
# $file, $key, $place
says-words-entry = `{ $file }` の `{ $key }` は { $place } で使えません。モデルのものを取り直してください
# $file, $why
says-words-vocab = `{ $file }` はトークンから ID への対応になっていません（{ $why }）。モデルのものを取り直してください
# $file, $kind
says-words-kind = `{ $file }` の種類は `{ $kind }` です。読めるのは SentencePiece の BPE と unigram なので、モデルの tokenizer.json を隣に置いてください
# $file, $bytes, $most
says-words-long-piece = `{ $file }` に { $bytes } バイトのトークンがあります（上限 { $most }）。モデルのものを取り直してください
says-words-no-merges = `merges.txt` がありません。モデルのものを隣に置いてください
# $class, $file
says-words-class = `{ $class }` のテキストの分け方は未対応です。モデルの tokenizer.json を `{ $file }` の隣に置いてください
# $token, $id, $file
says-words-id-taken = 追加トークンでは `{ $token }` の ID が { $id } ですが、`{ $file }` では別のトークンです。両方ともモデルのものを取り直してください
says-tokenizer-json-missing = `tokenizer.json`・`tokenizer.model`・`tekken.json`・`qwen.tiktoken`・`vocab.json` のいずれもありません。モデルのものを置いてください
says-tokenizer-broken = { $doing }: `tokenizer.json` が壊れています。モデルのものを取り直してください
# $token, $id, $left
says-added-token = `tokenizer_config.json` では `{ $token }` の ID が { $id } ですが、`tokenizer.json` では { $left } になります
says-no-id = なし
says-not-utf8 = UTF-8 ではありません
says-not-json = JSON ではありません: { $why }
says-tokenizer-file-too-large = トークナイザーのファイルとしては大きすぎます
says-entry-twice = `{ $name }` という項目が 2 つ以上あり、どれを指すのか分かりません。名前を変えるか、どれかを削除してください
# $name, $key
says-key-of-entry-twice = 項目 `{ $name }` に `{ $key }` が 2 つ以上あり、どれを指すのか分かりません。どれかを削除してください

## says: Packed weights that do not add up, what a talk can't be made of, and what keeps a program from answering

# $input, $output
says-not-in-words = { $input } から { $output } への層が 8 個ずつの語にちょうど収まりません。ファイルが壊れているか、設定が別のモデルのものです。フォルダーをダウンロードし直してください
# $name, $got, $group, $want
says-packed-words = `{ $name }` は { $got } 語ですが、{ $group } 個のグループでは { $want } 語必要です。ファイルが不完全か、設定が別のモデルのものです。フォルダーをダウンロードし直してください
# $got, $inputs
says-group-order = `g_idx` は { $got } 個ですが、入力は { $inputs } 個です。フォルダーをダウンロードし直してください
# $group, $groups
says-no-such-group = `g_idx` に { $groups } 個のうち { $group } 番のグループが書かれています。フォルダーをダウンロードし直してください
# $values, $group
says-no-whole-groups = { $values } 個の値は { $group } 個ずつのグループで割り切れません。別の方法で量子化するか、量子化しないでください
# $input, $output
says-eetq-widths = { $input } から { $output } への層は EETQ では保持できません。どちらも 64 の倍数のはずです。フォルダーをダウンロードし直してください
says-codes-not-finite = 数でない符号（NaN か無限大）があります。フォルダーをダウンロードし直してください
# $got, $groups, $rows, $want
says-group-scales = スケールが { $got } 個ですが、{ $rows } 行の { $groups } グループには { $want } 個必要です。フォルダーをダウンロードし直してください
says-packed-block = ブロックの大きさが { $block } です。2 以上の 2 の累乗でなければなりません。フォルダーをダウンロードし直してください
# $bytes, $values, $want
says-packed-bytes = { $bytes } バイトに入るのは { $values } 個の値で、{ $want } 個ではありません。フォルダーをダウンロードし直してください
# $got, $blocks, $size
says-block-scales = 大きさ { $size } のブロック { $blocks } 個に対して、スケールが { $got } 個です。フォルダーをダウンロードし直してください
# $nested, $scales
says-nested-scales = スケール { $scales } 個に対して、入れ子のスケールが { $nested } 個です。フォルダーをダウンロードし直してください
# $scales, $rows
says-row-scales = { $rows } 行に対して、スケール（SCB）が { $scales } 個です。フォルダーをダウンロードし直してください
# $columns, $format, $block
says-uneven-blocks = 1 行 { $columns } 個の値が、{ $block } 個ずつの { $format } ブロックで割り切れません。ファイルをダウンロードし直してください
# $bytes, $rows, $columns, $format
says-bytes-of-rows = { $bytes } バイトは { $format } の { $rows } x { $columns } 個の値と一致しません。ファイルをダウンロードし直してください

# $number, $role
says-role-of-talk = メッセージ { $number }: 役割 `{ $role }` は使えません。user、assistant、tool、または先頭の system にしてください
# $known, $id, $token
says-unknown-token-in-talk = モデルのトークンは { $known } 個ですが、会話に ID { $id }（{ $token }）があります。トークナイザーが別のモデルのものか、重みにないトークンが追加されています。モデル自身のトークナイザーを重みの隣に置いてください
says-token-undecodable = トークンをテキストにできませんでした: { $why }。トークナイザーが壊れています。モデルのフォルダーを取り直してください
# $what, $index
says-empty-completion = バッチの { $what } { $index } の応答が空です
# $known, $id
says-reference-tokens = ref_model: トークンは { $known } 個ですが、応答に ID { $id } があります。学習するモデルと同じトークンを持つモデルにしてください
says-tensors-failed = テンソルの計算に失敗しました: { $why }
says-not-downloaded = ハブのモデル { $name } はこのマシンにありません。先にダウンロードしてください
# $program, $status
says-ended-wordless = { $program } は何も言わずに終了しました（{ $status }）
says-answer-short = corral-trainer がすべてのモデルには答えませんでした。やり直してください

## says: What a model's config and quantized files say that cannot be computed here

says-no-json-object = JSON のオブジェクトではありません: { $why }
# $key, $value, $supported
says-unsupported = `{ $key }` は { $value } です。対応しているのは { $supported } です
# $value, $supported
says-unsupported-awq = AWQ の `version` は { $value } です。対応しているのは { $supported } です
# $key, $value, $what
says-must-be = `{ $key }` は { $value } ですが、{ $what }でなければなりません
says-even = 偶数
says-above-nothing = 0 より大きい数
says-at-most-one = 1 以下
says-numbers-of = { $count } 個の数のリスト
says-above-nothing-or-all = 0 より大きい数か -1{ " " }
# $experts, $most
says-a-divisor-of = { $experts } 個のエキスパートの約数で { $most } 以下の数
says-groups-with-enough-experts = { $count } 個のグループ以下で、1 トークン分のエキスパートを含む数
says-one-number = 全層で同じ数
says-two-above-nothing = 0 より大きい数二つ
says-a-list-of-counts = 整数のリスト
says-from-one-to = 1 から { $most } の整数
says-key-is-missing = `{ $key }` がありません
# $key, $name
says-key-lacks = `{ $key }` に `{ $name }` がありません
# $heads, $kv
says-heads-do-not-divide = attention のヘッド { $heads } 個は、key-value のヘッド { $kv } 個で割り切れません
# $found, $supported
says-other-architecture = `architectures` は { $found } です。対応しているのは { $supported } です
# $architecture, $why
says-family-left-out = { $architecture } には対応していません。{ $why }
says-yuan-left-out = 注意機構がクエリとキーを時間方向にろ過する、他にない構造のためです
says-phi-small-left-out = 注意機構がブロック疎で、他にない構造のためです
says-more-than-a-decoder = `architectures` の { $found } は文章以外も読むモデルです。文章だけのモデル (architecture が ForCausalLM で終わるもの) のフォルダーを指定してください
says-no-architecture = なし
# $kind, $supported
says-rope-scaling = RoPE のスケーリングが `{ $kind }` です。対応しているのは { $supported } です
says-rope-not-scalable = rope_scaling: { $family } の位置はスケーリングできません（回転位置ではないか、モデルのコードにスケーリングがありません）。このキーを外してください
# $family, $asked, $supported
says-rope-scaled-otherwise = rope_scaling: { $family } のモデルのコードは `{ $asked }` のスケーリングに対応していません。対応しているのは { $supported } です
# $count, $layers
says-layer-types-of = `layer_types` は { $count } 個ですが、層は { $layers } 個です
# $kind, $supported
says-layer-type = 層の種類が { $kind } です。対応しているのは { $supported } です
# $chosen, $experts, $key
says-too-many-experts-chosen = `num_experts_per_tok` が { $chosen } で、`{ $key }` の { $experts } より多くなっています
# $key, $size
says-more-than-any-model = `{ $key }` が { $size } で、どのモデルよりも大きい値です。ファイルが壊れています
says-header-cut-off = ヘッダーが途中で切れています。ダウンロードし直してください
# $count, $what
says-broken-header = ヘッダーの { $what } が { $count } です。ファイルが壊れています
says-broken-header-text = ヘッダーに { $length } バイトのテキストがあります。ファイルが壊れています
says-broken-header-list = ヘッダーにありえないリストがあります。ファイルが壊れています
says-header-value-type = ヘッダーに未知の型 { $kind } の値があります
# $name, $rank
says-tensor-dimensions = `{ $name }` の次元が { $rank } です
says-no-gguf = GGUF ファイルではありません
says-gguf-version = GGUF のバージョンが { $version } です。対応しているのは 2、3 です
says-past-the-end = テンソルがファイルの終わりを越えています。ダウンロードし直してください
# $name, $supported
says-gguf-architecture = アーキテクチャが { $name } です。GGUF で対応しているのは { $supported } です
says-no-metadata = メタデータに `{ $key }` がありません。ファイルが不完全です。ダウンロードし直すか、モデルを変換し直してください
# $key, $value
says-gguf-key = `{ $key }` が { $value } です。これが求める計算には対応していません
# $name, $architecture
says-gguf-tensor = ファイルにテンソル `{ $name }` がありますが、ここで扱える { $architecture } はそれを使いません
says-no-biases-in-gguf = クエリ・キー・バリューとアテンションの出力の一方だけにバイアスがあります。そのような Llama はないので、モデルの config.json をファイルの隣に置いてください
says-rope-table = RoPE が表（`rope_freqs`）と係数の両方でスケーリングされています。モデルの config.json をファイルの隣に置いてください
# $kind, $supported
says-gguf-rope-scaling = GGUF の RoPE のスケーリングが `{ $kind }` です。対応しているのは { $supported } です
# $count, $names
says-several-gguf = GGUF ファイルが { $count } 個あります（{ $names }）。使うものをパスで指定するか、一つだけにしてください
# $kind, $supported
says-ggml-type = ggml の型 { $kind } で符号化されています。対応しているのは { $supported } です
says-gguf-no-text = `tokenizer.ggml.tokens` にテキストでない値 { $value } があります
says-gguf-no-pair = `tokenizer.ggml.merges` に組でない値 { $value } があります
says-gguf-no-tokenizer = ファイルにトークナイザーがありません。モデルの tokenizer.json を隣に置いてください
says-gguf-tokenizer-kind = トークナイザーの種類が `{ $kind }` です。ファイルから作れるのは `gpt2` と `llama` なので、モデルの tokenizer.json を隣に置いてください
says-gguf-unknown-parts = トークナイザーのテキストの分け方 `{ $name }` は未対応です。モデルの tokenizer.json を隣に置いてください
says-gguf-none-of-family = llama.cpp に { $class } のモデルはありません。`--format merged` でエクスポートしてください
# $name, $architecture
says-gguf-no-place = llama.cpp の { $architecture } には `{ $name }` を置く場所がありません。`--format merged` でエクスポートしてください
# $models, $what
says-gguf-unsaid = llama.cpp はこのような { $models } を計算しません（{ $what }）。ファイルが別のモデルを意味してしまうため、`--format merged` でエクスポートしてください
says-gguf-of-reward-model = 報酬モデルです。GGUF にはバリューヘッドを置く場所がないため、`--format merged` でエクスポートしてください
says-gguf-no-such-tokenizer = llama.cpp のファイルに入るのはバイトレベルと SentencePiece の BPE で、{ $kind } は入りません。`--format merged` でエクスポートしてください
# $tokens, $rows
says-gguf-tokens-past-rows = トークンが { $tokens } 個ありますが、モデルの表は { $rows } 行です。モデルに付属のトークナイザーを使ってください
says-gguf-unnamed-parts = このトークナイザーのテキストの分け方には llama.cpp での名前がありません。ファイルには `default` と書かれ、一部のテキストは別のトークンになります
says-gguf-other-letters = llama.cpp はテキストをそのまま扱います。このトークナイザーが置き換える文字や取り除く空白を表す形式がなく、それらを含むテキストは別のトークンになります
says-gguf-without-window = llama.cpp のファイルはこのモデルの { $window } トークンのウィンドウを表せません。それより長いテキストは別の計算になります
says-gguf-without-growth = llama.cpp に dynamic RoPE と log-n attention はありません。{ $original } トークンを超えるテキストは別の計算になります

## says: Why a key of another program has no effect here, and what is not there

says-own-engine = Corral 独自のエンジンを使います
says-for-vllm = vLLM のためのものです
says-for-sglang = SGLang のためのものです
says-recompute-by-memory = 保存するか再計算するかは、メモリに応じて層ごとに決まります
says-tokens-known-again = トークンが再利用されるのは、データ、テンプレート、トークナイザー、長さが同じときだけです
says-tokenizes-on-all-cores = トークン化は全コアで行います
says-rows-one-by-one = 行は一つずつ読みます
says-one-worker-reads = 行は唯一のワーカーが読みます
says-no-loader-process = ローダーのプロセスはありません
says-unused-never-loaded = 使わない列は読み込みません
says-metrics-in-board-and-events = 指標はボードと events.jsonl にあります
says-trackers-offline = 実行はファイルに記録し、アップロードはトラッカーのコマンドで行います
says-board-draws = 曲線はボードが描きます
says-metrics-in-events = 指標は output_dir/events.jsonl にあります
says-log-is-worker-log = ログは worker.log です
says-see-log = ログを見てください
says-bad-loss-ends-run = 損失が数でなくなると実行は終わります
says-memory-always-logged = メモリは常に記録します
says-speed-always-logged = 毎秒のトークン数は常に記録します
says-evaluation-own-metrics = 評価の指標は決まっています
says-evaluation-no-logits = 評価は logits を残しません
says-always-evaluates-first = 最初のステップの前に必ず評価します
says-bar-on-terminal = 進捗バーは端末にだけ表示します
says-own-attention = Corral 独自の attention を使います
says-own-kernels = Corral 独自のカーネルを使います
says-norms-in-f32 = 正規化は常に f32 で計算します
says-logprobs-in-f32 = log-prob は常に f32 で計算します
says-see-bf16 = パラメータは f32 のままです。bf16 で計算するには bf16: true を使ってください
says-see-fp16 = fp16 を見てください
says-of-fp8 = fp8 のためのキーで、fp8 はまだありません
says-one-device = 実行は 1 つのデバイスを使います
says-of-hyper-parallel = use_hyper_parallel のためのキーで、それはまだありません
says-no-model-code = モデルに付いたコードは実行しません
says-weights-mapped = 重みはメモリマップします
says-no-cache-in-training = 学習に KV キャッシュは要りません
says-engine-keeps-memory = メモリはエンジンが管理します
says-no-graph-compiler = グラフコンパイラーはありません
says-always-deterministic = 実行は常に決定的です
says-always-goes-on = 再開した実行は必ず元の位置から続きます
says-see-device = device を見てください
says-set-hf-token = 環境変数 HF_TOKEN に設定してください
says-set-ms-token = 環境変数 MODELSCOPE_API_TOKEN に設定してください
says-models-from-hubs = モデルはフォルダー、Hugging Face、ModelScope から取ります
says-nothing-uploaded = 何もアップロードしません
says-for-export = `corral export` のためのものです
says-of-badam-ratio = badam_mode: ratio のためのキーで、これは無効です
says-no-padding = パディングはありません
says-lengths-counted = 長さは数えて求めます
says-see-neat-packing = neat_packing を見てください
says-see-cutoff-len = cutoff_len を見てください
says-embeddings-whole = 埋め込みは低ランク項ではなく全体を学習します（additional_target）
says-of-asft = use_asft_loss のためのキーで、それはまだありません
says-of-new-tokens = new_special_tokens_config のためのキーで、それはまだありません
says-media-not-read = 画像、動画、音声は読みません
says-for-writing = 応答を書くときのためのもので、学習では書きません
says-for-benchmarks = 多肢選択ベンチマークのためのもので、それはありません
says-of-torch-profiler = enable_torch_profiler のためのキーで、それはありません
says-galore-all-layers = false にしてください: ここでの GaLore は全層をまとめて処理します。layerwise が節約する分のメモリは pure_bf16: true で節約できます
says-apollo-all-layers = false にしてください: ここでの APOLLO は全層をまとめて処理します。layerwise が節約する分のメモリは pure_bf16: true で節約できます
says-write-projection-keys = galore_rank、galore_update_interval、apollo_rank などを個別のキーとして書いてください
says-write-projection-target = galore_target か apollo_target と書いてください
says-no-adam-mini = Adam-mini はまだありません
says-no-muon = Muon はまだありません
says-no-sft-smoothing = 教師あり損失のラベル平滑化はまだありません。DPO では dpo_label_smoothing を使ってください
says-no-shift-attention = shifted sparse attention はまだありません
says-no-mixture-of-depths = mixture of depths はまだありません
says-no-resizing = 語彙の大きさの変更はまだできません
says-no-new-tokens = トークンの追加はまだできません
says-special-kept-whole = テキスト中の特殊トークンは分割しません
says-no-media = 画像、動画、音声には対応していません
says-no-earlier-thinking = 前のターンの思考は常に除きます
says-no-deepspeed = この行を削除してください: DeepSpeed は学習を複数デバイスに分散します。ここで使う 1 台のデバイスでは結果は変わりません
says-no-several-devices = 複数デバイスでの学習はまだありません
says-no-ktransformers = KTransformers の重みやアダプターは読みません
says-no-fp8 = fp8 での計算はまだありません
says-no-asft = ASFT 損失はまだありません。元モデルからの乖離を除いた部分は use_dft_loss です
says-no-torch = 計測する torch がありません
says-no-benchmarks = 多肢選択ベンチマークはありません。`corral evaluate` はデータセットを採点します
says-evaluated-together = データセットはまとめて評価します。個別には `corral evaluate` で評価してください
says-last-batch-trained = エポック最後の小さなバッチも必ず学習します
says-no-padding-in-loss = 損失に数えるパディングはありません
says-always-safetensors = チェックポイントは常に safetensors です
says-biases-frozen = バイアスは固定のままです
says-batch-as-said = バッチの大きさは指定どおりで、メモリには再計算で対応します
says-goes-on-with-next-rows = 再開した実行は続きの行から進みます
says-no-accelerate = 設定する Accelerate がありません
says-no-module-dropout = OFT のブロック単位のドロップアウトはありません。PEFT はこの値を受け取りますが使いません
says-write-adafactor = optim: adafactor と書いてください
says-write-create-new-adapter = create_new_adapter と書いてください
says-sampling-choices = あるのは "random"、"sequential"、"group_by_length" です
says-name-adapter-folder = フォルダー自体を adapter_name_or_path に書いてください
says-no-beams = 応答は 1 トークンずつ引き、ビームは使いません
says-write-sampling-keys = temperature、top_p、top_k などを個別のキーとして書いてください
says-see-group-by-length = group_by_length を見てください

## says: What is good to know of the rows of a data set, and no reason to refuse them

says-unused-columns = 使用しない列: { $columns }。プロンプトや応答に含める列は dataset_info.json の `columns` に指定します
# $list, $keys
says-unused-entry-keys = { $list } の項目にある { $keys } は使用しません
says-unused-files = フォルダーには読み込まれないものもあります: { $files }
# $key, $n
says-unused-list = `{ $key }`（{ $n } 行）は使用しません。使う場合は別のファイルにしてください
# $keys, $column
says-unused-keys = `{ $column }` の中の { $keys } は使用しません
# $column, $n
says-other-prompt = { $n } 行で `{ $column }` が会話に含まれていません。会話のほうを使用し、`{ $column }` は使用しません
says-marked-prompts = { $n } 行でユーザーの発話が学習対象に指定されています。学習するには `train_on_prompt` が必要です
says-same-replies = { $n } 組は chosen と rejected が同一で、選好の手がかりがありません
says-empty-replies = { $n } 行の応答が空です。モデルは何も答えないことを学習します
says-one-label = ラベルがすべて { $label } です。KTO には良い応答と悪い応答の両方が必要です
says-ties = 引き分け（どちらが良いとも言えない）のため { $n } 行を除外します
says-unjudged-rows = どちらの応答が良いかの判定がないため { $n } 行を除外します
says-labels-unread = ラベルを良し悪しとして読めないため { $n } 行を除外します
# $column, $values
says-no-labels = `{ $column }` は使用しません。値（{ $values }）は良し悪しを表していません。ラベルは true か false です
says-other-replies = { $n } 行には 2 つより多い応答があります。評価があれば最良と最低を、なければ先頭のものを使います。残りも使うには行を分けてください
# $key, $row, $n
says-key-twice = 1 つのオブジェクトに `{ $key }` が 2 回あります（最初は { $row } 行目、計 { $n } 行）。最後の値を使用します
says-empty-column = `{ $column }` はすべての行で空です。学習する応答がないため、プロンプト（ステージ `ppo` 用）として扱います
says-same-tokens = { $n } 組は chosen と rejected のトークンが同一で、選好の手がかりがありません
says-last-reply-counts = { $n } 行では最後の応答だけを学習します。モデルのチャットテンプレートが以前の応答を別の形で書くためです。名前付きの `template` ならすべて学習します
says-first-prompt-only = ステージ `pt` は各行の最初のプロンプトだけを学習し、応答は使いません
says-thoughts-left-out = { $n } 行で、別項目の思考（`reasoning_content`）がテンプレートに含まれません
says-tools-left-out = { $n } 行で、ツールの定義がテンプレートに含まれません
says-system-left-out = { $n } 行で、システムメッセージがテンプレートに含まれません
says-block-in-reply = { $n } 行では、テンプレートが応答の先頭で開くブロックが応答にないため、プロンプトはその手前で終わります

## says: What a look at a run's curves found, with its numbers

# $after, $before
says-health-accuracy-fell = 学習前より悪化しました: 検証ペアで chosen を好む割合は { $after }（学習前 { $before }）。
# $after, $before
says-health-margin-fell = 学習前より悪化しました: 検証の preference margin はトークンあたり { $after } nats（学習前 { $before }）。
# $after, $before
says-health-reward-fell = 学習前より悪化しました: 検証の報酬は { $after }（学習前 { $before }）。
# $after, $before
says-health-held-out-loss-rose = 学習前より悪化しました: 検証の loss は { $after }（学習前 { $before }）。
says-health-diverged = 学習率が高すぎます: ステップ { $step } で loss または勾配が有限でなくなりました。
# $loss, $start, $peak, $step
says-health-never-fell = 学習率が高すぎるようです: loss は { $loss }。開始時は { $start } で、ステップ { $step } 付近で { $peak } まで上がりました。
# $loss, $before, $steps
says-health-nothing-moves = 変化がありません: { $steps } ステップ後の検証 loss は { $loss }（学習前 { $before }）。学習率が低すぎるようです。
# $after, $before, $margin, $margin_before
says-health-displaced = chosen の応答自体の確率が下がっています: 検証の log-prob が { $before } から { $after } に下がり、preference margin は { $margin_before } から { $margin } に上がりました。
# $count, $norm, $step, $usual
says-health-spikes = 勾配ノルムのスパイクが { $count } 回ありました: ステップ { $step } で最大 { $norm }（通常は { $usual }）。
# $step, $percent, $held_out
says-health-memorised = ステップ { $step }（全体の { $percent }）から学習ペアをすべて当てていますが、検証ペアでは { $held_out } です。丸暗記か、学習データに答えが漏れている可能性があります。
# $lowest, $step, $after
says-health-turned = 検証 loss が上昇に転じました: 最小はステップ { $step } の { $lowest }、現在は { $after } です。
# $after, $before, $percent
says-health-longer = 応答が長くなっています: { $after } トークン（開始時 { $before }、+{ $percent }）。
# $after, $before, $percent
says-health-shorter = 応答が短くなっています: { $after } トークン（開始時 { $before }、−{ $percent }）。
# $after, $before
says-health-endless = 応答が終わらなくなっています: サンプル用プロンプトへの応答の { $after } が最大トークン数で打ち切られました (学習前は { $before })。
# $after, $before
says-health-repetitive = 応答が同じことを繰り返しています: 4 トークンの並びの { $after } が同じ応答の中で既出です (学習前は { $before })。
# $step, $percent, $loss, $start
says-health-saturated = ステップ { $step }（全体の { $percent }）以降、学ぶことが残っていません: loss は { $start } から { $loss } になり、勾配はほぼゼロです。
# $percent, $cut, $rows, $length
says-health-cut = { $percent } の行が切り詰められています: { $rows } 行のうち { $cut } 行が { $length } トークンを超えています。
# $percent, $cut, $rows, $length
says-health-cut-at-most = { $percent } の行が切り詰められています: { $rows } 行のうち { $cut } 行が { $length } トークンを超えており、モデルの想定はこれ以上ありません。行を分割するか短くするか、より長い文脈のモデルを使ってください。
says-health-no-held-out = 検証用の行がありません: 汎化しているかどうか判断できません。
# $seconds, $usual
says-health-stalled =
    ワーカーから { $seconds } 秒間応答がありません{ $usual ->
        [empty] { "" }
       *[other] （1 ステップは { $usual } 秒）
    }。長いステップの途中か、止まっている可能性があります。
# $after, $before, $step
says-health-slower = ステップ { $step } ごろから遅くなっています: { $after } tokens/s（以前は { $before }）。ほかの処理がマシンを使っている可能性があります。
# $finding, $changes
says-health-try = { $finding } 次を試してください: { $changes }
# $finding, $checkpoint
says-health-use = { $finding } { $checkpoint } のほうが良い結果です。

## says: What went wrong with a hub, and why

# $file, $reason
says-hub-broken = { $file } をダウンロードできませんでした: { $reason }。届いた分は残っているので、やり直すと続きから始まります
# $file, $reason
says-hub-wrong = ハブが送る { $file } は使えません: { $reason }。何も残していません。公開者に尋ねるか、別のハブやリビジョンを試してください
says-hub-offline = HF_HUB_OFFLINE が設定されているため、{ $name } についてハブに問い合わせません。キャッシュにも必要なものは揃っていません。ダウンロードするには設定を外してください
says-hub-offline-plan = { $name } の大きさはハブに問い合わせないと分かりませんが、HF_HUB_OFFLINE が設定されています。設定を外してください
says-asking-failed = 問い合わせに失敗しました: { $message }
says-no-endpoint = ハブのエンドポイントがアドレスではありません
says-no-address = アドレスではありません
says-redirect-nowhere = リダイレクト先がありません
says-redirect-circles = リダイレクトが循環しています
says-hub-answers = ハブの応答は { $status } です
says-hub-come-again = ハブは { $seconds } 秒間、問い合わせを受け付けません
says-hub-says = ハブの返答: { $message }
says-list-past-disks = ハブの一覧では、ファイルがどのディスクよりも大きくなっています
says-no-usable-sum = ハブの一覧に使える SHA-256 がありません
says-no-usable-etag = ハブが使える etag を送りません
says-no-length = ハブが長さを伝えません
says-no-commit = ハブがコミットを示しません
says-not-listed = ハブの一覧にありません
says-odd-file-name = 名前にファイル名として使えない文字があります
says-other-download = 別のダウンロードが進行中です
says-which-part = ハブは一部を送りましたが、どの部分かを示しません
says-other-part = ハブは求めたのとは別の部分を送りました
says-ended-early = 接続が途中で切れました
says-not-whole = 壊れて届きました
# $listed, $sent
says-listed-length = ハブの一覧では { $listed } バイトですが、送られたのは { $sent } バイトです
says-silent = { $seconds } 秒間何も届きませんでした

## says: What keeps another program's run from being taken in, and what is said of one that was

says-import-nothing-there = { $path }: 取り込めるものがありません。trainer_state.json、trainer_log.jsonl、TensorBoard のイベントファイル、mlruns フォルダー、W&B の履歴（CSV か JSON）のいずれもありません
says-import-no-values = { $path } には指標の値がありません
# $path, $why
says-import-unreadable = { $path } を読めません: { $why }
# $path, $limit
says-import-too-large = { $path } は { $limit } MiB を超えています
# $path, $byte
says-import-damaged = { $path } は { $byte } バイト目で壊れています。それより前だけを取り込みました
# $path, $line, $why
says-import-bad-line = { $path } の { $line } 行目を除きました: { $why }
# $path, $limit
says-import-many-runs = { $path } には { $limit } を超える実行があります。より少ないフォルダーを指定してください
says-import-many-values = { $path } の値が多すぎて取り込めません。指標かステップを減らして書き出してください
# $path, $why
says-import-not-written = 実行を { $path } に書けません: { $why }
says-import-followed-already = 別の `corral import --follow` がすでにこの実行を { $directory } で追っています。先にそちらを終えてください
says-import-no-numbers = 有限な数でない値を { $count } 個除きました
says-import-end-untold = { $program } のファイルには、終了したかどうかの記録がありません
# $step, $of
says-import-ends-at = ファイルは全 { $of } ステップ中 { $step } で終わっており、その後の記録がありません
# $step, $of
says-import-ended-early = 全 { $of } ステップ中 { $step } で早めに終了しました
# $program, $status
says-import-status = { $program } での状態: { $status }
# $count, $column
says-import-no-step = { $column } のない { $count } 行は、直前の行のステップとして取り込みました
says-import-own-run = { $path } は Corral の実行フォルダーです。このパスを指定して取り込むか、ボードの runs の下に置いてください
# $path, $limit
says-import-many-folders = { $path } には { $limit } を超えるフォルダーがあり、残りは調べていません
# $path, $line
says-import-not-a-point = { $path } の { $line } 行目は、時刻、値、ステップの並びではありません
# $path, $line, $column
says-import-not-a-step = { $path } の { $line } 行目: { $column } が数ではありません
says-import-no-history = { $path } に log_history がありません
says-imported-run = 他のプログラムのファイルから取り込んだ実行です。停止、再開、学習はできません
says-import-going-on = 別の取り込みが進行中です。終わってからもう一度試してください

## says: Models, adapters and their files: what is not there, what does not fit

says-no-adapter-folder = アダプター { $adapter }: そのフォルダーはありません
says-adapter-without-base = このアダプターには学習元のモデルが書かれていません。モデルとして学習元を、アダプターとしてこのフォルダーを指定してください
says-adapter-twice = アダプター { $path } が二度書かれていますが、一度しか数えません。一度だけ書いてください
says-disk-is-full = { $path }: ディスクがいっぱいです。空きを作ってからやり直してください
says-disk-is-full-resume = { $path }: ディスクがいっぱいです。空きを作ってから最後のチェックポイントから再開してください
says-no-model-file = モデルではありません。それが入ったフォルダーか、GGUF ファイルを指定してください
says-loftq-stands-alone = LoftQ アダプターはモデル自身の重みから始まるため、ほかのアダプターの上には置けません
says-no-model-folder = モデル { $path }: そのフォルダーはありません。ハブの名前なら owner/name の形で書いてください
# $path, $key
says-base-not-here = このアダプターの学習元として { $path } を指していますが、このマシンにありません。ここでのモデルの場所とアダプターのフォルダーを指定するか（model_name_or_path と adapter_name_or_path、または --adapter）、このファイルの `{ $key }` を直してください
# $name, $program, $why
says-no-downloader = モデル { $name }: そのフォルダーはなく、ダウンロードするための { $program } を起動できませんでした（{ $why }）
says-download-failed = モデル { $name }: ダウンロードに失敗しました。上の出力を見てください
says-adapter-is-pickle = pickle 形式で、開くとコードが実行されうるため読み込みません。アダプターを safetensors で保存し直してください
says-file-is-pickle = pickle 形式で、開くとコードが実行されうるため読み込みません。safetensors で保存し直してください
says-weights-are-pickle =
    pickle の重みは読み込むとコードが実行されうるため開きません。safetensors のあるリビジョンを使うか、次の 2 行の Python でモデルを変換してください:
    { $lines }
says-no-weights-here = 重みがありません。model.safetensors、または model.safetensors.index.json とその分割ファイルが必要です
# $module, $config
says-dora-disagrees = { $module }: lora_magnitude_vector の有無が { $config } の use_dora と一致しません
# $module, $got, $config, $want
says-rank-disagrees = { $module } のランクは { $got } ですが、{ $config } では { $want } です
says-stray-tensor = `{ $key }` は線形層のアダプターの行列でも、modules_to_save のモジュールのものでもありません
says-no-adapter-matrix = アダプターの行列が入っていません
says-other-matrices = 行列の種類が { $config } の peft_type と一致しません
says-half-pair = { $module } の二つの行列のうち一つがありません
says-adapter-is-empty = アダプターにモジュールがありません
says-no-adapter-config = アダプターのフォルダーではありません。{ $config } がありません
says-too-short-safetensors = safetensors ファイルではありません。8 バイトもありません
# $header, $size
says-cut-safetensors = safetensors ファイルが途中で切れています。ヘッダーが { $header } バイトのはずですが、全体で { $size } バイトです。ダウンロードし直してください
says-bad-safetensors-header = safetensors のヘッダーを使えません: { $why }
# $size, $expected
says-other-length = ファイルは { $size } バイトですが、ヘッダーでは { $expected } バイトです。ダウンロードし直してください
says-not-whole-safetensors = 完全な safetensors ファイルではありません（{ $why }）
says-no-tensor = テンソル `{ $name }` がありません
says-no-such-tensor = そのテンソルがありません
says-weights-lack-tensor = 重みにテンソル `{ $name }` がありません
# $name, $kind
says-tensor-kind = `{ $name }` の型は { $kind } です。使えるのは F32、BF16、F16 です
says-shape-and-bytes = テンソルの形とバイト数が一致しません
# $name, $why
says-of-tensor = `{ $name }`: { $why }
# $name, $got, $want, $rows
says-shape-of-config =
    `{ $name }` の形は { $got } ですが、config.json では { $want } です{ $rows ->
        [empty] { "" }
       *[other] 。モデルにトークンを追加したのなら vocab_size は { $rows } なので、config.json にそう書いてください
    }
says-not-an-index = 分割ファイルの索引ではありません: { $why }
says-stray-shard = `{ $name }` は隣にある safetensors ファイルの名前ではありません
says-not-finite = `{ $name }` に有限でない値（NaN か無限大）があります。ファイルが壊れているか、これを書いた学習が発散しています。別のコピーか、前のチェックポイントを使ってください
# $count, $n
says-uneven-expansion = use_llama_pro: モデルのブロックは { $count } 個で、追加した { $n } 個では割り切れません。`corral expand` でモデルを拡張し、同じ数を freeze_trainable_layers に指定してください
# $name, $known
says-no-outside-module = additional_target: モジュール `{ $name }` はありません。ブロックの外にあるのは { $known } です
says-adapted-already = additional_target: { $module } にはすでにアダプターがあります。モジュールは全体かアダプターのどちらか一方で学習します
# $name, $format
says-quantized-stays = `{ $name }` は量子化されていて（{ $format }）変えられません。その上で LoRA か OFT を学習するか、f32、bf16、f16 のモデルから始めてください
says-nothing-trains = 学習するものがありません
# $field, $name, $known
says-no-freeze-module = { $field }: モジュール `{ $name }` はありません。あるのは { $known } です
# $module, $name
says-whole-missing = アダプターの設定では `{ $module }` の全体を含むはずですが（modules_to_save）、重みに `{ $name }` がありません。ファイルが不完全か、別のモデルのものです。アダプターのフォルダーを取り直してください
# $name, $shape
says-whole-shape = アダプターの `{ $name }` の形 { $shape } がモデルと合いません。別のモデルのアダプターではありませんか？
says-whole-stranger = アダプターにある重み `{ $name }` が、このモデルにはありません
# $name, $shape, $width
says-whole-width = アダプターの `{ $name }` の形は { $shape } ですが、モデルの行の幅は { $width } です。別のモデルのアダプターではありませんか？
# $embedding, $head
says-tables-part = このアダプターでは埋め込みが { $embedding } 行、ヘッドが { $head } 行になります。トークンを追加した後、片方の表が保存されていません。`save_embedding_layers=True` で保存し直してください
says-head-takes-plain-lora = `{ $name }` は出力層で、使えるのは通常の LoRA だけです（DoRA・回転・PiSSA・LoftQ は使えません）
says-head-is-tied = `{ $name }` は埋め込みと表を共有しているため、アダプターを付けると両方に及びます。`additional_target: { $name }` とすると独立した表として学習します
says-head-is-normalized = `{ $name }` の各行は長さで割られており、これに対応するアダプターはありません。lora_target から外してください
says-adapter-stranger = アダプターに `{ $path }` の重みがありますが、このモデルにその線形層はありません。使えるのはデコーダーブロックの線形層です
says-adapter-surplus = アダプターの重みに `{ $path }` がありますが、adapter_config.json の target_modules、exclude_modules、layers_to_transform では対象外です。そこに書くか、アダプターのフォルダーを取り直してください
says-adapter-missing = アダプターの設定では `{ $path }` にも付くはずですが、重みにそれがありません。ファイルが不完全か、別のモデルのものです。アダプターのフォルダーを取り直してください
# $path, $a, $b, $output, $input
says-adapter-shapes = アダプターの `{ $path }` の行列は { $a } と { $b } ですが、層は { $output } x { $input } です。別のモデルのアダプターではありませんか？
# $field, $pattern
says-bad-pattern = { $field }: `{ $pattern }` は使える正規表現ではありません。モジュールを並べて書いてください
says-dropout-out-of-range = LoRA の dropout が { $dropout } です。0 以上 1 未満にしてください
says-adapter-has-no-weights = アダプターに重みがありません
says-loftq-not-quantized = LoftQ アダプターは量子化された重みのためのものですが、`{ $path }` は量子化されていません
says-rank-at-least-one = LoRA のランクは 1 以上にしてください
# $path, $inputs
says-nothing-to-turn = `{ $path }` の入力は { $inputs } 個で、ブロックの大きさが 1 になり回転できません。oft_block_size を変えるか、oft_target の層を減らしてください
# $path, $shape, $stored, $each, $inputs
says-rotation-shape = アダプターの `{ $path }` の回転は { $shape } ですが、設定によれば入力 { $inputs } 個に対して { $stored } x { $each } です。別のモデルのアダプターではありませんか？
# $count, $gigabytes, $usable
says-no-room-for-blocks = oft_rank { $count }: アダプターとその学習にメモリが { $gigabytes } GB 必要ですが、使えるのは { $usable } GB です。oft_rank を上げるか、oft_target の層を減らしてください
# $key, $value, $gigabytes, $usable, $target
says-no-room-for-adapter = { $key } { $value }: アダプターとその学習にメモリが { $gigabytes } GB 必要ですが、使えるのは { $usable } GB です。{ $key } を下げるか、{ $target } の層を減らしてください
# $key, $name, $known
says-no-projected-layer = { $key }: `{ $name }` に当たる学習対象の線形層がありません。あるのは { $known }、または all です
# $key, $name, $known
says-no-linear-layer = { $key }: `{ $name }` はデコーダーブロックの線形層ではありません。あるのは { $known }、または all です（ブロックの外は additional_target で全体を学習します）
# $rank, $path, $output, $input, $most
says-pissa-rank = PiSSA のランク { $rank }: `{ $path }` は { $output } x { $input } で、方向は { $most } 個までです。lora_rank を下げるか lora_target を減らしてください
says-loftq-of-quantized = LoftQ: `{ $path }` はすでに量子化されたフォルダーのものです。量子化する前のモデルを指定してください
# $rank, $path, $output, $input
says-loftq-rank = LoftQ のランク { $rank }: `{ $path }` は { $output } x { $input } です。lora_rank を下げるか lora_target を減らしてください
says-dora-rows-of-zeros = DoRA には、すべて 0 の行がない重みが必要です
# $from, $to, $count
says-no-blocks-to-repeat = layer_replication: ブロック { $from } から { $to } はありません。モデルのブロックは { $count } 個です。別のモデルのアダプターではありませんか？
says-no-deeper-experts = layer_replication: エキスパートのないブロックが混ざったモデルは深くできません
says-no-silent-block = このモデルは残差の流れ自体を正規化する (post-norm) ため、ブロックを挟むと計算結果が変わります
says-config-without-words = この系列の config.json では今のブロック構成を表せません。{ $key } は変えられません
# $count, $before
says-uneven-spread = { $count } 個のブロックをモデルの { $before } 個に均等に挟めません。{ $before } を割り切る数にしてください
says-weight-kind = 重みの型が { $kind } です。使えるのは f32、bf16、f16 です
# $id, $vocab
says-outside-vocabulary = トークン ID { $id } はモデルの語彙（{ $vocab }）の外です。トークナイザーがモデルのものではありません
says-cannot-be-expanded = このモデルのブロックは入力と計算結果の和を正規化するため、間に置いても何も変えないブロックを作れません。拡張せずに学習してください
# $positions, $most
says-past-learned-positions = テキストが { $positions } トークンです。このモデルが学習した位置は { $most } までで、それより先はありません。cutoff_len か返答の長さを小さくしてください
says-must-not-be-quantized = `{ $name }` が量子化されていますが、ここは量子化できません
says-no-weight = モデルに重み `{ $name }` がありません
says-not-readable = 読み取れません: { $why }
says-not-readable-as-json = JSON として読めません: { $why }
says-no-model-here = モデルのフォルダーではありません。config.json がありません
says-fused-is-quantized = `{ $name }` には複数の層がまとめて量子化されており、ブロックが層の境をまたいでいます。量子化していないモデルを読み込み、quantization_bit で量子化してください
says-stacked-is-quantized = `{ $name }` には全エキスパートの層がまとめられており、個々の層でのみ読める形式で量子化されています。量子化していないモデルを読み込み、quantization_bit で量子化してください
says-fused-start = { $path } は複数の層を一つにまとめたものなので、重みの一部から始まるアダプター（PiSSA、LoftQ）には対応していません
says-fused-beside = `{ $name }` は他の層と一つのテンソルにまとまっているため、アダプターを付けることはできますが、アダプターと並べて全体を学習することはできません
says-no-regular-file = 通常のファイルではありません
says-too-large-for-config = { $size } バイトあり、設定ファイルとしては大きすぎます
says-no-path-of-file = ファイルやフォルダーのパスではありません
says-no-adapters-config = アダプターの設定ではありません: { $why }
says-old-rotations = アダプターの回転が PEFT 0.14 より前の形式です（oft_block_size がありません）。学習し直してください
says-no-blocks = r と oft_block_size がどちらも 0 です
# $count, $size
says-blocks-twice = r（{ $count }）と oft_block_size（{ $size }）が両方指定されています。一方から他方が決まります
says-bounded-rotations = 回転を制限したアダプター（coft）には対応していません
says-most-terms = num_cayley_neumann_terms が { $terms } です。足し合わせるのは 64 項までです
says-no-fan-in = { $config }: fan_in_fan_out は効果がありません。重みの並びはモデル自身のファイルから読みます
# $key, $family
says-all-takes-none = { $key }: all は LLaMA-Factory と同様 { $family } のどの層にも付きません。all-linear か、c_attn のような層名を指定してください
# $config, $key, $value
says-unknown-adapter-key = { $config }: `{ $key }`（{ $value }）は知らないキーで、効果がありません
says-other-adapter-kind = アダプターの種類が { $kind } です。使えるのは LoRA と OFT のアダプターです
says-adapter-rank = r は 1 以上にしてください（rank_pattern でも同様です）
says-adapter-alpha = lora_alpha が { $alpha } です。有限の数にしてください
says-adapter-without-effect = { $file } の lora_alpha が 0 なので、アダプターは何も変えません
says-adapter-bias = バイアスを学習したアダプター（bias: { $bias }）には対応していません
# $key, $what (may be left out)
says-adapter-refused = { $key } を使ったアダプターには対応していません
says-tied-tables = 結びつけたまま学習する表（ensure_weight_tying）には対応していません
says-loftq-bits = { $bits } ビットの LoftQ には対応していません。4 ビットなら使えます
says-changed-base = init_lora_weights が "{ $name }" です。この開始方法で変えられた重みのためのアダプターなので、通常のものに変換してください（PEFT: save_pretrained に path_initial_model_for_weight_conversion を指定）
# $field, $pattern
says-bad-regex = { $field }: `{ $pattern }` は使える正規表現ではありません
says-bad-quant-state = quant_state を読めません: { $why }
# $got, $want
says-other-shape = 形が { $got } ですが、設定では { $want } です
# $name, $got, $want
says-other-count = `{ $name }` の値は { $want } 個のはずですが { $got } 個です
# $got, $want
says-other-kind = 型が { $got } です。必要なのは { $want } です

## says: What is noted of a run's settings, and how a worker ended

# $path, $why
says-pairs-not-kept = { $path } に書き込めないため、評価用のペアは以後 1 件ずつ保存されません：{ $why }
says-first-command = 最初のコマンドだけを読みました
says-model-without-folder = この設定はモデル { $name } をフォルダーなしで指しています。ここで選んでください
says-stage-is-dpo = pref_loss があるので stage: dpo とします
# $key, $value
says-given-twice = { $key } がコマンドラインで複数回指定されています。最後の { $value } を使います
# $ratio, $steps
says-warmup-steps-win = warmup_ratio { $ratio } は使われません: 学習率を上げる長さは warmup_steps { $steps } で決まります。どちらか一方を外してください
says-no-effect-infer-dtype = infer_dtype はここでは効果がありません: 重みは保存された型のままです
says-no-effect-accuracy = compute_accuracy は効果がありません: ステージ sft のためのもので、ペアのステージでは常に表示されます
says-no-effect-marks = pair_marks は効果がありません: ペアで学習するステージ dpo、rm、kto のためのものです
says-output-dir-unused = output_dir: { $folder } は使われません。各実行にはデータフォルダーの中に専用のフォルダーがあります
# $key, $why
says-no-effect-here = { $key } はここでは効果がありません（{ $why }）
# $tracker, $why
says-tracker-given-up = { $tracker } への記録を止めました。実行は続きます: { $why }
# $tracker, $command
says-tracker-ready = { $tracker }: `{ $command }` でこの実行を表示またはアップロードできます
# $tracker, $variable
says-tracker-off = { $variable } の指定により { $tracker } には記録しません
# $variable, $why
says-variable-no-effect = { $variable } はここでは効果がありません（{ $why }）
says-tracker-by-corral = report_to: { $tracker } への記録は `corral train` とボードが行い、トレーナー自身は行いません。後からは `corral report` で記録できます
# $path, $why
says-trackio-away = trackio の { $path } に書けません: { $why }
# $path, $seconds
says-trackio-held = 別のプログラムが { $path } を { $seconds } 秒間ロックしています
says-mlflow-no-uri = report_to: mlflow: MLFLOW_TRACKING_URI にサーバーの場所がありません
says-mlflow-no-server = MLFLOW_TRACKING_URI の { $uri } は http でも https でもありません。記録先はサーバー（`mlflow server`）だけで、ファイルやデータベースには書きません
# $uri, $why
says-mlflow-away = { $uri } の MLflow が応答しません: { $why }。後から `corral report` で記録できます
# $uri, $what, $why
says-mlflow-refused = { $uri } の MLflow が { $what } を拒否しました: { $why }
says-no-events = { $path } は実行フォルダーではありません（events.jsonl がありません）
# $path, $why
says-report-not-kept = どこまで記録したかを { $path } に保存できません: { $why }
says-secrets-open = { $path } は他のユーザーも読めます。`chmod 600` にすると使います
# $path, $why
says-secrets-unreadable = { $path } を読めません: { $why }
says-report-goes-on = { $path }: 別の `corral report` がこの実行を記録しています
says-report-behind = MLflow への記録が途中で止まっています。`corral report { $path }` で残りを記録できます
# $uri, $what
says-mlflow-no-id = { $uri } の MLflow の { $what } への応答に ID がありません
says-tracker-too-slow = 残りを { $seconds } 秒以内に書けませんでした
says-lora-dropout-off = 選好学習では LLaMA-Factory や TRL と同様に lora_dropout は無効です
says-never-paged = optim: オプティマイザーの状態はページアウトされません。`paged_` なしのものと同じです
says-pissa-other-programs = 他のプログラムは PiSSA アダプターを読み込むたびに主成分を求め直し、pissa_iter が 0 以上だと乱数の起点も変わります。pissa_convert: true にすると、そのまま読み込めるアダプターを書き出します
says-no-effect-ppo = { $key } は効果がありません: PPO は学習しながら応答を書き、出発点からの距離を測ります
says-aot-batch-of-one = AOT は並べ替えたマイクロバッチを比べます。per_device_train_batch_size が 1 では並べ替えるものがなく DPO と同じです。2 以上にしてください
says-no-effect-alpha = f_alpha_divergence_coef は効果がありません: f_divergence_type: alpha_divergence のためのキーです
says-no-effect-reference-free = { $key } は効果がありません: reference_free により参照モデルを使いません
# $key, $names
says-no-effect-no-reference = { $key } は効果がありません: { $names } は参照モデルを必要としません
says-no-effect-without-sync = sync_ref_model: true がないと { $key } は効果がありません
says-no-effect-shared-reference = ref_model_quantization_bit は効果がありません: ref_model がないとき、参照モデルは学習の出発点そのもので、重みを共有します
says-reference-read = 参照モデルの log-prob { $rows } 行分を保存済みの値から読みました（forward は 0 回）
# $rows, $forwards
says-reference-computed = 参照モデルの log-prob { $rows } 行分を計算して保存しました（forward { $forwards } 回）
# $kind, $factor, $original, $reach
says-rope-scaled = RoPE スケーリング `{ $kind }`、倍率 { $factor }。位置は { $original } トークンではなく { $reach } トークンまで届きます
says-fast-tokenizer-alone = use_fast_tokenizer は false ですが、{ $folder } に低速トークナイザーのファイルがないため、ID は tokenizer.json による高速トークナイザーのものです
# $kind, $factor, $original, $reach
says-rope-as-trained = 位置は学習時と同じくスケーリングします（`{ $kind }`、倍率 { $factor }、{ $original } ではなく { $reach } トークン）
says-rope-adapters-differ = { $below } とは異なる rope_scaling で、その上にではなく別々に学習されています。両方に合うスケーリングはありません。別々にマージするか、一方を他方の上で学習するか、rope_scaling を指定してください
# $adapter, $theirs, $ours
says-adapter-of-other-base = アダプター { $adapter } は { $ours } ではなく { $theirs } で学習されたものです。この重みの上では別のモデルになります
# $kind, $factor, $original, $reach
says-rope-trained-otherwise = rope_scaling: アダプターは別のスケーリングで学習されています（`{ $kind }`、倍率 { $factor }、{ $original } ではなく { $reach } トークン）
# $cutoff, $original
says-rope-reaches = rope_scaling: cutoff_len { $cutoff } のテキストはモデルの { $original } トークンに収まるため、何もスケーリングしません
says-rope-dynamic-trained = rope_scaling: dynamic は新しい長さを超えたときだけ回転を変えるため、ファインチューニングではうまく働かないことがあります
# $reach, $entry
says-rope-beside-adapter = アダプターの PEFT ファイルにスケーリングは入りません。ほかで使うときは、元のモデルの config.json で max_position_embeddings を { $reach }、rope_scaling を { $entry } にしてください。隣の corral.json には記録され、マージや書き出しの結果には反映されます
says-experts-in-peft = エキスパートへのアダプターは transformers 4 上の PEFT の形式です。エキスパートを一つのテンソルに持つ transformers 5 では PEFT が一部を読み込まないことがあるため、そこで使うときはマージしてください
says-head-takes-no-adapter = lora_target: all は LLaMA-Factory では { $head } にも付きますが、ここで出力層に付くのは通常の LoRA だけです（DoRA・PiSSA・LoftQ は付きません）。additional_target: { $head } とすれば丸ごと学習します
# $cutoff, $context
says-long-cutoff = cutoff_len { $cutoff } はモデルが想定する { $context } トークンを超えています
# $models, $length
says-otherwise-past = { $length } トークンを超えると、{ $models } は公開コードと同じく、評価とチャットで学習時とは別の計算をします（dynamic NTK、log-n attention）。それより長い行の数値は学習時の値と一致しません
says-turned-apart = 評価では { $length } トークンを超えるテキストの回転が長さで変わり（dynamic NTK）、モデルと参照モデルで扱いが異なります。cutoff_len を { $length } 以下にしてください
says-head-unasked = stage rm は { $head } に入る値を採点し、{ $head } にトークンを予測させません。{ $head } の学習対象は初期値のままです
says-only-head-unasked = stage rm は { $head } に入る値を採点し、{ $head } にトークンを予測させません。{ $head } だけではモデルは何も学習されず、上に載る value head だけが学習されます。ほかの層も指定してください
says-high-rate = learning_rate { $rate } は言語モデルの学習には大きすぎます。通常は 1e-7 から 1e-2 です
# $formats, $mib
says-stays-quantized = 線形層は量子化されたまま（{ $formats }、{ $mib } MiB）で、使うときに逆量子化します
says-quantized-activations = quantization_config の `{ $key }` は効果がありません。量子化されているのは重みだけで、計算の途中の値は量子化しません
# $formats, $mib
says-stays-quantized-as-it-is = 線形層は量子化されたまま（{ $formats }、{ $mib } MiB）で、使うときに逆量子化します。quantization_bit はこれを変えません
says-no-experts = moe_aux_loss_coef は効果がありません: このモデルに振り分け先のエキスパートはありません
says-no-router-loss = moe_aux_loss_coef は効果がありません: { $architecture } のルーターに補助損失はありません
says-mixes-as-in-evaluation = エキスパートは評価時と同じように選ばれます。{ $router } が学習時に引くノイズは使いません
says-computes-in-f32 = { $asked }: このデバイスでは f32 で計算します。重みは保存された型のままです
# $step, $scale
says-overflowed = ステップ { $step }: 勾配が float16 に収まらないため更新しませんでした。loss scale は { $scale } になります（fp16 の開始時に数回起きるのは普通です）
says-diverged = ステップ { $step } で発散しました: loss か勾配が有限の数でなくなりました。learning_rate を下げるか、warmup_ratio を上げてください
# $signal, $last, $checkpoint
says-killed =
    ワーカーが強制終了されました（シグナル { $signal }）。メモリ不足が最も考えられます。バッチか cutoff_len を小さくしてください{ $last ->
        [empty] { "" }
       *[other] 。最後の出力: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （{ $checkpoint } から再開できます）
    }
# $signal, $last, $checkpoint
says-out-of-memory =
    ワーカーがメモリを確保できませんでした（シグナル { $signal }）。バッチか cutoff_len を小さくしてください{ $last ->
        [empty] { "" }
       *[other] 。最後の出力: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （{ $checkpoint } から再開できます）
    }
# $signal, $last, $checkpoint
says-told-to-end =
    ワーカーは外部から終了を指示されました（シグナル { $signal }）{ $last ->
        [empty] { "" }
       *[other] 。最後の出力: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （{ $checkpoint } から再開できます）
    }
# $signal, $last, $checkpoint
says-crashed =
    ワーカーが異常終了しました（シグナル { $signal }）{ $last ->
        [empty] { "" }
       *[other] 。最後の出力: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （{ $checkpoint } から再開できます）
    }
# $exit, $last, $checkpoint
says-exited =
    ワーカーが終了コード { $exit } で終わりました{ $last ->
        [empty] { "" }
       *[other] 。最後の出力: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （{ $checkpoint } から再開できます）
    }
# $signal (may be left out), $last, $checkpoint
says-gone =
    ワーカーが何も残さず消えました。強制終了、メモリ不足、またはマシンの再起動が考えられます{ $last ->
        [empty] { "" }
       *[other] 。最後の出力: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （{ $checkpoint } から再開できます）
    }
# $program, $why
says-not-started = ワーカー { $program } を起動できませんでした: { $why }
# $path, $why
says-events-unreadable = { $path } を読み取れません: { $why }
says-directory-gone = 実行中に { $directory } が削除されたため、ワーカーを終了しました
says-never-began = 始まる前に待機列から外されました
says-left-the-queue = 再開する前に待機列から外されました
says-elsewhere-going = ワーカーは別のマシンで動いています。ここでは経過を見られますが、停止はそのマシンで行ってください
says-elsewhere-silent = ワーカーは別のマシンで起動され、応答がありません。まだ動いているかはそのマシンで確認してください。終わっていると確認できたら { $file } を削除すると、ここで再開できます
# $theirs, $ours
says-newer-protocol = ワーカーはより新しい Corral のものです（実行フォルダーのバージョン { $theirs }、こちらは { $ours }）。新しい項目は表示されないことがあります
# $step, $total, $stale, $metric
says-ends-early = { $total } ステップ中 { $step } で学習を終えます。{ $metric } が { $stale } 回続けて改善しませんでした（early_stopping_steps）
says-idle-key = この学習の対象と方法では使われません

## says: Why a row of a data set can't be used, and why a file's rows can't

says-null = null
says-a-truth = 真偽値
says-a-list = リスト
says-an-object = オブジェクト

# $why, $hint
says-row-not-json =
    JSON として正しくありません: { $why }{ $hint ->
        [empty] { "" }
       *[other] 。{ $hint }
    }
# $what, $column
says-at-column = { $what }（{ $column } バイト目）
# $why, $hint
says-file-not-json =
    JSON として正しくありません: { $why }{ $hint ->
        [empty] { "" }
       *[other] 。{ $hint }
    }
says-ends-in-a-row = 行の途中でファイルが終わっています: { $why }
says-looks-like = UTF-8 ではなく、{ $encoding } のようです。UTF-8 で保存し直してください（`iconv -f { $encoding } -t UTF-8 in > out`）
says-other-encoding = UTF-8 ではありません。UTF-8 で保存し直してください（`iconv -f 元の文字コード -t UTF-8 in > out`）
says-nan-is-no-json = `NaN` と `Infinity` は JSON にありません。null と書いてください（`json.dumps(…, allow_nan=False)` で出どころが分かります）
says-pythons-writing = Python の書き方です。`json.dumps` で JSON として書き出してください

says-not-a-row = { $what }です。行はオブジェクトでなければなりません
says-column-missing = `{ $column }` がありません
says-column-empty = `{ $column }` が空です
says-no-column-named = dataset_info.json の項目に `{ $key }` 列の指定がありません
# $column, $what
says-not-text = `{ $column }` が{ $what }です。文字列でなければなりません
# $column, $value
says-not-a-number = `{ $column }` が { $value } です。数値でなければなりません
# $column, $what
says-not-a-list = `{ $column }` が{ $what }です。リストでなければなりません
says-python-list = `{ $column }` は文字列として書かれた Python のリストです。JSON で書き出してください（`json.dumps`）
says-history-pairs = `{ $column }` は質問と回答の組のリストでなければなりません
says-tools-no-list = ツールが{ $what }です。JSON のリストでなければなりません
says-holds-media = `{ $column }` にメディアがあります。Corral が学習するのはテキストです
# $column, $value
says-row-weight = `{ $column }` が { $value } です。ここではどの行も同じ重みです。列を外すか 1 にし、行の繰り返しや削除で調整してください
says-text-empty = テキストが空です

says-no-reply = 応答がありません（列 `{ $column }` のテキスト）
says-no-reply-there = 応答がありません
says-no-label = ラベルがありません（列 `{ $column }` の true か false）
# $column, $value
says-label-unread = `{ $column }` が { $value } です。ラベルは true か false です（1 と 0、good と bad も可）
# $column, $n
says-several-answers = `{ $column }` に回答が { $n } 個あります。1 行の応答は 1 つです
says-two-texts = `{ $column }` には chosen と rejected の 2 つの文字列が必要です
says-reply-not-learned = 応答が学習しないものと指定されています
says-no-reply-learned = すべての応答が学習しないものと指定されています

says-no-transcript = `{ $column }` にプロンプトがありません。`Human:` と `Assistant:` の会話ではなく、項目に `prompt` 列の指定もありません
# $column, $what
says-not-messages = `{ $column }` が{ $what }です。メッセージのリストでなければなりません
# $column, $what
says-not-a-message = `{ $column }` でメッセージのあるべき所に{ $what }があります
# $column, $key
says-message-without = `{ $column }`: `{ $key }` のないメッセージがあります
# $column, $key, $what
says-key-not-text = `{ $column }`: `{ $key }` が{ $what }です。文字列でなければなりません
# $column, $role
says-role-unknown = `{ $column }`: 役割 `{ $role }` は不明です。dataset_info.json の `tags` で役割の名前を指定してください
says-late-system = `{ $column }`: 最初の発話より後にシステムメッセージがあります
says-begins-with-reply = `{ $column }` がアシスタントの発話から始まっています
# $column, $turn
says-same-side = `{ $column }`: { $turn } 番目の発話が直前と同じ側です
says-ends-without-reply = `{ $column }` がアシスタントの発話で終わっていません
says-ends-with-user = `{ $column }` がユーザーの発話で終わっていて、学習する応答がありません
# $column, $one, $other
says-marks-contradict = `{ $column }`: 発話を学習するかどうかについて `{ $one }` と `{ $other }` が食い違っています
# $column, $key, $value
says-mark-unread = `{ $column }`: `{ $key }` が { $value } です。発話は学習する（1, true）か、しない（0, false）かのどちらかです
# $column, $key
says-part-of-a-turn = `{ $column }`: `{ $key }` は発話の一部を学習する指定ですが、ここでは発話全体を学習するかしないかだけです。発話を分けるか `train` で指定してください
# $column, $why
says-call-not-json = `{ $column }`: ツール呼び出しが JSON ではありません: { $why }
says-part-without-text = `{ $column }`: `text` のないメッセージの部分があります
# $column, $kind
says-media-part = `{ $column }` に `{ $kind }` があります。Corral が学習するのはテキストです

says-no-prompt = プロンプトがありません
# $one, $other
says-no-prompt-in = `{ $one }` と `{ $other }` にプロンプトがありません
says-prompt-ends-with-reply = プロンプトがユーザーの発話で終わっていません
says-not-the-reply = `{ $column }` がアシスタントの発話ではありません
# $column, $what
says-not-a-reply = `{ $column }` が{ $what }です。メッセージでなければなりません
# $reply, $flag, $mark
says-choice-contradicted = `{ $reply }` は `{ $flag }` とされていますが、`{ $mark }` では最低です。どちらかを消してください
# $one, $other
says-systems-differ = `{ $one }` と `{ $other }` のシステムメッセージが異なります
says-not-from-prompt = `{ $column }` がその行のプロンプトから始まっていません
# $one, $n, $other, $m
says-turns-before = 応答の前の発話が `{ $one }` では { $n }、`{ $other }` では { $m } です
# $one, $other, $turn
says-differ-at = `{ $one }` と `{ $other }` は { $turn } 番目の発話ですでに異なります。違ってよいのは最後の発話だけです
says-sides-differ-early = chosen と rejected の会話が最後の発話より前で異なっています

says-tie = 引き分けです。どちらが良いとも言えません
says-unjudged = どちらの応答が良いかの判定がありません
# $column, $value, $one, $other
says-verdict-unread = `{ $column }` の { $value } が `{ $one }` と `{ $other }` のどちらを指すのか分かりません
says-several-turns = 1 つのセルに { $n } 個の発話があります。ペアは 1 つのプロンプトへの 2 つの応答です
says-no-text-in = `{ $column }` に応答がありません
# $column, $n
says-too-few-replies = `{ $column }` の応答は { $n } 個です。ペアには 2 つ必要です

# $column, $n, $list, $m
says-beside-other-length = `{ $list }` の応答は { $m } 個ですが、`{ $column }` の数値は { $n } 個です
# $size, $most
says-text-too-long = 長さ { $size } MiB のテキストがあります。一度にトークンにできるのは { $most } MiB までです。複数の行に分けてください

# $n, $most
says-row-not-shown = 使用できますが表示しません。この行の { $n } トークンを加えると { $most } を超えます。行数を減らすか、cutoff_len を小さくしてください

says-name-like = 大文字と小文字だけが違う名前のデータセット { $other } がすでにあります。両者を区別しないファイルシステムがあります
# $key, $why
says-under-key = `{ $key }`: { $why }
says-no-variable = { $name } はここでは展開されません（$HOME と ~ は展開されます）。パスをそのまま書いてください
# $columns, $empty
says-unknown-layout =
    行の列は { $columns }{ $empty ->
        [empty] { "" }
       *[other] （{ $empty } は空）
    } で、Corral の知る形式ではありません。dataset_info.json の `columns` で指定してください
# $side, $other
says-side-alone = 行に `{ $side }` はありますが `{ $other }` がありません。選好には両方が必要です。列を加えるか、返答として学習するなら `{ $side }` を `output` に改名してください
says-parquet-packed-so = { $packing } で圧縮されており、読めません。zstd、snappy、gzip、lz4、または無圧縮で保存してください
says-is-lfs-pointer = データではなく、ファイルの場所を示す Git LFS のポインターです。`git lfs pull` で取得してください
says-is-web-page = データではなくウェブページです。ページが紹介しているファイルをダウンロードしてください
says-ends-before-message = 最初のメッセージの前で終わっています
says-ends-within-message = メッセージの途中で終わっています
says-message-of = { $bytes } バイトのメッセージがあります
says-part-outside = メッセージの外を指す部分があります
says-parts-misfit = 各部分が合いません
# $size, $most
says-batch-too-large = { $size } MiB のバッチがあります。一度に読めるのは { $most } MiB までです
# $rows, $bytes
says-rows-in-bytes = { $bytes } バイトに { $rows } 行あることになっています
says-footer-misplaced = 末尾が示す場所にフッターがありません
says-footer-broken = フッターが壊れています
says-table-cut-off = 途中で切れています（末尾が先頭と合いません）。ファイルを取り直してください
# $depth, $most
says-columns-nested = 列の入れ子が { $depth } 段あります。読めるのは { $most } 段までです
says-by-columns = 表全体が 1 つのオブジェクトになっていて、行のリストではありません。1 行を 1 つのオブジェクトとして書いてください（pandas では `to_json(path, orient="records", force_ascii=False)`）
# $one, $other
says-no-verdict = 行に `{ $one }` と `{ $other }` の 2 つの応答がありますが、どちらが良いかを示す列が見当たりません。dataset_info.json の `comparison` で指定してください
# $column, $list
says-places-unsure = `{ $column }` は `{ $list }` の応答の番号ですが、0 から数えているのか 1 からなのか確定できません。dataset_info.json の `comparison` で、`better` の代わりに `better_from_0` か `better_from_1` として指定してください
# $column, $list
says-place-zero = `comparison` に `better_from_1` とありますが、`{ $column }` が 0 の行があり、1 から数えると `{ $list }` にその番号はありません。その行を直すか（-1 はどの応答でもないことを表します）、どの行でも 0 が先頭の応答なら `better_from_0` と書いてください
# $column, $list
says-place-past-end = `comparison` に `better_from_0` とありますが、`{ $column }` の値が `{ $list }` の長さと同じ行があり、0 から数えると末尾を超えます。その行を直すか（-1 はどの応答でもないことを表します）、どの行でも 1 が先頭の応答なら `better_from_1` と書いてください
# $column, $values, $one, $other
says-sides-unsure = `{ $column }` の値（{ $values }）からは `{ $one }` と `{ $other }` のどちらが良いのか確定できません。良い方の列名を書くか、dataset_info.json の `comparison` で `better_from_0`、`better_from_1`、`first_is_better` のいずれかを指定してください
# $column, $values, $one, $other
says-scale-unsure = `{ $column }` は段階評価（{ $values }）ですが、どちらの端が `{ $one }` を指し、どこが中央なのか分かりません。`{ $one }` が良ければ負、`{ $other }` が良ければ正、引き分けは 0 の数値にし、dataset_info.json の `comparison` で `leaning` として指定してください
# $column, $value, $one, $other
says-place-beyond = `{ $column }` が { $value } の行がありますが、2 つの応答にその番号はありません。dataset_info.json の `comparison` で数え方（`better_from_0` なら 0 が `{ $one }`、1 が `{ $other }`。または `better_from_1`）を指定し、ほかの数値は直すか除いてください。-1 はどちらでもないことを表します
# $n, $columns
says-several-sides = 行に応答が { $n } 個並んでいます（{ $columns }）。ペアは 2 つの応答です。1 つのリスト `responses` にまとめて、`scores`（大きいほど良い）か `ranks`（1 が最良）の数値のリストを添えるか、使う 2 つを `chosen` と `rejected` として書いてください
# $chosen, $rejected, $replies
says-names-of-replies = `{ $chosen }` と `{ $rejected }` に、応答ではなく `{ $replies }` にある応答の名前が書かれた行があります。応答そのものを書いてください
# $column, $others
says-answers-name-others = `{ $column }` にあるのは `{ $others }` の中身を指す名前だけで、モデルは名前だけを学習してしまいます。選択肢をプロンプトに、答えを文で `{ $column }` に書くか、dataset_info.json の `columns` で指定してください
says-three-labels = `{ $column }` に -1、0、1 の 3 通りの値がありますが、ラベルは 2 通りです。良い応答は true、悪い応答は false とし、残りは除いてください
# $column, $list
says-order-or-places = `{ $column }` は `{ $list }` の各応答の順位とも、良い順に並べた応答の番号とも読め、意味が変わります。応答ごとの数値を `ranks`（1 が最良）か `scores`（大きいほど良い）として書いてください
says-stepwise-rows = 行は 1 つの応答の各ステップを評価しています（`completions` と `labels`、TRL の stepwise supervision）。プロセス報酬モデル用で、ここにはステップごとに学習する stage がありません
says-message-tree = 行は会話ではなくメッセージの木です（`message_id`、`parent_id`）。最初のメッセージから応答までの道筋を `messages` として、順位の付いた応答を `chosen` と `rejected` として書き出してください
says-no-marks = ペアへの印がありません。印は実行ページの「ペア」で付けます
# $swapped, $excluded
says-marks-taken = ペアへの印により、{ $swapped } 件の応答を入れ替え、{ $excluded } 件を除きました
# $lost, $all
says-marks-without-pair = ペアへの印 { $all } 件のうち { $lost } 件は、どの行にも当てはまりません。印は同じデータ、同じテンプレート、トークナイザー、cutoff_len でのみ有効です
says-marks-leave-nothing = ペアへの印ですべての行が除かれます。一部の印を外してください

## says: What does not go together in a run config: methods, adapters, optimizers, losses, references

says-llama-pro-alone = 追加したブロックだけを学習します。finetuning_type を freeze か lora にしてください
says-expanded-blocks = use_llama_pro では追加したブロックの数です。1 以上にしてください
says-stream-needs-steps = streaming: true には max_steps が必要です。行数は読み終わるまで分かりません
says-stream-holds-out-rows = streaming: true では行数を整数で指定してください。割合が何行になるかは、すべて読むまで分かりません
says-stream-excludes = { $key } は最初のステップの前にすべての行を必要としますが、streaming: true では分かりません。どちらかを外してください
says-stream-of-prompts = ステージ ppo は事前に読んだデータからプロンプトを取ります。streaming はステージ pt、sft、rm、dpo、kto で使えます
says-stream-has-no-epoch = streaming: true ではエポックの終わりが事前に分かりません。{ $key }: steps にしてください
says-shares-of-concat = データセットを混ぜる場合だけ効果があります。mix_strategy を interleave_under か interleave_over にしてください
says-shares-sum-to-one = データセットごとに 0 より大きい数を 1 つずつ、合計が 1 になるように書いてください
# $found, $key, $wanted
says-shares-per-set = 数が { $found } 個ですが、{ $key } のデータセットは { $wanted } 個です。1 つずつ必要です
says-freezes-all = 0 では何も学習しません。freeze_extra_modules に何か指定してください
says-table-trains-whole = { $table } にアダプターは付きません。全体を学習するには additional_target: { $table } としてください
says-oft-target-chooses = finetuning_type: oft では lora_target は効果がありません。層は oft_target で指定します
says-rank-or-block-size = oft_rank と oft_block_size は同時に使えません。一方から他方が決まります
says-nothing-to-convert = pissa_init がなければ変換するものがありません
says-dora-not-plain = DoRA アダプターは通常のアダプターとして書き出せません。use_dora か pissa_convert を外してください
says-pissa-iterations = -1（厳密）か 0 から 1000 の整数を指定してください
says-loftq-needs-four-bits = LoftQ は bitsandbytes の 4 ビット量子化の誤差を補うものなので、quantization_bit: 4 と quantization_method: bnb が必要です
says-not-with-loftq = { $key } とは使えません。LoftQ はモデル自身の重みから始め、全体を処理します
says-lora-only = finetuning_type: lora でだけ使えます
says-quantized-needs-lora = 量子化した重みは変わりません。その上で LoRA か OFT を学習するか（finetuning_type: lora、oft）、この行を外してください
says-no-reward-api = 学習プログラムはネットワークを使いません。ここのモデルで採点してください: lora か full
says-reward-adapter-named = reward_model_type: lora では reward_model がアダプター自体を指します
says-bco-weighs-alike = BCO は良い応答と悪い応答を同じ重みで扱います。この行を外してください
says-neftune-stages = NEFTune はステージ sft と pt のためのものです。この行を外してください
says-for-stage-sft = { $name } はステージ sft のためのものです。この行を外してください
says-one-token-weight = use_eaft_loss と use_dft_loss は同時に使えません。トークンの重みは一つです
says-neat-packing-stage = neat_packing はステージ sft のためのものです。この行を外してください
says-not-with-lora = LoRA や OFT とは使えません。重み全体を学習するときのメモリを節約するものです。finetuning_type を full にするか、外してください
says-built-on-adamw = { $key } は AdamW に基づきます。optim を外すか adamw_torch にしてください
says-switch-interval = 1 以上の整数か、切り替えないなら -1 を指定してください
says-ld-needs-reference = LD-DPO は参照モデルを使う損失のためのものです
says-ld-splits-sums = LD-DPO は log-prob の合計を分けますが、{ $name } はトークンごとに平均します
says-wpo-weighs-pairs = WPO はペアを一つずつ重み付けしますが、{ $name } はマイクロバッチのペア同士を比べます
says-loss-twice = { $name } が二度あります
says-sft-no-preference = sft は選好の損失ではありません。stage: sft にするか、ほかの損失も指定してください
# $a, $s
says-two-scales = { $a } は log-prob のトークン平均、{ $s } は合計を使うので、同じ beta は合いません
says-weights-are-numbers = 0 以上の数値をコンマで区切って指定してください
# $given, $count
says-weights-of-losses = pref_loss の損失 { $count } 個に対して重みが { $given } 個です。一つずつ指定してください
says-a-weight-above-zero = 少なくとも一つの重みを 0 より大きくしてください
# $names, $choices
says-smoothing-of = { $names } にラベル平滑化は意味がありません。使えるのは { $choices } です
says-smoothing-below-half = 0.5 未満にしてください。0.5 では二つの応答が同じ重みになります
says-cpo-alpha-of = cpo_alpha は cpo と simpo（CPO-SimPO）のためのものです。ほかの損失では rpo_alpha が同じ項です
says-bco-not-with = BCO の項は log-prob の合計を参照モデルのものと比べるため、{ $name } とは使えません
# $choices, $name
says-divergences-of = ほかのダイバージェンスが使えるのは { $choices } です。{ $name } には固有のものがあります
# $name, $choices
says-reference-free-of = { $name } は参照モデルなしでは意味がありません。reference_free が使えるのは { $choices } です
says-following-starts-here = 追従する参照モデルは学習の出発点から始まるため、ref_model や ref_model_adapters とは使えません
says-following-not-dora = DoRA では追従する参照モデルを使えません。use_dora か sync_ref_model を外してください
says-following-not-oft = OFT では追従する参照モデルを使えません。sync_ref_model を外すか、finetuning_type を lora にしてください
says-following-not-precomputed = 追従する参照モデル（sync_ref_model）は学習前に計算できません

## says: What is said of the prompts that a run answers on its way

# $found, $most
says-own-prompts-too-many = プロンプトが { $found } 件あります。答えるのは最大 { $most } 件です。減らしてください
says-own-prompts-too-long = プロンプトが合わせて { $most } KiB を超えています。短くしてください
# $line, $why, $example
says-own-prompt-unreadable = { $line } 行目は会話の形で始まりますが読めません（{ $why }）。普通の文か、1 行の { $example } にしてください
says-own-prompt-ends = { $line } 行目の会話は応答を待つ形で終わっていません。ユーザーかツールの発言で終えてください
# $line, $role
says-own-prompt-role = { $line } 行目の role { $role } はありません。system、user、assistant、tool のどれかです
# $line, $tokens, $most
says-own-prompt-no-room = sample_own_prompts: { $line } 行目は { $tokens } トークンですが、モデルが受け取れるのは最大 { $most } です。短くしてください
says-samples-of-scores = { $key } はステージ rm では効果がありません: 報酬モデルは点数を付けるだけで、文は書きません
says-samples-without-rows = { $key } は効果がありません: プロンプトを取る検証用の行がありません。val_size か eval_dataset を設定するか、sample_own_prompts にプロンプトを書いてください
# $found, $asked
says-samples-fewer = sample_prompts: { $asked } 件のうち { $found } 件に答えます。検証用の行には、異なっていて切り詰められず応答の始まりが分かるプロンプトがほかにありません
# $path, $why
says-samples-not-kept = { $path } に書き込めないため、以後プロンプトには答えません：{ $why }
says-run-without-samples = この実行は（まだ）プロンプトに答えていません。sample_prompts か sample_own_prompts で指定します
says-no-such-sample = この実行にプロンプト { $prompt } はありません

## says: What the board's server does not find, and what names of runs, models and data sets lead to

says-no-webhook = 試す Webhook がありません。先にアドレスを設定してください
says-probe-going = 実行速度を測定中です。終わるまで待つか、止めてください
says-probe-beside-run = 実行中のものがあり、互いに遅くなります。終わってから測ってください
says-probe-of-ppo = ppo は応答の長さが変わるため、数ステップでは時間が分かりません
says-probe-stopped = 測定を止めました
says-no-such-run = 実行 { $id } はありません
says-run-lacks = この実行に { $name } はありません
says-run-lacks-checkpoint = この実行にチェックポイント `{ $name }` はありません
says-run-without-pairs = この実行には 1 件ずつ保存された評価用のペアがありません。ペアで評価していないか、まだ評価されていません
says-reward-without-tokens = 報酬モデルは応答全体を採点するので、トークンごとの log-prob はありません
says-pair-while-training = この実行はまだ終わっていません。終了すると、このペアのトークンを採点できます
says-pair-start-not-kept = `{ $key }` を使う実行では学習前のモデルがどこにも残っていないため、トークンを採点できません
says-pair-of-random-weights = この実行は乱数の重みから始まり、その重みはどこにも残っていないため、トークンを採点できません
# $step, $found, $kept
says-pair-scored-otherwise = ステップ { $step } で、読み込んだモデルはこの応答に log-prob { $found } を与えますが、評価では { $kept } でした。学習時と同じようにモデルを読み込めなかったか、ファイルが変わっています。誤った数値は表示しません
# $step, $found, $kept
says-pair-reference-otherwise = ステップ { $step } の評価では参照モデルがこの応答に log-prob { $kept } を与えましたが、いま参照として読み込んだモデルは { $found } を与えます。学習時と同じように読み込めなかったか、ファイルが変わっています。誤った数値は表示しません
says-no-such-pair = この実行に評価用のペア { $pair } はありません
says-no-such-evaluation = この実行にその時点のペアの評価はありません
says-no-evaluation = 評価 { $id } はありません
says-run-without-checkpoint = この実行にチェックポイントがありません
says-run-name-taken = { $name } という名前の実行がすでにあります
says-run-name-bad = 実行の名前は 1 から 120 文字で、スラッシュ、制御文字、先頭のドットは使えません
says-key-is-the-boards = { $key } はボードが自動で設定します。この行を消してください
# $host, $why
says-webhook-failed = Webhook（{ $host }）に通知できませんでした: { $why }
says-no-such-download = そのダウンロードはありません
says-no-such-dataset = データセット { $name } はありません
says-no-register-entry = 登録簿に { $name } という項目はありません
says-no-such-file = ファイル { $path } がありません
says-name-file-in-folder = それはフォルダーです。中のファイルを指定するか、アーカイブを使ってください
says-no-such-address = そのアドレスはありません
says-no-board-file = そのファイルはありません
says-bad-address = { $path }: このアドレスのバイト列は UTF-8 の文字列ではありません
says-no-api-address = API にそのアドレスはありません。一覧は /api/openapi.json にあります
says-no-openai-address = そのアドレスはありません。提供しているのは /v1/models、/v1/models/ID、/v1/chat/completions です
says-gone-meanwhile = もうありません: { $why }

says-no-model-at = { $path } にモデルがありません。フォルダー、GGUF ファイル、ハブのキャッシュのフォルダーのいずれかを指定してください
says-hub-model-not-here = ハブの { $name } はまだここにありません。先にダウンロードしてください（モデル → ダウンロード）
# $name, $folder
says-no-model-named = モデル { $name } はありません。実行、{ $folder } の下のフォルダー、絶対パス、ダウンロード済みのハブのモデル（モデル → ダウンロード）のいずれでもありません
says-run-not-begun = { $name } はまだ実行されていません
says-named-run-without-checkpoint = { $name } にチェックポイントがありません
# $name, $part
says-named-run-lacks = { $name } に { $part } はありません
says-run-without-base = { $name } の設定に、アダプターがどのモデルのものか書かれていません
says-reference-not-whole = 別の参照モデルには、マージ済みのモデルが必要です。先にこのチェックポイントをマージしてください
says-reward-is-adapter = { $name } はアダプターです。reward_model_type を lora にしてください
says-holds-no-adapter = { $name } にアダプターがありません（adapter_config.json がありません）
says-add-dataset = データセット { $name } はありません。「データ」で追加してください
says-bad-search = 検索に { $field } という項目はありません。設定のキーでも、記録されたメトリクスでもありません
says-bad-sort = 実行に { $column } という列はありません
says-bad-limit = `limit` は 1 から { $most } までです

## says: Several runs of one config with other values

says-sweep-in-a-config = sweep: このファイルから複数の実行を作る指定です。`corral sweep FILE` で始めるか、このブロックを外して一度だけ学習してください
says-sweep-missing = sweep: がありません。`pref_beta: [1, 2, 3]` のような `parameters:` を持つ `sweep:` ブロックを加えてください
says-sweep-not-a-map = { $key }: キーと値を一行ずつ指定してください
says-sweep-no-such =
    スイープにそのキーはありません{ $near ->
        [empty] { "" }
       *[other] 。{ $near } のことですか
    }
# $other, $names
says-sweep-takes-keys = ここに `{ $other }` はありません。使えるキーは { $names } です
says-sweep-no-program = { $key } は W&B が起動するものです。ここではこのファイル自体を実行するので、その行を外してください
says-sweep-null = null はスイープの値になりません。既定値を書いてください
says-sweep-no-values = 二つ以上の値を指定してください（例：`1, 2, 3`、`0.1..0.5 step 0.1`、`log 1e-6..1e-4 in 5`）
# $value, $takes
says-sweep-value = { $value }: { $takes }
# $other, $taken
says-sweep-idle-beside = `{ $taken }` があるとき `{ $other }` は何も変えません。どちらかを削除してください
says-sweep-twice = 値に { $value } が二度あります
says-sweep-no-range = { $key } に範囲は指定できません。値を並べてください
# $low, $high
says-sweep-range-empty = 範囲 { $low }..{ $high } は空です。先の数を小さくしてください
says-sweep-log-from = 対数の範囲は 0 より大きい値から始めてください（{ $low } は不可）
says-sweep-step = { $step } は刻みになりません。0 より大きく、範囲を超えない数を指定してください
says-sweep-step-too-small = このステップでは範囲の点が { $most } 個を超えます。ステップを大きくするか、後ろに `in 5` を書くか、`method: random` にしてください
says-sweep-needs-points = グリッドには範囲の点の数が必要です。後ろに `in 5` か `step 0.1` を書くか、`method: random` にしてください
says-sweep-points = { $points } は点の数になりません。2 から 1000 を指定してください
says-sweep-distribution = { $name } には対応していません。`uniform`、`log_uniform_values`、`q_uniform`、`int_uniform` のいずれかにしてください
says-sweep-key-is-the-runs = { $key } は実行ごとに決まるので、スイープできません
says-sweep-key-idle = この設定では { $key } は何も変えません。外すか、対応する設定を変えてください
says-sweep-method = { $name } という方法はありません。`grid`、`random`、`tpe` のいずれかにしてください
says-sweep-bayes-is-tpe = method: bayes はここでは tpe で行います（W&B はガウス過程を使います）
says-sweep-needs-cap = がありません。実行をいくつ作るか指定してください
# $count, $most
says-sweep-too-many = 実行が { $count } 個になります。スイープは { $most } 個までです。値を減らすか、`run_cap` 付きの `method: random` にしてください
says-sweep-one-run = 実行が一つしかできません。スイープには二つ以上必要です
says-sweep-metric = { $name } は検証用の行で測られません。`eval_loss` や `preference/accuracies` など、測られるものにしてください
says-sweep-goal = { $name }: `goal: maximize` と `goal: minimize` のどちらが良いか指定してください
says-sweep-no-held-out = 実行は検証用の行で比べますが、ありません。val_size か eval_dataset を設定してください
says-sweep-no-evaluations = 悪い実行は評価のあとに止めますが、終わりまで評価がありません。eval_strategy: epoch か steps を設定してください
says-sweep-eta = { $eta } は間引きの割合になりません。2 なら各段で半分、3 なら三分の一を残します
# $metric, $keys
says-sweep-one-scale = { $metric } は { $keys } によって変わるため、これらの実行の間では同じ尺度になりません。preference/accuracies なら同じです
# $point, $said
says-sweep-at = { $point } のとき: { $said }
says-sweep-reference-once = 参照モデルの log-prob は最初の実行が一度だけ計算し、ほかの実行はそれを読みます（precompute_ref_log_probs）
# $evaluation, $place, $count, $metric
says-sweep-stopped-early = 早期に停止しました。評価 { $evaluation } 回目で { $metric } は { $count } 個中 { $place } 位でした
says-no-such-sweep = スイープ { $id } はありません
says-sweep-nothing-left = スイープ { $name } に続けるものはありません。実行中か、すべての実行が終わっています
# $name, $why
says-sweep-run-stays = { $name } は続けられません: { $why }
says-sweep-goes = スイープ { $name } の実行が続いています。先に停止してください
says-sweep-over = スイープ { $name } はすでに終わっています

## says: Tokens that are kept: in the cache, in `tokenized_path`, and those that LLaMA-Factory kept there

# $path, $why, $key
says-not-kept = トークンを { $path } に書き込めません: { $why }。`{ $key }` で別のフォルダーを指定できます
says-tokens-found = 以前に保存されたデータのトークンを { $folder } から読みます
says-tokens-kept = データのトークンを { $folder } に保存しました
# $path, $why
says-tokens-not-kept = { $path } に書き込めないため、データのトークンは次の実行のために保存されません：{ $why }
says-tokens-of-other = ここのトークンは別の `{ $key }` で作られています。別の `tokenized_path` を指定するか、フォルダーを削除してください
# $folder, $rows
says-tokens-of-llamafactory = LLaMA-Factory が { $folder } に保存したトークンをそのまま使います（{ $rows } 行）。LLaMA-Factory と同じく、`dataset`、`template`、`cutoff_len`、`max_samples`、`packing` など行の作り方に関する設定は反映されません
# $folder, $split
says-tokens-not-scored = { $folder } には評価用の行（`{ $split }`）がありますが使われません。`val_size` か `eval_dataset` を指定すると評価に使われます
# $split, $splits
says-no-split-of-tokens = split `{ $split }` がありません。あるのは { $splits } です
says-tokens-indexed = 行がインデックスファイルで指定されており、これは読めません。`dataset.flatten_indices().save_to_disk(…)` で書き直してください
says-bad-file-name-of-tokens = データファイル `{ $name }` はこのフォルダーの中にありません
says-tokens-without = 列 `{ $column }` がありません
says-tokens-no-ids = `{ $column }` がトークン ID のリストではありません
# $column, $other
says-tokens-unequal = `{ $column }` と `{ $other }` の長さが違います
says-tokens-without-reply = `{ $column }` に学習する応答がありません
says-tokens-of-two-prompts = 2 つの応答のプロンプトが違います
says-tokens-of-media = { $column } がありますが、テキストモデルでは使えません
says-no-tokens-there = 空ではなく、トークンもありません。別の `tokenized_path` を指定してください
says-tokens-damaged = 保存されたトークンが壊れています。削除すれば作り直されます

## says: A run as it is set up, resumed and told; checkpoints; the commands of a terminal

says-internal-error = 内部エラー: { $why }
says-trained-before = 以前の学習の結果があります。続けるなら resume_from_checkpoint: true、やり直すなら overwrite_output_dir: true、または別の output_dir にしてください
says-predicts-elsewhere = 学習済みの実行があります。予測だけを行うと上書きされるので、別の output_dir を指定してください
says-not-empty = 空ではありません（{ $name } があります）。overwrite_output_dir: true にするか、別の output_dir にしてください
says-no-resumable = 再開できるチェックポイントではありません。state.json がありません（save_only_model では書きません）
# $theirs, $ours
says-other-checkpoint-version = チェックポイントのバージョンは { $theirs } ですが、このプログラムが読めるのは { $ours } です
says-other-rows = 別の学習データ、順序、バッチサイズで作られたものです。そのときの設定で再開するか、その重みから新しい実行を始めてください
says-made-with-other-config = 別の設定で作られたため、保存された状態をここで使えません（{ $changes }）。そのときの設定で再開するか、その重みから新しい実行を始めてください
says-goes-on-otherwise = チェックポイントを作ったときとは違う設定で続けます: { $changes }
says-no-checkpoint-folder = resume_from_checkpoint: { $path } はフォルダーではありません。チェックポイントを一つ指定するか、最新なら `true` としてください
# $metric, $names
says-no-such-metric = metric_for_best_model: ここに { $metric } はありません。評価で得られるのは { $names } です
# $vocab, $id, $token
says-unknown-token-in-data = モデルのトークンは { $vocab } 個ですが、データに ID { $id }（{ $token }）があります。モデルにある特殊トークンを使うテンプレートか、モデルのトークナイザーを選んでください
says-pair-tokens-lost = このペアのトークンをテキストから復元できません。トークナイザーかテンプレートが変わったか、テンプレートが文をつなぐ位置でテキストが別の形に分割されます
says-no-reward-model = 報酬モデルではありません。{ $file } がありません（`stage: rm` で作れます）
says-no-saved-tensor = 保存された状態にテンソル `{ $name }` がありません
# $name, $saved, $here
says-saved-shape = `{ $name }` の形は保存された状態では { $saved }、この実行では { $here } です。別の設定の実行で保存したものではありませんか？
says-no-blocks-for-badam = use_badam: 交代で学習するデコーダーブロックがモデルにありません
# $start, $count
says-badam-start = badam_start_block: { $start } は { $count } 個のブロックの範囲外です（0 から数えます）
says-asked-to-stop = 停止を求められました
says-nothing-to-predict = 書かせた返答と比べるものがありません。報酬モデルは返答を書かず、ただのテキストには正解の返答がありません
says-stopped-unwritten = 停止を求められました。何も書いていません
# $name, $value
says-not-finite-score = { $name } が { $value } で、有限の数ではありません。モデルかアダプターの重みが壊れているか大きすぎます。別のコピーか、前のチェックポイントを使ってください
says-no-legacy-format = export_legacy_format は pickle ファイルを書くためのもので、Corral では使えません。false にしてください
says-name-out-folder = 書き出すフォルダーを --out（または export_dir）で指定してください
says-export-dtype-of-gguf = --dtype { $dtype } は `--format gguf` のときに使います。マージしたフォルダーでは f32、f16、bf16 です
says-export-name-not-plain = --name `{ $name }` はファイル名に使えません。文字、数字、`.`、`_`、`-` だけを使い、`.` と `-` では始めないでください
says-modelfile-without = このモデルの { $what } は Ollama では適用されず、元モデルへの Modelfile は別のモデルになります。`--format gguf` か `--format merged` でエクスポートしてください
says-modelfile-of-reward-model = 報酬モデルです。Ollama にはバリューヘッドを置く場所がないため、`--format merged` でエクスポートしてください
says-export-dtype-idle = --dtype はここでは何も変えません。アダプターは学習したまま、Modelfile に重みはないので、外してください
says-export-size-idle = --size はここでは何も変えません。重みが複数のファイルになるのはマージしたフォルダーだけなので、外してください
says-export-dir-unused = export_dir は使いません: フォルダーは --out が決めます
says-export-size-unused = export_size は使われません。重みが複数のファイルになるのはマージしたフォルダーだけです
says-export-without-value-head = PPO が学習した価値ヘッドは含まれません。学習を続けるときにだけ使うものです
says-merged-into-stored = アダプターは { $bits } ビットに量子化した重みの上で学習されましたが、LLaMA-Factory と同じく、フォルダーに保存されたままの重みに統合します。出力がわずかに変わることがあります
# $format, $types
says-gguf-other-types = 一部のテンソルは行の長さが { $format } のブロックの整数倍でないため、llama.cpp と同じく別の型で保存し（{ $types }）、ファイルは大きくなります
says-export-without-adapter = { $model } にアダプターはありません。`--format merged` か `--format gguf` でエクスポートしてください
says-export-of-adapters = 元モデルに { $count } 個のアダプターが重なっています。`corral merge` で一つにするか、`--format merged` でエクスポートしてください
says-merged-is-plain = 元モデルが量子化されています（{ $formats }）。重みを復元し、マージしたフォルダーは量子化なしになります
says-weight-past-f16 = `{ $name }` に f16 の上限 65504 を超える数があります。bf16 か f32 にしてください
says-size-above-zero = --size（または export_size）は 0 より大きくしてください
says-out-is-being-written = ほかのプログラムが書き込んでいます。終わるまで待つか、別のフォルダーを指定してください
says-out-not-empty = 空でなく、Corral のマージで作られたものでもありません。別のフォルダーを指定してください
says-out-holds-others = `{ $name }` があり、失われてしまいます。別のフォルダーを指定してください
says-out-is-merged = マージする { $path } がここにあります。別のフォルダーを指定してください
says-name-file-or-dataset = ファイルかデータセットを指定してください
says-name-model = モデルを指定してください
says-name-model-or-key = モデルを指定するか、model_name_or_path を設定してください
says-config-no-model = { $path } は設定ファイルで、モデルではありません。その中の model_name_or_path か output_dir を指定してください
says-damaged-store = 参照モデルの log-prob の保存ファイルではありません。このファイルを削除してください
says-cannot-be-run = { $path } は実行できません:
# $seq, $why
says-damaged-line = イベント { $seq } の次の行が壊れています（{ $why }）。ファイルを元に戻すか、別の output_dir で学習してください
says-another-worker = 別のワーカーがこの実行フォルダーで学習中です。先に停止してください
# $tokens, $most
says-conversation-length = 会話は { $tokens } トークンですが、モデルが受け取れるのは 1 から { $most } です。短くしてください
# $id, $vocab
says-no-token-for-bias = logit_bias: トークン { $id } はありません。モデルのトークンは { $vocab } 個です
says-logits-not-finite = モデルの logits が有限の数ではありません。モデルかアダプターの重みが壊れているか大きすぎます。別のコピーか、前のチェックポイントを使ってください
says-nothing-counts = log-prob を数えるトークンが一つもないバッチがあります。ラベルと cutoff_len を確かめてください
says-no-tokenizer-json = トークナイザーがありません。モデルの tokenizer.json・tokenizer.model・tekken.json・qwen.tiktoken、または vocab.json と merges.txt を、専用のフォルダーの重みの隣に置いてください

## says: What is kept under a name, what is deleted, and what is taken back

says-no-such-config = 設定 { $name } はありません
says-config-name-bad = 設定の名前は 1 から 120 文字で、スラッシュ、制御文字、先頭のドットは使えません
says-config-taken = { $name } という名前の設定がすでにあります
# $name, $most
says-config-too-long = { $name } は { $most } KiB を超えています。設定としては長すぎます
says-config-too-many = 保存できる設定は { $most } 個までです。使わないものを削除してください

says-no-such-model = モデル { $name } はありません
says-model-of-corral = { $name } は Corral 付属のため削除できません
# $name, $path
says-model-of-cache = { $name } は Hub のキャッシュにあり、ほかのプログラムも使います。端末で { $path } を削除してください
# $name, $who
says-model-in-use = { $name } は{ $who }が使っています。終わるのを待つか、停止してください
says-used-by-run = 実行 { $name }{ " " }
says-used-by-merge = マージまたはエクスポート
says-used-by-evaluation = { $name } の評価
says-used-by-chat = チャット

says-no-such-trash = ゴミ箱に { $id } はありません
says-trash-place-taken = { $path } がすでにあります。移動してから元に戻してください
says-trash-place-gone = それがあった { $path } がもうありません。先にそちらを元に戻してください
says-trash-outside = { $path } はデータフォルダーの外にあります。Corral はそこでは何も削除しません

## says: Why the server says no: each is the code of its answer; where one code has several sentences, they stand in its place

says-disk-full = { $what }: ディスクがいっぱいです。空きを作ってからやり直してください
says-the-data-directory = データフォルダー
# $need, $free
says-merging-needs = マージにはディスクが { $need } MiB 必要で、空きは { $free } MiB
says-no-permission = サーバーにその読み書きの権限がありません: { $why }
says-internal = サーバーの内部エラーです: { $why }。サーバーのログを見てください
says-invalid-config = 実行設定のうち { $n } 件が使えません
says-json-required = Content-Type: application/json を付けた JSON を送ってください
says-too-large = リクエストがこのアドレスで受け付けられる長さを超えています: { $why }
says-bad-json = { $why }
says-body-not-json = 本文が JSON ではありません: { $why }
says-bad-query = アドレスのクエリを読めません: { $why }
says-bad-runs = `runs` には実行の ID をカンマ区切りで 1 個から { $most } 個まで指定してください
says-bad-metrics = `y` にはメトリクスの名前をカンマ区切りで 1 個から { $most } 個まで指定してください
says-bad-group = 実行設定に `{ $key }` というキーはありません。`corral keys` で一覧できます
says-bad-axis = 曲線の横軸は `step`、`epoch`、`time` かメトリクスです
says-nothing-drawn = これらの実行には、求められた値がありません
says-bad-view-name = ビューの名前は 1 文字から 80 文字までで、`.` と `..` は使えません
says-view-too-long = ビューは { $most } バイトまでです
says-too-many-views = 保存できるビューは { $most } 個までです。一つ削除してからやり直してください
says-bad-webhook = { $why }
says-webhook-too-long = Webhook のアドレスは { $most } 文字までです
says-webhook-not-whole = Webhook のアドレスは `https://example.org/hook` のように完全な形で書いてください
says-webhook-scheme = Webhook のアドレスは https:// か http:// で始めてください
says-webhook-user = Webhook のアドレスにユーザー名とパスワードは書けません
says-webhook-unreadable = データフォルダーの webhook.json を使えません: { $why }
says-pairs-damaged = 実行フォルダーの `pairs/{ $file }` が壊れているか、いま取り除かれました。再読み込みするか、学習し直してください
says-samples-damaged = 実行フォルダーの `samples/{ $file }` が壊れているか、いま取り除かれました。再読み込みするか、学習し直してください
says-marks-damaged = 実行フォルダーの `pairs-marks.json` を読めません。直すか取り除いてから、もう一度マークしてください
says-bad-pair-numbers = `ids` にはペアの番号をカンマ区切りで { $most } 個まで指定してください（例：`0,5,12`）
says-too-much-text = これらのペアは一度に返すには長すぎます。ペアの数を減らしてください
# $shared, $a, $b
says-other-pairs = 二つの実行は同じペアで評価されていません（{ $a } 件と { $b } 件のうち、共通は { $shared } 件。データ、モデルのトークン、テンプレート、cutoff_len が同じなら同じ行です）。両方に同じ eval_dataset を指定してください
says-not-absolute = { $path } は絶対パスではありません。/ から書いてください
says-bad-file-name = { $file } はファイル名として使えません
says-no-run-directory = { $path } は実行フォルダーの絶対パスではありません（events.jsonl がありません）
says-adopted = { $path } はすでに一覧にあります
# $path, $other
says-inside-a-run = { $path } は別の実行のフォルダー { $other } の中にあります
says-holds-others = { $why }
# $path, $held
says-others-inside = { $path } の中に { $held } があるため、一つの実行として扱えません。削除すると一緒に消えてしまいます
# $path, $other
says-other-run-inside = { $path } の中に別の実行のフォルダー { $other } があります。先にその実行を削除してください
says-bad-config-file = { $why }
says-config-no-text = { $name } はテキストではありません
says-config-unreadable = { $path } をテキストとして読めないか、1 MiB を超えています
says-name-taken = { $why }
says-dataset-name-taken = データセット { $name } はすでにあります
says-not-queued = 順番を変えられるのは待機中の実行だけです
says-note-too-long = メモは { $most } バイトまでです
# $most, $bytes
says-bad-tags = タグは { $most } 個まで、それぞれ { $bytes } バイトまでです
says-not-running = 実行はすでに終わっています
says-running = { $why }
says-run-goes-already = すでに実行中か待機中です
says-stop-run-first = 実行中か待機中です。先に停止してください
says-completed = 実行は完了しており、再開するものがありません
says-elsewhere = この実行のワーカーは別のマシンで起動されました。停止や再開はそのマシンで行ってください。終わっていると確認できたら、実行フォルダーの worker.json を削除してください
says-no-directory = { $path } がなく、実行を再開できません
says-outside = { $path } はデータフォルダーの外にあります。Corral はそこでは何も削除しません。ファイルを残して実行だけを削除してください
# $path, $why
says-files-stay = 実行は削除しましたが、{ $path } は削除できませんでした: { $why }
says-evaluation-goes-on = 評価が進行中です。先に停止してください
says-evaluation-failed = 評価に失敗しました: { $why }
says-too-many-compared = 比べられる評価は { $most } 件までです
says-merging-another = { $checkpoint } をマージ中です。終わってからもう一度お試しください
says-no-checkpoint = マージできるチェックポイントがありません
says-busy = 読み込み済みの 2 つのモデルがどちらも応答中です。どちらかが終わるのをお待ちください
says-hub-revision = dataset_info.json の項目にはリビジョンを書けません。省いてください
says-bad-revision = `{ $revision }` はリビジョンではありません。ブランチ、タグ、コミットのいずれかを指定してください
says-token-required = サーバーの起動時に表示されたアドレスを開いてください。またはそのトークンを `Authorization: Bearer …` として送ってください
says-not-merged = まだマージされていません。先にマージしてください（`POST /api/runs/ID/merge`）
says-is-register = これは { $n } 件のデータセットの登録簿（dataset_info.json）で、行のファイルではありません。追加するものを選んでください（`POST /api/register`）
says-no-register = dataset_info.json ではありません: 各項目がデータの場所を示すオブジェクトが必要です
says-reserved-name = { $name } は全データセットの登録簿の名前です。別の名前にしてください
says-bad-name = { $why }
says-dataset-name-bad = データセットの名前は 1 語で、コンマ、スラッシュ、先頭のドットやハイフンは使えません
# $texts, $packings, $tables
says-bad-format = データセットのファイルは { $texts }（{ $packings } で圧縮したものも）か { $tables } です
says-bad-path = { $why }
says-path-not-whole = `{ $path }` は完全なパスではありません。/ から書いてください
says-path-not-below = `{ $path }` はこのフォルダーの下のパスではありません
says-not-a-file = { $path } はファイルでもフォルダーでもありません
says-no-file = { $path } というファイルはありません
says-no-folder = { $path } はフォルダーの完全なパスではありません
says-own-file = { $path } は Corral 自身のデータフォルダーのファイルです。別の場所にコピーしてから使ってください
says-on-a-hub = データはハブにあります。ダウンロードしてからファイルを追加してください
# $path, $why
says-bad-register = { $path } を読み取れません: { $why }。修正するか削除してください
says-demo = デモのデータセットは Corral に付属し、削除できません
says-cut-off = アップロードが途中で切れました（{ $why }）。もう一度送ってください
# $what, $seconds
says-too-slow = `corral-trainer { $what }` が { $seconds } 秒以内に終わりませんでした
# $what, $signal
says-errand-killed = `corral-trainer { $what }` がシグナル { $signal } で終了しました。メモリ不足が最も考えられます
# $program, $why
says-no-trainer = { $program } を起動できませんでした: { $why }
says-too-many-sockets = 開いているページが多すぎます。いくつか閉じてください
says-step-unsaid = 何ステップ目か書かれていません
says-part-missing = ファイルがありません
says-part-cut-off = 途中で切れています
# $name, $why, $before
says-broken-checkpoint =
    { $name } は壊れています（{ $why }）{ $before ->
        [empty] 。その前に無事なチェックポイントはありません
       *[other] 。その前の { $before } は無事なので、そこから再開できます
    }
says-bad-argument = 名前に NUL 文字は使えません。取り除いてください
# $path, $why
says-no-base = ベースモデル { $path } を読み取れません: { $why }
says-host-not-allowed = このサーバーは `{ $host }` という名前では応答しません。追加するには --allowed-host を付けて起動してください
says-method-not-allowed = このアドレスは { $method } を受け付けません
says-unusable = { $why }
# $name, $before
says-model-only-checkpoint =
    { $name } は save_only_model で保存されたため、モデルだけを含み、学習の途中の状態がありません。再開はできませんが、アダプターまたはモデルとして新しい実行を始められます{ $before ->
        [empty] { "" }
       *[other] 。あるいは { $before } から再開してください
    }
says-not-loaded = モデルを読み込めませんでした: { $why }
says-merge-failed = マージに失敗しました: { $why }
says-worker-ended = チャットのワーカーが終了しました
says-download-stopped = 停止しました。届いた分は残っています
says-download-not-started = ダウンロードを始められませんでした: { $why }
says-download-ended = ダウンロードが途中で終わりました（{ $how }）
says-hub-name = `{ $name }` はハブの名前ではありません。owner/name の形か、そのページのアドレスで書いてください
# $model, $endpoint, $variable
says-hub-not-found = { $endpoint } に { $model } がないか、非公開です。名前を確かめるか、{ $variable } を設定してください
# $model, $endpoint, $revision
says-hub-no-revision = { $endpoint } の { $model } にリビジョン { $revision } はありません。実在するブランチ、タグ、コミットを指定してください
# $name, $need, $folder, $free
says-hub-no-room = { $name } にはあと { $need } MiB 必要ですが、{ $folder } の空きは { $free } MiB です。空きを作るか、HF_HUB_CACHE または MODELSCOPE_CACHE で別のディスクを選んでください
# $name, $endpoint, $most
says-hub-too-many = { $endpoint } の { $name } はファイルが多すぎて一覧できません（上限 { $most }）
# $model, $endpoint, $variable
says-hub-refused = { $endpoint } が { $model } へのアクセスを拒否しました。モデルのページで規約に同意し、{ $variable } を設定してください
says-hub-pickle-only = { $model } には safetensors の重みがありません。pickle（pytorch_model.bin）はコードを実行できるため読み込みません
says-hub-not-a-model = { $model } には config.json かトークナイザーがないため、Corral で使えるモデルではありません
says-hub-io = ダウンロードしたものを保存できません: { $why }
says-generation = 応答の生成に失敗しました: { $why }
says-not-found = { $what }
# $need, $free
says-no-memory = このモデルの読み込みには約 { $need } MiB 必要ですが、空きは { $free } MiB です。実行が終わるのを待つか、小さいモデルを選んでください
says-cross-site = ほかのサイトからのリクエストは受け付けません（{ $header }）
says-origin-required = WebSocket には、このサーバーのページの Origin ヘッダーが必要です
says-error = リクエストに失敗しました
# $path, $limit
says-register-full = { $path } が { $limit } MiB を超えます。先に中のデータセットを減らしてください

## says: What a request to the API says that cannot be done, field by field

says-field-missing = { $field } がありません
# $field, $takes
says-no-such-field =
    { $field }: そのような項目はありません{ $takes ->
        [empty] { "" }
       *[other] 。使えるのは { $takes } です
    }
# $field, $what, $given
says-field-takes =
    { $field } には{ $what }を指定してください{ $given ->
        [empty] { "" }
       *[other] （{ $given } は使えません）
    }
says-the-body = 本文
says-kind-whole = 整数
says-kind-count = 0 以上の整数
says-kind-truth = true か false
says-kind-text = テキスト
says-kind-list = リスト
says-kind-object = オブジェクト
says-kind-choice = 選択肢の名前
says-kind-texts = テキストかテキストのリスト
says-kind-parts = テキストかパートのリスト
# $field, $most
says-takes-stops = { $field } には空でないテキストを { $most } 個まで指定できます
says-above-zero-or-all = 0 より大きい値か、すべてを意味する -1 にしてください
says-takes-biases = { $field } にはトークンの ID と、それぞれに -100 から 100 までの数値を指定してください
# $field, $form
says-plain-text-only = { $field }: 応答は普通のテキストです。{ $form } は約束できません
says-another-form = ほかの形式
says-no-tools-here = { $field }: ここではモデルにツールを渡しません。system メッセージで説明するか、省いてください
says-no-logprobs = { $field }: ここでは対数確率を返しません。省いてください
# $field, $value
says-not-done-here = { $field }: { $value } で求められることはここでは行いません。省いてください
says-field-unknown = { $field }: この項目はここでは使えません。省いてください
says-no-such-choice = { $field }: そのような選択肢はここにはありません。省いてください
says-one-reply = n: 応答は一度に一つです
says-messages-empty = messages を空にはできません
says-chat-role = role `{ $role }` は system、user、assistant、tool のいずれでもありません
# $number, $role
says-message-without-content = { $number } 番目のメッセージ（{ $role }）に内容がありません
says-part-refusal = `refusal` のパートはここではモデルに渡せません。テキストとして書くか、省いてください
says-parts-are-texts = content のパートはテキストだけです。画像やファイルは取得しません
says-model-missing = model がありません。/v1/models のいずれかを指定してください

## terminal: What is said on a terminal alone: by commands, and why the server does not start

# $key, $why
terminal-key-of-python = { $key } はここでは効果がありません: { $why }
# $key, $why
terminal-key-not-built = { $key } はありません: { $why }
# $key, $near
terminal-key-nowhere =
    { $key } というキーはありません。{ $near ->
        [empty] `corral keys` で一覧できます
       *[other] { $near } のことですか
    }
terminal-not-printed = 出力を書き出せません: { $why }
# $run, $folder
terminal-no-run-or-folder = { $run }: そのようなフォルダーはなく、その名前の実行も { $folder } にありません
# $path, $folder
terminal-not-linked = { $folder } から { $path } へのリンクを作れません
terminal-left-out = 取り込まなかったもの: { $why }
terminal-client-is-theirs = { $path } はすでにあり、Corral のものではありません。別のフォルダーを指定してください
terminal-not-reported = MLflow にも trackio にも伝えられません: { $why }
# $url, $why
terminal-board-says = ボード（{ $url }）: { $why }
terminal-no-board = { $folder } のボードが応答しません
# $folder, $why
terminal-demo-not-put = { $folder } にデモを置けません: { $why }
# $name, $why
terminal-not-compared = { $name }: ハブと比べていません: { $why }
# $host, $why
terminal-host-not-here = { $host } はこのマシンのアドレスではありません: { $why }
# $first, $last, $host
terminal-ports-busy = { $host } のポート { $first } から { $last } まではすべて使われています。--port で別のものを選んでください
# $port, $host, $why
terminal-port-unusable = { $host } のポート { $port } は使えません: { $why }。--port で別のものを選んでください
# $path, $why
terminal-data-dir-unusable = データフォルダー { $path } を使えません: { $why }
# $path, $who
terminal-data-dir-taken = 別の Corral がすでに { $path } を使っています: { $who }
# $path, $why
terminal-database-unusable = データベース { $path } を使えません: { $why }
terminal-data-dir-comma = データフォルダーのパス { $path } にコンマがあります。アダプターやデータセットの一覧はコンマで区切られます。--data-dir で別のものを選んでください
terminal-token-unusable = CORRAL_TOKEN を使えません。英字、数字、- . _ ~ からなる 16 文字以上にしてください
# $model, $why
terminal-model-not-served = { $model } を提供できません: { $why }
terminal-option-takes-folder = { $option } にはフォルダーを指定してください
terminal-held-by-unnamed = 起動中のもの、またはそれを使うコマンドです
terminal-held-by-board = { $url } を開いてください
terminal-lock-file-removed = ロックファイルが削除されています
terminal-ends-not-stored = 実行の終了を保存できません。ディスクがいっぱいではありませんか
terminal-server-not-started = サーバーを起動できませんでした: { $why }
# $name, $usable, $rows, $cut
terminal-rows-usable =
    { $name }: { $rows } 行のうち { $usable } 行が使用可能{ $cut ->
        [empty] { "" }
       *[other] 、{ $cut } 行を cutoff_len で打ち切り
    }
terminal-more-rows = ほか { $n } 行
terminal-health-well = { $checks } 項目を確認し、問題は見つかりませんでした
terminal-import-not-yet = { $path } にはまだ実行がありません。待機します
terminal-import-own-followed = { $path } は Corral の実行フォルダーです。--follow なしでボードが追います
terminal-samples-never-answered = プロンプトにはまだ答えていません
terminal-no-run-folder = その実行フォルダーはありません
terminal-run-failed = 失敗しました: { $why }
terminal-in-note = 注意: { $what }
terminal-in-error = エラー: { $why }
terminal-corral-at = Corral: { $url }
terminal-others-need-token = このマシンの他の利用者にはトークンが必要です: { $url }
terminal-data-directory = データフォルダー: { $path }
terminal-training-on-cpu = 学習は CPU で行います: { $why }
terminal-corral-ends = Corral を終了します。{ $what }。
terminal-runs-go-on = 実行は続き、次の起動時に引き継がれます
terminal-model-unloaded = 読み込まれたモデルは残りません
terminal-openai-address = OpenAI 形式の API: { $url }
terminal-api-key = API キー: { $key }
terminal-api-key-of-others = このマシンの他の利用者向けの API キー: { $key }
# $port, $free
terminal-port-busy = ポート { $port } は使用中です。次に空いている { $free } を使います。
terminal-trainer-missing = { $path } がありません。モデルを要するものは何も始められません。
# $step, $total, $epoch, $metrics
terminal-step-done = ステップ { $step }/{ $total }（エポック { $epoch }）: { $metrics }
# $step, $metrics
terminal-evaluation-at = ステップ { $step } の評価: { $metrics }
terminal-saved-at = { $path } を保存しました
terminal-saved-best = { $path } を保存しました（これまでで最良）
terminal-completed-after = { $steps } ステップで完了しました
terminal-stopped-after = { $steps } ステップで停止しました。resume_from_checkpoint=true で続きから始められます
terminal-ended-after = { $steps } ステップで終わりました
# $steps, $rows, $held, $engine, $after
terminal-training-begins =
    { $steps } ステップ、{ $rows ->
        [empty] ストリームの行
       *[other] { $rows } 行
    }（評価用に { $held } 行）、{ $engine }{ $after ->
        [empty] { "" }
       *[other] 、ステップ { $after } の続きから
    }
# $trained, $all, $compute, $device, $threads
terminal-training-by = { $all } パラメーターのうち { $trained } を学習、{ $device } で { $compute }、{ $threads } スレッド
# $phase, $done, $total
terminal-phase-done = { $phase } { $done }/{ $total }
terminal-phase-loading = 読み込み中
terminal-phase-tokenizing = トークン化中
terminal-phase-reference = 参照モデルの log-prob
terminal-phase-evaluating = 評価中
terminal-phase-sampling = サンプルのプロンプトに回答中
terminal-phase-predicting = 応答を生成中
terminal-phase-saving = 保存中
terminal-phase-merging = マージ中
# $name, $mib, $hub
terminal-to-fetch = { $name }: { $hub } から { $mib } MiB を取得します
# $name, $done, $total
terminal-fetched-so-far = { $name }: { $total } MiB のうち { $done }
# $files, $mib, $missing, $free
terminal-fetch-plan = { $files } ファイル、{ $mib } MiB、うち取得するのは { $missing } MiB。空き { $free } MiB
# $step, $right, $all, $share, $first, $gained, $lost
terminal-pairs-right = ステップ { $step }: { $all } ペアのうち { $right } が正解（{ $share } %）。ステップ { $first } から { $gained } が正解に、{ $lost } が不正解に変わりました
terminal-pairs-left-out = このほか { $n } の評価用ペアが実行の指標に含まれ、ここには残っていません
terminal-column-pair = ペア
terminal-column-first = 最初
terminal-column-margin = margin
terminal-column-change = 変化
terminal-column-prompt = プロンプト
# $step, $facts
terminal-reply-at = ステップ { $step }（{ $facts }）
terminal-reply-tokens = { $n } トークン
terminal-reply-cut-off = 途中で打ち切り
terminal-reply-repeats = 繰り返し { $share } %
terminal-reply-empty = 空
terminal-reply-refusal = 拒否のように読めます
terminal-keys-in-english = 各キーの意味は英語で示します。
terminal-keys-of-model = モデル
terminal-keys-of-data = データ
terminal-keys-of-method = 手法: ステージ、その loss、比べる相手
terminal-keys-of-adapter = 何を学習するか
terminal-keys-of-optimizer = オプティマイザーとスケジュール
terminal-keys-of-batch = バッチ、長さ、デバイス
terminal-keys-of-cadence = 評価、チェックポイント、ログ
terminal-keys-of-run = 実行: その場所と名前、伝える先
terminal-key-is-list = リスト
terminal-key-is-text = 文字列
terminal-key-is-flag = true / false
terminal-key-is-flag-or-null = true / false / null
terminal-key-is-count = 個数
terminal-key-is-whole = 整数
terminal-key-is-number = 数値
terminal-key-is-map = マップ
terminal-key-has-default = 既定値 { $value }
terminal-key-counts-under = 効くとき: { $when }
terminal-key-counts-never = 読み込まれますが、何も変えません。
# $names, $n
terminal-names-and-more = { $names } ほか { $n }
terminal-fact-group = 分類
terminal-fact-takes = 値
terminal-fact-range = 範囲
terminal-fact-choices = 選択肢
terminal-fact-also = ほかに
terminal-fact-default = 既定値
terminal-fact-counts = 効果
terminal-fact-whose = 由来
terminal-fact-also-named = 別名
terminal-default-none = なし
terminal-counts-never = なし: 読み込まれますが、何も変えません
terminal-counts-always = 常に
terminal-counts-under = { $when } のとき
# $least, $most
terminal-range-within = { $least } から { $most }
# $above, $most
terminal-range-above-within = { $above } より大きく、{ $most } 以下
terminal-range-from = { $least } 以上
terminal-range-above = { $above } より大きい
terminal-range-up-to = { $most } 以下
# $value, $when
terminal-default-under = { $value }（{ $when }）
terminal-default-follows = { $keys } に従う
# $one, $other
terminal-one-then-other = { $one }、{ $other }
# $one, $other
terminal-one-or-other = { $one } または { $other }
# $one, $other
terminal-one-and-other = { $one } かつ { $other }
# $one, $other
terminal-one-or-else = { $one }、または { $other }
# $key, $names
terminal-key-is-one-of = { $key }: { $names }
# $key, $names
terminal-key-is-none-of = { $key }: { $names } 以外
terminal-key-there = { $key } を指定
terminal-key-several = { $key } が複数
terminal-key-absent = { $key } の指定なし
terminal-sweep-runs = { $n } 件の実行
terminal-sweep-steps = 合計 { $n } ステップ
# $rough, $each, $all, $from
terminal-sweep-takes =
    1 件あたり{ $rough ->
        [empty] 約
       *[other] おおよそ
    } { $each }、合計 { $all }（{ $from ->
        [empty] 数ステップ
       *[other] { $from }
    }の速さから）
terminal-sweep-time-unknown = かかる時間は不明です: 似た実行がここで行われたことがありません
# $disk, $free
terminal-sweep-disk = チェックポイント { $disk } GB、空き { $free } GB
# $name, $days, $mb
terminal-sweep-in-trash = { $name }（{ $mb } MB）は { $days } 日間ごみ箱にあります。ページ「モデル」で元に戻すか、ごみ箱を空にできます
terminal-run-is-stopped-early = 早期停止
terminal-run-is-completed = 完了
terminal-run-is-failed = 失敗
terminal-run-is-stopped = 停止
terminal-run-is-queued = 待機中
terminal-run-is-starting = 起動中
terminal-run-is-running = 実行中
terminal-run-is-stopping = 停止中
terminal-run-is-untold = 終わり方は不明
terminal-run-is-unknown = 不明
terminal-column-run = 実行
terminal-column-state = 状態
# $least, $measured
terminal-sweep-matters-from = どのキーが効くかは、結果のある実行が { $least } 件になると示します。今は { $measured } 件です
terminal-sweep-matters = どのキーが効くか（{ $measured } 件の実行から）:
# $key, $correlation, $share
terminal-sweep-key-matters = { $key } 順位相関 { $correlation }   置換 { $share } %
# $computed, $read
terminal-sweep-reference = 参照モデルの log-prob: { $computed } 件が計算、{ $read } 件が読み込み
terminal-import-follows = { $path } を追っています
terminal-import-ended = { $path } は終わりました

## metric: what is measured of a run; a title stands within a sentence, a label in the legend of a chart

metric-loss = loss
    .meaning = 最小化する値。手法の loss をステップの行で平均したもの
metric-rewards-margins = reward margin
    .meaning = chosen の報酬が rejected をどれだけ上回るか（手法自身の報酬）
metric-rewards-accuracies = reward accuracy
    .label = rewards
    .meaning = chosen の報酬の方が高いペアの割合
metric-preference-margins = preference margin
    .meaning = 方策が chosen をトークンあたりどれだけ好むか（nats）。どの手法でも同じ尺度
metric-preference-accuracies = preference accuracy
    .label = preference
    .meaning = 方策がトークンあたり chosen を好む検証ペアの割合。どの手法でも同じ尺度
metric-accuracy = accuracy
    .label = scores
    .meaning = 正しい順に採点されたペアの割合。教師ありでは最も確からしいトークンの割合
metric-mean_token_accuracy = トークンの正解率
    .meaning = 学習するトークンのうち、モデルが最も確からしいとするものの割合
metric-entropy = エントロピー
    .meaning = loss のトークンでの次のトークンの分布の広がり（nats）。0 に近いほど同じことしか言わない
metric-reward = reward
    .meaning = 報酬モデルによる応答の平均得点
metric-objective-kl = 参照モデルとの KL
    .meaning = 方策の応答が参照モデルからどれだけ離れたか（応答あたり nats）
metric-tokens-responses_len_mean = 応答のトークン数
    .label = 学習
    .meaning = 生成した応答の平均の長さ
metric-rewards-chosen = chosen の報酬
    .label = chosen
    .meaning = chosen の平均報酬
metric-rewards-rejected = rejected の報酬
    .label = rejected
    .meaning = rejected の平均報酬
metric-logps-chosen = chosen の log-prob
    .label = chosen
    .meaning = loss が使う chosen の平均 log-prob。両側とも下がるなら尤度の後退の兆し
metric-logps-rejected = rejected の log-prob
    .label = rejected
    .meaning = loss が使う rejected の平均 log-prob
metric-logits-chosen = chosen の logit
    .label = chosen
    .meaning = chosen の各トークンでの logit の語彙平均
metric-logits-rejected = rejected の logit
    .label = rejected
    .meaning = rejected の各トークンでの同じ値
metric-count-chosen = 良い応答の数
    .meaning = 1 ステップの良い応答の数
metric-count-rejected = 悪い応答の数
    .meaning = 1 ステップの悪い応答の数
metric-predict_bleu-4 = BLEU-4
    .meaning = 書かせた返答と正解の返答の一致度（4 文字までの並び、%）
metric-predict_rouge-1 = ROUGE-1
    .meaning = 書かせた返答と正解の返答の一致度（単語、%）
metric-predict_rouge-2 = ROUGE-2
    .meaning = 書かせた返答と正解の返答の一致度（2 単語の並び、%）
metric-predict_rouge-l = ROUGE-L
    .meaning = 書かせた返答と正解の返答の一致度（共通する最長の単語列、%）
metric-completions-mean_length = サンプルのトークン数
    .label = サンプル
    .meaning = サンプル用プロンプトへの応答の平均の長さ
metric-completions-repetition = サンプルの繰り返し
    .meaning = サンプルのうち、すでに出た 4 トークンの並びが繰り返される割合
metric-completions-clipped_ratio = 途中で切れたサンプル
    .meaning = サンプル用プロンプトへの応答のうち、長さの上限で切れたものの割合
metric-objective-kl_coef = KL 係数
    .meaning = KL ペナルティの重み
metric-objective-entropy = エントロピー
    .meaning = 方策自身のトークンに対する平均情報量（nats）
metric-kl = KL 基準
    .meaning = KTO が組み替えた応答から見積もる参照モデルとの KL
metric-delta = 報酬の基準
    .meaning = BCO が良し悪しを分ける報酬の移動平均
metric-sft_loss = loss の教師あり部分
    .meaning = chosen のトークンあたり交差エントロピー
metric-odds_ratio_loss = loss のオッズ比部分
    .meaning = ORPO の第 2 項（beta を掛ける前）
metric-nll_loss = 交差エントロピー
    .meaning = 手法の重みを掛ける前のトークンあたり交差エントロピー
metric-token_weights = トークンの平均重み
    .meaning = 1 トークンの平均の重み
metric-policy_weights = ペアの平均重み
    .meaning = 方策が書く確率による WPO のペアの重み
metric-aux_loss = ルーターの loss
    .meaning = エキスパートの使われ方の偏り
metric-ppo-loss-policy = 方策の loss
    .meaning = PPO のクリップされた方策の目的関数
metric-ppo-loss-value = 価値の loss
    .meaning = 価値ヘッドの二乗誤差
metric-ppo-policy-clipfrac = クリップされた方策更新
    .meaning = 更新がクリップされたトークンの割合
metric-ppo-policy-approxkl = 更新の KL
    .meaning = ステップ内で方策が動いた距離
metric-ppo-val-clipfrac = クリップされた価値更新
    .meaning = 更新がクリップされた価値の割合
metric-ppo-returns-mean = 平均リターン
    .meaning = 割引報酬和の平均
metric-grad_norm = gradient norm
    .label = grad norm
    .meaning = クリップ前の勾配の長さ
metric-learning_rate = learning rate
    .label = learning rate
    .meaning = そのステップの学習率
metric-loss_scale = loss のスケール
    .meaning = f16 の勾配が消えないための倍率
metric-skipped_updates = 飛ばした更新
    .meaning = f16 の勾配が溢れて飛ばした更新の数
metric-tokens_per_second = tokens/s
    .meaning = 1 秒間に学習したトークン数
metric-num_input_tokens_seen = 学習したトークン数
    .meaning = これまでに学習したトークン数
metric-num_tokens = 読んだトークン数
    .meaning = これまでに読んだ全行のトークン数（プロンプトを含む）
metric-memory = 最大メモリ
    .meaning = ワーカー（またはカード）の使用メモリの最大値
metric-machine-cpu = プロセッサー
    .label = 全体
    .meaning = 全コアの使用率（すべてのプログラム）
metric-machine-worker_cpu = プロセッサー（この実行）
    .label = この実行
    .meaning = この実行のワーカーが使う全コアに対する割合
metric-machine-memory = メモリ使用量
    .label = 全体
    .meaning = プログラムが使うメモリ（バイト）。マシン全体、またはサーバーの cgroup
metric-machine-worker_memory = この実行のメモリ
    .label = この実行
    .meaning = この実行のワーカーの常駐メモリ（バイト）
metric-machine-disk_written = ディスクへの書き込み
    .label = この実行
    .meaning = この実行のワーカーが 1 秒間にディスクへ書くバイト数
metric-machine-disk_free = ディスクの空き
    .label = 空き
    .meaning = 実行フォルダーのあるディスクの空きバイト数
metric-machine-card = カードの使用率
    .label = 使用率
    .meaning = この実行のカードが計算していた時間の割合（NVML による）
metric-machine-card_memory = カードのメモリ
    .label = 使用量
    .meaning = この実行のカードのメモリ使用量（バイト、NVML による）
metric-machine-card_watts = カードの消費電力
    .label = カード
    .meaning = この実行のカードの消費電力（ワット、NVML による）
metric-machine-processor_watts = プロセッサーの消費電力
    .label = プロセッサー
    .meaning = プロセッサーの消費電力（ワット、全プログラム、RAPL による）

## chart: the charts of a run

chart-reward = Reward
chart-kl = 参照モデルとの KL
chart-reply-length = 応答のトークン数
chart-reward-margin = Reward margin
chart-accuracy = Accuracy
chart-loss = Loss
chart-rewards = Rewards
chart-log-probs = Log-probs
chart-logits = Logit
chart-preference-margin = Preference margin（トークンあたり）
chart-token-accuracy = トークンの正解率
chart-entropy = エントロピー（トークンあたり）
chart-rate-and-norm = Learning rate と gradient norm
chart-speed = Tokens/s
chart-processor = プロセッサー
chart-memory = メモリ
chart-disk-written = ディスクへの書き込み（毎秒）
chart-disk-free = ディスクの空き
chart-card = カード
chart-card-memory = カードのメモリ
chart-power = 消費電力

## method: when to take a method

method-simpo = 最初の選択に最適。参照モデルなしで高い効果
method-orpo = 模倣と選好を同時に学習。ベースモデルから直接
method-sigmoid = 定番。元のモデルから離れすぎない
method-hinge = 差が十分開いたペアはそれ以上押さない
method-ipo = 少量・ノイズの多いペア向け。有限のマージンを狙う
method-kto-pair = 人の損得感覚で重み付け。偏ったペアに強い
method-cpo = 参照モデルなしで模倣と選好を同時に学習。手本にしたい chosen 向け
method-robust = 一定割合のラベルが逆だと分かっているペア向け
method-exo-pair = 厳密な最適解を狙う。差を広げ続けず、目標で止まる
method-nca-pair = rejected を下げつつ chosen の確率を保つ
method-bco-pair = 移動平均を基準に良し悪しを判別。偏ったデータ向け
method-sppo-hard = 両方の応答を固定の目標へ。自己対戦の反復向け
method-aot = ペアデータ向け。バッチ内のマージンを分布として比較。1 バッチに複数ペアが必要
method-aot-pair = ペアでないデータ向け。全分位で chosen を上に。1 バッチに複数ペアが必要
method-apo-zero = chosen がモデルの出力より良い場合に
method-apo-down = chosen がモデルの出力より劣る場合に
method-discopop = 言語モデルが発見した損失の混合。実験向け
method-mpo = DPO・BCO・模倣の和。長い推論や視覚データ向け
method-kto = 良い・悪いの印が付いた単独の応答から学習。ペアは分解して使用
method-sft = 応答例から学習。選好の前段階
method-pt = テキストから言語や分野を学習
method-rm = ペアから応答の採点を学習。PPO に必要
method-ppo = 応答を生成し、報酬モデルの得点から学習

## report: a comparison as an HTML file

report-title = 実行の比較
report-run = 実行
report-time = 時間
report-memory = メモリー
report-baseline = 基準
report-charts = グラフ
report-configs = 設定
report-hidden = グラフに非表示
report-note = 等幅の列は設定の異なるキー、太字は列の最良値です。
report-means = 線は同じ値の実行の平均、帯は最小から最大までです。
