// RMS norm over the last axis and its gradients. A block has a row; statistics are f32.
#include "corral.cuh"

INLINE float inverse_rms(float squares, unsigned width, float epsilon) { return 1.f / root(squares / width + epsilon); }

// `y = x / rms(x) * w`
BODY rms_norm(const T *x, const float *w, T *y, unsigned width, float epsilon) {
    x += (size_t)blockIdx.x * width;
    y += (size_t)blockIdx.x * width;
    bool fast = wide(x, w, y);
    float squares = 0.f;
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) squares = fused(v[k], v[k], squares);
    });
    float inverse = inverse_rms(block_sum(squares), width, epsilon);
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x), factor = at.load(w);
        for (unsigned k = 0; k < at.N; k++) v[k] = v[k] * inverse * factor[k];
        at.store(y, v);
    });
}
KERNEL(THREADS, rms_norm, (const T *x, const float *w, T *y, unsigned width, float epsilon), (x, w, y, width, epsilon))

// `dx (+)= d norm(x) / dx * dy`
BODY rms_norm_backward(const T *x, const float *w, const T *dy, T *dx, unsigned width, float epsilon, bool accumulate) {
    size_t row = (size_t)blockIdx.x * width;
    x += row;
    dy += row;
    dx += row;
    bool fast = wide(x, w, dy, dx);
    float squares = 0.f, dots = 0.f;
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x), d = at.load(dy), factor = at.load(w);
        for (unsigned k = 0; k < at.N; k++) {
            squares = fused(v[k], v[k], squares);
            dots = fused(v[k] * d[k], factor[k], dots);
        }
    });
    float inverse = inverse_rms(block_sum(squares), width, epsilon);
    float c = block_sum(dots) * inverse * inverse * inverse / width;
    over_block(width, fast, [&](auto at) {
        auto v = at.load(x), d = at.load(dy), factor = at.load(w);
        for (unsigned k = 0; k < at.N; k++) v[k] = d[k] * factor[k] * inverse - v[k] * c;
        if (accumulate) {
            auto before = at.load(dx);
            for (unsigned k = 0; k < at.N; k++) v[k] += before[k];
        }
        at.store(dx, v);
    });
}
KERNEL(THREADS, rms_norm_backward,
       (const T *x, const float *w, const T *dy, T *dx, unsigned width, float epsilon, unsigned accumulate),
       (x, w, dy, dx, width, epsilon, accumulate))

// `inverse[row] = 1 / rms(x[row])`, which the gradient of the weight needs of each row in each column
BODY inverse_rms_rows(const T *x, float *inverse, unsigned width, float epsilon) {
    x += (size_t)blockIdx.x * width;
    float squares = 0.f;
    over_block(width, wide(x), [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) squares = fused(v[k], v[k], squares);
    });
    squares = block_sum(squares);
    if (threadIdx.x == 0) inverse[blockIdx.x] = inverse_rms(squares, width, epsilon);
}
KERNEL(THREADS, inverse_rms_rows, (const T *x, float *inverse, unsigned width, float epsilon), (x, inverse, width, epsilon))

// `dw[column] += sum over rows of dy * x * inverse[row]`: a block has 32 columns, each of its warps every eighth row
BODY rms_norm_weight_grad(const T *x, const T *dy, const float *inverse, float *dw, unsigned rows, unsigned width) {
    unsigned column = blockIdx.x * WARP + lane();
    float sum = 0.f;
    if (column < width)
        for (unsigned row = warp(); row < rows; row += blockDim.x / WARP) {
            size_t at = (size_t)row * width + column;
            sum += widen(dy[at]) * widen(x[at]) * inverse[row];
        }
    sum = sum_of_warps(sum);
    if (warp() == 0 && column < width) dw[column] += sum;
}
KERNEL(THREADS, rms_norm_weight_grad,
       (const T *x, const T *dy, const float *inverse, float *dw, unsigned rows, unsigned width),
       (x, dy, inverse, dw, rows, width))
