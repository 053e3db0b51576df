// What the language-model head does between its products: the online softmax of a chunk's logits and what follows from it
// (*Online normalizer calculation for softmax*, arXiv 1805.02867). Logits `[rows, columns]` are of the vocabulary's entries from
// `first` on. A block has a row, but where it says otherwise.
#include "head.cuh"

// of any values
INLINE float block_largest(float v) {
    return block_reduce(v, -__builtin_inff(), [](float v) { return warp_max(v); });
}

// What powers are multiplied by where they are kept: f16 has nothing of those that are small beside the largest.
template <class T> constexpr float POWERS = 1.f;
template <> constexpr float POWERS<f16> = 32768.f;

// Takes in a chunk. With `powers`, which may be the logits themselves, leaves `POWERS exp(logit - max)` there, and `unit[rows, width]`
// on the same scale; the first chunk sets it to 0.
BODY head_chunk(const float *logits, T *powers, const unsigned *targets, Running *running, float *unit, unsigned columns,
                unsigned width, unsigned first) {
    size_t row = blockIdx.x;
    logits += row * columns;
    Running before = first == 0 ? Running{-__builtin_inff(), 0.f, 0.f, 0.f, 0.} : running[row];
    unsigned target = targets[row] - first;
    if (target < columns) before.target = logits[target];
    bool fast = wide(logits);
    float max = -__builtin_inff(), sum = 0.f;
    over_block(columns, fast, [&](auto at) {
        auto v = at.load(logits);
        for (unsigned k = 0; k < at.N; k++) {
            max = larger(max, v[k]);
            sum += v[k];
        }
    });
    before.total += block_sum((double)sum);
    max = larger(block_largest(max), before.max);
    float fall = first == 0 ? 0.f : before.max - max, rescale = first == 0 ? 0.f : exponential(fall);
    float powers_sum = 0.f, moment = 0.f;
    if (powers) powers += row * columns;
    over_block(columns, fast && wide(powers), [&](auto at) {
        auto v = at.load(logits);
        for (unsigned k = 0; k < at.N; k++) {
            float above = v[k] - max;
            powers_sum += v[k] = exponential(above);
            moment += v[k] * above;
        }
        if constexpr (POWERS<T> != 1.f)
            for (unsigned k = 0; k < at.N; k++) v[k] *= POWERS<T>;
        if (powers) at.store(powers, v);
    });
    if (unit) {
        unit += row * width;
        over_block(width, wide(unit), [&](auto at) {
            Values<at.N> v = {};
            if (first > 0) v = at.load(unit);
            for (unsigned k = 0; k < at.N; k++) v[k] *= rescale;
            at.store(unit, v);
        });
    }
    before.moment = (before.moment + before.sum * fall) * rescale + block_sum(moment);
    before.sum = before.sum * rescale + block_sum(powers_sum);
    before.max = max;
    if (threadIdx.x == 0) running[row] = before;
}
KERNEL(THREADS, head_chunk,
       (const float *logits, T *powers, const unsigned *targets, Running *running, float *unit, unsigned columns,
        unsigned width, unsigned first),
       (logits, powers, targets, running, unit, columns, width, first))

// `stats[5, rows]`, a thread for each row.
extern "C" __global__ void __launch_bounds__(THREADS)
head_stats(const Running *running, float *stats, unsigned rows, unsigned vocabulary) {
    unsigned row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    Running of = running[row];
    float above = natural_log(of.sum), normaliser = of.max + above;
    stats[row] = of.target - normaliser;
    stats[(size_t)rows + row] = (float)(of.total / vocabulary);
    stats[(size_t)rows * 2 + row] = normaliser;
    stats[(size_t)rows * 3 + row] = of.max - normaliser;
    stats[(size_t)rows * 4 + row] = above - of.moment / of.sum;
}

// `unit = w[target] - unit / sum`, where `wanted[rows, width]` are the targets' weights.
extern "C" __global__ void __launch_bounds__(THREADS)
head_unit(const Running *running, const float *wanted, float *unit, unsigned width) {
    size_t row = blockIdx.x;
    float inverse = 1.f / running[row].sum;
    wanted += row * width;
    unit += row * width;
    over_block(width, wide(wanted, unit), [&](auto at) {
        auto v = at.load(unit), of_target = at.load(wanted);
        for (unsigned k = 0; k < at.N; k++) v[k] = of_target[k] - v[k] * inverse;
        at.store(unit, v);
    });
}

// Logits to `coefficient * (1 at the target - softmax)`; `grads` may be the logits themselves.
BODY head_logit_grads(const float *logits, T *grads, const float *normalisers, const float *coefficients,
                      const unsigned *targets, unsigned columns, unsigned first) {
    size_t row = blockIdx.x;
    logits += row * columns;
    grads += row * columns;
    float normaliser = normalisers[row], coefficient = coefficients[row];
    unsigned target = targets[row] - first;
    over_block(columns, wide(logits, grads), [&](auto at) {
        auto v = at.load(logits);
        for (unsigned k = 0; k < at.N; k++) {
            float own = at.i + k == target ? coefficient : 0.f;
            v[k] = own - coefficient * exponential(v[k] - normaliser);
        }
        at.store(grads, v);
    });
}
KERNEL(THREADS, head_logit_grads,
       (const float *logits, T *grads, const float *normalisers, const float *coefficients, const unsigned *targets,
        unsigned columns, unsigned first),
       (logits, grads, normalisers, coefficients, targets, columns, first))

// `sums[rows] = ln sum softmax^2`, the logarithm with the last chunk.
extern "C" __global__ void __launch_bounds__(THREADS)
head_collisions(const float *logits, const float *normalisers, float *sums, unsigned columns, unsigned first,
                unsigned vocabulary) {
    size_t row = blockIdx.x;
    logits += row * columns;
    float normaliser = normalisers[row], sum = 0.f;
    over_block(columns, wide(logits), [&](auto at) {
        auto v = at.load(logits);
        for (unsigned k = 0; k < at.N; k++) sum += exponential(2.f * (v[k] - normaliser));
    });
    sum = block_sum(sum);
    if (threadIdx.x > 0) return;
    if (first > 0) sum += sums[row];
    sums[row] = first + columns < vocabulary ? sum : natural_log(sum);
}

// how many of the likeliest tokens are looked at: no more than a warp has lanes
constexpr unsigned LIKELIEST = 20;

// Keeps the largest logits of each row in `top[rows, LIKELIEST]`, largest first; empty places hold -inf. A warp has a row, and
// a lane one of its places.
extern "C" __global__ void __launch_bounds__(THREADS)
head_likeliest(const float *logits, float *top, unsigned rows, unsigned columns, unsigned first) {
    size_t row = (size_t)blockIdx.x * (blockDim.x / WARP) + warp();
    if (row >= rows) return;
    logits += row * columns;
    top += row * LIKELIEST;
    const float none = -__builtin_inff();
    float mine = first > 0 && lane() < LIKELIEST ? top[lane()] : none;
    for (unsigned from = 0; from < columns; from += WARP) {
        float logit = from + lane() < columns ? logits[from + lane()] : none;
        float least = lane_value(mine, LIKELIEST - 1);
        for (unsigned waiting = ballot(logit > least); waiting != 0; waiting &= waiting - 1) {
            float next = lane_value(logit, __builtin_ctz(waiting));
            // what is as large stands before it
            unsigned place = count_bits(ballot(lane() < LIKELIEST && mine >= next));
            float before = lane_before(mine);
            if (lane() == place) mine = next;
            if (lane() > place) mine = before;
        }
    }
    if (lane() < LIKELIEST) top[lane()] = mine;
}

// ln of a number that is at least 1, from its f32 logarithm by one step of Newton's
INLINE double natural_log_f64(double v) {
    double near = larger(natural_log((float)v), 0.f);
    return near - 1. + v * exponential_of_negative(-near);
}

// `-sum p ln p` with `p` the softmax of the likeliest alone, a thread for each row.
extern "C" __global__ void __launch_bounds__(THREADS) head_entropies(const float *top, float *entropies, unsigned rows) {
    unsigned row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    top += (size_t)row * LIKELIEST;
    double sum = 0., mean = 0.;
    for (unsigned i = 0; i < LIKELIEST && top[i] > -__builtin_inff(); i++) {
        double above = (double)top[i] - (double)top[0], power = exponential_of_negative(above);
        sum += power;
        mean += power * above;
    }
    entropies[row] = (float)(natural_log_f64(sum) - mean / sum);
}
