//! What single methods tell of their parts.

use super::USUAL;
use crate::metric::{Better, Measured, Metric, Unit, Words};

pub(super) const PARTS: &[Metric] = &[
    Metric {
        name: "objective/kl_coef",
        title: Words::new("KL coefficient", "KL 係数", "KL 系数"),
        meaning: Words::new("Weight of the KL penalty", "KL ペナルティの重み", "KL 惩罚的权重"),
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "objective/entropy",
        title: Words::new("entropy", "エントロピー", "熵"),
        meaning: Words::new(
            "Mean surprise of the policy at its own tokens, in nats",
            "方策自身のトークンに対する平均情報量（nats）",
            "策略对自身 token 的平均信息量（nats）",
        ),
        unit: Unit::Nats,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "kl",
        title: Words::new("KL baseline", "KL 基準", "KL 基线"),
        meaning: Words::new(
            "KTO's estimate of the KL to the reference, from mismatched replies",
            "KTO が組み替えた応答から見積もる参照モデルとの KL",
            "KTO 由错配回复估计的与参考模型的 KL",
        ),
        unit: Unit::Nats,
        ..USUAL
    },
    Metric {
        name: "delta",
        title: Words::new("reward baseline", "報酬の基準", "奖励基线"),
        meaning: Words::new(
            "BCO's running mean of the rewards, which splits good from bad",
            "BCO が良し悪しを分ける報酬の移動平均",
            "BCO 用来区分好坏的奖励滑动平均",
        ),
        ..USUAL
    },
    Metric {
        name: "sft_loss",
        title: Words::new("supervised part of the loss", "loss の教師あり部分", "loss 的监督部分"),
        meaning: Words::new(
            "Cross entropy of the chosen reply, per token",
            "chosen のトークンあたり交差エントロピー",
            "chosen 每 token 的交叉熵",
        ),
        unit: Unit::Nats,
        better: Some(Better::Lower),
        ..USUAL
    },
    Metric {
        name: "odds_ratio_loss",
        title: Words::new(
            "odds-ratio part of the loss",
            "loss のオッズ比部分",
            "loss 的优势比部分",
        ),
        meaning: Words::new(
            "ORPO's second term, before beta",
            "ORPO の第 2 項（beta を掛ける前）",
            "ORPO 的第二项（乘 beta 之前）",
        ),
        better: Some(Better::Lower),
        ..USUAL
    },
    Metric {
        name: "nll_loss",
        title: Words::new("cross entropy", "交差エントロピー", "交叉熵"),
        meaning: Words::new(
            "Cross entropy per token, before the method's weights",
            "手法の重みを掛ける前のトークンあたり交差エントロピー",
            "应用该方法权重之前的每 token 交叉熵",
        ),
        unit: Unit::Nats,
        better: Some(Better::Lower),
        ..USUAL
    },
    Metric {
        name: "token_weights",
        title: Words::new("mean token weight", "トークンの平均重み", "平均 token 权重"),
        meaning: Words::new(
            "How much a token counts on average",
            "1 トークンの平均の重み",
            "每个 token 的平均权重",
        ),
        ..USUAL
    },
    Metric {
        name: "policy_weights",
        title: Words::new("mean pair weight", "ペアの平均重み", "平均样本对权重"),
        meaning: Words::new(
            "WPO's weight of a pair, by how likely the policy is to write it",
            "方策が書く確率による WPO のペアの重み",
            "WPO 按策略生成概率给出的样本对权重",
        ),
        ..USUAL
    },
    Metric {
        name: "aux_loss",
        title: Words::new("router loss", "ルーターの loss", "路由 loss"),
        meaning: Words::new(
            "How unevenly the experts are used",
            "エキスパートの使われ方の偏り",
            "专家使用的不均衡程度",
        ),
        better: Some(Better::Lower),
        ..USUAL
    },
    Metric {
        name: "ppo/loss/policy",
        title: Words::new("policy loss", "方策の loss", "策略 loss"),
        meaning: Words::new(
            "PPO's clipped objective of the policy",
            "PPO のクリップされた方策の目的関数",
            "PPO 裁剪后的策略目标",
        ),
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "ppo/loss/value",
        title: Words::new("value loss", "価値の loss", "价值 loss"),
        meaning: Words::new(
            "Squared error of the value head",
            "価値ヘッドの二乗誤差",
            "价值头的平方误差",
        ),
        better: Some(Better::Lower),
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "ppo/policy/clipfrac",
        title: Words::new("clipped policy updates", "クリップされた方策更新", "被裁剪的策略更新"),
        meaning: Words::new(
            "Share of tokens whose update was clipped",
            "更新がクリップされたトークンの割合",
            "更新被裁剪的 token 比例",
        ),
        unit: Unit::Share,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "ppo/policy/approxkl",
        title: Words::new("KL of the update", "更新の KL", "更新的 KL"),
        meaning: Words::new(
            "How far the policy moved within the step",
            "ステップ内で方策が動いた距離",
            "策略在一步之内的移动",
        ),
        unit: Unit::Nats,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "ppo/val/clipfrac",
        title: Words::new("clipped value updates", "クリップされた価値更新", "被裁剪的价值更新"),
        meaning: Words::new(
            "Share of values whose update was clipped",
            "更新がクリップされた価値の割合",
            "更新被裁剪的价值比例",
        ),
        unit: Unit::Share,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "ppo/returns/mean",
        title: Words::new("mean return", "平均リターン", "平均回报"),
        meaning: Words::new(
            "Mean discounted sum of rewards",
            "割引報酬和の平均",
            "折扣奖励之和的平均",
        ),
        better: Some(Better::Higher),
        measured: Measured::Training,
        ..USUAL
    },
];
