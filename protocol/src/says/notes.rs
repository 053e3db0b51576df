//! What the trainer notes of a run's settings, and how a worker ended: code, Japanese, Chinese.

pub const NOTES: &[super::Worded] = &[
    ("first_command", "最初のコマンドだけを読みました", "只读取了第一条命令"),
    (
        "model_without_folder",
        "この設定はモデル {0} をフォルダーなしで指しています。ここで選んでください",
        "这些设置只给出模型名 {0} 而没有文件夹，请在此选择",
    ),
    (
        "stage_is_dpo",
        "pref_loss があるので stage: dpo とします",
        "因为有 pref_loss，阶段视为 dpo",
    ),
    (
        "no_effect_infer_dtype",
        "infer_dtype はここでは効果がありません: 重みは保存された型のままです",
        "infer_dtype 在此无效：权重保持存储时的类型",
    ),
    (
        "no_effect_accuracy",
        "compute_accuracy は効果がありません: stage sft のためのもので、ペアの段階では常に表示されます",
        "compute_accuracy 无效：它用于 sft 阶段，成对数据的阶段总会给出准确率",
    ),
    (
        "no_effect_here",
        "{0} はここでは効果がありません（{1}）",
        "{0} 在此无效（{1}）",
    ),
    (
        "lora_dropout_off",
        "選好学習では LLaMA-Factory や TRL と同様に lora_dropout は無効です",
        "偏好训练中 lora_dropout 不生效，与 LLaMA-Factory 和 TRL 相同",
    ),
    (
        "never_paged",
        "optim: オプティマイザーの状態はページアウトされません。`paged_` なしのものと同じです",
        "optim：优化器状态不会换页，等同于不带 `paged_` 的优化器",
    ),
    (
        "pissa_other_programs",
        "他のプログラムは PiSSA アダプターを読み込むたびに主成分を求め直し、pissa_iter が 0 以上だと乱数の起点も変わります。pissa_convert: true にすると、そのまま読み込めるアダプターを書き出します",
        "其他程序加载 PiSSA 适配器时会重新求主成分，且 pissa_iter 为 0 或更大时随机起点不同；pissa_convert: true 会写出可直接加载的适配器",
    ),
    (
        "no_effect_ppo",
        "{0} は効果がありません: PPO は学習しながら応答を書き、出発点からの距離を測ります",
        "{0} 无效：PPO 边训练边生成回复，并衡量与起点的距离",
    ),
    (
        "aot_batch_of_one",
        "AOT は並べ替えたマイクロバッチを比べます。per_device_train_batch_size が 1 では並べ替えるものがなく DPO と同じです。2 以上にしてください",
        "AOT 比较排序后的微批；per_device_train_batch_size 为 1 时无可排序，等同 DPO，请设为 2 或更大",
    ),
    (
        "no_effect_alpha",
        "f_alpha_divergence_coef は効果がありません: f_divergence_type: alpha_divergence のためのキーです",
        "f_alpha_divergence_coef 无效：它属于 f_divergence_type: alpha_divergence",
    ),
    (
        "no_effect_reference_free",
        "{0} は効果がありません: reference_free により参照モデルを使いません",
        "{0} 无效：reference_free 不使用参考模型",
    ),
    (
        "no_effect_no_reference",
        "{0} は効果がありません: {1} は参照モデルを必要としません",
        "{0} 无效：{1} 不需要参考模型",
    ),
    (
        "no_effect_without_sync",
        "sync_ref_model: true がないと {0} は効果がありません",
        "没有 sync_ref_model: true 时 {0} 无效",
    ),
    (
        "no_effect_shared_reference",
        "ref_model_quantization_bit は効果がありません: ref_model がないとき、参照モデルは学習の出発点そのもので、重みを共有します",
        "ref_model_quantization_bit 无效：没有 ref_model 时，参考模型就是训练的起点，并共享其权重",
    ),
    (
        "reference_read",
        "参照モデルの log-prob {0} 行分を保存済みの値から読みました（forward {1} 回）",
        "从缓存读取了 {0} 行的参考 log-prob（前向 {1} 次）",
    ),
    (
        "reference_computed",
        "参照モデルの log-prob {0} 行分を計算して保存しました（forward {1} 回）",
        "计算并保存了 {0} 行的参考 log-prob（前向 {1} 次）",
    ),
    (
        "long_cutoff",
        "cutoff_len {0} はモデルが想定する {1} トークンを超えています",
        "cutoff_len {0} 超过模型支持的 {1} 个 token",
    ),
    (
        "stays_quantized",
        "線形層は量子化されたまま（{0}、{1} MiB）で、使うときに f32 に戻します",
        "线性层保持量化（{0}，{1} MiB），使用时反量化为 f32",
    ),
    (
        "stays_quantized_as_it_is",
        "線形層は量子化されたまま（{0}、{1} MiB）で、使うときに f32 に戻します。quantization_bit はこれを変えません",
        "线性层保持量化（{0}，{1} MiB），使用时反量化为 f32；quantization_bit 对此没有影响",
    ),
    (
        "no_experts",
        "moe_aux_loss_coef は効果がありません: このモデルに振り分け先のエキスパートはありません",
        "moe_aux_loss_coef 无效：该模型没有可路由的专家",
    ),
    (
        "computes_in_f32",
        "{0}: このデバイスでは f32 で計算します。重みは保存された型のままです",
        "{0}：在此设备上以 f32 计算，权重保持存储时的类型",
    ),
    (
        "diverged",
        "ステップ {0} で発散しました: loss か勾配が有限の数でなくなりました。learning_rate を下げるか、warmup_ratio を上げてください",
        "在第 {0} 步发散：loss 或梯度不再是有限数；请降低 learning_rate 或提高 warmup_ratio",
    ),
    (
        "killed",
        "ワーカーが強制終了されました（シグナル {0}）。メモリ不足が最も考えられます。バッチか cutoff_len を小さくしてください{1:。最後の出力: #}{2:（# から再開できます）}",
        "工作进程被强制终止（信号 {0}），很可能是内存不足；请减小批大小或 cutoff_len{1:；最后的输出：#}{2:（可从 # 继续）}",
    ),
    (
        "out_of_memory",
        "ワーカーがメモリを確保できませんでした（シグナル {0}）。バッチか cutoff_len を小さくしてください{1:。最後の出力: #}{2:（# から再開できます）}",
        "工作进程无法再分配内存（信号 {0}）；请减小批大小或 cutoff_len{1:；最后的输出：#}{2:（可从 # 继续）}",
    ),
    (
        "told_to_end",
        "ワーカーは外部から終了を指示されました（シグナル {0}）{1:。最後の出力: #}{2:（# から再開できます）}",
        "工作进程被外部要求结束（信号 {0}）{1:；最后的输出：#}{2:（可从 # 继续）}",
    ),
    (
        "crashed",
        "ワーカーが異常終了しました（シグナル {0}）{1:。最後の出力: #}{2:（# から再開できます）}",
        "工作进程崩溃（信号 {0}）{1:；最后的输出：#}{2:（可从 # 继续）}",
    ),
    (
        "exited",
        "ワーカーが終了コード {0} で終わりました{1:。最後の出力: #}{2:（# から再開できます）}",
        "工作进程以退出码 {0} 结束{1:；最后的输出：#}{2:（可从 # 继续）}",
    ),
    (
        "gone",
        "ワーカーが何も残さず消えました。強制終了、メモリ不足、またはマシンの再起動が考えられます{1:。最後の出力: #}{2:（# から再開できます）}",
        "工作进程无声消失：被终止、内存不足或机器重启{1:；最后的输出：#}{2:（可从 # 继续）}",
    ),
    (
        "not_started",
        "ワーカー {0} を起動できませんでした: {1}",
        "无法启动工作进程 {0}：{1}",
    ),
    ("events_unreadable", "{0} を読み取れません: {1}", "无法读取 {0}：{1}"),
    (
        "directory_gone",
        "実行中に {0} が削除されたため、ワーカーを終了しました",
        "运行中 {0} 被删除，已结束其工作进程",
    ),
    ("never_began", "始まる前に待機列から外されました", "开始之前已移出队列"),
    (
        "left_the_queue",
        "再開する前に待機列から外されました",
        "继续之前已移出队列",
    ),
    (
        "elsewhere_going",
        "ワーカーは別のマシンで動いています。ここでは経過を見られますが、停止はそのマシンで行ってください",
        "工作进程在另一台机器上运行：可在此查看，但需在那台机器上停止",
    ),
    (
        "elsewhere_silent",
        "ワーカーは別のマシンで起動され、応答がありません。まだ動いているかはそのマシンで確認してください。終わっていると確認できたら {0} を削除すると、ここで再開できます",
        "工作进程在另一台机器上启动，目前没有消息，是否仍在运行需在那台机器上确认；确认已结束后删除 {0}，即可在此继续",
    ),
    (
        "newer_protocol",
        "ワーカーはより新しい Corral のものです（実行フォルダーのバージョン {0}、こちらは {1}）。新しい項目は表示されないことがあります",
        "工作进程来自更新的 Corral（运行目录版本 {0}，本程序为 {1}），新内容可能无法显示",
    ),
];
