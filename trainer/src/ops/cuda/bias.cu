// A linear layer's bias and its gradient.
#include "corral.cuh"
#pragma clang fp contract(off)

// `y[token] += bias`: a block has a token
BODY add_bias(const float *bias, T *y, unsigned width) {
    y += (size_t)blockIdx.x * width;
    over_block(width, wide(bias, y), [&](auto at) {
        auto v = at.load(y), more = at.load(bias);
        for (unsigned k = 0; k < at.N; k++) v[k] += more[k];
        at.store(y, v);
    });
}
KERNEL(THREADS, add_bias, (const float *bias, T *y, unsigned width), (bias, y, width))

// `db[column] += sum over tokens of dy`: a block has 32 columns, each of its warps every eighth token
BODY bias_grad(const T *dy, float *db, unsigned tokens, unsigned width) {
    unsigned column = blockIdx.x * WARP + lane();
    float sum = 0.f;
    if (column < width)
        for (unsigned token = warp(); token < tokens; token += blockDim.x / WARP)
            sum += widen(dy[(size_t)token * width + column]);
    sum = sum_of_warps(sum);
    if (warp() == 0 && column < width) db[column] += sum;
}
KERNEL(THREADS, bias_grad, (const T *dy, float *db, unsigned tokens, unsigned width), (dy, db, tokens, width))
