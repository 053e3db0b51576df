// out[m][n] = sum_k a[m][k] * b[n][k] in bf16 with f32 accumulators: cp.async into shared memory, ldmatrix, mma.sync.
#include "names.h"

constexpr int TILE_M = 32, TILE_N = 32, TILE_K = 32, PITCH = TILE_K + 8;

__device__ void copy_async_16(void *to, const void *from) {
    unsigned address = (unsigned)__cvta_generic_to_shared(to);
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;\n" ::"r"(address), "l"(from));
}

__device__ void load_tile(__nv_bfloat16 (*tile)[PITCH], const __nv_bfloat16 *from, int pitch) {
    for (int i = threadIdx.x; i < TILE_M * TILE_K / 8; i += blockDim.x) {
        int row = i / (TILE_K / 8), column = i % (TILE_K / 8) * 8;
        copy_async_16(&tile[row][column], from + (size_t)row * pitch + column);
    }
}

// 4 warps: each makes a 16 x 16 quarter. Sizes are multiples of the tile.
extern "C" __global__ void product_bf16(const __nv_bfloat16 *a, const __nv_bfloat16 *b, float *out, int m, int n, int k) {
    __shared__ __align__(16) __nv_bfloat16 tile_a[2][TILE_M][PITCH];
    __shared__ __align__(16) __nv_bfloat16 tile_b[2][TILE_N][PITCH];
    int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    int row0 = (warp >> 1) * 16, column0 = (warp & 1) * 16;
    const __nv_bfloat16 *from_a = a + (size_t)blockIdx.y * TILE_M * k, *from_b = b + (size_t)blockIdx.x * TILE_N * k;
    float sums[2][4] = {};
    int steps = k / TILE_K;
    load_tile(tile_a[0], from_a, k);
    load_tile(tile_b[0], from_b, k);
    asm volatile("cp.async.commit_group;\n");
    for (int step = 0; step < steps; step++) {
        int now = step & 1;
        if (step + 1 < steps) {
            load_tile(tile_a[now ^ 1], from_a + (step + 1) * TILE_K, k);
            load_tile(tile_b[now ^ 1], from_b + (step + 1) * TILE_K, k);
        }
        asm volatile("cp.async.commit_group;\n");
#ifndef FAULT_NO_WAIT
        asm volatile("cp.async.wait_group 1;\n");
#endif
        __syncthreads();
        for (int kk = 0; kk < TILE_K; kk += 16) {
            unsigned fa[4], fb[4];
            unsigned at = (unsigned)__cvta_generic_to_shared(&tile_a[now][row0 + (lane & 15)][kk + (lane >> 4) * 8]);
            asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                         : "=r"(fa[0]), "=r"(fa[1]), "=r"(fa[2]), "=r"(fa[3]) : "r"(at));
            int b_row = column0 + (lane & 7) + (lane >> 4) * 8, b_column = kk + ((lane >> 3) & 1) * 8;
            at = (unsigned)__cvta_generic_to_shared(&tile_b[now][b_row][b_column]);
            asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                         : "=r"(fb[0]), "=r"(fb[1]), "=r"(fb[2]), "=r"(fb[3]) : "r"(at));
            for (int half = 0; half < 2; half++)
                asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
                             "{%0,%1,%2,%3};\n"
                             : "+f"(sums[half][0]), "+f"(sums[half][1]), "+f"(sums[half][2]), "+f"(sums[half][3])
                             : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[half * 2]), "r"(fb[half * 2 + 1]));
        }
#ifndef FAULT_NO_SECOND_BARRIER
        __syncthreads();
#endif
    }
    for (int half = 0; half < 2; half++)
        for (int i = 0; i < 4; i++) {
            int row = blockIdx.y * TILE_M + row0 + (lane >> 2) + (i >> 1) * 8;
            int column = blockIdx.x * TILE_N + column0 + half * 8 + (lane & 3) * 2 + (i & 1);
            out[(size_t)row * n + column] = sums[half][i];
        }
}
