# Several losses at once by TRL 0.20.0, the first that has them (MPO), and writes mpo.json.
"""python mpo.py [part of a case's name]   (venv: requirements-trl.txt with trl==0.20.0)"""

import trl
from losses import config, dpo, write


WHY = ("TRL 0.20.0 counts the supervised term's weight into the rewards it logs, though its comment says the term has none: rewards are "
       "left out.")


def options(pref_loss, weights):
    return dict(pref_loss=pref_loss, pref_beta=0.1) | (dict(loss_weights=weights) if weights else {})


def listed(case):
    """A run config's comma-separated lists as TRL's lists."""
    weights = case.get("loss_weights")
    lists = dict(pref_loss=case["pref_loss"].split(","))
    if weights:
        lists["loss_weights"] = [float(w) for w in weights.split(",")]
    got = dpo(case | lists)
    if "sft" in lists["pref_loss"]:
        kept = [{k: v for k, v in row.items() if k == "rewards/accuracies" or not k.startswith("rewards/")} for row in got["train"]]
        got |= dict(train=kept, why=WHY)
    return got


def cases():
    out = {}
    for model, kind in [("llama", "lora"), ("qwen2", "full")]:
        out[f"mpo-{kind}"] = (f"losses sigmoid,bco_pair,sft with loss_weights, {kind}",
                              config(model, kind, **options("sigmoid,bco_pair,sft", "0.8,0.2,1.0")), listed)
    out["mpo-even"] = ("several losses, weight 1 each", config("qwen2", "lora", **options("apo_zero,nca_pair", None)), listed)
    out["mpo-sorted"] = ("several losses, one of them coupled",
                         config("llama", "lora", 4, 1, **options("aot_pair,hinge", "0.3,0.7")), listed)
    return out


if __name__ == "__main__":
    assert trl.__version__ == "0.20.0"
    write("mpo", "TRL 0.20.0", cases())
