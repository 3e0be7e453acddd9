"""A user's script: a type checker must find the calls marked, and pass the others."""

import keras
from typing_extensions import assert_type

import layerbridge
import layerbridge.torch as lbt
from layerbridge import (
    DropBlock1D,
    DropBlock2D,
    DropBlock3D,
    DropPath,
    DropRateScheduler,
    LinearRamp,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
    add_dropblock,
    effective_rate,
    plan_dropblock,
    plot_masks,
    plot_rate,
    predict_samples,
)

ramp = LinearRamp(0, 0.1, steps=1000)
cosine = keras.optimizers.schedules.CosineDecay(0.1, 1000)

# What is made has its class.
assert_type(ramp, LinearRamp)
assert_type(DropBlock1D(0.1, 7), DropBlock1D)
assert_type(DropBlock2D(ramp, 7), DropBlock2D)
assert_type(DropBlock3D(cosine, (3, 5, 5)), DropBlock3D)
assert_type(SpatialDropout1D(0.1), SpatialDropout1D)
assert_type(SpatialDropout2D(ramp), SpatialDropout2D)
assert_type(SpatialDropout3D(1), SpatialDropout3D)
assert_type(DropPath(ramp), DropPath)
assert_type(DropRateScheduler(ramp), DropRateScheduler)
assert_type(effective_rate("paper", 14, 0.1, 7), float)
assert_type(DropBlock2D(0.1, 7).seed, int | None)
assert_type(DropBlock2D(0.1, 7).current_rate, float)
assert_type(layerbridge.__version__, str)

# Every layer takes what every Keras layer takes.
DropBlock2D(
    0.1,
    [5, 7],
    data_format="channels_first",
    per_channel=False,
    normalize="sample",
    exact_rate=False,
    seed=1,
    name="drop{}",
    dtype="mixed_float16",
    trainable=False,
    autocast=False,
    activity_regularizer=keras.regularizers.L2(0.1),
    input_shape=(None, None, 3),
    batch_size=32,
)
SpatialDropout1D(0.1, "channels_last", 1, name=None, dtype=keras.DTypePolicy("float32"))
DropPath(0.1, 1, "batch", name="path", batch_size=None, rate_step=3, weights=None)

# What is set takes numbers and schedules.
layer = DropBlock2D(ramp, 7, data_format=None)
layer.rate = 0.2
layer.rate = ramp
layer.block_size = (3, 3)
layer.normalize = "expected"
layer.per_channel = False

# Models, callbacks and functions.
inputs = keras.Input((32, 32, 3))
outputs = DropBlock2D(ramp, 7)(keras.layers.Conv2D(8, 3)(inputs))
model = keras.Model(inputs, outputs)
keras.Sequential([layer, SpatialDropout2D(0.1)])
add_dropblock(model, ramp)
add_dropblock(model, 0.1, (5, 5), layers={"conv*": 0.5, "-1": 1.0}, per_channel=False)
add_dropblock(model, 0.1, layers=["conv*", -1], seed=1, dtype="float16")
add_dropblock(model, 0.1, layers=lambda layer: "conv" in layer.name)
plan_dropblock(model, layers=-1, skip_connections=False)
predict_samples(model, inputs, samples=10, hold_masks=True)
DropRateScheduler(lambda step: 0.1 * step, by="epoch", factors={"block*": 0.5})
DropRateScheduler(cosine, "batch")
effective_rate(layer, (14, 14))
effective_rate("keras-cv", (14, 14), rate=0.1, block_size=7)
plot_masks(layer)
plot_rate(ramp, steps=10)
assert_type(lbt.DropBlock2d(ramp, (3, 5)), lbt.DropBlock2d)
assert_type(lbt.DropPath(0.1, 1, "batch"), lbt.DropPath)

# Wrong calls.
DropBlock2D("a", 7)  # expect: error
DropBlock2D(0.1, 7.5)  # expect: error
DropBlock2D(0.1, "7")  # expect: error
DropBlock2D(0.1)  # expect: error
DropBlock2D(None, 7)  # expect: error
DropBlock2D(lambda step: 0.1, 7)  # expect: error
DropBlock1D(0.1, 7, data_format="channel_last")  # expect: error
DropBlock3D(0.1, 7, normalize="mean")  # expect: error
DropBlock2D(0.1, 7, per_channel="no")  # expect: error
DropBlock2D(0.1, 7, exact_rate=None)  # expect: error
DropBlock2D(0.1, 7, seed="a")  # expect: error
DropBlock2D(0.1, 7, blocksize=3)  # expect: error
DropBlock2D(0.1, 7, nme="drop")  # expect: error
DropBlock2D(0.1, 7, name=1)  # expect: error
DropBlock2D(0.1, 7, trainable="no")  # expect: error
DropBlock2D(0.1, 7, batch_size="many")  # expect: error
SpatialDropout1D()  # expect: error
SpatialDropout2D(0.1, block_size=7)  # expect: error
SpatialDropout3D(0.1, "channels_last", 1, "drop")  # expect: error
SpatialDropout3D(0.1, "last")  # expect: error
DropPath(0.1, normalize="mean")  # expect: error
DropPath(0.1, data_format="channels_last")  # expect: error
LinearRamp(0, 0.1)  # expect: error
LinearRamp(0, 0.1, steps="many")  # expect: error
LinearRamp(0, 0.1, step=10)  # expect: error
DropRateScheduler(0.1)  # expect: error
DropRateScheduler(ramp, by="batches")  # expect: error
DropRateScheduler(ramp, factors=[0.5])  # expect: error
DropRateScheduler(ramp, factor={"block*": 0.5})  # expect: error
effective_rate("tim", (14, 14), 0.1, 7)  # expect: error
effective_rate("timm", "14", 0.1, 7)  # expect: error
effective_rate("timm", (14, 14), rates=0.1)  # expect: error
add_dropblock("model", 0.1)  # expect: error
add_dropblock(model)  # expect: error
add_dropblock(model, 0.1, per_chanel=False)  # expect: error
add_dropblock(model, 0.1, normalize="mean")  # expect: error
add_dropblock(model, 0.1, layers=0.5)  # expect: error
plan_dropblock(model, layer=-1)  # expect: error
predict_samples(model, inputs, samples="many")  # expect: error
predict_samples(model, inputs, sample=3)  # expect: error
plot_rate(0.1)  # expect: error
layer.rate = "a"  # expect: error
layer.seed = 1  # expect: error
layer.block_size = 7.5  # expect: error
misspelt = layerbridge.DropBlok2D  # expect: error
layer.normalize = "mean"  # expect: error
layer.data_format = "channel_last"  # expect: error
layer.per_channel = "no"  # expect: error
lbt.DropBlock2d(0.1)  # expect: error
lbt.DropBlock2d(0.1, 7.5)  # expect: error
lbt.DropBlock2d(0.1, 7, blocksize=3)  # expect: error
lbt.DropBlock2d(0.1, 7, normalize="mean")  # expect: error
lbt.DropPath(p=0.1)  # expect: error
lbt.DropPath("a")  # expect: error
lbt.DropRateScheduler(0.1, ramp)  # expect: error
plan_dropblock("model")  # expect: error
DropRateScheduler(ramp).stp()  # expect: error
