// Rows picked by index: look-up, its gradient, and rows moved together and apart in place.
#include "corral.cuh"
#pragma clang fp contract(off)

// `y[i] = table[ids[i]]`: a block has a row
template <class Table, class T> SHARED_BODY gather(const Table *table, const unsigned *ids, T *y, unsigned width) {
    table += (size_t)ids[blockIdx.x] * width;
    y += (size_t)blockIdx.x * width;
    over_block(width, wide(table, y), [&](auto at) { at.store(y, at.load(table)); });
}
BODY gather_from_f32(const float *table, const unsigned *ids, T *y, unsigned width) { gather(table, ids, y, width); }
KERNEL(THREADS, gather_from_f32, (const float *table, const unsigned *ids, T *y, unsigned width), (table, ids, y, width))
BODY gather_from_bf16(const bf16 *table, const unsigned *ids, T *y, unsigned width) { gather(table, ids, y, width); }
KERNEL(THREADS, gather_from_bf16, (const bf16 *table, const unsigned *ids, T *y, unsigned width), (table, ids, y, width))
BODY gather_from_f16(const f16 *table, const unsigned *ids, T *y, unsigned width) { gather(table, ids, y, width); }
KERNEL(THREADS, gather_from_f16, (const f16 *table, const unsigned *ids, T *y, unsigned width), (table, ids, y, width))

// `x[i] += table[first + ids[i]]`: a block has a row
template <class Table, class T>
SHARED_BODY add_rows(const Table *table, unsigned first, const unsigned *ids, T *x, unsigned width) {
    table += ((size_t)first + ids[blockIdx.x]) * width;
    x += (size_t)blockIdx.x * width;
    over_block(width, wide(table, x), [&](auto at) {
        auto v = at.load(x), more = at.load(table);
        for (unsigned k = 0; k < at.N; k++) v[k] += more[k];
        at.store(x, v);
    });
}
#define ADD_ROWS(name, Table) \
    BODY name(const Table *table, unsigned first, const unsigned *ids, T *x, unsigned width) { \
        add_rows(table, first, ids, x, width); \
    } \
    KERNEL(THREADS, name, (const Table *table, unsigned first, const unsigned *ids, T *x, unsigned width), \
           (table, first, ids, x, width))
ADD_ROWS(add_rows_from_f32, float)
ADD_ROWS(add_rows_from_bf16, bf16)
ADD_ROWS(add_rows_from_f16, f16)

// `out[ids[i]] += factors[i] * rows[i]`, in order; without factors they are 1. Of the rows that share a place the block
// of the first adds all, so that their order stays part of the result and no place has two writers.
template <class Row, class T>
SHARED_BODY scatter_add(const Row *rows, const unsigned *ids, const float *factors, T *out, unsigned count, unsigned width) {
    __shared__ unsigned same_place[THREADS / WARP];
    unsigned id = ids[blockIdx.x];
    out += (size_t)id * width;
    // the same for all rows, so that a thread has the same columns of each
    bool fast = wide(rows, out) && width % WIDE == 0;
    bool earlier = false;
    for (unsigned i = threadIdx.x; i < blockIdx.x; i += blockDim.x) earlier |= ids[i] == id;
    if (block_any(earlier)) return;
    for (unsigned first = blockIdx.x; first < count; first += blockDim.x) {
        unsigned i = first + threadIdx.x;
        unsigned same = ballot(i < count && ids[i < count ? i : 0] == id);
        if (lane() == 0) same_place[warp()] = same;
        __syncthreads();
        for (unsigned w = 0; w < blockDim.x / WARP; w++)
            for (unsigned left = same_place[w]; left != 0; left &= left - 1) {
                unsigned row = first + w * WARP + lowest_bit(left);
                float factor = factors ? factors[row] : 1.f;
                const Row *from = rows + (size_t)row * width;
                over_block(width, fast, [&](auto at) {
                    auto sum = at.load(out), more = at.load(from);
                    for (unsigned k = 0; k < at.N; k++) sum[k] = fused(factor, more[k], sum[k]);
                    at.store(out, sum);
                });
            }
        __syncthreads();
    }
}
BODY scatter_add_from_f32(const float *rows, const unsigned *ids, const float *factors, T *out, unsigned count,
                          unsigned width) {
    scatter_add(rows, ids, factors, out, count, width);
}
KERNEL(THREADS, scatter_add_from_f32,
       (const float *rows, const unsigned *ids, const float *factors, T *out, unsigned count, unsigned width),
       (rows, ids, factors, out, count, width))
BODY scatter_add_from_bf16(const bf16 *rows, const unsigned *ids, const float *factors, T *out, unsigned count,
                           unsigned width) {
    scatter_add(rows, ids, factors, out, count, width);
}
KERNEL(THREADS, scatter_add_from_bf16,
       (const bf16 *rows, const unsigned *ids, const float *factors, T *out, unsigned count, unsigned width),
       (rows, ids, factors, out, count, width))
BODY scatter_add_from_f16(const f16 *rows, const unsigned *ids, const float *factors, T *out, unsigned count,
                          unsigned width) {
    scatter_add(rows, ids, factors, out, count, width);
}
KERNEL(THREADS, scatter_add_from_f16,
       (const f16 *rows, const unsigned *ids, const float *factors, T *out, unsigned count, unsigned width),
       (rows, ids, factors, out, count, width))

// `out[ids[i]] = values[i]`, no place twice
BODY place(const T *values, const unsigned *ids, T *out, unsigned count) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) out[ids[i]] = values[i];
}
KERNEL(THREADS, place, (const T *values, const unsigned *ids, T *out, unsigned count), (values, ids, out, count))

// rows that a thread holds while it moves its column: all are read before the first of them is written
constexpr unsigned HELD = 16;

// `x[i] = x[ids[i]]` in place, a column a thread; `ids` rise, so what is written lies before what is still to be read
BODY compact(T *x, const unsigned *ids, unsigned count, unsigned width) {
    unsigned column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= width) return;
    x += column;
    for (unsigned first = 0; first < count; first += HELD) {
        T held[HELD];
#pragma unroll
        for (unsigned k = 0; k < HELD; k++)
            if (first + k < count) held[k] = x[(size_t)ids[first + k] * width];
#pragma unroll
        for (unsigned k = 0; k < HELD; k++)
            if (first + k < count) x[(size_t)(first + k) * width] = held[k];
    }
}
KERNEL(THREADS, compact, (T *x, const unsigned *ids, unsigned count, unsigned width), (x, ids, count, width))

// undoes it, from the last row to the first: `x[ids[i]] = x[i]`, and zeros in the rest of `rows`
BODY spread(T *x, const unsigned *ids, unsigned count, unsigned rows, unsigned width) {
    unsigned column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= width) return;
    x += column;
    unsigned end = rows; // rows from here on are done
    for (unsigned left = count; left > 0;) {
        T held[HELD];
#pragma unroll
        for (unsigned k = 0; k < HELD; k++)
            if (k < left) held[k] = x[(size_t)(left - 1 - k) * width];
#pragma unroll
        for (unsigned k = 0; k < HELD; k++)
            if (k < left) {
                unsigned id = ids[left - 1 - k];
                for (unsigned row = id + 1; row < end; row++) x[(size_t)row * width] = narrow<T>(0.f);
                x[(size_t)id * width] = held[k];
                end = id;
            }
        left -= left < HELD ? left : HELD;
    }
    for (unsigned row = 0; row < end; row++) x[(size_t)row * width] = narrow<T>(0.f);
}
KERNEL(THREADS, spread, (T *x, const unsigned *ids, unsigned count, unsigned rows, unsigned width),
       (x, ids, count, rows, width))
