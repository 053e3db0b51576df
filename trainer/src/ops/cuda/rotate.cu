// Blocks of an activation's columns turned by small matrices, and the gradient of these.
#include "corral.cuh"
#pragma clang fp contract(off)

// `y[t, block] (+)= x[t, block] R[block]`, blocks of `size` columns by `stored` matrices: a block of threads has a token
BODY rotate(const T *x, const float *matrices, T *y, unsigned width, unsigned size, unsigned stored, bool accumulate) {
    x += (size_t)blockIdx.x * width;
    y += (size_t)blockIdx.x * width;
    for (unsigned column = threadIdx.x; column < width; column += blockDim.x) {
        unsigned block = column / size, c = column % size;
        const float *matrix = matrices + (size_t)(block % stored) * size * size + c;
        const T *row = x + block * size;
        float sum = accumulate ? widen(y[column]) : 0.f;
        for (unsigned k = 0; k < size; k++) sum += widen(row[k]) * matrix[(size_t)k * size];
        y[column] = narrow<T>(sum);
    }
}
KERNEL(THREADS, rotate,
       (const T *x, const float *matrices, T *y, unsigned width, unsigned size, unsigned stored, unsigned accumulate),
       (x, matrices, y, width, size, stored, accumulate))

// `d[matrix] = sum over tokens and the blocks that share it of x[t, block]^T dy[t, block]`: a block of threads has row
// `blockIdx.x` of matrix `blockIdx.y`, each of its warps every eighth of the places to sum
BODY rotate_gradient(const T *x, const T *dy, float *d, unsigned tokens, unsigned width, unsigned size, unsigned stored) {
    unsigned k = blockIdx.x, matrix = blockIdx.y;
    unsigned sharing = (width / size - matrix + stored - 1) / stored;
    for (unsigned first = 0; first < size; first += WARP) {
        unsigned c = first + lane();
        float sum = 0.f;
        if (c < size)
            for (u64 place = warp(); place < (u64)sharing * tokens; place += blockDim.x / WARP) {
                unsigned block = matrix + (unsigned)(place / tokens) * stored;
                size_t at = (place % tokens) * width + (size_t)block * size;
                sum += widen(x[at + k]) * widen(dy[at + c]);
            }
        sum = sum_of_warps(sum);
        if (warp() == 0 && c < size) d[((size_t)matrix * size + k) * size + c] = sum;
    }
}
KERNEL(THREADS, rotate_gradient,
       (const T *x, const T *dy, float *d, unsigned tokens, unsigned width, unsigned size, unsigned stored),
       (x, dy, d, tokens, width, size, stored))
