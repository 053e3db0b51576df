// Attention whose scores have a soft-cap or a bias of the distance, or whose queries see chunks:
// `attention_shaped_forward_64_bf16`.
#include "attention.cuh"

#define NAME(body, DIM, TYPE) attention_shaped_##body##_##DIM##_##TYPE
ALL_KERNELS(SHAPED_PARAMETERS, SHAPED)
