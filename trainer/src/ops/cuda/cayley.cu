// Cayley's map from the numbers above the diagonal of a skew-symmetric `Q` to a rotation, and its way back: a block of
// threads has a matrix. In f64 and in the order of the CPU's sums.
#include "corral.cuh"
#pragma clang fp contract(off)

// Matrices `[size, size]` that the block's threads share.
struct Squares {
    unsigned size;

    // `out[i, j] = entry(i, j)`
    template <class Entry> METHOD void fill(double *out, Entry entry) const {
        for (unsigned at = threadIdx.x; at < size * size; at += blockDim.x) out[at] = entry(at / size, at % size);
        __syncthreads();
    }

    // `out[i, j] = sum over k of left(i, k) right(k, j)`
    template <class Left, class Right> METHOD void product(double *out, Left left, Right right) const {
        fill(out, [&](unsigned i, unsigned j) {
            double sum = 0.;
            for (unsigned k = 0; k < size; k++) sum += left(i, k) * right(k, j);
            return sum;
        });
    }

    METHOD auto of(const double *a) const {
        return [=, size = size](unsigned i, unsigned j) { return a[i * size + j]; };
    }

    METHOD auto turned(const double *a) const {
        return [=, size = size](unsigned i, unsigned j) { return a[j * size + i]; };
    }

    METHOD void identity(double *out) const {
        fill(out, [](unsigned i, unsigned j) { return i == j ? 1. : 0.; });
    }

    // where the number of row `i` and column `j > i` lies among those above the diagonal
    METHOD unsigned place(unsigned i, unsigned j) const { return i * (2 * size - i - 1) / 2 + j - i - 1; }

    template <class T> METHOD void skew(double *out, const T *above) const {
        fill(out, [&](unsigned i, unsigned j) {
            if (i == j) return 0.;
            return i < j ? (double)widen(above[place(i, j)]) : -(double)widen(above[place(j, i)]);
        });
    }

    // `out = a^-1` by Gauss and Jordan, with the largest of a column as its pivot; `a` is used up
    METHOD void inverse(double *out, double *a) const {
        identity(out);
        for (unsigned column = 0; column < size; column++) {
            u64 most = 0;
            for (unsigned row = column + threadIdx.x; row < size; row += blockDim.x)
                most = larger(most, size_of(a, row, column));
            most = block_max(most);
            unsigned last = 0;
            for (unsigned row = column + threadIdx.x; row < size; row += blockDim.x)
                if (size_of(a, row, column) == most) last = row;
            unsigned pivot = block_max(last);
            for (unsigned at = threadIdx.x; at < size; at += blockDim.x) {
                swap(a[pivot * size + at], a[column * size + at]);
                swap(out[pivot * size + at], out[column * size + at]);
            }
            __syncthreads();
            double factor = 1. / a[column * size + column];
            __syncthreads();
            for (unsigned at = threadIdx.x; at < size; at += blockDim.x) {
                a[column * size + at] *= factor;
                out[column * size + at] *= factor;
            }
            __syncthreads();
            // a warp has a row, whose first number it reads before any lane changes it
            for (unsigned row = warp(); row < size; row += blockDim.x / WARP) {
                if (row == column) continue;
                double own = a[row * size + column];
                __syncwarp();
                for (unsigned at = lane(); at < size; at += WARP) {
                    a[row * size + at] -= own * a[column * size + at];
                    out[row * size + at] -= own * out[column * size + at];
                }
            }
            __syncthreads();
        }
    }

    // by the order of magnitudes
    METHOD u64 size_of(const double *a, unsigned row, unsigned column) const {
        return bits_as<u64>(a[row * size + column]) & ~0ull >> 1;
    }

    METHOD static void swap(double &a, double &b) {
        double before = a;
        a = b;
        b = before;
    }

    // `R = (I - Q)(I + Q)^-1`; `q` is used up, and the inverse stands in `inverted`
    METHOD void exact(double *rotation, double *inverted, double *left, double *q) const {
        fill(left, [&](unsigned i, unsigned j) { return (i == j ? 1. : 0.) - q[i * size + j]; });
        fill(q, [&](unsigned i, unsigned j) { return (i == j ? 1. : 0.) + q[i * size + j]; });
        inverse(inverted, q);
        product(rotation, of(left), of(inverted));
    }
};

// how often power `n` of `powers` counts
INLINE double factor_of(unsigned n, unsigned powers, double last) { return n == powers ? last : 2.; }

BODY rotations(const T *above, double *scratch, float *matrices, float *back, unsigned size, bool exact, unsigned powers,
               double last) {
    Squares squares = {size};
    unsigned square = size * size;
    above += (size_t)blockIdx.x * (size * (size - 1) / 2);
    matrices += (size_t)blockIdx.x * square;
    back += (size_t)blockIdx.x * square;
    double *q = scratch + (size_t)blockIdx.x * square * 4;
    double *sum = q + square, *power = sum + square, *next = power + square;
    squares.skew(q, above);
    if (exact) {
        squares.exact(sum, power, next, q);
    } else {
        squares.identity(sum);
        squares.identity(power);
        for (unsigned n = 1; n <= powers; n++) {
            squares.product(next, squares.of(power), squares.of(q));
            double *before = power;
            power = next;
            next = before;
            double factor = factor_of(n, powers, last);
            squares.fill(sum, [&](unsigned i, unsigned j) { return sum[i * size + j] + factor * power[i * size + j]; });
        }
    }
    for (unsigned at = threadIdx.x; at < square; at += blockDim.x) {
        matrices[at] = (float)sum[at];
        back[at % size * size + at / size] = (float)sum[at];
    }
}
TRAINED_KERNEL(THREADS, rotations,
       (const T *above, double *scratch, float *matrices, float *back, unsigned size, unsigned exact, unsigned powers,
        double last),
       (above, scratch, matrices, back, size, exact != 0, powers, last))

BODY rotations_backward(const T *above, const float *by_matrix, double *scratch, T *d_above, unsigned size, bool exact,
                        unsigned powers, double last) {
    Squares squares = {size};
    unsigned square = size * size, each = size * (size - 1) / 2;
    unsigned kept = powers > 0 ? powers : 1;
    above += (size_t)blockIdx.x * each;
    d_above += (size_t)blockIdx.x * each;
    by_matrix += (size_t)blockIdx.x * square;
    double *q = scratch + (size_t)blockIdx.x * square * (exact ? 6 : 4 + kept);
    double *by_q = q + square, *by_power = by_q + square, *next = by_power + square, *first = next + square;
    squares.skew(q, above);
    auto given = [&](unsigned i, unsigned j) { return (double)by_matrix[i * size + j]; };
    if (exact) {
        // dR = -(I + R) dQ (I + Q)^-1
        double *rotation = first, *inverted = first + square;
        squares.exact(rotation, inverted, next, q);
        squares.fill(next, [&](unsigned i, unsigned j) { return (i == j ? 1. : 0.) + rotation[i * size + j]; });
        squares.product(by_power, squares.turned(next), given);
        squares.product(by_q, squares.of(by_power), squares.turned(inverted));
        squares.fill(by_q, [&](unsigned i, unsigned j) { return -by_q[i * size + j]; });
    } else {
        // back through the powers, each the one before times Q; the transpose of Q is -Q
        squares.identity(first);
        for (unsigned n = 1; n < powers; n++)
            squares.product(first + n * square, squares.of(first + (n - 1) * square), squares.of(q));
        squares.fill(by_q, [](unsigned, unsigned) { return 0.; });
        squares.fill(by_power, [](unsigned, unsigned) { return 0.; });
        for (unsigned n = powers; n > 0; n--) {
            double factor = factor_of(n, powers, last);
            squares.fill(by_power, [&](unsigned i, unsigned j) { return by_power[i * size + j] + factor * given(i, j); });
            squares.product(next, squares.turned(first + (n - 1) * square), squares.of(by_power));
            squares.fill(by_q, [&](unsigned i, unsigned j) { return by_q[i * size + j] + next[i * size + j]; });
            squares.product(next, squares.of(by_power), squares.of(q));
            squares.fill(by_power, [&](unsigned i, unsigned j) { return -next[i * size + j]; });
        }
    }
    for (unsigned at = threadIdx.x; at < square; at += blockDim.x) {
        unsigned i = at / size, j = at % size;
        if (i >= j) continue;
        unsigned place = squares.place(i, j);
        d_above[place] = narrow<T>(widen(d_above[place]) + (float)(by_q[i * size + j] - by_q[j * size + i]));
    }
}
TRAINED_KERNEL(THREADS, rotations_backward,
       (const T *above, const float *by_matrix, double *scratch, T *d_above, unsigned size, unsigned exact, unsigned powers,
        double last),
       (above, by_matrix, scratch, d_above, size, exact != 0, powers, last))
