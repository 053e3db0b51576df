// Values of one element type as another: widened, or rounded to the nearest.
#include "corral.cuh"

template <class From, class To> INLINE void convert(const From *x, To *y, size_t n) {
    over_grid(n, wide(x, y), [&](auto at) { at.store(y, at.load(x)); });
}

#define CONVERT(from, from_name, to, to_name) \
    extern "C" __global__ void __launch_bounds__(THREADS) \
        convert_##from_name##_##to_name(const from *x, to *y, u64 n) { \
        convert(x, y, n); \
    }
CONVERT(float, f32, float, f32)
CONVERT(float, f32, bf16, bf16)
CONVERT(float, f32, f16, f16)
CONVERT(bf16, bf16, float, f32)
CONVERT(bf16, bf16, bf16, bf16)
CONVERT(bf16, bf16, f16, f16)
CONVERT(f16, f16, float, f32)
CONVERT(f16, f16, bf16, bf16)
CONVERT(f16, f16, f16, f16)
