# bitsandbytes' CPU kernel of 8-bit blocks (0.50) looks a value up by the nearest of 65536 places, and so takes a neighbour of the
# nearest code now and then; its own kernel for every other device, which this puts in its place, takes the nearest as CUDA's does.
import bitsandbytes  # noqa: F401
import torch
from bitsandbytes._ops import register_kernel

op = torch.ops.bitsandbytes.quantize_blockwise.default


def nearest(A, code, blocksize):
    return op._op_dk(torch._C.DispatchKey.CompositeExplicitAutograd, A, code, blocksize)


register_kernel("bitsandbytes::quantize_blockwise", "cpu")(nearest)
