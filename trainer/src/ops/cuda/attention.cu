// Attention whose scores are products times a scale: `attention_forward_64_bf16`, and what every form of attention needs for
// its gradients.
#include "attention.cuh"

// `delta = sum of o * d_o` of each token and head (`dim` is a value's), a warp each: what the gradient of a softmax subtracts.
BODY attention_delta(const T *o, const T *d_o, float *delta, unsigned tokens, unsigned heads, unsigned dim) {
    size_t i = (size_t)blockIdx.x * (blockDim.x / WARP) + warp();
    if (i >= (size_t)tokens * heads) return;
    float sum = 0.f;
    for (unsigned d = lane(); d < dim; d += WARP) sum = fused(widen(o[i * dim + d]), widen(d_o[i * dim + d]), sum);
    sum = warp_sum(sum);
    if (lane() == 0) delta[i % heads * tokens + i / heads] = sum;
}
KERNEL(THREADS, attention_delta,
       (const T *o, const T *d_o, float *delta, unsigned tokens, unsigned heads, unsigned dim),
       (o, d_o, delta, tokens, heads, dim))

// `lse' = ln(exp(lse) + exp(sink))` and `o *= exp(lse - lse')`: a warp each token and head.
BODY attention_sinks(const float *sinks, T *o, float *lse, unsigned tokens, unsigned heads, unsigned dim) {
    size_t i = (size_t)blockIdx.x * (blockDim.x / WARP) + warp();
    if (i >= (size_t)tokens * heads) return;
    float &place = lse[i % heads * tokens + i / heads], sink = sinks[i % heads], before = place;
    float top = larger(before, sink);
    float after = top + natural_log(exponential(before - top) + exponential(sink - top));
    float factor = exponential(before - after);
    for (unsigned d = lane(); d < dim; d += WARP) o[i * dim + d] = narrow<T>(widen(o[i * dim + d]) * factor);
    __syncwarp(); // all have read it
    if (lane() == 0) place = after;
}
KERNEL(THREADS, attention_sinks, (const float *sinks, T *o, float *lse, unsigned tokens, unsigned heads, unsigned dim),
       (sinks, o, lse, tokens, heads, dim))

// `d_sinks[head] -= sum over tokens of exp(sink - lse) (o . d_o)`: a block has a head, each of its warps every eighth token.
BODY attention_sinks_backward(const float *sinks, const T *o, const float *lse, const T *d_o, float *d_sinks, unsigned tokens,
                              unsigned heads, unsigned dim) {
    unsigned head = blockIdx.x;
    float total = 0.f;
    for (unsigned token = warp(); token < tokens; token += blockDim.x / WARP) {
        size_t at = ((size_t)token * heads + head) * dim;
        float sum = 0.f;
        for (unsigned d = lane(); d < dim; d += WARP) sum = fused(widen(o[at + d]), widen(d_o[at + d]), sum);
        total = fused(exponential(sinks[head] - lse[(size_t)head * tokens + token]), warp_sum(sum), total);
    }
    total = sum_of_warps(total);
    if (threadIdx.x == 0) d_sinks[head] -= total;
}
KERNEL(THREADS, attention_sinks_backward,
       (const float *sinks, const T *o, const float *lse, const T *d_o, float *d_sinks, unsigned tokens, unsigned heads,
        unsigned dim),
       (sinks, o, lse, d_o, d_sinks, tokens, heads, dim))

#define NAME(body, DIM, TYPE) attention_##body##_##DIM##_##TYPE
ALL_KERNELS(PLAIN_PARAMETERS, PLAIN)
