// One mistake per kernel, each of a kind that a GPU may let pass.
#include "names.h"

extern "C" __global__ void past_the_end(float *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i <= n) out[i] = 1.f;
}

extern "C" __global__ void before_the_start(const float *x, float *out) {
    out[threadIdx.x] = x[(int)threadIdx.x - 1];
}

extern "C" __global__ void odd_vector(const float *x, float *out) {
    float4 v = *reinterpret_cast<const float4 *>(x + 1 + threadIdx.x * 4);
    out[threadIdx.x] = v.x + v.y + v.z + v.w;
}

extern "C" __global__ void copy(const float *x, float *out) {
    out[threadIdx.x] = x[threadIdx.x];
}

extern "C" __global__ void unwritten_shared(float *out) {
    __shared__ float tile[64];
    if (threadIdx.x < 63) tile[threadIdx.x] = threadIdx.x;
    __syncthreads();
    out[threadIdx.x] = tile[threadIdx.x];
}

extern "C" __global__ void no_syncthreads(const float *x, float *out) {
    __shared__ float tile[128];
    tile[threadIdx.x] = x[threadIdx.x];
    out[threadIdx.x] = tile[127 - threadIdx.x];
}

extern "C" __global__ void no_second_syncthreads(const float *x, float *out) {
    __shared__ float tile[128];
    tile[threadIdx.x] = 0.f;
    __syncthreads();
    tile[threadIdx.x] = x[threadIdx.x];
    out[threadIdx.x] = tile[127 - threadIdx.x];
}

extern "C" __global__ void no_syncwarp(const float *x, float *out) {
    __shared__ float tile[32];
    tile[threadIdx.x] = x[threadIdx.x];
    out[threadIdx.x] = tile[31 - threadIdx.x];
}

extern "C" __global__ void with_syncwarp(const float *x, float *out) {
    __shared__ float tile[32];
    tile[threadIdx.x] = x[threadIdx.x];
    __syncwarp();
    out[threadIdx.x] = tile[31 - threadIdx.x];
}

// Every block adds to the same sum, without an atomic.
extern "C" __global__ void blocks_collide(float *sum) {
    if (threadIdx.x == 0) *sum = *sum + 1.f;
}

extern "C" __global__ void split_barrier(float *out) {
    __shared__ float value;
    if (threadIdx.x < 16) {
        value = 1.f;
        __syncthreads();
        out[threadIdx.x] = value;
    } else {
        out[threadIdx.x] = 2.f;
        __syncthreads();
    }
}

extern "C" __global__ void shuffle_with_absent(float *out, int n) {
    if ((int)threadIdx.x >= n) return;
    float v = threadIdx.x;
    for (int offset = 16; offset > 0; offset >>= 1) v += __shfl_xor_sync(0xffffffffu, v, offset);
    out[threadIdx.x] = v;
}

extern "C" __global__ void dynamic_shared(float *out, int n) {
    extern __shared__ float tile[];
    for (int i = threadIdx.x; i < n; i += blockDim.x) tile[i] = i;
    __syncthreads();
    out[threadIdx.x] = tile[n - 1 - threadIdx.x];
}

extern "C" __global__ void for_ever(volatile float *flag) {
    while (flag[0] == 0.f) {
    }
}

extern "C" __global__ void reads_beside_atomics(float *sum, float *out) {
    atomicAdd(sum, 1.f);
    out[threadIdx.x] = *sum;
}
