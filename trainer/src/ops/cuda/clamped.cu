// GPT-OSS's gate: `(u + 1) g sigmoid(slope g)`, the gate kept below a limit and the other within it on both sides.
#include "corral.cuh"
// each rounding as on the CPU
#pragma clang fp contract(off)

INLINE float below(float v, float limit) { return v > limit ? limit : v; }
INLINE float within(float v, float limit) { return v > limit ? limit : v < -limit ? -limit : v; }

// `y = (within(up) + 1) g sigmoid(slope g)`, `g = below(gate)`
BODY clamped(const T *gate, const T *up, T *y, u64 n, float limit, float slope) {
    over_grid(n, wide(gate, up, y), [&](auto at) {
        auto g = at.load(gate), u = at.load(up);
        for (unsigned k = 0; k < at.N; k++) {
            float of = below(g[k], limit);
            g[k] = (within(u[k], limit) + 1.f) * (of * sigmoid(slope * of));
        }
        at.store(y, g);
    });
}
KERNEL(THREADS, clamped, (const T *gate, const T *up, T *y, u64 n, float limit, float slope), (gate, up, y, n, limit, slope))

// replaces `gate` and `up` by their gradients
BODY clamped_backward(T *gate, T *up, const T *dy, u64 n, float limit, float slope) {
    over_grid(n, wide(gate, up, dy), [&](auto at) {
        auto g = at.load(gate), u = at.load(up), d = at.load(dy);
        for (unsigned k = 0; k < at.N; k++) {
            float of = below(g[k], limit), other = within(u[k], limit);
            float s = sigmoid(slope * of), value = of * s;
            float d_gate = d[k] * (other + 1.f) * (s + slope * (value * (1.f - s)));
            g[k] = g[k] > limit ? 0.f : d_gate;
            u[k] = u[k] == other ? d[k] * value : 0.f;
        }
        at.store(gate, g);
        at.store(up, u);
    });
}
KERNEL(THREADS, clamped_backward, (T *gate, T *up, const T *dy, u64 n, float limit, float slope), (gate, up, dy, n, limit, slope))
