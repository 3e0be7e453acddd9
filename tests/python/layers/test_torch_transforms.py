"""Transforms of PyTorch: whatever works with its own dropout works with the layers.

Each way gives facts that do not depend on which numbers were drawn, and they must be
those of `torch.nn.functional.dropout`; so must be the error where that raises one.
"""

from functools import partial

import keras
import pytest
from modes import BACKEND

import layerbridge

pytestmark = pytest.mark.backends

if BACKEND == "torch":
    import torch
    from torch import func
    from torch.autograd import forward_ad

    LAYERS = {
        "per-channel": lambda: layerbridge.DropBlock2D(0.3, 3),
        "by-sample": lambda: layerbridge.DropBlock2D(0.3, 3, normalize="sample"),
        "shared": lambda: layerbridge.DropBlock2D(0.6, 2, per_channel=False),
        "whole-map": lambda: layerbridge.DropBlock2D(0.3, 9),
        "first": lambda: layerbridge.DropBlock2D(
            0.3, 3, data_format="channels_first", seed=1
        ),
        "spatial": lambda: layerbridge.SpatialDropout2D(0.3),
        "scheduled": lambda: layerbridge.DropBlock2D(
            layerbridge.LinearRamp(0.2, 0.4, 100), 3, seed=1
        ),
    }

    def numbers(*shape):
        return torch.rand(*shape, generator=torch.Generator().manual_seed(0)) + 0.5

    X = numbers(4, 6, 7, 32)
    SMALL = numbers(2, 3, 4, 8)
    SEVERAL = numbers(5, *X.shape)

    def masks(outputs):
        """Count the different masks among elements."""
        return len({(y == 0).numpy().tobytes() for y in outputs.flatten(0, -5)})

    def is_slope(slope, y, x=X):
        """Tell whether a derivative is the factor that each unit was multiplied by."""
        return torch.allclose(slope, (y / x).detach())

    def mapped(call, **arguments):
        return masks(func.vmap(call, **arguments)(SEVERAL))

    def mapped_twice(call, outer, inner):
        several = torch.stack([SEVERAL, SEVERAL, SEVERAL])
        inner = func.vmap(call, randomness=inner)
        return masks(func.vmap(inner, randomness=outer)(several))

    def mapped_over_what_it_multiplies(call):
        return masks(
            func.vmap(lambda w: w * call(X), randomness="different")(torch.ones(5))
        )

    def per_sample_gradients(call):
        def loss(weight, x):
            y = call(x[None] * weight)
            return y.sum(), y

        gradient = func.vmap(
            func.grad(loss, has_aux=True), (None, 0), randomness="different"
        )
        slopes, y = gradient(torch.ones(X.shape[1:]), X)
        return masks(y), torch.allclose(slopes, y[:, 0])

    def gradient(call):
        slope, y = func.grad(lambda x: (call(x).sum(),) * 2, has_aux=True)(X)
        return slope.shape, torch.allclose((slope * X).sum(), y)

    def product_with_the_jacobian(call):
        y, slope = func.jvp(call, (X,), (torch.ones_like(X),))
        return is_slope(slope, y)

    def pulled_back(call):
        y, pull_back = func.vjp(call, X)
        return is_slope(pull_back(torch.ones_like(X))[0], y)

    def jacobian(transform, call):
        slopes = transform(call)(SMALL).reshape(SMALL.numel(), -1)
        return torch.equal(slopes, torch.diag(slopes.diag())), bool((slopes != 0).any())

    def linearized(call):
        y, push = func.linearize(call, X)
        return is_slope(push(torch.ones_like(X)), y)

    def functionalized(call):
        return func.functionalize(call)(X).shape

    def by_keras(call):
        return masks(keras.ops.vectorized_map(call, SEVERAL))

    def forward_mode(call):
        with forward_ad.dual_level():
            y = call(forward_ad.make_dual(X, torch.ones_like(X)))
            y, slope = forward_ad.unpack_dual(y)
            return is_slope(slope, y)

    def twice_backward(call):
        x = X.clone().requires_grad_()
        y = call(x)
        (slope,) = torch.autograd.grad((y**2).sum(), x, create_graph=True)
        (curvature,) = torch.autograd.grad(slope.sum(), x)
        return is_slope(curvature / 2, y * (y / x))

    def forward_over_reverse(call):
        def slope(x):
            return func.grad(lambda x: (call(x) ** 2).sum())(x)

        slope, curvature = func.jvp(slope, (X,), (torch.ones_like(X),))
        return torch.allclose(curvature * X, slope)

    def functional_call(call):
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.scale = torch.nn.Linear(32, 32)

            def forward(self, x):
                return call(self.scale(x))

        net = Net()
        weights = dict(net.named_parameters())

        def loss(weights, x):
            return func.functional_call(net, weights, (x[None],)).sum()

        slopes = func.vmap(func.grad(loss), (None, 0), randomness="different")
        return slopes(weights, X)["scale.weight"].shape

    WAYS = {
        **{
            f"vmap-{randomness}": partial(mapped, randomness=randomness)
            for randomness in ("different", "same", "error")
        },
        "vmap-in-chunks": partial(mapped, randomness="different", chunk_size=2),
        "vmap-along-the-last-axis": partial(
            mapped, randomness="different", in_dims=-1, out_dims=0
        ),
        **{
            f"vmap-{outer}-{inner}": partial(mapped_twice, outer=outer, inner=inner)
            for outer in ("different", "same", "error")
            for inner in ("different", "same")
        },
        "vmap-over-another": mapped_over_what_it_multiplies,
        "vectorized_map": by_keras,
        "per-sample-gradients": per_sample_gradients,
        "grad": gradient,
        "jvp": product_with_the_jacobian,
        "vjp": pulled_back,
        "jacrev": partial(jacobian, func.jacrev),
        "jacfwd": partial(jacobian, partial(func.jacfwd, randomness="same")),
        "jacfwd-error": partial(jacobian, func.jacfwd),
        "hessian": partial(jacobian, func.hessian),
        "linearize": linearized,
        "functionalize": functionalized,
        "functional_call": functional_call,
        "forward-mode": forward_mode,
        "double-backward": twice_backward,
        "forward-over-reverse": forward_over_reverse,
    }

    def facts(way, call):
        """Give a way's facts, or the words of its error."""
        try:
            return way(call)
        except RuntimeError as error:
            message = str(error)
            assert "randomness" in message, message
            return "error"

    @pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
    @pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
    def test_a_transform_does_what_it_does_with_torchs_own_dropout(way, make):
        expected = facts(way, partial(torch.nn.functional.dropout, p=0.3))
        assert facts(way, partial(make(), training=True)) == expected

    def test_a_mapped_layer_repeats_under_its_seed():
        def outputs():
            layer = layerbridge.DropBlock2D(0.3, 3, seed=1)
            call = func.vmap(partial(layer, training=True), randomness="different")
            return call(SEVERAL)

        torch.testing.assert_close(outputs(), outputs())

    def test_steps_under_transforms_are_counted():
        layer, plain = LAYERS["scheduled"](), LAYERS["scheduled"]()
        call = partial(layer, training=True)
        func.grad(lambda x: call(x).sum())(X)
        func.vmap(call, randomness="different")(SEVERAL)
        for _ in range(2):
            plain(X, training=True)
        assert layer.current_rate == plain.current_rate != 0.2

    @pytest.mark.parametrize("name", ["per-channel", "spatial"])
    def test_models_of_an_ensemble_drop_by_their_own_states(name):
        layer = LAYERS[name]()
        values = [v.value for v in layer.non_trainable_variables]

        def outputs(different):
            states = [
                torch.stack([v, v + different * (v.ndim == 1)]).detach() for v in values
            ]
            call = partial(layer.stateless_call, [], training=True)
            return func.vmap(lambda s: call(s, X)[0], randomness="same")(states)

        assert masks(outputs(0)) == 1
        assert masks(outputs(1)) == 2
