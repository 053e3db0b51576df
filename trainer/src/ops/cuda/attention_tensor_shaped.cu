// Attention on tensor cores whose scores have a soft-cap or a bias of the distance, or whose queries see chunks:
// `attention_tensor_shaped_forward_64`.
#include "attention_tensor.cuh"

#define NAME(body, DIM) attention_tensor_shaped_##body##_##DIM
ALL_KERNELS(SHAPED_PARAMETERS, SHAPED)
