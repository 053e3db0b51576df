// Attention on tensor cores whose scores are products times a scale: `attention_tensor_forward_64`.
#include "attention_tensor.cuh"

#define NAME(body, DIM) attention_tensor_##body##_##DIM
ALL_KERNELS(PLAIN_PARAMETERS, PLAIN)
