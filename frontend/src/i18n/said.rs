//! Sentences of the server and of workers in the board's language, by their codes.

use super::{Lang, lang};
use protocol::Said;
use protocol::api::Problem;

/// A sentence in the language in use; in English, and where its code has no translation, as it was said.
pub fn say(said: &Said) -> String {
    translated(&said.code, &said.args).unwrap_or_else(|| said.message.clone())
}

/// Why the server said no.
pub fn problem(problem: &Problem) -> String {
    let said = match problem.detail.is_empty() {
        true => problem.title.clone(),
        false => problem.detail.clone(),
    };
    translated(&problem.code, &problem.args).unwrap_or(said)
}

/// A sentence of a run's row.
pub fn row(message: &str, code: &str, args: &[String]) -> String {
    translated(code, args).unwrap_or_else(|| message.to_owned())
}

fn translated(code: &str, args: &[String]) -> Option<String> {
    let lang = lang();
    if lang == Lang::En {
        return None;
    }
    let (_, ja, zh) = SENTENCES.iter().find(|(known, ..)| *known == code)?;
    fill(if lang == Lang::Ja { ja } else { zh }, args)
}

/// Puts the arguments into their places: `{0}` as it stands; `{0: …}` with the words around it, and nothing at all for an
/// empty one. `None` when the sentence needs more than there are: then it is another version's.
fn fill(sentence: &str, args: &[String]) -> Option<String> {
    let mut out = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, behind) = after.split_once('}')?;
        let (number, words) = place
            .split_once(':')
            .map_or((place, "#"), |(number, words)| (number, words));
        let arg = args.get(number.parse::<usize>().ok()?)?;
        out.push_str(before);
        if !arg.is_empty() {
            out.push_str(&words.replace('#', arg));
        }
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// Code, Japanese, Chinese.
const SENTENCES: &[(&str, &str, &str)] = &[
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
    ("file", "{0}: {1}", "{0}：{1}"),
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
    (
        "disk_full",
        "データを置くディスクの空きがありません。空きを作ってからやり直してください",
        "数据所在的磁盘已满，请腾出空间后重试",
    ),
    (
        "no_permission",
        "サーバーにその読み書きの権限がありません",
        "服务器没有读写权限",
    ),
    (
        "internal",
        "サーバーの内部エラーです。詳しくはサーバーのログを見てください",
        "服务器内部错误，详见服务器日志",
    ),
    (
        "no_run_directory",
        "{0} は実行フォルダーの絶対パスではありません（events.jsonl がありません）",
        "{0} 不是运行目录的绝对路径（没有 events.jsonl）",
    ),
    ("adopted", "{0} はすでに一覧にあります", "{0} 已在列表中"),
    (
        "inside_a_run",
        "{0} は別の実行のフォルダー {1} の中にあります",
        "{0} 位于另一个运行的目录 {1} 内",
    ),
    (
        "holds_others",
        "{0} の中に {1} があるため、一つの実行として扱えません。削除すると一緒に消えてしまいます",
        "{0} 内有 {1}，不能当作一个运行：删除时会一并删除",
    ),
    (
        "bad_config_file",
        "{0} をテキストとして読めないか、1 MiB を超えています",
        "{0} 无法作为文本读取，或超过 1 MiB",
    ),
    (
        "name_taken",
        "{0} という名前はすでに使われています",
        "名称 {0} 已被使用",
    ),
    (
        "not_queued",
        "順番を変えられるのは待機中の実行だけです",
        "只有排队中的运行才能调整顺序",
    ),
    ("note_too_long", "メモは 20,000 バイトまでです", "备注最多 20,000 字节"),
    (
        "bad_tags",
        "タグは 50 個まで、それぞれ 60 バイトまでです",
        "最多 50 个标签，每个最多 60 字节",
    ),
    ("not_running", "実行はすでに終わっています", "运行已经结束"),
    (
        "running",
        "実行中か待機中です。先に停止してください",
        "正在运行或排队，请先停止",
    ),
    (
        "completed",
        "実行は完了しており、再開するものがありません",
        "运行已完成，无需继续",
    ),
    (
        "elsewhere",
        "この実行のワーカーは別のマシンで起動されました。停止や再開はそのマシンで行ってください。終わっていると確認できたら、実行フォルダーの worker.json を削除してください",
        "该运行的工作进程在另一台机器上启动，请在那台机器上停止或继续；确认已结束后，可删除运行目录中的 worker.json",
    ),
    ("no_directory", "{0} がありません", "{0} 已不存在"),
    (
        "outside",
        "{0} はデータフォルダーの外にあるため、Corral は何も削除しません。ファイルを残して削除してください",
        "{0} 位于数据目录之外，Corral 不会删除其中内容；请仅删除该运行而保留文件",
    ),
    (
        "files_stay",
        "実行は削除しましたが、{0} は削除できませんでした: {1}",
        "运行已删除，但无法删除 {0}：{1}",
    ),
    (
        "merging_another",
        "{0} をマージ中です。終わってからもう一度お試しください",
        "正在合并 {0}，完成后请再试",
    ),
    (
        "no_checkpoint",
        "マージできるチェックポイントがありません",
        "没有可合并的检查点",
    ),
    (
        "busy",
        "読み込み済みの 2 つのモデルがどちらも応答中です。どちらかが終わるのをお待ちください",
        "已加载的两个模型都在回复，请等其中一个结束",
    ),
    (
        "bad_revision",
        "リビジョンにはブランチ、タグ、コミットのいずれかを指定してください",
        "修订版本应为分支、标签或提交",
    ),
    (
        "token_required",
        "サーバーの起動時に表示されたアドレスを開いてください。またはそのトークンを `Authorization: Bearer …` として送ってください",
        "请打开服务器启动时显示的地址，或以 `Authorization: Bearer …` 发送其令牌",
    ),
    ("not_merged", "先にマージしてください", "请先合并"),
    (
        "is_register",
        "これは {0} 件のデータセットの登録簿（dataset_info.json）で、行のファイルではありません。追加するものを選んでください",
        "这是包含 {0} 个数据集的登记表（dataset_info.json），而非数据行文件；请选择要添加的数据集",
    ),
    (
        "no_register",
        "dataset_info.json ではありません: 各項目がデータの場所を示すオブジェクトが必要です",
        "这不是 dataset_info.json：应为一个对象，其每一项指明数据位置",
    ),
    (
        "reserved_name",
        "{0} は全データセットの登録簿の名前です。別の名前にしてください",
        "{0} 是所有数据集登记表的名称，请换一个",
    ),
    (
        "bad_name",
        "その名前は使えません。スラッシュ、コンマ、先頭のドットやハイフンは避けてください",
        "名称不可用：不能包含斜杠、逗号，也不能以点或连字符开头",
    ),
    (
        "bad_format",
        "データセットは .json、.jsonl、.txt のファイルです",
        "数据集应为 .json、.jsonl 或 .txt 文件",
    ),
    (
        "bad_path",
        "/ から始まる完全なパスを指定してください",
        "请给出以 / 开头的完整路径",
    ),
    ("not_a_file", "{0} はファイルではありません", "{0} 不是文件"),
    ("no_file", "{0} というファイルはありません", "没有文件 {0}"),
    (
        "no_folder",
        "{0} はフォルダーの完全なパスではありません",
        "{0} 不是文件夹的完整路径",
    ),
    (
        "own_file",
        "{0} は Corral 自身のデータフォルダーのファイルです。別の場所にコピーしてから使ってください",
        "{0} 是 Corral 自己数据目录中的文件，请先复制到别处",
    ),
    (
        "on_a_hub",
        "データはハブにあります。ダウンロードしてからファイルを追加してください",
        "数据在 hub 上，请先下载再添加文件",
    ),
    (
        "bad_register",
        "{0} を読み取れません: {1}。修正するか削除してください",
        "无法读取 {0}：{1}；请修复或删除它",
    ),
    (
        "demo",
        "デモのデータセットは Corral に付属し、削除できません",
        "演示数据集随 Corral 提供，不能删除",
    ),
    ("cut_off", "アップロードが途中で切れました", "上传中断"),
    (
        "too_slow",
        "corral-trainer {0} が {1} 秒以内に終わりませんでした",
        "corral-trainer {0} 超过 {1} 秒仍未完成",
    ),
    (
        "errand_killed",
        "corral-trainer {0} がシグナル {1} で終了しました。メモリ不足が最も考えられます",
        "corral-trainer {0} 被信号 {1} 终止，很可能是内存不足",
    ),
    ("no_trainer", "{0} を起動できませんでした: {1}", "无法启动 {0}：{1}"),
    (
        "too_many_sockets",
        "開いているページが多すぎます。いくつか閉じてください",
        "打开的页面过多，请关闭一些",
    ),
    (
        "broken_checkpoint",
        "{0} は壊れています（{1}）{2:。その前の # は無事なので、そこから再開できます}",
        "{0} 已损坏（{1}）{2:；之前的 # 完好，可从它继续}",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_once_and_both_languages_with_the_same_arguments() {
        let places = |sentence: &str| {
            let mut places: Vec<String> = sentence
                .split('{')
                .skip(1)
                .map(|part| part.split([':', '}']).next().unwrap_or_default().to_owned())
                .collect();
            places.sort();
            places
        };
        for (n, (code, ja, zh)) in SENTENCES.iter().enumerate() {
            assert!(!SENTENCES[..n].iter().any(|(other, ..)| other == code), "{code} twice");
            assert_eq!(places(ja), places(zh), "{code}");
            let args: Vec<String> = (0..4).map(|n| format!("arg{n}")).collect();
            for sentence in [ja, zh] {
                let said = fill(sentence, &args).unwrap_or_else(|| panic!("{code}"));
                assert!(!said.contains(['{', '}', '#']), "{code}: {said}");
            }
        }
    }

    #[test]
    fn words_around_an_argument_that_is_empty_go_with_it() {
        let args = |last: &str| ["9".to_owned(), last.to_owned()];
        assert_eq!(
            fill("ended ({0}){1:; said #}", &args("x")).as_deref(),
            Some("ended (9); said x")
        );
        assert_eq!(fill("ended ({0}){1:; said #}", &args("")).as_deref(), Some("ended (9)"));
        assert_eq!(fill("{0} {3}", &args("x")), None);
    }
}
