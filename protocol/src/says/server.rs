//! What the board's server does not find, and what names of runs, models and data sets lead to.

super::sentences! {
    SERVER

    no_webhook(): "there is no webhook to try; set its address first", "試す Webhook がありません。先にアドレスを設定してください", "没有可测试的 Webhook：请先设置地址";
    probe_going(): "a run's speed is being measured already; wait for it or stop it", "実行速度を測定中です。終わるまで待つか、止めてください", "正在测量运行速度；请等待或停止它";
    probe_beside_run(): "a run is going, and the two would slow each other down; measure when it is over", "実行中のものがあり、互いに遅くなります。終わってから測ってください", "有运行正在进行，两者会互相拖慢；请在其结束后测量";
    probe_of_ppo(): "steps of stage ppo tell no time: it goes into replies, whose length changes", "ppo は応答の長さが変わるため、数ステップでは時間が分かりません", "ppo 的时间取决于不断变化的回复长度，几步无法估算";
    probe_stopped(): "measuring was stopped", "測定を止めました", "测量已停止";
    no_such_run(id): "there is no run {id}", "実行 {id} はありません", "没有运行 {id}";
    run_lacks(name): "the run has no {name}", "この実行に {name} はありません", "该运行没有 {name}";
    run_lacks_checkpoint(name): "the run has no checkpoint `{name}`", "この実行にチェックポイント `{name}` はありません", "该运行没有检查点 `{name}`";
    run_without_pairs():
        "the run has no held-out pairs that were kept one by one: it is scored on none, or was not evaluated yet",
        "この実行には 1 件ずつ保存された評価用のペアがありません。ペアで評価していないか、まだ評価されていません",
        "该运行没有逐条保存的留出成对数据：未在成对数据上评估，或尚未评估";
    no_such_pair(pair): "the run has no held-out pair {pair}", "この実行に評価用のペア {pair} はありません", "该运行没有留出的成对数据 {pair}";
    no_such_evaluation(): "the run has no such evaluation of its pairs", "この実行にその時点のペアの評価はありません", "该运行没有这一步的成对数据评估";
    no_evaluation(id): "there is no evaluation {id}", "評価 {id} はありません", "没有评估 {id}";
    run_without_checkpoint(): "the run has no checkpoint", "この実行にチェックポイントがありません", "该运行没有检查点";
    run_name_taken(name): "there is a run named {name} already", "{name} という名前の実行がすでにあります", "已有名为 {name} 的运行";
    run_name_bad():
        "a run's name has 1 to 120 characters, no slashes or control characters, and no dot in front",
        "実行の名前は 1 から 120 文字で、スラッシュ、制御文字、先頭のドットは使えません",
        "运行名称须为 1 到 120 个字符，不能包含斜杠或控制字符，也不能以点开头";
    key_is_the_boards(key):
        "the board sets {key} itself: take the line out",
        "{key} はボードが自動で設定します。この行を消してください",
        "{key} 由面板自行设置：请删去这一行";
    webhook_failed(host, why): "the webhook at {host} was not told: {why}", "Webhook（{host}）に通知できませんでした: {why}", "无法通知 {host} 的 Webhook：{why}";
    no_such_download(): "there is no such download", "そのダウンロードはありません", "没有这个下载";
    no_such_dataset(name): "there is no data set {name}", "データセット {name} はありません", "没有数据集 {name}";
    no_register_entry(name): "the register has no entry {name}", "登録簿に {name} という項目はありません", "登记表中没有 {name} 这一项";
    no_such_file(path): "there is no file {path}", "ファイル {path} がありません", "没有文件 {path}";
    name_file_in_folder():
        "that is a folder: name a file in it, or take the archive",
        "それはフォルダーです。中のファイルを指定するか、アーカイブを使ってください",
        "那是文件夹：请指定其中的文件，或下载压缩包";
    no_such_address(): "there is no such address", "そのアドレスはありません", "没有这个地址";
    no_board_file(): "there is no such file", "そのファイルはありません", "没有这个文件";
    no_api_address():
        "the API has no such address; /api/openapi.json lists them",
        "API にそのアドレスはありません。一覧は /api/openapi.json にあります",
        "API 没有这个地址；/api/openapi.json 列出所有地址";
    gone_meanwhile(why): "it is not there (any more): {why}", "もうありません: {why}", "它已不存在：{why}";

    no_model_at(path):
        "there is no model at {path}: a folder, a GGUF file or a folder of the hub's cache is needed",
        "{path} にモデルがありません。フォルダー、GGUF ファイル、ハブのキャッシュのフォルダーのいずれかを指定してください",
        "{path} 处没有模型：需要文件夹、GGUF 文件或 hub 缓存的文件夹";
    hub_model_not_here(name):
        "{name} of the hub is not here yet: download it first (Models, Download)",
        "ハブの {name} はまだここにありません。先にダウンロードしてください（モデル → ダウンロード）",
        "hub 上的 {name} 还不在本机：请先下载（模型 → 下载）";
    no_model_named(name, folder):
        "there is no model {name}: neither a run, a folder below {folder}, an absolute path, nor a hub model that was downloaded (Models, Download)",
        "モデル {name} はありません。実行、{folder} の下のフォルダー、絶対パス、ダウンロード済みのハブのモデル（モデル → ダウンロード）のいずれでもありません",
        "没有模型 {name}：它不是运行、{folder} 下的文件夹、绝对路径，也不是已下载的 hub 模型（模型 → 下载）";
    run_not_begun(name): "{name} has not run yet", "{name} はまだ実行されていません", "{name} 还没有运行";
    named_run_without_checkpoint(name): "{name} has no checkpoint", "{name} にチェックポイントがありません", "{name} 没有检查点";
    named_run_lacks(name, part): "{name} has no {part}", "{name} に {part} はありません", "{name} 没有 {part}";
    run_without_base(name):
        "the config of {name} does not say which model its adapter belongs to",
        "{name} の設定に、アダプターがどのモデルのものか書かれていません",
        "{name} 的配置没有说明其适配器属于哪个模型";
    reference_not_whole():
        "a reference of its own must be a whole model; merge this checkpoint first",
        "別の参照モデルには、マージ済みのモデルが必要です。先にこのチェックポイントをマージしてください",
        "单独的参考模型必须是完整模型；请先合并这个检查点";
    reward_is_adapter(name):
        "{name} is an adapter: reward_model_type must be lora",
        "{name} はアダプターです。reward_model_type を lora にしてください",
        "{name} 是适配器：reward_model_type 须为 lora";
    holds_no_adapter(name):
        "{name} holds no adapter (no adapter_config.json)",
        "{name} にアダプターがありません（adapter_config.json がありません）",
        "{name} 中没有适配器（没有 adapter_config.json）";
    add_dataset(name):
        "there is no data set {name}; add it under Data",
        "データセット {name} はありません。「データ」で追加してください",
        "没有数据集 {name}；请在“数据”中添加";
    bad_search(field):
        "a search has no field `{field}`: it is neither a key of a config nor a metric that was logged",
        "検索に {field} という項目はありません。設定のキーでも、記録されたメトリクスでもありません",
        "搜索没有字段 {field}：它既不是配置的键，也不是已记录的指标";
    bad_sort(column):
        "runs have no column `{column}`",
        "実行に {column} という列はありません",
        "运行没有列 {column}";
    bad_limit(most):
        "`limit` is from 1 to {most}",
        "`limit` は 1 から {most} までです",
        "`limit` 应在 1 到 {most} 之间";
}
