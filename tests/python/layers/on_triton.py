"""Compares Triton's kernel, run by its interpreter, with PyTorch's own operations.

usage: TRITON_INTERPRET=1 KERAS_BACKEND=torch on_triton.py
"""

from itertools import product

import torch

from layerbridge import DropBlock2D
from layerbridge.masks.backends import _torch_device
from layerbridge.masks.backends import torch as backend
from layerbridge.masks.backends._torch_triton import multiplied

# The interpreter's bfloat16 rounds towards 0, and knows no infinity.
TOLERANCES = {
    torch.float16: 0,
    torch.bfloat16: 2**-7,
    torch.float32: 0,
    torch.float64: 0,
}
SHAPES = [(4, 6, 7, 16), (3, 5, 7, 1), (2, 30, 31, 9)]


def outputs(fused, shape, dtype, **arguments):
    """Give a step's output and gradient, of units some of which are not finite."""
    _torch_device._fused = lambda device: fused
    layer = DropBlock2D(0.3, 2, seed=1, dtype=str(dtype)[6:], **arguments)
    x = torch.rand(shape, generator=torch.Generator().manual_seed(0)).to(dtype) + 0.5
    if not TOLERANCES[dtype]:
        x.view(-1)[::7] = torch.nan
        x.view(-1)[::11] = torch.inf
    y = layer(x.requires_grad_(), training=True)
    (slope,) = torch.autograd.grad(y, x, x.detach())
    return y, slope


backend.is_cpu = lambda device: False
for shape, dtype, normalize, data_format in product(
    SHAPES,
    TOLERANCES,
    ("batch", "sample", "expected"),
    ("channels_last", "channels_first"),
):
    arguments = {"normalize": normalize, "data_format": data_format}
    ours, expected = (
        outputs(fused, shape, dtype, **arguments) for fused in (multiplied, None)
    )
    torch.testing.assert_close(
        ours, expected, rtol=TOLERANCES[dtype], atol=0, equal_nan=True
    )
