// Attention over the segments of a plan and its gradients, by multiply-adds in f32, for every type of element and width of
// head. Softmax is online and its statistics are saved, so that probabilities are recomputed by the backward pass and no
// matrix of all scores exists (FlashAttention-2, arXiv 2307.08691). Keys' gradients are summed by one block for each tile of
// keys, over all that see it and in a fixed order.
//
// Queries are `[tokens, heads * dim]`, keys `[keys, kv_heads * dim]`, values `[keys, kv_heads * value_dim]`, outputs
// `[tokens, heads * value_dim]`, statistics `[heads, tokens]`.
#pragma once
#include "scores.cuh"

// threads of a block that works on squares of this side
constexpr unsigned threads(unsigned side) { return side * 4; }

struct __attribute__((aligned(16))) Four {
    float value[4];
};

// Rows of one head in shared memory, widened to f32. Rows lie so that eight threads which read four values of a row each
// meet no bank twice.
template <unsigned DIM, unsigned SIDE> struct Tile {
    __attribute__((aligned(16))) float row[SIDE][DIM + 4];

    // `place(i)` is where row `i` lies, `width` how far it is from there to the next; the rest of the tile is 0
    template <class T, class Place>
    METHOD void load(const T *from, size_t width, unsigned dim, unsigned rows, Place place) {
#pragma unroll 1
        for (unsigned i = warp(); i < SIDE; i += threads(SIDE) / WARP) {
            const T *at = i < rows ? from + place(i) * width : nullptr;
#pragma unroll
            for (unsigned d = lane(); d < DIM; d += WARP) row[i][d] = i < rows && d < dim ? widen(at[d]) : 0.f;
        }
    }
    METHOD Four four(unsigned i, unsigned d) const { return *(const Four *)&row[i][d]; }
};

// Of a square of scores a thread has two rows, and of each the columns `tx() + 8 j`; of sums by row the values
// `32 j + 4 tx() + e`. So a row belongs to eight threads of one warp.
INLINE unsigned tx() { return threadIdx.x % 8; }
INLINE unsigned ty() { return threadIdx.x / 8; }

template <unsigned SIDE> struct Scores {
    float value[2][SIDE / 8];

    // `a b^T`, of which `dim` columns hold something
    template <unsigned DIM> METHOD Scores(const Tile<DIM, SIDE> &a, const Tile<DIM, SIDE> &b, unsigned dim) {
#pragma unroll
        for (unsigned i = 0; i < 2; i++)
#pragma unroll
            for (unsigned j = 0; j < SIDE / 8; j++) value[i][j] = 0.f;
#pragma unroll 1
        for (unsigned d = 0; d < dim; d += 4) {
            Four x[2] = {a.four(ty() * 2, d), a.four(ty() * 2 + 1, d)};
#pragma unroll
            for (unsigned j = 0; j < SIDE / 8; j++) {
                Four y = b.four(tx() + 8 * j, d);
#pragma unroll
                for (unsigned i = 0; i < 2; i++)
#pragma unroll
                    for (unsigned e = 0; e < 4; e++) value[i][j] = fused(x[i].value[e], y.value[e], value[i][j]);
            }
        }
    }
};

// Scores in shared memory, for the threads of the same warp.
template <unsigned SIDE> struct Square {
    __attribute__((aligned(16))) float row[SIDE][SIDE + 4];

    METHOD void put(const Scores<SIDE> &scores) {
#pragma unroll
        for (unsigned i = 0; i < 2; i++)
#pragma unroll
            for (unsigned j = 0; j < SIDE / 8; j++) row[ty() * 2 + i][tx() + 8 * j] = scores.value[i][j];
    }
};

template <unsigned DIM> struct Sums {
    float value[2][DIM / 32][4];

    METHOD Sums() {
#pragma unroll
        for (unsigned i = 0; i < 2; i++) scale(i, 0.f);
    }
    METHOD void scale(unsigned i, float by) {
#pragma unroll
        for (unsigned j = 0; j < DIM / 32; j++)
#pragma unroll
            for (unsigned e = 0; e < 4; e++) value[i][j][e] = by == 0.f ? 0.f : value[i][j][e] * by;
    }
    // `+= a b`
    template <unsigned SIDE> METHOD void add(const Square<SIDE> &a, const Tile<DIM, SIDE> &b) {
#pragma unroll 1
        for (unsigned k = 0; k < SIDE; k++) {
            float x[2] = {a.row[ty() * 2][k], a.row[ty() * 2 + 1][k]};
#pragma unroll
            for (unsigned j = 0; j < DIM / 32; j++) {
                Four y = b.four(k, 32 * j + 4 * tx());
#pragma unroll
                for (unsigned i = 0; i < 2; i++)
#pragma unroll
                    for (unsigned e = 0; e < 4; e++) value[i][j][e] = fused(x[i], y.value[e], value[i][j][e]);
            }
        }
    }
    // `put(d, sum)` for each value of a row
    template <class Put> METHOD void each(unsigned i, unsigned dim, Put put) const {
#pragma unroll
        for (unsigned j = 0; j < DIM / 32; j++)
#pragma unroll
            for (unsigned e = 0; e < 4; e++) {
                unsigned d = 32 * j + 4 * tx() + e;
                if (d < dim) put(d, value[i][j][e]);
            }
    }
};

// over the eight threads of a row
INLINE float row_max(float v) {
#pragma unroll
    for (unsigned by = 1; by < 8; by *= 2) v = larger(v, shuffle_xor(v, by));
    return v;
}
INLINE float row_sum(float v) {
#pragma unroll
    for (unsigned by = 1; by < 8; by *= 2) v += shuffle_xor(v, by);
    return v;
}

// below every score, and finite: differences of two of it are 0
constexpr float LOWEST = -1e30f;

extern __shared__ __attribute__((aligned(16))) float shared[];

template <unsigned DIM, unsigned SIDE> struct ForwardMemory {
    Tile<DIM, SIDE> queries, keys, values;
    Square<SIDE> probabilities;
};

// One block for each part of a tile of queries and each head.
template <class T, unsigned DIM, unsigned SIDE, class Form>
static __device__ __attribute__((always_inline)) void
forward(const T *q, const T *k, const T *v, T *o, float *lse, const Segment *segments, const Range *ranges,
        const QueryTile *tiles, unsigned tokens, unsigned heads, unsigned kv_heads, unsigned dim, unsigned value_dim, Form form) {
    auto &memory = *(ForwardMemory<DIM, SIDE> *)shared;
    QueryBlock block(segments, tiles, SIDE);
    if (block.rows == 0) return;
    unsigned head = blockIdx.y, kv_head = head / (heads / kv_heads);
    Widths widths(heads, dim, value_dim), key_widths(kv_heads, dim, value_dim);
    k += (size_t)kv_head * dim;
    v += (size_t)kv_head * value_dim;
    memory.queries.load(q + (size_t)head * dim, widths.key, dim, block.rows, [&](unsigned i) { return block.query(i); });
    auto score_of = form.of_head(head);
    Sums<DIM> sums;
    float highest[2] = {LOWEST, LOWEST}, total[2] = {0.f, 0.f};
    unsigned end = block.end_of_columns();
    for (unsigned column = block.first_column(form); column < end; column += SIDE) {
        Keys place(block.segment, ranges, column);
        __syncthreads(); // all are through with the keys before
        memory.keys.load(k, key_widths.key, dim, smaller(SIDE, end - column), place);
        memory.values.load(v, key_widths.value, value_dim, smaller(SIDE, end - column), place);
        __syncthreads();
        Scores<SIDE> scores(memory.queries, memory.keys, dim);
#pragma unroll
        for (unsigned i = 0; i < 2; i++) {
            unsigned row = ty() * 2 + i, own = block.own(row);
            float top = highest[i], sum = 0.f;
            bool seen[SIDE / 8];
#pragma unroll
            for (unsigned j = 0; j < SIDE / 8; j++) {
                float &score = scores.value[i][j];
                seen[j] = row < block.rows && score_of.sees(own, column + tx() + 8 * j);
                score = score_of.score(score, own, column + tx() + 8 * j);
                if (seen[j]) top = larger(top, score);
            }
            top = row_max(top);
#pragma unroll
            for (unsigned j = 0; j < SIDE / 8; j++) {
                float &score = scores.value[i][j];
                score = seen[j] ? exponential(score - top) : 0.f;
                sum += score;
            }
            float shrink = exponential(highest[i] - top);
            total[i] = total[i] * shrink + row_sum(sum);
            highest[i] = top;
            sums.scale(i, shrink);
        }
        memory.probabilities.put(scores);
        __syncwarp();
        sums.add(memory.probabilities, memory.values);
        __syncwarp();
    }
#pragma unroll
    for (unsigned i = 0; i < 2; i++) {
        unsigned row = ty() * 2 + i;
        if (row >= block.rows) continue;
        T *out = o + block.query(row) * widths.value + (size_t)head * value_dim;
        float inverse = 1.f / total[i];
        sums.each(i, value_dim, [&](unsigned d, float sum) { out[d] = narrow<T>(sum * inverse); });
        if (tx() == 0) lse[(size_t)head * tokens + block.query(row)] = highest[i] + natural_log(total[i]);
    }
}

template <unsigned DIM, unsigned SIDE> struct QueriesBackwardMemory {
    Tile<DIM, SIDE> queries, d_outputs, keys, values;
    Square<SIDE> d_scores;
};

// Sets `dq`, by the same blocks as the forward pass.
template <class T, unsigned DIM, unsigned SIDE, class Form>
static __device__ __attribute__((always_inline)) void
backward_queries(const T *q, const T *k, const T *v, const T *d_o, const float *lse, const float *delta, T *dq,
                 const Segment *segments, const Range *ranges, const QueryTile *tiles, unsigned tokens, unsigned heads,
                 unsigned kv_heads, unsigned dim, unsigned value_dim, Form form) {
    auto &memory = *(QueriesBackwardMemory<DIM, SIDE> *)shared;
    QueryBlock block(segments, tiles, SIDE);
    if (block.rows == 0) return;
    unsigned head = blockIdx.y, kv_head = head / (heads / kv_heads);
    Widths widths(heads, dim, value_dim), key_widths(kv_heads, dim, value_dim);
    k += (size_t)kv_head * dim;
    v += (size_t)kv_head * value_dim;
    auto query = [&](unsigned i) { return block.query(i); };
    memory.queries.load(q + (size_t)head * dim, widths.key, dim, block.rows, query);
    memory.d_outputs.load(d_o + (size_t)head * value_dim, widths.value, value_dim, block.rows, query);
    float of_lse[2] = {}, of_delta[2] = {};
#pragma unroll
    for (unsigned i = 0; i < 2; i++)
        if (ty() * 2 + i < block.rows) {
            size_t at = (size_t)head * tokens + block.query(ty() * 2 + i);
            of_lse[i] = lse[at];
            of_delta[i] = delta[at];
        }
    auto score_of = form.of_head(head);
    Sums<DIM> sums;
    unsigned end = block.end_of_columns();
    for (unsigned column = block.first_column(form); column < end; column += SIDE) {
        Keys place(block.segment, ranges, column);
        __syncthreads(); // all are through with the keys before
        memory.keys.load(k, key_widths.key, dim, smaller(SIDE, end - column), place);
        memory.values.load(v, key_widths.value, value_dim, smaller(SIDE, end - column), place);
        __syncthreads();
        Scores<SIDE> scores(memory.queries, memory.keys, dim), d_scores(memory.d_outputs, memory.values, value_dim);
#pragma unroll
        for (unsigned i = 0; i < 2; i++)
#pragma unroll
            for (unsigned j = 0; j < SIDE / 8; j++) {
                unsigned row = ty() * 2 + i, own = block.own(row), at = column + tx() + 8 * j;
                bool seen = row < block.rows && score_of.sees(own, at);
                float slope, probability = exponential(score_of.less_normaliser(scores.value[i][j], own, at, of_lse[i], slope));
                d_scores.value[i][j] = seen ? probability * (d_scores.value[i][j] - of_delta[i]) * slope : 0.f;
            }
        memory.d_scores.put(d_scores);
        __syncwarp();
        sums.add(memory.d_scores, memory.keys);
        __syncwarp();
    }
#pragma unroll
    for (unsigned i = 0; i < 2; i++) {
        unsigned row = ty() * 2 + i;
        if (row >= block.rows) continue;
        T *out = dq + block.query(row) * widths.key + (size_t)head * dim;
        sums.each(i, dim, [&](unsigned d, float sum) { out[d] = narrow<T>(sum * form.scale); });
    }
}

template <unsigned DIM, unsigned SIDE> struct KeysBackwardMemory {
    Tile<DIM, SIDE> keys, values, queries, d_outputs;
    Square<SIDE> probabilities, d_scores;
    float lse[SIDE], delta[SIDE];
};

// Adds to `dk` and `dv`. One block for each part of a tile of keys and each of their heads; squares are `[keys, queries]`.
template <class T, unsigned DIM, unsigned SIDE, class Form>
static __device__ __attribute__((always_inline)) void
backward_keys(const T *q, const T *k, const T *v, const T *d_o, const float *lse, const float *delta, T *dk, T *dv,
              const Segment *segments, const KeyTile *tiles, const Visit *visits, unsigned tokens, unsigned heads,
              unsigned kv_heads, unsigned dim, unsigned value_dim, Form form) {
    auto &memory = *(KeysBackwardMemory<DIM, SIDE> *)shared;
    KeyBlock block(tiles, SIDE);
    if (block.rows == 0) return;
    unsigned kv_head = blockIdx.y, group = heads / kv_heads;
    Widths widths(heads, dim, value_dim), key_widths(kv_heads, dim, value_dim);
    size_t at_key = (size_t)kv_head * dim, at_value = (size_t)kv_head * value_dim;
    auto key = [&](unsigned i) { return block.key(i); };
    memory.keys.load(k + at_key, key_widths.key, dim, block.rows, key);
    memory.values.load(v + at_value, key_widths.value, value_dim, block.rows, key);
    Sums<DIM> of_keys, of_values;
    for (unsigned head = kv_head * group; head < (kv_head + 1) * group; head++) {
        auto score_of = form.of_head(head);
        for (unsigned i = block.tile.first_visit; i < block.tile.end_of_visits; i++) {
            Visit visit = visits[i];
            Segment segment = segments[visit.segment];
            unsigned end = block.end_of_rows(segment, visit, form);
            for (unsigned first = block.first_row(segment, visit); first < end; first += SIDE) {
                unsigned rows = smaller(SIDE, end - first);
                auto query = [&](unsigned i) { return segment.query + first + i; };
                __syncthreads(); // all are through with the queries before
                memory.queries.load(q + (size_t)head * dim, widths.key, dim, rows, query);
                memory.d_outputs.load(d_o + (size_t)head * value_dim, widths.value, value_dim, rows, query);
                if (threadIdx.x < rows) {
                    size_t at = (size_t)head * tokens + query(threadIdx.x);
                    memory.lse[threadIdx.x] = lse[at];
                    memory.delta[threadIdx.x] = delta[at];
                }
                __syncthreads();
                Scores<SIDE> scores(memory.keys, memory.queries, dim);
                Scores<SIDE> d_scores(memory.values, memory.d_outputs, value_dim);
#pragma unroll
                for (unsigned j = 0; j < SIDE / 8; j++) {
                    unsigned row = tx() + 8 * j, own = segment.context + first + row;
                    bool there = row < rows;
                    float of_lse = there ? memory.lse[row] : 0.f, of_delta = there ? memory.delta[row] : 0.f;
#pragma unroll
                    for (unsigned i = 0; i < 2; i++) {
                        float &score = scores.value[i][j], &d_score = d_scores.value[i][j];
                        unsigned at = ty() * 2 + i, column = block.column(visit) + at;
                        bool seen = there && at < block.rows && score_of.sees(own, column);
                        float slope, power = score_of.less_normaliser(score, own, column, of_lse, slope);
                        score = seen ? exponential(power) : 0.f;
                        d_score = seen ? score * (d_score - of_delta) * slope : 0.f;
                    }
                }
                memory.probabilities.put(scores);
                memory.d_scores.put(d_scores);
                __syncwarp();
                of_values.add(memory.probabilities, memory.d_outputs);
                of_keys.add(memory.d_scores, memory.queries);
            }
        }
    }
#pragma unroll
    for (unsigned i = 0; i < 2; i++) {
        unsigned row = ty() * 2 + i;
        if (row >= block.rows) continue;
        T *to_key = dk + block.key(row) * key_widths.key + at_key;
        T *to_value = dv + block.key(row) * key_widths.value + at_value;
        of_keys.each(i, dim, [&](unsigned d, float sum) { to_key[d] = narrow<T>(widen(to_key[d]) + sum * form.scale); });
        of_values.each(i, value_dim, [&](unsigned d, float sum) { to_value[d] = narrow<T>(widen(to_value[d]) + sum); });
    }
}

// Softmax of one query over the keys that a warp has seen.
template <unsigned DIM> struct Part {
    float highest, total, sums[DIM];
};

// keys that a warp takes at once
constexpr unsigned AT_ONCE = 4;

// One query of a short segment against all its keys, as in decoding: one block for each row and head; its warps share the
// keys, each taking four at once, and their sums are put together at last.
template <class T, unsigned DIM, unsigned SIDE, class Form>
static __device__ __attribute__((always_inline)) void
few(const T *q, const T *k, const T *v, T *o, float *lse, const Segment *segments, const Range *ranges,
    const QueryTile *rows, unsigned tokens, unsigned heads, unsigned kv_heads, unsigned dim, unsigned value_dim, Form form) {
    constexpr unsigned EACH = DIM / WARP, WARPS = threads(SIDE) / WARP;
    __shared__ Part<DIM> parts[WARPS];
    QueryTile row = rows[blockIdx.x];
    Segment segment = segments[row.segment];
    unsigned head = blockIdx.y, kv_head = head / (heads / kv_heads), query = segment.query + row.start;
    Widths key_widths(kv_heads, dim, value_dim);
    q += ((size_t)query * heads + head) * dim;
    o += ((size_t)query * heads + head) * value_dim;
    k += (size_t)kv_head * dim;
    v += (size_t)kv_head * value_dim;
    float x[EACH], sums[EACH];
#pragma unroll
    for (unsigned e = 0; e < EACH; e++) {
        unsigned d = lane() + WARP * e;
        x[e] = d < dim ? widen(q[d]) * form.scale : 0.f;
        sums[e] = 0.f;
    }
    auto score_of = form.of_head(head);
    float highest = LOWEST, total = 0.f;
    unsigned end = segment.context + row.start + 1;
    for (unsigned column = form.first_column(end - 1) + warp() * AT_ONCE; column < end; column += WARPS * AT_ONCE) {
        Keys keys(segment, ranges, column);
        size_t places[AT_ONCE];
        float scores[AT_ONCE];
#pragma unroll
        for (unsigned i = 0; i < AT_ONCE; i++) {
            // past the last one stands the last one, whose weight is then 0
            places[i] = keys(smaller(column + i, end - 1) - column);
            scores[i] = 0.f;
#pragma unroll
            for (unsigned e = 0; e < EACH; e++) {
                unsigned d = lane() + WARP * e;
                if (d < dim) scores[i] = fused(x[e], widen(k[places[i] * key_widths.key + d]), scores[i]);
            }
        }
        float top = highest;
#pragma unroll
        for (unsigned i = 0; i < AT_ONCE; i++) {
            scores[i] = score_of.shaped(warp_sum(scores[i]), end - 1, column + i);
            if (column + i < end) top = larger(top, scores[i]);
        }
        float shrink = exponential(highest - top);
        highest = top;
        total *= shrink;
#pragma unroll
        for (unsigned e = 0; e < EACH; e++) sums[e] *= shrink;
#pragma unroll
        for (unsigned i = 0; i < AT_ONCE; i++) {
            float weight = column + i < end ? exponential(scores[i] - top) : 0.f;
            total += weight;
#pragma unroll
            for (unsigned e = 0; e < EACH; e++) {
                unsigned d = lane() + WARP * e;
                if (d < value_dim) sums[e] = fused(weight, widen(v[places[i] * key_widths.value + d]), sums[e]);
            }
        }
    }
    Part<DIM> &part = parts[warp()];
    if (lane() == 0) {
        part.highest = highest;
        part.total = total;
    }
#pragma unroll
    for (unsigned e = 0; e < EACH; e++) part.sums[lane() + WARP * e] = sums[e];
    __syncthreads();
    highest = LOWEST;
    total = 0.f;
    for (unsigned i = 0; i < WARPS; i++) highest = larger(highest, parts[i].highest);
    for (unsigned i = 0; i < WARPS; i++) total += parts[i].total * exponential(parts[i].highest - highest);
    for (unsigned d = threadIdx.x; d < value_dim; d += WARPS * WARP) {
        float sum = 0.f;
        for (unsigned i = 0; i < WARPS; i++) sum += parts[i].sums[d] * exponential(parts[i].highest - highest);
        o[d] = narrow<T>(sum / total);
    }
    if (threadIdx.x == 0) lse[(size_t)head * tokens + query] = highest + natural_log(total);
}

// ---- the kernels, for heads of at most `DIM` values ----

#define OF_TYPE(TYPE, body, DIM, SIDE, parameters, arguments) \
    namespace body##_##DIM##_of_##TYPE { \
    using T = ELEMENT_##TYPE; \
    extern "C" __global__ void __launch_bounds__(threads(SIDE), 2) NAME(body, DIM, TYPE) parameters { \
        body<T, DIM, SIDE> arguments; \
    } \
    }
#define ELEMENT_f32 float
#define ELEMENT_bf16 bf16
#define ELEMENT_f16 f16
#define OF_WIDTHS(TYPE, body, parameters, arguments) \
    OF_TYPE(TYPE, body, 32, 32, parameters, arguments) \
    OF_TYPE(TYPE, body, 64, 32, parameters, arguments) \
    OF_TYPE(TYPE, body, 96, 32, parameters, arguments) \
    OF_TYPE(TYPE, body, 128, 32, parameters, arguments) \
    OF_TYPE(TYPE, body, 256, 16, parameters, arguments)
// in 16 bits where tensor cores are of no use: for widths that are no multiples of 8, which are rare
#define KERNELS(body, parameters, arguments) \
    OF_WIDTHS(f32, body, parameters, arguments) \
    OF_TYPE(bf16, body, 32, 32, parameters, arguments) \
    OF_TYPE(bf16, body, 256, 16, parameters, arguments) \
    OF_TYPE(f16, body, 32, 32, parameters, arguments) \
    OF_TYPE(f16, body, 256, 16, parameters, arguments)

// all kernels of a form, whose last parameters are the form's
#define ALL_KERNELS(FORM_PARAMETERS, FORM) \
    KERNELS(forward, \
            (const T *q, const T *k, const T *v, T *o, float *lse, const Segment *segments, const Range *ranges, \
             const QueryTile *tiles, unsigned tokens, unsigned heads, unsigned kv_heads, unsigned dim, unsigned value_dim, \
             FORM_PARAMETERS), \
            (q, k, v, o, lse, segments, ranges, tiles, tokens, heads, kv_heads, dim, value_dim, FORM)) \
    OF_WIDTHS(f32, few, FEW_PARAMETERS(FORM_PARAMETERS), FEW_ARGUMENTS(FORM)) \
    OF_WIDTHS(bf16, few, FEW_PARAMETERS(FORM_PARAMETERS), FEW_ARGUMENTS(FORM)) \
    OF_WIDTHS(f16, few, FEW_PARAMETERS(FORM_PARAMETERS), FEW_ARGUMENTS(FORM)) \
    KERNELS(backward_queries, \
            (const T *q, const T *k, const T *v, const T *d_o, const float *lse, const float *delta, T *dq, \
             const Segment *segments, const Range *ranges, const QueryTile *tiles, unsigned tokens, unsigned heads, \
             unsigned kv_heads, unsigned dim, unsigned value_dim, FORM_PARAMETERS), \
            (q, k, v, d_o, lse, delta, dq, segments, ranges, tiles, tokens, heads, kv_heads, dim, value_dim, FORM)) \
    KERNELS(backward_keys, \
            (const T *q, const T *k, const T *v, const T *d_o, const float *lse, const float *delta, T *dk, T *dv, \
             const Segment *segments, const KeyTile *tiles, const Visit *visits, unsigned tokens, unsigned heads, \
             unsigned kv_heads, unsigned dim, unsigned value_dim, FORM_PARAMETERS), \
            (q, k, v, d_o, lse, delta, dk, dv, segments, tiles, visits, tokens, heads, kv_heads, dim, value_dim, FORM))
#define FEW_PARAMETERS(...) \
    (const T *q, const T *k, const T *v, T *o, float *lse, const Segment *segments, const Range *ranges, \
     const QueryTile *rows, unsigned tokens, unsigned heads, unsigned kv_heads, unsigned dim, unsigned value_dim, \
     __VA_ARGS__)
#define FEW_ARGUMENTS(FORM) (q, k, v, o, lse, segments, ranges, rows, tokens, heads, kv_heads, dim, value_dim, FORM)
