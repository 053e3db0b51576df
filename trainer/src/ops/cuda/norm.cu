// RMS norm and layer norm over the last axis and their gradients. A block has a row; statistics are f32. Rows take turns
// with `weights` weights of `width` values.
#include "corral.cuh"

// What a row's normalised values are multiplied with: a weight, one more than that, or nothing.
struct Gain {
    const float *w;
    bool one_plus;

    METHOD Gain(const float *w, bool one_plus, unsigned width, unsigned weights)
        : w(w ? w + (size_t)(blockIdx.x % weights) * width : nullptr), one_plus(one_plus) {}

    template <unsigned N> METHOD Values<N> load(At<N> at) const {
        Values<N> v;
        if (w) {
            v = at.load(w);
            if (one_plus)
                for (unsigned k = 0; k < N; k++) v[k] += 1.f;
        } else {
            for (unsigned k = 0; k < N; k++) v[k] = 1.f;
        }
        return v;
    }
};

INLINE float inverse_rms(float squares, unsigned width, float epsilon) { return 1.f / root(squares / width + epsilon); }

template <class T> INLINE float block_squares(const T *x, unsigned width, bool fast) {
    float squares = 0.f;
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) squares = fused(v[k], v[k], squares);
    });
    return block_sum(squares);
}

// mean of a row, and one over its standard deviation
struct Moments {
    float mean, inverse;
};
template <class T> INLINE Moments block_moments(const T *x, unsigned width, float epsilon, bool fast) {
    float sum = 0.f, squares = 0.f;
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) sum += v[k];
    });
    float mean = block_sum(sum) / width;
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) squares = fused(v[k] - mean, v[k] - mean, squares);
    });
    return {mean, inverse_rms(block_sum(squares), width, epsilon)};
}

// `y = (x - mean) * inverse * gain + bias`
template <class T>
INLINE void normalize(const T *x, Gain gain, const float *bias, T *y, unsigned width, Moments of, bool fast) {
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x), factor = gain.load(at);
        for (unsigned k = 0; k < at.N; k++) v[k] = (v[k] - of.mean) * of.inverse * factor[k];
        if (bias) {
            auto more = at.load(bias);
            for (unsigned k = 0; k < at.N; k++) v[k] += more[k];
        }
        at.store(y, v);
    });
}

BODY rms_norm(const T *x, const float *w, bool one_plus, const float *bias, T *y, unsigned width, unsigned weights,
              float epsilon) {
    x += (size_t)blockIdx.x * width;
    y += (size_t)blockIdx.x * width;
    if (bias) bias += (size_t)(blockIdx.x % weights) * width;
    Gain gain(w, one_plus, width, weights);
    bool fast = wide(x, gain.w, bias, y);
    float inverse = inverse_rms(block_squares(x, width, fast), width, epsilon);
    normalize(x, gain, bias, y, width, {0.f, inverse}, fast);
}
KERNEL(THREADS, rms_norm,
       (const T *x, const float *w, unsigned one_plus, const float *bias, T *y, unsigned width, unsigned weights, float epsilon),
       (x, w, one_plus, bias, y, width, weights, epsilon))

BODY layer_norm(const T *x, const float *w, bool one_plus, const float *bias, T *y, unsigned width, unsigned weights,
                float epsilon) {
    x += (size_t)blockIdx.x * width;
    y += (size_t)blockIdx.x * width;
    if (bias) bias += (size_t)(blockIdx.x % weights) * width;
    Gain gain(w, one_plus, width, weights);
    bool fast = wide(x, gain.w, bias, y);
    normalize(x, gain, bias, y, width, block_moments(x, width, epsilon, fast), fast);
}
KERNEL(THREADS, layer_norm,
       (const T *x, const float *w, unsigned one_plus, const float *bias, T *y, unsigned width, unsigned weights, float epsilon),
       (x, w, one_plus, bias, y, width, weights, epsilon))

// `dx (+)= d normalised(x) / dx * gain * dy`
BODY rms_norm_backward(const T *x, const float *w, bool one_plus, const T *dy, T *dx, unsigned width, unsigned weights,
                       float epsilon, bool accumulate) {
    size_t row = (size_t)blockIdx.x * width;
    x += row;
    dy += row;
    dx += row;
    Gain gain(w, one_plus, width, weights);
    bool fast = wide(x, gain.w, dy, dx);
    float squares = 0.f, dots = 0.f;
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x), d = at.load(dy), factor = gain.load(at);
        for (unsigned k = 0; k < at.N; k++) {
            squares = fused(v[k], v[k], squares);
            dots = fused(v[k] * d[k], factor[k], dots);
        }
    });
    float inverse = inverse_rms(block_sum(squares), width, epsilon);
    float c = block_sum(dots) * inverse * inverse * inverse / width;
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x), d = at.load(dy), factor = gain.load(at);
        for (unsigned k = 0; k < at.N; k++) v[k] = d[k] * factor[k] * inverse - v[k] * c;
        if (accumulate) {
            auto before = at.load(dx);
            for (unsigned k = 0; k < at.N; k++) v[k] += before[k];
        }
        at.store(dx, v);
    });
}
KERNEL(THREADS, rms_norm_backward,
       (const T *x, const float *w, unsigned one_plus, const T *dy, T *dx, unsigned width, unsigned weights, float epsilon,
        unsigned accumulate),
       (x, w, one_plus, dy, dx, width, weights, epsilon, accumulate))

BODY layer_norm_backward(const T *x, const float *w, bool one_plus, const T *dy, T *dx, unsigned width, unsigned weights,
                         float epsilon, bool accumulate) {
    size_t row = (size_t)blockIdx.x * width;
    x += row;
    dy += row;
    dx += row;
    Gain gain(w, one_plus, width, weights);
    bool fast = wide(x, gain.w, dy, dx);
    Moments of = block_moments(x, width, epsilon, fast);
    float sum = 0.f, dots = 0.f;
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x), d = at.load(dy), factor = gain.load(at);
        for (unsigned k = 0; k < at.N; k++) {
            sum = fused(d[k], factor[k], sum);
            dots = fused((v[k] - of.mean) * d[k], factor[k], dots);
        }
    });
    float mean_grad = block_sum(sum) / width;
    float along = block_sum(dots) * of.inverse * of.inverse / width;
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x), d = at.load(dy), factor = gain.load(at);
        for (unsigned k = 0; k < at.N; k++)
            v[k] = (d[k] * factor[k] - mean_grad - (v[k] - of.mean) * along) * of.inverse;
        if (accumulate) {
            auto before = at.load(dx);
            for (unsigned k = 0; k < at.N; k++) v[k] += before[k];
        }
        at.store(dx, v);
    });
}
// four blocks at a time: for more the assembler would spill
#define ENTRY(type, element) \
    namespace layer_norm_backward_of_##type { \
    using T = element; \
    extern "C" __global__ void __launch_bounds__(THREADS, 4) layer_norm_backward_##type( \
        const T *x, const float *w, unsigned one_plus, const T *dy, T *dx, unsigned width, unsigned weights, \
        float epsilon, unsigned accumulate) { \
        layer_norm_backward<T>(x, w, one_plus, dy, dx, width, weights, epsilon, accumulate); \
    } \
    }
ENTRY(f32, float)
ENTRY(bf16, bf16)
ENTRY(f16, f16)
#undef ENTRY

// `inverse[row] = 1 / rms(x[row])`, which the gradient of the weight needs of each row in each column
BODY rms_rows(const T *x, float *inverse, unsigned width, float epsilon) {
    x += (size_t)blockIdx.x * width;
    float squares = block_squares(x, width, wide(x));
    if (threadIdx.x == 0) inverse[blockIdx.x] = inverse_rms(squares, width, epsilon);
}
KERNEL(THREADS, rms_rows, (const T *x, float *inverse, unsigned width, float epsilon), (x, inverse, width, epsilon))

// the same of a layer norm
BODY layer_rows(const T *x, float *mean, float *inverse, unsigned width, float epsilon) {
    x += (size_t)blockIdx.x * width;
    Moments of = block_moments(x, width, epsilon, wide(x));
    if (threadIdx.x == 0) {
        mean[blockIdx.x] = of.mean;
        inverse[blockIdx.x] = of.inverse;
    }
}
KERNEL(THREADS, layer_rows, (const T *x, float *mean, float *inverse, unsigned width, float epsilon),
       (x, mean, inverse, width, epsilon))

// `dw[column] += sum over rows of dy * (x - mean[row]) * inverse[row]` over the columns of all weights, of which `rows` rows
// have a vector each: a block has 32 columns, each of its warps every eighth row
BODY gain_grad(const T *x, const T *dy, const float *mean, const float *inverse, float *dw, unsigned rows, unsigned width,
               unsigned weights) {
    unsigned column = blockIdx.x * WARP + lane(), columns = width * weights;
    float sum = 0.f;
    if (column < columns)
        for (unsigned row = warp(); row < rows; row += blockDim.x / WARP) {
            size_t at = (size_t)row * columns + column, vector = (size_t)row * weights + column / width;
            float above = widen(x[at]);
            if (mean) above -= mean[vector];
            sum += widen(dy[at]) * above * inverse[vector];
        }
    sum = sum_of_warps(sum);
    if (warp() == 0 && column < columns) dw[column] += sum;
}
KERNEL(THREADS, gain_grad,
       (const T *x, const T *dy, const float *mean, const float *inverse, float *dw, unsigned rows, unsigned width,
        unsigned weights),
       (x, dy, mean, inverse, dw, rows, width, weights))
