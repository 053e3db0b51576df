// Attention on tensor cores whose scores have a soft-cap or a bias of the distance, or whose queries see chunks:
// `attention_tensor_shaped_forward_64_bf16`.
#include "attention_tensor.cuh"

#define NAME(body, DIM) OF_ELEMENT(attention_tensor_shaped_##body##_##DIM##_, ELEMENT)
ALL_KERNELS(SHAPED_PARAMETERS, SHAPED)
