// Rotary position embedding in the half-split form, in place.
#include "corral.cuh"
#pragma clang fp contract(off)

// `x[tokens, heads * 2 half]`; `sign` -1 turns back. A block has a token.
BODY rope(T *x, const float *cos, const float *sin, const unsigned *positions, unsigned heads, unsigned half, float sign) {
    size_t angles = (size_t)positions[blockIdx.x] * half;
    x += (size_t)blockIdx.x * heads * half * 2;
    for (unsigned pair = threadIdx.x; pair < heads * half; pair += blockDim.x) {
        unsigned i = pair % half;
        T *a = x + (size_t)(pair / half) * half * 2 + i, *b = a + half;
        float x1 = widen(*a), x2 = widen(*b), c = cos[angles + i], s = sin[angles + i] * sign;
        *a = narrow<T>(x1 * c - x2 * s);
        *b = narrow<T>(x2 * c + x1 * s);
    }
}
KERNEL(THREADS, rope,
       (T *x, const float *cos, const float *sin, const unsigned *positions, unsigned heads, unsigned half, float sign),
       (x, cos, sin, positions, heads, half, sign))
