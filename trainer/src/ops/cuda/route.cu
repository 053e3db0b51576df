// Experts' routing: which of them a token goes to and with which weights, the tokens of each, and the router's balance.
#include "corral.cuh"
#pragma clang fp contract(off)

// The warp's token, one behind the other over the grid.
INLINE unsigned token_of_warp() { return blockIdx.x * (blockDim.x / WARP) + warp(); }

// What orders experts by a number, of equal ones the first above the next. Greater than 0.
INLINE u64 rank_of(float key, unsigned expert) {
    unsigned bits = bits_as<unsigned>(key);
    return (u64)(bits >> 31 ? ~bits : bits | 1u << 31) << 32 | ~expert;
}

// The largest rank among the warp's that is below the last one.
INLINE u64 next_rank(u64 own, u64 last) { return warp_max(own < last ? own : 0); }

// The softmax of the warp's token.
INLINE void softmax(const float *logits, float *probabilities, unsigned experts) {
    float most = -bits_as<float>(0x7f800000u);
    for (unsigned e = lane(); e < experts; e += WARP) most = larger(most, logits[e]);
    most = warp_max(most);
    double sum = 0.;
    for (unsigned e = lane(); e < experts; e += WARP) sum += exponential_of_negative(logits[e] - most);
    sum = warp_sum(sum);
    for (unsigned e = lane(); e < experts; e += WARP)
        probabilities[e] = (float)(exponential_of_negative(logits[e] - most) / sum);
}

// What experts are chosen by: their scores, with a correction or, where these are sigmoids, logits instead.
struct Keys {
    const float *logits, *scores, *correction;
    bool sigmoid;
    METHOD float operator()(unsigned e) const {
        return correction ? scores[e] + correction[e] : sigmoid ? logits[e] : scores[e];
    }
};

// A bit for each group that experts are chosen from: those with the largest key, or with the largest sum of two. A lane has
// a group.
INLINE unsigned best_groups(Keys key, unsigned experts, unsigned groups, unsigned chosen, bool best_two) {
    unsigned size = experts / groups;
    float best = -bits_as<float>(0x7f800000u), next = best;
    if (lane() < groups)
        for (unsigned e = lane() * size; e < (lane() + 1) * size; e++) {
            float own = key(e);
            next = own > best ? best : larger(next, own);
            best = own > best ? own : best;
        }
    u64 own = lane() < groups ? rank_of(best_two ? best + next : best, lane()) : 0, last = ~0ull;
    unsigned bits = 0;
    for (unsigned i = 0; i < chosen; i++) {
        last = next_rank(own, last);
        bits |= 1u << ~(unsigned)last;
    }
    return bits;
}

// From `logits[tokens, experts]`: the experts' scores, the `top_k` best of each token, and their weights. A warp has a token.
extern "C" __global__ void __launch_bounds__(THREADS)
    route_f32(const float *logits, const float *correction, float *scores, unsigned *chosen, float *weights, unsigned tokens,
              unsigned experts, unsigned top_k, unsigned sigmoid, unsigned groups, unsigned chosen_groups, unsigned best_two,
              unsigned by_sum, float plus, float least, float scale) {
    unsigned token = token_of_warp();
    if (token >= tokens) return;
    logits += (size_t)token * experts;
    scores += (size_t)token * experts;
    chosen += (size_t)token * top_k;
    weights += (size_t)token * top_k;
    if (sigmoid) {
        for (unsigned e = lane(); e < experts; e += WARP) {
            double power = exponential_of_negative(-magnitude(logits[e])), above = 1. / (1. + power);
            scores[e] = (float)(logits[e] < 0.f ? power * above : above);
        }
    } else {
        softmax(logits, scores, experts);
    }
    __syncwarp();
    Keys key = {logits, scores, correction, sigmoid != 0};
    unsigned allowed = groups ? best_groups(key, experts, groups, chosen_groups, best_two) : 0;
    u64 last = ~0ull;
    float of_chosen = 0.f;
    for (unsigned i = 0; i < top_k; i++) {
        u64 best = 0;
        for (unsigned e = lane(); e < experts; e += WARP) {
            if (groups && !(allowed >> e / (experts / groups) & 1)) continue;
            u64 rank = rank_of(key(e), e);
            if (rank < last) best = larger(best, rank);
        }
        last = warp_max(best);
        unsigned expert = ~(unsigned)last;
        of_chosen += scores[expert];
        if (lane() == 0) {
            chosen[i] = expert;
            weights[i] = scores[expert];
        }
    }
    float divisor = by_sum ? larger(of_chosen + plus, least) : 1.f;
    if (lane() == 0)
        for (unsigned i = 0; i < top_k; i++) weights[i] = weights[i] / divisor * scale;
}

// Sorts the choices by expert: each has its slots in order, one expert behind the other. A block has an expert; `starts` is
// `[experts + 1]`.
extern "C" __global__ void __launch_bounds__(THREADS)
    group_by_expert_f32(const unsigned *chosen, const float *weights, unsigned *starts, unsigned *slots, unsigned *ids,
                        float *by_slot, unsigned count, unsigned top_k) {
    __shared__ unsigned of_warp[THREADS / WARP];
    unsigned expert = blockIdx.x, below = 0;
    for (unsigned slot = threadIdx.x; slot < count; slot += blockDim.x) below += chosen[slot] < expert;
    unsigned next = block_sum(below);
    if (threadIdx.x == 0) starts[expert] = next;
    for (unsigned first = 0; first < count; first += blockDim.x) {
        unsigned slot = first + threadIdx.x;
        bool mine = slot < count && chosen[slot < count ? slot : 0] == expert;
        unsigned votes = ballot(mine);
        if (lane() == 0) of_warp[warp()] = count_bits(votes);
        __syncthreads();
        unsigned place = next + count_bits(votes & ((1u << lane()) - 1));
        for (unsigned w = 0; w < blockDim.x / WARP; w++) {
            place += w < warp() ? of_warp[w] : 0;
            next += of_warp[w];
        }
        if (mine) {
            slots[place] = slot;
            ids[place] = slot / top_k;
            by_slot[place] = weights[slot];
        }
        __syncthreads();
    }
    if (threadIdx.x == 0 && expert + 1 == gridDim.x) starts[expert + 1] = next;
}

// The gradient of the logits, from those of the weights and, where a loss on the probabilities is on, of these:
// `by_expert[e] * occurrences[token]`. A warp has a token.
extern "C" __global__ void __launch_bounds__(THREADS)
    route_backward_f32(const float *scores, const unsigned *chosen, const float *weights, const float *d_weights,
                       const double *by_expert, const unsigned *occurrences, float *d_logits, unsigned tokens,
                       unsigned experts, unsigned top_k, unsigned sigmoid, unsigned by_sum, float plus, float least,
                       float scale) {
    unsigned token = token_of_warp();
    if (token >= tokens) return;
    scores += (size_t)token * experts;
    d_logits += (size_t)token * experts;
    chosen += (size_t)token * top_k;
    weights += (size_t)token * top_k;
    d_weights += (size_t)token * top_k;
    double divisor = 1., mean = 0.;
    if (by_sum) {
        double sum = 0.;
        for (unsigned i = 0; i < top_k; i++) {
            sum += (double)scores[chosen[i]];
            mean += (double)weights[i] * (double)d_weights[i];
        }
        divisor = sum + (double)plus;
        if (divisor < (double)least) {
            divisor = (double)least;
            mean = 0.;
        }
    }
    double times = by_expert ? (double)occurrences[token] : 0.;
    auto slope = [&](unsigned expert) {
        double slope = by_expert ? by_expert[expert] * times : 0.;
        for (unsigned i = 0; i < top_k; i++)
            if (chosen[i] == expert) slope += ((double)scale * (double)d_weights[i] - mean) / divisor;
        return slope;
    };
    if (sigmoid) {
        for (unsigned e = lane(); e < experts; e += WARP) {
            double s = (double)scores[e];
            d_logits[e] = (float)(s * (1. - s) * slope(e));
        }
        return;
    }
    double middle = 0.;
    for (unsigned e = lane(); e < experts; e += WARP) middle += (double)scores[e] * slope(e);
    middle = warp_sum(middle);
    for (unsigned e = lane(); e < experts; e += WARP) d_logits[e] = (float)((double)scores[e] * (slope(e) - middle));
}

// The sparse mixer: which expert is next, and who takes part in its softmax.
struct Choice {
    const float *logits;
    // the one that was chosen before, or none
    unsigned taken, expert;
    float reach;
    // before it is divided by the sum of all
    METHOD double share(unsigned e) const {
        float own = logits[e], most = logits[expert];
        bool out_of_reach = (most - own) / larger(magnitude(own), most) > reach;
        return e == taken || out_of_reach ? 0. : exponential_of_negative(own - most);
    }
    METHOD double sum(unsigned experts) const {
        double sum = 0.;
        for (unsigned e = lane(); e < experts; e += WARP) sum += share(e);
        return warp_sum(sum);
    }
};

// From `logits[tokens, experts]`: their softmax, the two experts of each token, and their weights. A warp has a token.
extern "C" __global__ void __launch_bounds__(THREADS)
    mix_f32(const float *logits, float *probabilities, unsigned *chosen, float *weights, unsigned tokens, unsigned experts,
            float reach) {
    unsigned token = token_of_warp();
    if (token >= tokens) return;
    logits += (size_t)token * experts;
    softmax(logits, probabilities + (size_t)token * experts, experts);
    unsigned taken = ~0u;
    for (unsigned i = 0; i < 2; i++) {
        u64 best = 0;
        for (unsigned e = lane(); e < experts; e += WARP)
            if (e != taken) best = larger(best, rank_of(logits[e], e));
        unsigned expert = ~(unsigned)warp_max(best);
        Choice choice = {logits, taken, expert, reach};
        double sum = choice.sum(experts);
        if (lane() == 0) {
            chosen[(size_t)token * 2 + i] = expert;
            weights[(size_t)token * 2 + i] = (float)(choice.share(expert) / sum);
        }
        taken = expert;
    }
}

// The gradient of its logits, as `route_backward`.
extern "C" __global__ void __launch_bounds__(THREADS)
    mix_backward_f32(const float *logits, const float *probabilities, const unsigned *chosen, const float *d_weights,
                     const double *by_expert, const unsigned *occurrences, float *d_logits, unsigned tokens, unsigned experts,
                     float reach) {
    unsigned token = token_of_warp();
    if (token >= tokens) return;
    logits += (size_t)token * experts;
    probabilities += (size_t)token * experts;
    d_logits += (size_t)token * experts;
    chosen += (size_t)token * 2;
    d_weights += (size_t)token * 2;
    double times = by_expert ? (double)occurrences[token] : 0., middle = 0.;
    if (by_expert) {
        for (unsigned e = lane(); e < experts; e += WARP) middle += (double)probabilities[e] * by_expert[e] * times;
        middle = warp_sum(middle);
    }
    Choice first = {logits, ~0u, chosen[0], reach}, second = {logits, chosen[0], chosen[1], reach};
    double first_sum = first.sum(experts), second_sum = second.sum(experts);
    double by_first = (double)d_weights[0] * (first.share(first.expert) / first_sum);
    double by_second = (double)d_weights[1] * (second.share(second.expert) / second_sum);
    for (unsigned e = lane(); e < experts; e += WARP) {
        double slope = by_expert ? (double)probabilities[e] * (by_expert[e] * times - middle) : 0.;
        slope += by_first * ((e == first.expert ? 1. : 0.) - first.share(e) / first_sum);
        slope += by_second * ((e == second.expert ? 1. : 0.) - second.share(e) / second_sum);
        d_logits[e] = (float)slope;
    }
}

// Adds a layer's choices to the counts of a pass, `[2 * experts + 1]` in f64: how often each expert is chosen, its summed
// probability, and the tokens. Where `likeliest`, those that would be chosen by probability. A block has an expert; the last
// one the tokens.
extern "C" __global__ void __launch_bounds__(THREADS)
    count_choices_f32(const float *probabilities, const unsigned *chosen, const unsigned *occurrences, double *counts,
                      unsigned tokens, unsigned experts, unsigned top_k, unsigned likeliest) {
    unsigned expert = blockIdx.x;
    double times = 0., probability = 0.;
    for (unsigned token = threadIdx.x; token < tokens; token += blockDim.x) {
        double of_token = occurrences[token];
        if (expert == experts) {
            times += of_token;
            continue;
        }
        const float *own = probabilities + (size_t)token * experts;
        if (likeliest) {
            unsigned before = 0;
            for (unsigned e = 0; e < experts; e++) before += own[e] > own[expert] || (own[e] == own[expert] && e < expert);
            times += before < top_k ? of_token : 0.;
        } else {
            for (unsigned i = 0; i < top_k; i++)
                if (chosen[(size_t)token * top_k + i] == expert) times += of_token;
        }
        probability += of_token * (double)own[expert];
    }
    times = block_sum(times);
    probability = block_sum(probability);
    if (threadIdx.x != 0) return;
    if (expert == experts) {
        counts[2 * experts] += times;
    } else {
        counts[expert] += times;
        counts[experts + expert] += probability;
    }
}

// `max(tokens^2, the least)` of a pass's counts: what its loss is divided by
INLINE double balance_divisor(const double *counts, unsigned experts) {
    double tokens = counts[2 * experts], squared = tokens * tokens;
    return squared > 2.2250738585072014e-308 ? squared : 2.2250738585072014e-308;
}

// `E sum_e chosen_e probability_e / tokens^2`, in the order of the experts, by one thread
extern "C" __global__ void __launch_bounds__(WARP)
    balance_loss_f64(const double *counts, double *loss, unsigned experts) {
    if (threadIdx.x != 0) return;
    double sum = 0.;
    for (unsigned e = 0; e < experts; e++) sum += counts[e] * counts[experts + e];
    *loss = sum * (double)experts / balance_divisor(counts, experts);
}

// `weight E chosen_e / tokens^2`
extern "C" __global__ void __launch_bounds__(THREADS)
    balance_slopes_f64(const double *counts, double *by_expert, unsigned experts, double weight) {
    unsigned e = blockIdx.x * blockDim.x + threadIdx.x;
    if (e < experts) by_expert[e] = counts[e] * (weight * (double)experts / balance_divisor(counts, experts));
}
