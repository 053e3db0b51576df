// The kernels of `attention_tensor.cu` in f16.
#define ELEMENT f16
#define ELEMENT_NAME "f16"
#include "attention_tensor.cu"
