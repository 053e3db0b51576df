// Dropout and noise on embeddings: each value's draw is a function of seed and place alone, the same as on the CPU.
#include "corral.cuh"
#pragma clang fp contract(off)

// SplitMix64's finaliser (Steele, Lea, Flood 2014): a counter in, well-mixed bits out
INLINE u64 mix(u64 x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}
INLINE u64 draw(u64 key, u64 place) { return mix(key + place * 0x9E3779B97F4A7C15ull); }

// `y (+)= x` with some values zeroed and the rest scaled up
BODY drop(const T *x, T *y, u64 n, u64 key, unsigned threshold, float scale, bool accumulate) {
    over_grid(n, wide(x, y), [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++)
            v[k] = (unsigned)(draw(key, at.i + k) >> 32) >= threshold ? v[k] * scale : 0.f;
        if (accumulate) {
            auto before = at.load(y);
            for (unsigned k = 0; k < at.N; k++) v[k] = before[k] + v[k];
        }
        at.store(y, v);
    });
}
KERNEL(THREADS, drop, (const T *x, T *y, u64 n, u64 key, unsigned threshold, float scale, unsigned accumulate),
       (x, y, n, key, threshold, scale, accumulate))

// `x[i] += uniform(-magnitude, magnitude)` of `n` values from `first` on
BODY add_noise(T *x, u64 n, u64 first, u64 key, float magnitude) {
    x += first;
    over_grid(n, wide(x), [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) {
            // 24 bits: as many as an f32 of this size holds
            float share = (float)(unsigned)(draw(key, first + at.i + k) >> 40) / 16777216.f;
            v[k] = v[k] + (2.f * share - 1.f) * magnitude;
        }
        at.store(x, v);
    });
}
KERNEL(THREADS, add_noise, (T *x, u64 n, u64 first, u64 key, float magnitude), (x, n, first, key, magnitude))
