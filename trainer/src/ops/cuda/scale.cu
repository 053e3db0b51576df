// Factors per column or row of an activation, and their gradients.
#include "corral.cuh"
#pragma clang fp contract(off)

// `y[t, j] *= factors[j]`: a block has a row
BODY scale_columns(T *y, const float *factors, unsigned width) {
    y += (size_t)blockIdx.x * width;
    over_block(width, wide(y, factors), [&](auto at) {
        auto v = at.load(y), by = at.load(factors);
        for (unsigned k = 0; k < at.N; k++) v[k] *= by[k];
        at.store(y, v);
    });
}
KERNEL(THREADS, scale_columns, (T *y, const float *factors, unsigned width), (y, factors, width))

// `y[r, j] *= factors[r]`
BODY scale_rows(T *y, const float *factors, unsigned width) {
    y += (size_t)blockIdx.x * width;
    float factor = factors[blockIdx.x];
    over_block(width, wide(y), [&](auto at) {
        auto v = at.load(y);
        for (unsigned k = 0; k < at.N; k++) v[k] *= factor;
        at.store(y, v);
    });
}
KERNEL(THREADS, scale_rows, (T *y, const float *factors, unsigned width), (y, factors, width))

// `out[j] += sum over tokens of a[t, j] b[t, j] / norms[j]`, summed in f64: a block has 32 columns, each of its warps
// every eighth token
BODY column_dots(const T *a, const T *b, const float *norms, float *out, unsigned tokens, unsigned width) {
    unsigned column = blockIdx.x * WARP + lane();
    double sum = 0.;
    if (column < width)
        for (unsigned token = warp(); token < tokens; token += blockDim.x / WARP) {
            size_t at = (size_t)token * width + column;
            sum += (double)widen(a[at]) * (double)widen(b[at]);
        }
    sum = sum_of_warps(sum);
    if (warp() == 0 && column < width) out[column] += (float)(sum / (double)norms[column]);
}
KERNEL(THREADS, column_dots,
       (const T *a, const T *b, const float *norms, float *out, unsigned tokens, unsigned width),
       (a, b, norms, out, tokens, width))

// `out[r] = sum_j a[r, j] b[r, j]`, summed in f64: a block has a row
BODY row_dots(const T *a, const T *b, float *out, unsigned width) {
    a += (size_t)blockIdx.x * width;
    b += (size_t)blockIdx.x * width;
    double sum = 0.;
    over_block(width, wide(a, b), [&](auto at) {
        auto v = at.load(a), w = at.load(b);
        for (unsigned k = 0; k < at.N; k++) sum += (double)v[k] * (double)w[k];
    });
    sum = block_sum(sum);
    if (threadIdx.x == 0) out[blockIdx.x] = (float)sum;
}
KERNEL(THREADS, row_dots, (const T *a, const T *b, float *out, unsigned width), (a, b, out, width))
