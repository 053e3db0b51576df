// The Adafactor update: second moments by row and column for a matrix, by element for a vector; f32 whatever values are.
// What depends on the whole matrix waits in `scratch`, in f64: the mean of the row moments, the rate, then one sum of each
// row or block.
#include "corral.cuh"
#pragma clang fp contract(off)

constexpr unsigned MEAN = 0, RATE = 1, SUMS = 2;

INLINE double square(float grad, float grad_scale, double epsilon) {
    double g = grad * grad_scale;
    return g * g + epsilon;
}

INLINE float moment(double beta2, float before, double now) {
    return (float)(beta2 * (double)before + (1. - beta2) * now);
}

// second moments of rows: a block has a row
BODY adafactor_rows(const T *grad, float *rows, unsigned width, double beta2, double epsilon, float grad_scale) {
    grad += (size_t)blockIdx.x * width;
    double sum = 0.;
    over_block(width, wide(grad), [&](auto at) {
        auto g = at.load(grad);
        for (unsigned k = 0; k < at.N; k++) sum += square(g[k], grad_scale, epsilon);
    });
    sum = block_sum(sum);
    if (threadIdx.x == 0) rows[blockIdx.x] = moment(beta2, rows[blockIdx.x], sum / width);
}
TRAINED_KERNEL(THREADS, adafactor_rows,
       (const T *grad, float *rows, unsigned width, double beta2, double epsilon, float grad_scale),
       (grad, rows, width, beta2, epsilon, grad_scale))

// second moments of columns: a block has 32, each of its warps every eighth row
BODY adafactor_columns(const T *grad, float *columns, unsigned rows, unsigned width, double beta2, double epsilon,
                       float grad_scale) {
    unsigned column = blockIdx.x * WARP + lane();
    double sum = 0.;
    if (column < width)
        for (unsigned row = warp(); row < rows; row += blockDim.x / WARP)
            sum += square(widen(grad[(size_t)row * width + column]), grad_scale, epsilon);
    sum = sum_of_warps(sum);
    if (warp() == 0 && column < width) columns[column] = moment(beta2, columns[column], sum / rows);
}
TRAINED_KERNEL(THREADS, adafactor_columns,
       (const T *grad, float *columns, unsigned rows, unsigned width, double beta2, double epsilon, float grad_scale),
       (grad, columns, rows, width, beta2, epsilon, grad_scale))

// the mean of the row moments, by one block
extern "C" __global__ void __launch_bounds__(THREADS)
    adafactor_mean_f32(const float *rows, double *scratch, unsigned count) {
    double sum = 0.;
    for (unsigned row = threadIdx.x; row < count; row += blockDim.x) sum += (double)rows[row];
    sum = block_sum(sum);
    if (threadIdx.x == 0) scratch[MEAN] = sum / count;
}
INLINE float by_row(const double *scratch, float row) { return (float)root(scratch[MEAN] / (double)row); }

// squares of a row's update before it is clipped: a block has a row
BODY adafactor_squares(const T *grad, const float *rows, const float *columns, double *scratch, unsigned width, float grad_scale) {
    grad += (size_t)blockIdx.x * width;
    float factor = by_row(scratch, rows[blockIdx.x]) * grad_scale;
    double sum = 0.;
    over_block(width, wide(grad, columns), [&](auto at) {
        auto g = at.load(grad), column = at.load(columns);
        for (unsigned k = 0; k < at.N; k++) {
            double update = g[k] * factor * (1.f / root(column[k]));
            sum += update * update;
        }
    });
    sum = block_sum(sum);
    if (threadIdx.x == 0) scratch[SUMS + blockIdx.x] = sum;
}
TRAINED_KERNEL(THREADS, adafactor_squares,
       (const T *grad, const float *rows, const float *columns, double *scratch, unsigned width, float grad_scale),
       (grad, rows, columns, scratch, width, grad_scale))

// the learning rate over what the update is too large by, times the factor of the gradient, from `count` sums of squares of
// an update of `n` values; by one block
extern "C" __global__ void __launch_bounds__(THREADS)
    adafactor_rate_f32(double *scratch, unsigned count, u64 n, double clip, double lr, float grad_scale) {
    double sum = 0.;
    for (unsigned i = threadIdx.x; i < count; i += blockDim.x) sum += scratch[SUMS + i];
    sum = block_sum(sum);
    if (threadIdx.x != 0) return;
    double over = root(sum / (double)n) / clip;
    scratch[RATE] = (double)((float)(lr / (over > 1. ? over : 1.)) * grad_scale);
}

// the update of a matrix: a block has a row
BODY adafactor_apply(T *value, const T *grad, const float *rows, const float *columns, const double *scratch, unsigned width,
                     float keep) {
    value += (size_t)blockIdx.x * width;
    grad += (size_t)blockIdx.x * width;
    float factor = (float)scratch[RATE] * by_row(scratch, rows[blockIdx.x]);
    over_block(width, wide(value, grad, columns), [&](auto at) {
        auto v = at.load(value), g = at.load(grad), column = at.load(columns);
        for (unsigned k = 0; k < at.N; k++) v[k] = v[k] * keep - factor * g[k] * (1.f / root(column[k]));
        at.store(value, v);
    });
}
TRAINED_KERNEL(THREADS, adafactor_apply,
       (T *value, const T *grad, const float *rows, const float *columns, const double *scratch, unsigned width, float keep),
       (value, grad, rows, columns, scratch, width, keep))

// second moments of a vector, and the sum of squares of each block's share of its update
BODY adafactor_second(const T *grad, float *second, double *scratch, u64 n, double beta2, double epsilon, float grad_scale) {
    double sum = 0.;
    over_grid(n, wide(grad, second), [&](auto at) {
        auto g = at.load(grad), v = at.load(second);
        for (unsigned k = 0; k < at.N; k++) {
            v[k] = moment(beta2, v[k], square(g[k], grad_scale, epsilon));
            double scaled = g[k] * grad_scale;
            sum += scaled * scaled / (double)v[k];
        }
        at.store(second, v);
    });
    sum = block_sum(sum);
    if (threadIdx.x == 0) scratch[SUMS + blockIdx.x] = sum;
}
TRAINED_KERNEL(THREADS, adafactor_second,
       (const T *grad, float *second, double *scratch, u64 n, double beta2, double epsilon, float grad_scale),
       (grad, second, scratch, n, beta2, epsilon, grad_scale))

// the update of a vector
BODY adafactor_apply_vector(T *value, const T *grad, const float *second, const double *scratch, u64 n, float keep) {
    float rate = (float)scratch[RATE];
    over_grid(n, wide(value, grad, second), [&](auto at) {
        auto v = at.load(value), g = at.load(grad), s = at.load(second);
        for (unsigned k = 0; k < at.N; k++) v[k] = v[k] * keep - rate * g[k] / root(s[k]);
        at.store(value, v);
    });
}
TRAINED_KERNEL(THREADS, adafactor_apply_vector,
       (T *value, const T *grad, const float *second, const double *scratch, u64 n, float keep),
       (value, grad, second, scratch, n, keep))
