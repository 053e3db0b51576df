// CUDA C++'s names for clang without any header of NVIDIA's: what the kernels of this folder use, and no more.
#pragma once
typedef unsigned long size_t;
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __align__(n) __attribute__((aligned(n)))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
// `nodebug`: an instruction is then said to be on the line of the call
#define INLINE static __attribute__((device, always_inline, nodebug)) inline

#define AXIS(name, axis) \
    __declspec(property(get = get_##axis)) unsigned axis; \
    INLINE unsigned get_##axis() { return __nvvm_read_ptx_sreg_##name##_##axis(); }
#define PLACE(variable, name) \
    struct variable##_type { AXIS(name, x) AXIS(name, y) AXIS(name, z) }; \
    extern const __device__ __attribute__((weak)) variable##_type variable;
PLACE(threadIdx, tid)
PLACE(blockIdx, ctaid)
PLACE(blockDim, ntid)
PLACE(gridDim, nctaid)

// __syncthreads is clang's own
INLINE void __syncwarp(unsigned members = ~0u) { __nvvm_bar_warp_sync(members); }
INLINE float __shfl_xor_sync(unsigned members, float v, int by) {
    return __builtin_bit_cast(float, __nvvm_shfl_sync_bfly_i32(members, __builtin_bit_cast(int, v), by, 31));
}
INLINE size_t __cvta_generic_to_shared(const void *p) { return (size_t)(__attribute__((address_space(3))) const void *)p; }
INLINE float __int_as_float(unsigned v) { return __builtin_bit_cast(float, v); }
INLINE float fmaxf(float a, float b) { return __builtin_fmaxf(a, b); }
INLINE float rsqrtf(float v) { return __nvvm_rsqrt_approx_f(v); }
INLINE float exp2f(float v) { return __nvvm_ex2_approx_ftz_f(v); }
INLINE float expf(float v) { return exp2f(v * 1.4426950408889634f); }
INLINE float log2f(float v) { return __nvvm_lg2_approx_f(v); }
INLINE float atomicAdd(float *at, float v) { return __nvvm_atom_add_gen_f(at, v); }
INLINE unsigned atomicAdd(unsigned *at, unsigned v) { return __nvvm_atom_add_gen_i((int *)at, v); }

struct __align__(8) float2 {
    float x, y;
};
struct __align__(16) float4 {
    float x, y, z, w;
};

// bf16 by its bits and by single instructions.
struct __nv_bfloat16 { unsigned short bits; };
struct __align__(4) __nv_bfloat162 { __nv_bfloat16 x, y; };
INLINE float __bfloat162float(__nv_bfloat16 v) { return __int_as_float((unsigned)v.bits << 16); }
INLINE __nv_bfloat16 __float2bfloat16(float v) {
    unsigned short bits;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(v));
    return {bits};
}
INLINE float2 __bfloat1622float2(__nv_bfloat162 v) { return {__bfloat162float(v.x), __bfloat162float(v.y)}; }
INLINE __nv_bfloat162 __floats2bfloat162_rn(float low, float high) {
    unsigned bits;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
    return __builtin_bit_cast(__nv_bfloat162, bits);
}
