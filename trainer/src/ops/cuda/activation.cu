// Activations of feed-forward networks, by themselves and times the numbers of a second layer, and their gradients.
#include "corral.cuh"
// each rounding as on the CPU
#pragma clang fp contract(off)

// a function's value, and its derivative there
struct Sloped {
    float value, slope;
};

struct Silu {
    METHOD static float value(float x) { return x * sigmoid(x); }
    METHOD static Sloped sloped(float x) {
        float s = sigmoid(x), silu = x * s;
        return {silu, s + silu * (1.f - s)};
    }
};

// Abramowitz and Stegun's 7.1.26
struct Gelu {
    struct Normal {
        float below, density;
    };
    METHOD static Normal normal(float x) {
        float z = magnitude(x) * 0.70710678f;
        float t = 1.f / (1.f + 0.3275911f * z);
        float p = fused(1.0614054f, t, -1.453152f);
        p = fused(p, t, 1.4214137f);
        p = fused(p, t, -0.28449674f);
        p = fused(p, t, 0.2548296f);
        float power = exponential(-(z * z));
        float beyond = 0.5f * (p * t) * power;
        return {x < 0.f ? beyond : 1.f - beyond, power * 0.3989423f};
    }
    METHOD static float value(float x) { return x * normal(x).below; }
    METHOD static Sloped sloped(float x) {
        Normal of = normal(x);
        return {x * of.below, of.below + x * of.density};
    }
};

struct GeluTanh {
    static constexpr float SLOPE = 1.5957691f, CUBIC = 0.044715f;
    METHOD static float value(float x) { return x * sigmoid(SLOPE * (x + CUBIC * (x * x * x))); }
    METHOD static Sloped sloped(float x) {
        float square = x * x;
        float s = sigmoid(SLOPE * (x + CUBIC * (square * x)));
        float inner = SLOPE * (1.f + 3.f * CUBIC * square), value = x * s;
        return {value, s + value * (1.f - s) * inner};
    }
};

struct Relu {
    METHOD static float value(float x) { return x < 0.f ? 0.f : x; }
    METHOD static Sloped sloped(float x) { return {value(x), x > 0.f ? 1.f : 0.f}; }
};

struct ReluSquared {
    METHOD static float value(float x) { return Relu::value(x) * Relu::value(x); }
    METHOD static Sloped sloped(float x) { return {value(x), 2.f * Relu::value(x)}; }
};

// `y = activation(x)`
template <class A, class T> SHARED_BODY activate(const T *x, T *y, u64 n) {
    over_grid(n, wide(x, y), [&](auto at) {
        auto v = at.load(x);
        for (unsigned k = 0; k < at.N; k++) v[k] = A::value(v[k]);
        at.store(y, v);
    });
}

// replaces `x` by its gradient
template <class A, class T> SHARED_BODY activate_backward(T *x, const T *dy, u64 n) {
    over_grid(n, wide(x, dy), [&](auto at) {
        auto v = at.load(x), d = at.load(dy);
        for (unsigned k = 0; k < at.N; k++) v[k] = d[k] * A::sloped(v[k]).slope;
        at.store(x, v);
    });
}

// `y = activation(gate) * up`
template <class A, class T> SHARED_BODY gated(const T *gate, const T *up, T *y, u64 n) {
    over_grid(n, wide(gate, up, y), [&](auto at) {
        auto g = at.load(gate), u = at.load(up);
        for (unsigned k = 0; k < at.N; k++) g[k] = A::value(g[k]) * u[k];
        at.store(y, g);
    });
}

// replaces `gate` and `up` by their gradients
template <class A, class T> SHARED_BODY gated_backward(T *gate, T *up, const T *dy, u64 n) {
    over_grid(n, wide(gate, up, dy), [&](auto at) {
        auto g = at.load(gate), u = at.load(up), d = at.load(dy);
        for (unsigned k = 0; k < at.N; k++) {
            Sloped of = A::sloped(g[k]);
            g[k] = d[k] * u[k] * of.slope;
            u[k] = d[k] * of.value;
        }
        at.store(gate, g);
        at.store(up, u);
    });
}

#define ACTIVATION(name, A) \
    BODY name(const T *x, T *y, u64 n) { activate<A>(x, y, n); } \
    KERNEL(THREADS, name, (const T *x, T *y, u64 n), (x, y, n)) \
    BODY name##_backward(T *x, const T *dy, u64 n) { activate_backward<A>(x, dy, n); } \
    KERNEL(THREADS, name##_backward, (T *x, const T *dy, u64 n), (x, dy, n)) \
    BODY gated_##name(const T *gate, const T *up, T *y, u64 n) { gated<A>(gate, up, y, n); } \
    KERNEL(THREADS, gated_##name, (const T *gate, const T *up, T *y, u64 n), (gate, up, y, n)) \
    BODY gated_##name##_backward(T *gate, T *up, const T *dy, u64 n) { gated_backward<A>(gate, up, dy, n); } \
    KERNEL(THREADS, gated_##name##_backward, (T *gate, T *up, const T *dy, u64 n), (gate, up, dy, n))

ACTIVATION(silu, Silu)
ACTIVATION(gelu, Gelu)
ACTIVATION(gelu_tanh, GeluTanh)
ACTIVATION(relu, Relu)
ACTIVATION(relu_squared, ReluSquared)
