// What a head does beside its product, `logit = cap(scale * (w h / |w| + bias))`, and the way back through it. Logits
// `[rows, columns]` are of the vocabulary's entries from some first one on. A block has a row.
#include "head.cuh"
// each rounding as on the CPU
#pragma clang fp contract(off)

// of a row that is shorter, this is taken
constexpr float SHORTEST = 1e-12f;

template <class A, class B> INLINE float block_dot(const A *a, const B *b, unsigned width) {
    float sum = 0.f;
    over_block(width, wide(a, b), [&](auto at) {
        auto x = at.load(a), y = at.load(b);
        for (unsigned k = 0; k < at.N; k++) sum = fused(x[k], y[k], sum);
    });
    return block_sum(sum);
}

INLINE float inverse_length(float squares) { return 1.f / larger(root(squares), SHORTEST); }

// a cap of 0 is none
INLINE float slope(float logit, float scale, float cap) {
    return cap > 0.f ? scale * (1.f - (logit / cap) * (logit / cap)) : scale;
}

// `inverse[row] = 1 / |w[row]|`
BODY head_lengths(const T *w, float *inverse, unsigned width) {
    w += (size_t)blockIdx.x * width;
    float squares = block_dot(w, w, width);
    if (threadIdx.x == 0) inverse[blockIdx.x] = inverse_length(squares);
}
KERNEL(THREADS, head_lengths, (const T *w, float *inverse, unsigned width), (w, inverse, width))

// Products to logits. `bias` is the whole vocabulary's.
extern "C" __global__ void __launch_bounds__(THREADS)
head_form(float *logits, const float *inverse, const float *bias, float scale, float cap, unsigned columns, unsigned first) {
    logits += (size_t)blockIdx.x * columns;
    if (bias) bias += first;
    over_block(columns, wide(logits, inverse, bias), [&](auto at) {
        auto v = at.load(logits);
        if (inverse) {
            auto by = at.load(inverse);
            for (unsigned k = 0; k < at.N; k++) v[k] *= by[k];
        }
        if (bias) {
            auto more = at.load(bias);
            for (unsigned k = 0; k < at.N; k++) v[k] += more[k];
        }
        for (unsigned k = 0; k < at.N; k++) {
            v[k] *= scale;
            if (cap > 0.f) v[k] = cap * hyperbolic_tangent(v[k] / cap);
        }
        at.store(logits, v);
    });
}

// `slopes[rows, columns]`: what the way back multiplies the gradient of each logit with, and with `inverse` its row's too.
extern "C" __global__ void __launch_bounds__(THREADS)
head_slopes(const float *logits, const float *inverse, float *slopes, float scale, float cap, unsigned columns) {
    logits += (size_t)blockIdx.x * columns;
    slopes += (size_t)blockIdx.x * columns;
    over_block(columns, wide(logits, inverse, slopes), [&](auto at) {
        auto v = at.load(logits);
        for (unsigned k = 0; k < at.N; k++) v[k] = slope(v[k], scale, cap);
        if (inverse) {
            auto by = at.load(inverse);
            for (unsigned k = 0; k < at.N; k++) v[k] *= by[k];
        }
        at.store(slopes, v);
    });
}

// `values *= slopes`, rows of `columns`
BODY head_times(T *values, const float *slopes, unsigned columns) {
    values += (size_t)blockIdx.x * columns;
    slopes += (size_t)blockIdx.x * columns;
    over_block(columns, wide(values, slopes), [&](auto at) {
        auto v = at.load(values), by = at.load(slopes);
        for (unsigned k = 0; k < at.N; k++) v[k] *= by[k];
        at.store(values, v);
    });
}
KERNEL(THREADS, head_times, (T *values, const float *slopes, unsigned columns), (values, slopes, columns))

// The targets' weights `wanted[rows, width]` times what leads back to them.
extern "C" __global__ void __launch_bounds__(THREADS)
head_target(const Running *running, float *wanted, unsigned normalized, float scale, float cap, unsigned width) {
    wanted += (size_t)blockIdx.x * width;
    float factor = slope(running[blockIdx.x].target, scale, cap);
    if (normalized) factor *= inverse_length(block_dot(wanted, wanted, width));
    over_block(width, wide(wanted), [&](auto at) {
        auto v = at.load(wanted);
        for (unsigned k = 0; k < at.N; k++) v[k] *= factor;
        at.store(wanted, v);
    });
}

// Adds to the gradient of rows that were divided by their lengths: `part - u (u part)` with `u` the row as it was used.
template <class T, class D>
SHARED_BODY through_lengths(const T *w, const float *part, const float *inverse, D *dw, unsigned width) {
    size_t row = (size_t)blockIdx.x * width;
    w += row;
    part += row;
    dw += row;
    float along = block_dot(w, part, width) * inverse[blockIdx.x] * inverse[blockIdx.x];
    over_block(width, wide(w, part, dw), [&](auto at) {
        auto of = at.load(w), d = at.load(part), sum = at.load(dw);
        for (unsigned k = 0; k < at.N; k++) sum[k] += d[k] - of[k] * along;
        at.store(dw, sum);
    });
}
BODY through_lengths_to_f32(const T *w, const float *part, const float *inverse, float *dw, unsigned width) {
    through_lengths(w, part, inverse, dw, width);
}
KERNEL(THREADS, through_lengths_to_f32, (const T *w, const float *part, const float *inverse, float *dw, unsigned width),
       (w, part, inverse, dw, width))
BODY through_lengths_to_bf16(const T *w, const float *part, const float *inverse, bf16 *dw, unsigned width) {
    through_lengths(w, part, inverse, dw, width);
}
KERNEL(THREADS, through_lengths_to_bf16, (const T *w, const float *part, const float *inverse, bf16 *dw, unsigned width),
       (w, part, inverse, dw, width))
