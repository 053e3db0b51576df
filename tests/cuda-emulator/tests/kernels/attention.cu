// Causal attention of one sequence, forward, on tensor cores: bf16 in and out, f32 softmax with running maximum and sum.
// q, k, v and out are [length][heads][64]; log_sums is [heads][length]. Grid: (ceil(length / 64), heads), 128 threads.
#include "names.h"

constexpr int HEAD = 64, ROWS = 64, PITCH = HEAD + 8;

__device__ unsigned shared_address(const void *at) { return (unsigned)__cvta_generic_to_shared(at); }

// 64 rows into shared memory; rows past the end become zeros.
__device__ void load_rows(__nv_bfloat16 (*tile)[PITCH], const __nv_bfloat16 *from, int first, int length, int pitch) {
    for (int i = threadIdx.x; i < ROWS * HEAD / 8; i += blockDim.x) {
        int row = i / (HEAD / 8), column = i % (HEAD / 8) * 8;
        bool inside = first + row < length;
        const __nv_bfloat16 *source = from + (size_t)(inside ? first + row : 0) * pitch + column;
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(shared_address(&tile[row][column])), "l"(source),
                     "r"(inside ? 16 : 0));
    }
}

__device__ void load_matrices(unsigned (&r)[4], const void *at) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(at)));
}

__device__ void load_matrices_transposed(unsigned (&r)[4], const void *at) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(at)));
}

__device__ void multiply_add(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ unsigned pack(float low, float high) {
    __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
    return *reinterpret_cast<unsigned *>(&pair);
}

extern "C" __global__ void __launch_bounds__(128)
attention(const __nv_bfloat16 *q, const __nv_bfloat16 *k, const __nv_bfloat16 *v, __nv_bfloat16 *out, float *log_sums, int length,
          int heads, float scale) {
    extern __shared__ __align__(16) unsigned char shared[];
    auto tile_q = reinterpret_cast<__nv_bfloat16(*)[PITCH]>(shared);
    auto tile_k = tile_q + ROWS;
    auto tile_v = tile_k + ROWS;
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, pitch = heads * HEAD, first = blockIdx.x * ROWS;
    const size_t head = (size_t)blockIdx.y * HEAD;
    const float scale2 = scale * 1.4426950408889634f;  // scores in powers of two

    load_rows(tile_q, q + head, first, length, pitch);
    float sums[HEAD / 8][4] = {};
    float top[2] = {-1e30f, -1e30f}, total[2] = {0.f, 0.f};
    for (int at = 0; at <= first && at < length; at += ROWS) {
        load_rows(tile_k, k + head, at, length, pitch);
        load_rows(tile_v, v + head, at, length, pitch);
        asm volatile("cp.async.commit_group;\ncp.async.wait_group 0;\n");
        __syncthreads();

        float scores[ROWS / 8][4] = {};
        #pragma unroll
        for (int d = 0; d < HEAD; d += 16) {
            unsigned a[4];
            load_matrices(a, &tile_q[warp * 16 + (lane & 15)][d + (lane >> 4) * 8]);
            #pragma unroll
            for (int j = 0; j < ROWS / 16; j++) {
                unsigned b[4];
                load_matrices(b, &tile_k[j * 16 + (lane & 7) + (lane >> 4) * 8][d + ((lane >> 3) & 1) * 8]);
                multiply_add(scores[j * 2], a, b[0], b[1]);
                multiply_add(scores[j * 2 + 1], a, b[2], b[3]);
            }
        }
        // rows lane / 4 and lane / 4 + 8 of the warp's 16
        #pragma unroll
        for (int half = 0; half < 2; half++) {
            int row = first + warp * 16 + (lane >> 2) + half * 8;
            float highest = top[half];
            #pragma unroll
            for (int j = 0; j < ROWS / 8; j++)
                #pragma unroll
                for (int i = 0; i < 2; i++) {
                    float &score = scores[j][half * 2 + i];
                    int column = at + j * 8 + (lane & 3) * 2 + i;
                    score = column <= row && column < length ? score * scale2 : -1e30f;
                    highest = fmaxf(highest, score);
                }
            highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, 1));
            highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, 2));
            float shrink = exp2f(top[half] - highest), sum = 0.f;
            #pragma unroll
            for (int j = 0; j < ROWS / 8; j++)
                #pragma unroll
                for (int i = 0; i < 2; i++) {
                    float &score = scores[j][half * 2 + i];
                    score = exp2f(score - highest);
                    sum += score;
                }
            sum += __shfl_xor_sync(0xffffffffu, sum, 1);
            sum += __shfl_xor_sync(0xffffffffu, sum, 2);
            total[half] = total[half] * shrink + sum;
            top[half] = highest;
            #pragma unroll
            for (int j = 0; j < HEAD / 8; j++)
                #pragma unroll
                for (int i = 0; i < 2; i++) sums[j][half * 2 + i] *= shrink;
        }
        #pragma unroll
        for (int j = 0; j < ROWS / 16; j++) {
            unsigned a[4] = {pack(scores[j * 2][0], scores[j * 2][1]), pack(scores[j * 2][2], scores[j * 2][3]),
                             pack(scores[j * 2 + 1][0], scores[j * 2 + 1][1]), pack(scores[j * 2 + 1][2], scores[j * 2 + 1][3])};
            #pragma unroll
            for (int d = 0; d < HEAD / 16; d++) {
                unsigned b[4];
                load_matrices_transposed(b, &tile_v[j * 16 + (lane & 15)][d * 16 + (lane >> 4) * 8]);
                multiply_add(sums[d * 2], a, b[0], b[1]);
                multiply_add(sums[d * 2 + 1], a, b[2], b[3]);
            }
        }
        __syncthreads();
    }
    #pragma unroll
    for (int half = 0; half < 2; half++) {
        int row = first + warp * 16 + (lane >> 2) + half * 8;
        if (row >= length) continue;
        float inverse = 1.f / total[half];
        #pragma unroll
        for (int j = 0; j < HEAD / 8; j++)
            *reinterpret_cast<unsigned *>(out + (size_t)row * pitch + head + j * 8 + (lane & 3) * 2) =
                pack(sums[j][half * 2] * inverse, sums[j][half * 2 + 1] * inverse);
        if ((lane & 3) == 0) log_sums[blockIdx.y * length + row] = (top[half] + log2f(total[half])) * 0.6931471805599453f;
    }
}
