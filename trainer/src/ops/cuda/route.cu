// Experts' routing: which of them a token goes to and with which weights, the tokens of each, and the router's balance.
#include "corral.cuh"
#pragma clang fp contract(off)

// The warp's token, one behind the other over the grid.
INLINE unsigned token_of_warp() { return blockIdx.x * (blockDim.x / WARP) + warp(); }

// What orders experts by probability, of equal ones the first above the next; probabilities are not negative.
INLINE u64 rank_of(float probability, unsigned expert) { return (u64)bits_as<unsigned>(probability) << 32 | ~expert; }

// From `logits[tokens, experts]`: their softmax, the `top_k` likeliest of each token, and their weights. A warp has a
// token.
extern "C" __global__ void __launch_bounds__(THREADS)
    route_f32(const float *logits, float *probabilities, unsigned *chosen, float *weights, unsigned tokens, unsigned experts,
              unsigned top_k, unsigned normalized) {
    unsigned token = token_of_warp();
    if (token >= tokens) return;
    logits += (size_t)token * experts;
    probabilities += (size_t)token * experts;
    chosen += (size_t)token * top_k;
    weights += (size_t)token * top_k;
    float most = -bits_as<float>(0x7f800000u);
    for (unsigned e = lane(); e < experts; e += WARP) most = larger(most, logits[e]);
    most = warp_max(most);
    double sum = 0.;
    for (unsigned e = lane(); e < experts; e += WARP) sum += exponential_of_negative(logits[e] - most);
    sum = warp_sum(sum);
    for (unsigned e = lane(); e < experts; e += WARP)
        probabilities[e] = (float)(exponential_of_negative(logits[e] - most) / sum);
    u64 last = ~0ull;
    float of_chosen = 0.f;
    for (unsigned i = 0; i < top_k; i++) {
        u64 best = 0;
        for (unsigned e = lane(); e < experts; e += WARP) {
            u64 rank = rank_of(probabilities[e], e);
            if (rank < last) best = larger(best, rank);
        }
        last = warp_max(best);
        float probability = bits_as<float>((unsigned)(last >> 32));
        of_chosen += probability;
        if (lane() == 0) {
            chosen[i] = ~(unsigned)last;
            weights[i] = probability;
        }
    }
    if (lane() == 0 && normalized)
        for (unsigned i = 0; i < top_k; i++) weights[i] = weights[i] / of_chosen;
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
    route_backward_f32(const float *probabilities, const unsigned *chosen, const float *weights, const float *d_weights,
                       const double *by_expert, const float *occurrences, float *d_logits, unsigned tokens,
                       unsigned experts, unsigned top_k, unsigned normalized) {
    unsigned token = token_of_warp();
    if (token >= tokens) return;
    probabilities += (size_t)token * experts;
    d_logits += (size_t)token * experts;
    chosen += (size_t)token * top_k;
    weights += (size_t)token * top_k;
    d_weights += (size_t)token * top_k;
    double sum = 1., mean = 0.;
    if (normalized) {
        sum = 0.;
        for (unsigned i = 0; i < top_k; i++) {
            sum += (double)probabilities[chosen[i]];
            mean += (double)weights[i] * (double)d_weights[i];
        }
    }
    double times = by_expert ? (double)occurrences[token] : 0.;
    auto slope = [&](unsigned expert) {
        double slope = by_expert ? by_expert[expert] * times : 0.;
        for (unsigned i = 0; i < top_k; i++)
            if (chosen[i] == expert) slope += ((double)d_weights[i] - mean) / sum;
        return slope;
    };
    double middle = 0.;
    for (unsigned e = lane(); e < experts; e += WARP) middle += (double)probabilities[e] * slope(e);
    middle = warp_sum(middle);
    for (unsigned e = lane(); e < experts; e += WARP) d_logits[e] = (float)((double)probabilities[e] * (slope(e) - middle));
}

// Adds a layer's choices to the counts of a pass, `[2 * experts + 1]` in f64: how often each expert is chosen, its summed
// probability, and the tokens. A block has an expert; the last one the tokens.
extern "C" __global__ void __launch_bounds__(THREADS)
    count_choices_f32(const float *probabilities, const unsigned *chosen, const float *occurrences, double *counts,
                      unsigned tokens, unsigned experts, unsigned top_k) {
    unsigned expert = blockIdx.x;
    double times = 0., probability = 0.;
    for (unsigned token = threadIdx.x; token < tokens; token += blockDim.x) {
        double of_token = occurrences[token];
        if (expert == experts) {
            times += of_token;
            continue;
        }
        for (unsigned i = 0; i < top_k; i++)
            if (chosen[(size_t)token * top_k + i] == expert) times += of_token;
        probability += of_token * (double)probabilities[(size_t)token * experts + expert];
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
