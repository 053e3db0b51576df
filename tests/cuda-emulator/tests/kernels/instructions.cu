// Instructions that other tests do not reach; each writes what the host can work out by itself.
#include "names.h"

#define INSTRUCTION1(name, result, r, type, a, text) \
    INLINE result name(type x) { result v; asm(text " %0, %1;" : "=" r(v) : a(x)); return v; }
#define INSTRUCTION2(name, result, r, type, a, text) \
    INLINE result name(type x, type y) { result v; asm(text " %0, %1, %2;" : "=" r(v) : a(x), a(y)); return v; }
#define INSTRUCTION3(name, result, r, type, a, text) \
    INLINE result name(type x, type y, type z) { result v; asm(text " %0, %1, %2, %3;" : "=" r(v) : a(x), a(y), a(z)); return v; }

INSTRUCTION3(permuted, unsigned, "r", unsigned, "r", "prmt.b32")
INSTRUCTION3(funnel, unsigned, "r", unsigned, "r", "shf.l.wrap.b32")
INSTRUCTION3(dot4, int, "r", int, "r", "dp4a.s32.s32")
INSTRUCTION3(differences, unsigned, "r", int, "r", "sad.s32")
INSTRUCTION3(field, int, "r", int, "r", "bfe.s32")
INSTRUCTION1(leading_zeros, unsigned, "r", int, "r", "clz.b32")
INSTRUCTION1(reversed, unsigned, "r", unsigned, "r", "brev.b32")
INSTRUCTION1(highest_bit, unsigned, "r", unsigned, "r", "bfind.u32")
INSTRUCTION2(high_product, int, "r", int, "r", "mul.hi.s32")
INSTRUCTION2(high_product, unsigned, "r", unsigned, "r", "mul.hi.u32")
INSTRUCTION2(high_product, unsigned long, "l", unsigned long, "l", "mul.hi.u64")
INSTRUCTION2(smaller, int, "r", int, "r", "min.s32")
INSTRUCTION2(larger, unsigned, "r", unsigned, "r", "max.u32")

INSTRUCTION1(down, int, "r", float, "f", "cvt.rmi.s32.f32")
INSTRUCTION1(up, int, "r", float, "f", "cvt.rpi.s32.f32")
INSTRUCTION1(to_zero, int, "r", float, "f", "cvt.rzi.s32.f32")
INSTRUCTION1(nearest, int, "r", float, "f", "cvt.rni.s32.f32")
INSTRUCTION1(rounded, float, "f", float, "f", "cvt.rni.f32.f32")
INSTRUCTION2(sum_down, float, "f", float, "f", "add.rm.f32")
INSTRUCTION2(product_up, float, "f", float, "f", "mul.rp.f32")
INSTRUCTION3(fused_to_zero, float, "f", float, "f", "fma.rz.f32")
INSTRUCTION1(root, float, "f", float, "f", "sqrt.rn.f32")
INSTRUCTION1(half_of, unsigned short, "h", float, "f", "cvt.rn.f16.f32")
INSTRUCTION1(of_half, float, "f", unsigned short, "h", "cvt.f32.f16")
INSTRUCTION3(fused_halves, unsigned short, "h", unsigned short, "h", "fma.rn.f16")
INSTRUCTION3(fused_pairs, unsigned, "r", unsigned, "r", "fma.rn.bf16x2")

__constant__ int table[4] = {10, 20, 30, 40};
__device__ int global_counter = 5;

struct Pair {
    int first;
    double second;
};

__device__ __attribute__((noinline)) int called(int a, int b) {
    if (a > b) return a * 2;
    for (int i = 0; i < b; i++) a += i;
    return a;
}

__device__ __attribute__((noinline)) void fill_local(int *at, int count) {
    for (int i = 0; i < count; i++) at[i] = i * i;
}

extern "C" __global__ void integers(const int *x, const int *y, unsigned *out, Pair pair) {
    int a = x[threadIdx.x], b = y[threadIdx.x];
    unsigned ua = a, ub = b;
    unsigned *to = out + threadIdx.x * 32;
    to[0] = permuted(ua, ub, 0x5140);
    to[1] = funnel(ua, ub, 7);
    to[2] = reversed(ua);
    to[3] = leading_zeros(a);
    to[4] = __builtin_popcount(ua);
    to[5] = high_product(a, b);
    to[6] = high_product(ua, ub);
    to[7] = dot4(a, b, 3);
    to[8] = b ? a / b : 0;
    to[9] = b ? a % b : 0;
    to[10] = ub ? ua / ub : 0;
    to[11] = smaller(a, b);
    to[12] = larger(ua, ub);
    to[13] = __builtin_abs(a);
    to[14] = a >> 3;
    to[15] = ua >> (ub & 31);
    unsigned long wide = (unsigned long)ua * ub;
    to[16] = (unsigned)(wide >> 17);
    to[17] = (unsigned)high_product(wide, wide);
    to[18] = (unsigned)((long)a * b % 1000003);
    to[19] = called(a & 63, b & 31);
    int local[16];
    fill_local(local, 16);
    to[20] = local[ua & 15];
    to[21] = table[ua & 3];
    to[22] = pair.first + (int)pair.second;
    switch (ub & 7) {
        case 0: to[23] = ua + 1; break;
        case 1: to[23] = ua ^ 5; break;
        case 2: to[23] = ua * 3; break;
        case 3: to[23] = ua - 9; break;
        case 4: to[23] = ~ua; break;
        case 5: to[23] = ua << 2; break;
        default: to[23] = 77;
    }
    to[24] = __builtin_ffs(a);
    to[25] = (ua & ub) ^ (~ua | 0x00ff00ff);
    to[26] = (unsigned)(signed char)a;
    to[27] = (unsigned)(short)(a + b);
    to[28] = field(a, 5, 9);
    to[29] = differences(a, b, 7);
    to[30] = highest_bit(ua);
    to[31] = (ua << 5) | (ua >> 27);
}

extern "C" __global__ void floats(const float *x, const float *y, float *out) {
    float a = x[threadIdx.x], b = y[threadIdx.x];
    float *to = out + threadIdx.x * 24;
    to[0] = down(a * 10);
    to[1] = up(a * 10);
    to[2] = to_zero(a * 10);
    to[3] = nearest(a * 10);
    to[4] = rounded(a * 10);
    to[5] = __builtin_floorf(a * 10);
    to[6] = __builtin_truncf(a * 10);
    to[7] = sum_down(a, b);
    to[8] = product_up(a, b);
    to[9] = fused_to_zero(a, b, 1.f);
    to[10] = a / b;
    to[11] = root(__builtin_fabsf(a));
    to[12] = of_half(half_of(a));
    to[13] = __bfloat162float(__float2bfloat16(a * b));
    to[14] = (float)((double)a * (double)b);
    to[15] = __builtin_fminf(a, b) + __builtin_copysignf(2.f, b);
    to[16] = of_half(fused_halves(half_of(a), half_of(b), half_of(0.5f)));
    // a product is a sum with minus zero
    unsigned pair = fused_pairs(__builtin_bit_cast(unsigned, __floats2bfloat162_rn(a, b)),
                                __builtin_bit_cast(unsigned, __floats2bfloat162_rn(b, b)), 0x80008000);
    to[17] = __int_as_float(pair << 16) + __int_as_float(pair & 0xffff0000);
    to[18] = __int_as_float(__builtin_bit_cast(unsigned, a) ^ 0x80000000);
    to[19] = (float)(unsigned char)(unsigned)(__builtin_fabsf(a) * 255.f);
    to[20] = expf(a);
    to[21] = log2f(__builtin_fabsf(a) + 0.1f) * 0.6931471805599453f;
    to[22] = exp2f(log2f(__builtin_fabsf(a)) * b);
    to[23] = a != a || b > 0.f ? 1.f : 0.f;
}

#define ATOMIC(name, text) \
    INLINE unsigned name(unsigned *at, unsigned v) { \
        unsigned old; \
        asm volatile(text " %0, [%1], %2;" : "=r"(old) : "l"(at), "r"(v) : "memory"); \
        return old; \
    }
ATOMIC(atomic_max, "atom.max.u32")
ATOMIC(atomic_min, "atom.min.u32")
ATOMIC(atomic_xor, "atom.xor.b32")
ATOMIC(atomic_inc, "atom.inc.u32")

INLINE unsigned swapped_if(unsigned *at, unsigned assumed, unsigned v) {
    unsigned old;
    asm volatile("atom.cas.b32 %0, [%1], %2, %3;" : "=r"(old) : "l"(at), "r"(assumed), "r"(v) : "memory");
    return old;
}

extern "C" __global__ void warps(const int *x, int *out, unsigned *sums) {
    int lane = threadIdx.x, v = x[lane];
    int *to = out + lane * 10;
    to[0] = __nvvm_vote_ballot_sync(0xffffffffu, v & 1);
    to[1] = __nvvm_match_any_sync_i32(0xffffffffu, v & 3);
    asm volatile("redux.sync.add.s32 %0, %1, 0xffffffff;" : "=r"(to[2]) : "r"(v));
    // of segments of 8: the mask of a segment's number, then the lowest lane
    to[3] = __nvvm_shfl_sync_up_i32(0xffffffffu, v, 3, 24 << 8);
    to[4] = __nvvm_shfl_sync_down_i32(0xffffffffu, v, 5, 31);
    to[5] = __nvvm_shfl_sync_idx_i32(0xffffffffu, v, lane * 7 & 31, 31);
    to[6] = __nvvm_vote_any_sync(0xffffffffu, v > 90);
    to[7] = __nvvm_vote_all_sync(0xffffffffu, v >= 0);
    to[8] = __nvvm_bar0_popc(v & 1);
    to[9] = __nvvm_bar0_or(v == 12345);
    atomic_max(&sums[0], (unsigned)v);
    atomic_min(&sums[1], (unsigned)v);
    atomic_xor(&sums[2], (unsigned)v);
    atomic_inc(&sums[3], 9u);
    unsigned seen = sums[4], assumed;
    do {
        assumed = seen;
        seen = swapped_if(&sums[4], assumed, assumed + (unsigned)v);
    } while (seen != assumed);
    if (lane == 0) atomicAdd((unsigned *)&global_counter, 1);
}

extern "C" __global__ void half_pairs(unsigned *x, unsigned *y) {
    asm volatile("red.add.noftz.f16x2 [%0], %1;" ::"l"(x), "r"(0x40003c00) : "memory"); // 1 and 2
    const unsigned one_and_two = __builtin_bit_cast(unsigned, __floats2bfloat162_rn(1.f, 2.f)), ones = 0x3f803f80;
    unsigned seen = *y, assumed;
    do {
        assumed = seen;
        seen = swapped_if(y, assumed, fused_pairs(assumed, ones, one_and_two));
    } while (seen != assumed);
}
