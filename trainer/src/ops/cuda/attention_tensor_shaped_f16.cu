// The kernels of `attention_tensor_shaped.cu` in f16.
#define ELEMENT f16
#define ELEMENT_NAME "f16"
#include "attention_tensor_shaped.cu"
