// What kernels of the language-model head share.
#pragma once
#include "corral.cuh"

// The softmax of a row, as far as chunks were seen; `moment` sums `(logit - max) exp(logit - max)`.
struct Running {
    float max, sum, target, moment;
    double total;
};
