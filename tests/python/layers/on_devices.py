"""Runs layers and a model on several CPU devices, each with its part of every batch.

usage: on_devices.py OUT.npz DEVICES [DEVICES ...]

The number of devices is set before a backend starts, so that this is a process of its
own; JAX reads it from `XLA_FLAGS`. Where there are several, everything is done twice
under one seed, along each array's first axis, and a model is trained.
"""

import sys
from functools import partial

import keras
import numpy as np

import layerbridge

RATE, STEPS, BATCH = 0.3, 2, 64

LAYERS = {
    "sample": lambda: layerbridge.DropBlock2D(RATE, 3, normalize="sample"),
    "expected": lambda: layerbridge.DropBlock2D(RATE, 3, normalize="expected"),
    "batch": lambda: layerbridge.DropBlock2D(RATE, 3, normalize="batch"),
    "shared": lambda: layerbridge.DropBlock2D(RATE, 3, per_channel=False),
    "channels_first": lambda: layerbridge.DropBlock2D(
        RATE, 3, data_format="channels_first"
    ),
    "spatial": lambda: layerbridge.SpatialDropout2D(RATE),
}


def numbers(samples):
    """Draw numbers none of which is 0."""
    return (
        np.random.default_rng(0).uniform(0.5, 2, (samples, 8, 8, 8)).astype("float32")
    )


def make_model():
    model = keras.Sequential(
        [
            keras.layers.Conv2D(8, 3),
            layerbridge.DropBlock2D(layerbridge.LinearRamp(0, 0.8, 17), 3),
            layerbridge.DropBlock2D(RATE, 3, normalize="sample"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


def trained(model):
    """Train a model for eight steps, and for four with a callback.

    Returns its losses, weights and rate after the eight, and the callback's rate.
    """
    x = numbers(4 * BATCH)
    fit = partial(model.fit, x, x.mean((1, 2, 3)), batch_size=BATCH, verbose=0)
    losses = fit(epochs=2).history["loss"]
    weights = np.concatenate([w.reshape(-1) for w in model.get_weights()])
    rate = model.layers[1].current_rate
    scheduler = layerbridge.DropRateScheduler(layerbridge.LinearRamp(0, 0.8, 17))
    scheduled = fit(callbacks=[scheduler]).history["drop_rate"]
    return losses, weights, rate, scheduled


def on_tensorflow(devices):
    """Give functions that run the layers' steps and that train a model."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    logical = [tf.config.LogicalDeviceConfiguration()] * devices
    tf.config.set_logical_device_configuration(cpu, logical)
    names = [f"CPU:{i}" for i in range(devices)]
    strategy = tf.distribute.MirroredStrategy(names)

    def steps():
        with strategy.scope():
            layers = {name: make_layer() for name, make_layer in LAYERS.items()}

        @tf.function
        def step(x):
            def call(part):
                return {
                    name: layer(part, training=True) for name, layer in layers.items()
                }

            return strategy.run(call, [x])

        batches = tf.data.Dataset.from_tensors(numbers(BATCH)).unbatch().batch(BATCH)
        outputs = {name: [] for name in layers}
        for x in strategy.experimental_distribute_dataset(batches.repeat(STEPS)):
            for name, y in step(x).items():
                parts = strategy.experimental_local_results(y)
                outputs[name].append([part.numpy() for part in parts])
        return outputs

    def train():
        with strategy.scope():
            model = make_model()
        return trained(model)

    return steps, train


def on_jax(devices):
    """Give functions that run the layers' steps and that train a model."""
    import jax

    names = keras.distribution.list_devices()[:devices]
    assert len(names) == devices
    distribution = keras.distribution.DataParallel(devices=names)
    keras.distribution.set_distribution(distribution)

    def steps():
        layers = {name: make_layer() for name, make_layer in LAYERS.items()}
        x = numbers(BATCH)
        x = keras.distribution.distribute_tensor(
            x, distribution.get_data_layout(x.shape)
        )
        for layer in layers.values():
            layer.build(x.shape)

        @jax.jit
        def step(states, x):
            called = {
                name: layer.stateless_call([], states[name], x, training=True)
                for name, layer in layers.items()
            }
            ys, states = ({k: v[i] for k, v in called.items()} for i in (0, 1))
            return ys, states

        states = {
            name: [v.value for v in layer.non_trainable_variables]
            for name, layer in layers.items()
        }
        outputs = {name: [] for name in layers}
        for _ in range(STEPS):
            ys, states = step(states, x)
            for name, y in ys.items():
                assert len(y.sharding.device_set) == devices
                outputs[name].append(np.split(np.asarray(y), devices))
        return outputs

    return steps, lambda: trained(make_model())


def repeated(act, times):
    runs = []
    for _ in range(times):
        keras.utils.set_random_seed(1)
        runs.append(act())
    return runs


def results(devices):
    backends = {"tensorflow": on_tensorflow, "jax": on_jax}
    steps, train = backends[keras.backend.backend()](devices)
    times = 2 if devices > 1 else 1
    runs = repeated(steps, times)
    found = {name: [run[name] for run in runs] for name in LAYERS}
    if devices > 1:
        names = ("loss", "weights", "rate", "scheduled")
        found.update(zip(names, zip(*repeated(train, times), strict=True), strict=True))
    return {f"{name} on {devices}": arrays for name, arrays in found.items()}


def main(out, *numbers):
    arrays = {}
    for devices in numbers:
        arrays |= results(devices)
    np.savez(out, **arrays)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
