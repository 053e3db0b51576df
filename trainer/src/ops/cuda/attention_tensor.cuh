// Attention over the segments of a plan and its gradients in 16 bits on tensor cores, for heads whose widths are multiples of 8:
// what `attention.cuh` computes, by the same blocks. Products are `mma.sync.m16n8k16`, sums and softmax f32; probabilities and
// their gradients are rounded to the element type as factors and go from one product to the next in registers
// (FlashAttention-2, arXiv 2307.08691).
#pragma once
#include "scores.cuh"

// the element type, which files named `_f16` say otherwise
#ifndef ELEMENT
#define ELEMENT bf16
#define ELEMENT_NAME "bf16"
#endif
using T = ELEMENT;
#define OF_ELEMENT_BY(name, type) name##type
#define OF_ELEMENT(name, type) OF_ELEMENT_BY(name, type)

// A block has four warps, each with 16 rows of the 64 queries or keys that are the block's.
constexpr unsigned BLOCK_WARPS = 4, BLOCK_THREADS = BLOCK_WARPS * WARP, BLOCK_ROWS = BLOCK_WARPS * 16;

// below every score, and finite: differences of two of it are 0
constexpr float LOWEST = -1e30f;

extern __shared__ __attribute__((aligned(16))) unsigned char shared[];

INLINE unsigned shared_address(const void *at) {
    return (unsigned)(size_t)(__attribute__((address_space(3))) const void *)at;
}

// What was asked for with `load` since the last call is one group; of groups all but the newest so many have arrived.
INLINE void end_group() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <unsigned NEWEST> INLINE void wait_for_groups() { asm volatile("cp.async.wait_group %0;" ::"n"(NEWEST) : "memory"); }

// ---- operands ----

// Rows of one head in shared memory. Each is 16 bytes longer than what it holds: eight rows then meet no bank twice.
template <unsigned DIM, unsigned ROWS> struct Rows {
    __attribute__((aligned(16))) T row[ROWS][DIM + 8];

    // Starts to copy: `place(i)` is where row `i` lies, `width` how far it is from there to the next; the rest is 0.
    template <class Place>
    METHOD void load(const T *from, size_t width, unsigned dim, unsigned rows, Place place) {
        constexpr unsigned WORDS = DIM / 8;
#pragma unroll 1
        for (unsigned i = threadIdx.x; i < ROWS * WORDS; i += BLOCK_THREADS) {
            unsigned r = i / WORDS, d = i % WORDS * 8;
            bool there = r < rows && d < dim;
            const T *at = there ? from + place(r) * width + d : from;
            asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(&row[r][d])), "l"(at),
                         "r"(there ? 16 : 0)
                         : "memory");
        }
    }
};

// The left factor: 16 rows, 16 terms.
struct Left {
    unsigned word[4];

    // rows from `r` on, terms from `d` on
    template <unsigned DIM, unsigned ROWS> METHOD Left(const Rows<DIM, ROWS> &of, unsigned r, unsigned d) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                     : "=r"(word[0]), "=r"(word[1]), "=r"(word[2]), "=r"(word[3])
                     : "r"(shared_address(&of.row[r + lane() % 16][d + lane() / 16 * 8]))
                     : "memory");
    }
    // sums of a product, as they lie in registers: 16 columns of them are the terms
    METHOD Left(const float (&low)[4], const float (&high)[4])
        : word{narrow_pair<T>(low[0], low[1]), narrow_pair<T>(low[2], low[3]), narrow_pair<T>(high[0], high[1]),
               narrow_pair<T>(high[2], high[3])} {}
};

// The right factor: 16 terms, twice 8 columns.
struct Right {
    unsigned word[4];

    // a column of the factor for each row from `r` on, terms from `d` on
    template <unsigned DIM, unsigned ROWS>
    static METHOD Right transposed(const Rows<DIM, ROWS> &of, unsigned r, unsigned d) {
        Right right;
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                     : "=r"(right.word[0]), "=r"(right.word[1]), "=r"(right.word[2]), "=r"(right.word[3])
                     : "r"(shared_address(&of.row[r + lane() % 8 + lane() / 16 * 8][d + lane() / 8 % 2 * 8]))
                     : "memory");
        return right;
    }
    // a term for each row from `r` on, columns from `d` on
    template <unsigned DIM, unsigned ROWS> static METHOD Right plain(const Rows<DIM, ROWS> &of, unsigned r, unsigned d) {
        Right right;
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                     : "=r"(right.word[0]), "=r"(right.word[1]), "=r"(right.word[2]), "=r"(right.word[3])
                     : "r"(shared_address(&of.row[r + lane() % 16][d + lane() / 16 * 8]))
                     : "memory");
        return right;
    }
};

INLINE void multiply_add(float (&sums)[4], const Left &left, unsigned low, unsigned high) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." ELEMENT_NAME "." ELEMENT_NAME
                 ".f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(left.word[0]), "r"(left.word[1]), "r"(left.word[2]), "r"(left.word[3]), "r"(low), "r"(high));
}

// Sums of 16 rows and `COLUMNS` columns. A thread has of each 8 columns two of row `sum_row(0)`, then two of `sum_row(1)`.
template <unsigned COLUMNS> struct Sums {
    float value[COLUMNS / 8][4];

    METHOD Sums() {
#pragma unroll
        for (unsigned j = 0; j < COLUMNS / 8; j++)
#pragma unroll
            for (unsigned e = 0; e < 4; e++) value[j][e] = 0.f;
    }

    // `+= a b^T`: `a`'s rows from `first` on, and all of `b`'s
    template <unsigned DIM, unsigned ROWS>
    METHOD void add_transposed(const Rows<DIM, ROWS> &a, unsigned first, const Rows<DIM, COLUMNS> &b, unsigned dim) {
#pragma unroll 1
        for (unsigned d = 0; d < dim; d += 16) {
            Left left(a, first, d);
#pragma unroll
            for (unsigned j = 0; j < COLUMNS; j += 16) {
                Right right = Right::transposed(b, j, d);
                multiply_add(value[j / 8], left, right.word[0], right.word[1]);
                multiply_add(value[j / 8 + 1], left, right.word[2], right.word[3]);
            }
        }
    }

    // `+= a b`, whose columns past `dim` are left alone
    template <unsigned TERMS>
    METHOD void add(const Sums<TERMS> &a, const Rows<COLUMNS, TERMS> &b, unsigned dim) {
#pragma unroll
        for (unsigned k = 0; k < TERMS; k += 16) {
            Left left(a.value[k / 8], a.value[k / 8 + 1]);
#pragma unroll
            for (unsigned d = 0; d < COLUMNS; d += 16)
                if (d / 32 * 32 < dim) {
                    Right right = Right::plain(b, k, d);
                    multiply_add(value[d / 8], left, right.word[0], right.word[1]);
                    multiply_add(value[d / 8 + 1], left, right.word[2], right.word[3]);
                }
        }
    }

    METHOD void scale(unsigned half, float by) {
#pragma unroll
        for (unsigned j = 0; j < COLUMNS / 8; j++)
#pragma unroll
            for (unsigned e = 0; e < 2; e++) value[j][half * 2 + e] *= by;
    }

    // `put(at, low, high)` for each two values of a row that lie side by side
    template <class Put> METHOD void each_pair(unsigned half, unsigned dim, Put put) const {
#pragma unroll
        for (unsigned j = 0; j < COLUMNS / 8; j++)
            if (j * 8 < dim) put(j * 8 + lane() % 4 * 2, value[j][half * 2], value[j][half * 2 + 1]);
    }
};

INLINE unsigned sum_row(unsigned half) { return warp() * 16 + lane() / 4 + half * 8; }
// the column of value `e` of the sums' part `j`
INLINE unsigned sum_column(unsigned j, unsigned e) { return j * 8 + lane() % 4 * 2 + e % 2; }

INLINE void store_pair(T *at, float low, float high) { *(unsigned *)at = narrow_pair<T>(low, high); }
INLINE void add_pair(T *at, float low, float high) { store_pair(at, widen(at[0]) + low, widen(at[1]) + high); }

// over the four threads of a row
INLINE float row_max(float v) {
    v = larger(v, shuffle_xor(v, 1));
    return larger(v, shuffle_xor(v, 2));
}
INLINE float row_sum(float v) {
    v += shuffle_xor(v, 1);
    return v + shuffle_xor(v, 2);
}

// ---- forward ----

template <unsigned DIM, unsigned KEYS> struct ForwardMemory {
    Rows<DIM, BLOCK_ROWS> queries;
    Rows<DIM, KEYS> keys, values;
};

// One block for each tile of queries and each head; it takes so many keys at once.
template <unsigned DIM, unsigned KEYS, class Form>
static __device__ __attribute__((always_inline)) void
forward(const T *q, const T *k, const T *v, T *o, float *lse, const Segment *segments, const Range *ranges,
        const QueryTile *tiles, unsigned tokens, unsigned heads, unsigned kv_heads, unsigned dim, unsigned value_dim,
        Form form) {
    auto &memory = *(ForwardMemory<DIM, KEYS> *)shared;
    QueryBlock block(segments, tiles, BLOCK_ROWS);
    unsigned head = blockIdx.y, kv_head = head / (heads / kv_heads);
    Widths widths(heads, dim, value_dim), key_widths(kv_heads, dim, value_dim);
    k += (size_t)kv_head * dim;
    v += (size_t)kv_head * value_dim;
    unsigned column = block.first_column(form), end = block.end_of_columns();
    auto load_keys = [&](unsigned from) {
        if (from < end)
            memory.keys.load(k, key_widths.key, dim, end - from, Keys(block.segment, ranges, from));
        end_group();
    };
    memory.queries.load(q + (size_t)head * dim, widths.key, dim, block.rows, [&](unsigned i) { return block.query(i); });
    load_keys(column);

    Sums<DIM> sums;
    float highest[2] = {LOWEST, LOWEST}, total[2] = {0.f, 0.f};
    auto score_of = form.of_head(head).in_twos();
    for (; column < end; column += KEYS) {
        memory.values.load(v, key_widths.value, value_dim, end - column, Keys(block.segment, ranges, column));
        end_group();
        wait_for_groups<1>();
        __syncthreads(); // keys are there
        Sums<KEYS> scores;
        scores.add_transposed(memory.queries, warp() * 16, memory.keys, dim);
        __syncthreads(); // all are through with them
        load_keys(column + KEYS);

        // whether each row of the warp sees each of these keys
        bool all = column + KEYS - 1 <= block.own(warp() * 16) && score_of.sees(block.own(warp() * 16 + 15), column);
#pragma unroll
        for (unsigned half = 0; half < 2; half++) {
            unsigned own = block.own(sum_row(half));
            float top = highest[half], sum = 0.f;
#pragma unroll
            for (unsigned j = 0; j < KEYS / 8; j++)
#pragma unroll
                for (unsigned e = 0; e < 2; e++) {
                    float &score = scores.value[j][half * 2 + e];
                    score = all || score_of.sees(own, column + sum_column(j, e))
                                ? score_of.score(score, own, column + sum_column(j, e))
                                : -__builtin_inff();
                    top = larger(top, score);
                }
            top = row_max(top);
#pragma unroll
            for (unsigned j = 0; j < KEYS / 8; j++)
#pragma unroll
                for (unsigned e = 0; e < 2; e++) {
                    float &score = scores.value[j][half * 2 + e];
                    score = fast_exp2(score - top);
                    sum += score;
                }
            float shrink = fast_exp2(highest[half] - top);
            total[half] = total[half] * shrink + row_sum(sum);
            highest[half] = top;
            sums.scale(half, shrink);
        }
        wait_for_groups<1>();
        __syncthreads(); // values are there
        sums.add(scores, memory.values, value_dim);
        __syncthreads(); // all are through with them
    }
#pragma unroll
    for (unsigned half = 0; half < 2; half++) {
        unsigned row = sum_row(half);
        if (row >= block.rows) continue;
        T *out = o + block.query(row) * widths.value + (size_t)head * value_dim;
        float inverse = 1.f / total[half];
        sums.each_pair(half, value_dim, [&](unsigned d, float low, float high) {
            store_pair(out + d, low * inverse, high * inverse);
        });
        if (lane() % 4 == 0)
            lse[(size_t)head * tokens + block.query(row)] = (highest[half] + fast_log2(total[half])) * LN_2;
    }
}

// ---- backward ----

template <unsigned DIM, unsigned KEYS> struct QueriesBackwardMemory {
    Rows<DIM, BLOCK_ROWS> queries, d_outputs;
    Rows<DIM, KEYS> keys, values;
};

// Sets `dq`, by the same blocks as the forward pass.
template <unsigned DIM, unsigned KEYS, class Form>
static __device__ __attribute__((always_inline)) void
backward_queries(const T *q, const T *k, const T *v, const T *d_o, const float *lse, const float *delta,
                 T *dq, const Segment *segments, const Range *ranges, const QueryTile *tiles, unsigned tokens,
                 unsigned heads, unsigned kv_heads, unsigned dim, unsigned value_dim, Form form) {
    auto &memory = *(QueriesBackwardMemory<DIM, KEYS> *)shared;
    QueryBlock block(segments, tiles, BLOCK_ROWS);
    unsigned head = blockIdx.y, kv_head = head / (heads / kv_heads);
    Widths widths(heads, dim, value_dim), key_widths(kv_heads, dim, value_dim);
    k += (size_t)kv_head * dim;
    v += (size_t)kv_head * value_dim;
    auto query = [&](unsigned i) { return block.query(i); };
    memory.queries.load(q + (size_t)head * dim, widths.key, dim, block.rows, query);
    memory.d_outputs.load(d_o + (size_t)head * value_dim, widths.value, value_dim, block.rows, query);
    float lse2[2] = {}, of_delta[2] = {};
    auto score_of = form.of_head(head).in_twos();
#pragma unroll
    for (unsigned half = 0; half < 2; half++)
        if (sum_row(half) < block.rows) {
            size_t at = (size_t)head * tokens + block.query(sum_row(half));
            lse2[half] = lse[at] * LOG2_E;
            of_delta[half] = delta[at];
        }
    Sums<DIM> sums;
    unsigned end = block.end_of_columns();
    for (unsigned column = block.first_column(form); column < end; column += KEYS) {
        Keys place(block.segment, ranges, column);
        memory.keys.load(k, key_widths.key, dim, end - column, place);
        memory.values.load(v, key_widths.value, value_dim, end - column, place);
        end_group();
        wait_for_groups<0>();
        __syncthreads(); // they are there
        Sums<KEYS> scores, d_scores;
        scores.add_transposed(memory.queries, warp() * 16, memory.keys, dim);
        d_scores.add_transposed(memory.d_outputs, warp() * 16, memory.values, value_dim);
        bool all = column + KEYS - 1 <= block.own(warp() * 16) && score_of.sees(block.own(warp() * 16 + 15), column);
#pragma unroll
        for (unsigned j = 0; j < KEYS / 8; j++)
#pragma unroll
            for (unsigned e = 0; e < 4; e++) {
                bool seen = all || score_of.sees(block.own(sum_row(e / 2)), column + sum_column(j, e));
                float slope, probability = fast_exp2(score_of.less_normaliser(
                    scores.value[j][e], block.own(sum_row(e / 2)), column + sum_column(j, e), lse2[e / 2], slope));
                float &d_score = d_scores.value[j][e];
                d_score = seen ? probability * (d_score - of_delta[e / 2]) * slope : 0.f;
            }
        sums.add(d_scores, memory.keys, dim);
        __syncthreads(); // all are through with the keys
    }
#pragma unroll
    for (unsigned half = 0; half < 2; half++) {
        unsigned row = sum_row(half);
        if (row >= block.rows) continue;
        T *out = dq + block.query(row) * widths.key + (size_t)head * dim;
        sums.each_pair(half, dim,
                       [&](unsigned d, float low, float high) { store_pair(out + d, low * form.scale, high * form.scale); });
    }
}

template <unsigned DIM, unsigned QUERIES> struct KeysBackwardMemory {
    Rows<DIM, BLOCK_ROWS> keys, values;
    Rows<DIM, QUERIES> queries, d_outputs;
    float lse2[QUERIES], delta[QUERIES];
};

// Adds to `dk` or `dv`, or to both. One block for each tile of keys and each of their heads; it takes so many queries at once.
// Scores and their gradients are `[keys, queries]`.
template <unsigned DIM, unsigned QUERIES, bool TO_KEYS, bool TO_VALUES, class Form>
static __device__ __attribute__((always_inline)) void
backward_keys(const T *q, const T *k, const T *v, const T *d_o, const float *lse, const float *delta, T *dk,
              T *dv, const Segment *segments, const KeyTile *tiles, const Visit *visits, unsigned tokens, unsigned heads,
              unsigned kv_heads, unsigned dim, unsigned value_dim, Form form) {
    auto &memory = *(KeysBackwardMemory<DIM, QUERIES> *)shared;
    KeyBlock block(tiles, BLOCK_ROWS);
    unsigned kv_head = blockIdx.y, group = heads / kv_heads;
    Widths widths(heads, dim, value_dim), key_widths(kv_heads, dim, value_dim);
    auto key = [&](unsigned i) { return block.key(i); };
    memory.keys.load(k + (size_t)kv_head * dim, key_widths.key, dim, block.rows, key);
    if (TO_KEYS) memory.values.load(v + (size_t)kv_head * value_dim, key_widths.value, value_dim, block.rows, key);
    // two of one type would be one under two names where only one is summed
    Sums<TO_KEYS ? DIM : 16> of_keys;
    Sums<TO_VALUES ? DIM : 16> of_values;
    auto in_twos = form.in_twos();
    for (unsigned head = kv_head * group; head < (kv_head + 1) * group; head++) {
        auto score_of = in_twos.of_head(head);
        for (unsigned i = block.tile.first_visit; i < block.tile.end_of_visits; i++) {
            Visit visit = visits[i];
            Segment segment = segments[visit.segment];
            unsigned end = block.end_of_rows(segment, visit, form), column = block.column(visit) + warp() * 16;
            for (unsigned first = block.first_row(segment, visit); first < end; first += QUERIES) {
                auto query = [&](unsigned i) { return segment.query + first + i; };
                memory.queries.load(q + (size_t)head * dim, widths.key, dim, end - first, query);
                memory.d_outputs.load(d_o + (size_t)head * value_dim, widths.value, value_dim, end - first, query);
                end_group();
                if (threadIdx.x < QUERIES) {
                    bool there = first + threadIdx.x < end;
                    size_t at = (size_t)head * tokens + query(there ? threadIdx.x : 0);
                    memory.lse2[threadIdx.x] = there ? lse[at] * LOG2_E : 0.f;
                    memory.delta[threadIdx.x] = there ? delta[at] : 0.f;
                }
                wait_for_groups<0>();
                __syncthreads(); // they are there
                Sums<QUERIES> scores, d_scores;
                scores.add_transposed(memory.keys, warp() * 16, memory.queries, dim);
                if (TO_KEYS) d_scores.add_transposed(memory.values, warp() * 16, memory.d_outputs, value_dim);
                unsigned own = segment.context + first;
                bool all = column + 15 <= own && score_of.sees(own + QUERIES - 1, column);
#pragma unroll
                for (unsigned j = 0; j < QUERIES / 8; j++)
#pragma unroll
                    for (unsigned e = 0; e < 4; e++) {
                        unsigned row = sum_column(j, e), at = column + lane() / 4 + e / 2 * 8;
                        bool seen = all || score_of.sees(own + row, at);
                        float &score = scores.value[j][e], &d_score = d_scores.value[j][e];
                        float slope = 1.f;
                        score = seen ? fast_exp2(score_of.less_normaliser(score, own + row, at, memory.lse2[row], slope)) : 0.f;
                        if (TO_KEYS) d_score = score * (d_score - memory.delta[row]) * slope;
                    }
                if constexpr (TO_VALUES) of_values.add(scores, memory.d_outputs, value_dim);
                if constexpr (TO_KEYS) of_keys.add(d_scores, memory.queries, dim);
                __syncthreads(); // all are through with the queries
            }
        }
    }
    // of keys that nothing sees the copies were not waited for
    wait_for_groups<0>();
#pragma unroll
    for (unsigned half = 0; half < 2; half++) {
        unsigned row = sum_row(half);
        if (row >= block.rows) continue;
        if constexpr (TO_KEYS) {
            T *out = dk + block.key(row) * key_widths.key + (size_t)kv_head * dim;
            of_keys.each_pair(half, dim,
                              [&](unsigned d, float low, float high) { add_pair(out + d, low * form.scale, high * form.scale); });
        }
        if constexpr (TO_VALUES) {
            T *out = dv + block.key(row) * key_widths.value + (size_t)kv_head * value_dim;
            of_values.each_pair(half, value_dim,
                                [&](unsigned d, float low, float high) { add_pair(out + d, low, high); });
        }
    }
}

// ---- the kernels, for heads of at most `DIM` values, whose last parameters are a form's ----

#define ALL_KERNELS(FORM_PARAMETERS, FORM) \
    QUERIES_KERNELS(64, 64, FORM, FORM_PARAMETERS) \
    QUERIES_KERNELS(128, 64, FORM, FORM_PARAMETERS) \
    QUERIES_KERNELS(256, 32, FORM, FORM_PARAMETERS) \
    KEYS_KERNEL(64, KEYS_BODY(64, 64, true, true, FORM), FORM_PARAMETERS) \
    KEYS_KERNEL(128, KEYS_BODY(128, 32, true, true, FORM), FORM_PARAMETERS) \
    /* sums of both do not fit a thread's registers: other blocks sum the other */ \
    KEYS_KERNEL(256, \
                if (blockIdx.z == 0) { KEYS_BODY(256, 16, true, false, FORM) } else { KEYS_BODY(256, 16, false, true, FORM) }, \
                FORM_PARAMETERS)
#define QUERIES_KERNELS(DIM, KEYS, FORM, ...) \
    extern "C" __global__ void __launch_bounds__(BLOCK_THREADS, 2) NAME(forward, DIM)( \
        const T *q, const T *k, const T *v, T *o, float *lse, const Segment *segments, const Range *ranges, \
        const QueryTile *tiles, unsigned tokens, unsigned heads, unsigned kv_heads, unsigned dim, unsigned value_dim, \
        __VA_ARGS__) { \
        forward<DIM, KEYS>(q, k, v, o, lse, segments, ranges, tiles, tokens, heads, kv_heads, dim, value_dim, FORM); \
    } \
    extern "C" __global__ void __launch_bounds__(BLOCK_THREADS, 2) NAME(backward_queries, DIM)( \
        const T *q, const T *k, const T *v, const T *d_o, const float *lse, const float *delta, T *dq, \
        const Segment *segments, const Range *ranges, const QueryTile *tiles, unsigned tokens, unsigned heads, \
        unsigned kv_heads, unsigned dim, unsigned value_dim, __VA_ARGS__) { \
        backward_queries<DIM, KEYS>(q, k, v, d_o, lse, delta, dq, segments, ranges, tiles, tokens, heads, kv_heads, dim, \
                                    value_dim, FORM); \
    }
#define KEYS_KERNEL(DIM, BODY, ...) \
    extern "C" __global__ void __launch_bounds__(BLOCK_THREADS, 2) NAME(backward_keys, DIM)( \
        const T *q, const T *k, const T *v, const T *d_o, const float *lse, const float *delta, T *dk, \
        T *dv, const Segment *segments, const KeyTile *tiles, const Visit *visits, unsigned tokens, unsigned heads, \
        unsigned kv_heads, unsigned dim, unsigned value_dim, __VA_ARGS__) { \
        BODY \
    }
#define KEYS_BODY(DIM, QUERIES, TO_KEYS, TO_VALUES, FORM) \
    backward_keys<DIM, QUERIES, TO_KEYS, TO_VALUES>(q, k, v, d_o, lse, delta, dk, dv, segments, tiles, visits, tokens, heads, \
                                                    kv_heads, dim, value_dim, FORM);
