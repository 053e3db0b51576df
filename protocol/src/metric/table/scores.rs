//! Losses, rewards and log-probs: what any method is about.

use super::USUAL;
use crate::metric::{Better, ChartId, Drawn, Measured, Metric, Tone, Unit, Words};

pub(super) const SCORES: &[Metric] = &[
    Metric {
        name: "loss",
        title: Words::term("loss"),
        meaning: Words::new(
            "What is minimised: the method's own loss, averaged over the rows of a step",
            "最小化する値。手法の loss をステップの行で平均したもの",
            "被最小化的值：该方法的 loss，对每步的行取平均",
        ),
        better: Some(Better::Lower),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::Loss),
        tone: Tone::Series(1),
        compared: true,
        terminal: Some("loss"),
        ..USUAL
    },
    Metric {
        name: "rewards/margins",
        title: Words::term("reward margin"),
        meaning: Words::new(
            "How much higher the chosen reply is rewarded than the rejected one, by the method's own reward",
            "chosen の報酬が rejected をどれだけ上回るか（手法自身の報酬）",
            "按该方法自身的奖励，chosen 比 rejected 高出多少",
        ),
        better: Some(Better::Higher),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::RewardMargin),
        tone: Tone::Series(1),
        compared: true,
        terminal: Some("margin"),
        ..USUAL
    },
    Metric {
        name: "rewards/accuracies",
        title: Words::term("reward accuracy"),
        label: Words::term("rewards"),
        meaning: Words::new(
            "Share of pairs whose chosen reply has the higher reward",
            "chosen の報酬の方が高いペアの割合",
            "chosen 奖励更高的样本对所占比例",
        ),
        unit: Unit::Share,
        better: Some(Better::Higher),
        drawn: Drawn::In(ChartId::Accuracy),
        tone: Tone::Series(1),
        terminal: Some("accuracy"),
        ..USUAL
    },
    Metric {
        name: "preference/margins",
        title: Words::term("preference margin"),
        meaning: Words::new(
            "How much likelier per token the policy finds the chosen reply, in nats: on one scale for every method",
            "方策が chosen をトークンあたりどれだけ好むか（nats）。どの手法でも同じ尺度",
            "策略平均每 token 更偏好 chosen 的程度（nats），各方法同一尺度",
        ),
        unit: Unit::Nats,
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        drawn: Drawn::In(ChartId::PreferenceMargin),
        tone: Tone::Series(3),
        compared: true,
        terminal: Some("preference margin"),
        ..USUAL
    },
    Metric {
        name: "preference/accuracies",
        title: Words::term("preference accuracy"),
        label: Words::term("preference"),
        meaning: Words::new(
            "Share of held-out pairs whose chosen reply the policy finds likelier per token: on one scale for every method",
            "方策がトークンあたり chosen を好む検証ペアの割合。どの手法でも同じ尺度",
            "策略按每 token 更偏好 chosen 的留出样本对比例，各方法同一尺度",
        ),
        unit: Unit::Share,
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        drawn: Drawn::In(ChartId::Accuracy),
        tone: Tone::Series(3),
        compared: true,
        terminal: Some("preference accuracy"),
        ..USUAL
    },
    Metric {
        name: "accuracy",
        title: Words::term("accuracy"),
        label: Words::term("scores"),
        meaning: Words::new(
            "Share of pairs scored the right way round; for supervised tuning, of tokens that are the likeliest",
            "正しい順に採点されたペアの割合。教師ありでは最も確からしいトークンの割合",
            "评分顺序正确的样本对比例；监督微调时为最可能 token 的比例",
        ),
        unit: Unit::Share,
        better: Some(Better::Higher),
        drawn: Drawn::In(ChartId::Accuracy),
        tone: Tone::Series(1),
        ..USUAL
    },
    Metric {
        name: "mean_token_accuracy",
        title: Words::new("token accuracy", "トークンの正解率", "token 准确率"),
        meaning: Words::new(
            "Share of the tokens trained on that are the model's likeliest",
            "学習するトークンのうち、モデルが最も確からしいとするものの割合",
            "所训练 token 中模型认为最可能者的比例",
        ),
        unit: Unit::Share,
        better: Some(Better::Higher),
        drawn: Drawn::In(ChartId::TokenAccuracy),
        ..USUAL
    },
    Metric {
        name: "entropy",
        title: Words::new("entropy", "エントロピー", "熵"),
        meaning: Words::new(
            "How spread out the model's next token is at the tokens of the loss, in nats; near zero it always says the same",
            "loss のトークンでの次のトークンの分布の広がり（nats）。0 に近いほど同じことしか言わない",
            "loss 所涉 token 处下一个 token 分布的分散程度（nats）；接近零时总说同样的话",
        ),
        unit: Unit::Nats,
        drawn: Drawn::In(ChartId::Entropy),
        tone: Tone::Series(3),
        ..USUAL
    },
    Metric {
        name: "reward",
        title: Words::term("reward"),
        meaning: Words::new(
            "Mean score of the replies, by the reward model",
            "報酬モデルによる応答の平均得点",
            "奖励模型对回复的平均评分",
        ),
        better: Some(Better::Higher),
        drawn: Drawn::In(ChartId::Reward),
        tone: Tone::Series(1),
        compared: true,
        ..USUAL
    },
    Metric {
        name: "objective/kl",
        title: Words::new("KL to the reference", "参照モデルとの KL", "与参考模型的 KL"),
        meaning: Words::new(
            "How far the policy's replies have moved from the reference, in nats a reply",
            "方策の応答が参照モデルからどれだけ離れたか（応答あたり nats）",
            "策略的回复偏离参考模型的程度（每条回复，nats）",
        ),
        unit: Unit::Nats,
        drawn: Drawn::In(ChartId::Kl),
        ..USUAL
    },
    Metric {
        name: "tokens/responses_len_mean",
        title: Words::new("tokens of a reply", "応答のトークン数", "回复的 token 数"),
        meaning: Words::new(
            "Mean length of the replies that were written",
            "生成した応答の平均の長さ",
            "所生成回复的平均长度",
        ),
        unit: Unit::Tokens,
        label: Words::new("training", "学習", "训练"),
        drawn: Drawn::In(ChartId::ReplyLength),
        tone: Tone::Series(3),
        ..USUAL
    },
    Metric {
        name: "rewards/chosen",
        title: Words::new("reward of the chosen reply", "chosen の報酬", "chosen 的奖励"),
        label: Words::term("chosen"),
        meaning: Words::new(
            "Mean reward of the chosen replies",
            "chosen の平均報酬",
            "chosen 的平均奖励",
        ),
        better: Some(Better::Higher),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::Rewards),
        tone: Tone::Chosen,
        ..USUAL
    },
    Metric {
        name: "rewards/rejected",
        title: Words::new("reward of the rejected reply", "rejected の報酬", "rejected 的奖励"),
        label: Words::term("rejected"),
        meaning: Words::new(
            "Mean reward of the rejected replies",
            "rejected の平均報酬",
            "rejected 的平均奖励",
        ),
        better: Some(Better::Lower),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::Rewards),
        tone: Tone::Rejected,
        ..USUAL
    },
    Metric {
        name: "logps/chosen",
        title: Words::new(
            "log-prob of the chosen reply",
            "chosen の log-prob",
            "chosen 的 log-prob",
        ),
        label: Words::term("chosen"),
        meaning: Words::new(
            "Mean log-probability of the chosen replies, as the loss uses it: falling on both sides is a sign of displacement",
            "loss が使う chosen の平均 log-prob。両側とも下がるなら尤度の後退の兆し",
            "loss 所用的 chosen 平均 log-prob；两侧都下降是似然位移的征兆",
        ),
        unit: Unit::Nats,
        better: Some(Better::Higher),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::LogProbs),
        tone: Tone::Chosen,
        ..USUAL
    },
    Metric {
        name: "logps/rejected",
        title: Words::new(
            "log-prob of the rejected reply",
            "rejected の log-prob",
            "rejected 的 log-prob",
        ),
        label: Words::term("rejected"),
        meaning: Words::new(
            "Mean log-probability of the rejected replies, as the loss uses it",
            "loss が使う rejected の平均 log-prob",
            "loss 所用的 rejected 平均 log-prob",
        ),
        unit: Unit::Nats,
        better: Some(Better::Lower),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::LogProbs),
        tone: Tone::Rejected,
        ..USUAL
    },
    Metric {
        name: "logits/chosen",
        title: Words::new("logits at the chosen reply", "chosen の logit", "chosen 的 logits"),
        label: Words::term("chosen"),
        meaning: Words::new(
            "Mean over the vocabulary of the logits at the chosen replies' tokens",
            "chosen の各トークンでの logit の語彙平均",
            "chosen 各 token 处 logits 的词表平均",
        ),
        drawn: Drawn::In(ChartId::Logits),
        tone: Tone::Chosen,
        ..USUAL
    },
    Metric {
        name: "logits/rejected",
        title: Words::new(
            "logits at the rejected reply",
            "rejected の logit",
            "rejected 的 logits",
        ),
        label: Words::term("rejected"),
        meaning: Words::new(
            "The same at the rejected replies' tokens",
            "rejected の各トークンでの同じ値",
            "rejected 各 token 处的同一数值",
        ),
        drawn: Drawn::In(ChartId::Logits),
        tone: Tone::Rejected,
        ..USUAL
    },
    Metric {
        name: "count/chosen",
        title: Words::new("good replies", "良い応答の数", "好回复数"),
        meaning: Words::new("Good replies in a step", "1 ステップの良い応答の数", "每步的好回复数"),
        unit: Unit::Count,
        drawn: Drawn::Nowhere,
        tone: Tone::Chosen,
        ..USUAL
    },
    Metric {
        name: "count/rejected",
        title: Words::new("bad replies", "悪い応答の数", "坏回复数"),
        meaning: Words::new("Bad replies in a step", "1 ステップの悪い応答の数", "每步的坏回复数"),
        unit: Unit::Count,
        drawn: Drawn::Nowhere,
        tone: Tone::Rejected,
        ..USUAL
    },
    Metric {
        name: "predict_bleu-4",
        title: Words::term("BLEU-4"),
        meaning: Words::new(
            "How alike written replies and the expected ones are, by runs of up to four characters, in percent",
            "書かせた返答と正解の返答の一致度（4 文字までの並び、%）",
            "生成回复与参考回复的相似度（最长四个字符的片段，%）",
        ),
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        terminal: Some("bleu-4"),
        ..USUAL
    },
    Metric {
        name: "predict_rouge-1",
        title: Words::term("ROUGE-1"),
        meaning: Words::new(
            "How alike written replies and the expected ones are, by single words, in percent",
            "書かせた返答と正解の返答の一致度（単語、%）",
            "生成回复与参考回复的相似度（单词，%）",
        ),
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        terminal: Some("rouge-1"),
        ..USUAL
    },
    Metric {
        name: "predict_rouge-2",
        title: Words::term("ROUGE-2"),
        meaning: Words::new(
            "How alike written replies and the expected ones are, by pairs of words, in percent",
            "書かせた返答と正解の返答の一致度（2 単語の並び、%）",
            "生成回复与参考回复的相似度（双词，%）",
        ),
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        terminal: Some("rouge-2"),
        ..USUAL
    },
    Metric {
        name: "predict_rouge-l",
        title: Words::term("ROUGE-L"),
        meaning: Words::new(
            "How alike written replies and the expected ones are, by the longest sequence of words they share, in percent",
            "書かせた返答と正解の返答の一致度（共通する最長の単語列、%）",
            "生成回复与参考回复的相似度（最长公共词序列，%）",
        ),
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        terminal: Some("rouge-l"),
        ..USUAL
    },
];
