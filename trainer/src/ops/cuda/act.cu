// Element-wise parts of a block: sigmoid, the residual sum.
#include "corral.cuh"
// each rounding as on the CPU
#pragma clang fp contract(off)

// `y = 1 / (1 + exp(-x))`
BODY sigmoids(const T *x, T *y, u64 n) {
    over_grid(n, wide(x, y), [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) v[k] = sigmoid(v[k]);
        at.store(y, v);
    });
}
KERNEL(THREADS, sigmoids, (const T *x, T *y, u64 n), (x, y, n))

// `dx = dy y (1 - y)`
BODY sigmoids_backward(const T *y, const T *dy, T *dx, u64 n) {
    over_grid(n, wide(y, dy, dx), [&](auto at) {
        auto v = at.load(y), d = at.load(dy);
        for (unsigned k = 0; k < at.N; k++) v[k] = d[k] * v[k] * (1.f - v[k]);
        at.store(dx, v);
    });
}
KERNEL(THREADS, sigmoids_backward, (const T *y, const T *dy, T *dx, u64 n), (y, dy, dx, n))

// `x += y`
BODY add(T *x, const T *y, u64 n) {
    over_grid(n, wide(x, y), [&](auto at) {
        auto v = at.load(x), more = at.load(y);
        for (unsigned k = 0; k < at.N; k++) v[k] += more[k];
        at.store(x, v);
    });
}
KERNEL(THREADS, add, (T *x, const T *y, u64 n), (x, y, n))

// `x` kept between minus and plus `limit`
BODY clip(T *x, float limit, u64 n) {
    over_grid(n, wide(x), [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) v[k] = __builtin_fminf(__builtin_fmaxf(v[k], -limit), limit);
        at.store(x, v);
    });
}
KERNEL(THREADS, clip, (T *x, float limit, u64 n), (x, limit, n))

// `dy` where `y` is within the bound, as `y`'s type has it
BODY clip_backward(const T *y, T *dy, float limit, u64 n) {
    float bound = widen(narrow<T>(limit));
    over_grid(n, wide(y, dy), [&](auto at) {
        auto v = at.load(y), d = at.load(dy);
        for (unsigned k = 0; k < at.N; k++) d[k] = magnitude(v[k]) >= bound ? 0.f : d[k];
        at.store(dy, d);
    });
}
KERNEL(THREADS, clip_backward, (const T *y, T *dy, float limit, u64 n), (y, dy, limit, n))
