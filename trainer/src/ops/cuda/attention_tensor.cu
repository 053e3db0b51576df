// Attention on tensor cores whose scores are products times a scale: `attention_tensor_forward_64_bf16`.
#include "attention_tensor.cuh"

#define NAME(body, DIM) OF_ELEMENT(attention_tensor_##body##_##DIM##_, ELEMENT)
ALL_KERNELS(PLAIN_PARAMETERS, PLAIN)
