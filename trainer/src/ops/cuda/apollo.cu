// APOLLO's operations beside Adam's own: the factors of a gradient's channels, and the update that they make of it.
#include "corral.cuh"
#pragma clang fp contract(off)

// `|direction| / (|low| + 1e-8)` from the sums of squares
INLINE float quotient(double own, double low) { return root((float)own) / (root((float)low) + 1e-8f); }

// Of each row of `width` values; a block has a row.
BODY factors_of_rows(const T *direction, const T *low, float *factors, u64 width, float grad_scale) {
    direction += blockIdx.x * width;
    low += blockIdx.x * width;
    double of_own = 0., of_low = 0.;
    over_block(width, wide(direction, low), [&](auto at) {
        auto own = at.load(direction), g = at.load(low);
        for (unsigned k = 0; k < at.N; k++) {
            double scaled = (double)(g[k] * grad_scale);
            of_own += (double)own[k] * (double)own[k];
            of_low += scaled * scaled;
        }
    });
    of_own = block_sum(of_own);
    of_low = block_sum(of_low);
    if (threadIdx.x == 0) factors[blockIdx.x] = quotient(of_own, of_low);
}
TRAINED_KERNEL(THREADS, factors_of_rows,
       (const T *direction, const T *low, float *factors, unsigned, u64 width, float grad_scale),
       (direction, low, factors, width, grad_scale))

// Of each column; a block has 32 of them, each of its warps a share of the rows.
BODY factors_of_columns(const T *direction, const T *low, float *factors, unsigned rows, u64 columns, float grad_scale) {
    u64 column = (u64)blockIdx.x * WARP + lane();
    double of_own = 0., of_low = 0.;
    if (column < columns)
        for (unsigned row = warp(); row < rows; row += blockDim.x / WARP) {
            u64 at = row * columns + column;
            double own = (double)widen(direction[at]), scaled = (double)(widen(low[at]) * grad_scale);
            of_own += own * own;
            of_low += scaled * scaled;
        }
    of_own = sum_of_warps(of_own);
    of_low = sum_of_warps(of_low);
    if (warp() == 0 && column < columns) factors[column] = quotient(of_own, of_low);
}
TRAINED_KERNEL(THREADS, factors_of_columns,
       (const T *direction, const T *low, float *factors, unsigned rows, u64 columns, float grad_scale),
       (direction, low, factors, rows, columns, grad_scale))

// The update of each value before its rate, `front (grad factor) grad_scale`: a matrix with `columns` and where its factors lie.
struct Update {
    const float *factors;
    unsigned columns, by_row, by_column;
    float grad_scale, front;
    METHOD float operator()(u64 at, float grad) const {
        return grad * factors[at / columns * by_row + at % columns * by_column] * grad_scale * front;
    }
};

// The sum of the updates' squares, of each block's share: `sums[gridDim.x]`.
BODY apollo_squares(const T *grad, double *sums, u64 n, Update update) {
    double sum = 0.;
    over_grid(n, wide(grad), [&](auto at) {
        auto g = at.load(grad);
        for (unsigned k = 0; k < at.N; k++) {
            double u = (double)update(at.i + k, g[k]);
            sum += u * u;
        }
    });
    sum = block_sum(sum);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}
TRAINED_KERNEL(THREADS, apollo_squares,
       (const T *grad, const float *factors, double *sums, u64 n, unsigned columns, unsigned by_row, unsigned by_column,
        float grad_scale, float front),
       (grad, sums, n, {factors, columns, by_row, by_column, grad_scale, front}))

// From these sums: the length that the update is limited to, and what it is multiplied by. One block.
extern "C" __global__ void __launch_bounds__(THREADS)
    apollo_limit(const double *sums, float *length, float *rate, unsigned count, unsigned limited, double asked,
                 double behind) {
    double sum = 0.;
    for (unsigned i = threadIdx.x; i < count; i += blockDim.x) sum += sums[i];
    sum = block_sum(sum);
    if (threadIdx.x != 0) return;
    double own = root(sum), limiter = 1.;
    if (limited) {
        double growth = own / ((double)*length + 1e-8);
        limiter = larger(growth, 1.01) / 1.01;
    }
    *length = (float)(own / limiter);
    *rate = (float)-(asked / limiter * behind);
}

// `value += rate U`
BODY apollo_update(T *value, const T *grad, const float *rate, u64 n, Update update) {
    float factor = *rate;
    over_grid(n, wide(value, grad), [&](auto at) {
        auto v = at.load(value), g = at.load(grad);
        for (unsigned k = 0; k < at.N; k++) v[k] += factor * widen(narrow<T>(update(at.i + k, g[k])));
        at.store(value, v);
    });
}
TRAINED_KERNEL(THREADS, apollo_update,
       (T *value, const T *grad, const float *factors, const float *rate, u64 n, unsigned columns, unsigned by_row,
        unsigned by_column, float grad_scale, float front),
       (value, grad, rate, n, {factors, columns, by_row, by_column, grad_scale, front}))
