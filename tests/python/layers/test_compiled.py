"""Compiled layers, and what their modules do because of a version of a backend.

A test whose name ends in "still" fails when a newer version needs that no longer: then
simplify the module.
"""

import time

import keras
import numpy as np
import pytest
from modes import BACKEND, train

import layerbridge
from layerbridge.masks.backends import _numpy_bits
from layerbridge.masks.grid import make_grid

pytestmark = pytest.mark.backends

LAYERS = {
    "per-channel": lambda: layerbridge.DropBlock2D(0.3, 3, seed=1),
    "by-sample": lambda: layerbridge.DropBlock2D(0.3, 3, normalize="sample", seed=1),
    "shared": lambda: layerbridge.DropBlock2D(0.3, 3, per_channel=False, seed=1),
    "spatial": lambda: layerbridge.SpatialDropout2D(0.3, seed=1),
    "scheduled": lambda: layerbridge.DropBlock2D(
        layerbridge.LinearRamp(0, 0.6, 4), 3, exact_rate=False, seed=1
    ),
}
# What a layer may have besides, and has where nothing is told.
QUICK = ["per-channel", "scheduled"]
each_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)

X = np.random.default_rng(0).uniform(0.5, 2, (5, 8, 9, 6)).astype("float32")


def seconds(function):
    """Measure the processor time of a call after the first one."""
    function()
    start = time.process_time()
    function()
    return time.process_time() - start


def traced_shape(layer, shape):
    """Trace a call on a tensor that there is no memory for; give its output's shape."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        call = tf.function(lambda x: layer(x, training=True))
        return call.get_concrete_function(tf.TensorSpec(shape)).outputs[0].shape
    if BACKEND == "jax":
        import jax

        state = [v.value for v in layer.non_trainable_variables]
        x = jax.ShapeDtypeStruct(shape, "float32")
        call = jax.jit(lambda x: layer.stateless_call([], state, x, training=True)[0])
        return call.lower(x).out_info.shape
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode(allow_non_fake_inputs=True):
        return layer(torch.empty(shape), training=True).shape


@pytest.mark.parametrize(
    "shape",
    [(1, 2**16, 2**16, 1), (2**32, 8, 9, 1), (4, 2**14, 2**14, 8)],
    ids=["a-sample", "samples", "together"],
)
@pytest.mark.parametrize("name", ["per-channel", "by-sample", "shared", "spatial"])
def test_masks_of_more_cells_than_32_bits_count_are_traced(name, shape):
    assert tuple(traced_shape(LAYERS[name](), shape)) == shape


if BACKEND == "torch":
    import torch

    from layerbridge.masks.backends import _torch_few

    @pytest.mark.thinned(1)
    @pytest.mark.parametrize(
        "make",
        [
            pytest.param(make, marks=[] if name in QUICK else pytest.mark.release)
            for name, make in LAYERS.items()
        ],
        ids=LAYERS,
    )
    @pytest.mark.parametrize("dynamic", [None, True], ids=["by-need", "dynamic"])
    def test_compiled_without_a_graph_break_it_gives_what_it_gives_eagerly(
        make, dynamic
    ):
        layer, compiled_layer = make(), make()
        torch.compiler.reset()
        compiled = torch.compile(
            lambda x: compiled_layer(x, training=True),
            fullgraph=True,
            backend="aot_eager",
            dynamic=dynamic,
        )
        x = torch.tensor(X)
        larger = torch.cat([x, x], 1)
        for values in (x, x, larger, larger.transpose(1, 3)):
            eager, graph = [values.clone().requires_grad_() for _ in range(2)]
            expected, y = layer(eager, training=True), compiled(graph)
            torch.testing.assert_close(y, expected)
            for output in (expected, y):
                output.backward(torch.ones_like(output))
            torch.testing.assert_close(graph.grad, eager.grad)

    @pytest.mark.parametrize("rate", [0.01, 0.3, 0.9])
    @each_layer
    def test_a_call_draws_what_it_draws_after_others(make, rate):
        layer, other = make(), make()
        layer.rate = other.rate = rate
        in_turn = [train(layer, X) for _ in range(20)]
        for call in (19, 3, 4, 4, 11, 0):
            other.seed_generator.state.assign([1, call])
            np.testing.assert_array_equal(train(other, X), in_turn[call])

    @pytest.mark.parametrize(
        "make",
        [
            lambda i: layerbridge.DropBlock2D(0.1, 3, seed=i),
            lambda i: layerbridge.DropBlock2D(i / 1000, 3, seed=1),
            lambda i: layerbridge.DropBlock2D(
                layerbridge.LinearRamp(0, 0.1, 9), 3, seed=i
            ),
        ],
        ids=["of-one-rate", "of-one-seed", "of-a-schedule"],
    )
    def test_layers_in_turn_draw_for_several_calls_at_once(monkeypatch, make):
        drawn, draw = [], _torch_few.draw_cells
        monkeypatch.setattr(
            _torch_few, "draw_cells", lambda *a: drawn.append(a) or draw(*a)
        )
        layers = [make(i) for i in range(100)]
        for _ in range(40):
            for layer in layers:
                layer(X, training=True)
        assert len(drawn) <= 16 * len(layers)

    def test_masks_that_are_kept_take_no_more_memory_with_more_layers(monkeypatch):
        monkeypatch.setattr(_torch_few, "_MOST_BYTES", 2**20)
        for seed in range(8):
            layer = layerbridge.DropBlock2D(0.1, 3, seed=seed)
            for _ in range(40):
                layer(X, training=True)
        masks = [mask for of in _torch_few._ready.values() for mask in of.values()]
        assert 0 < sum(kept.nbytes for kept, _ in filter(None, masks)) <= 2**20

    def test_how_many_numbers_are_drawn_at_once_changes_no_mask(monkeypatch):
        grid = make_grid(X.shape, (3, 3), 3, per_channel=True)
        plan = _numpy_bits.plan_of(0.2, grid, (0, 1, 2, 3), True)
        masks = _numpy_bits.draw_cells(plan, X.shape, [1, 2, 3])
        monkeypatch.setattr(_numpy_bits, "_enough", lambda *_: 5)
        for mask, seed in zip(masks, [1, 2, 3], strict=True):
            (alone,) = _numpy_bits.draw_cells(plan, X.shape, [seed])
            np.testing.assert_array_equal(alone, mask)

    @pytest.mark.parametrize("name", ["per-channel", "by-sample", "shared", "spatial"])
    def test_memory_format_changes_no_mask(name):
        x = torch.tensor(X)
        first = x.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)
        batch_last = x.permute(1, 2, 3, 0).contiguous().permute(3, 0, 1, 2)
        expected = LAYERS[name]()(x, training=True)
        for same in (first, batch_last, x[::1, :, ::1].expand(5, 8, 9, 6)):
            y = LAYERS[name]()(same, training=True)
            torch.testing.assert_close(y, expected)

    def test_an_output_lies_in_memory_as_its_input_does():
        x = torch.tensor(X).permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)
        assert layerbridge.DropBlock2D(0.3, 3)(x, training=True).stride() == x.stride()

    @pytest.mark.parametrize("name", ["per-channel", "spatial"])
    def test_second_derivatives_are_those_of_a_multiplication(name):
        x = torch.tensor(X, requires_grad=True)
        y = LAYERS[name]()(x, training=True)
        (slope,) = torch.autograd.grad((y**2).sum(), x, create_graph=True)
        (curvature,) = torch.autograd.grad(slope.sum(), x)
        factor = (y / x).detach()
        torch.testing.assert_close(curvature, 2 * factor**2)

    def remembered(layer, reentrant):
        def call(x):
            return layer(x, training=True) ** 2

        def checkpointed(x):
            return torch.utils.checkpoint.checkpoint(call, x, use_reentrant=reentrant)

        return checkpointed

    @each_layer
    @pytest.mark.parametrize("reentrant", [False, True])
    def test_a_checkpoint_recomputes_the_same_mask_and_counts_a_step_once(
        make, reentrant
    ):
        layer, plain = make(), make()
        call = remembered(layer, reentrant)
        for _ in range(3):
            x = torch.tensor(X, requires_grad=True)
            first, second = call(x), call(x)
            (first + second).sum().backward()
            expected = torch.tensor(X, requires_grad=True)
            (
                plain(expected, training=True) ** 2
                + plain(expected, training=True) ** 2
            ).sum().backward()
            torch.testing.assert_close(x.grad, expected.grad)
        assert layer.current_rate == plain.current_rate

    def test_keras_remat_recomputes_the_same_mask():
        layer = layerbridge.DropBlock2D(0.3, 3)
        x = torch.tensor(X, requires_grad=True)
        y = keras.remat(lambda x: layer(x, training=True) ** 2)(x)
        y.sum().backward()
        assert ((y == 0) == (x.grad == 0)).all()

    def test_only_the_latest_steps_are_remembered(monkeypatch):
        from layerbridge.masks.backends import _torch_steps

        monkeypatch.setattr(_torch_steps, "_MOST_REMEMBERED", 3)
        layer = LAYERS["spatial"]()
        for _ in range(5):
            layer(torch.tensor(X), training=True)
        assert len(_torch_steps._returned[layer]) == 3

    class Net(torch.nn.Module):
        def __init__(self, drop):
            super().__init__()
            self.scale = torch.nn.Linear(6, 6)
            self.drop = drop

        def forward(self, x):
            return self.drop(self.scale(x), training=self.training)

    @each_layer
    def test_a_state_dict_resumes_masks_and_schedules(make):
        begun, resumed = Net(make()), Net(make())
        for _ in range(2):
            begun(torch.tensor(X))
        resumed.load_state_dict(begun.state_dict())
        torch.testing.assert_close(resumed(torch.tensor(X)), begun(torch.tensor(X)))
        assert resumed.drop.current_rate == begun.drop.current_rate

    def test_the_rate_stays_as_it_is_where_a_module_changes_its_numbers():
        net = Net(layerbridge.DropBlock2D(0.1, 3)).bfloat16()
        net.drop(torch.tensor(X), training=True)
        assert net.drop.current_rate == np.float32(0.1)

    def test_processes_that_train_together_draw_masks_of_their_own(monkeypatch):
        alone = LAYERS["per-channel"]()(torch.tensor(X), training=True)
        monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
        monkeypatch.setattr(torch.distributed, "get_rank", lambda: 1)
        other = LAYERS["per-channel"]()(torch.tensor(X), training=True)
        assert (alone != other).any()

    def test_next_of_a_seed_breaks_graphs_still():
        seed = keras.random.SeedGenerator(1)
        with pytest.raises(torch._dynamo.exc.Unsupported):
            torch.compile(lambda: seed.next(), fullgraph=True, backend="eager")()

    def test_generators_break_graphs_still():
        def draw():
            return torch.rand(3, generator=torch.Generator().manual_seed(1))

        with pytest.raises(torch._dynamo.exc.Unsupported):
            torch.compile(draw, fullgraph=True, backend="eager")()


if BACKEND == "tensorflow":
    import tensorflow as tf

    @each_layer
    @pytest.mark.parametrize("channels", [3, 9])
    def test_a_small_eager_call_gives_what_a_graph_gives(make, channels):
        eager, graph = make(), make()
        call = tf.function(lambda x: graph(x, training=True))
        x = tf.constant(X[..., :1] * np.ones(channels, "float32"))
        for rate in (0.0, 0.1, 0.6, 1.0) * 2:
            eager.rate = graph.rate = rate
            np.testing.assert_allclose(eager(x, training=True), call(x), rtol=1e-6)

    @pytest.mark.release
    @pytest.mark.newest
    def test_xla_draws_slowly_by_default_still():
        def drawing(algorithm):
            @tf.function(jit_compile=True)
            def draw(seed):
                shape = [100, 100, 100]
                return tf.random.stateless_uniform(shape, seed, alg=algorithm)

            return lambda: draw(tf.constant([1, 2]))

        default, threefry = map(seconds, map(drawing, ["auto_select", "threefry"]))
        assert default > 10 * threefry


if BACKEND == "jax":
    import jax

    @pytest.mark.release
    def test_jax_draws_slower_than_xlas_generator_still():
        key, state = jax.random.key(1), jax.numpy.arange(4, dtype="uint32")

        def of_xla():
            threefry = jax.lax.RandomAlgorithm.RNG_THREE_FRY
            return jax.lax.rng_bit_generator(state, (10**7,), algorithm=threefry)[1]

        def timed(draw):
            compiled = jax.jit(draw)
            return seconds(lambda: compiled().block_until_ready())

        own, xlas = timed(lambda: jax.random.bits(key, (10**7,))), timed(of_xla)
        assert own > 1.5 * xlas

    def test_an_eager_call_gives_what_a_compiled_one_gives():
        eager = train(LAYERS["per-channel"](), X)
        layer = LAYERS["per-channel"]()
        state = [v.value for v in layer.non_trainable_variables]
        call = jax.jit(lambda s, x: layer.stateless_call([], s, x, training=True)[0])
        np.testing.assert_allclose(eager, call(state, X), rtol=1e-6)

    def test_vmap_draws_from_a_single_state_still():
        states = jax.numpy.arange(8, dtype="uint32").reshape(2, 4)

        def draw(state):
            threefry = jax.lax.RandomAlgorithm.RNG_THREE_FRY
            return jax.lax.rng_bit_generator(state, (3,), algorithm=threefry)[1]

        assert (jax.vmap(draw)(states)[1] != draw(states[1])).any()

    @each_layer
    def test_vmapped_over_states_it_gives_what_each_state_gives(make):
        layer = make()
        x = np.ones((4, 16, 16, 8), "float32")
        state = [v.value for v in layer.non_trainable_variables]
        paths = [v.path for v in layer.non_trainable_variables]
        seed = next(i for i, path in enumerate(paths) if "seed" in path)
        rate = next(i for i, path in enumerate(paths) if path.endswith("rate"))
        rates = [0.0, 0.1, 0.5, 0.9]
        states = [
            [
                jax.numpy.full_like(v, rates[i]) if at == rate else v + i * (at == seed)
                for at, v in enumerate(state)
            ]
            for i in range(4)
        ]

        def call(state):
            return layer.stateless_call([], state, x, training=True)[0]

        several = jax.vmap(call)(
            [jax.numpy.stack(v) for v in zip(*states, strict=True)]
        )
        for one, of_state in zip(several, states, strict=True):
            np.testing.assert_allclose(one, call(of_state), rtol=1e-6)

    @each_layer
    def test_a_batch_of_unknown_size_can_be_exported(make):
        layer = make()
        state = [v.value for v in layer.non_trainable_variables]

        def call(x):
            return layer.stateless_call([], state, x, training=True)[0]

        (size,) = jax.export.symbolic_shape("size")
        of_any_size = jax.ShapeDtypeStruct((size, 16, 16, 8), "float32")
        exported = jax.export.export(jax.jit(call))(of_any_size)
        y = exported.call(np.ones((64, 16, 16, 8), "float32"))
        rate = float(layer.current_rate)
        assert float((y == 0).mean()) == pytest.approx(rate, abs=0.06)

    def test_forward_derivatives_are_those_of_a_multiplication():
        layer = LAYERS["per-channel"]()
        state = [v.value for v in layer.non_trainable_variables]

        def call(x):
            return layer.stateless_call([], state, x, training=True)[0]

        y, slope = jax.jvp(call, [X], [np.ones_like(X)])
        np.testing.assert_allclose(slope, y / X, rtol=1e-6)
