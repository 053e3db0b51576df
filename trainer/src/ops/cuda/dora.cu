// The row lengths of a DoRA layer, worked out anew after its parameters changed.
#include "corral.cuh"
#pragma clang fp contract(off)

// `|V_j|^2 = |W_j|^2 + 2 s B_j (A W^T)_j + s^2 B_j (A A^T) B_j^T`, summed in f64, a thread a row; then the length, the
// magnitude over it, and that less 1
extern "C" __global__ void __launch_bounds__(THREADS)
    row_lengths_f32(const double *squares, const float *b, const float *a_w, const float *b_gram, const float *magnitude,
                    float *norms, float *gain, float *excess, float scale, unsigned rank, unsigned output) {
    unsigned j = blockIdx.x * blockDim.x + threadIdx.x;
    if (j >= output) return;
    double s = scale, change = 0.;
    for (unsigned r = 0; r < rank; r++) {
        size_t at = (size_t)j * rank + r;
        change += (double)b[at] * (2. * s * (double)a_w[(size_t)r * output + j] + s * s * (double)b_gram[at]);
    }
    double square = squares[j] + change;
    double norm = root(square > 0. ? square : 0.);
    double of_norm = (double)magnitude[j] / norm;
    norms[j] = (float)norm;
    gain[j] = (float)of_norm;
    excess[j] = (float)(of_norm - 1.);
}
