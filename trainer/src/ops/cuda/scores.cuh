// What becomes of the products of queries and keys before the softmax, and who sees whom. A kernel is made for one of two
// forms: products times a scale within a sliding window, which is what most models have, and everything else that there is.
#pragma once
#include "segments.cuh"

constexpr float LOG2_E = 1.4426950408889634f, LN_2 = 0.6931471805599453f;

// Products times a scale. A query sees its last `window` columns, itself among them; without a window it is 2^31, which no
// distance reaches. The distance to what lies behind a query wraps around and is larger than any.
struct Plain {
    unsigned window;
    float scale;

    METHOD Plain of_head(unsigned) const { return *this; }
    // the same in powers of two
    METHOD Plain in_twos() const { return Plain{window, scale * LOG2_E}; }
    METHOD bool sees(unsigned own, unsigned column) const { return own - column < window; }
    METHOD unsigned first_column(unsigned own) const { return less(own + 1, window); }
    // behind the last query that sees a column
    METHOD unsigned end_of_owns(unsigned column) const { return column + window; }
    METHOD float score(float product, unsigned, unsigned) const { return product * scale; }
    // of a product that is scaled already
    METHOD float shaped(float scaled, unsigned, unsigned) const { return scaled; }
    // the score less the log of its row's normaliser; `slope` is the derivative by the scaled product
    METHOD float less_normaliser(float product, unsigned, unsigned, float lse, float &slope) const {
        slope = 1.f;
        return fused(product, scale, -lse);
    }
};

// The same with a soft-cap (0 is none), a bias that falls with the distance (a slope of 0 is none), and where `chunk` is not 0
// with chunks of so many columns, of which a query sees its own, in place of the window.
struct Shaped {
    unsigned window, chunk;
    float scale, cap;
    // a slope of each head, or nothing
    const float *slopes;
    // whether biases are products of columns and slopes rounded to bf16, scaled as the products are
    unsigned rounded;
    float slope, unit;

    METHOD Shaped(unsigned window, float scale, unsigned chunk, float cap, const float *slopes, unsigned rounded)
        : window(window), chunk(chunk), scale(scale), cap(cap), slopes(slopes), rounded(rounded), slope(0.f), unit(1.f) {}
    METHOD Shaped of_head(unsigned head) const {
        Shaped of = *this;
        of.slope = slopes ? slopes[head] : 0.f;
        return of;
    }
    METHOD Shaped in_twos() const {
        Shaped of = *this;
        of.unit = LOG2_E;
        return of;
    }
    METHOD unsigned reach(unsigned own) const { return chunk ? own % chunk + 1 : window; }
    METHOD bool sees(unsigned own, unsigned column) const { return own - column < reach(own); }
    METHOD unsigned first_column(unsigned own) const { return less(own + 1, reach(own)); }
    METHOD unsigned end_of_owns(unsigned column) const { return chunk ? (column / chunk + 1) * chunk : column + window; }
    METHOD float shaped(float scaled, unsigned own, unsigned column) const {
        float derivative;
        return through(scaled, own, column, derivative);
    }
    METHOD float score(float product, unsigned own, unsigned column) const {
        return unit * shaped(product * scale, own, column);
    }
    METHOD float less_normaliser(float product, unsigned own, unsigned column, float lse, float &derivative) const {
        return unit * through(product * scale, own, column, derivative) - lse;
    }

  private:
    METHOD float through(float x, unsigned own, unsigned column, float &derivative) const {
        derivative = 1.f;
        if (cap > 0.f) {
            float t = hyperbolic_tangent(x / cap);
            derivative = 1.f - t * t;
            x = cap * t;
        }
        return slope == 0.f ? x : x + bias(own, column);
    }
    METHOD float bias(unsigned own, unsigned column) const {
        if (!rounded) return slope * (float)(int)(column - own);
        return (place(column) - place(own)) * scale;
    }
    METHOD float place(unsigned column) const {
        return widen(narrow<bf16>(slope * widen(narrow<bf16>((float)column))));
    }
};

// what kernels of a form take last
#define PLAIN_PARAMETERS unsigned window, float scale
#define PLAIN (Plain{window, scale})
#define SHAPED_PARAMETERS \
    unsigned window, float scale, unsigned chunk, float cap, const float *slopes, unsigned rounded
#define SHAPED (Shaped(window, scale, chunk, cap, slopes, rounded))
