### Corral 的中文：en.ftl 的翻译。

## language: the language itself: what the switch calls it

language-name = 中文
language-letter = 中

## common: what several pages use

common-cancel = 取消
common-close = 关闭
common-copy = 复制
common-copied = 已复制
common-delete = 删除
common-save = 保存
common-undo = 撤销
# $name, $bytes, $days
common-trashed = 已删除 { $name }：其 { $bytes } 会在回收站保留 { $days } 天
# $n, $bytes, $days
common-trashed-n = 已删除 { $n } 项：其 { $bytes } 会在回收站保留 { $days } 天
common-retry = 重试
common-more = 更多
common-none = 无
common-search = 搜索
common-loading = 加载中…
common-chosen = chosen
common-rejected = rejected
common-step = 步

common-state-queued = 排队中
common-state-starting = 启动中
common-state-running = 运行中
common-state-stopping = 正在停止
common-state-completed = 已完成
common-state-stopped = 已停止
common-state-failed = 失败
common-state-untold = 未记录结束
common-state-unknown = 未知

common-offline-title = 无法连接服务器
common-offline-mend = 重新启动后，本页会自动恢复。
common-offline-mend-by = 用以下命令重新启动后，本页会自动恢复：
common-part-missing = 无法从服务器获取面板的这一部分。
common-not-found = 此地址没有内容。
common-unreadable-answer = 无法读取服务器的响应：{ $what }

common-seconds = { $n } 秒
common-minutes = { $n } 分钟
# $m, $s
common-minutes-seconds = { $m } 分 { $s } 秒
# $h, $m
common-hours-minutes = { $h } 小时 { $m } 分
# $d, $h
common-days-hours = { $d } 天 { $h } 小时
common-just-now = 刚刚
common-ago = { $d }前

## shell: the frame around every page: rail, palette, list of keys

shell-home = 首页
shell-runs = 运行
shell-new-run = 新建运行
shell-data = 数据
shell-models = 模型
shell-evaluate = 评估
shell-chat = 对话
shell-navigation = 主导航
shell-skip = 跳到正文
shell-going = { $n } 个正在运行
# $n, $q
shell-going-and-queued = { $n } 个运行中，{ $q } 个排队
shell-going-now = 正在运行
shell-pinned = 已固定
shell-cards = 显卡
shell-card-memory = 显存
# $used, $total
shell-card-memory-of = { $used } / { $total }
shell-card-run = 前往此显卡上的运行
shell-ends-in = 剩余 { $d }
shell-progress = 进度
shell-licences = 字体与程序库的许可证
shell-back-home = 返回运行列表
shell-not-found-text = 地址可能有误，或其内容已不存在。
shell-live = 已连接
shell-catching-up = 同步中
shell-offline = 已断开
shell-live-hint = 所见即最新。
shell-catching-up-hint = 正在获取期间的变化。
shell-offline-hint = 无法连接服务器，正在自动重连。
shell-language = 界面语言
shell-theme = 主题
shell-theme-light = 浅色
shell-theme-dark = 深色
shell-theme-system = 跟随系统
shell-updated = Corral 已更新。重新加载页面即可使用新版本。
shell-reload = 重新加载

shell-palette = 查找运行、模型、数据、页面和操作
shell-palette-placeholder = 输入名称或操作
shell-palette-none = 没有匹配项。
shell-palette-page = 页面
shell-palette-run = 运行
shell-palette-model = 模型
shell-palette-data = 数据
shell-palette-action = 操作
shell-run-demo = 运行演示

shell-keys = 快捷键
shell-keys-palette = 查找任何内容
shell-keys-help = 显示本列表
shell-keys-field = 字段的含义
shell-keys-go = 前往{ $page }
shell-keys-search = 在表格中搜索
shell-keys-rows = 在行间移动
shell-keys-open = 打开该行
shell-keys-select = 选择该行
shell-keys-evaluation = 样本对：上一次或下一次评估
shell-keys-escape = 关闭或清除选择
shell-keys-then = 然后

## home: the first page

home-attention = 需要关注
home-all-well = 没有。
home-verdicts = 最近的结果
home-no-verdict = 还没有结束的运行。
home-all-runs = 全部 { $n } 个运行
home-nothing-goes = 当前没有运行。
home-more-going = 另有 { $n } 个正在运行
home-waiting = { $n } 个运行在排队
home-of-sweep = { $of } 个运行中 { $n } 个：{ $says }
home-best-of = 最佳（{ $point }）：{ $says }
home-ends = 预计 { $time } 结束

## runs: the runs table

runs-take-in = 导入运行
runs-take-in-title = 导入其他程序的运行
runs-take-in-text = LLaMA-Factory 与 transformers 的输出文件夹、TensorBoard 文件夹、MLflow 的 mlruns 以及 W&B 导出的历史（CSV、JSON）会成为可查看、可比较的运行。原文件不会改动。
runs-take-in-path = 路径
runs-take-in-path-hint = 服务器上的文件或文件夹；其下所有运行
runs-take-in-name = 名称
runs-take-in-name-hint = 留空则用原名
runs-take-in-file = 选择文件
runs-take-in-verb = 导入
runs-take-in-left-out = 其余已导入；以下未导入：
runs-taken-in = 已导入 { $n } 个运行
runs-import = 导入 LLaMA-Factory 配置
# $cores, $free, $all, $disk
runs-machine = 本机：{ $cores } 核，内存可用 { $free } / { $all }，磁盘可用 { $disk }。
runs-machine-cards = 训练在 { $names } 上运行。
runs-machine-cpu-why = 训练在 CPU 上运行：{ $why }。
runs-machine-cpu = 训练在 CPU 上运行。
runs-title = 运行
runs-new-run = 新建运行
runs-search = 搜索，或 loss:simpo acc>0.9 -词
runs-unknown-field = 没有字段 { $names }。可用的有 name、loss、state、model、data、tag、note、health 及所有配置项；可比较 acc、margin、lr、step、time 及所有指标。
runs-filter-state = 状态
runs-filter-loss = Loss
runs-filter-model = 模型
runs-filter-health = 健康
runs-filter-tag = 标签
runs-filter-none = 暂无可选项。
runs-archived = 已归档
runs-clear-filters = 清除筛选
runs-columns = 列
runs-columns-find = 查找配置项或指标
runs-columns-reset = 默认列
# $n, $total
runs-shown = { $n } / { $total }
runs-count = { $n } 个运行

runs-col-name = 名称
runs-col-loss = loss
runs-col-model = 模型
runs-col-data = 数据
runs-col-step = 步
runs-col-acc = acc
runs-col-margin = margin
runs-col-eval-loss = eval loss
runs-col-health = 健康
runs-health-bad = 结果不可用
runs-health-warning = 可以更好
runs-health-note = 供参考
runs-health-well = 未发现问题
runs-col-lr = lr
runs-col-time = 用时
runs-col-spark = 走势
runs-col-created = 创建于
runs-col-peak = 内存峰值
runs-col-tags = 标签

runs-made-worse = 比训练前更差
runs-as-of = 在第 { $step } 步评估
runs-in-queue = 排队 { $n }
runs-earlier = 提前
runs-later = 推后
runs-take-out = 移出队列
runs-earlier-of = 提前 { $name }
runs-later-of = 推后 { $name }
runs-take-out-of = 将 { $name } 移出队列
runs-select = 选择 { $name }
runs-select-all = 全选所列
runs-sort-by = 按 { $col } 排序
runs-preview = 预览
runs-preview-open = 打开
runs-pin = 固定到侧栏
runs-unpin = 取消固定

runs-selected = 已选 { $n } 个
runs-compare = 比较
runs-compare-hint = 请选择两个或更多
runs-tag = 打标签
runs-tag-title = 为所选运行打标签
runs-tag-label = 标签
runs-archive = 归档
runs-unarchive = 取消归档
runs-archived-n = 已归档 { $n } 个运行
runs-unarchived-n = 已取消归档 { $n } 个运行
runs-tagged-n = 已为 { $n } 个运行打标签
runs-clear-selection = 清除选择
runs-delete-title = 删除 { $n } 个运行？
runs-delete-text = 其曲线、检查点和日志会移入回收站并保留 7 天。位于数据目录之外的只从列表中移除。

runs-empty-title = 还没有运行
runs-empty-text = 运行及其训练曲线会列在这里。演示会在本机用不到一分钟调优一个小模型。
runs-no-match = 没有符合条件的运行。

## run: the run page, and charts

run-imported = 已导入
# $program, $path
run-imported-from = 从 { $program } 导入：{ $path }。可查看和比较；这里没有可训练、对话或下载的内容。
run-merged-here = 合并
run-merged-from = 合并自 { $path }。
run-by-script = 脚本
run-told-by = 由你的脚本记录：{ $path }。可查看和比较；请在其运行处停止。
run-title = 运行
run-gone = 该运行已不存在。
run-back = 全部运行
run-rename = 重命名运行
run-stop = 停止
run-stop-save = 保存并停止
run-stop-save-hint = 完成当前步并写入检查点
run-stop-now = 立即停止
run-stop-now-hint = 保留最近写入的检查点
run-cancel-queued = 移出队列
run-more = 此运行的更多操作
run-resume = 继续训练
run-resume-from = 从第 { $step } 步继续
run-resume-at = 从 { $checkpoint } 继续
run-damaged = 最新的检查点已损坏
run-start-over = 从头重新开始
run-back-to-queue = 放回队列
run-actions = 操作
run-again = 修改后重新训练
run-next-stage = 以此为起点进入下一阶段
run-archive = 归档
run-unarchive = 取消归档
run-delete = 删除…
run-delete-title = 删除此运行？
run-delete-text = “{ $name }”的曲线、检查点和日志会移入回收站并保留 7 天。位于数据目录之外的只从列表中移除。
run-delete-used = 以其结果为起点的运行：{ $names }。

run-tab-overview = 概览
run-tab-config = 配置
run-tab-checkpoints = 检查点
run-tab-log = 日志
run-tab-files = 文件
run-tabs = 运行内容

# $step, $total
run-step-of = 第 { $step } / { $total } 步
run-step-only = 第 { $step } 步
run-left = 剩余 { $d }
run-took = 用时 { $d }
run-since = 已运行 { $d }
run-tokens-s = { $n } tokens/s
run-peak = 峰值 { $n }
run-queue-place = 正在等待设备：队列第 { $n } 位。
run-queue-first = 设备空闲后立即开始。
run-health = 健康检查
run-health-well = 已检查 { $n } 项，未发现问题
run-health-show = 查看图表
run-health-show-of = 查看图表：{ $finding }
# $from, $to
run-shaded = 已标出第 { $from } 到 { $to } 步
run-health-try = 以 { $changes } 重新训练
run-health-use = 与 { $checkpoint } 对话
run-phase-loading = 正在加载模型
run-phase-tokenizing = 正在对数据分词
run-phase-reference = 正在计算参考模型的 log-prob
run-phase-training = 训练中
run-phase-evaluating = 正在用留出数据评估
run-phase-sampling = 正在回答样例提示
run-phase-predicting = 正在为留出提示生成回复
run-phase-saving = 正在写入检查点
run-phase-merging = 正在合并
run-starting = 工作进程正在启动
run-stopping = 正在停止：写入检查点

# $after, $before
run-prefers = 在 { $after } 的留出样本对中偏好 chosen 回复（训练前：{ $before }）
run-prefers-alone = 在 { $after } 的留出样本对中偏好 chosen 回复
# $after, $before
run-scores = 在 { $after } 的留出样本对中给 chosen 更高的评分（训练前：{ $before }）
# $after, $before
run-rewarded = 留出提示的平均奖励从 { $before } 变为 { $after }
run-use-in-ppo = 用它进行 PPO 训练
# $after, $before
run-loss-fell = 留出集 loss 从 { $before } 变为 { $after }
run-loss-is = 留出集 loss { $after }
run-outcome = 结果
run-finished = 运行已完成
run-taken-out = 在开始前已移出队列
run-never-began = 在第一步之前已停止
run-not-evaluated = 自第 0 步后未再评估：训练带来的变化没有测量
# $sentence, $step
run-as-of = { $sentence }（截至第 { $step } 步）
run-worse = 比训练前更差。{ $sentence }
run-worse-hint = 通常是学习率过大或训练过长。请查看曲线在何处转折，再用更小的学习率重新训练。
run-stopped-at = 已在第 { $step } 步停止
run-stopped-without = 已在第 { $step } 步停止，没有写入检查点
run-stopped-early = 已在第 { $step } 步停止，检查点已保留
run-chat-with = 与它对话
run-download-merged = 下载合并模型
run-merging = 合并中 { $share }
run-export = 导出
run-export-what = 其他形式
run-export-form-hint = 供 llama.cpp、Ollama、LM Studio 使用的 GGUF 文件（附 Modelfile），或所选类型的 safetensors。均附说明卡与校验和。
run-stop-export = 停止（不保留任何内容）
run-merge-failed = 合并失败
run-download-adapter = 适配器
run-download-config = 配置与指标

run-failed = 运行失败
run-failed-at = 运行在第 { $step } 步失败
run-last-words = 日志末尾
run-whole-log = 完整日志

run-parting = chosen 与 rejected
run-parting-reference = 相对参考模型的 log-prob × β
run-parting-alone = log-prob × β
run-parting-scores = 回复的评分
run-margin-now = margin { $n }
run-flag-best = 目前最佳：第 { $step } 步
run-flag-kept = 最佳：checkpoint-{ $step }
run-train = 训练
run-eval = 留出
run-smoothing = 平滑
run-log-scale = 对数
run-log-hint = 纵轴使用对数刻度
run-clip-outliers = 裁去离群值
run-clip-hint = 使纵轴适合 96 % 的数值
run-as-table = 显示为表格
run-as-table-of = { $title }：表格
run-save-chart = 下载 { $title }
run-full-width = 全宽显示
run-full-width-of = { $title }：全宽
run-hide-line = 隐藏或显示此线
run-more-lines = 另有 { $n } 条
run-chart-keys = 方向键可在各步间移动。
run-x-axis = 横轴
run-x-step = 步
run-x-epoch = 轮
run-x-time = 时间
run-zoom-back = 完整范围
run-zoom-hint = 拖动放大，双击还原
run-export-csv = CSV
run-export-hint = 以 CSV 下载全部记录值
run-at-step = 第 { $n } 步
run-at-epoch = 第 { $n } 轮
# $name, $first, $last
run-chart-line = { $name }：从 { $first } 到 { $last }。
run-no-points = 记录第一步后曲线即会出现。
run-no-points-ever = 此运行没有记录任何一步。

run-facts = 基本信息
run-fact-model = 模型
run-fact-method = 方法
run-fact-data = 数据
run-fact-eval-data = 留出数据
run-fact-rows = 行数
# $train, $eval
run-rows-split = 训练 { $train }，留出 { $eval }
run-rows-streamed = 流式读取，留出 { $eval }
run-fact-params = 可训练参数
# $some, $all, $share
run-params-of = { $all } 中的 { $some }（{ $share }）
run-fact-device = 设备
run-fact-created = 创建于
run-fact-parent = 起点
run-fact-folder = 文件夹
run-fact-peak = 内存峰值
run-fact-energy = 能耗
run-tags = 标签
run-add-tag = 添加标签
run-remove-tag = 移除标签 { $tag }
run-note = 备注
run-note-placeholder = 这次运行的目的和结论
run-data-read = 数据行
# $name, $n
run-rows-cut = { $name }：{ $n } 行按最大长度截断
# $name, $n
run-rows-left-out = { $name }：排除了 { $n } 行
# $row, $reason
run-row-reason = 第 { $row } 行：{ $reason }
run-notices = 提示

run-config-yaml = YAML
run-config-hint = 完整配置：已写出全部默认值。
run-command = 命令行
run-differs = 与该方法的推荐值不同
run-recommended = 推荐：{ $value }

run-checkpoint = 检查点
run-best = 最佳
run-best-hint = eval loss 最低；checkpoint-best 指向这里
run-size = 大小
run-written = 写入时间
run-no-checkpoints = 还没有检查点。
run-no-checkpoints-text = 每隔 save_steps 步、运行结束时以及保存并停止时写入。

run-log-empty = 日志暂无内容。
run-follow = 跟随末尾
run-log-cut = 仅显示末尾；完整日志见“文件”。

run-files-none = 还没有文件。
run-file = 文件
run-checksum = SHA-256
run-checksums = 计算校验和
run-archives = 下载
run-merged-what = 合并后的检查点
run-merged-hint = 基座与适配器合成一个 Hugging Face 文件夹，可在任何地方直接加载。
run-adapter-hint = 仅 LoRA，PEFT 格式；体积小，需配合基座模型。
run-config-files-hint = config.yaml、事件与指标。
run-load-transformers = 用 transformers 加载合并模型
run-load-peft = 用 PEFT 加载适配器
run-all-files = 全部文件

## samples: the samples: the run's tab, the comparison, and their cost in the form

samples-tab = 样例

samples-none-title = 此运行没有样例
samples-none-asked = 未要求在训练途中写回复。设定样例提示后，下次运行会在训练前、每次评估和结束时回答相同的提示，并在此并排显示。
samples-none-scores = 奖励模型只评分，不写文字。
samples-none-yet = 首批回复会在训练开始前出现。
samples-none-recorded = 在回答提示前已结束，或没有可用的留出提示。
samples-again = 带样例重新训练

samples-step = 步
samples-step-at = 第 { $step } 步
samples-earlier = 更早一步
samples-later = 更晚一步
samples-play = 播放
samples-pause = 暂停
samples-play-hint = 每秒前进两步
samples-keys = j k 提示 · ← → 步 · space 播放
samples-thinned = 中间有 { $n } 步未保留
samples-answering = 模型正在回答

samples-grid = 提示与步的表格
samples-prompt = 提示
samples-number = 提示 { $n }
samples-own = 自定
samples-own-hint = 自定提示，不是留出数据
samples-tokens = { $n } token
samples-cut-off = 被截断
samples-cut-off-hint = 达到长度上限
samples-repeats = 重复 { $share }
samples-repeats-hint = 重复出现的四 token 片段所占比例
samples-empty = 空
samples-refuses = 拒绝？
samples-refuses-hint = 开头像拒绝回答
# $n, $step
samples-open-cell = 提示 { $n }，第 { $step } 步

samples-mean-length = 平均长度
samples-repetition = 重复
# $name, $first, $last
samples-curve-says = { $name }从 { $first } 变为 { $last }。

samples-side-by-side = 并排比较
samples-against = 对比
samples-data-says = 数据中的回复
samples-same-text = 文字相同
samples-ask = 在聊天中提问
samples-ask-hint = 将提示发给训练前的模型和此模型
samples-close = 返回表格

samples-compare-title = 各模型的回复
samples-compare-text = 对相同提示的最新回复；标出首个运行没有的词
samples-compare-none = 这些运行没有相同的提示。
samples-not-asked = 未提问
samples-more-runs = 另有 { $n } 个写回复的运行未显示
samples-more-prompts = 另有 { $n } 条提示

samples-own-placeholder = 天空为什么是蓝色的？
samples-own-note = 每行一条；对话用 JSON：{ "{" }"messages": […], "tools": […]{ "}" }
# $prompts, $times, $tokens
samples-cost = 样例：{ $prompts } × 回答 { $times } 次 × 最多 { $tokens } token
# $prompts, $tokens
samples-cost-open = 样例：{ $prompts } × 每次评估 × 最多 { $tokens } token
samples-cost-total = 合计最多 { $tokens } token，逐个生成，训练等待其完成
samples-cost-time = 在本机生成最多约需 { $time }
samples-cost-time-unknown = 所需时间未知：本机上还没有这种规模的运行生成过样本
samples-cost-of-runs = × { $n } 个运行
samples-prompts = { $n } 条提示

## pairs: the held-out pairs: the run's tab, and its half of the comparison

pairs-tab = 样本对
pairs-title = 留出样本对
pairs-see-wrong = 查看判错的样本对

pairs-none-title = 没有可查看的样本对
pairs-none-stage = 该阶段不从成对回复中学习。
pairs-none-labelled = 单独带标签的回复不成对。若数据集对同一提示有两条回复，KTO 也会显示。
pairs-none-held-out = 没有留出数据。设置 val_size 或 eval_dataset 后，下次运行会在此逐对显示结果。
pairs-none-yet = 第一次评估后会在此显示。
pairs-none-recorded = 没有逐对记录：由较早版本训练，或在第一次评估前已结束。重新训练即可查看。
pairs-none-foreign = 此运行由其他程序训练；只有在此训练的运行才保留样本对。
pairs-left-out = 另有 { $n } 对未列出

pairs-filters = 显示哪些样本对
pairs-all = 全部
pairs-wrong = 判错
pairs-wrong-hint = 按每个 token 计，rejected 的概率不低于 chosen
pairs-to-right = 变为判对
pairs-to-right-hint = 首次评估判错，本次判对
pairs-to-wrong = 变为判错
pairs-to-wrong-hint = 首次评估判对，本次判错
pairs-never-right = 从未判对
pairs-never-right-hint = 截至本次的每次评估都判错
pairs-longest = 最长
pairs-longest-hint = token 数多于九成的样本对
pairs-duplicate = 提示重复
pairs-duplicate-hint = 另有样本对使用相同提示
pairs-marked = 已标记
pairs-train-marked = 按标记重新训练
pairs-train-marked-hint = 以相同配置新建运行；开始前交换标注有误的样本对的回复，并去除不合适的样本对
pairs-marked-hint = 已标为标注有误或不合适

pairs-histogram = 边际
# $wrong, $right
pairs-histogram-says = 样本对的边际：判错 { $wrong }，判对 { $right }。
pairs-histogram-hint = 拖动以筛选范围
pairs-histogram-keys = 方向键选择区间，按住 Shift 扩展范围，Escape 选择全部。
# $from, $to
pairs-bin = { $from } 至 { $to }
pairs-up-to = 至多 { $to }
pairs-above = 大于 { $from }
pairs-pairs-in = { $n } 对
# $n, $all
pairs-pairs-of = { $all } 对中的 { $n } 对
pairs-all-margins = 全部边际
pairs-margin = 边际
pairs-margin-hint = chosen 每个 token 的平均 log-prob 减去 rejected 的
pairs-change = 变化
pairs-change-hint = 边际自首次评估以来的变化；第三次点击按大小排序
pairs-moved = |变化|
pairs-moved-hint = 变化的大小，不论方向
pairs-length = Δ 长度
pairs-length-hint = chosen 与 rejected 的 token 数之差
pairs-sort-by = 按{ $name }排序
pairs-list = 样本对列表
pairs-nothing-listed = 没有符合条件的样本对。
pairs-list-all = 显示全部样本对
pairs-number = 样本对 { $n }
pairs-right = 判对
pairs-still-wrong = 判错

pairs-step = 评估
pairs-step-at = 第 { $step } 步
pairs-earlier = 上一次评估
pairs-later = 下一次评估
pairs-only-step = 目前只有一次评估，第二次起可见变化。
pairs-keys = j k 样本对，[ ] 评估

pairs-pair = 所选样本对
pairs-pick = 选择一个样本对
pairs-pick-text = 此处显示提示、两条回复以及训练带来的变化。
pairs-back-to-list = 全部样本对
pairs-gone = 没有此编号的样本对。
pairs-prompt = 提示
pairs-tokens = { $n } 个 token
# $before, $after
pairs-per-token = 每个 token { $before } → { $after }
pairs-per-token-now = 每个 token { $after }
# $before, $after
pairs-reward-went = 奖励 { $before } → { $after }
pairs-cut = 已达最大长度：可能被截断
pairs-likelier-tokens = { $n } 个 token 更可能
pairs-less-likely-tokens = { $n } 个 token 更不可能
# $up, $down
pairs-moved-tokens = 与首次评估相比：{ $up }，{ $down }。
# $up, $down
pairs-tokens-apart = 与参考模型相比：{ $up }，{ $down }。
pairs-log-prob-went = log-prob { $change }
# $before, $after
pairs-token-was = p { $before } → { $after }
pairs-token-is = p { $after }
# $own, $reference
pairs-token-under = p { $own }，参考模型下 { $reference }
# $before, $first, $after, $last
pairs-token-between = p 第 { $first } 步 { $before }，第 { $last } 步 { $after }
pairs-token-keys = { $reply }：方向键在 token 间移动
# $step
pairs-tint-reference = 着色：第 { $step } 步的 log-prob 减去参考模型的 log-prob
# $step
pairs-tint-following = 着色：第 { $step } 步的 log-prob 减去当时参考模型的 log-prob（参考模型跟随训练中的模型）
# $last, $first
pairs-tint-key = 着色：第 { $last } 步的 log-prob 减去首次评估（第 { $first } 步）的 log-prob（没有参考模型的 log-prob）
# $first, $last
pairs-tint-first = 无着色：第 { $first } 步是着色所比较的评估。单个 token 的 log-prob 只保留在此处和第 { $last } 步。
# $first, $last
pairs-tint-first-following = 无着色：参考模型跟随训练中的模型，其单个 token 的 log-prob 只保留第 { $last } 步时的，没有第 { $first } 步的。
# $step, $first, $last
pairs-tint-between = 无着色：单个 token 的 log-prob 保留在第 { $first } 步和第 { $last } 步，第 { $step } 步没有。
pairs-reference = 参考模型
pairs-difference = 差值
pairs-likelier = 更可能
pairs-less-likely = 更不可能
pairs-no-tokens = 纯文本：最多为 { $most } 个样本对（边际变化最大者）保留逐 token 的 log-prob，此对没有。
pairs-no-tokens-of-rewards = 纯文本：奖励模型对整条回复打分，各 token 没有 log-prob。
pairs-score-tokens = 计算各 token 的分数
pairs-scoring-tokens = 计算中…
pairs-score-cost = 需加载训练前和现在的模型；若参考模型是另一个模型，也需加载。
pairs-curve = 各次评估的边际
# $first, $last
pairs-curve-says = 各次评估的边际：从 { $first } 到 { $last }。
pairs-reward-margin = 奖励边际

pairs-ask-both = 询问两个模型
pairs-ask-hint = 用此提示打开对话：训练前与训练后的模型
pairs-mislabelled = 标为标注有误
pairs-is-mislabelled = 已标为标注有误
pairs-exclude = 标为不合适
pairs-is-excluded = 已标为不合适
pairs-unmark-hint = 再次点击可取消标记

pairs-compare-text = 两次运行中相同的留出样本对。点击格子可列出其样本对。
pairs-both-right = 两者都判对
pairs-both-wrong = 两者都判错
pairs-only-right = 仅 { $name } 判对
pairs-first-run = 第一个运行
pairs-second-run = 第二个运行
pairs-against = 对比
pairs-margin-in = { $name } 的边际
pairs-open-in = 在 { $name } 中打开

## new-run: the page "New run"

new-run-title = 新建运行
new-run-model = 模型
new-run-data = 数据
new-run-method = 方法
new-run-training = 训练
new-run-import = 导入 YAML
new-run-start-over = 重新填写
new-run-start = 开始
new-run-queue = 加入队列
new-run-starting = 正在启动…
new-run-queue-hint = 有 { $n } 个运行正在进行，有空位后即开始。
new-run-from-run = 沿用 { $name } 的设置。
# $name, $changes
new-run-from-run-with = 沿用 { $name } 的设置，并改为 { $changes }。
new-run-next-of = 下一阶段：从 { $name } 的结果继续。
new-run-run-missing = 地址中的运行不存在。

new-run-advanced = 高级
new-run-changed = 已偏离推荐值
new-run-back-to = 恢复为 { $value }
new-run-back-to-none = 移除

new-run-choose-model = 起始模型
new-run-write-model = 路径或 Hub 名称
new-run-write-model-hint = /path/to/folder 或 owner/name
new-run-pick-listed = 从列表选择
# $family, $params, $dtype, $context
new-run-model-facts = { $family } · { $params } 参数 · { $dtype } · 上下文 { $context }
new-run-goes-on = 从该适配器继续训练；参考模型为其当前状态。
new-run-no-template = 此模型没有对话模板，请在“数据”中选择。

new-run-choose-data = 数据集
new-run-add-data = 添加数据
# $kind, $stage, $needs
new-run-unfit = { $kind }：{ $stage } 需要{ $needs }
new-run-needs-pairs = { " " }chosen 与 rejected 的偏好对
new-run-needs-labels = 标注好坏的回复或偏好对
new-run-needs-replies = 每个提示对应的回复
new-run-needs-text = 纯文本或回复
new-run-needs-prompts = 提示
new-run-no-rows = 没有可用的行
new-run-rows = { $n } 行
new-run-some-bad = 排除 { $n } 行
# $n, $all, $median
new-run-longer = { $all } 行中有 { $n } 行超出长度，将被截断（中位数 { $median } 个 token）。
new-run-keep-most = { $n } 可保留 95 %
new-run-suggested-template = LLaMA-Factory 为此模型使用的模板：{ $name }
new-run-use-template = 使用
new-run-trainable-layers = 层：{ $names }
new-run-own-written = 在此编写
new-run-write-template = 编写模板
new-run-own-jinja = Jinja 模板
new-run-leave-template = 使用模型自带的
new-run-preview = 模型将看到的前几行
new-run-preview-needs = 选择模型和数据集后可查看数据行。

new-run-group-pairs = 偏好损失
new-run-group-further = 另外 { $count } 种损失
new-run-group-stages = 其他阶段

new-run-needs-reference = 需要参考模型
new-run-no-reference = 无需参考模型
new-run-vram = { $n } GB 以上
new-run-vram-hint = 以 LoRA 训练 8B 模型所需的显存
new-run-recommended = 推荐
new-run-first-choice = 首选
new-run-paper = 论文
new-run-equation = 损失函数

new-run-adapter = 适配器
new-run-optimizer = 优化器
new-run-batch = 批次与时长
new-run-cadence = 评估、日志与保存
# $rows, $steps
new-run-plan = 每步 { $rows } 行，共 { $steps } 步
new-run-plan-rows = 每步 { $rows } 行

new-run-name = 名称
new-run-name-hint = 留空则由模型和方法生成
new-run-problems = { $n } 处需要修正
new-run-yaml = run.yaml
new-run-yaml-hint = 标记：与推荐值不同的行
new-run-command = 命令行
new-run-memory = 内存
# $a, $b
new-run-memory-of = 约 { $a } / { $b }
new-run-fits-easily = 内存充足
new-run-memory-at-cutoff = 按这些数据中最长的批次估算；若每行都达到截断长度则为 { $a }
new-run-takes-title = 时间与磁盘
# $duration, $end
new-run-takes = 约 { $duration }，{ $end } 左右完成
new-run-takes-unknown = 所需时间未知：本机尚未训练过相近规模的模型。
new-run-takes-like = 按 { $name } 的速度估算
new-run-takes-probed = 按刚才试跑的几步的速度估算
new-run-probe = 试跑几步测量
new-run-probe-hint = 试跑三步，结果不保留
new-run-probing = 正在试跑几步
new-run-probe-stop = 停止
new-run-takes-rough = 粗略估算，依据模型或方式不同的 { $name } 的速度
# $disk, $free
new-run-takes-disk = 检查点 { $disk }，剩余 { $free }
new-run-takes-disk-short = 超出可用空间：请减少保留的检查点（save_total_limit），或腾出空间。
new-run-memory-over = 超出本机内存。可缩短截断长度、减小批次或换小模型。
new-run-mem-weights = 权重
new-run-mem-training = 训练
new-run-mem-reference = 参考模型
new-run-mem-activations = 激活值
new-run-mem-other = 其他

new-run-import-title = 导入 YAML
new-run-import-text = 粘贴 LLaMA-Factory 配置或其中几行、LlamaBoard 保存的参数、llamafactory-cli 命令，或选择文件。
new-run-manner = 如何使用这些设置
new-run-import-instead = 替换表单内容
new-run-import-over = 叠加到表单内容之上
new-run-import-file = 选择文件
new-run-presets = 预设
new-run-read = 读取
new-run-use-it = 使用这些设置
new-run-use-rest = 使用可识别的设置
new-run-imported = 已将文件中的设置填入表单。
new-run-import-conflicts = 有 { $n } 项与其余设置不符：表单会省去，或要求修改。
new-run-keys-read = 识别了 { $n } 个键

new-run-err-required = 必填
new-run-err-number = 请输入数字
new-run-err-count = 请输入不小于 0 的整数
new-run-err-count-from = 请输入不小于 { $a } 的整数
new-run-err-min = 不能小于 { $a }
new-run-err-above = 必须大于 { $a }
# $a, $b
new-run-err-range = 须在 { $a } 与 { $b } 之间
new-run-err-choice = 只能是 { $a } 之一
new-run-err-share = 小于 1 表示比例，大于 1 须为整数行数
# $message (may be left out), $other (may be left out)
new-run-err-excludes = 不能与 { $other } 同时使用
# $message (may be left out), $line (may be left out)
new-run-err-needs = 需要 { $line }
# $message (may be left out), $names (may be left out)
new-run-err-losses = 仅适用于以下损失：{ $names }
# $message (may be left out), $names (may be left out)
new-run-err-stages = 仅适用于以下阶段：{ $names }
# $message (may be left out), $names (may be left out)
new-run-err-built = 目前只有 { $names }
# $message (may be left out), $a (may be left out), $b (may be left out)
new-run-err-scales = { $a } 取每个词元的平均，{ $b } 取总和，同一个 beta 不适用
# $message (may be left out), $names (may be left out), $example (may be left out)
new-run-err-knobs = 可用的键：{ $names }。例如：{ $example }
# $message (may be left out), $name (may be left out)
new-run-err-not-found = 找不到 { $name }
# $message (may be left out), $name (may be left out)
new-run-err-no-adapter = { $name } 中没有适配器
# $message (may be left out)
new-run-err-not-whole = 需要完整的模型而不是适配器，请先合并
# $message (may be left out), $name (may be left out), $format (may be left out), $stage (may be left out)
new-run-err-kind = { $name } 是 { $format }，不能用于 stage: { $stage }
# $message (may be left out), $name (may be left out)
new-run-err-taken = 已有名为 { $name } 的运行
new-run-err-bad-name = 名称须为 1 至 120 个字符，不含斜杠和控制字符，且不以点开头
# $message (may be left out), $why (may be left out)
new-run-err-syntax = 无法按 YAML 读取：{ $why }
# $message (may be left out)
new-run-err-unknown = 没有这个键
new-run-err-max = 不能大于 { $a }
new-run-err-steps = 请输入整数步数，或小于 1 的比例
# $message (may be left out), $a (may be left out), $b (may be left out)
new-run-err-twice = 在第 { $a } 行和第 { $b } 行重复出现，请只保留一处
# $message (may be left out), $other (may be left out)
new-run-err-same-key = 与 { $other } 含义相同，请只保留一个
# $message (may be left out), $file (may be left out)
new-run-err-names-file = 该命令引用了文件 { $file }，请粘贴其内容
# $message (may be left out), $verb (may be left out)
new-run-err-not-train = “{ $verb }”不是训练命令，请粘贴 train 命令
# $message (may be left out), $path (may be left out)
new-run-err-home = 无法解析 { $path }，请写成以 / 开头的完整路径
new-run-err-eval-rows = 评估需要数据：请设置留出比例
new-run-err-dataset = 请选择数据集
new-run-err-model = 请选择模型

## configs: configurations under a name, and keys that have no field

configs-button = 已存配置
configs-title = 已存配置
configs-name = 将此表单保存为
configs-name-hint = 以便日后载入，或下载 YAML 供终端使用。
configs-replace = 替换
configs-saved = 已保存为 { $name }
configs-empty = 尚无已存配置。
configs-folder-hint = 即数据目录 configs 文件夹中的 YAML 文件；放入其中的文件也会列出。
configs-one-value-each = 多个值中只保存第一个：配置的每个键只有一个值。
configs-load = 载入
configs-loaded = { $name } 已载入表单
configs-rename = 重命名
configs-new-name = 新名称
configs-download = 下载为 YAML
configs-not-taken-n = 有 { $n } 个键无法使用
configs-from-saved = 配置 { $name }：与表单原有内容相同。
# $name, $changes
configs-from-saved-with = 配置 { $name }。与之前不同：{ $changes }。
configs-and-more = 另有 { $n } 项
configs-not-taken = 未采用：{ $what }。

configs-further = 其他键
configs-further-hint = 每行一个 key: value，用于没有输入框的键
configs-has-field = 已填入对应的输入框：{ $names }
configs-no-effect = 在当前设置下不起作用：{ $names }

## reference: the reference of keys

reference-title = 运行配置的键
reference-all-keys = 所有键
reference-about = { $key } 的含义
reference-find = 查找键
reference-none = 名称和说明中都没有找到。
reference-takes = 取值
reference-default = 默认值
reference-when = 条件
reference-never = 从不：会被读取，但不改变任何东西
reference-whose = 来源
reference-other-names = 别名
reference-follows = 随 { $keys } 而定
reference-given = 设置了 { $key }
reference-absent = 未设置 { $key }
reference-several = { $key } 有多项
reference-or = 或
reference-and = 且
reference-text = 文本
reference-list = 列表（逗号分隔）
reference-flag = true 或 false
reference-flag-or-null = true、false 或 null
reference-count = 整数
reference-number = 数值
reference-map = 映射或 JSON
reference-group-run = 运行及其记录

## sweep: sweeps: in the form, in the table, on their page

sweep-several = 多个值
sweep-several-of = { $key } 的多个值
sweep-one-value = 单个值
sweep-several-words-hint = 各值以 | 分隔
sweep-guide = 哪种设置最好：指南中的搜索
sweep-guide-hint = β 1, 2, 3 · γ 0.3, 0.5, 0.7 · 学习率 1e-6, 5e-6, 1e-5
sweep-title = 扫描
sweep-method = 搜索方式
sweep-grid = 网格：所有组合
sweep-random = 随机
sweep-tpe = TPE：在好的运行附近
sweep-cap = 运行数上限
sweep-compared-by = 比较指标
sweep-early = 提前停止较差的：每级评估后淘汰一半
sweep-each-minutes = 每个约 { $time }
sweep-each-roughly = 每个大约 { $time }
sweep-disk = 检查点 { $bytes }
sweep-in-all = 共 { $time }
sweep-by-speed = 按 { $name } 的速度
sweep-time-unknown = 用时未知：此处尚无类似的运行
sweep-steps-in-all = 共 { $n } 步
sweep-runs = { $n } 个运行
sweep-start = 启动 { $n } 个运行
sweep-behind = 单个运行优先。

sweep-unfold = 显示 { $name } 的运行
# $n, $of
sweep-over-of = { $n } / { $of }
# $n, $of
sweep-progress = { $of } 个运行中 { $n } 个已结束
sweep-going = 进行中
sweep-done = 已完成
sweep-stopped = 已停止
sweep-stop = 停止扫描
sweep-go-on = 继续
sweep-delete = 删除扫描及其运行
sweep-delete-title = 删除扫描及其 { $n } 个运行？
sweep-delete-text = 其曲线、检查点和日志会移入回收站并保留 7 天。
sweep-best = 目前最佳
sweep-best-of-all = 最佳
sweep-best-with = { $point }
sweep-no-best = 尚无运行被评估。
sweep-longer = 将最佳者训练更久
sweep-parallel = 所有运行，每条线一个
sweep-parallel-hint = 沿坐标轴拖动，只保留经过该处的；单击取消。键盘：在坐标轴上用方向键，按住 Shift 扩大范围，Escape 取消。
sweep-unbrush = 所有运行
sweep-axis-keys = { $key }：保留范围
# $from, $to
sweep-kept-between = { $from } 至 { $to }
sweep-kept-none = 两值之间：无
sweep-importance = 哪个键重要
# $least, $n
sweep-too-few = 有结果的运行达到 { $least } 个后才显示哪个键重要（目前 { $n } 个）。
sweep-by-runs = 依据 { $n } 个运行。
# $n, $at
sweep-by-runs-at = 依据 { $n } 个运行在第 { $at } 次评估的值：并非都走得更远。
sweep-correlation = 秩相关
sweep-permutation = 置换重要性
sweep-heat = 两个键
sweep-across = 横向
sweep-down = 纵向
sweep-table = 运行
sweep-stopped-early = 提前停止
# $computed, $read
sweep-reference = 参考模型的 log-prob 由 { $computed } 个运行计算，{ $read } 个运行读取。
sweep-file = 在终端中同样执行：corral sweep sweep.yaml

## compare: the compare page

compare-title = 比较
compare-back = 全部运行
compare-none-title = 没有可比较的运行
compare-none-text = 请在列表中选择两个或更多运行，然后点击“比较”。
compare-remove = 移除 { $name }
compare-pin = 以 { $name } 为基准
compare-unpin = 取消基准
compare-differences = 等宽字体的列是配置不同的键。
compare-no-differences = 这些运行的配置相同。
compare-results = 结果
compare-not-comparable = 不同 loss 的数值不在同一尺度。
compare-run = 运行
compare-hide = 在图表中隐藏 { $name }
compare-show = 在图表中显示 { $name }
compare-color-by = 着色依据
compare-group-by = 分组依据
compare-group-none = 不分组
compare-views = 视图
compare-view-name = 此视图的名称
compare-view-kept = 已保存视图 { $name }
compare-view-forget = 删除视图 { $name }
compare-download = 下载
compare-report = 报告（单个 HTML 文件）
compare-table-csv = 表格 CSV
compare-table-json = 表格 JSON
compare-own-charts = 自定义图表
compare-own-y = 纵轴
compare-own-x = 横轴
compare-own-keys = 不同的键（每个运行一点）
compare-own-metrics = 指标（每个运行一条线）
compare-own-add = 添加图表
compare-own-decades = { $key } 按对数刻度
compare-own-remove = 删除图表“{ $title }”
compare-own-remove-short = 删除
compare-time = 用时
compare-best = 本列最佳
compare-combine = 合并
compare-combining = 合并中 { $share }
compare-combine-title = 合并检查点
compare-combine-text = 将这些检查点合成一个适配器或模型：它成为一个独立的运行，可以对话、导出和下载。
compare-combine-method = 方法
compare-combine-task-arithmetic = 训练所加部分的加权和；适配器的秩相加
compare-combine-linear = 适配器矩阵的加权和（需同秩）；模型则为加权平均
compare-combine-slerp = 沿两者之间的弧插值；权重决定位置
compare-combine-ties = 取多数符号一致的最大变化；适配器需同秩
compare-combine-dare-ties = 随机丢弃变化并放大其余，符号同 TIES；适配器需同秩
compare-combine-svd = 适配器所加部分之和，截到最大的秩
compare-combine-ties-svd = 对适配器所加部分做 TIES，截到最大的秩
compare-combine-dare-ties-svd = 对适配器所加部分做 DARE-TIES，截到最大的秩
compare-combine-checkpoints = 检查点及其权重
compare-combine-checkpoint = 检查点 { $place }
compare-combine-weight = { $name } 的权重
compare-combine-even = 均等
compare-combine-weights-bad = 权重：每个都填数字，或全部留空。
compare-combine-density = 保留变化的比例
compare-combine-density-hint = 大于 0，至多为 1
compare-combine-density-bad = 请填大于 0 且不超过 1 的数。
compare-combine-name = 运行名称
compare-combine-name-hint = 留空则以方法命名
compare-combine-add = 添加检查点
compare-combine-none = 这些运行没有可合并的检查点。
# $size, $free
compare-combine-adapter = 将生成适配器 { $size }；磁盘剩余 { $free }。
# $size, $free
compare-combine-model = 将生成完整模型 { $size }；磁盘剩余 { $free }。
compare-combine-stop = 停止
compare-combine-stopped = 已停止，未保留任何内容。
compare-combine-done = { $name } 已加入运行和模型列表。
compare-combine-open = 打开运行
compare-combine-chat = 与它对话

## data: the page "Data", and rows as the model sees them

data-title = 数据
data-template = 模板
data-own-template = 模型自带
data-written-template = 自己编写的
data-tinted-counts = 着色的 token 计入损失。
data-counts = 计入损失
data-counts-not = 不计入损失
data-cut = 已截断
data-prompt = 提示
# $p, $c, $r
data-pair-lengths = 提示 { $p } · chosen { $c } · rejected { $r } 个 token
# $n, $c
data-sequence-lengths = { $n } 个 token，其中 { $c } 个计入
data-more-tokens = …还有 { $n } 个 token
data-good = 好
data-bad = 差
data-counted = 计入

data-preference = 偏好对
data-instruction = 指令与回复
data-text = 纯文本
data-unpaired = 带标签的回复
data-prompts = 提示

data-add = 添加数据
data-name = 名称
data-format = 格式
data-kind = 类型
data-rows = 行数
data-usable = 可用
data-size = 大小
data-used-in = 用于
data-runs = { $n } 个运行
data-comes-with = Corral 自带
data-file = 文件
data-all = 全部数据
data-gone = 没有名为 { $name } 的数据集。
data-empty = 还没有数据。
data-empty-text = 上传 JSON 或 JSONL 文件、粘贴数据行，或指定本机上的文件。
data-unreadable = 无法读取
data-train = 用它训练
data-delete = 删除…
data-delete-title = 删除此数据集？
data-delete-text = “{ $name }”将从列表移除。上传或粘贴的文件会被删除；按路径添加的文件保留在原处。
data-deleted = 已删除 { $name }。

data-upload = 上传
data-paste = 粘贴
data-path = 路径
data-from-hub = Hub
data-hub-subset = 子集
data-hub-split = 划分
data-ways = 数据来源
data-choose-file = 选择文件
data-drop-file = 或拖到此处（JSON、JSONL、CSV、TSV、文本，也可为 .gz、.zst；Parquet、Arrow）
data-paste-hint = JSON、JSONL 或纯文本
data-paste-label = 数据内容
data-path-label = 本机文件或文件夹
data-path-hint = 填写绝对路径；文件保留在原处。文件夹按文件名顺序逐个读取。
data-name-hint = 用于选择的名称（不含空格、逗号、斜杠）
data-name-taken = 已有同名数据集
data-add-verb = 添加
data-adding = 正在读取…
# $name, $n
data-added = 已添加 { $name }：{ $n } 行可用。

data-bring-text = 这是 dataset_info.json（数据集列表）。请选择要添加的数据集。
data-bring-entries = 文件中的数据集
data-bring-name = { $n } 在此处的名称
data-bring-folder = 文件所在文件夹
data-bring-folder-hint = 列表中文件名所在的本机文件夹的绝对路径
data-bring-look = 重新查找
data-bring-add = 添加 { $n } 个数据集
data-brought = 已添加 { $n } 个数据集。

data-recognised = 识别为
data-entry = dataset_info.json 中的条目
data-bad-rows = { $n } 行不可用
data-all-usable = 所有行均可用。
data-to-know = 关于这些数据行
data-row = 行
data-reason = 原因
data-first-of = 仅列出前 { $n } 行。
data-as-seen = 模型看到的数据行
data-tokenizer-of = 模型
# $a, $b, $n
data-page = 第 { $a }–{ $b } 行，共 { $n } 行
data-earlier = 前面的行
data-later = 后面的行

## models: the page "Models"

models-title = 模型
models-origin-demo = Corral 自带
models-origin-folder = 本地文件夹
models-origin-hub = 来自 Hub
models-origin-adapter = 运行产生的适配器
models-origin-merged = 运行产生的完整模型

# $bytes, $free
models-disk = 此数据目录占用 { $bytes }，可用空间 { $free }。
# $n, $bytes
models-trash = 回收站：{ $n } 项 · { $bytes }
models-trash-hint = 删除的内容在此保留 { $days } 天，期间仍占用空间。
models-empty-trash = 清空回收站
models-empty-title = 清空回收站？
models-empty-text = 将释放 { $bytes }。其中的内容将无法恢复。
models-trash-run = 运行
models-trash-sweep = 扫描
models-trash-checkpoint = 检查点
models-trash-config = 配置
models-delete-title = 删除 { $name }？
models-delete-text = 权重 { $bytes } 及其旁的文件会在回收站保留 7 天；清空回收站后才释放空间。
models-delete-used = 有 { $n } 个运行用过它：没有它，其适配器无法使用。
models-download = 下载
models-downloading = 正在下载
models-again = 重试
models-further = 另有 { $n } 个检查点
models-fold = 收起
models-actions = 操作
models-stop = 停止
models-hub = Hub
models-what-for = 用途
models-tag-base = 基座
models-tag-chat = 对话
models-tag-programs = 代码
models-tag-math = 数学
models-tag-reasoning = 推理
models-tag-translation = 翻译
models-template-is = 模板 { $name }
models-rows = { $n } 行
models-more-found = 另有 { $n } 项，可继续缩小范围
models-nothing-found = 目录中没有；输入 owner/name 或其页面地址可直接在 Hub 上查询
models-look = 查询
# $a, $b
models-to-fetch = 需下载 { $a }，可用 { $b }
models-all-here = 已全部在本机
models-is-here = 已下载
models-asking-hub = 正在查询 Hub…
# $a, $b
models-fetched = { $a } / { $b }

models-model = 模型
models-from = 来源
models-params = 参数
models-dtype = 类型
models-size = 大小
models-context = 上下文
models-used-in = 用于
models-made-by = 来自运行
models-family = 架构
models-layers = 线性层
models-beside-llama = 与 Llama 块的不同
models-template = 模板
models-own-template = 自带
models-named-template = { $name }（LLaMA-Factory 中的名称）
models-folder = 文件夹
models-lineage = 谱系
models-unusable = 不可用
models-train = 训练
models-evaluate = 评估
models-chat = 对话
models-empty = 还没有模型。
models-hub-name = 目录关键词，或 Hub 上的名称
models-hub-placeholder = qwen 0.5b 或 owner/name
models-hub-data-placeholder = ultrafeedback 或 owner/name

## evaluate: the page "Evaluate"

evaluate-title = 评估
evaluate-intro = 衡量模型在数据集上的表现：损失、偏好得分，以及模型自己的回复与参考回复的接近程度。
evaluate-model = 模型
evaluate-dataset = 数据集
evaluate-rows = 行数
evaluate-rows-hint = 上限；留空则全部
evaluate-cutoff = 截断长度
evaluate-cutoff-hint = 每行 token 数上限
evaluate-batch = 每批行数
evaluate-batch-hint = 越少越省内存
evaluate-write = 生成回复并比较（BLEU-4、ROUGE）
evaluate-new-tokens = 回复的 token 数
evaluate-new-tokens-hint = 上限
evaluate-temperature = 温度
evaluate-temperature-hint = 0 表示取最可能的 token
evaluate-start = 评估
evaluate-empty = 尚无评估
evaluate-empty-text = 请在上方选择模型和数据集。

evaluate-queued = 等待中
evaluate-going = 进行中
evaluate-stopped = 已停止
evaluate-failed = 失败
evaluate-loss = 损失
evaluate-perplexity = 困惑度
evaluate-accuracy = 偏好正确率
evaluate-margin = 间隔
evaluate-took = 用时
evaluate-actions = 操作
evaluate-stop = 停止
evaluate-delete = 删除
evaluate-delete-title = 删除此评估？
evaluate-delete-text = 其结果与生成的回复将从磁盘删除。
evaluate-show-replies = 显示回复
evaluate-hide-replies = 隐藏回复
evaluate-download = 下载 generated_predictions.jsonl
evaluate-prompt = 提示
evaluate-written = 生成的回复
evaluate-expected = 参考回复
# $shown, $all
evaluate-first-of = 共 { $all } 条，显示前 { $shown } 条
evaluate-left-out = { $n } 行无法使用
evaluate-cut = { $n } 行被截断
# $model, $data
evaluate-compare-with = 比较 { $data } 上的 { $model }

evaluate-matrix = 逐对比较
evaluate-matrix-text = 在两者共有的样本对中，行的间隔大于列的比例。请勾选两个以上的成对评估。
# $pairs, $right, $both
evaluate-cell = 共有 { $pairs } 对；仅此正确 { $right } 对，两者都正确 { $both } 对
evaluate-no-common = 没有共同的样本对

## chat: the page "Chat"

chat-title = 对话
chat-left = 第一个模型
chat-right = 第二个模型
chat-before = 训练前
chat-after = 训练后
chat-one-column = 只用一个模型
chat-swap = 交换两栏
chat-new-talk = 新对话
chat-history = 历史
chat-no-history = 还没有对话。
chat-history-note = 仅保存在此浏览器中，最旧的会先被清除。
chat-forget-talk = 删除：{ $q }
chat-turns = { $n } 个问题
chat-export = 导出
chat-export-markdown = 便于阅读（Markdown）
chat-export-json = 消息格式（JSON Lines）
chat-edit-question = 编辑问题
chat-editing = 正在编辑：发送后将替换此问题及其后的全部内容。
chat-draw-again = 重新生成
chat-draw-again-same = 重新生成。温度为 0 时，相同设置得到相同回复。
chat-settings = 生成设置
chat-send = 发送
chat-stop = 停止
chat-message = 消息
chat-placeholder-two = 向两个模型提出同一个问题
chat-placeholder-one = 向模型提问
chat-keys = Enter 发送，Shift+Enter 换行
chat-conversation = 对话内容
chat-empty = 向两个模型提同一个问题，看看训练带来了什么变化。
chat-empty-one = 向模型提个问题吧。
chat-same-dice = 两栏使用相同的种子和设置。
chat-no-models = 没有可以对话的模型。
chat-see-models = 查看模型
chat-waiting = 正在加载模型…
chat-thinking = 正在等待第一个 token…
chat-stopped = 已停止
chat-cut = 已达最大 token 数
chat-empty-reply = （空回复）
chat-speed = { $n } tokens/s
chat-tokens = { $n } 个 token
chat-retry = 重试
chat-broken = 回复尚未完成，连接已中断。
chat-run-gone = 地址中的运行没有可对话的检查点。

chat-temperature = 温度 (temperature)
chat-temperature-hint = 0 表示总取概率最高的 token
chat-top-p = Top-p
chat-top-p-hint = 参与采样的高概率 token 占比
chat-max-tokens = 最大 token 数
chat-max-tokens-hint = 每次回复
chat-seed = 随机种子
chat-seed-hint = 相同的种子得到相同的回复
chat-system = 系统消息
chat-system-hint = 置于每次对话之前
# $a, $b
chat-bounds = 请填写 { $a } 到 { $b } 之间的值

chat-example-capital = 泰国的首都是什么？
chat-example-legs = 请告诉我鸡有几条腿。
chat-example-colour = 柠檬是哪种颜色？
chat-example-use = 人们为什么需要自行车？

## notify: what tells that a run has ended

notify-title = 通知
notify-here = 此浏览器
notify-here-on = 只要有 Corral 页面打开，运行结束或失败时会在此通知你。
notify-here-off = 已关闭。开启时浏览器会询问一次。
notify-here-denied = 浏览器拒绝了此页面的通知：请在网站设置中允许。
notify-here-missing = 此浏览器在此处无法显示通知：需要 HTTPS 或本机地址（localhost）。
notify-turn-on = 开启
notify-turn-off = 关闭
notify-webhook-text = 运行结束或失败时向此地址发送一段小 JSON；Slack、Mattermost 与 Discord 可直接显示。地址只保存在数据目录，不会显示。
notify-webhook-address = Webhook 地址
notify-webhook-is = 发送到 { $host }
notify-save = 保存
notify-test = 发送测试
notify-remove = 移除
notify-told = { $ago }已通知

## key: the form: Model

key-model_name_or_path = 模型

## key: the form: Method

key-stage = 阶段
key-pref_loss = 损失
    .hint = 可用逗号列出多个：sigmoid,bco_pair,sft
key-pref_beta = Beta (β)
    .hint = 拉开偏好对的力度
key-simpo_gamma = Gamma (γ)
    .hint = 目标间隔
key-cpo_alpha = CPO alpha
    .hint = 模仿 chosen 回复的权重
key-loss_weights = 各损失的权重
    .hint = 每种损失一个
key-discopop_tau = 混合温度
key-kto_loss = 损失
    .is-kto = KTO
    .is-bco = BCO
key-kto_chosen_weight = chosen 权重
key-kto_rejected_weight = rejected 权重
key-pref_ftx = 监督损失权重
    .hint = 模仿 chosen 回复的权重
key-reward_model = 奖励模型
    .hint = rm 阶段的结果或文件夹
key-reward_model_type = 奖励模型类型
    .is-lora = LoRA 适配器
    .is-full = 完整模型
key-ppo_target = 目标 KL
    .hint = 与参考的目标散度
key-max_new_tokens = 最长回复
key-eaft_alpha = EAFT 指数
    .hint = 模型的确定程度对权重的影响；0 为无影响
key-train_on_prompt = 同时训练提示部分
key-mask_history = 只训练最后一轮
key-packing = 合并短样本
key-neat_packing = 合并的样本互不可见
key-dpo_label_smoothing = 标签平滑
    .hint = 视为误标的比例 (cDPO)
key-ld_alpha = LD alpha
    .hint = 超出较短回复部分的权重 (LD-DPO)
key-rpo_alpha = RPO alpha
    .hint = chosen 似然的权重
key-pref_bco_weight = BCO 权重
    .hint = 混入二元分类损失
key-f_divergence_type = 散度
    .unset = 反向 KL
    .is-js_divergence = Jensen-Shannon
    .is-alpha_divergence = alpha
key-f_alpha_divergence_coef = 散度的 alpha
key-moe_aux_loss_coef = 路由损失
    .hint = 专家均衡的权重；留空则用模型自带值
key-neftune_noise_alpha = NEFTune 噪声
    .hint = 加在嵌入上的噪声，通常为 5
key-use_dft_loss = 按 token 自身概率加权 (DFT)
key-use_eaft_loss = 按模型的不确定性加权 token (EAFT)
key-summary_dropout_prob = 价值头前的 Dropout
key-reward_model_adapters = 奖励模型适配器
key-ppo_buffer_size = 采样批数
key-ppo_epochs = 每批采样的轮数
key-init_kl_coef = 散度系数
    .hint = 起始值
key-adap_kl_ctrl = 按目标调整系数
key-ppo_score_norm = 归一化奖励
key-ppo_whiten_rewards = 白化奖励
key-do_sample = 采样生成（否则取最可能的 token）
key-temperature = 温度
key-top_p = Top p
key-top_k = Top k
key-repetition_penalty = 重复惩罚
key-ref_model = 参考模型
    .hint = 留空则为起始模型
key-ref_model_adapters = 参考适配器
key-ref_model_quantization_bit = 参考模型权重
    .unset = 保持原样
    .is-4 = 4 位 (QLoRA)
    .is-8 = 8 位
key-ref_model_mixup_alpha = 混入比例
    .hint = 为 1 时参考即为策略
key-ref_model_sync_steps = 每多少步跟随一次
key-sync_ref_model = 让参考模型跟随 (TR-DPO)
key-reference_free = 不使用参考
key-use_weighting = 按策略生成概率给偏好对加权 (WPO)
key-precompute_ref_log_probs = 参考对数概率只计算一次并保存

## key: the form: Adapter

key-finetuning_type = 训练对象
    .is-lora = LoRA 适配器
    .is-oft = 旋转 (OFT)
    .is-freeze = 部分层
    .is-full = 全部参数
key-freeze_trainable_layers = 层数
    .hint = 2 为最后两层，-2 为前两层
key-freeze_trainable_modules = 层内模块
    .hint = all，或 mlp,self_attn 等
key-freeze_extra_modules = 层外模块
    .hint = embed_tokens、norm、lm_head
key-lora_rank = 秩 (rank)
    .hint = 适配器大小
key-lora_alpha = Alpha
    .hint = 缩放：alpha / rank
key-lora_dropout = Dropout
    .hint = 偏好训练中不生效
key-lora_target = 目标层
    .hint = all，或 q_proj,v_proj 等
key-oft_block_size = 块大小
    .hint = 一起旋转的输入数，通常为 32
key-oft_target = 目标层
    .hint = all，或 q_proj,v_proj 等
key-quantization_bit = 基座权重
    .unset = 保持原样
    .is-4 = 4 位 (QLoRA)
    .is-8 = 8 位
    .is-6 = 6 位 (HQQ)
    .is-5 = 5 位 (HQQ)
    .is-3 = 3 位 (HQQ)
    .is-2 = 2 位 (HQQ)
    .is-1 = 1 位 (HQQ)
key-quantization_method = 量化方法
    .is-bnb = bitsandbytes
    .is-hqq = HQQ
    .is-eetq = EETQ
key-quantization_type = 4 位编码
    .is-nf4 = NF4
    .is-fp4 = FP4
key-double_quantization = 同时量化缩放系数
key-create_new_adapter = 合并起始适配器并训练新的
key-adapter_name_or_path = 起始适配器
    .hint = 路径或名称，按顺序用逗号分隔
key-train_from_scratch = 从随机权重开始
key-use_llama_pro = 仅训练扩展块 (LLaMA Pro)
key-oft_rank = 每层块数
    .hint = 代替块大小（此时块大小为 0）
key-use_rslora = 按 √rank 缩放 (rsLoRA)
key-use_dora = 分别训练大小与方向 (DoRA)
key-pissa_init = 从主方向开始 (PiSSA)
key-pissa_iter = PiSSA 迭代次数
    .hint = -1 为精确分解
key-pissa_convert = 保存为普通 LoRA
key-init_lora_weights = 适配器初始化
    .is-true = 零
    .is-loftq = LoftQ
key-loftq_iter = LoftQ 迭代次数
key-loraplus_lr_ratio = LoRA+ 比率
    .hint = B 与 A 的学习率之比
key-additional_target = 完整训练的模块
    .hint = embed_tokens,lm_head 等

## key: the form: Data

key-dataset = 数据集
key-template = 模板
    .hint = 对话的书写格式
    .unset = 模型自带
key-cutoff_len = 截断长度
    .hint = 每行最多 token 数
key-val_size = 留出比例
    .hint = 用于评估的比例或行数
key-max_samples = 最多行数
    .hint = 留空为全部
key-eval_dataset = 评估数据
    .hint = 用单独的数据集代替留出的行
key-streaming = 边读边训练
key-buffer_size = 每次打乱的行数
    .hint = 等待轮到的行数
key-mix_strategy = 多个数据集
    .is-concat = 依次拼接
    .is-interleave_under = 交替，直到其中一个用完
    .is-interleave_over = 交替，直到全部用完
key-interleave_probs = 各自的比例
    .hint = 每个数据集一个，合计 1：0.7,0.3。留空为轮流
key-default_system = 系统提示
    .hint = 用于没有系统提示的数据
key-enable_thinking = 思考
    .unset = 按模板
    .is-true = 开启：无思考的回复补上空块
    .is-false = 关闭：从回复中移除
    .is-null = 保持数据原样
key-tool_format = 工具格式
    .hint = 工具及其调用的写法
    .unset = 模板自带
key-disable_shuffling = 保持数据顺序
key-rope_scaling = RoPE 缩放
    .unset = 无
    .is-linear = linear
    .is-dynamic = dynamic
    .is-yarn = YaRN
    .is-llama3 = Llama 3
key-pair_marks = 样本对上的标记
    .hint = 按哪次运行的标记交换或去除样本对

## key: the form: Optimizer

key-learning_rate = 学习率
key-optim = 优化器
    .is-adamw_torch = AdamW
    .is-adamw_8bit = AdamW（8 位状态）
    .is-adafactor = Adafactor
    .is-lion_32bit = Lion
    .is-lion_8bit = Lion（8 位状态）
    .is-sgd = SGD
key-lr_scheduler_type = 调度
    .is-cosine = cosine
    .is-linear = linear
    .is-constant = constant
    .is-constant_with_warmup = constant（带预热）
    .is-cosine_with_restarts = cosine（带重启）
    .is-cosine_with_min_lr = cosine（有下限）
    .is-cosine_warmup_with_min_lr = 同上（从一定比例预热）
    .is-polynomial = 多项式
    .is-inverse_sqrt = 平方根倒数
    .is-warmup_stable_decay = 预热、稳定、衰减
    .is-reduce_lr_on_plateau = 停滞时降低
key-warmup_ratio = 预热比例
    .hint = 占总步数
key-warmup_steps = 预热步数
    .hint = 大于 0 时优先
key-lr_scheduler_kwargs = 调度参数
    .hint = JSON：{ "{" }"num_cycles": 2{ "}" }
key-weight_decay = 权重衰减
key-max_grad_norm = 梯度裁剪
    .hint = 梯度范数上限；0 为不裁剪
key-adam_beta1 = Adam beta 1
key-adam_beta2 = Adam beta 2
key-adam_epsilon = Adam epsilon
key-use_galore = 低秩梯度 (GaLore)
key-galore_rank = 投影秩
key-galore_update_interval = 每多少步更新投影
key-galore_scale = 投影缩放
key-galore_target = 投影的模块
    .hint = all，或名称的一部分
key-galore_proj_type = 投影的一侧
    .is-std = 较短一侧
    .is-reverse_std = 较长一侧
    .is-right = 右
    .is-left = 左
    .is-full = 两侧
key-use_apollo = 低秩缩放 (APOLLO)
key-apollo_rank = 投影秩
key-apollo_update_interval = 每多少步更新投影
key-apollo_scale = 投影缩放
key-apollo_target = 投影的模块
    .hint = all，或名称的一部分
key-apollo_proj = 基
    .is-random = 随机
    .is-svd = SVD
key-apollo_proj_type = 投影的一侧
    .is-std = 较短一侧
    .is-right = 右
    .is-left = 左
key-apollo_scale_type = 缩放单位
    .is-channel = 通道
    .is-tensor = 张量
key-apollo_scale_front = 在范数限制之前缩放
key-use_badam = 逐块训练 (BAdam)
key-badam_switch_mode = 块的顺序
    .is-ascending = 升序
    .is-descending = 降序
    .is-random = 随机
    .is-fixed = 固定
key-badam_start_block = 起始块
key-badam_switch_interval = 每多少步换下一块

## key: the form: Batch

key-num_train_epochs = 轮数
    .hint = 遍历数据的次数
key-per_device_train_batch_size = 单批行数
    .hint = 微批大小，占用内存
key-gradient_accumulation_steps = 梯度累积
    .hint = 每步的微批数
key-seed = 随机种子
key-max_steps = 最大步数
    .hint = 替代轮数
key-per_device_eval_batch_size = 评估批大小
key-device = 设备
    .unset = 自动选择
    .is-cpu = CPU
    .is-cuda = CUDA
key-activation_memory = 激活值内存
    .hint = MiB；超出的层将重算。留空为自动
key-bf16 = 以 bfloat16 计算
key-fp16 = 以 float16 计算
key-pure_bf16 = 参数也用 bfloat16

## key: the form: Cadence

key-eval_strategy = 评估
    .is-no = 从不
    .is-steps = 按步数
    .is-epoch = 每轮
key-eval_steps = 评估间隔
    .hint = 步
key-save_strategy = 保存检查点
    .is-no = 从不
    .is-steps = 按步数
    .is-epoch = 每轮
key-save_steps = 保存间隔
    .hint = 步
key-logging_steps = 日志间隔
    .hint = 步
key-save_total_limit = 保留的检查点数
    .hint = 最佳检查点另行保留。留空为全部
key-sample_prompts = 样例提示
    .hint = 训练途中回答的留出提示数；0 为不回答
key-sample_own_prompts = 自定提示
    .hint = 每行一条
key-sample_max_new_tokens = 样例最大长度
    .hint = token
key-sample_temperature = 样例温度
    .hint = 0 为始终取最可能的 token

## key: the form: Run

key-run_name = 名称
key-report_to = 供其他程序读取的日志
    .hint = 在运行目录中写入其他程序的日志：TensorBoard 事件文件，W&B 与 SwanLab 的离线运行（用各自的 sync 命令上传）
    .unset = 无
    .is-tensorboard = TensorBoard
    .is-wandb = W&B
    .is-swanlab = SwanLab
    .is-trackio = trackio
    .is-mlflow = MLflow

## says: Several adapters or models merged into one

says-combine-takes-two = 请指定两个或更多要合并的适配器或模型
# $weights, $count
says-combine-weights = --weights：给了 { $weights } 个数，而文件夹有 { $count } 个；请每个给一个
says-combine-number = --{ $name }：请给出总和不为 0 的有限数
says-combine-density = --density：{ $density } 不是大于 0 且不超过 1 的比例
# $option, $method
says-combine-idle = { $option } 对 { $method } 没有作用：请去掉它，或换一个 --method
says-combine-packed = 是量化的（{ $how }），而合并需要普通权重：请先用 `corral export` 写出，再合并它
says-combine-no-base = --base：请给出模型文件夹或 Hub 名称
says-combine-of-models = 合并适配器时 { $option } 不起作用：请去掉
# $rank, $most
says-combine-rank-too-large = --rank { $rank } 超过这些层所有的秩：最多取 { $most }
says-combine-rank = --rank：请给出 1 或更大的数
says-combine-slerp = slerp 在两者之间进行：请指定两个，而不是 { $count } 个
says-combine-mixed = 适配器与适配器合并，模型与模型合并：请先导出适配器，或只指定适配器
says-combine-kind = 是 { $kind } 适配器，不是对基座自身权重的加和：请先导出到其模型中，再合并模型
# $theirs, $ours
says-combine-other-base = 是在 { $theirs } 上训练的，而第一个是在 { $ours } 上：只能合并同一基座的适配器
says-combine-other-blocks = 与第一个所依的模型不同：`{ $what }` 有别
says-out-is-a-file = 是文件；请指定一个文件夹
says-combine-value-head = 带有价值头，无法合并：请合并生成文本的模型，再在其结果上训练奖励模型
says-combine-overflows = { $name } 将不再是有限值：请减小 --weights
says-combine-other-form = 描述的模型与 { $first } 不同：只能合并配置相同的模型
says-combine-first-kept = 所合并者的 `{ $key }` 不同：保留第一个的
says-combine-whole = 整体带有 `{ $name }`，无法按比例取用：请分别导出到其模型中，再合并模型
# $module, $rank, $other, $method
says-combine-ranks = { $module }：秩 { $rank } 与 { $other } 不同，而 { $method } 相加的是同秩矩阵：请用 cat 或 svd
says-combine-adapters-only = { $method } 用于适配器；模型请用 linear、slerp、task_arithmetic、ties、dare_linear、dare_ties 或 magnitude_prune
# $method, $parts
says-combine-made-of = 由 { $method } 合并自 { $parts }
says-combine-no-training = 该运行由检查点合并而成：没有可停止或恢复的内容
says-combine-going = 已有检查点正在合并：请等待其完成，或将其停止
says-combine-names-base = { $method } 合并的是训练带来的变化：请用 --base 指定其起始模型

## says: Files, and what holds other sentences

# $path, $why
says-file = { $path }：{ $why }
# $path, $why
says-not-read = 无法读取 { $path }：{ $why }
says-held-out-metric = 留出 { $metric }
# $y, $x
says-metric-over = { $y } 随 { $x }
# $name, $why
says-of-dataset = 数据集 `{ $name }`：{ $why }
# $path, $why
says-of-tokenizer = { $path } 中的分词器：{ $why }
# $name, $why
says-of-template = 模板 { $name }：{ $why }

## says: What is wrong with a run config: values, keys, how it is written

says-must-be-set = 必填
says-name-dataset = 请指定 dataset_info.json 中的数据集，或一个文件
# $value, $choices
says-not-one-of = `{ $value }` 不是 { $choices } 之一
# $value, $choices
says-no-such-template = `{ $value }` 不是 { $choices } 之一；省略则使用模型自带的模板
# $bytes, $most
says-template-too-long = 模板有 { $bytes } 字节，超过上限 { $most }；请缩短，或省略以使用模型自带的模板
says-no-end-of-reply = `{ $template }` 不写回复的结束标记，而把其后的内容当作结束来训练，因此不能训练提示；请换一个模板，或去掉 train_on_prompt
says-scores-no-replies = stage：奖励模型给出的是分数而不是回复；可用 `corral evaluate` 查看
# $key, $must, $value
says-key-must = { $key }：{ $must }（当前为 { $value }）
# $value, $choices
says-no-such-tool-format = `{ $value }` 不是 { $choices } 之一；省略则按模板的写法
says-at-least = 不能小于 { $least }
says-above-zero = 必须大于 0
# $least, $most
says-between = 须在 { $least } 与 { $most } 之间
says-above-most = 过大：不能超过 { $most }
# $what, $value
says-takes = 应为{ $what }，而不是 { $value }
says-a-text = 文本
says-a-map-or-json = 映射或 JSON 文本
says-true-or-false = { " " }true 或 false
says-true-false-or-null = { " " }true、false 或 null
says-a-count = 不小于 0 的整数
says-a-smaller-count = 不大于 9,000,000,000,000,000 的整数（更大的数浏览器无法精确表示）
says-a-count-without-zero = 不以 0 开头的整数（不同 YAML 读取器的解释不同）
says-a-number = 数字
says-a-number-from-zero = 不小于 0 的数字
says-one-of = { " " }{ $names } 之一
says-no-such-key =
    没有这个键{ $near ->
        [empty] { "" }
       *[other] ；是否指 { $near }？
    }
says-not-a-key = `{ $key }` 不是运行配置的键
says-same-as = 与 { $other } 含义相同，请只保留一个
# $a, $b
says-twice-on-lines = 在第 { $a } 行和第 { $b } 行重复出现，请只保留一处
says-twice-on-line = 在第 { $a } 行出现两次，请只保留一处
says-stands-twice = 出现两次，请只保留一处
says-file-too-large = 文件超过 1 MiB，不是运行配置
says-v1-format = 这是 LLaMA-Factory v1 格式的文件，其键（model、train_dataset、peft_config 等）不读取：请像其 examples/train_lora 中的文件那样，用 model_name_or_path、dataset、stage 和 finetuning_type 书写
says-not-a-map = 运行配置应由 `key: value` 行组成
says-not-yaml = 无法按 YAML 读取：{ $why }
says-second-document = `---` 之后还有第二个文档：一个文件只放一份运行配置
says-option-without-value = 需要一个值，但后面没有给出
says-no-value = `{ $key }=` 没有值：请给出值，或写 { $key }=null 以使用默认值
says-not-key-value = `{ $word }` 不是 key=value 或 --key value 的形式
says-other-command = `{ $verb }` 不是训练命令，请粘贴 train 命令
says-names-file = 该命令引用了文件 { $file }，请粘贴其内容
says-no-json-map = 不是 JSON 映射：{ $text }
says-no-home = 无法解析 { $path }，请写成以 / 开头的完整路径
says-a-whole-number = 应为整数
says-whole-steps = 应为整数步数，或小于 1 的比例
says-share-or-rows = 小于 1 表示比例，大于 1 须为整数行数
# $a, $b
says-exclude-each-other = { $a } 与 { $b } 不能同时使用
says-evaluation-needs-rows = 评估需要数据：请设置 val_size 或 eval_dataset
says-own-order-and-length = 数据不能既按原顺序又按长度排列，请去掉其中之一
says-nothing-to-do = do_train: false 时除非 do_predict: true，否则无事可做；评估请用 `corral evaluate`
says-predicts-replies = 预测会生成回复：请设置 predict_with_generate: true
says-generates-when-predicting = 只有 do_predict: true 时才生成回复，训练中的评估不生成
says-predicts-after-sft = 回复预测在 sft 阶段进行；其他模型也可用 stage: sft 且不设 do_train 来评估
says-predicts-held-rows = 预测需要事先读入的数据，不能与 streaming 同用
says-predicts-texts = 预测要读取数据集的文本，而已保存的 token 中没有文本：请在另一个不设 tokenized_path 的运行中预测
says-predicts-unpacked = 使用 packing 时，val_size 留出的是多行合成的块，因此预测的行大多是训练过的：请设置 eval_dataset 来代替 val_size
says-predicts-by-last = 训练后进行预测的是最后一步的模型，而不是最佳模型：请用其 checkpoint-best 在另一个运行中预测
says-predicts-other-rows = 有些行只适用于训练或预测之一，因此 val_size 留出的行在两者之间不同。训练结果已保存；请在另一个运行中用 eval_dataset 预测
says-router-loss-stage = 路由器的辅助损失只用于 pt、sft、dpo 和 kto 阶段
says-adapter-needs-weights = 适配器需要训练它时的权重，不能与 train_from_scratch 同用
says-scratch-needs-full = 随机权重需要 finetuning_type: full
says-by-evaluations = 依据评估结果：请把 eval_strategy 设为 steps 或 epoch
says-plateau-by-evaluations = reduce_lr_on_plateau 依据评估损失：请把 eval_strategy 设为 steps 或 epoch
# $name, $what, $value
says-knob-takes = { $name } 应为{ $what }，而不是 { $value }
says-takes-a-map = 应为映射，例如 { $example }
# $owner, $name, $names
says-no-such-knob = { $owner } 没有 `{ $name }`；可用的键是 { $names }
# $owner, $name
says-no-knobs = { $owner } 没有 `{ $name }`；它在此不接受任何键
# $end, $rate
says-lr-end-below = lr_end { $end } 必须小于学习率 { $rate }
says-one-floor = 请在 min_lr（学习率）和 min_lr_rate（其比例）中给出一个
says-factor-below-one = factor 必须小于 1
# $first, $second
says-and-also = { $first }；{ $second }
says-no-list-of-keys =
    不是 `key: value` 行的列表{ $why ->
        [empty] { "" }
       *[other] ：{ $why }
    }
says-own-backend = infer_backend: { $backend } 无效：回复由 Corral 自己的引擎生成
says-config-of-training = 这是训练配置；其结果在 output_dir 中，请改为指定它（{ $made }）
says-write-max-new-tokens = 请写 max_new_tokens：回复的最大 token 数
says-no-such-export = { $key }：没有此项；合并结果是本机上的普通 safetensors，量化权重请用 `--format gguf` 和 `--dtype`
# $key, $keys
says-key-of-training = { $key }：这是训练的键，此处不可用；可用的是 { $keys }

## says: NVIDIA's cards: what is missing to train on one, and what to do

says-cuda-silent = corral-trainer 没有说明这台机器有哪些显卡
says-no-cuda-driver = 这台机器没有 NVIDIA 驱动（找不到 libcuda.so.1）：请安装 525 或更新版本的驱动
says-cuda-stub = { $path } 是用于构建的存根，不是驱动：请把其文件夹从 LD_LIBRARY_PATH 中去掉，或安装 NVIDIA 驱动
# $path, $call, $why
says-cuda-fails = NVIDIA 驱动（{ $path }）没有响应：{ $call } 返回 { $why }；请确认 `nvidia-smi` 能否运行
says-cuda-driver-old = NVIDIA 驱动过旧：它支持的 CUDA 是 { $version }，至少需要 12.0；请安装 525 或更新版本的驱动
says-no-cuda-card = NVIDIA 驱动找不到显卡
says-no-visible-card = CUDA_VISIBLE_DEVICES={ $value } 使任何显卡都不可见：请指定这台机器有的显卡，或取消设置
# $name, $capability
says-old-card = { $name } 的计算能力是 { $capability }；可用于训练的是 8.0 及以上的显卡（RTX 30、A100 及更新），更旧的不能以 bf16 计算
says-no-cublas = 找不到 NVIDIA 的矩阵乘法库 cuBLAS：可用 `corral cuda install` 获取（{ $size }），带 CUDA 的 PyTorch 中也有
says-bad-cublas = 这台机器上的 cuBLAS 都无法使用（{ $tried }）：可用 `corral cuda install` 获取可用的
# $index, $cards
says-no-such-card = 没有显卡 { $index }：本程序可见 { $cards } 块，从 0 开始编号
says-on-cpu-instead = 改用 CPU 计算：{ $why }
# $width, $most
says-heads-too-wide-for-card = 此模型的注意力头宽 { $width }，而显卡最多计算 { $most }：请把 device 设为 cpu
# $name, $need, $free, $total
says-card-lacks-room = { $name } 的 { $total } 显存中剩余 { $free }，而这需要约 { $need }
# $wanted, $free, $total
says-card-full = 显存不足：还需要 { $wanted }，而 { $total } 中仅剩 { $free }；最后的检查点已保留
# $what, $advice
says-card-full-so = { $what }。{ $advice }
# $keys, $need
says-card-would-do = 改为 { $keys } 后，大约需要 { $need }
says-card-is-too-small = 此模型在这里至少需要约 { $need }：请换更小或已量化的模型，或显存更大的显卡
# $need, $total
says-card-is-shared = 该运行需要 { $total } 中的约 { $need }，其余被其他程序占用：用 `nvidia-smi` 查看并结束它，或用 `device` 选择另一块显卡
# $name, $version, $path
says-library-line = { $name } { $version }：{ $path }
says-no-library-line = { $name }：未找到
# $index, $name, $memory, $capability
says-card-line = cuda:{ $index }：{ $name }，{ $memory }，计算能力 { $capability }
# $line, $why
says-card-line-but = { $line } — { $why }
says-no-card-trains = 无法用显卡训练：{ $why }
says-cards-train = { $count } 块显卡可用于训练
# $version, $path
says-cublas-is-there = cuBLAS { $version } 已存在：{ $path }
# $package, $version, $size, $tool, $folder
says-fetches-cublas = 用 { $tool } 把 { $package } { $version }（{ $size }）获取到 { $folder }
says-cublas-installed = cuBLAS 已放入 { $folder }；可用 `corral cuda status` 查看
says-no-pip = 这台机器既没有 uv 也没有 pip，无法获取软件包。请输入以下两行：
# $free, $needed
says-no-room-for-cublas = 此磁盘剩余 { $free }，而解包 cuBLAS 需要 { $needed }：请腾出空间，或把 DATA_DIR 设为其他磁盘上的文件夹
# $tool, $why
says-tool-not-started = { $tool } 无法启动：{ $why }
# $tool, $status
says-tool-failed = { $tool } 没能获取 cuBLAS（{ $status }）；原因见上面的输出，没有安装任何内容
says-cuda-unavailable = device: cuda — { $why }

## says: Data sets: where they are listed, and what is wrong with their entries

# $name, $list, $near
says-dataset-unlisted =
    数据集 `{ $name }` 既不在 { $list } 中，也不是文件{ $near ->
        [empty] { "" }
       *[other] ；是否指 `{ $near }`？
    }
# $name, $list
says-no-dataset-list = 数据集 `{ $name }` 不是文件，也没有可供查找的 { $list }（`dataset_dir`）

says-not-an-object-of-datasets = 应为按名称列出数据集的对象
says-entry-no-object = 它在 { $list } 中的条目应为对象
says-entry-no-file = 它在 { $list } 中的条目没有 `file_name`
# $key, $place, $folder
says-entry-elsewhere = 它不在本机（`{ $key }`：{ $place }）；请把文件下载到 { $folder }，并在条目中写上 `file_name`
# $key, $name, $command
says-entry-on-hub = 它不在本机（`{ $key }`：{ $name }）；请用 `{ $command }` 下载
# $key, $name, $file, $more, $command
says-entry-lacks-files =
    `{ $key }`：{ $name } 不完整，缺少 { $file }{ $more ->
        [empty] { "" }
       *[other] { " " }等（另有 { $more } 个）
    }；请用 `{ $command }` 下载
# $key, $script
says-entry-script = 其数据行来自 Python 程序（`{ $key }`：{ $script }），不会运行；请写入文件并以 `file_name` 指定
# $key, $name
says-no-hub-name = `{ $key }` 应为 Hub 上的名称 owner/name；现在是 `{ $name }`
says-entry-text = `{ $key }` 应为文本
says-entry-object = `{ $key }` 应为对象
says-entry-flag = `{ $key }` 应为 true 或 false
says-entry-count = `{ $key }` 应为大于 0 的整数
# $key, $name, $names
says-entry-lacks = `{ $key }` 中没有 `{ $name }`；可用的是 { $names }
# $list, $key, $meant
says-entry-near = 它在 { $list } 中的条目有 `{ $key }`；是否指 `{ $meant }`？
says-entry-split = split `{ $split }`：一个文件只有 `train` 一个 split；请把需要的行放进单独的文件
# $list, $key
says-entry-beside-file = 它在 { $list } 中的条目除 `file_name` 外还有 `{ $key }`：数据行只从该文件读取；请删去 `{ $key }`，或下载所需内容并写作 `file_name`
says-no-hub-folder = 文件夹 `{ $folder }` 中没有数据文件
says-name-a-subset = 它有多个子集；请用 `subset` 指定一个：{ $subsets }
# $subset, $subsets
says-no-hub-subset =
    它没有子集 `{ $subset }`{ $subsets ->
        [empty] { "" }
       *[other] ；可用的是 { $subsets }
    }
# $split, $splits
says-no-hub-split = 它没有 split `{ $split }`；可用的是 { $splits }
says-no-hub-files = 没有可读取的数据文件
says-entry-pairs-unmarked = `columns` 指定了成对回复的一侧（`{ $column }`），但没有 `ranking` 就不会按成对数据读取：请设置 `ranking: true`，或删去该列
says-entry-formatting = 未知的 formatting `{ $value }`；应为 `alpaca`、`sharegpt` 或 `openai`
# $key, $replies, $verdicts
says-comparison-shape = `{ $key }` 应为对象：含 `{ $replies }`（两列，或一个列表列）以及 { $verdicts } 之一
says-comparison-lists = `{ $key }` 应为列名列表
# $list, $column, $file, $columns
says-column-nowhere = 它在 { $list } 中的条目指定了列 `{ $column }`，而 { $file } 的任何一行都没有；可用的是 { $columns }
says-holds-pairs = 偏好对（用于 `dpo`、`rm`、`kto` 阶段）
says-holds-instructions = 各有一个回复的指令（用于 `sft` 阶段）
says-holds-text = 纯文本（用于 `pt` 阶段）
says-holds-labelled = 带标签的单个回复（`kto_tag`，用于 `kto` 阶段）
says-holds-prompts = 没有回复的提示（用于 `ppo` 阶段）
# $what, $stage
says-wrong-kind = 内容是{ $what }，而本次运行是 `{ $stage }` 阶段
# $held, $rows
says-holds-out-all = `val_size` 从 { $rows } 行中留出 { $held } 行作评估，没有剩下可训练的行：请调小，或指定 eval_dataset
# $tokens, $cutoff
says-block-unfilled = 总共 { $tokens } 个 token，不足一个 `cutoff_len` { $cutoff } 的块；请调小它或添加文本
says-too-many-rows = 行数或单行长度超出 32 位计数范围；可用 `max_samples` 只取前面的行
says-broken-off = 读取被中断
# $name, $total, $rows
says-no-usable-row =
    数据集 `{ $name }` 的 { $total } 行中没有可用的行{ $rows ->
        [empty] { "" }
       *[other] ；{ $rows }
    }
# $row, $why
says-at-row = 第 { $row } 行：{ $why }
# $first, $more
says-row-and-more = { $first }；{ $more }
says-row-no-object = 第 { $row } 行不是对象
says-has-no-rows = 没有数据行
# $name, $row
says-no-rows-usable =
    { $name }：没有可用的行{ $row ->
        [empty] { "" }
       *[other] （{ $row }）
    }

# $endings, $folders
says-folder-without-data =
    没有数据文件（{ $endings }）{ $folders ->
        [empty] { "" }
       *[other] ；请指定其中的文件夹：{ $folders }
    }
# $first, $second
says-folder-of-two-types = 含有两种类型的数据文件（{ $first }、{ $second }）：请让一个文件夹只放一种类型，或指定一个文件
# $first, $second, $register
says-folder-of-listed-files = 含有两种类型的数据文件（{ $first }、{ $second }），由其中的 { $register } 列出：请指定该文件以选择数据集，或指定一个数据文件
# $file, $row, $why
says-in-file = { $file } 第 { $row } 行：{ $why }
says-is-utf16 = 是 UTF-16；请另存为 UTF-8（`iconv -f { $encoding } -t UTF-8 in > out`）
# $format, $why
says-unpacking-failed = 由 { $format } 压缩，但无法解压：{ $why }
says-packed-no-text = 是压缩文件，但内容不是文本：请先解压
says-grows-too-far = 读取后会超过 { $most } MiB，远超这么小的文件应有的内容；不会使用
says-is-archive = 是压缩包（{ $format }）；请解压，并指定其中的数据文件
says-is-spreadsheet = 是电子表格；请另存为 CSV（UTF-8）
says-packed-otherwise = 由 { $format } 压缩，无法读取；请解压，或改用 gzip 或 Zstandard 压缩
says-of-other-program = 是 { $format } 文件，无法读取其中的行；请写成 .jsonl 或 .csv 文件
says-is-json-named = 名为 .{ $ending }，但开头像 JSON；如果是 JSON，请命名为 .json 或 .jsonl
says-old-feather = 是第一版 Feather，已不再使用；请重新写出（`pandas.read_feather("in").to_feather("out")`）
says-not-as-named = 名为 .{ $ending }，但开头不是这种文件
says-spreadsheet = 无法读取电子表格（.{ $ending }）：请把工作表另存为 CSV（在电子表格软件中：另存为，CSV UTF-8），再添加该文件
# $texts, $packings, $tables
says-not-a-data-file = 文件名不是数据文件：可读取 { $texts }（也可压缩为 { $packings }）以及 { $tables }
# $format, $rows, $why
says-table-broken =
    无法按 { $format } 读取{ $rows ->
        [empty] { "" }
       *[other] （第 { $rows } 行之后）
    }：{ $why }
says-row-too-long = 超过 { $most } MiB
# $found, $wanted
says-cells-differ = 有 { $found } 个单元格，而首行列名有 { $wanted } 个
says-behind-quote = 第 { $cell } 个单元格在关闭引号之后还有文字；引号内的引号须写两次（`""`）
says-lone-returns = 行尾只有回车符（CR），是旧版电子表格的格式；请另存为 LF 或 CRLF 的 CSV UTF-8
says-quote-open = 第 { $line } 行打开的引号没有关闭
# $line, $most
says-quote-too-long = 一行超过 { $most } MiB；第 { $line } 行打开的引号可能没有关闭
says-mixture-endless = 这些数据集交错后超过 { $most } 行：其中某个被抽到的概率太低（`interleave_probs`）
says-is-empty = 是空的
# $line, $most
says-line-too-long = 第 { $line } 行超过 { $most } MiB
# $first, $second
says-several-lists = 含有多个数据行列表（`{ $first }`、`{ $second }`）；请把需要的那个放进单独的文件
says-one-object = 只有一个对象；需要数据行的列表，或每行一个

says-row-without-pair = 没有 chosen 和 rejected 回复
says-row-without-label = 没有标签（`kto_tag` 所指列中的 true 或 false）
says-row-without-reply = 没有回复
says-counted-not-learned = 这里计入的回复被标记为不学习
says-no-reply-left = `cutoff_len` { $cutoff } 被提示占满，没有剩下回复的 token
says-no-turns = 没有任何轮次
says-turns-before-reply = 回复之前有 { $n } 轮；它们应交替出现，以用户开始并以用户结束
says-turn-is-users = 第 { $turn } 轮是用户的；各轮应从用户开始交替
says-turn-is-assistants = 第 { $turn } 轮是助手的；各轮应从用户开始交替
says-the-users = 用户的轮次
says-the-assistants = 助手的轮次
says-a-tools-answer = 工具的答复
says-a-tool-call = 工具调用
# $turn, $what, $name
says-template-leaves-out = 模型的聊天模板不写第 { $turn } 轮（{ $what }）；具名模板会写：请设置 `template`，例如 `{ $name }`

says-of-the-model = （模型自带）
says-of-the-run = （此次运行的）
says-template-unreadable = 无法读取：{ $why }
says-template-refuses = 模型的聊天模板拒绝它：{ $why }
says-template-too-much = 无法交给模型的聊天模板：{ $why }
says-reply-not-behind-prompt = 模型的聊天模板没有把回复紧接在提示之后，因此无法判断哪些 token 计入；请把 `template` 设为具名模板
# $name, $names
says-tool-format-unknown = tool_format `{ $name }` 不是 { $names } 之一
says-tool-format-of-model = 它以自己的方式书写工具，无法遵循 tool_format `{ $name }`；请设置 `template`，或去掉 `tool_format`
says-no-chat-template = 模型文件夹没有聊天模板；请设置 `template`，例如 `default`
says-no-default-template = tokenizer_config.json 中的聊天模板为 { $names }，没有名为 `default` 的；请重命名要用的那个，或设置 `template`
says-bad-call = 函数调用不是 JSON：{ $why }
says-bad-tools = 工具描述不是 JSON：{ $why }
says-tools-must-be-list = `tools` 应为 JSON 列表
says-call-without-name = 有一个函数调用没有 `name`
says-call-without-arguments = 对 `{ $name }` 的调用没有 `arguments`
says-one-call-at-a-time = GLM-4 一次只调用一个函数
says-arguments-no-object = `{ $name }` 的参数不是对象

# $file, $at
says-words-broken = `{ $file }` 从第 { $at } 字节起无法读取，请重新获取该模型的这个文件
# $file, $line
says-words-line = `{ $file }` 第 { $line } 行不是其中的词元，请重新获取该模型的这个文件
# $file, $key, $place
says-words-entry = `{ $file }` 的 `{ $key }` 在 { $place } 处不可用，请重新获取该模型的这个文件
# $file, $why
says-words-vocab = `{ $file }` 不是词元到 id 的映射（{ $why }），请重新获取该模型的这个文件
# $file, $kind
says-words-kind = `{ $file }` 的类型为 `{ $kind }`；能读取的是 SentencePiece 的 BPE 和 unigram：请把模型的 tokenizer.json 放在它旁边
# $file, $bytes, $most
says-words-long-piece = `{ $file }` 含有 { $bytes } 字节的词元，超过上限 { $most }，请重新获取该模型的这个文件
says-words-no-merges = 缺少 `merges.txt`；请把该模型的这个文件放在它旁边
# $class, $file
says-words-class = `{ $class }` 的切分方式未知；请把模型的 tokenizer.json 放在 `{ $file }` 旁边
# $token, $id, $file
says-words-id-taken = 添加的词元把 `{ $token }` 的 id 定为 { $id }，但 `{ $file }` 在那里是另一个词元，请重新获取该模型的这两个文件
says-tokenizer-json-missing = 没有 `tokenizer.json`、`tokenizer.model`、`tekken.json`、`qwen.tiktoken` 或 `vocab.json`；请放入该模型的这个文件
says-tokenizer-broken = { $doing }：`tokenizer.json` 已损坏，请重新获取该模型的这个文件
# $token, $id, $left
says-added-token = `tokenizer_config.json` 给 `{ $token }` 的 id 为 { $id }，而 `tokenizer.json` 留给它的是 { $left }
says-no-id = 无
says-not-utf8 = 不是 UTF-8
says-not-json = 不是 JSON：{ $why }
says-tokenizer-file-too-large = 过大，不像分词器文件
says-entry-twice = 其中有多个名为 `{ $name }` 的条目，无法判断指哪一个：请改名或删除其中之一
# $name, $key
says-key-of-entry-twice = 条目 `{ $name }` 中多次出现 `{ $key }`，无法判断指哪一个：请删除其中之一

## says: Packed weights that do not add up, what a talk can't be made of, and what keeps a program from answering

# $input, $output
says-not-in-words = { $input } 到 { $output } 的层不能按每个字八个值排满：文件已损坏，或配置属于另一个模型；请重新下载文件夹
# $name, $got, $group, $want
says-packed-words = `{ $name }` 有 { $got } 个字，而每组 { $group } 个时需要 { $want } 个：文件不完整，或配置属于另一个模型；请重新下载文件夹
# $got, $inputs
says-group-order = `g_idx` 有 { $got } 项，而输入有 { $inputs } 个；请重新下载文件夹
# $group, $groups
says-no-such-group = `g_idx` 指定了第 { $group } 组，而共有 { $groups } 组；请重新下载文件夹
# $values, $group
says-no-whole-groups = { $values } 个值不是 { $group } 个一组的整数倍：请用其他方法量化，或不量化
# $input, $output
says-eetq-widths = EETQ 无法存放 { $input } 到 { $output } 的层：两者都应是 64 的倍数；请重新下载文件夹
says-codes-not-finite = 含有非数值的编码（NaN 或无穷大）；请重新下载文件夹
# $got, $groups, $rows, $want
says-group-scales = 有 { $got } 个缩放系数，而每组 { $rows } 行、共 { $groups } 组时需要 { $want } 个；请重新下载文件夹
says-packed-block = 块大小为 { $block }；须为不小于 2 的 2 的幂：请重新下载文件夹
# $bytes, $values, $want
says-packed-bytes = { $bytes } 字节容纳 { $values } 个值，而不是 { $want } 个；请重新下载文件夹
# $got, $blocks, $size
says-block-scales = { $blocks } 个大小为 { $size } 的块却有 { $got } 个缩放系数；请重新下载文件夹
# $nested, $scales
says-nested-scales = { $scales } 个缩放系数却有 { $nested } 个嵌套缩放系数；请重新下载文件夹
# $scales, $rows
says-row-scales = { $rows } 行却有 { $scales } 个缩放系数（SCB）；请重新下载文件夹
# $columns, $format, $block
says-uneven-blocks = 每行 { $columns } 个值不是 { $block } 个一块的 { $format } 块的整数倍；请重新下载文件
# $bytes, $rows, $columns, $format
says-bytes-of-rows = { $bytes } 字节不等于 { $rows } x { $columns } 个 { $format } 值；请重新下载文件

# $number, $role
says-role-of-talk = 消息 { $number }：角色 `{ $role }` 不可用；应为 user、assistant、tool，或首条的 system
# $known, $id, $token
says-unknown-token-in-talk = 模型有 { $known } 个 token，而对话中出现 id { $id }（{ $token }）：分词器属于另一个模型，或添加了权重中没有的 token；请把模型自己的分词器放在权重旁边
says-token-undecodable = 无法把 token 转成文本：{ $why }；分词器已损坏，请重新获取模型文件夹
# $what, $index
says-empty-completion = 批次中的 { $what } { $index } 的回复为空
# $known, $id
says-reference-tokens = ref_model：它有 { $known } 个 token，而回复中出现 id { $id }：它必须与被训练的模型使用相同的 token
says-tensors-failed = 张量计算失败：{ $why }
says-not-downloaded = hub 上的模型 { $name } 不在本机，请先下载
# $program, $status
says-ended-wordless = { $program } 未给出任何信息就结束了（{ $status }）
says-answer-short = corral-trainer 没有逐一回答各模型，请重试

## says: What a model's config and quantized files say that cannot be computed here

says-no-json-object = 不是 JSON 对象：{ $why }
# $key, $value, $supported
says-unsupported = `{ $key }` 为 { $value }；支持 { $supported }
# $value, $supported
says-unsupported-awq = AWQ 的 `version` 为 { $value }；支持 { $supported }
# $key, $value, $what
says-must-be = `{ $key }` 为 { $value }；须为{ $what }
says-even = 偶数
says-above-nothing = 大于 0 的数
says-at-most-one = 不大于 1
says-numbers-of = { $count } 个数的列表
says-above-nothing-or-all = 大于 0 的数或 -1
# $experts, $most
says-a-divisor-of = { $experts } 个专家的约数且不大于 { $most }
says-groups-with-enough-experts = 不大于 { $count } 个组，且足以容纳一个词元的专家
says-one-number = 所有层相同的数
says-two-above-nothing = 两个大于 0 的数
says-a-list-of-counts = 整数列表
says-from-one-to = 1 到 { $most } 的整数
says-key-is-missing = 缺少 `{ $key }`
# $key, $name
says-key-lacks = `{ $key }` 中没有 `{ $name }`
# $heads, $kv
says-heads-do-not-divide = { $heads } 个 attention 头不能被 { $kv } 个 key-value 头整除
# $found, $supported
says-other-architecture = `architectures` 为 { $found }；支持 { $supported }
# $architecture, $why
says-family-left-out = 不支持 { $architecture }：{ $why }
says-yuan-left-out = 其注意力在时间方向上过滤查询和键，其他系列都没有这种结构
says-phi-small-left-out = 其注意力为块稀疏，其他系列都没有这种结构
says-more-than-a-decoder = `architectures` 中的 { $found } 是不只读取文本的模型；请使用纯文本模型（architecture 以 ForCausalLM 结尾）的文件夹
says-no-architecture = 空
# $kind, $supported
says-rope-scaling = RoPE 缩放为 `{ $kind }`；支持 { $supported }
says-rope-not-scalable = rope_scaling：{ $family } 的位置不能缩放（不是旋转位置，或其建模代码没有缩放）：请去掉此键
# $family, $asked, $supported
says-rope-scaled-otherwise = rope_scaling：{ $family } 的建模代码不支持 `{ $asked }` 缩放；支持 { $supported }
# $count, $layers
says-layer-types-of = `layer_types` 有 { $count } 项，而层数为 { $layers }
# $kind, $supported
says-layer-type = 层类型为 { $kind }；支持 { $supported }
# $chosen, $experts, $key
says-too-many-experts-chosen = `num_experts_per_tok` 为 { $chosen }，超过 `{ $key }` 的 { $experts }
# $key, $size
says-more-than-any-model = `{ $key }` 为 { $size }，超过任何模型：文件已损坏
says-header-cut-off = 文件头不完整，请重新下载
# $count, $what
says-broken-header = 文件头中的 { $what } 为 { $count }：文件已损坏
says-broken-header-text = 文件头含有 { $length } 字节的文本：文件已损坏
says-broken-header-list = 文件头含有不合理的列表：文件已损坏
says-header-value-type = 文件头含有未知类型 { $kind } 的值
# $name, $rank
says-tensor-dimensions = `{ $name }` 有 { $rank } 个维度
says-no-gguf = 这不是 GGUF 文件
says-gguf-version = GGUF 版本为 { $version }；支持 2、3
says-past-the-end = 有张量超出文件末尾，请重新下载
# $name, $supported
says-gguf-architecture = 架构为 { $name }；GGUF 支持 { $supported }
says-no-metadata = 元数据中没有 `{ $key }`：文件不完整；请重新下载，或重新转换模型
# $key, $value
says-gguf-key = `{ $key }` 为 { $value }，其要求的计算不受支持
# $name, $architecture
says-gguf-tensor = 文件中有张量 `{ $name }`，此处已知的 { $architecture } 都不使用它
says-no-biases-in-gguf = 查询、键、值与注意力输出中只有一方带有偏置：没有这样的 Llama；请把模型的 config.json 放在该文件旁边
says-rope-table = RoPE 同时按表（`rope_freqs`）和系数缩放：请把模型的 config.json 放在该文件旁边
# $kind, $supported
says-gguf-rope-scaling = GGUF 的 RoPE 缩放为 `{ $kind }`；支持 { $supported }
# $count, $names
says-several-gguf = 这里有 { $count } 个 GGUF 文件（{ $names }）：请用路径指定要用的那个，或只保留一个
# $kind, $supported
says-ggml-type = 以 ggml 的类型 { $kind } 编码；支持 { $supported }
says-gguf-no-text = `tokenizer.ggml.tokens` 含有非文本值 { $value }
says-gguf-no-pair = `tokenizer.ggml.merges` 含有不成对的值 { $value }
says-gguf-no-tokenizer = 文件中没有分词器：请把模型的 tokenizer.json 放在它旁边
says-gguf-tokenizer-kind = 其分词器类型为 `{ $kind }`；只有 `gpt2` 和 `llama` 能从文件构建：请把模型的 tokenizer.json 放在它旁边
says-gguf-unknown-parts = 其分词器的切分方式 `{ $name }` 未知：请把模型的 tokenizer.json 放在它旁边
says-gguf-none-of-family = llama.cpp 没有 { $class } 类的模型：请用 `--format merged` 导出
# $name, $architecture
says-gguf-no-place = llama.cpp 的 { $architecture } 没有 `{ $name }` 的位置：请用 `--format merged` 导出
# $models, $what
says-gguf-unsaid = llama.cpp 不计算这样的 { $models }（{ $what }），文件会代表另一个模型：请用 `--format merged` 导出
says-gguf-of-reward-model = 这是奖励模型，而 GGUF 没有价值头的位置：请用 `--format merged` 导出
says-gguf-no-such-tokenizer = llama.cpp 的文件只容纳字节级和 SentencePiece 的 BPE 分词器，不含 { $kind }：请用 `--format merged` 导出
# $tokens, $rows
says-gguf-tokens-past-rows = 有 { $tokens } 个词元，而模型的表只有 { $rows } 行：请使用模型自带的分词器
says-gguf-unnamed-parts = llama.cpp 没有这种分词方式的名称：文件中写为 `default`，部分文本在那里会变成其他词元
says-gguf-other-letters = llama.cpp 按原样处理文本：它无法表示这个分词器所替换的字符或去掉的空格，含有它们的文本在那里会变成其他词元
says-gguf-without-window = llama.cpp 的文件不记录该模型 { $window } 个词元的窗口：更长的文本在那里算法不同
says-gguf-without-growth = llama.cpp 没有 dynamic RoPE 和 log-n attention：超过 { $original } 个词元的文本在那里算法不同

## says: Why a key of another program has no effect here, and what is not there

says-own-engine = 使用 Corral 自己的引擎
says-for-vllm = 它用于 vLLM
says-for-sglang = 它用于 SGLang
says-recompute-by-memory = 保存还是重算由内存逐层决定
says-tokens-known-again = 仅当数据、模板、分词器和长度都相同时才会复用词元
says-tokenizes-on-all-cores = 分词使用所有核心
says-rows-one-by-one = 数据逐行读取
says-one-worker-reads = 数据由唯一的工作进程读取
says-no-loader-process = 没有数据加载进程
says-unused-never-loaded = 从不加载未使用的列
says-metrics-in-board-and-events = 指标在看板和 events.jsonl 中
says-trackers-offline = 运行记录写入文件，由跟踪工具自己的命令上传
says-board-draws = 曲线由看板绘制
says-metrics-in-events = 指标在 output_dir/events.jsonl 中
says-log-is-worker-log = 日志是 worker.log
says-see-log = 见日志
says-bad-loss-ends-run = 损失不是数时运行即结束
says-memory-always-logged = 内存始终会记录
says-speed-always-logged = 每秒 token 数始终会记录
says-evaluation-own-metrics = 评估自行计算指标
says-evaluation-no-logits = 评估不保留 logits
says-always-evaluates-first = 第一步之前总会评估
says-bar-on-terminal = 进度条只在终端显示
says-own-attention = 使用 Corral 自己的 attention
says-own-kernels = 使用 Corral 自己的内核
says-norms-in-f32 = 归一化始终以 f32 计算
says-logprobs-in-f32 = log-prob 始终以 f32 计算
says-see-bf16 = 参数保持 f32；要以 bf16 计算请用 bf16: true
says-see-fp16 = 见 fp16
says-of-fp8 = 它属于 fp8，目前没有
says-one-device = 运行只使用一个设备
says-of-hyper-parallel = 它属于 use_hyper_parallel，目前没有
says-no-model-code = 从不执行模型自带的代码
says-weights-mapped = 权重采用内存映射
says-no-cache-in-training = 训练不需要键值缓存
says-engine-keeps-memory = 内存由引擎管理
says-no-graph-compiler = 没有图编译器
says-always-deterministic = 运行始终是确定性的
says-always-goes-on = 恢复的运行总是从原处继续
says-see-device = 见 device
says-set-hf-token = 请在环境变量 HF_TOKEN 中设置
says-set-ms-token = 请在环境变量 MODELSCOPE_API_TOKEN 中设置
says-models-from-hubs = 模型来自文件夹、Hugging Face 和 ModelScope
says-nothing-uploaded = 从不上传任何内容
says-for-export = 它用于 `corral export`
says-of-badam-ratio = 它属于 badam_mode: ratio，未启用
says-no-padding = 没有填充
says-lengths-counted = 长度由程序统计
says-see-neat-packing = 见 neat_packing
says-see-cutoff-len = 见 cutoff_len
says-embeddings-whole = 嵌入整体训练（additional_target），从不使用低秩项
says-of-asft = 它属于 use_asft_loss，目前没有
says-of-new-tokens = 它属于 new_special_tokens_config，目前没有
says-media-not-read = 不读取图像、视频和音频
says-for-writing = 它用于生成回复，训练时不生成
says-for-benchmarks = 它用于选择题基准，目前没有
says-of-torch-profiler = 它属于 enable_torch_profiler，目前没有
says-galore-all-layers = 请设为 false：这里的 GaLore 一次处理所有层；layerwise 所省的内存可用 pure_bf16: true 节省
says-apollo-all-layers = 请设为 false：这里的 APOLLO 一次处理所有层；layerwise 所省的内存可用 pure_bf16: true 节省
says-write-projection-keys = 请把 galore_rank、galore_update_interval、apollo_rank 等写成单独的键
says-write-projection-target = 请写 galore_target 或 apollo_target
says-no-adam-mini = 尚无 Adam-mini
says-no-muon = 尚无 Muon
says-no-sft-smoothing = 尚无监督损失的标签平滑；DPO 请用 dpo_label_smoothing
says-no-shift-attention = 尚无 shifted sparse attention
says-no-mixture-of-depths = 尚无 mixture of depths
says-no-resizing = 尚不支持调整词表大小
says-no-new-tokens = 尚不支持添加 token
says-special-kept-whole = 文本中的特殊 token 保持完整
says-no-media = 不支持图像、视频和音频
says-no-earlier-thinking = 之前轮次的思考内容始终会去掉
says-no-deepspeed = 请删去这一行：DeepSpeed 把训练分到多个设备上，而这里只用一个设备，删去不影响结果
says-no-several-devices = 尚不支持多设备训练
says-no-ktransformers = 不读取 KTransformers 的权重和适配器
says-no-fp8 = 尚不支持 fp8 计算
says-no-asft = 尚无 ASFT 损失；其中不含与基础模型差异的部分是 use_dft_loss
says-no-torch = 没有可分析的 torch
says-no-benchmarks = 没有选择题基准；`corral evaluate` 可为数据集评分
says-evaluated-together = 数据集一起评估；请用 `corral evaluate` 分别评估
says-last-batch-trained = 每轮最后较小的批次总会参与训练
says-no-padding-in-loss = 没有可计入损失的填充
says-always-safetensors = 检查点始终是 safetensors
says-biases-frozen = 偏置保持冻结
says-batch-as-said = 批大小按指定执行；内存不足时通过重算应对
says-goes-on-with-next-rows = 恢复的运行从接下来的数据行继续
says-no-accelerate = 没有可配置的 Accelerate
says-no-module-dropout = OFT 没有整块的 dropout；PEFT 接受这个数但从不使用
says-write-adafactor = 请写 optim: adafactor
says-write-create-new-adapter = 请写 create_new_adapter
says-sampling-choices = 可用的是 "random"、"sequential" 和 "group_by_length"
says-name-adapter-folder = 请把文件夹本身写在 adapter_name_or_path 中
says-no-beams = 回复逐个 token 采样，不用束搜索
says-write-sampling-keys = 请把 temperature、top_p、top_k 等写成单独的键
says-see-group-by-length = 见 group_by_length

## says: What is good to know of the rows of a data set, and no reason to refuse them

says-unused-columns = 未使用的列：{ $columns }。属于提示或回复的列请写入 dataset_info.json 的 `columns`
# $list, $keys
says-unused-entry-keys = 它在 { $list } 中的条目有未使用的键：{ $keys }
says-unused-files = 其文件夹中还有未读取的内容：{ $files }
# $key, $n
says-unused-list = 未使用 `{ $key }`（{ $n } 行）；若要使用，请放进单独的文件
# $keys, $column
says-unused-keys = `{ $column }` 中未使用：{ $keys }
# $column, $n
says-other-prompt = { $n } 行中 `{ $column }` 不属于对话；采用对话本身，不使用 `{ $column }`
says-marked-prompts = { $n } 行把用户的轮次标为要学习；只有 `train_on_prompt` 会学习它们
says-same-replies = { $n } 对的 chosen 与 rejected 相同，无从比较偏好
says-empty-replies = { $n } 行的回复为空；模型会学着什么都不说
says-one-label = 所有标签均为 { $label }；KTO 需要好坏两种回复才能区分
says-ties = { $n } 行因平局（没有更好的回复）而排除
says-unjudged-rows = { $n } 行因没有说明哪个回复更好而排除
says-labels-unread = { $n } 行因标签既非好也非坏而排除
# $column, $values
says-no-labels = 未使用 `{ $column }`：其内容（{ $values }）既非好也非坏；标签应为 true 或 false
says-other-replies = { $n } 行有两个以上的回复：有评分时采用最好与最差的，否则采用第一个；其余的请另写成行
# $key, $row, $n
says-key-twice = 同一对象中 `{ $key }` 出现两次（首次在第 { $row } 行，共 { $n } 行），采用最后的值
says-empty-column = `{ $column }` 在每一行都为空：没有可学习的回复，因此这些行是提示（用于 `ppo` 阶段）
says-same-tokens = { $n } 对的 chosen 与 rejected 的 token 相同，无从比较偏好
says-last-reply-counts = { $n } 行中只有最后的回复计入学习，因为模型的聊天模板以另一种方式书写之前的回复；使用具名 `template` 则全部计入
says-first-prompt-only = `pt` 阶段只学习每行的第一个提示，不使用回复
says-thoughts-left-out = { $n } 行中，模板未写入单独存放的思考内容（`reasoning_content`）
says-tools-left-out = { $n } 行中，模板未写入工具定义，工具不起作用
says-system-left-out = { $n } 行中，模板未写入系统消息
says-block-in-reply = { $n } 行中，模板会为回复打开一个块而回复中没有，因此提示在该块之前结束

## says: What a look at a run's curves found, with its numbers

# $after, $before
says-health-accuracy-fell = 比训练前更差：留出样本对中偏好 chosen 的比例为 { $after }（训练前 { $before }）。
# $after, $before
says-health-margin-fell = 比训练前更差：留出的 preference margin 为每 token { $after } nats（训练前 { $before }）。
# $after, $before
says-health-reward-fell = 比训练前更差：留出的奖励为 { $after }（训练前 { $before }）。
# $after, $before
says-health-held-out-loss-rose = 比训练前更差：留出 loss 为 { $after }（训练前 { $before }）。
says-health-diverged = 学习率过高：第 { $step } 步时 loss 或梯度不再是有限数。
# $loss, $start, $peak, $step
says-health-never-fell = 学习率可能过高：loss 为 { $loss }，开始时为 { $start }，在第 { $step } 步附近升至 { $peak }。
# $loss, $before, $steps
says-health-nothing-moves = 没有变化：{ $steps } 步后留出 loss 为 { $loss }（训练前 { $before }）。学习率可能过低。
# $after, $before, $margin, $margin_before
says-health-displaced = chosen 回复本身的概率在下降：留出 log-prob 从 { $before } 降到 { $after }，而 preference margin 从 { $margin_before } 升到 { $margin }。
# $count, $norm, $step, $usual
says-health-spikes = 梯度范数出现 { $count } 次尖峰：第 { $step } 步高达 { $norm }（通常为 { $usual }）。
# $step, $percent, $held_out
says-health-memorised = 从第 { $step } 步（全程的 { $percent }）起所有训练样本对都判对，而留出样本对为 { $held_out }：可能是死记，或训练数据泄露了答案。
# $lowest, $step, $after
says-health-turned = 留出 loss 开始回升：最低为第 { $step } 步的 { $lowest }，现在为 { $after }。
# $after, $before, $percent
says-health-longer = 回复变长：{ $after } 个 token，开始时为 { $before }（+{ $percent }）。
# $after, $before, $percent
says-health-shorter = 回复变短：{ $after } 个 token，开始时为 { $before }（−{ $percent }）。
# $after, $before
says-health-endless = 回复不再结束：对样例提示的回复有 { $after } 在达到最大 token 数时被截断，训练前为 { $before }。
# $after, $before
says-health-repetitive = 回复自我重复：四个 token 的片段中有 { $after } 在同一条回复中已出现过，训练前为 { $before }。
# $step, $percent, $loss, $start
says-health-saturated = 从第 { $step } 步（全程的 { $percent }）起已无可学：loss 从 { $start } 降到 { $loss }，梯度几乎为零。
# $percent, $cut, $rows, $length
says-health-cut = { $percent } 的行被截断：{ $rows } 行中有 { $cut } 行超过 { $length } 个 token。
# $percent, $cut, $rows, $length
says-health-cut-at-most = { $percent } 的行被截断：{ $rows } 行中有 { $cut } 行超过 { $length } 个 token，而模型不支持更长：请拆分或缩短这些行，或换用上下文更长的模型。
says-health-no-held-out = 没有留出数据：无法判断能否泛化。
# $seconds, $usual
says-health-stalled =
    已有 { $seconds } 秒没有收到工作进程的消息{ $usual ->
        [empty] { "" }
       *[other] （每步 { $usual } 秒）
    }，可能正处于较长的一步，也可能已卡住。
# $after, $before, $step
says-health-slower = 约从第 { $step } 步起变慢：{ $after } tokens/s（之前 { $before }）。可能有其他程序在占用机器。
# $finding, $changes
says-health-try = { $finding }可以尝试：{ $changes }
# $finding, $checkpoint
says-health-use = { $finding }{ $checkpoint } 更好。

## says: What went wrong with a hub, and why

# $file, $reason
says-hub-broken = 无法下载 { $file }：{ $reason }。已下载的部分会保留，重试将从断点继续
# $file, $reason
says-hub-wrong = 无法使用仓库发来的 { $file }：{ $reason }。未保留任何内容；请询问其发布者，或换用其他仓库或版本
says-hub-offline = 设置了 HF_HUB_OFFLINE，因此不会向仓库请求 { $name }，而缓存中也没有所需的全部内容；要下载请取消该设置
says-hub-offline-plan = { $name } 的大小需向仓库查询，但设置了 HF_HUB_OFFLINE；请取消该设置
says-asking-failed = 请求失败：{ $message }
says-no-endpoint = 仓库的端点不是有效地址
says-no-address = 不是有效地址
says-redirect-nowhere = 重定向没有去处
says-redirect-circles = 重定向循环
says-hub-answers = 仓库返回 { $status }
says-hub-come-again = 仓库在 { $seconds } 秒内不再接受请求
says-hub-says = 仓库回复：{ $message }
says-list-past-disks = 仓库的列表称其文件大于任何磁盘
says-no-usable-sum = 仓库的列表中没有可用的 SHA-256
says-no-usable-etag = 仓库没有发来可用的 etag
says-no-length = 仓库没有说明其长度
says-no-commit = 仓库没有给出提交
says-not-listed = 仓库的列表中没有它
says-odd-file-name = 其名称含有文件名不应有的字符
says-other-download = 它正在被另一个下载任务下载
says-which-part = 仓库发来了一部分，却没有说明是哪一部分
says-other-part = 仓库发来的不是所请求的部分
says-ended-early = 连接提前结束
says-not-whole = 到达的内容不完整
# $listed, $sent
says-listed-length = 仓库列出 { $listed } 字节，却发来 { $sent } 字节
says-silent = { $seconds } 秒内没有收到任何内容

## says: What keeps another program's run from being taken in, and what is said of one that was

says-import-nothing-there = { $path }：没有可导入的内容：既无 trainer_state.json、trainer_log.jsonl、TensorBoard 事件文件、mlruns 文件夹，也无 CSV 或 JSON 格式的 W&B 历史
says-import-no-values = { $path } 中没有指标的值
# $path, $why
says-import-unreadable = 无法读取 { $path }：{ $why }
# $path, $limit
says-import-too-large = { $path } 超过 { $limit } MiB
# $path, $byte
says-import-damaged = { $path } 在第 { $byte } 字节处损坏：只导入了之前的内容
# $path, $line, $why
says-import-bad-line = { $path } 第 { $line } 行已略去：{ $why }
# $path, $limit
says-import-many-runs = { $path } 中的运行超过 { $limit } 个：请指定包含较少运行的文件夹
says-import-many-values = { $path } 中的值过多，无法导入：请减少导出的指标或步数
# $path, $why
says-import-not-written = 无法把运行写入 { $path }：{ $why }
says-import-followed-already = 另一个 `corral import --follow` 已在 { $directory } 中跟踪该运行；请先结束它
says-import-no-numbers = 有 { $count } 个值不是有限数，已略去
says-import-end-untold = { $program } 的文件未说明运行是否结束及如何结束
# $step, $of
says-import-ends-at = 其文件止于第 { $step } 步（共 { $of } 步），未说明是否继续
# $step, $of
says-import-ended-early = 提前结束于第 { $step } 步（共 { $of } 步）
# $program, $status
says-import-status = { $program } 中的状态：{ $status }
# $count, $column
says-import-no-step = { $count } 行没有 { $column }：按前一行的步数导入
says-import-own-run = { $path } 是 Corral 的运行目录：请按此路径导入，或放到看板的 runs 之下
# $path, $limit
says-import-many-folders = { $path } 中的文件夹超过 { $limit } 个：其余未查找
# $path, $line
says-import-not-a-point = { $path } 第 { $line } 行不是时间、值和步数
# $path, $line, $column
says-import-not-a-step = { $path } 第 { $line } 行：{ $column } 不是数字
says-import-no-history = { $path } 中没有 log_history
says-imported-run = 该运行由其他程序的文件导入：这里无法停止、恢复或训练
says-import-going-on = 另一项导入正在进行；请等它完成后再试

## says: Models, adapters and their files: what is not there, what does not fit

says-no-adapter-folder = 适配器 { $adapter }：没有这个文件夹
says-adapter-without-base = 该适配器没有写明它训练自哪个模型：请把那个模型指定为模型，并把此文件夹指定为其适配器
says-adapter-twice = 适配器 { $path } 写了两次，但只计一次：请只写一次
says-disk-is-full = { $path }：磁盘已满：请腾出空间后重试
says-disk-is-full-resume = { $path }：磁盘已满：请腾出空间，再从最后的检查点继续
says-no-model-file = 不是模型：请指定它所在的文件夹，或一个 GGUF 文件
says-loftq-stands-alone = LoftQ 适配器从模型自身的权重开始，不能叠加在其他适配器上
says-no-model-folder = 模型 { $path }：没有这个文件夹，而 hub 名称的形式是 owner/name
# $path, $key
says-base-not-here = 写明该适配器训练自 { $path }，但本机没有：请指定模型在本机的位置并把适配器文件夹指定为其适配器（model_name_or_path 和 adapter_name_or_path，或 --adapter），或改正该文件中的 `{ $key }`
# $name, $program, $why
says-no-downloader = 模型 { $name }：没有这个文件夹，且无法启动用于下载的 { $program }（{ $why }）
says-download-failed = 模型 { $name }：下载失败，见上文
says-adapter-is-pickle = 这是 pickle 文件，打开时可能执行代码，因此从不加载；请把适配器保存为 safetensors
says-file-is-pickle = 这是 pickle 文件，打开时可能执行代码，因此从不加载；请保存为 safetensors
says-weights-are-pickle =
    pickle 权重加载时可能执行代码，因此从不打开；请使用带 safetensors 的修订版本，或用以下两行 Python 转换模型：
    { $lines }
says-no-weights-here = 这里没有权重：需要 model.safetensors，或 model.safetensors.index.json 及其分片
# $module, $config
says-dora-disagrees = { $module }：lora_magnitude_vector 与 { $config } 中的 use_dora 不一致
# $module, $got, $config, $want
says-rank-disagrees = { $module } 的秩为 { $got }，而 { $config } 中是 { $want }
says-stray-tensor = `{ $key }` 既不是线性层上适配器的矩阵，也不属于 modules_to_save 中的模块
says-no-adapter-matrix = 其中没有适配器的矩阵
says-other-matrices = 矩阵的种类与 { $config } 中的 peft_type 不一致
says-half-pair = { $module } 的两个矩阵缺少一个
says-adapter-is-empty = 适配器没有模块
says-no-adapter-config = 这不是适配器文件夹：没有 { $config }
says-too-short-safetensors = 不是 safetensors 文件：不足 8 字节
# $header, $size
says-cut-safetensors = safetensors 文件不完整：声明的文件头为 { $header } 字节，而总共只有 { $size } 字节；请重新下载
says-bad-safetensors-header = safetensors 文件头无法使用：{ $why }
# $size, $expected
says-other-length = 文件为 { $size } 字节，而文件头声明为 { $expected } 字节；请重新下载
says-not-whole-safetensors = 不是完整的 safetensors 文件（{ $why }）
says-no-tensor = 没有张量 `{ $name }`
says-no-such-tensor = 没有这个张量
says-weights-lack-tensor = 权重中没有张量 `{ $name }`
# $name, $kind
says-tensor-kind = `{ $name }` 的存储类型为 { $kind }；支持 F32、BF16、F16
says-shape-and-bytes = 张量的形状与字节数不一致
# $name, $why
says-of-tensor = `{ $name }`：{ $why }
# $name, $got, $want, $rows
says-shape-of-config =
    `{ $name }` 的形状为 { $got }，而 config.json 中是 { $want }{ $rows ->
        [empty] { "" }
       *[other] ；如果给模型添加过 token，其 vocab_size 应为 { $rows }，请写入 config.json
    }
says-not-an-index = 不是分片索引：{ $why }
says-stray-shard = `{ $name }` 不是旁边的 safetensors 文件名
says-not-finite = `{ $name }` 含有非有限数（NaN 或无穷大）：文件已损坏，或写出它的训练已发散；请换一份拷贝，或用更早的检查点
# $count, $n
says-uneven-expansion = use_llama_pro：模型有 { $count } 个块，不能被扩展的 { $n } 个整除；请用 `corral expand` 扩展模型，并在 freeze_trainable_layers 中写同样的数
# $name, $known
says-no-outside-module = additional_target：没有模块 `{ $name }`；块之外有 { $known }
says-adapted-already = additional_target：{ $module } 已有适配器；一个模块要么整体训练，要么用适配器，不能两者兼有
# $name, $format
says-quantized-stays = `{ $name }` 已量化（{ $format }），无法改变：请在其上训练 LoRA 或 OFT，或从 f32、bf16、f16 模型开始
says-nothing-trains = 没有可训练的内容
# $field, $name, $known
says-no-freeze-module = { $field }：没有模块 `{ $name }`；可用的是 { $known }
# $module, $name
says-whole-missing = 适配器的配置声明完整包含 `{ $module }`（modules_to_save），但其权重中没有 `{ $name }`：文件不完整，或不属于该模型；请重新获取适配器文件夹
# $name, $shape
says-whole-shape = 适配器的 `{ $name }` 形状为 { $shape }，与模型不符：它是否属于另一个模型？
says-whole-stranger = 适配器含有完整权重 `{ $name }`，而该模型没有
# $name, $shape, $width
says-whole-width = 适配器的 `{ $name }` 形状为 { $shape }，而模型每行宽 { $width }：它是否属于另一个模型？
# $embedding, $head
says-tables-part = 使用该适配器时嵌入有 { $embedding } 行而输出头有 { $head } 行：添加过 token，但两张表之一没有保存；请用 `save_embedding_layers=True` 保存适配器
says-head-takes-plain-lora = `{ $name }` 是输出层，只能使用普通 LoRA（不支持 DoRA、旋转、PiSSA 和 LoftQ）
says-head-is-tied = `{ $name }` 与嵌入共享同一张表，加上适配器会同时作用于两者；使用 `additional_target: { $name }` 可将其作为独立的表来训练
says-head-is-normalized = `{ $name }` 的每一行都会除以其长度，没有适用的适配器；请从 lora_target 中去掉
says-adapter-stranger = 适配器含有 `{ $path }` 的权重，而该模型没有对应的线性层；支持的是解码器块的线性层
says-adapter-surplus = 适配器的权重中有 `{ $path }`，但其 adapter_config.json 的 target_modules、exclude_modules 或 layers_to_transform 将其排除；请在其中写明，或重新获取适配器文件夹
says-adapter-missing = 适配器的配置声明作用于 `{ $path }`，但其权重中没有：文件不完整，或不属于该模型；请重新获取适配器文件夹
# $path, $a, $b, $output, $input
says-adapter-shapes = 适配器中 `{ $path }` 的矩阵为 { $a } 和 { $b }，而该层是 { $output } x { $input }：它是否属于另一个模型？
# $field, $pattern
says-bad-pattern = { $field }：`{ $pattern }` 不是可用的正则表达式，请改为列出各模块
says-dropout-out-of-range = LoRA dropout 为 { $dropout }；须不小于 0 且小于 1
says-adapter-has-no-weights = 适配器没有权重
says-loftq-not-quantized = LoftQ 适配器属于量化权重，而 `{ $path }` 未量化
says-rank-at-least-one = LoRA 的秩须至少为 1
# $path, $inputs
says-nothing-to-turn = `{ $path }` 有 { $inputs } 个输入，块大小只能为 1，无法旋转：请换一个 oft_block_size，或在 oft_target 中减少层
# $path, $shape, $stored, $each, $inputs
says-rotation-shape = 适配器中 `{ $path }` 的旋转为 { $shape }，而按其配置，{ $inputs } 个输入应为 { $stored } x { $each }：它是否属于另一个模型？
# $count, $gigabytes, $usable
says-no-room-for-blocks = oft_rank { $count }：适配器及其训练需要 { $gigabytes } GB 内存，而可用的只有 { $usable } GB：请提高 oft_rank，或在 oft_target 中减少层
# $key, $value, $gigabytes, $usable, $target
says-no-room-for-adapter = { $key } { $value }：适配器及其训练需要 { $gigabytes } GB 内存，而可用的只有 { $usable } GB：请降低 { $key }，或在 { $target } 中减少层
# $key, $name, $known
says-no-projected-layer = { $key }：`{ $name }` 不是正在训练的线性层；可用的是 { $known }，或 all
# $key, $name, $known
says-no-linear-layer = { $key }：`{ $name }` 不是解码器块的线性层；可用的是 { $known }，或 all（块之外的部分用 additional_target 整体训练）
# $rank, $path, $output, $input, $most
says-pissa-rank = PiSSA 的秩 { $rank }：`{ $path }` 为 { $output } x { $input }，最多有 { $most } 个方向；请降低 lora_rank 或减少 lora_target
says-loftq-of-quantized = LoftQ：`{ $path }` 来自已量化的文件夹；请指定量化之前的模型
# $rank, $path, $output, $input
says-loftq-rank = LoftQ 的秩 { $rank }：`{ $path }` 为 { $output } x { $input }；请降低 lora_rank 或减少 lora_target
says-dora-rows-of-zeros = DoRA 需要没有全零行的权重
# $from, $to, $count
says-no-blocks-to-repeat = layer_replication：没有第 { $from } 到 { $to } 个块，模型只有 { $count } 个：它是否属于另一个模型？
says-no-deeper-experts = layer_replication：混有非专家块的专家模型无法加深
says-no-silent-block = 该模型对残差流本身做归一化（post-norm），插入块会改变其计算结果
says-config-without-words = 该系列的 config.json 无法表示模型现在的块；不能更改 { $key }
# $count, $before
says-uneven-spread = { $count } 个块无法均匀分布到模型的 { $before } 个块中；请给出能整除 { $before } 的数
says-weight-kind = 权重类型为 { $kind }；支持 f32、bf16、f16
# $id, $vocab
says-outside-vocabulary = token id { $id } 超出模型的词表（{ $vocab }）：分词器不是该模型的
says-cannot-be-expanded = 该模型的块会对输入与计算结果之和做归一化，因此插入的块不可能不改变它：请不要扩展，直接训练
# $positions, $most
says-past-learned-positions = 文本长达 { $positions } 个 token：该模型只学习了 { $most } 个位置，之后没有；请把 cutoff_len 或回复长度设小
says-must-not-be-quantized = `{ $name }` 已量化，但此处不允许
says-no-weight = 模型没有权重 `{ $name }`
says-not-readable = 无法读取：{ $why }
says-not-readable-as-json = 无法按 JSON 读取：{ $why }
says-no-model-here = 这不是模型文件夹：没有 config.json
says-fused-is-quantized = `{ $name }` 含有多个层，且量化的块跨越了层的边界；请加载未量化的模型，再用 quantization_bit 量化
says-stacked-is-quantized = `{ $name }` 含有所有专家的层，其量化形式只能按单个层读取；请加载未量化的模型，再用 quantization_bit 量化
says-fused-start = { $path } 把多个层合为一个，不支持以权重的一部分起步的适配器（PiSSA、LoftQ）
says-fused-beside = `{ $name }` 与其他层在同一张量中：可以加适配器，但不能在适配器旁整体训练
says-no-regular-file = 不是普通文件
says-too-large-for-config = 有 { $size } 字节，作为配置文件过大
says-no-path-of-file = 这不是文件或文件夹的路径
says-no-adapters-config = 不是适配器配置：{ $why }
says-old-rotations = 适配器的旋转为 PEFT 0.14 之前的形式（没有 oft_block_size），请重新训练
says-no-blocks = r 与 oft_block_size 都是 0
# $count, $size
says-blocks-twice = r（{ $count }）与 oft_block_size（{ $size }）都已设置；一个由另一个决定
says-bounded-rotations = 不支持带约束旋转（coft）的适配器
says-most-terms = num_cayley_neumann_terms 为 { $terms }；最多累加 64 项
says-no-fan-in = { $config }：fan_in_fan_out 无效：权重的排列从模型自身的文件读取
# $key, $family
says-all-takes-none = { $key }: all 与 LLaMA-Factory 一样不包含 { $family } 的任何层；请改用 all-linear，或写出 c_attn 等层名
# $config, $key, $value
says-unknown-adapter-key = { $config }：`{ $key }`（{ $value }）不是已知的键，没有作用
says-other-adapter-kind = 适配器类型为 { $kind }；支持的是 LoRA 和 OFT 适配器
says-adapter-rank = r 须至少为 1，rank_pattern 中也一样
says-adapter-alpha = lora_alpha 为 { $alpha }；须为有限数
says-adapter-without-effect = { $file } 的 lora_alpha 为 0：适配器不起任何作用
says-adapter-bias = 不支持训练了偏置的适配器（bias: { $bias }）
# $key, $what (may be left out)
says-adapter-refused = 不支持使用 { $key } 的适配器
says-tied-tables = 不支持保持绑定并训练的表（ensure_weight_tying）
says-loftq-bits = 不支持 { $bits } 位的 LoftQ；4 位可以
says-changed-base = init_lora_weights 为 "{ $name }"：该适配器属于被这种初始化改变过的权重；请转换为普通适配器（PEFT：save_pretrained 时指定 path_initial_model_for_weight_conversion）
# $field, $pattern
says-bad-regex = { $field }：`{ $pattern }` 不是可用的正则表达式
says-bad-quant-state = 其 quant_state 无法读取：{ $why }
# $got, $want
says-other-shape = 形状为 { $got }，而配置中是 { $want }
# $name, $got, $want
says-other-count = `{ $name }` 应有 { $want } 个值，实际为 { $got } 个
# $got, $want
says-other-kind = 存储为 { $got }；需要 { $want }

## says: What is noted of a run's settings, and how a worker ended

# $path, $why
says-pairs-not-kept = 无法写入 { $path }，此后不再逐条保存留出的成对数据：{ $why }
says-first-command = 只读取了第一条命令
says-model-without-folder = 这些设置只给出模型名 { $name } 而没有文件夹，请在此选择
says-stage-is-dpo = 因为有 pref_loss，阶段视为 dpo
# $key, $value
says-given-twice = 命令行中多次给出 { $key }，以最后的 { $value } 为准
# $ratio, $steps
says-warmup-steps-win = warmup_ratio { $ratio } 不生效：学习率上升的步数由 warmup_steps { $steps } 决定；请去掉其中之一
says-no-effect-infer-dtype = infer_dtype 在此无效：权重保持存储时的类型
says-no-effect-accuracy = compute_accuracy 无效：它用于 sft 阶段，成对数据的阶段总会给出准确率
says-no-effect-marks = pair_marks 无效：它用于以成对数据训练的阶段 dpo、rm 和 kto
says-output-dir-unused = output_dir: { $folder } 未被使用：每个运行在数据目录中有自己的文件夹
# $key, $why
says-no-effect-here = { $key } 在此无效（{ $why }）
# $tracker, $why
says-tracker-given-up = 不再向 { $tracker } 记录此运行，运行照常继续：{ $why }
# $tracker, $command
says-tracker-ready = { $tracker }：`{ $command }` 可显示或上传此运行
# $tracker, $variable
says-tracker-off = 根据 { $variable } 的设置，不向 { $tracker } 记录此运行
# $variable, $why
says-variable-no-effect = { $variable } 在此无效（{ $why }）
says-tracker-by-corral = report_to: { $tracker } 由 `corral train` 和看板记录，训练程序本身不记录；事后可用 `corral report` 记录
# $path, $why
says-trackio-away = 无法写入 trackio 的 { $path }：{ $why }
# $path, $seconds
says-trackio-held = 另一个程序已占用 { $path } { $seconds } 秒
says-mlflow-no-uri = report_to: mlflow：MLFLOW_TRACKING_URI 未指明服务器地址
says-mlflow-no-server = MLFLOW_TRACKING_URI { $uri } 不是 http 或 https 地址；只向服务器（`mlflow server`）记录，不写文件或数据库
# $uri, $why
says-mlflow-away = { $uri } 上的 MLflow 无响应：{ $why }；稍后可用 `corral report` 记录
# $uri, $what, $why
says-mlflow-refused = { $uri } 上的 MLflow 拒绝 { $what }：{ $why }
says-no-events = { $path } 不是运行目录：没有 events.jsonl
# $path, $why
says-report-not-kept = 无法在 { $path } 中保存记录进度：{ $why }
says-secrets-open = { $path } 可被其他用户读取：执行 `chmod 600` 后才会使用
# $path, $why
says-secrets-unreadable = 无法读取 { $path }：{ $why }
says-report-goes-on = { $path }：已有另一个 `corral report` 在记录此运行
says-report-behind = MLflow 的记录未完成，且已无进程继续：`corral report { $path }` 可记录其余部分
# $uri, $what
says-mlflow-no-id = { $uri } 上的 MLflow 对 { $what } 的回答中没有 ID
says-tracker-too-slow = 剩余内容未能在 { $seconds } 秒内写完
says-lora-dropout-off = 偏好训练中 lora_dropout 不生效，与 LLaMA-Factory 和 TRL 相同
says-never-paged = optim：优化器状态不会换页，等同于不带 `paged_` 的优化器
says-pissa-other-programs = 其他程序加载 PiSSA 适配器时会重新求主成分，且 pissa_iter 为 0 或更大时随机起点不同；pissa_convert: true 会写出可直接加载的适配器
says-no-effect-ppo = { $key } 无效：PPO 边训练边生成回复，并衡量与起点的距离
says-aot-batch-of-one = AOT 比较排序后的微批；per_device_train_batch_size 为 1 时无可排序，等同 DPO，请设为 2 或更大
says-no-effect-alpha = f_alpha_divergence_coef 无效：它属于 f_divergence_type: alpha_divergence
says-no-effect-reference-free = { $key } 无效：reference_free 不使用参考模型
# $key, $names
says-no-effect-no-reference = { $key } 无效：{ $names } 不需要参考模型
says-no-effect-without-sync = 没有 sync_ref_model: true 时 { $key } 无效
says-no-effect-shared-reference = ref_model_quantization_bit 无效：没有 ref_model 时，参考模型就是训练的起点，并共享其权重
says-reference-read = 从缓存读取了 { $rows } 行的参考 log-prob（前向 0 次）
# $rows, $forwards
says-reference-computed = 计算并保存了 { $rows } 行的参考 log-prob（前向 { $forwards } 次）
# $kind, $factor, $original, $reach
says-rope-scaled = RoPE 缩放 `{ $kind }`，倍率 { $factor }：位置可达 { $reach } 个 token，而非 { $original } 个
says-fast-tokenizer-alone = use_fast_tokenizer 为 false，但 { $folder } 中没有慢速分词器的文件；ID 按 tokenizer.json，即快速分词器的
# $kind, $factor, $original, $reach
says-rope-as-trained = 位置按训练时的方式缩放：`{ $kind }`，倍率 { $factor }，{ $reach } 个 token 而非 { $original } 个
says-rope-adapters-differ = 与 { $below } 是分别以不同的 rope_scaling 训练的，没有对两者都正确的缩放。请分开合并，或在其中一个之上训练另一个，或指定 rope_scaling
# $adapter, $theirs, $ours
says-adapter-of-other-base = 适配器 { $adapter } 是在 { $theirs } 上训练的，而不是 { $ours }：放在这些权重上就成了另一个模型
# $kind, $factor, $original, $reach
says-rope-trained-otherwise = rope_scaling：该适配器是以另一种缩放训练的（`{ $kind }`，倍率 { $factor }，{ $reach } 个 token 而非 { $original } 个）
# $cutoff, $original
says-rope-reaches = rope_scaling：不作缩放，因为 cutoff_len { $cutoff } 的文本在模型的 { $original } 个 token 之内
says-rope-dynamic-trained = rope_scaling：dynamic 仅在超过新长度时改变旋转，微调时效果可能不佳
# $reach, $entry
says-rope-beside-adapter = 适配器的 PEFT 文件不含缩放：在别处使用时，请在基座的 config.json 中将 max_position_embeddings 设为 { $reach }，rope_scaling 设为 { $entry }；旁边的 corral.json 已记录，合并或导出的结果也会写明
says-experts-in-peft = 专家上的适配器是基于 transformers 4 的 PEFT 格式；transformers 5 将专家存于一个张量，PEFT 可能会漏掉其中一部分：在那里使用请先合并
says-head-takes-no-adapter = 在 LLaMA-Factory 中 lora_target: all 也包含 { $head }；此处输出层只加普通 LoRA（不加 DoRA、PiSSA、LoftQ），用 additional_target: { $head } 可整体训练它
# $cutoff, $context
says-long-cutoff = cutoff_len { $cutoff } 超过模型支持的 { $context } 个 token
# $models, $length
says-otherwise-past = 超过 { $length } 个 token 后，{ $models } 与其公开代码一样，在评估和对话时的计算与训练时不同（dynamic NTK、log-n attention）：更长行的数值与训练时不一致
says-turned-apart = 评估时超过 { $length } 个 token 的文本按其长度旋转（dynamic NTK），而模型与参考模型的做法不同；请把 cutoff_len 设为 { $length } 或更小
says-head-unasked = stage rm 对送入 { $head } 的值打分，不让它预测 token：{ $head } 上要训练的部分保持初始值
says-only-head-unasked = stage rm 对送入 { $head } 的值打分，不让它预测 token：只选 { $head } 时模型本身不会被训练，只训练其上的 value head；请指定其他层
says-high-rate = learning_rate { $rate } 远高于训练语言模型的常用值（1e-7 到 1e-2）
# $formats, $mib
says-stays-quantized = 线性层保持量化（{ $formats }，{ $mib } MiB），使用时反量化
says-quantized-activations = quantization_config 的 `{ $key }` 无效：只有权重是量化的，计算中的值不量化
# $formats, $mib
says-stays-quantized-as-it-is = 线性层保持量化（{ $formats }，{ $mib } MiB），使用时反量化；quantization_bit 对此没有影响
says-no-experts = moe_aux_loss_coef 无效：该模型没有可路由的专家
says-no-router-loss = moe_aux_loss_coef 无效：{ $architecture } 的路由没有辅助损失
says-mixes-as-in-evaluation = 专家按评估时的方式选择：不抽取 { $router } 训练时的噪声
says-computes-in-f32 = { $asked }：在此设备上以 f32 计算，权重保持存储时的类型
# $step, $scale
says-overflowed = 第 { $step } 步：梯度超出 float16 的范围，未做更新；loss scale 现为 { $scale }（fp16 刚开始时出现几次属正常）
says-diverged = 在第 { $step } 步发散：loss 或梯度不再是有限数；请降低 learning_rate 或提高 warmup_ratio
# $signal, $last, $checkpoint
says-killed =
    工作进程被强制终止（信号 { $signal }），很可能是内存不足；请减小批大小或 cutoff_len{ $last ->
        [empty] { "" }
       *[other] ；最后的输出：{ $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （可从 { $checkpoint } 继续）
    }
# $signal, $last, $checkpoint
says-out-of-memory =
    工作进程无法再分配内存（信号 { $signal }）；请减小批大小或 cutoff_len{ $last ->
        [empty] { "" }
       *[other] ；最后的输出：{ $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （可从 { $checkpoint } 继续）
    }
# $signal, $last, $checkpoint
says-told-to-end =
    工作进程被外部要求结束（信号 { $signal }）{ $last ->
        [empty] { "" }
       *[other] ；最后的输出：{ $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （可从 { $checkpoint } 继续）
    }
# $signal, $last, $checkpoint
says-crashed =
    工作进程崩溃（信号 { $signal }）{ $last ->
        [empty] { "" }
       *[other] ；最后的输出：{ $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （可从 { $checkpoint } 继续）
    }
# $exit, $last, $checkpoint
says-exited =
    工作进程以退出码 { $exit } 结束{ $last ->
        [empty] { "" }
       *[other] ；最后的输出：{ $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （可从 { $checkpoint } 继续）
    }
# $signal (may be left out), $last, $checkpoint
says-gone =
    工作进程未留下任何信息便已消失：被终止、内存不足或机器重启{ $last ->
        [empty] { "" }
       *[other] ；最后的输出：{ $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] （可从 { $checkpoint } 继续）
    }
# $program, $why
says-not-started = 无法启动工作进程 { $program }：{ $why }
# $path, $why
says-events-unreadable = 无法读取 { $path }：{ $why }
says-directory-gone = 运行中 { $directory } 被删除，已结束其工作进程
says-never-began = 开始之前已移出队列
says-left-the-queue = 继续之前已移出队列
says-elsewhere-going = 工作进程在另一台机器上运行：可在此查看，但需在那台机器上停止
says-elsewhere-silent = 工作进程在另一台机器上启动，目前没有消息，是否仍在运行需在那台机器上确认；确认已结束后删除 { $file }，即可在此继续
# $theirs, $ours
says-newer-protocol = 工作进程来自更新的 Corral（运行目录版本 { $theirs }，本程序为 { $ours }），新内容可能无法显示
# $step, $total, $stale, $metric
says-ends-early = 训练在第 { $step } 步（共 { $total } 步）结束：{ $metric } 连续 { $stale } 次评估没有改善（early_stopping_steps）
says-idle-key = 当前的训练对象和方法用不到它

## says: Why a row of a data set can't be used, and why a file's rows can't

says-null = null
says-a-truth = 布尔值
says-a-list = 列表
says-an-object = 对象

# $why, $hint
says-row-not-json =
    不是合法的 JSON：{ $why }{ $hint ->
        [empty] { "" }
       *[other] ；{ $hint }
    }
# $what, $column
says-at-column = { $what }（第 { $column } 列）
# $why, $hint
says-file-not-json =
    不是合法的 JSON：{ $why }{ $hint ->
        [empty] { "" }
       *[other] ；{ $hint }
    }
says-ends-in-a-row = 文件在一行中间结束：{ $why }
says-looks-like = 不是 UTF-8，看起来是 { $encoding }：请另存为 UTF-8（`iconv -f { $encoding } -t UTF-8 in > out`）
says-other-encoding = 不是 UTF-8，而是其他编码：请另存为 UTF-8（`iconv -f 原编码 -t UTF-8 in > out`）
says-nan-is-no-json = JSON 中没有 `NaN` 和 `Infinity`：请写成 null（用 `json.dumps(…, allow_nan=False)` 可找出来源）
says-pythons-writing = 这是 Python 的写法：请用 `json.dumps` 写成 JSON

says-not-a-row = 是{ $what }；一行应为对象
says-column-missing = 缺少 `{ $column }`
says-column-empty = `{ $column }` 为空
says-no-column-named = dataset_info.json 的条目没有指定 `{ $key }` 列
# $column, $what
says-not-text = `{ $column }` 是{ $what }，应为文本
# $column, $value
says-not-a-number = `{ $column }` 为 { $value }，应为数字
# $column, $what
says-not-a-list = `{ $column }` 是{ $what }，应为列表
says-python-list = `{ $column }` 是写成文本的 Python 列表，请写成 JSON（`json.dumps`）
says-history-pairs = `{ $column }` 应为问答对的列表
says-tools-no-list = 工具是{ $what }，应为 JSON 列表
says-holds-media = `{ $column }` 含有媒体；Corral 只训练文本
# $column, $value
says-row-weight = `{ $column }` 为 { $value }：这里每一行的权重相同；请去掉该列或设为 1，并用重复或删除行来调整
says-text-empty = 文本为空

says-no-reply = 没有回复（`{ $column }` 列的文本）
says-no-reply-there = 没有回复
says-no-label = 没有标签（`{ $column }` 列的 true 或 false）
# $column, $value
says-label-unread = `{ $column }` 为 { $value }；标签应为 true 或 false（也可用 1 和 0、good 和 bad）
# $column, $n
says-several-answers = `{ $column }` 有 { $n } 个答案；一行只有一个回复
says-two-texts = `{ $column }` 应有两段文本：选中的回复和被拒绝的回复
says-reply-not-learned = 其回复被标记为不学习
says-no-reply-learned = 其所有回复都被标记为不学习

says-no-transcript = `{ $column }` 中没有提示：它不是 `Human:` 与 `Assistant:` 的对话，条目也没有指定 `prompt` 列
# $column, $what
says-not-messages = `{ $column }` 是{ $what }，应为消息列表
# $column, $what
says-not-a-message = `{ $column }` 中有一处应为消息，却是{ $what }
# $column, $key
says-message-without = `{ $column }`：有一条消息没有 `{ $key }`
# $column, $key, $what
says-key-not-text = `{ $column }`：`{ $key }` 是{ $what }，应为文本
# $column, $role
says-role-unknown = `{ $column }`：未知角色 `{ $role }`；请在 dataset_info.json 的 `tags` 中指定角色名
says-late-system = `{ $column }`：首轮之后出现系统消息
says-begins-with-reply = `{ $column }` 以助手的轮次开头
# $column, $turn
says-same-side = `{ $column }`：第 { $turn } 轮与前一轮是同一方
says-ends-without-reply = `{ $column }` 没有以助手的轮次结尾
says-ends-with-user = `{ $column }` 以用户的轮次结尾，没有可学习的回复
# $column, $one, $other
says-marks-contradict = `{ $column }`：关于是否学习某一轮，`{ $one }` 与 `{ $other }` 相互矛盾
# $column, $key, $value
says-mark-unread = `{ $column }`：`{ $key }` 为 { $value }；一轮要么学习（1、true），要么不学习（0、false）
# $column, $key
says-part-of-a-turn = `{ $column }`：`{ $key }` 只学习一轮的一部分；这里一轮要么整体学习，要么不学习：请拆分该轮，或用 `train` 标记
# $column, $why
says-call-not-json = `{ $column }`：工具调用不是 JSON：{ $why }
says-part-without-text = `{ $column }`：消息中有一部分没有 `text`
# $column, $kind
says-media-part = `{ $column }` 含有 `{ $kind }`；Corral 只训练文本

says-no-prompt = 没有提示
# $one, $other
says-no-prompt-in = `{ $one }` 和 `{ $other }` 中没有提示
says-prompt-ends-with-reply = 提示没有以用户的轮次结尾
says-not-the-reply = `{ $column }` 不是助手的轮次
# $column, $what
says-not-a-reply = `{ $column }` 是{ $what }，应为消息
# $reply, $flag, $mark
says-choice-contradicted = `{ $reply }` 标为 `{ $flag }`，而按 `{ $mark }` 它最差；请删去其中之一
# $one, $other
says-systems-differ = `{ $one }` 与 `{ $other }` 的系统消息不同
says-not-from-prompt = `{ $column }` 不是以该行的提示开头
# $one, $n, $other, $m
says-turns-before = 回复之前的轮次：`{ $one }` 有 { $n } 轮，`{ $other }` 有 { $m } 轮
# $one, $other, $turn
says-differ-at = `{ $one }` 与 `{ $other }` 在第 { $turn } 轮就已不同；只有最后一轮可以不同
says-sides-differ-early = chosen 与 rejected 的对话在最后一轮之前就已不同

says-tie = 平局：没有哪个回复更好
says-unjudged = 没有说明哪个回复更好
# $column, $value, $one, $other
says-verdict-unread = `{ $column }` 为 { $value }，无法确定指 `{ $one }` 还是 `{ $other }`
says-several-turns = 一个单元格列出了 { $n } 轮；一对数据是一个提示和它的两个回复
says-no-text-in = `{ $column }` 中没有回复
# $column, $n
says-too-few-replies = `{ $column }` 有 { $n } 个回复；一对需要两个

# $column, $n, $list, $m
says-beside-other-length = `{ $list }` 有 { $m } 个回复，而 `{ $column }` 有 { $n } 个数字
# $size, $most
says-text-too-long = 有一段文本长 { $size } MiB；一次最多能对 { $most } MiB 分词：请拆成多行

# $n, $most
says-row-not-shown = 可用但未显示：加上这一行的 { $n } 个 token，所请求的行会超过 { $most }；请减少行数，或设置更小的 cutoff_len

says-name-like = 已有仅大小写不同的数据集 { $other }：有些文件系统不区分这两个名称
# $key, $why
says-under-key = `{ $key }`：{ $why }
says-no-variable = { $name } 在此不会展开（$HOME 和 ~ 会展开），请写出完整路径
# $columns, $empty
says-unknown-layout =
    各行的列为 { $columns }{ $empty ->
        [empty] { "" }
       *[other] （{ $empty } 为空）
    }，不是 Corral 认识的格式；请在 dataset_info.json 中用 `columns` 说明
# $side, $other
says-side-alone = 行中有 `{ $side }` 而没有 `{ $other }`：偏好需要两者；请补上该列，或把 `{ $side }` 改名为 `output` 作为回复训练
says-parquet-packed-so = 使用 { $packing } 压缩，无法读取：请用 zstd、snappy、gzip、lz4 或不压缩保存
says-is-lfs-pointer = 不是数据，而是 Git LFS 指向文件的指针；请用 `git lfs pull` 获取
says-is-web-page = 是网页而不是数据；请下载该页面所介绍的文件
says-ends-before-message = 在第一条消息之前就结束了
says-ends-within-message = 在一条消息中间结束
says-message-of = 其中有一条 { $bytes } 字节的消息
says-part-outside = 有一部分位于其消息之外
says-parts-misfit = 各部分彼此不符
# $size, $most
says-batch-too-large = 其中有 { $size } MiB 的批次；一次最多读取 { $most } MiB
# $rows, $bytes
says-rows-in-bytes = 声称 { $bytes } 字节中有 { $rows } 行
says-footer-misplaced = 页脚不在文件末尾所指的位置
says-footer-broken = 页脚已损坏
says-table-cut-off = 文件被截断（结尾与开头不符）；请重新获取
# $depth, $most
says-columns-nested = 列嵌套了 { $depth } 层；最多读取 { $most } 层
says-by-columns = 整张表是一个对象，而不是行的列表：请每行写成一个对象（pandas：`to_json(path, orient="records", force_ascii=False)`）
# $one, $other
says-no-verdict = 各行有 `{ $one }` 和 `{ $other }` 两个回复，但没有 Corral 认识的列说明哪个更好；请在 dataset_info.json 中用 `comparison` 指定
# $column, $list
says-places-unsure = `{ $column }` 是 `{ $list }` 中回复的编号，但从各行无法确定是从 0 还是从 1 开始计数：请在 dataset_info.json 的 `comparison` 中用 `better_from_0` 或 `better_from_1`（代替 `better`）说明
# $column, $list
says-place-zero = `comparison` 写的是 `better_from_1`，但 `{ $column }` 在某行为 0，从 1 开始计数时 `{ $list }` 中没有这个编号：请修正这些行（-1 表示都不是）；若所有行中 0 都是第一个回复，请改写为 `better_from_0`
# $column, $list
says-place-past-end = `comparison` 写的是 `better_from_0`，但 `{ $column }` 在某行等于 `{ $list }` 的长度，从 0 开始计数时超出末尾：请修正这些行（-1 表示都不是）；若所有行中 1 都是第一个回复，请改写为 `better_from_1`
# $column, $values, $one, $other
says-sides-unsure = `{ $column }` 的值（{ $values }）无法确定 `{ $one }` 和 `{ $other }` 哪个更好：请写入较好一列的列名，或在 dataset_info.json 的 `comparison` 中用 `better_from_0`、`better_from_1` 或 `first_is_better` 说明
# $column, $values, $one, $other
says-scale-unsure = `{ $column }` 是量表（{ $values }），但没有说明哪一端表示 `{ $one }`、中点在哪里：请改写为 `{ $one }` 更好时为负、`{ $other }` 更好时为正、平局为 0 的数字，并在 dataset_info.json 的 `comparison` 中以 `leaning` 指定
# $column, $value, $one, $other
says-place-beyond = `{ $column }` 在某行为 { $value }，两个回复没有这样的编号：请在 dataset_info.json 的 `comparison` 中说明计数方式，`better_from_0`（0 为 `{ $one }`，1 为 `{ $other }`）或 `better_from_1`，并修正或去掉其他数字；-1 表示都不是
# $n, $columns
says-several-sides = 各行并列有 { $n } 个回复（{ $columns }），而一对只有两个：请把它们放进一个列表 `responses`，旁边附上数字列表 `scores`（越大越好）或 `ranks`（1 为最好），或把要用的两个写成 `chosen` 和 `rejected`
# $chosen, $rejected, $replies
says-names-of-replies = `{ $chosen }` 和 `{ $rejected }` 中有些行是 `{ $replies }` 里回复的名称，而不是回复：请写入回复本身
# $column, $others
says-answers-name-others = `{ $column }` 中只有 `{ $others }` 里内容的名称，模型只会学到名称：请把选项写进提示、把答案文字写进 `{ $column }`，或在 dataset_info.json 中用 `columns` 说明
says-three-labels = `{ $column }` 中有 -1、0、1 三种值，而标签只有两种：好回复写 true，坏回复写 false，其余请去掉
# $column, $list
says-order-or-places = `{ $column }` 既可能是 `{ $list }` 中每个回复的名次，也可能是从好到坏排列的回复编号，两者含义不同：请为每个回复写一个数字，用 `ranks`（1 为最好）或 `scores`（越大越好）
says-stepwise-rows = 各行评判一个回复的各个步骤（`completions` 与 `labels`，即 TRL 的 stepwise supervision），用于过程奖励模型；这里没有按步骤训练的阶段
says-message-tree = 各行是消息树的节点（`message_id`、`parent_id`），不是对话；请把从首条消息到回复的每条路径写成 `messages`，或把有排名的回复写成 `chosen` 和 `rejected`
says-no-marks = 没有对回复对的标记；标记在运行页面的“回复对”中添加
# $swapped, $excluded
says-marks-taken = 按回复对上的标记，交换了 { $swapped } 对的回复，去除了 { $excluded } 对
# $lost, $all
says-marks-without-pair = { $all } 个标记中有 { $lost } 个不对应任何行：标记只在数据、模板、分词器和 cutoff_len 都相同时有效
says-marks-leave-nothing = 回复对上的标记去除了所有行；请取消一些标记

## says: What does not go together in a run config: methods, adapters, optimizers, losses, references

says-llama-pro-alone = 只训练扩展的块：请用 finetuning_type freeze 或 lora
says-expanded-blocks = 使用 use_llama_pro 时它是扩展的块数，须为 1 或更大
says-stream-needs-steps = streaming: true 需要 max_steps：读完之前不知道有多少行
says-stream-holds-out-rows = streaming: true 时须为整数行数：读完之前不知道比例对应多少行
says-stream-excludes = { $key } 需要在第一步之前知道所有行，而 streaming: true 做不到：请去掉其中一个
says-stream-of-prompts = ppo 阶段的提示取自事先读完的数据；streaming 用于 pt、sft、rm、dpo 和 kto 阶段
says-stream-has-no-epoch = streaming: true 时无法事先知道一轮何时结束；请设置 { $key }: steps
says-shares-of-concat = 仅在交错数据集时有效：mix_strategy 用 interleave_under 或 interleave_over
says-shares-sum-to-one = 应为每个数据集一个大于 0 的数，总和为 1
# $found, $key, $wanted
says-shares-per-set = 有 { $found } 个数，而 { $key } 有 { $wanted } 个数据集：需要一一对应
says-freezes-all = 0 表示什么都不训练，除非 freeze_extra_modules 指定了模块
says-table-trains-whole = { $table } 不加适配器，须整体训练：additional_target: { $table }
says-oft-target-chooses = finetuning_type: oft 时 lora_target 无效，层由 oft_target 指定
says-rank-or-block-size = oft_rank 与 oft_block_size 不能同时使用：一个由另一个决定
says-nothing-to-convert = 没有 pissa_init 就没有可转换的内容
says-dora-not-plain = DoRA 适配器不能写成普通适配器，请去掉 use_dora 或 pissa_convert
says-pissa-iterations = 应为 -1（精确）或 0 到 1000 的整数
says-loftq-needs-four-bits = LoftQ 用于弥补 bitsandbytes 4 位量化的误差，需要 quantization_bit: 4 和 quantization_method: bnb
says-not-with-loftq = 不能与 { $key } 同用：LoftQ 从模型自身的权重开始，并处理整个模型
says-lora-only = 仅用于 finetuning_type: lora
says-quantized-needs-lora = 量化的权重保持不变：请在其上训练 LoRA 或 OFT（finetuning_type: lora 或 oft），或去掉这一行
says-no-reward-api = 训练程序不使用网络；请用本机的模型评分：lora 或 full
says-reward-adapter-named = reward_model_type: lora 时 reward_model 就是适配器本身
says-bco-weighs-alike = BCO 对好坏回复一视同仁，请去掉这一行
says-neftune-stages = NEFTune 用于 sft 和 pt 阶段，请去掉这一行
says-for-stage-sft = { $name } 用于 sft 阶段，请去掉这一行
says-one-token-weight = use_eaft_loss 与 use_dft_loss 不能同时使用：一个 token 只有一个权重
says-neat-packing-stage = neat_packing 用于 sft 阶段，请去掉这一行
says-not-with-lora = 不能与 LoRA 或 OFT 同用：它用于训练完整权重时节省内存，请把 finetuning_type 设为 full 或去掉它
says-built-on-adamw = { $key } 基于 AdamW：请去掉 optim 或设为 adamw_torch
says-switch-interval = 应为不小于 1 的整数，或用 -1 表示从不
says-ld-needs-reference = LD-DPO 只适用于带参考模型的损失
says-ld-splits-sums = LD-DPO 拆分 log-prob 之和，而 { $name } 按 token 取平均
says-wpo-weighs-pairs = WPO 逐对加权，而 { $name } 让微批内的样本对相互比较
says-loss-twice = { $name } 出现了两次
says-sft-no-preference = sft 不是偏好损失：请用 stage: sft，或同时指定另一种损失
# $a, $s
says-two-scales = { $a } 取每个 token 的平均，{ $s } 取总和，同一个 beta 不适用
says-weights-are-numbers = 应为逗号分隔的不小于 0 的数字
# $given, $count
says-weights-of-losses = pref_loss 有 { $count } 个损失却给出 { $given } 个权重：每个损失一个
says-a-weight-above-zero = 至少一个权重须大于 0
# $names, $choices
says-smoothing-of = 标签平滑对 { $names } 没有意义，仅适用于 { $choices }
says-smoothing-below-half = 必须小于 0.5：取 0.5 时两个回复的权重相同
says-cpo-alpha-of = cpo_alpha 用于 cpo 和 simpo（CPO-SimPO）；其他损失下同一项是 rpo_alpha
says-bco-not-with = BCO 项把 log-prob 之和与参考模型比较，不能与 { $name } 同用
# $choices, $name
says-divergences-of = 其他散度仅适用于 { $choices }；{ $name } 有自己的散度
# $name, $choices
says-reference-free-of = { $name } 没有参考模型就没有意义；reference_free 仅适用于 { $choices }
says-following-starts-here = 跟随策略的参考模型从训练起点开始，不能与 ref_model 或 ref_model_adapters 同用
says-following-not-dora = DoRA 不支持跟随的参考模型，请去掉 use_dora 或 sync_ref_model
says-following-not-oft = OFT 不支持跟随的参考模型，请去掉 sync_ref_model，或把 finetuning_type 设为 lora
says-following-not-precomputed = 跟随策略的参考模型（sync_ref_model）无法在训练前计算

## says: What is said of the prompts that a run answers on its way

# $found, $most
says-own-prompts-too-many = 有 { $found } 条提示；最多回答 { $most } 条，请减少
says-own-prompts-too-long = 提示合计超过 { $most } KiB，请缩短
# $line, $why, $example
says-own-prompt-unreadable = 第 { $line } 行以对话开头却无法读取（{ $why }）：请写普通文字，或写成一行 { $example }
says-own-prompt-ends = 第 { $line } 行的对话没有待回答的内容：请以用户或工具的一轮结束
# $line, $role
says-own-prompt-role = 第 { $line } 行的角色 { $role } 不存在：可用 system、user、assistant、tool
# $line, $tokens, $most
says-own-prompt-no-room = sample_own_prompts：第 { $line } 行有 { $tokens } 个 token，模型最多接受 { $most } 个，请缩短
says-samples-of-scores = { $key } 在 rm 阶段无效：奖励模型只打分，不写文字
says-samples-without-rows = { $key } 无效：没有留出的行可取提示；请设置 val_size 或 eval_dataset，或在 sample_own_prompts 中写提示
# $found, $asked
says-samples-fewer = sample_prompts：{ $asked } 条中回答 { $found } 条，留出的行中没有更多互不相同、未被截断且能看出回复起点的提示
# $path, $why
says-samples-not-kept = 无法写入 { $path }，此后不再回答提示：{ $why }
says-run-without-samples = 此运行（尚）未回答任何提示：用 sample_prompts 或 sample_own_prompts 指定
says-no-such-sample = 此运行没有提示 { $prompt }

## says: What the board's server does not find, and what names of runs, models and data sets lead to

says-no-webhook = 没有可测试的 Webhook：请先设置地址
says-probe-going = 正在测量运行速度；请等待或停止它
says-probe-beside-run = 有运行正在进行，两者会互相拖慢；请在其结束后测量
says-probe-of-ppo = ppo 的时间取决于不断变化的回复长度，几步无法估算
says-probe-stopped = 测量已停止
says-no-such-run = 没有运行 { $id }
says-run-lacks = 该运行没有 { $name }
says-run-lacks-checkpoint = 该运行没有检查点 `{ $name }`
says-run-without-pairs = 该运行没有逐条保存的留出成对数据：未在成对数据上评估，或尚未评估
says-reward-without-tokens = 奖励模型只为整条回复打分，各 token 没有 log-prob
says-pair-while-training = 此运行尚未结束：结束后才能为这一对计算各 token 的分数
says-pair-start-not-kept = 使用 `{ $key }` 的运行没有保存训练前的模型，无法计算各 token 的分数
says-pair-of-random-weights = 此运行从随机权重开始，而这些权重并未保存，无法计算各 token 的分数
# $step, $found, $kept
says-pair-scored-otherwise = 在第 { $step } 步，加载的模型给出的回复 log-prob 为 { $found }，而评估时为 { $kept }：模型未按训练时的方式加载，或其文件已改变；因此不显示可能有误的数值
# $step, $found, $kept
says-pair-reference-otherwise = 在第 { $step } 步的评估中，参考模型给出的回复 log-prob 为 { $kept }，而现在作为参考加载的模型给出 { $found }：它未按训练时的方式加载，或其文件已改变；因此不显示可能有误的数值
says-no-such-pair = 该运行没有留出的成对数据 { $pair }
says-no-such-evaluation = 该运行没有这一步的成对数据评估
says-no-evaluation = 没有评估 { $id }
says-run-without-checkpoint = 该运行没有检查点
says-run-name-taken = 已有名为 { $name } 的运行
says-run-name-bad = 运行名称须为 1 到 120 个字符，不能包含斜杠或控制字符，也不能以点开头
says-key-is-the-boards = { $key } 由面板自行设置：请删去这一行
# $host, $why
says-webhook-failed = 无法通知 { $host } 的 Webhook：{ $why }
says-no-such-download = 没有这个下载
says-no-such-dataset = 没有数据集 { $name }
says-no-register-entry = 登记表中没有 { $name } 这一项
says-no-such-file = 没有文件 { $path }
says-name-file-in-folder = 那是文件夹：请指定其中的文件，或下载压缩包
says-no-such-address = 没有这个地址
says-no-board-file = 没有这个文件
says-bad-address = { $path }：该地址的字节不是 UTF-8 文本
says-no-api-address = API 没有这个地址；/api/openapi.json 列出所有地址
says-no-openai-address = 没有这个地址；可用的是 /v1/models、/v1/models/ID 和 /v1/chat/completions
says-gone-meanwhile = 它已不存在：{ $why }

says-no-model-at = { $path } 处没有模型：需要文件夹、GGUF 文件或 hub 缓存的文件夹
says-hub-model-not-here = hub 上的 { $name } 还不在本机：请先下载（模型 → 下载）
# $name, $folder
says-no-model-named = 没有模型 { $name }：它不是运行、{ $folder } 下的文件夹、绝对路径，也不是已下载的 hub 模型（模型 → 下载）
says-run-not-begun = { $name } 还没有运行
says-named-run-without-checkpoint = { $name } 没有检查点
# $name, $part
says-named-run-lacks = { $name } 没有 { $part }
says-run-without-base = { $name } 的配置没有说明其适配器属于哪个模型
says-reference-not-whole = 单独的参考模型必须是完整模型；请先合并这个检查点
says-reward-is-adapter = { $name } 是适配器：reward_model_type 须为 lora
says-holds-no-adapter = { $name } 中没有适配器（没有 adapter_config.json）
says-add-dataset = 没有数据集 { $name }；请在“数据”中添加
says-bad-search = 搜索没有字段 { $field }：它既不是配置的键，也不是已记录的指标
says-bad-sort = 运行没有列 { $column }
says-bad-limit = `limit` 应在 1 到 { $most } 之间

## says: Several runs of one config with other values

says-sweep-in-a-config = sweep：它会用此文件生成多个运行：请用 `corral sweep FILE` 启动，或去掉这一块只训练一次
says-sweep-missing = sweep：缺失：请加入带 `parameters:` 的 `sweep:` 块，例如 `pref_beta: [1, 2, 3]`
says-sweep-not-a-map = { $key }：请逐行给出键和值
says-sweep-no-such =
    扫描没有这个键{ $near ->
        [empty] { "" }
       *[other] ；是否指 { $near }？
    }
# $other, $names
says-sweep-takes-keys = 这里没有 `{ $other }`；可用的键是 { $names }
says-sweep-no-program = { $key } 是 W&B 要启动的程序：这里运行的就是此文件，请去掉这一行
says-sweep-null = null 不能作为扫描的值：请写出默认值
says-sweep-no-values = 请给出两个或更多的值，如 `1, 2, 3`、`0.1..0.5 step 0.1` 或 `log 1e-6..1e-4 in 5`
# $value, $takes
says-sweep-value = { $value }：{ $takes }
# $other, $taken
says-sweep-idle-beside = 有 `{ $taken }` 时 `{ $other }` 不起作用：请删去其中一个
says-sweep-twice = 值中 { $value } 出现了两次
says-sweep-no-range = { $key } 不能用范围：请列出各个值
# $low, $high
says-sweep-range-empty = 范围 { $low }..{ $high } 为空：第一个数必须较小
says-sweep-log-from = 对数范围必须从大于 0 的数开始，而不是 { $low }
says-sweep-step = { $step } 不能作为步长：必须是大于 0 且不超过范围的数
says-sweep-step-too-small = 这个步长在范围内产生超过 { $most } 个点：请用更大的步长、在后面写 `in 5`，或用 `method: random`
says-sweep-needs-points = 网格需要知道取范围中的几个点：请在后面写 `in 5` 或 `step 0.1`，或用 `method: random`
says-sweep-points = { $points } 不能作为点数：请取 2 到 1000
says-sweep-distribution = 这里不支持 { $name }：请用 `uniform`、`log_uniform_values`、`q_uniform` 或 `int_uniform`
says-sweep-key-is-the-runs = { $key } 由每个运行自行决定，不能扫描
says-sweep-key-idle = 在此配置下 { $key } 没有作用：请去掉它，或更改它所属的设置
says-sweep-method = 没有 { $name } 这种方法：请用 `grid`、`random` 或 `tpe`
says-sweep-bayes-is-tpe = method: bayes 在这里由 tpe 完成（W&B 使用高斯过程）
says-sweep-needs-cap = 缺失：请说明要生成多少个运行
# $count, $most
says-sweep-too-many = 会生成 { $count } 个运行；一次扫描最多 { $most } 个：请减少取值，或用带 `run_cap` 的 `method: random`
says-sweep-one-run = 只会生成一个运行：扫描需要两个或更多
says-sweep-metric = { $name } 不在留出数据上测量：请用在其上测量的指标，如 `eval_loss` 或 `preference/accuracies`
says-sweep-goal = { $name }：请说明 `goal: maximize` 还是 `goal: minimize` 更好
says-sweep-no-held-out = 运行按留出数据比较，但没有留出数据：请设置 val_size 或 eval_dataset
says-sweep-no-evaluations = 较差的运行在评估后停止，但结束前没有评估：请设置 eval_strategy: epoch 或 steps
says-sweep-eta = { $eta } 不能作为淘汰比例：2 表示每一级保留一半，3 表示保留三分之一
# $metric, $keys
says-sweep-one-scale = { $metric } 取决于 { $keys }：在这些运行之间不是同一尺度；preference/accuracies 是同一尺度
# $point, $said
says-sweep-at = 取 { $point } 时：{ $said }
says-sweep-reference-once = 参考模型的 log-prob 由第一个运行计算一次，其余运行直接读取（precompute_ref_log_probs）
# $evaluation, $place, $count, $metric
says-sweep-stopped-early = 提前停止：第 { $evaluation } 次评估时按 { $metric } 排在 { $count } 个中的第 { $place } 位
says-no-such-sweep = 没有扫描 { $id }
says-sweep-nothing-left = 扫描 { $name } 没有可继续的内容：它正在进行，或其运行均已结束
# $name, $why
says-sweep-run-stays = { $name } 无法继续：{ $why }
says-sweep-goes = 扫描 { $name } 的运行仍在进行：请先停止
says-sweep-over = 扫描 { $name } 已经结束

## says: Tokens that are kept: in the cache, in `tokenized_path`, and those that LLaMA-Factory kept there

# $path, $why, $key
says-not-kept = 无法将词元写入 { $path }：{ $why }；可用 `{ $key }` 指定其他文件夹
says-tokens-found = 数据的词元先前已保存，从 { $folder } 读取
says-tokens-kept = 数据的词元已保存到 { $folder }
# $path, $why
says-tokens-not-kept = 无法写入 { $path }，数据的词元不会留给下次运行：{ $why }
says-tokens-of-other = 此处的词元是用另一 `{ $key }` 生成的；请指定其他 `tokenized_path`，或删除该文件夹
# $folder, $rows
says-tokens-of-llamafactory = 按原样使用 LLaMA-Factory 保存在 { $folder } 中的词元（{ $rows } 行）；与其一致，`dataset`、`template`、`cutoff_len`、`max_samples`、`packing` 等影响行的设置对其不起作用
# $folder, $split
says-tokens-not-scored = { $folder } 中有未使用的评估行（`{ $split }`）：设置 `val_size` 或指定 `eval_dataset` 即可用其评估
# $split, $splits
says-no-split-of-tokens = 没有 split `{ $split }`；可用的是 { $splits }
says-tokens-indexed = 其行由索引文件指定，无法读取；请用 `dataset.flatten_indices().save_to_disk(…)` 重新写出
says-bad-file-name-of-tokens = 所列数据文件 `{ $name }` 不在该文件夹中
says-tokens-without = 缺少列 `{ $column }`
says-tokens-no-ids = `{ $column }` 不是词元 ID 列表
# $column, $other
says-tokens-unequal = `{ $column }` 与 `{ $other }` 长度不同
says-tokens-without-reply = `{ $column }` 中没有可学习的回复
says-tokens-of-two-prompts = 两个回复的提示不同
says-tokens-of-media = 含有 { $column }，文本模型无法使用
says-no-tokens-there = 不为空，且其中没有词元；请指定其他 `tokenized_path`
says-tokens-damaged = 保存的词元已损坏；删除后会重新生成

## says: A run as it is set up, resumed and told; checkpoints; the commands of a terminal

says-internal-error = 内部错误：{ $why }
says-trained-before = 之前已有训练结果：继续请设 resume_from_checkpoint: true，重新开始请设 overwrite_output_dir: true，或换一个 output_dir
says-predicts-elsewhere = 含有已训练的运行，单独预测会覆盖它：请换一个 output_dir
says-not-empty = 不是空的（含有 { $name }）：请设 overwrite_output_dir: true，或换一个 output_dir
says-no-resumable = 这不是可恢复的检查点：没有 state.json（save_only_model 不会写它）
# $theirs, $ours
says-other-checkpoint-version = 检查点版本为 { $theirs }，本程序读取版本 { $ours }
says-other-rows = 它是用其他训练数据、顺序或批大小生成的：请用当时的配置恢复，或以其权重开始新的运行
says-made-with-other-config = 它是用其他配置生成的，其状态在此无法使用（{ $changes }）：请用当时的配置恢复，或以其权重开始新的运行
says-goes-on-otherwise = 将以不同于生成该检查点时的设置继续：{ $changes }
says-no-checkpoint-folder = resume_from_checkpoint：{ $path } 不是文件夹；请指定一个检查点，或用 `true` 表示最新的
# $metric, $names
says-no-such-metric = metric_for_best_model：这里没有 { $metric }；评估给出的是 { $names }
# $vocab, $id, $token
says-unknown-token-in-data = 模型有 { $vocab } 个 token，而数据中出现 id { $id }（{ $token }）：请选择其特殊 token 为模型所有的模板，或该模型自己的分词器
says-pair-tokens-lost = 无法从文本还原这一对的 token：分词器或模板已改变，或者在模板拼接文本之处切分方式不同
says-no-reward-model = 不是奖励模型：没有 { $file }（`stage: rm` 可生成）
says-no-saved-tensor = 保存的状态中没有张量 `{ $name }`
# $name, $saved, $here
says-saved-shape = `{ $name }` 在保存的状态中形状为 { $saved }，在本次运行中为 { $here }：它是否由另一种配置的运行保存？
says-no-blocks-for-badam = use_badam：模型没有可轮流训练的解码器块
# $start, $count
says-badam-start = badam_start_block：{ $start } 超出 { $count } 个块的范围（从 0 计数）
says-asked-to-stop = 收到停止请求
says-nothing-to-predict = 没有可与生成回复比较的内容：奖励模型不生成回复，纯文本也没有参考回复
says-stopped-unwritten = 收到停止请求；没有写入任何内容
# $name, $value
says-not-finite-score = { $name } 为 { $value }，不是有限数：模型或适配器的权重已损坏或过大；请换一份拷贝，或用更早的检查点
says-no-legacy-format = export_legacy_format 会写 pickle 文件，Corral 不支持，请设为 false
says-name-out-folder = 请用 --out（或 export_dir）指定要写入的文件夹
says-export-dtype-of-gguf = --dtype { $dtype } 用于 `--format gguf`；合并文件夹可用 f32、f16 或 bf16
says-export-name-not-plain = --name `{ $name }` 不能用作文件名：只能含字母、数字、`.`、`_` 和 `-`，且不能以 `.` 或 `-` 开头
says-modelfile-without = Ollama 不会应用此模型的 { $what }，基于基座的 Modelfile 会成为另一个模型：请用 `--format gguf` 或 `--format merged` 导出
says-modelfile-of-reward-model = 这是奖励模型，而 Ollama 没有价值头的位置：请用 `--format merged` 导出
says-export-dtype-idle = --dtype 在此没有作用：适配器保持原样，Modelfile 不含权重；请去掉它
says-export-size-idle = --size 在此没有作用：只有合并后的文件夹才会把权重分成多个文件，请去掉
says-export-dir-unused = export_dir 未使用：文件夹由 --out 指定
says-export-size-unused = 未使用 export_size：只有合并后的文件夹才会把权重分成多个文件
says-export-without-value-head = 其中不含 PPO 训练的价值头：它只用于继续训练
says-merged-into-stored = 适配器是在量化为 { $bits } 位的权重上训练的，但与 LLaMA-Factory 一样，会并入文件夹中按原样存储的权重：模型的输出可能略有不同
# $format, $types
says-gguf-other-types = 部分张量的行长不是 { $format } 块的整数倍，因此与 llama.cpp 一样以其他类型存储（{ $types }），文件会更大
says-export-without-adapter = { $model } 没有适配器：请用 `--format merged` 或 `--format gguf` 导出
says-export-of-adapters = 该模型是叠加了 { $count } 个适配器的基座：请用 `corral merge` 合并它们，或用 `--format merged` 导出
says-merged-is-plain = 基座是量化的（{ $formats }）：其权重会被反量化，合并后的文件夹不再量化
says-weight-past-f16 = `{ $name }` 含有超过 f16 上限 65504 的数：请用 bf16 或 f32
says-size-above-zero = --size（或 export_size）必须大于 0
says-out-is-being-written = 正由另一个程序写入：请等它结束，或指定另一个文件夹
says-out-not-empty = 不是空的，也不是由 Corral 合并生成的，请指定另一个文件夹
says-out-holds-others = 其中有 `{ $name }`，会因此丢失，请指定另一个文件夹
says-out-is-merged = 正要合并的 { $path } 就在这里，请指定另一个文件夹
says-name-file-or-dataset = 请指定文件或数据集
says-name-model = 请指定模型
says-name-model-or-key = 请指定模型，或设置 model_name_or_path
says-config-no-model = { $path } 是配置而不是模型：请指定其中的 model_name_or_path 或 output_dir
says-damaged-store = 不是参考 log-prob 的存储文件，请删除它
says-cannot-be-run = { $path } 无法运行：
# $seq, $why
says-damaged-line = 事件 { $seq } 之后的一行已损坏（{ $why }）；请恢复该文件，或换一个 output_dir 训练
says-another-worker = 另一个工作进程正在向该运行目录训练，请先停止它
# $tokens, $most
says-conversation-length = 对话有 { $tokens } 个 token，模型可接受 1 到 { $most } 个，请缩短
# $id, $vocab
says-no-token-for-bias = logit_bias：没有 token { $id }；模型有 { $vocab } 个
says-logits-not-finite = 模型的 logits 不是有限数：模型或适配器的权重已损坏或过大；请换一份拷贝，或用更早的检查点
says-nothing-counts = 有一个批次没有任何计入 log-prob 的 token：请检查标签和 cutoff_len
says-no-tokenizer-json = 缺少分词器：请把模型的 tokenizer.json、tokenizer.model、tekken.json、qwen.tiktoken，或 vocab.json 与 merges.txt，与权重放在单独的文件夹中

## says: What is kept under a name, what is deleted, and what is taken back

says-no-such-config = 没有配置 { $name }
says-config-name-bad = 配置名称须为 1 到 120 个字符，不能包含斜杠或控制字符，也不能以点开头
says-config-taken = 已有名为 { $name } 的配置
# $name, $most
says-config-too-long = { $name } 超过 { $most } KiB，不像是配置
says-config-too-many = 最多保存 { $most } 个配置：请删除不再使用的

says-no-such-model = 没有模型 { $name }
says-model-of-corral = { $name } 随 Corral 自带，不可删除
# $name, $path
says-model-of-cache = { $name } 位于 Hub 的缓存中，其他程序也会使用：请在终端中删除 { $path }
# $name, $who
says-model-in-use = { $name } 正被{ $who }使用：请等待结束或先停止
says-used-by-run = 运行 { $name }{ " " }
says-used-by-merge = 合并或导出
says-used-by-evaluation = 对 { $name } 的评估
says-used-by-chat = 对话

says-no-such-trash = 回收站中没有 { $id }
says-trash-place-taken = { $path } 已存在：请先移走再恢复
says-trash-place-gone = 它原先所在的 { $path } 已不存在：请先恢复它
says-trash-outside = { $path } 位于数据目录之外：Corral 不会在那里删除任何内容

## says: Why the server says no: each is the code of its answer; where one code has several sentences, they stand in its place

says-disk-full = { $what }：磁盘已满：请腾出空间后重试
says-the-data-directory = 数据目录
# $need, $free
says-merging-needs = 合并需要 { $need } MiB 磁盘空间，剩余 { $free } MiB
says-no-permission = 服务器没有读写权限：{ $why }
says-internal = 服务器内部错误：{ $why }；请查看服务器日志
says-invalid-config = 运行配置中有 { $n } 项无法使用
says-json-required = 请发送带有 Content-Type: application/json 的 JSON
says-too-large = 请求超过此地址可接受的长度：{ $why }
says-bad-json = { $why }
says-body-not-json = 正文不是 JSON：{ $why }
says-bad-query = 无法读取地址中的查询：{ $why }
says-bad-runs = `runs` 应为以逗号分隔的运行 ID，1 到 { $most } 个
says-bad-metrics = `y` 应为以逗号分隔的指标名称，1 到 { $most } 个
says-bad-group = 运行配置没有键 `{ $key }`；`corral keys` 可列出全部
says-bad-axis = 曲线的横轴为 `step`、`epoch`、`time` 或某个指标
says-nothing-drawn = 这些运行没有所要的值
says-bad-view-name = 视图名称应为 1 到 80 个字符，且不能是 `.` 或 `..`
says-view-too-long = 视图最多 { $most } 字节
says-too-many-views = 最多保存 { $most } 个视图，请先删除一个
says-bad-webhook = { $why }
says-webhook-too-long = Webhook 地址最多 { $most } 个字符
says-webhook-not-whole = Webhook 地址须完整，如 `https://example.org/hook`
says-webhook-scheme = Webhook 地址须以 https:// 或 http:// 开头
says-webhook-user = Webhook 地址不能包含用户名和密码
says-webhook-unreadable = 无法使用数据目录中的 webhook.json：{ $why }
says-pairs-damaged = 运行目录中的 `pairs/{ $file }` 已损坏或刚被移除：请重新加载，或重新训练
says-samples-damaged = 运行目录中的 `samples/{ $file }` 已损坏或刚被移除：请重新加载，或重新训练
says-marks-damaged = 无法读取运行目录中的 `pairs-marks.json`：请修复或移除后再标记
says-bad-pair-numbers = `ids` 应为以逗号分隔的成对数据编号，最多 { $most } 个（如 `0,5,12`）
says-too-much-text = 这些成对数据过长，无法一次返回：请减少数量
# $shared, $a, $b
says-other-pairs = 两个运行不是在相同的成对数据上评估的（{ $a } 条与 { $b } 条中有 { $shared } 条相同；数据、模型的词元、模板和 cutoff_len 都相同才是同一行）：请在两者中指定同一 eval_dataset
says-not-absolute = { $path } 不是绝对路径：请从 / 写起
says-bad-file-name = { $file } 不能作为文件名
says-no-run-directory = { $path } 不是运行目录的绝对路径（没有 events.jsonl）
says-adopted = { $path } 已在列表中
# $path, $other
says-inside-a-run = { $path } 位于另一个运行的目录 { $other } 内
says-holds-others = { $why }
# $path, $held
says-others-inside = { $path } 内有 { $held }，不能当作一个运行：删除该运行时会一并删除
# $path, $other
says-other-run-inside = { $path } 内有另一个运行的目录 { $other }：请先删除那个运行
says-bad-config-file = { $why }
says-config-no-text = { $name } 不是文本
says-config-unreadable = { $path } 无法作为文本读取，或超过 1 MiB
says-name-taken = { $why }
says-dataset-name-taken = 已有数据集 { $name }
says-not-queued = 只有排队中的运行才能调整顺序
says-note-too-long = 备注最多 { $most } 字节
# $most, $bytes
says-bad-tags = 最多 { $most } 个标签，每个最多 { $bytes } 字节
says-not-running = 运行已经结束
says-running = { $why }
says-run-goes-already = 运行已在进行或排队
says-stop-run-first = 正在运行或排队，请先停止
says-completed = 运行已完成，无需继续
says-elsewhere = 该运行的工作进程在另一台机器上启动，请在那台机器上停止或继续；确认已结束后，可删除运行目录中的 worker.json
says-no-directory = { $path } 已不存在，运行无法继续
says-outside = { $path } 位于数据目录之外，Corral 不会删除其中内容；请仅删除该运行而保留文件
# $path, $why
says-files-stay = 运行已删除，但无法删除 { $path }：{ $why }
says-evaluation-goes-on = 评估正在进行，请先停止
says-evaluation-failed = 评估失败：{ $why }
says-too-many-compared = 最多比较 { $most } 个评估
says-merging-another = 正在合并 { $checkpoint }，完成后请再试
says-no-checkpoint = 没有可合并的检查点
says-busy = 已加载的两个模型都在回复，请等其中一个结束
says-hub-revision = dataset_info.json 的条目没有修订版本，请去掉
says-bad-revision = `{ $revision }` 不是修订版本：请指定分支、标签或提交
says-token-required = 请打开服务器启动时显示的地址，或以 `Authorization: Bearer …` 发送其令牌
says-not-merged = 尚未合并：请先合并（`POST /api/runs/ID/merge`）
says-is-register = 这是包含 { $n } 个数据集的登记表（dataset_info.json），而非数据行文件；请选择要添加的数据集（`POST /api/register`）
says-no-register = 这不是 dataset_info.json：应为一个对象，其每一项指明数据位置
says-reserved-name = { $name } 是所有数据集登记表的名称，请换一个
says-bad-name = { $why }
says-dataset-name-bad = 数据集名称须为一个词，不能包含逗号或斜杠，也不能以点或连字符开头
# $texts, $packings, $tables
says-bad-format = 数据集文件应为 { $texts }（也可压缩为 { $packings }）或 { $tables }
says-bad-path = { $why }
says-path-not-whole = `{ $path }` 不是完整路径：请从 / 写起
says-path-not-below = `{ $path }` 不是此文件夹下的路径
says-not-a-file = { $path } 既不是文件也不是文件夹
says-no-file = 没有文件 { $path }
says-no-folder = { $path } 不是文件夹的完整路径
says-own-file = { $path } 是 Corral 自己数据目录中的文件，请先复制到别处
says-on-a-hub = 数据在 hub 上，请先下载再添加文件
# $path, $why
says-bad-register = 无法读取 { $path }：{ $why }；请修复或删除它
says-demo = 演示数据集随 Corral 提供，不能删除
says-cut-off = 上传中断（{ $why }）：请重新上传
# $what, $seconds
says-too-slow = `corral-trainer { $what }` 超过 { $seconds } 秒仍未完成
# $what, $signal
says-errand-killed = `corral-trainer { $what }` 被信号 { $signal } 终止，很可能是内存不足
# $program, $why
says-no-trainer = 无法启动 { $program }：{ $why }
says-too-many-sockets = 打开的页面过多，请关闭一些
says-step-unsaid = 没有写明是第几步
says-part-missing = 文件不存在
says-part-cut-off = 文件不完整
# $name, $why, $before
says-broken-checkpoint =
    { $name } 已损坏（{ $why }）{ $before ->
        [empty] ；之前没有完好的检查点
       *[other] ；之前的 { $before } 完好，可从它继续
    }
says-bad-argument = 名称中不能包含 NUL 字符：请将其去掉
# $path, $why
says-no-base = 无法读取基础模型 { $path }：{ $why }
says-host-not-allowed = 此服务器不以名称 `{ $host }` 应答；如需添加，请用 --allowed-host 启动
says-method-not-allowed = 此地址不接受 { $method }
says-unusable = { $why }
# $name, $before
says-model-only-checkpoint =
    { $name } 由 save_only_model 保存，只含模型而没有训练进度，无法继续训练；可将它作为适配器或模型开始新的运行{ $before ->
        [empty] { "" }
       *[other] ，或从 { $before } 继续
    }
says-not-loaded = 无法加载模型：{ $why }
says-merge-failed = 合并失败：{ $why }
says-worker-ended = 对话进程已结束
says-download-stopped = 已停止，已下载的部分会保留
says-download-not-started = 无法开始下载：{ $why }
says-download-ended = 下载中途结束（{ $how }）
says-hub-name = `{ $name }` 不是 hub 上的名称，应写作 owner/name 或其页面的地址
# $model, $endpoint, $variable
says-hub-not-found = { $endpoint } 上没有 { $model }，或它是私有的；请检查名称，或设置 { $variable }
# $model, $endpoint, $revision
says-hub-no-revision = { $endpoint } 上的 { $model } 没有版本 { $revision }；请指定其已有的分支、标签或提交
# $name, $need, $folder, $free
says-hub-no-room = { $name } 还需要 { $need } MiB，而 { $folder } 只剩 { $free } MiB；请腾出空间，或用 HF_HUB_CACHE 或 MODELSCOPE_CACHE 选择其他磁盘
# $name, $endpoint, $most
says-hub-too-many = { $endpoint } 上的 { $name } 文件过多，无法列出（上限 { $most }）
# $model, $endpoint, $variable
says-hub-refused = { $endpoint } 拒绝访问 { $model }；请在其页面上接受条款并设置 { $variable }
says-hub-pickle-only = { $model } 没有 safetensors 权重；pickle 文件（pytorch_model.bin）可能执行代码，不会加载
says-hub-not-a-model = { $model } 没有 config.json 或分词器，不是 Corral 能用的模型
says-hub-io = 无法保存下载内容：{ $why }
says-generation = 生成回复失败：{ $why }
says-not-found = { $what }
# $need, $free
says-no-memory = 加载该模型约需 { $need } MiB，而可用内存为 { $free } MiB：请等运行结束，或选择较小的模型
says-cross-site = 不接受来自其他网站的请求（{ $header }）
says-origin-required = WebSocket 必须带有本服务器页面的 Origin 头
says-error = 请求失败
# $path, $limit
says-register-full = { $path } 将超过 { $limit } MiB：请先从中移除一些数据集

## says: What a request to the API says that cannot be done, field by field

says-field-missing = 缺少 { $field }
# $field, $takes
says-no-such-field =
    { $field }：没有这个字段{ $takes ->
        [empty] { "" }
       *[other] ；可用的有 { $takes }
    }
# $field, $what, $given
says-field-takes =
    { $field } 应为{ $what }{ $given ->
        [empty] { "" }
       *[other] ，而不是 { $given }
    }
says-the-body = 正文
says-kind-whole = 整数
says-kind-count = 不小于 0 的整数
says-kind-truth = true 或 false
says-kind-text = 文本
says-kind-list = 列表
says-kind-object = 对象
says-kind-choice = 选项名称
says-kind-texts = 文本或文本列表
says-kind-parts = 文本或内容片段列表
# $field, $most
says-takes-stops = { $field } 最多可有 { $most } 个文本，且都不能为空
says-above-zero-or-all = 须大于 0，或以 -1 表示全部
says-takes-biases = { $field } 应为词元 ID 及其对应的 -100 到 100 之间的数字
# $field, $form
says-plain-text-only = { $field }：回复为纯文本，无法保证 { $form }
says-another-form = 其他形式
says-no-tools-here = { $field }：此处不向模型提供工具；请在 system 消息中说明，或去掉
says-no-logprobs = { $field }：此处不提供对数概率，请去掉
# $field, $value
says-not-done-here = { $field }：{ $value } 所要求的功能此处不提供，请去掉
says-field-unknown = { $field }：此处不识别该字段，请去掉
says-no-such-choice = { $field }：此处没有该选项，请去掉
says-one-reply = n：一次只生成一个回复
says-messages-empty = messages 不能为空
says-chat-role = role `{ $role }` 不是 system、user、assistant 或 tool
# $number, $role
says-message-without-content = 第 { $number } 条消息（{ $role }）没有内容
says-part-refusal = `refusal` 片段不能提供给此处的模型：请写成文本，或去掉
says-parts-are-texts = content 的片段只能是文本：不会获取图片和文件
says-model-missing = 缺少 model：请指定 /v1/models 中的一个

## terminal: What is said on a terminal alone: by commands, and why the server does not start

# $key, $why
terminal-key-of-python = { $key } 在此没有作用：{ $why }
# $key, $why
terminal-key-not-built = 没有 { $key }：{ $why }
# $key, $near
terminal-key-nowhere =
    没有键 { $key }{ $near ->
        [empty] ：`corral keys` 可列出全部
       *[other] ：是指 { $near } 吗？
    }
terminal-not-printed = 无法写出输出：{ $why }
# $run, $folder
terminal-no-run-or-folder = { $run }：没有这样的文件夹，{ $folder } 中也没有该名称的运行
# $path, $folder
terminal-not-linked = 无法从 { $folder } 链接到 { $path }
terminal-left-out = 未导入：{ $why }
terminal-client-is-theirs = { $path } 已存在且不是 Corral 的文件：请指定其他文件夹
terminal-not-reported = 无法通知 MLflow 和 trackio：{ $why }
# $url, $why
terminal-board-says = 面板（{ $url }）：{ $why }
terminal-no-board = { $folder } 上没有面板应答
# $folder, $why
terminal-demo-not-put = 无法将演示放入 { $folder }：{ $why }
# $name, $why
terminal-not-compared = { $name }：未与 hub 比较：{ $why }
# $host, $why
terminal-host-not-here = { $host } 不是本机的地址：{ $why }
# $first, $last, $host
terminal-ports-busy = { $host } 的端口 { $first } 到 { $last } 均被占用；请用 --port 选择其他端口
# $port, $host, $why
terminal-port-unusable = { $host } 的端口 { $port } 无法使用：{ $why }；请用 --port 选择其他端口
# $path, $why
terminal-data-dir-unusable = 无法使用数据目录 { $path }：{ $why }
# $path, $who
terminal-data-dir-taken = 另一个 Corral 已在使用 { $path }：{ $who }
# $path, $why
terminal-database-unusable = 无法使用数据库 { $path }：{ $why }
terminal-data-dir-comma = 数据目录 { $path } 的路径含有逗号：适配器和数据集的列表以逗号分隔；请用 --data-dir 选择其他目录
terminal-token-unusable = CORRAL_TOKEN 无法使用：须为 16 个或更多字符，由字母、数字和 - . _ ~ 组成
# $model, $why
terminal-model-not-served = 无法提供 { $model }：{ $why }
terminal-option-takes-folder = { $option } 需要一个文件夹
terminal-held-by-unnamed = 正在启动的面板，或正在使用它的命令
terminal-held-by-board = 请打开 { $url }
terminal-lock-file-removed = 其锁文件已被删除
terminal-ends-not-stored = 无法保存其运行的结束状态；磁盘是否已满？
terminal-server-not-started = 无法启动服务器：{ $why }
# $name, $usable, $rows, $cut
terminal-rows-usable =
    { $name }：{ $rows } 行中 { $usable } 行可用{ $cut ->
        [empty] { "" }
       *[other] ，{ $cut } 行按 cutoff_len 截断
    }
terminal-more-rows = 另有 { $n } 行
terminal-health-well = 已检查 { $checks } 项，未发现问题
terminal-import-not-yet = { $path } 中尚无运行：继续等待
terminal-import-own-followed = { $path } 是 Corral 的运行目录：无需 --follow，看板会自动跟踪
terminal-samples-never-answered = 提示尚未被回答
terminal-no-run-folder = 没有这个运行目录
terminal-run-failed = 失败：{ $why }
terminal-in-note = 注意：{ $what }
terminal-in-error = 错误：{ $why }
terminal-corral-at = Corral 的地址：{ $url }
terminal-others-need-token = 本机的其他用户需要令牌：{ $url }
terminal-data-directory = 数据目录：{ $path }
terminal-training-on-cpu = 训练在 CPU 上进行：{ $why }
terminal-corral-ends = Corral 即将结束；{ $what }。
terminal-runs-go-on = 运行会继续，下次启动时接管
terminal-model-unloaded = 不会有模型留在内存中
terminal-openai-address = OpenAI 风格的 API：{ $url }
terminal-api-key = API 密钥：{ $key }
terminal-api-key-of-others = 供本机其他用户使用的 API 密钥：{ $key }
# $port, $free
terminal-port-busy = 端口 { $port } 已被占用：改用下一个空闲端口 { $free }。
terminal-trainer-missing = 缺少 { $path }：凡是需要模型的都无法启动。
# $step, $total, $epoch, $metrics
terminal-step-done = 第 { $step }/{ $total } 步（epoch { $epoch }）：{ $metrics }
# $step, $metrics
terminal-evaluation-at = 第 { $step } 步的评估：{ $metrics }
terminal-saved-at = 已保存 { $path }
terminal-saved-best = 已保存 { $path }（目前最佳）
terminal-completed-after = { $steps } 步后完成
terminal-stopped-after = { $steps } 步后停止；用 resume_from_checkpoint=true 可继续
terminal-ended-after = { $steps } 步后结束
# $steps, $rows, $held, $engine, $after
terminal-training-begins =
    { $steps } 步，{ $rows ->
        [empty] 流式读取的行
       *[other] { $rows } 行
    }（留出 { $held } 行），{ $engine }{ $after ->
        [empty] { "" }
       *[other] ，从第 { $after } 步之后继续
    }
# $trained, $all, $compute, $device, $threads
terminal-training-by = 训练 { $all } 个参数中的 { $trained } 个，在 { $device } 上用 { $compute }，{ $threads } 个线程
# $phase, $done, $total
terminal-phase-done = { $phase } { $done }/{ $total }
terminal-phase-loading = 正在加载
terminal-phase-tokenizing = 正在分词
terminal-phase-reference = 参考模型的 log-prob
terminal-phase-evaluating = 正在评估
terminal-phase-sampling = 正在回答示例提示
terminal-phase-predicting = 正在生成回复
terminal-phase-saving = 正在保存
terminal-phase-merging = 正在合并
# $name, $mib, $hub
terminal-to-fetch = { $name }：需从 { $hub } 获取 { $mib } MiB
# $name, $done, $total
terminal-fetched-so-far = { $name }：{ $done } / { $total } MiB
# $files, $mib, $missing, $free
terminal-fetch-plan = { $files } 个文件，{ $mib } MiB，其中需获取 { $missing } MiB；剩余空间 { $free } MiB
# $step, $right, $all, $share, $first, $gained, $lost
terminal-pairs-right = 第 { $step } 步：{ $all } 对中 { $right } 对正确（{ $share } %）；自第 { $first } 步以来 { $gained } 对变为正确，{ $lost } 对变为错误
terminal-pairs-left-out = 另有 { $n } 对留出样本计入该运行的指标，但未保存在此
terminal-column-pair = 样本对
terminal-column-first = 最初
terminal-column-margin = margin
terminal-column-change = 变化
terminal-column-prompt = 提示
# $step, $facts
terminal-reply-at = 第 { $step } 步（{ $facts }）
terminal-reply-tokens = { $n } 个 token
terminal-reply-cut-off = 被截断
terminal-reply-repeats = 重复 { $share } %
terminal-reply-empty = 为空
terminal-reply-refusal = 读起来像拒绝
terminal-keys-in-english = 各键的含义以英文说明。
terminal-keys-of-model = 模型
terminal-keys-of-data = 数据
terminal-keys-of-method = 方法：阶段、其 loss、与什么比较
terminal-keys-of-adapter = 训练哪些部分
terminal-keys-of-optimizer = 优化器与学习率计划
terminal-keys-of-batch = 批次、长度与设备
terminal-keys-of-cadence = 评估、检查点、日志
terminal-keys-of-run = 运行：位置、名称、通知谁
terminal-key-is-list = 列表
terminal-key-is-text = 文本
terminal-key-is-flag = true 或 false
terminal-key-is-flag-or-null = true、false 或 null
terminal-key-is-count = 个数
terminal-key-is-whole = 整数
terminal-key-is-number = 数值
terminal-key-is-map = 映射
terminal-key-has-default = 默认 { $value }
terminal-key-counts-under = 生效条件：{ $when }
terminal-key-counts-never = 会被读取，但不改变任何东西。
# $names, $n
terminal-names-and-more = { $names } 等，另有 { $n } 个
terminal-fact-group = 分组
terminal-fact-takes = 取值
terminal-fact-range = 范围
terminal-fact-choices = 选项
terminal-fact-also = 也接受
terminal-fact-default = 默认值
terminal-fact-counts = 生效
terminal-fact-whose = 来源
terminal-fact-also-named = 别名
terminal-default-none = 无
terminal-counts-never = 从不：会被读取，但不改变任何东西
terminal-counts-always = 始终
terminal-counts-under = 当 { $when } 时
# $least, $most
terminal-range-within = { $least } 到 { $most }
# $above, $most
terminal-range-above-within = 大于 { $above }，至多 { $most }
terminal-range-from = { $least } 或更大
terminal-range-above = 大于 { $above }
terminal-range-up-to = 至多 { $most }
# $value, $when
terminal-default-under = { $value }（{ $when }）
terminal-default-follows = 随 { $keys } 而定
# $one, $other
terminal-one-then-other = { $one }；{ $other }
# $one, $other
terminal-one-or-other = { $one } 或 { $other }
# $one, $other
terminal-one-and-other = { $one } 且 { $other }
# $one, $other
terminal-one-or-else = { $one }，或 { $other }
# $key, $names
terminal-key-is-one-of = { $key }：{ $names }
# $key, $names
terminal-key-is-none-of = { $key }：非 { $names }
terminal-key-there = 设置了 { $key }
terminal-key-several = { $key } 有多项
terminal-key-absent = 未设置 { $key }
terminal-sweep-runs = { $n } 个运行
terminal-sweep-steps = 共 { $n } 步
# $rough, $each, $all, $from
terminal-sweep-takes =
    每个{ $rough ->
        [empty] 约
       *[other] 大致
    } { $each }，共 { $all }（依据{ $from ->
        [empty] 其中几步
       *[other] { $from }
    }的速度）
terminal-sweep-time-unknown = 所需时间未知：此处尚无类似的运行
# $disk, $free
terminal-sweep-disk = 检查点 { $disk } GB，剩余空间 { $free } GB
# $name, $days, $mb
terminal-sweep-in-trash = { $name }（{ $mb } MB）将在回收站保留 { $days } 天：可在“模型”页恢复，或清空回收站
terminal-run-is-stopped-early = 提前停止
terminal-run-is-completed = 已完成
terminal-run-is-failed = 失败
terminal-run-is-stopped = 已停止
terminal-run-is-queued = 排队中
terminal-run-is-starting = 启动中
terminal-run-is-running = 运行中
terminal-run-is-stopping = 停止中
terminal-run-is-untold = 结束方式未知
terminal-run-is-unknown = 未知
terminal-column-run = 运行
terminal-column-state = 状态
# $least, $measured
terminal-sweep-matters-from = 有结果的运行达到 { $least } 个后才会说明哪个键重要；目前有 { $measured } 个
terminal-sweep-matters = 哪个键重要（依据 { $measured } 个运行）：
# $key, $correlation, $share
terminal-sweep-key-matters = { $key } 秩相关 { $correlation }   置换 { $share } %
# $computed, $read
terminal-sweep-reference = 参考模型的 log-prob：{ $computed } 个运行计算，{ $read } 个读取
terminal-import-follows = 正在跟踪 { $path }
terminal-import-ended = { $path } 已结束

## metric: what is measured of a run; a title stands within a sentence, a label in the legend of a chart

metric-loss = loss
    .meaning = 被最小化的值：该方法的 loss，对每步的行取平均
metric-rewards-margins = reward margin
    .meaning = 按该方法自身的奖励，chosen 比 rejected 高出多少
metric-rewards-accuracies = reward accuracy
    .label = rewards
    .meaning = chosen 奖励更高的样本对所占比例
metric-preference-margins = preference margin
    .meaning = 策略平均每 token 更偏好 chosen 的程度（nats），各方法同一尺度
metric-preference-accuracies = preference accuracy
    .label = preference
    .meaning = 策略按每 token 更偏好 chosen 的留出样本对比例，各方法同一尺度
metric-accuracy = accuracy
    .label = scores
    .meaning = 评分顺序正确的样本对比例；监督微调时为最可能 token 的比例
metric-mean_token_accuracy = token 准确率
    .meaning = 所训练 token 中模型认为最可能者的比例
metric-entropy = 熵
    .meaning = loss 所涉 token 处下一个 token 分布的分散程度（nats）；接近零时总说同样的话
metric-reward = reward
    .meaning = 奖励模型对回复的平均评分
metric-objective-kl = 与参考模型的 KL
    .meaning = 策略的回复偏离参考模型的程度（每条回复，nats）
metric-tokens-responses_len_mean = 回复的 token 数
    .label = 训练
    .meaning = 所生成回复的平均长度
metric-rewards-chosen = chosen 的奖励
    .label = chosen
    .meaning = chosen 的平均奖励
metric-rewards-rejected = rejected 的奖励
    .label = rejected
    .meaning = rejected 的平均奖励
metric-logps-chosen = chosen 的 log-prob
    .label = chosen
    .meaning = loss 所用的 chosen 平均 log-prob；两侧都下降是似然位移的征兆
metric-logps-rejected = rejected 的 log-prob
    .label = rejected
    .meaning = loss 所用的 rejected 平均 log-prob
metric-logits-chosen = chosen 的 logits
    .label = chosen
    .meaning = chosen 各 token 处 logits 的词表平均
metric-logits-rejected = rejected 的 logits
    .label = rejected
    .meaning = rejected 各 token 处的同一数值
metric-count-chosen = 好回复数
    .meaning = 每步的好回复数
metric-count-rejected = 坏回复数
    .meaning = 每步的坏回复数
metric-predict_bleu-4 = BLEU-4
    .meaning = 生成回复与参考回复的相似度（最长四个字符的片段，%）
metric-predict_rouge-1 = ROUGE-1
    .meaning = 生成回复与参考回复的相似度（单词，%）
metric-predict_rouge-2 = ROUGE-2
    .meaning = 生成回复与参考回复的相似度（双词，%）
metric-predict_rouge-l = ROUGE-L
    .meaning = 生成回复与参考回复的相似度（最长公共词序列，%）
metric-completions-mean_length = 样例的 token 数
    .label = 样例
    .meaning = 对样例提示的回复的平均长度
metric-completions-repetition = 样例中的重复
    .meaning = 样例中重复出现的四 token 片段所占比例
metric-completions-clipped_ratio = 被截断的样例
    .meaning = 对样例提示的回复中因长度上限被截断的比例
metric-objective-kl_coef = KL 系数
    .meaning = KL 惩罚的权重
metric-objective-entropy = 熵
    .meaning = 策略对自身 token 的平均信息量（nats）
metric-kl = KL 基线
    .meaning = KTO 由错配回复估计的与参考模型的 KL
metric-delta = 奖励基线
    .meaning = BCO 用来区分好坏的奖励滑动平均
metric-sft_loss = loss 的监督部分
    .meaning = chosen 每 token 的交叉熵
metric-odds_ratio_loss = loss 的优势比部分
    .meaning = ORPO 的第二项（乘 beta 之前）
metric-nll_loss = 交叉熵
    .meaning = 应用该方法权重之前的每 token 交叉熵
metric-token_weights = 平均 token 权重
    .meaning = 每个 token 的平均权重
metric-policy_weights = 平均样本对权重
    .meaning = WPO 按策略生成概率给出的样本对权重
metric-aux_loss = 路由 loss
    .meaning = 专家使用的不均衡程度
metric-ppo-loss-policy = 策略 loss
    .meaning = PPO 裁剪后的策略目标
metric-ppo-loss-value = 价值 loss
    .meaning = 价值头的平方误差
metric-ppo-policy-clipfrac = 被裁剪的策略更新
    .meaning = 更新被裁剪的 token 比例
metric-ppo-policy-approxkl = 更新的 KL
    .meaning = 策略在一步之内的移动
metric-ppo-val-clipfrac = 被裁剪的价值更新
    .meaning = 更新被裁剪的价值比例
metric-ppo-returns-mean = 平均回报
    .meaning = 折扣奖励之和的平均
metric-grad_norm = gradient norm
    .label = grad norm
    .meaning = 裁剪前的梯度长度
metric-learning_rate = learning rate
    .label = learning rate
    .meaning = 该步的学习率
metric-loss_scale = loss 缩放
    .meaning = 防止 f16 梯度消失的倍数
metric-skipped_updates = 跳过的更新
    .meaning = 因 f16 梯度溢出而跳过的更新数
metric-tokens_per_second = tokens/s
    .meaning = 每秒训练的 token 数
metric-num_input_tokens_seen = 已训练 token 数
    .meaning = 迄今训练的 token 数
metric-num_tokens = 已读 token 数
    .meaning = 迄今读取的全部行的 token 数（含提示）
metric-memory = 内存峰值
    .meaning = 工作进程（或显卡）迄今的内存峰值
metric-machine-cpu = 处理器
    .label = 总体
    .meaning = 全部核心的使用率（所有程序）
metric-machine-worker_cpu = 处理器（本运行）
    .label = 本运行
    .meaning = 本运行的工作进程占全部核心的比例
metric-machine-memory = 已用内存
    .label = 总体
    .meaning = 程序占用的内存（字节）：整机或服务器所在控制组
metric-machine-worker_memory = 本运行的内存
    .label = 本运行
    .meaning = 本运行工作进程的常驻内存（字节）
metric-machine-disk_written = 写入磁盘
    .label = 本运行
    .meaning = 本运行工作进程每秒写入磁盘的字节数
metric-machine-disk_free = 磁盘可用空间
    .label = 可用
    .meaning = 运行目录所在磁盘的可用字节数
metric-machine-card = 显卡使用率
    .label = 使用率
    .meaning = 本运行的显卡处于计算中的时间比例（NVML）
metric-machine-card_memory = 显存
    .label = 已用
    .meaning = 本运行的显卡已用显存（字节，NVML）
metric-machine-card_watts = 显卡功率
    .label = 显卡
    .meaning = 本运行的显卡功率（瓦，NVML 测得）
metric-machine-processor_watts = 处理器功率
    .label = 处理器
    .meaning = 处理器功率（瓦，所有程序，RAPL 测得）

## chart: the charts of a run

chart-reward = Reward
chart-kl = 与参考模型的 KL
chart-reply-length = 回复的 token 数
chart-reward-margin = Reward margin
chart-accuracy = Accuracy
chart-loss = Loss
chart-rewards = Rewards
chart-log-probs = Log-probs
chart-logits = Logits
chart-preference-margin = Preference margin（每 token）
chart-token-accuracy = Token 准确率
chart-entropy = 熵（每 token）
chart-rate-and-norm = Learning rate 与 gradient norm
chart-speed = Tokens/s
chart-processor = 处理器
chart-memory = 内存
chart-disk-written = 每秒写入磁盘
chart-disk-free = 磁盘可用空间
chart-card = 显卡
chart-card-memory = 显存
chart-power = 功率

## method: when to take a method

method-simpo = 首选：无需参考模型，效果出色
method-orpo = 模仿与偏好一步完成，可直接用于基座模型
method-sigmoid = 经典方法：不会偏离起始模型太远
method-hinge = 差距足够后不再继续拉大
method-ipo = 适合数据少或噪声多：目标是有限的间隔
method-kto-pair = 按人的得失感加权，对不均衡的偏好对稳健
method-cpo = 无需参考模型，边模仿边学偏好；适合值得照搬的 chosen
method-robust = 适合已知有一定比例标签颠倒的偏好对
method-exo-pair = 追求精确最优：达到目标间隔即止，不会无限拉大
method-nca-pair = 压低 rejected 的同时保持 chosen 的概率
method-bco-pair = 以滑动平均为基准区分好坏，适合不均衡的数据
method-sppo-hard = 把两种回复拉向固定目标，为多轮自我博弈设计
method-aot = 适合成对数据：把一批的间隔作为分布比较，每批需多个偏好对
method-aot-pair = 适合非成对数据：在每个分位上让 chosen 高于 rejected，每批需多个偏好对
method-apo-zero = 适合 chosen 优于模型自身输出的数据
method-apo-down = 适合 chosen 不如模型自身输出的数据
method-discopop = 由语言模型发现的混合损失，适合尝试
method-mpo = DPO、BCO 与模仿之和，适合长推理与视觉数据
method-kto = 从标注好坏的单条回复学习；偏好对会被拆开
method-sft = 从示例学习回复，偏好训练的前一阶段
method-pt = 从纯文本学习语言或领域知识
method-rm = 从偏好对学习给回复打分，供 PPO 使用
method-ppo = 生成回复，并从奖励模型的评分中学习

## report: a comparison as an HTML file

report-title = 运行比较
report-run = 运行
report-time = 用时
report-memory = 内存
report-baseline = 基准
report-charts = 图表
report-configs = 配置
report-hidden = 未绘制
report-note = 等宽字体的列是配置不同的键；每列最佳值加粗。
report-means = 线为该键取值相同的运行的均值，色带为最小到最大。
