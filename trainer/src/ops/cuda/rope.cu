// Rotary position embedding in place.
#include "corral.cuh"
#pragma clang fp contract(off)

// `x[tokens, heads * dim]`, of whose heads the `2 pairs` values from `first` on turn; `sign` -1 turns back. A block has a token.
BODY rope(T *x, const float *cos, const float *sin, const unsigned *positions, unsigned heads, unsigned pairs, unsigned dim,
          unsigned first, bool interleaved, float sign) {
    size_t angles = (size_t)positions[blockIdx.x] * pairs;
    x += (size_t)blockIdx.x * heads * dim + first;
    for (unsigned pair = threadIdx.x; pair < heads * pairs; pair += blockDim.x) {
        unsigned i = pair % pairs;
        T *a = x + (size_t)(pair / pairs) * dim + (interleaved ? 2 * i : i), *b = a + (interleaved ? 1 : pairs);
        float x1 = widen(*a), x2 = widen(*b), c = cos[angles + i], s = sin[angles + i] * sign;
        *a = narrow<T>(x1 * c - x2 * s);
        *b = narrow<T>(x2 * c + x1 * s);
    }
}
KERNEL(THREADS, rope,
       (T *x, const float *cos, const float *sin, const unsigned *positions, unsigned heads, unsigned pairs, unsigned dim,
        unsigned first, unsigned interleaved, float sign),
       (x, cos, sin, positions, heads, pairs, dim, first, interleaved, sign))
