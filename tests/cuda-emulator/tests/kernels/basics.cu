// Sample kernels of the shapes that a trainer needs: elementwise, block reductions, online softmax, atomics, bf16.
#include "names.h"

#define LOWEST __int_as_float(0xff800000)

extern "C" __global__ void vector_add(const float *a, const float *b, float *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = a[i] + b[i];
}

__device__ float warp_sum(float v) {
    for (int offset = 16; offset > 0; offset >>= 1) v += __shfl_xor_sync(0xffffffffu, v, offset);
    return v;
}

// One block per row.
extern "C" __global__ void rms_norm(const float *x, const float *weight, float *out, int columns, float eps) {
    __shared__ float partial[32];
    __shared__ float scale;
    const float *row = x + (size_t)blockIdx.x * columns;
    float sum = 0.f;
    for (int c = threadIdx.x; c < columns; c += blockDim.x) sum += row[c] * row[c];
    sum = warp_sum(sum);
    if ((threadIdx.x & 31) == 0) partial[threadIdx.x >> 5] = sum;
    __syncthreads();
    if (threadIdx.x < 32) {
        float v = threadIdx.x < (blockDim.x + 31) / 32 ? partial[threadIdx.x] : 0.f;
        v = warp_sum(v);
        if (threadIdx.x == 0) scale = rsqrtf(v / columns + eps);
    }
    __syncthreads();
    for (int c = threadIdx.x; c < columns; c += blockDim.x)
        out[(size_t)blockIdx.x * columns + c] = row[c] * scale * weight[c];
}

// One warp per row; maximum and sum in one pass.
extern "C" __global__ void softmax_rows(const float *x, float *out, int rows, int columns) {
    int row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    int lane = threadIdx.x & 31;
    if (row >= rows) return;
    const float *from = x + (size_t)row * columns;
    float top = LOWEST, sum = 0.f;
    for (int c = lane; c < columns; c += 32) {
        float v = from[c];
        float higher = fmaxf(top, v);
        sum = sum * expf(top - higher) + expf(v - higher);
        top = higher;
    }
    for (int offset = 16; offset > 0; offset >>= 1) {
        float other_top = __shfl_xor_sync(0xffffffffu, top, offset);
        float other_sum = __shfl_xor_sync(0xffffffffu, sum, offset);
        float higher = fmaxf(top, other_top);
        sum = (top == LOWEST ? 0.f : sum * expf(top - higher)) +
              (other_top == LOWEST ? 0.f : other_sum * expf(other_top - higher));
        top = higher;
    }
    for (int c = lane; c < columns; c += 32) out[(size_t)row * columns + c] = expf(from[c] - top) / sum;
}

extern "C" __global__ void histogram(const unsigned *keys, float *sums, unsigned *counts, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    atomicAdd(&sums[keys[i]], 0.5f);
    atomicAdd(&counts[keys[i]], 1u);
}

extern "C" __global__ void scale_bf16(const __nv_bfloat16 *x, __nv_bfloat16 *out, float by, int n) {
    int i = (blockIdx.x * blockDim.x + threadIdx.x) * 2;
    if (i + 1 < n) {
        __nv_bfloat162 pair = *reinterpret_cast<const __nv_bfloat162 *>(x + i);
        float2 v = __bfloat1622float2(pair);
        *reinterpret_cast<__nv_bfloat162 *>(out + i) = __floats2bfloat162_rn(v.x * by, v.y * by);
    } else if (i < n) {
        out[i] = __float2bfloat16(__bfloat162float(x[i]) * by);
    }
}
