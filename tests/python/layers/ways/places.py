"""Where a layer is made and called; types, shapes and devices."""

import keras
import numpy as np

from ways import (
    BATCH,
    array,
    check_agree,
    check_calls,
    check_differ,
    check_dropped,
    check_gradient,
    way,
)


def _trains(model, probe, jit_compile="auto"):
    """Train a model for a step, then predict."""
    model.compile(keras.optimizers.SGD(0.01), "mse", jit_compile=jit_compile)
    shape = array(model(probe.x())).shape
    model.fit(probe.x(), np.zeros(shape), batch_size=BATCH // 2, verbose=0)
    return model.predict(probe.x(), verbose=0)


@way()
def made_in_call(probe, folder):
    """A layer created in the `call()` of another layer."""

    class Outer(keras.layers.Layer):
        def call(self, x, training=False):
            return probe.make()(x, training=training)

    outer = Outer()
    check_dropped(outer(probe.tensor(), training=True), probe.x())


@way("jax", "torch")
def made_in_call_in_fit(probe, folder):
    """A layer created in the `call()` of another layer, in `fit()`."""

    class Outer(keras.layers.Layer):
        def call(self, x, training=False):
            return probe.make()(x, training=training)

    _trains(keras.Sequential([keras.Input(probe.shape), Outer()]), probe)


@way()
def made_in_lambda(probe, folder):
    """A layer created in a `Lambda`."""
    layer = keras.layers.Lambda(lambda x: probe.make()(x, training=True))
    check_dropped(layer(probe.tensor()), probe.x())


@way()
def called_in_lambda(probe, folder):
    """A layer called in a `Lambda`."""
    layer = probe.make()
    outer = keras.layers.Lambda(lambda x: layer(x, training=True))
    check_dropped(outer(probe.tensor()), probe.x())


@way()
def made_in_stateless_scope(probe, folder):
    """A layer created, and called, in a `keras.StatelessScope`."""
    with keras.StatelessScope():
        layer = probe.make()
        y = layer(probe.tensor(), training=True)
    check_dropped(y, probe.x())
    check_dropped(layer(probe.tensor(), training=True), probe.x())


@way()
def made_in_build(probe, folder):
    """A layer created in the `build()` of another layer."""

    class Outer(keras.layers.Layer):
        def build(self, shape):
            self.drop = probe.make()
            self.kernel = self.add_weight(shape=(), initializer="ones")

        def call(self, x):
            return self.drop(x * self.kernel)

    outer = Outer()
    _trains(keras.Sequential([keras.Input(probe.shape), outer]), probe)
    check_calls(outer.drop, 2)


@way()
def list_of_layers(probe, folder):
    """Layers in a list that is an attribute of another layer."""

    class Outer(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.drops = [probe.make(0.2), probe.make(0.2)]
            self.dense = keras.layers.Dense(8)

        def call(self, x):
            for drop in self.drops:
                x = drop(x)
            return self.dense(x)

    outer = Outer()
    _trains(keras.Sequential([keras.Input(probe.shape), outer]), probe)
    for drop in outer.drops:
        check_calls(drop, 2)


@way()
def shared_layer(probe, folder):
    """One layer called twice in a model: each call has its own mask."""
    layer = probe.make()
    inputs = keras.Input(probe.shape)
    model = keras.Model(inputs, [layer(inputs) for _ in range(2)])
    check_differ(*model(probe.x(), training=True))
    check_calls(layer, 2)


@way()
def nested_models(probe, folder):
    """A nested model, with layers of the same names, saved and loaded."""

    def inner(name):
        inputs = keras.Input(probe.shape)
        return keras.Model(inputs, probe.make(name="drop")(inputs), name=name)

    inputs = keras.Input(probe.shape)
    y = keras.layers.Dense(8)(inner("b")(inner("a")(inputs)))
    model = keras.Model(inputs, y)
    _trains(model, probe)
    model.save(f"{folder}/model.keras")
    again = keras.models.load_model(f"{folder}/model.keras")
    assert again.get_layer("a").get_layer("drop").rate == 0.5


@way()
def time_distributed(probe, folder):
    """`TimeDistributed(layer)`."""
    layer = keras.layers.TimeDistributed(probe.make())
    x = np.stack([probe.x()] * 3, 1)
    y = layer(x, training=True)
    for time in range(3):
        check_dropped(y[:, time], x[:, time])
    inputs = keras.Input((3, *probe.shape))
    model = keras.Model(inputs, keras.layers.Dense(1)(layer(inputs)))
    model.compile("sgd", "mse")
    model.fit(x, np.zeros((*x.shape[:-1], 1)), batch_size=BATCH, verbose=0)


@way()
def wrapper(probe, folder):
    """A `keras.layers.Wrapper` that calls the layer in both directions."""

    class Both(keras.layers.Wrapper):
        def call(self, x, training=False):
            there = self.layer(x, training=training)
            back = self.layer(keras.ops.flip(x, 1), training=training)
            return keras.ops.concatenate([there, back], -1)

    outer = Both(probe.make())
    model = keras.Sequential([keras.Input(probe.shape), outer, keras.layers.Dense(1)])
    _trains(model, probe)


@way()
def passes_masks_on(probe, folder):
    """A mask of `Masking` reaches the layer after ours."""
    x = probe.tensor()
    keras.src.backend.set_keras_mask(x, keras.ops.ones(x.shape[:2], "bool"))
    y = probe.make()(x, training=True)
    assert keras.src.backend.get_keras_mask(y) is not None


@way()
def unknown_batch_and_map(probe, folder):
    """A model with unknown batch and map sizes, called on two sizes."""
    inputs = keras.Input((None, None, 8))
    model = keras.Model(inputs, probe.make()(inputs))
    x = probe.x()
    for part in (x, x[:12, :3]):
        check_dropped(model(part, training=True), part)


@way()
def empty_batch(probe, folder):
    """An empty batch."""
    y = probe.make()(probe.x(0), training=True)
    assert tuple(y.shape) == (0, *probe.shape)


@way()
def one_sample(probe, folder):
    """A batch of one sample."""
    layer = probe.make()
    ys = [array(layer(probe.x(1), training=True)) for _ in range(20)]
    assert len({y.tobytes() for y in ys}) > 1


@way()
def rate_0_and_1(probe, folder):
    """Rates of 0 and of 1."""
    x = probe.tensor()
    np.testing.assert_array_equal(array(probe.make(0.0)(x, training=True)), probe.x())
    np.testing.assert_array_equal(array(probe.make(1.0)(x, training=True)), 0)


@way()
def policies(probe, folder):
    """`mixed_float16`, `bfloat16` and others as a layer's `dtype`."""
    for dtype in ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16"):
        layer = probe.make(dtype=dtype)
        y = layer(probe.tensor(), training=True)
        expected = "bfloat16" if "bfloat" in dtype else "float16"
        assert keras.backend.standardize_dtype(y.dtype) == expected
        check_dropped(y, keras.ops.cast(probe.tensor(), expected))


@way()
def global_policy(probe, folder):
    """`keras.config.set_dtype_policy("mixed_bfloat16")`, in `fit()`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layer = probe.make()
        model = keras.Sequential(
            [keras.Input(probe.shape), keras.layers.Dense(8), layer]
        )
        assert _trains(model, probe).shape == (BATCH, *probe.shape)
        check_calls(layer, 2)
    finally:
        keras.config.set_dtype_policy(before)


@way("tensorflow", "torch")
def float64(probe, folder):
    """float64."""
    y = probe.make(dtype="float64")(probe.tensor(dtype="float64"), training=True)
    assert keras.backend.standardize_dtype(y.dtype) == "float64"
    check_dropped(y, probe.x())


@way()
def channels_first_default(probe, folder):
    """`image_data_format` set to `"channels_first"`."""
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        x = np.moveaxis(probe.x(), -1, 1)
        check_dropped(probe.make()(x, training=True), x)
    finally:
        keras.config.set_image_data_format(before)


@way()
def numpy_input(probe, folder):
    """NumPy arrays of float64 and float16, and lists."""
    for dtype in ("float64", "float16"):
        y = probe.make()(probe.x(dtype=dtype), training=True)
        assert keras.backend.standardize_dtype(y.dtype) == "float32"
        check_dropped(y, probe.x(dtype=dtype))


@way()
def global_seed(probe, folder):
    """`keras.utils.set_random_seed()` makes runs reproducible."""
    ys = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        ys.append(probe.make()(probe.tensor(), training=True))
    check_agree(ys[0], ys[1])
    check_differ(ys[0], ys[2])


@way("torch")
def torch_half(probe, folder):
    """`net.half()`, `.to(torch.bfloat16)` and `.double()`."""
    import torch

    from ways.transforms import _net

    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        net = _net(probe.make()).to(dtype)
        y = net(probe.tensor().to(dtype))
        assert (array(y.detach()) == 0).any()
        assert net.drop.rate == 0.5


@way("torch")
def torch_autocast(probe, folder):
    """`torch.autocast`."""
    import torch

    from ways.transforms import _net

    net = _net(probe.make())
    with torch.autocast("cpu", torch.bfloat16):
        y = net(probe.tensor())
    y.float().sum().backward()
    assert (array(y.detach()) == 0).any()


@way("torch")
def torch_to_device(probe, folder):
    """`net.to(device)`."""
    from ways.transforms import _net

    net = _net(probe.make())
    net.to("cpu")
    y = net(probe.tensor())
    assert (array(y.detach()) == 0).any()


@way("torch")
def torch_sharing(probe, folder):
    """`DistributedDataParallel` and `fully_shard()`, in a single process."""
    import tempfile

    import torch
    from torch.distributed.fsdp import fully_shard

    from ways.transforms import _net

    distributed = torch.distributed
    with tempfile.NamedTemporaryFile() as file:
        distributed.init_process_group(
            "gloo", init_method=f"file://{file.name}_{probe.name}", rank=0, world_size=1
        )
        try:
            net = torch.nn.parallel.DistributedDataParallel(_net(probe.make()))
            net(probe.tensor()).sum().backward()
            check_calls(net.module.drop, 1)
            mesh = distributed.device_mesh.init_device_mesh("cpu", (1,))
            net = _net(probe.make())
            fully_shard(net, mesh=mesh)
            net(probe.tensor()).sum().backward()
            check_calls(net.drop, 1)
        finally:
            distributed.destroy_process_group()


@way("tensorflow")
def mirrored_strategy(probe, folder):
    """`tf.distribute.MirroredStrategy`, on the available devices."""
    import tensorflow as tf

    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        layer = probe.make()
        model = keras.Sequential(
            [keras.Input(probe.shape), keras.layers.Dense(8), layer]
        )
        model.compile(keras.optimizers.SGD(0.01), "mse")
    model.fit(probe.x(), probe.x(), batch_size=BATCH, verbose=0)
    check_calls(layer, 1)


@way("jax")
def data_parallel(probe, folder):
    """`keras.distribution.DataParallel` and `ModelParallel`."""
    import jax

    devices = keras.distribution.list_devices()
    mesh = keras.distribution.DeviceMesh((len(devices), 1), ["batch", "model"], devices)
    layout = keras.distribution.LayoutMap(mesh)
    layout[".*kernel"] = (None, "model")
    try:
        for distribution in (
            keras.distribution.DataParallel(devices=devices),
            keras.distribution.ModelParallel(layout_map=layout, batch_dim_name="batch"),
        ):
            keras.distribution.set_distribution(distribution)
            layer = probe.make()
            model = keras.Sequential(
                [keras.Input(probe.shape), keras.layers.Dense(8), layer]
            )
            _trains(model, probe)
            check_calls(layer, 2)
    finally:
        keras.distribution.set_distribution(None)
    assert jax.devices()


@way()
def integers(probe, folder):
    """Integers and booleans, which come back as they are unless units would drop."""
    for dtype in ("int32", "bool"):
        x = keras.ops.convert_to_tensor(np.ones((2, *probe.shape), dtype))
        assert probe.make()(x) is x
        assert array(probe.make(rate=0)(x, training=True)).all()


@way()
def variable_as_input(probe, folder):
    """A `keras.Variable` as the input."""
    y = probe.make()(keras.Variable(probe.x()), training=True)
    check_dropped(y, probe.x())


@way("torch")
def torch_meta(probe, folder):
    """The device "meta": shapes alone, then `to_empty()` to initialize a net."""
    import torch

    layer = probe.make()
    assert layer(probe.tensor().to("meta"), training=True).is_meta
    net = torch.nn.Sequential(layer).to("meta").to_empty(device="cpu")
    first, second = (net[0](probe.tensor(), training=True) for _ in range(2))
    check_dropped(first, probe.x())
    check_differ(first, second)


@way("torch")
def torch_inference_mode(probe, folder):
    """`torch.inference_mode()`, where the layer is created or called."""
    import torch

    with torch.inference_mode():
        layer = probe.make()
        for _ in range(2):
            check_dropped(layer(probe.tensor(), training=True), probe.x())
    x = probe.tensor().requires_grad_()
    y = layer(x, training=True)
    check_dropped(y.detach(), probe.x())
    y.sum().backward()


@way("torch")
def torch_dtensor(probe, folder):
    """A `DTensor`, sharded and replicated, in a single process."""
    from torch import distributed
    from torch.distributed.tensor import Replicate, Shard, distribute_tensor

    store = distributed.HashStore()
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        mesh = distributed.init_device_mesh("cpu", (1,))
        for placement in (Shard(0), Replicate()):
            x = distribute_tensor(probe.tensor(), mesh, [placement]).requires_grad_()
            y = probe.make()(x, training=True)
            check_dropped(y.full_tensor().detach(), probe.x())
            y.sum().backward()
            gradient = x.grad.full_tensor()
            check_gradient(gradient, y.full_tensor().detach(), probe.x())
    finally:
        distributed.destroy_process_group()
