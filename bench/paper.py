"""The paper's algorithm on TensorFlow, with the operations that its authors took.

Algorithm 1 of arXiv 1810.12890: a uniform number for every element decides whether it
is a block's centre, centres count only where the whole block lies inside the map, one
max pooling spreads them, and the kept units are scaled by count(M) / count_ones(M).
"""

import tensorflow as tf


def dropblock(x: tf.Tensor, rate: float, block_size: int) -> tf.Tensor:
    """Drop blocks of a channels-last tensor with a square map of static shape."""
    n = x.shape[1]
    if x.shape[2] != n:
        raise ValueError(f"the paper's code takes square maps only, not {x.shape}")
    k = min(block_size, n)
    gamma = rate * n**2 / k**2 / (n - k + 1) ** 2
    inside = tf.range(n - k + 1) + k // 2
    row = tf.scatter_nd(inside[:, None], tf.ones_like(inside, x.dtype), [n])
    valid = (row[:, None] * row)[..., None]
    drawn = tf.random.uniform(tf.shape(x), dtype=x.dtype) < gamma
    centres = tf.cast(drawn, x.dtype) * valid
    if k == n:
        dropped = tf.reduce_max(centres, [1, 2], keepdims=True)
    else:
        dropped = tf.nn.max_pool2d(centres, k, 1, "SAME")
    kept = 1 - dropped
    return x * kept / tf.reduce_mean(kept)
