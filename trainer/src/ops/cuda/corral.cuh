// What all kernels share: CUDA C++'s names for clang without NVIDIA's headers, the element types and how they are read
// and written, reductions in a fixed order, and the functions of a real number that are no single instruction.
//
// Arithmetic is f32 (or f64 where a kernel says so) whatever the elements are: widened when read, rounded when written.
#pragma once

typedef unsigned long size_t;
typedef unsigned long long u64;

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
// `nodebug`: an instruction is then said to be on the line of the call
#define INLINE static __attribute__((device, always_inline, nodebug)) inline
#define METHOD __attribute__((device, always_inline, nodebug)) inline

// ---- where a thread is ----

#define AXIS(name, axis) \
    __declspec(property(get = get_##axis)) unsigned axis; \
    METHOD unsigned get_##axis() const { return __nvvm_read_ptx_sreg_##name##_##axis(); }
#define PLACE(variable, name) \
    struct variable##_type { AXIS(name, x) AXIS(name, y) AXIS(name, z) }; \
    extern const __device__ __attribute__((weak)) variable##_type variable;
PLACE(threadIdx, tid)
PLACE(blockIdx, ctaid)
PLACE(blockDim, ntid)
PLACE(gridDim, nctaid)
#undef PLACE
#undef AXIS

constexpr unsigned WARP = 32;
constexpr unsigned FULL = 0xffffffffu;

// of blocks with one axis
INLINE unsigned lane() { return threadIdx.x % WARP; }
INLINE unsigned warp() { return threadIdx.x / WARP; }

// `__syncthreads()` is clang's own
INLINE void __syncwarp(unsigned members = FULL) { __nvvm_bar_warp_sync(members); }

template <class To, class From> INLINE To bits_as(From v) { return __builtin_bit_cast(To, v); }

// the value that the lane has whose number differs in the bits of `by`
INLINE unsigned shuffle_xor(unsigned v, unsigned by) { return __nvvm_shfl_sync_bfly_i32(FULL, v, by, 31); }
INLINE float shuffle_xor(float v, unsigned by) { return bits_as<float>(shuffle_xor(bits_as<unsigned>(v), by)); }
INLINE u64 shuffle_xor(u64 v, unsigned by) {
    return (u64)shuffle_xor((unsigned)(v >> 32), by) << 32 | shuffle_xor((unsigned)v, by);
}
INLINE double shuffle_xor(double v, unsigned by) { return bits_as<double>(shuffle_xor(bits_as<u64>(v), by)); }

// the value of one lane, and of the lane before (lane 0 its own)
INLINE float lane_value(float v, unsigned of) {
    return bits_as<float>(__nvvm_shfl_sync_idx_i32(FULL, bits_as<int>(v), of, 31));
}
INLINE float lane_before(float v) { return bits_as<float>(__nvvm_shfl_sync_up_i32(FULL, bits_as<int>(v), 1, 0)); }

// the lanes for which it holds, lane 0 the lowest bit
INLINE unsigned ballot(bool holds) { return __nvvm_vote_ballot_sync(FULL, holds); }
INLINE unsigned count_bits(unsigned v) { return __builtin_popcount(v); }
// the place of the lowest bit that is set; one is
INLINE unsigned lowest_bit(unsigned v) { return __builtin_ctz(v); }

// ---- element types ----

struct bf16 {
    unsigned short bits;
};
struct f16 {
    unsigned short bits;
};

INLINE float widen(float v) { return v; }
INLINE float widen(bf16 v) { return bits_as<float>((unsigned)v.bits << 16); }
INLINE float widen(f16 v) {
    float wide;
    asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(v.bits));
    return wide;
}

// the nearest, of two as near the even one
template <class T> INLINE T narrow(float v);
template <> METHOD float narrow<float>(float v) { return v; }
template <> METHOD bf16 narrow<bf16>(float v) {
    bf16 narrow;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(narrow.bits) : "f"(v));
    return narrow;
}
template <> METHOD f16 narrow<f16>(float v) {
    f16 narrow;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(narrow.bits) : "f"(v));
    return narrow;
}
// two at once, `low` in the lower half
template <class T> INLINE unsigned narrow_pair(float low, float high);
template <> METHOD unsigned narrow_pair<bf16>(float low, float high) {
    unsigned bits;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
    return bits;
}
template <> METHOD unsigned narrow_pair<f16>(float low, float high) {
    unsigned bits;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
    return bits;
}

// A kernel of a template for elements of one type: `name_bf16`, with `T` in the parameters. A block has at most so many threads.
#define KERNEL_OF(type, element, threads, name, parameters, arguments) \
    namespace name##_of_##type { \
    using T = element; \
    extern "C" __global__ void __launch_bounds__(threads) name##_##type parameters { name<T> arguments; } \
    }
// For what trains: f32 and bf16.
#define TRAINED_KERNEL(threads, name, parameters, arguments) \
    KERNEL_OF(f32, float, threads, name, parameters, arguments) \
    KERNEL_OF(bf16, bf16, threads, name, parameters, arguments)
// For activations: these and f16.
#define KERNEL(threads, name, parameters, arguments) \
    TRAINED_KERNEL(threads, name, parameters, arguments) \
    KERNEL_OF(f16, f16, threads, name, parameters, arguments)
// The body of such a kernel, and what several bodies share.
#define SHARED_BODY static __device__ __attribute__((always_inline)) void
#define BODY template <class T> SHARED_BODY

// threads of a block where nothing speaks for another number
constexpr unsigned THREADS = 256;

// ---- runs of elements ----

// What one thread reads and writes at once: 8 elements, or 1 where memory is not aligned and in the rest.
constexpr unsigned WIDE = 8;

struct __attribute__((aligned(16))) Words {
    unsigned word[4];
};

template <unsigned N> struct Values {
    float value[N];
    METHOD float &operator[](unsigned k) { return value[k]; }
    METHOD float operator[](unsigned k) const { return value[k]; }
};

// a place in a row, and how many elements from there on
template <unsigned COUNT> struct At {
    static constexpr unsigned N = COUNT;
    size_t i;

    template <class T> METHOD Values<N> load(const T *x) const {
        Values<N> v;
        if constexpr (N == 1) {
            v[0] = widen(x[i]);
        } else if constexpr (sizeof(T) == 4) {
            for (unsigned part = 0; part < 2; part++) {
                Words words = *(const Words *)(x + i + part * 4);
                for (unsigned k = 0; k < 4; k++) v[part * 4 + k] = bits_as<float>(words.word[k]);
            }
        } else {
            Words words = *(const Words *)(x + i);
            for (unsigned k = 0; k < 4; k++) {
                v[2 * k] = widen(T{(unsigned short)words.word[k]});
                v[2 * k + 1] = widen(T{(unsigned short)(words.word[k] >> 16)});
            }
        }
        return v;
    }

    template <class T> METHOD void store(T *y, const Values<N> &v) const {
        if constexpr (N == 1) {
            y[i] = narrow<T>(v[0]);
        } else if constexpr (sizeof(T) == 4) {
            for (unsigned part = 0; part < 2; part++) {
                Words words;
                for (unsigned k = 0; k < 4; k++) words.word[k] = bits_as<unsigned>(v[part * 4 + k]);
                *(Words *)(y + i + part * 4) = words;
            }
        } else {
            Words words;
            for (unsigned k = 0; k < 4; k++) {
                unsigned low = narrow<T>(v[2 * k]).bits, high = narrow<T>(v[2 * k + 1]).bits;
                words.word[k] = low | high << 16;
            }
            *(Words *)(y + i) = words;
        }
    }
};

// whether all of these may be read and written in words of 16 bytes
template <class... Pointers> INLINE bool wide(Pointers... pointers) { return (((size_t)pointers | ...) & 15) == 0; }

// `body(At)` over `n` elements that so many threads share, of which this is number `first`
template <class Body> INLINE void share(size_t n, bool wide, size_t first, size_t threads, Body body) {
    size_t rest = 0;
    if (wide) {
        rest = n / WIDE * WIDE;
        for (size_t i = first * WIDE; i < rest; i += threads * WIDE) body(At<WIDE>{i});
    }
    for (size_t i = rest + first; i < n; i += threads) body(At<1>{i});
}

// over all threads of the grid
template <class Body> INLINE void over_grid(size_t n, bool wide, Body body) {
    share(n, wide, (size_t)blockIdx.x * blockDim.x + threadIdx.x, (size_t)gridDim.x * blockDim.x, body);
}

// over the threads of this block
template <class Body> INLINE void over_block(size_t n, bool wide, Body body) {
    share(n, wide, threadIdx.x, blockDim.x, body);
}

// ---- reductions: the same bits in each lane or thread, and on each run ----

template <class T> INLINE T larger(T a, T b) { return a > b ? a : b; }
template <> METHOD float larger(float a, float b) { return __builtin_fmaxf(a, b); }

template <class T> INLINE T warp_sum(T v) {
    for (unsigned by = WARP / 2; by > 0; by /= 2) v += shuffle_xor(v, by);
    return v;
}
template <class T> INLINE T warp_max(T v) {
    for (unsigned by = WARP / 2; by > 0; by /= 2) v = larger(v, shuffle_xor(v, by));
    return v;
}

// Of all threads of a block with one axis and whole warps; each of them calls it.
template <class T, class Reduce> INLINE T block_reduce(T v, T nothing, Reduce reduce) {
    __shared__ T of_warp[WARP];
    v = reduce(v);
    if (lane() == 0) of_warp[warp()] = v;
    __syncthreads();
    v = reduce(lane() < blockDim.x / WARP ? of_warp[lane()] : nothing);
    __syncthreads(); // a next one may write to `of_warp`
    return v;
}
template <class T> INLINE T block_sum(T v) {
    return block_reduce(v, T(0), [](T v) { return warp_sum(v); });
}
// of magnitudes and the like: none is below 0
template <class T> INLINE T block_max(T v) {
    return block_reduce(v, T(0), [](T v) { return warp_max(v); });
}
// whether it holds for any thread
INLINE bool block_any(bool holds) { return block_max(holds ? 1.f : 0.f) > 0.f; }

// The sum over the warps of a block, lane by lane, in the first warp; each thread calls it. At most THREADS threads.
template <class T> INLINE T sum_of_warps(T v) {
    __shared__ T of[THREADS / WARP][WARP];
    of[warp()][lane()] = v;
    __syncthreads();
    if (warp() == 0)
        for (unsigned other = 1; other < blockDim.x / WARP; other++) v += of[other][lane()];
    __syncthreads(); // a next one may write to `of`
    return v;
}

// ---- functions ----

INLINE float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
INLINE double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }
INLINE float magnitude(float v) { return __builtin_fabsf(v); }
// rounded as IEEE 754 has it
INLINE float root(float v) { return __nvvm_sqrt_rn_f(v); }
INLINE double root(double v) { return __nvvm_sqrt_rn_d(v); }
// single instructions, off by an ulp or two
INLINE float fast_exp2(float v) { return __nvvm_ex2_approx_f(v); }
INLINE float fast_log2(float v) { return __nvvm_lg2_approx_f(v); }
// ln v, off by 2^-22 near 1 and by an ulp or two elsewhere
INLINE float natural_log(float v) { return fast_log2(v) * 0.6931471805599453f; }
INLINE float fast_inverse_root(float v) { return __nvvm_rsqrt_approx_f(v); }

// e^x to about one ulp, and to the same bits as on the CPU (`ops/cpu/lanes.rs`): Cephes' expf polynomial; NaN stays NaN,
// and the exponent saturates
INLINE float exponential(float x) {
    x = x < -87.f ? -87.f : x;
    x = x > 88.f ? 88.f : x;
    float shifted = fused(x, 1.44269504f, 12582912.f);
    float n = shifted - 12582912.f;
    int exponent = bits_as<int>(shifted) - 0x4B400000;
    float r = fused(n, -0.6933594f, x);
    r = fused(n, 2.1219444e-4f, r);
    float p = 1.9875691e-4f;
    p = fused(p, r, 1.3981999e-3f);
    p = fused(p, r, 8.333452e-3f);
    p = fused(p, r, 4.1665796e-2f);
    p = fused(p, r, 1.6666666e-1f);
    p = fused(p, r, 0.5f);
    p = fused(p, r * r, r) + 1.f;
    return p * bits_as<float>((unsigned)(exponent + 127) << 23);
}

// e^x of x <= 0 in f64: 2^n by its bits times the power series of the rest, which is at most ln(2) / 2
INLINE double exponential_of_negative(double x) {
    x = x < -708. ? -708. : x;
    double shifted = fused(x, 1.4426950408889634, 6755399441055744.);
    double n = shifted - 6755399441055744.;
    int exponent = (int)bits_as<u64>(shifted);
    double r = fused(n, -0.6931471805599453, x);
    r = fused(n, -2.3190468138462996e-17, r);
    double p = 1. / 6227020800.; // 13!
    p = fused(p, r, 1. / 479001600.);
    p = fused(p, r, 1. / 39916800.);
    p = fused(p, r, 1. / 3628800.);
    p = fused(p, r, 1. / 362880.);
    p = fused(p, r, 1. / 40320.);
    p = fused(p, r, 1. / 5040.);
    p = fused(p, r, 1. / 720.);
    p = fused(p, r, 1. / 120.);
    p = fused(p, r, 1. / 24.);
    p = fused(p, r, 1. / 6.);
    p = fused(p, r, 0.5);
    p = fused(p, r, 1.);
    p = fused(p, r, 1.);
    return p * bits_as<double>((u64)(exponent + 1023) << 52);
}

INLINE float sigmoid(float x) { return 1.f / (1.f + exponential(-x)); }

// tanh x, off by 2^-23 or so of 1; the same bits as on the CPU
INLINE float hyperbolic_tangent(float x) {
    float e = exponential(-2.f * magnitude(x));
    float t = (1.f - e) / (1.f + e);
    return x < 0.f ? -t : t;
}
