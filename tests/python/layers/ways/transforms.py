"""What frameworks make of a function: compiled code, derivatives, batches, loops."""

import keras
import numpy as np

from ways import (
    BATCH,
    RATE,
    OneWeight,
    array,
    check_agree,
    check_calls,
    check_differ,
    check_dropped,
    check_gradient,
    way,
)


@way()
def own_loop(probe, folder):
    """A custom training loop, compiled where the framework compiles."""
    layer = probe.make()
    model = keras.Sequential([keras.Input(probe.shape), OneWeight(), layer])
    step = _LOOPS[keras.backend.backend()](model)
    for _ in range(3):
        y, gradient = step(probe.tensor())
        check_dropped(y, probe.x())
        # The weight is 1: its gradient is the sum of what was kept.
        np.testing.assert_allclose(array(gradient), array(y).sum(), rtol=1e-3)
    check_calls(layer, 3)


def _tensorflow_loop(model):
    import tensorflow as tf

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            y = model(x, training=True)
            loss = tf.reduce_sum(y)
        return y, tape.gradient(loss, model.trainable_variables[0].value)

    return step


def _jax_loop(model):
    import jax

    def loss_of(trainable, state, x):
        y, state = model.stateless_call(trainable, state, x, training=True)
        return y.sum(), (y, state)

    gradient_of = jax.jit(jax.grad(loss_of, has_aux=True))

    def step(x):
        trainable = [v.value for v in model.trainable_variables]
        state = [v.value for v in model.non_trainable_variables]
        (gradient,), (y, state) = gradient_of(trainable, state, x)
        for variable, value in zip(model.non_trainable_variables, state, strict=True):
            variable.assign(value)
        return y, gradient

    return step


def _torch_loop(model):
    def step(x):
        model.zero_grad()
        y = model(x, training=True)
        y.sum().backward()
        return y, model.trainable_variables[0].value.grad

    return step


_LOOPS = {"tensorflow": _tensorflow_loop, "jax": _jax_loop, "torch": _torch_loop}


@way()
def keras_remat(probe, folder):
    """`keras.remat()` of a function with the layer: recomputed with the same mask."""
    layer = probe.make()
    x = probe.tensor()
    y, gradient = _value_and_gradient(layer, keras.remat(_squares(layer)), x)
    np.testing.assert_allclose(array(gradient), 2 * array(y) / array(x), rtol=2e-2)


@way()
def remat_scope(probe, folder):
    """A layer created in a `RematScope`: recomputed with the same mask."""
    with keras.RematScope(mode="full"):
        layer = probe.make()
    x = probe.tensor()
    y, gradient = _value_and_gradient(layer, _squares(layer), x)
    np.testing.assert_allclose(array(gradient), 2 * array(y) / array(x), rtol=2e-2)
    check_calls(layer, 1)


@way()
def remat_scope_in_fit(probe, folder):
    """`fit()` of a model whose layers are created in a `RematScope`."""
    with keras.RematScope(mode="full"):
        layer = probe.make()
    model = keras.Sequential([keras.Input(probe.shape), layer, OneWeight()])
    model.compile(keras.optimizers.SGD(0.01), "mse")
    model.fit(probe.x(), probe.x(), batch_size=BATCH, verbose=0)
    check_calls(layer, 1)


def _squares(layer):
    def squares(x):
        return layer(x, training=True) ** 2

    return squares


def _value_and_gradient(layer, function, x):
    """Give a function's value, and the gradient of its sum, in compiled code."""
    return _GRADIENTS[keras.backend.backend()](layer, function, x)


def _tensorflow_gradient(layer, function, x):
    import tensorflow as tf

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
            loss = tf.reduce_sum(y)
        return y, tape.gradient(loss, x)

    return step(x)


def _jax_gradient(layer, function, x):
    import jax

    @jax.jit
    def step(state, x):
        variables = layer.non_trainable_variables

        def loss_of(x):
            mapping = list(zip(variables, state, strict=True))
            with keras.StatelessScope(mapping) as scope:
                y = function(x)
            values = [scope.get_current_value(v) for v in variables]
            return y.sum(), (y, values)

        gradient, (y, values) = jax.grad(loss_of, has_aux=True)(x)
        return y, gradient, values

    state = [v.value for v in layer.non_trainable_variables]
    y, gradient, values = step(state, x)
    for variable, value in zip(layer.non_trainable_variables, values, strict=True):
        variable.assign(value)
    return y, gradient


def _torch_gradient(layer, function, x):
    x = x.clone().requires_grad_()
    y = function(x)
    y.sum().backward()
    return y.detach(), x.grad


_GRADIENTS = {
    "tensorflow": _tensorflow_gradient,
    "jax": _jax_gradient,
    "torch": _torch_gradient,
}


@way()
def keras_scan(probe, folder):
    """`keras.ops.scan()` and `fori_loop()` around the layer."""
    layer = probe.make()

    def step(carry, x):
        return carry, layer(x, training=True)

    xs = np.stack([probe.x()] * 3)
    if keras.backend.backend() == "jax":
        state = [v.value for v in layer.non_trainable_variables]

        def pure(state, x):
            y, state = layer.stateless_call([], state, x, training=True)
            return state, y

        _, ys = keras.ops.scan(pure, state, keras.ops.convert_to_tensor(xs))
    else:
        _, ys = keras.ops.scan(step, probe.tensor(), xs)
    for y in ys:
        check_dropped(y, probe.x())
    check_differ(ys[0], ys[1])


@way()
def keras_cond(probe, folder):
    """`keras.ops.cond()` around the layer."""
    layer = probe.make()
    x = probe.tensor()
    y = keras.ops.cond(
        keras.ops.convert_to_tensor(True), lambda: layer(x, training=True), lambda: x
    )
    check_dropped(y, x)


@way("tensorflow")
def tf_function_signature(probe, folder):
    """`tf.function` with an input signature whose axes are all unknown."""
    import tensorflow as tf

    layer = probe.make()
    spec = tf.TensorSpec([None] * (len(probe.shape) + 1), "float32")
    call = tf.function(lambda x: layer(x, training=True), [spec])
    first, second = call(probe.tensor()), call(probe.tensor())
    check_dropped(first, probe.x())
    check_differ(first, second)


@way("tensorflow")
def tf_function_xla(probe, folder):
    """`tf.function(jit_compile=True)`, with its gradient."""
    import tensorflow as tf

    layer = probe.make()

    @tf.function(jit_compile=True)
    def call(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
        return y, tape.gradient(y, x)

    y, gradient = call(probe.tensor())
    check_dropped(y, probe.x())
    check_gradient(gradient, y, probe.x())


@way("tensorflow")
def tf_gradient_tape(probe, folder):
    """`tf.GradientTape`, nested too."""
    import tensorflow as tf

    layer = probe.make()
    x = probe.tensor()
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True) ** 2
        gradient = tape.gradient(y, x)
    second = outer.gradient(gradient, x)
    np.testing.assert_allclose(array(gradient), 2 * array(y) / array(x), rtol=1e-4)
    np.testing.assert_allclose(array(second) > 0, array(y) > 0)


@way("tensorflow")
def tf_forward_accumulator(probe, folder):
    """`tf.autodiff.ForwardAccumulator`, for forward-mode derivatives."""
    import tensorflow as tf

    layer = probe.make()
    x = probe.tensor()
    with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as accumulator:
        y = layer(x, training=True)
    check_gradient(accumulator.jvp(y), y, x)


@way("tensorflow")
def tf_vectorized_map(probe, folder):
    """`tf.vectorized_map()`: each element has its own mask."""
    import tensorflow as tf

    layer = probe.make()
    x = tf.stack([probe.tensor()] * 3)
    ys = tf.vectorized_map(lambda a: layer(a, training=True), x)
    for y in ys:
        check_dropped(y, probe.x())
    check_differ(ys[0], ys[1])


@way("tensorflow")
def tf_map_fn(probe, folder):
    """`tf.map_fn()`: each element has its own mask."""
    import tensorflow as tf

    layer = probe.make()
    x = tf.stack([probe.tensor()] * 3)
    ys = tf.map_fn(lambda a: layer(a, training=True), x)
    check_differ(ys[0], ys[1])
    check_calls(layer, 3)


@way("tensorflow")
def tf_while_loop(probe, folder):
    """A Python loop that AutoGraph turns into `tf.while_loop()`."""
    import tensorflow as tf

    layer = probe.make(rate=0.1)

    @tf.function
    def repeat(x, times):
        for _ in tf.range(times):
            x = layer(x, training=True)
        return x

    y = repeat(probe.tensor(), tf.constant(3))
    assert 0 < (array(y) == 0).mean() < 1
    check_calls(layer, 3)


@way("tensorflow")
def tf_data_map(probe, folder):
    """`tf.data.Dataset.map()`: each batch has its own mask."""
    import tensorflow as tf

    layer = probe.make()
    data = tf.data.Dataset.from_tensors(probe.x()).repeat(2)
    first, second = data.map(lambda x: layer(x, training=True))
    check_dropped(first, probe.x())
    check_differ(first, second)


@way("tensorflow")
def tf_recompute_grad(probe, folder):
    """`tf.recompute_grad()`: recomputed with the same mask."""
    import tensorflow as tf

    layer = probe.make()
    x = probe.tensor()
    y, gradient = _tensorflow_gradient(layer, tf.recompute_grad(_squares(layer)), x)
    np.testing.assert_allclose(array(gradient), 2 * array(y) / array(x), rtol=2e-2)


def _pure(layer):
    """Give a function of the state and the input, and the state."""

    def call(state, x):
        return layer.stateless_call([], state, x, training=True)

    return call, [v.value for v in layer.non_trainable_variables]


@way("jax")
def jax_jit(probe, folder):
    """`jax.jit` of `stateless_call()`: steps differ, a state repeats."""
    import jax

    call, state = _pure(probe.make())
    call = jax.jit(call)
    first, after = call(state, probe.x())
    again, _ = call(state, probe.x())
    second, _ = call(after, probe.x())
    check_dropped(first, probe.x())
    check_agree(first, again)
    check_differ(first, second)


@way("jax")
def jax_derivatives(probe, folder):
    """`jax.grad`, `vjp`, `jvp` and `linearize`."""
    import jax

    call, state = _pure(probe.make())
    x = probe.tensor()
    y, pull_back = jax.vjp(lambda x: call(state, x)[0], x)
    check_gradient(pull_back(jax.numpy.ones_like(y))[0], y, x)
    check_gradient(jax.grad(lambda x: call(state, x)[0].sum())(x), y, x)
    _, slope = jax.jvp(lambda x: call(state, x)[0], [x], [jax.numpy.ones_like(x)])
    check_gradient(slope, y, x)
    _, linear = jax.linearize(lambda x: call(state, x)[0], x)
    check_gradient(linear(jax.numpy.ones_like(x)), y, x)


@way("jax")
def jax_per_sample_gradients(probe, folder):
    """`jax.vmap(jax.grad)`: per-sample gradients, with one mask."""
    import jax

    call, state = _pure(probe.make())
    x = probe.tensor()[:, None]

    def loss(x):
        return call(state, x)[0].sum()

    gradient = jax.vmap(jax.grad(loss))(x)
    check_agree(gradient[0], gradient[1])
    np.testing.assert_allclose(gradient[0], call(state, x[0])[0] / x[0], rtol=1e-5)


@way("jax")
def jax_vmap_over_states(probe, folder):
    """`jax.vmap` over states: each element has its own mask."""
    import jax

    layer = probe.make()
    call, state = _pure(layer)
    variables = layer.non_trainable_variables
    seed = next(i for i, v in enumerate(variables) if v is layer.seed_generator.state)
    states = [jax.numpy.stack([v] * 3) for v in state]
    states[seed] = states[seed] + jax.numpy.arange(3, dtype="uint32")[:, None]
    ys, _ = jax.vmap(call, (0, None))(states, probe.tensor())
    for y in ys:
        check_dropped(y, probe.x())
    check_differ(ys[0], ys[1])


@way("jax")
def jax_vmap_over_inputs(probe, folder):
    """`jax.vmap` over inputs with one state: all have one mask."""
    import jax

    call, state = _pure(probe.make())
    x = jax.numpy.stack([probe.tensor()] * 3)
    ys = jax.vmap(lambda x: call(state, x)[0])(x)
    check_dropped(ys[0], probe.x())
    check_agree(ys[0], ys[1])


@way("jax")
def jax_checkpoint(probe, folder):
    """`jax.checkpoint` of `stateless_call()`: recomputed with the same mask."""
    import jax

    call, state = _pure(probe.make())

    @jax.checkpoint
    def squares(x):
        return call(state, x)[0] ** 2

    x = probe.tensor()
    y, pull_back = jax.vjp(squares, x)
    gradient = pull_back(jax.numpy.ones_like(y))[0]
    np.testing.assert_allclose(array(gradient), 2 * array(y) / array(x), rtol=1e-4)


@way("jax")
def jax_scan(probe, folder):
    """`jax.lax.scan` and `while_loop`: each step has its own mask."""
    import jax

    call, state = _pure(probe.make())

    def step(state, x):
        y, state = call(state, x)
        return state, y

    _, ys = jax.lax.scan(step, state, jax.numpy.stack([probe.tensor()] * 3))
    check_dropped(ys[0], probe.x())
    check_differ(ys[0], ys[1])


@way("jax")
def jax_pmap(probe, folder):
    """`jax.pmap` and `shard_map`, on the available devices."""
    import jax
    from jax.sharding import Mesh, PartitionSpec

    call, state = _pure(probe.make())
    y = jax.pmap(lambda x: call(state, x)[0])(probe.tensor()[None])
    check_dropped(y[0], probe.x())
    mesh = Mesh(np.array(jax.devices()), ("batch",))
    shard_map = getattr(jax, "shard_map", None)
    part = PartitionSpec("batch")
    sharded = shard_map(
        lambda x: call(state, x)[0], mesh=mesh, in_specs=part, out_specs=part
    )
    check_dropped(jax.jit(sharded)(probe.tensor()), probe.x())


@way("jax")
def jax_export(probe, folder):
    """`jax.export` of a training step, for a batch of any size."""
    import jax
    from jax import export

    call, state = _pure(probe.make())
    (size,) = export.symbolic_shape("size")
    shape = jax.ShapeDtypeStruct((size, *probe.shape), "float32")
    exported = export.export(jax.jit(lambda x: call(state, x)[0]))(shape)
    restored = export.deserialize(exported.serialize())
    check_dropped(restored.call(probe.tensor()), probe.x())


@way("jax")
def jax_eval_shape(probe, folder):
    """`jax.eval_shape`, which does not change the state."""
    import jax

    layer = probe.make()
    call, state = _pure(layer)
    y, _ = jax.eval_shape(call, state, probe.tensor())
    assert y.shape == (BATCH, *probe.shape)
    check_calls(layer, 0)


@way("torch")
def torch_compile(probe, folder):
    """`torch.compile`."""
    import torch

    layer = probe.make()
    torch.compiler.reset()
    call = torch.compile(lambda x: layer(x, training=True), backend="aot_eager")
    x = probe.tensor().requires_grad_()
    first, second = call(x), call(x)
    first.sum().backward()
    check_dropped(first.detach(), probe.x())
    check_gradient(x.grad, first.detach(), probe.x())
    check_differ(first.detach(), second.detach())


@way("torch")
def torch_checkpoint(probe, folder):
    """`torch.utils.checkpoint`: recomputed with the same mask."""
    from torch.utils.checkpoint import checkpoint

    layer = probe.make()
    for reentrant in (False, True):
        x = probe.tensor().requires_grad_()
        y = checkpoint(_squares(layer), x, use_reentrant=reentrant)
        y.sum().backward()
        np.testing.assert_allclose(
            array(x.grad), 2 * array(y.detach()) / probe.x(), rtol=1e-4
        )
    check_calls(layer, 2)


@way("torch")
def torch_vmap(probe, folder):
    """`torch.func.vmap(randomness="different")`: each element has its own mask."""
    import torch

    layer = probe.make()
    x = torch.stack([probe.tensor()] * 3)
    vmap = torch.func.vmap(lambda a: layer(a, training=True), randomness="different")
    ys = vmap(x)
    for y in ys:
        check_dropped(y, probe.x())
    check_differ(ys[0], ys[1])


@way("torch")
def torch_vmap_same(probe, folder):
    """`torch.func.vmap(randomness="same")`: all elements have one mask."""
    import torch

    layer = probe.make()
    x = torch.stack([probe.tensor()] * 3)
    ys = torch.func.vmap(lambda a: layer(a, training=True), randomness="same")(x)
    check_dropped(ys[0], probe.x())
    check_agree(ys[0], ys[1])


@way("torch")
def torch_compile_of_vmap(probe, folder):
    """`torch.compile` of `torch.func.vmap`: elements differ where they should."""
    import torch

    layer = probe.make()
    x = torch.stack([probe.tensor()] * 3)
    for randomness, check in (("different", check_differ), ("same", check_agree)):
        torch.compiler.reset()
        vmap = torch.func.vmap(lambda a: layer(a, training=True), randomness=randomness)
        ys = torch.compile(vmap, backend="aot_eager")(x)
        check_dropped(ys[0], probe.x())
        check(ys[0], ys[1])


@way("torch")
def torch_per_sample_gradients(probe, folder):
    """`torch.func.vmap(grad)`: per-sample gradients."""
    import torch

    layer = probe.make()

    def loss(x):
        return layer(x[None], training=True).sum()

    x = probe.tensor()
    gradient = torch.func.vmap(torch.func.grad(loss), randomness="different")(x)
    assert 0.1 < (array(gradient) == 0).mean() < 0.9
    masks = {array(of_sample != 0).tobytes() for of_sample in gradient}
    assert len(masks) > 1


@way("torch")
def torch_func_derivatives(probe, folder):
    """`torch.func.grad` and `vjp`."""
    import torch

    layer = probe.make()
    x = probe.tensor()
    y, pull_back = torch.func.vjp(lambda x: layer(x, training=True), x)
    check_gradient(pull_back(torch.ones_like(y))[0], y, x)
    gradient = torch.func.grad(lambda x: layer(x, training=True).sum())(x)
    check_dropped(gradient * x, x)


@way("torch")
def torch_forward_derivatives(probe, folder):
    """`torch.func.jvp` and `torch.autograd.forward_ad`."""
    import torch

    layer = probe.make()
    x = probe.tensor()
    y, slope = torch.func.jvp(
        lambda x: layer(x, training=True), (x,), (torch.ones_like(x),)
    )
    check_gradient(slope, y, x)


@way("torch")
def torch_second_derivative(probe, folder):
    """`torch.autograd.grad` of a gradient: second derivatives."""
    import torch

    layer = probe.make()
    x = probe.tensor().requires_grad_()
    y = layer(x, training=True) ** 2
    (gradient,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(gradient.sum(), x)
    check_agree(second, y.detach())


@way("torch")
def torch_functional_call(probe, folder):
    """`torch.func.functional_call` of a net that has the layer."""
    import torch

    layer = probe.make()
    net = _net(layer)
    state = {**dict(net.named_parameters()), **dict(net.named_buffers())}
    first, second = (
        torch.func.functional_call(net, state, probe.tensor()) for _ in range(2)
    )
    check_differ(first.detach(), second.detach())


def _net(layer):
    """Give a `torch.nn.Module` with the layer, which passes `training` on."""
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(8, 8)
            self.drop = layer

        def forward(self, x):
            return self.drop(self.linear(x), training=self.training)

    return Net()


@way()
def vectorized_map(probe, folder):
    """`keras.ops.vectorized_map()` of a function that calls the layer."""
    layer = probe.make()
    x = keras.ops.stack([probe.tensor()] * 3)
    if keras.backend.backend() == "jax":
        call, state = _pure(layer)
        ys = keras.ops.vectorized_map(lambda a: call(state, a)[0], x)
    else:
        ys = keras.ops.vectorized_map(lambda a: layer(a, training=True), x)
    check_dropped(ys[0], probe.x())


@way("torch")
def torch_compile_of_derivatives(probe, folder):
    """`torch.compile` of `torch.func.grad`, `vjp` and `jvp`: masks differ."""
    import torch

    layer = probe.make()
    x = probe.tensor()

    def call(x):
        return layer(x, training=True)

    def squares(x):
        y = call(x)
        return (y**2).sum(), y

    def pulled_back(x):
        y, pull_back = torch.func.vjp(call, x)
        return pull_back(torch.ones_like(y))[0], y

    def pushed_forward(x):
        return torch.func.jvp(call, (x,), (torch.ones_like(x),))[::-1]

    def of_each(x):
        return torch.func.vmap(gradient, randomness="different")(x[:, None])

    gradient = torch.func.grad(squares, has_aux=True)
    for function, slope in (
        (gradient, lambda y: 2 * y**2 / x),
        (pulled_back, lambda y: y / x),
        (pushed_forward, lambda y: y / x),
        (of_each, lambda y: 2 * y**2 / x[:, None]),
    ):
        torch.compiler.reset()
        step = torch.compile(function, backend="aot_eager")
        (first, y), (_, other) = step(x), step(x)
        check_differ(y, other)
        np.testing.assert_allclose(array(first), array(slope(y)), rtol=1e-4)


@way("torch")
def torch_jit_trace(probe, folder):
    """`torch.jit.trace` of a net: each call of what is traced has its own mask."""
    import torch

    traced = torch.jit.trace(_net(probe.make()), probe.tensor(), check_trace=False)
    with torch.no_grad():
        first, second = traced(probe.tensor()), traced(probe.tensor())
        fewer = traced(probe.tensor()[:5])
    check_differ(first, second)
    assert 0 < (array(fewer) == 0).mean() < 1


@way("torch")
def torch_export(probe, folder):
    """`torch.export` of a net in training: each call has its own mask."""
    import torch

    program = torch.export.export(_net(probe.make()), (probe.tensor(),))
    torch.export.save(program, f"{folder}/net.pt2")
    _check_exported(torch.export.load(f"{folder}/net.pt2"), probe)


@way("torch")
def torch_export_strict(probe, folder):
    """`torch.export` in training with `strict=True`."""
    import torch

    net = _net(probe.make())
    _check_exported(torch.export.export(net, (probe.tensor(),), strict=True), probe)


@way("torch")
def torch_export_of_any_batch(probe, folder):
    """`torch.export` in training, for batches of any size."""
    import torch

    sizes = ({0: torch.export.Dim("batch")},)
    net = _net(probe.make())
    for strict in (False, True):
        program = torch.export.export(
            net, (probe.tensor(),), dynamic_shapes=sizes, strict=strict
        )
        _check_exported(program, probe, batch=BATCH - 1)


@way("torch")
def torch_export_of_any_map(probe, folder):
    """`torch.export` in training, for batches and maps of any size."""
    import torch

    sizes = ({0: torch.export.Dim("batch"), 1: torch.export.Dim("height", min=3)},)
    program = torch.export.export(
        _net(probe.make()), (probe.tensor(),), dynamic_shapes=sizes
    )
    _check_exported(program, probe, batch=BATCH - 1)
    taller = keras.ops.concatenate([probe.tensor()] * 2, axis=1)
    assert 0 < (array(program.module()(taller).detach()) == 0).mean() < 1


@way("torch")
def torch_export_decomposed(probe, folder):
    """`torch.export` in training, then `run_decompositions()`."""
    import torch

    program = torch.export.export(_net(probe.make()), (probe.tensor(),))
    _check_exported(program.run_decompositions(), probe)


@way("torch")
def torch_draft_export(probe, folder):
    """`torch.export.draft_export` in training, which runs what it exports."""
    import torch

    net = _net(probe.make())
    _check_exported(torch.export.draft_export(net, (probe.tensor(),)), probe)


def _check_exported(program, probe, batch=BATCH):
    """Raise unless an exported net draws a mask in each call, and has its gradient."""
    net = program.module()
    x = probe.tensor(batch=batch).requires_grad_()
    y = net(x)
    check_differ(y.detach(), net(x).detach())
    y.sum().backward()
    dropped_samples = (array(y.detach()) == 0).all((1, 2, 3))
    gradient = array(x.grad)
    assert (gradient[~dropped_samples] != 0).any()
    assert (gradient[dropped_samples] == 0).all()


@way("tensorflow")
def tf_function_of_any_rank(probe, folder):
    """`tf.function` of inputs whose number of axes is unknown, with its gradient."""
    import tensorflow as tf

    layer = probe.make()

    @tf.function(input_signature=[tf.TensorSpec(None)])
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
        return y, tape.gradient(y, x), layer(x, training=False)

    (y, slope, same), (other, _, _) = step(probe.x()), step(probe.x())
    check_dropped(y, probe.x())
    check_gradient(slope, y, probe.x())
    check_differ(y, other)
    np.testing.assert_array_equal(array(same), probe.x())


@way("tensorflow")
def tf_check_numerics(probe, folder):
    """`tf.debugging.enable_check_numerics()`, at a rate of 1 too."""
    import tensorflow as tf

    cosine = keras.optimizers.schedules.CosineDecay(RATE, 1000)
    rates = [RATE, 1.0, cosine] if probe.is_ours else [RATE, 1.0]
    tf.debugging.enable_check_numerics()
    try:
        for rate in rates:
            layer = probe.make(rate)
            for function in (layer, tf.function(layer)):
                y = array(function(probe.tensor(), training=True))
                assert (y == 0).all() if rate == 1.0 else (y != 0).any()
    finally:
        tf.debugging.disable_check_numerics()
