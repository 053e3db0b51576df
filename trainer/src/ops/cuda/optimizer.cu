// Whole-buffer operations of optimizers and each one's update, element by element.
#include "corral.cuh"
// each rounding as on the CPU
#pragma clang fp contract(off)

// `x = value`
BODY fill(T *x, u64 n, float value) {
    over_grid(n, wide(x), [&](auto at) {
        Values<decltype(at)::N> v;
        for (unsigned k = 0; k < at.N; k++) v[k] = value;
        at.store(x, v);
    });
}
KERNEL(THREADS, fill, (T *x, u64 n, float value), (x, n, value))

// `out += factor x`
BODY add_scaled(T *out, const float *x, u64 n, float factor) {
    over_grid(n, wide(out, x), [&](auto at) {
        auto v = at.load(out), more = at.load(x);
        for (unsigned k = 0; k < at.N; k++) v[k] += factor * more[k];
        at.store(out, v);
    });
}
KERNEL(THREADS, add_scaled, (T *out, const float *x, u64 n, float factor), (out, x, n, factor))

// `out = own out + other x`
BODY mix(T *out, const T *x, u64 n, float own, float other) {
    over_grid(n, wide(out, x), [&](auto at) {
        auto v = at.load(out), more = at.load(x);
        for (unsigned k = 0; k < at.N; k++) v[k] = v[k] * own + more[k] * other;
        at.store(out, v);
    });
}
TRAINED_KERNEL(THREADS, mix, (T *out, const T *x, u64 n, float own, float other), (out, x, n, own, other))

// The sum of squares in f64, of each block's share: `sums[gridDim.x]`. Then `sum_f64` of these.
BODY squares(const T *x, double *sums, u64 n) {
    double sum = 0.;
    over_grid(n, wide(x), [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) sum += (double)v[k] * (double)v[k];
    });
    sum = block_sum(sum);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}
KERNEL(THREADS, squares, (const T *x, double *sums, u64 n), (x, sums, n))

// `total = sum of sums[count]`, by one block
extern "C" __global__ void __launch_bounds__(THREADS) sum_f64(const double *sums, double *total, unsigned count) {
    double sum = 0.;
    for (unsigned i = threadIdx.x; i < count; i += blockDim.x) sum += sums[i];
    sum = block_sum(sum);
    if (threadIdx.x == 0) *total = sum;
}

// `keep` is 1 - lr * weight_decay in all updates, `grad_scale` multiplies the gradient first.

struct AdamStep {
    float beta1, beta2, epsilon, keep, step_size, root_correction, grad_scale;
    METHOD void update(float &value, float &first, float &second, float grad) const {
        float g = grad * grad_scale;
        first = beta1 * first + (1.f - beta1) * g;
        second = beta2 * second + (1.f - beta2) * g * g;
        value = value * keep - step_size * first / (root(second) * root_correction + epsilon);
    }
};

struct LionStep {
    float beta1, beta2, keep, lr, grad_scale;
    METHOD void update(float &value, float &momentum, float grad) const {
        float g = grad * grad_scale;
        float u = beta1 * momentum + (1.f - beta1) * g;
        // the sign of 0 is 0
        value = value * keep - lr * (float)((u > 0.f) - (u < 0.f));
        momentum = beta2 * momentum + (1.f - beta2) * g;
    }
};

// values that share a scale where states are stored in 8 bits
constexpr unsigned BLOCKWISE = 256;

// The 256 values of the dynamic map in rising order, of both signs or of one: 0, 1 and, by decade `10^-6` to `10^0`, the
// middles of equal parts of `[0.1, 1]`, 1, 2, 4 ... 64 of them or, of one sign, 2, 4 ... 128. Each thread of a block of 256
// works one out.
template <bool SIGNED> struct Codec {
    float *table;

    METHOD Codec() {
        __shared__ float of_block[BLOCKWISE];
        table = of_block;
        of_block[threadIdx.x] = entry(threadIdx.x);
        __syncthreads();
    }

    METHOD static float entry(unsigned place) {
        if (!SIGNED) return place == 0 ? 0.f : positive(place - 1, 2);
        if (place == 127) return 0.f;
        return place < 127 ? -positive(126 - place, 1) : positive(place - 128, 1);
    }

    // number `rank` of those above 0, of `count` middles in the first decade
    METHOD static float positive(unsigned rank, unsigned count) {
        constexpr float DECADES[] = {1e-6f, 1e-5f, 1e-4f, 1e-3f, 1e-2f, 1e-1f, 1.f};
#pragma unroll
        for (unsigned i = 0; i < 7; i++) {
            if (rank < count) return DECADES[i] * ((bound(rank, count) + bound(rank + 1, count)) / 2.f);
            rank -= count;
            count *= 2;
        }
        return 1.f;
    }

    // where part `k` of `count` begins, from the nearer end with one rounding
    METHOD static float bound(unsigned k, unsigned count) {
        float step = (1.f - 0.1f) / (float)count;
        return k < (count + 1) / 2 ? fused(step, (float)k, 0.1f) : fused(-step, (float)(count - k), 1.f);
    }

    METHOD float decode(unsigned char code, float absmax) const { return table[code] * absmax; }

    // the nearest; a tie goes down
    METHOD unsigned char encode(float value, float absmax) const {
        float x = value * (1.f / larger(absmax, 1e-38f));
        unsigned above = 0; // how many are below it
        for (unsigned half = 128; half > 0; half /= 2)
            if (table[above + half - 1] < x) above += half;
        if (above == 255 && table[255] < x) return 255;
        if (above == 0) return 0;
        return x > (table[above - 1] + table[above]) / 2.f ? above : above - 1;
    }
};

BODY sgd(T *value, const T *grad, u64 n, float keep, float lr) {
    over_grid(n, wide(value, grad), [&](auto at) {
        auto v = at.load(value), g = at.load(grad);
        for (unsigned k = 0; k < at.N; k++) v[k] = v[k] * keep - lr * g[k];
        at.store(value, v);
    });
}
TRAINED_KERNEL(THREADS, sgd, (T *value, const T *grad, u64 n, float keep, float lr), (value, grad, n, keep, lr))

BODY adamw(T *value, T *first, T *second, const T *grad, u64 n, AdamStep step) {
    over_grid(n, wide(value, first, second, grad), [&](auto at) {
        auto v = at.load(value), m = at.load(first), s = at.load(second), g = at.load(grad);
        for (unsigned k = 0; k < at.N; k++) step.update(v[k], m[k], s[k], g[k]);
        at.store(first, m);
        at.store(second, s);
        at.store(value, v);
    });
}
TRAINED_KERNEL(THREADS, adamw,
       (T *value, T *first, T *second, const T *grad, u64 n, float beta1, float beta2, float epsilon, float keep,
        float step_size, float root_correction, float grad_scale),
       (value, first, second, grad, n, {beta1, beta2, epsilon, keep, step_size, root_correction, grad_scale}))

BODY lion(T *value, T *momentum, const T *grad, u64 n, LionStep step) {
    over_grid(n, wide(value, momentum, grad), [&](auto at) {
        auto v = at.load(value), m = at.load(momentum), g = at.load(grad);
        for (unsigned k = 0; k < at.N; k++) step.update(v[k], m[k], g[k]);
        at.store(value, v);
        at.store(momentum, m);
    });
}
TRAINED_KERNEL(THREADS, lion,
       (T *value, T *momentum, const T *grad, u64 n, float beta1, float beta2, float keep, float lr, float grad_scale),
       (value, momentum, grad, n, {beta1, beta2, keep, lr, grad_scale}))

// As AdamW, with moments that are stored in 8 bits between steps. A block of threads has a block of values.
BODY adamw_blockwise(T *value, unsigned char *first, float *first_absmax, unsigned char *second, float *second_absmax,
                     const T *grad, u64 n, AdamStep step) {
    Codec<true> signed_codec;
    Codec<false> unsigned_codec;
    u64 i = (u64)blockIdx.x * BLOCKWISE + threadIdx.x;
    bool inside = i < n;
    float m = 0.f, s = 0.f;
    if (inside) {
        m = signed_codec.decode(first[i], first_absmax[blockIdx.x]);
        s = unsigned_codec.decode(second[i], second_absmax[blockIdx.x]);
        float v = widen(value[i]);
        step.update(v, m, s, widen(grad[i]));
        value[i] = narrow<T>(v);
    }
    float most_m = block_max(magnitude(m)), most_s = block_max(magnitude(s));
    if (inside) {
        first[i] = signed_codec.encode(m, most_m);
        second[i] = unsigned_codec.encode(s, most_s);
    }
    if (threadIdx.x == 0) {
        first_absmax[blockIdx.x] = most_m;
        second_absmax[blockIdx.x] = most_s;
    }
}
TRAINED_KERNEL(BLOCKWISE, adamw_blockwise,
       (T *value, unsigned char *first, float *first_absmax, unsigned char *second, float *second_absmax, const T *grad,
        u64 n, float beta1, float beta2, float epsilon, float keep, float step_size, float root_correction,
        float grad_scale),
       (value, first, first_absmax, second, second_absmax, grad, n,
        {beta1, beta2, epsilon, keep, step_size, root_correction, grad_scale}))

BODY lion_blockwise(T *value, unsigned char *momentum, float *absmax, const T *grad, u64 n, LionStep step) {
    Codec<true> codec;
    u64 i = (u64)blockIdx.x * BLOCKWISE + threadIdx.x;
    bool inside = i < n;
    float m = 0.f;
    if (inside) {
        m = codec.decode(momentum[i], absmax[blockIdx.x]);
        float v = widen(value[i]);
        step.update(v, m, widen(grad[i]));
        value[i] = narrow<T>(v);
    }
    float most = block_max(magnitude(m));
    if (inside) momentum[i] = codec.encode(m, most);
    if (threadIdx.x == 0) absmax[blockIdx.x] = most;
}
TRAINED_KERNEL(BLOCKWISE, lion_blockwise,
       (T *value, unsigned char *momentum, float *absmax, const T *grad, u64 n, float beta1, float beta2, float keep,
        float lr, float grad_scale),
       (value, momentum, absmax, grad, n, {beta1, beta2, keep, lr, grad_scale}))
