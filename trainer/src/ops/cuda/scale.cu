// Factors of an activation, one for all or per column or row, and their gradients; some columns of rows copied to others.
#include "corral.cuh"
#pragma clang fp contract(off)

// `x *= factor`
BODY scale(T *x, float factor, u64 n) {
    over_grid(n, wide(x), [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) v[k] *= factor;
        at.store(x, v);
    });
}
KERNEL(THREADS, scale, (T *x, float factor, u64 n), (x, factor, n))

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

// `y[t, j] *= factors[positions[t]]`
BODY scale_by_position(T *y, const float *factors, const unsigned *positions, unsigned width) {
    y += (size_t)blockIdx.x * width;
    float factor = factors[positions[blockIdx.x]];
    over_block(width, wide(y), [&](auto at) {
        auto v = at.load(y);
        for (unsigned k = 0; k < at.N; k++) v[k] *= factor;
        at.store(y, v);
    });
}
KERNEL(THREADS, scale_by_position, (T *y, const float *factors, const unsigned *positions, unsigned width),
       (y, factors, positions, width))

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

// `to[r, to_first + j] = from[r / repeat, from_first + j]`: a block has a row of `to`
BODY copy_columns(const T *from, unsigned from_first, unsigned from_width, T *to, unsigned to_first, unsigned to_width,
                  unsigned width, unsigned repeat) {
    from += (size_t)(blockIdx.x / repeat) * from_width + from_first;
    to += (size_t)blockIdx.x * to_width + to_first;
    for (unsigned j = threadIdx.x; j < width; j += blockDim.x) to[j] = from[j];
}
KERNEL(THREADS, copy_columns,
       (const T *from, unsigned from_first, unsigned from_width, T *to, unsigned to_first, unsigned to_width, unsigned width,
        unsigned repeat),
       (from, from_first, from_width, to, to_first, to_width, width, repeat))

// `to[r, to_first + j] = sum over i < each of from[r each + i, from_first + j]`
BODY sum_columns(const T *from, unsigned from_first, unsigned from_width, T *to, unsigned to_first, unsigned to_width,
                 unsigned width, unsigned each) {
    from += (size_t)blockIdx.x * each * from_width + from_first;
    to += (size_t)blockIdx.x * to_width + to_first;
    for (unsigned j = threadIdx.x; j < width; j += blockDim.x) {
        float sum = 0.f;
        for (unsigned i = 0; i < each; i++) sum += widen(from[(size_t)i * from_width + j]);
        to[j] = narrow<T>(sum);
    }
}
KERNEL(THREADS, sum_columns,
       (const T *from, unsigned from_first, unsigned from_width, T *to, unsigned to_first, unsigned to_width, unsigned width,
        unsigned each),
       (from, from_first, from_width, to, to_first, to_width, width, each))
