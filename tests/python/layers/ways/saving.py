"""Every way to save, load and copy: what a layer keeps goes on."""

import copy
import pickle

import keras
import numpy as np

from ways import (
    SAMPLES,
    array,
    calls,
    check_calls,
    check_differ,
    check_dropped,
    compiled,
    fit,
    way,
    zeros,
)


def _trained(probes):
    """Give a model that has trained for two steps, and its layers."""
    model, layers = compiled(probes)
    fit(model, 1)
    return model, layers


def _goes_on(model, again, layers, state=True):
    """Raise unless a copy predicts the same and, if told, drops the same from there."""
    first, second = (m.predict(SAMPLES, verbose=0) for m in (model, again))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])
    for layer in layers:
        copied = again.get_layer(layer.name)
        assert type(copied) is type(layer)
        assert copied.rate == layer.rate
        if state:
            np.testing.assert_array_equal(
                array(copied.seed_generator.state), array(layer.seed_generator.state)
            )
    fit(again, 1)


def _ours(probes):
    return probes[0].is_ours


@way(each=False)
def save_keras(probes, folder):
    """`model.save("model.keras")`; ours keep the seed's state, Keras's do not."""
    model, layers = _trained(probes)
    model.save(f"{folder}/model.keras")
    again = keras.models.load_model(f"{folder}/model.keras")
    _goes_on(model, again, layers, _ours(probes))


@way(each=False)
def save_weights(probes, folder):
    """`save_weights("model.weights.h5")`, without the seeds."""
    model, layers = _trained(probes)
    model.save_weights(f"{folder}/model.weights.h5")
    again, _ = compiled(probes)
    again.load_weights(f"{folder}/model.weights.h5")
    _goes_on(model, again, layers, state=False)


@way(each=False)
def save_h5(probes, folder):
    """`model.save("model.h5")`, the format of Keras 2."""
    inputs = keras.Input(probes[0].shape)
    layer = probes[0].make(name="drop")
    model = keras.Sequential([inputs, layer, keras.layers.Dense(1)])
    model.save(f"{folder}/model.h5")
    again = keras.models.load_model(f"{folder}/model.h5")
    x = probes[0].x()
    np.testing.assert_array_equal(
        again.predict(x, verbose=0), model.predict(x, verbose=0)
    )
    assert again.get_layer("drop").rate == layer.rate


@way(each=False)
def weights_list(probes, folder):
    """`set_weights(get_weights())`."""
    model, layers = _trained(probes)
    again, _ = compiled(probes)
    again.set_weights(model.get_weights())
    _goes_on(model, again, layers, state=False)


@way(each=False)
def clone_model(probes, folder):
    """`keras.models.clone_model()`."""
    model, layers = _trained(probes)
    again = keras.models.clone_model(model)
    again.set_weights(model.get_weights())
    again.compile(keras.optimizers.SGD(0.01), zeros)
    _goes_on(model, again, layers, state=False)


@way(each=False)
def model_from_config(probes, folder):
    """`from_config(get_config())`, through JSON too."""
    model, layers = _trained(probes)
    for again in (
        keras.Model.from_config(model.get_config()),
        keras.models.model_from_json(model.to_json()),
    ):
        again.set_weights(model.get_weights())
        again.compile(keras.optimizers.SGD(0.01), zeros)
        _goes_on(model, again, layers, state=False)


@way(each=False)
def deepcopy_model(probes, folder):
    """`copy.deepcopy()` of a model."""
    model, layers = _trained(probes)
    again = copy.deepcopy(model)
    _goes_on(model, again, layers, _ours(probes))


@way(each=False)
def pickle_model(probes, folder):
    """`pickle` of a model."""
    model, layers = _trained(probes)
    again = pickle.loads(pickle.dumps(model))
    _goes_on(model, again, layers, _ours(probes))


@way()
def deepcopy_layer(probe, folder):
    """`copy.deepcopy()` and `pickle` of a layer alone."""
    layer = probe.make(seed=3)
    for again in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        x = probe.tensor()
        np.testing.assert_array_equal(
            array(again(x, training=True)), array(probe.make(seed=3)(x, training=True))
        )


@way()
def serialize_layer(probe, folder):
    """`keras.saving.serialize_keras_object()`, and `from_config()`, of a layer."""
    layer = probe.make(seed=3, name="drop")
    saved = keras.saving.serialize_keras_object(layer)
    for again in (
        keras.saving.deserialize_keras_object(saved),
        type(layer).from_config(layer.get_config()),
    ):
        assert again.get_config() == layer.get_config()
        check_dropped(again(probe.tensor(), training=True), probe.x())


@way(each=False)
def state_tree(probes, folder):
    """`get_state_tree()` and `set_state_tree()`, in the same model."""
    model, layers = _trained(probes)
    tree = model.get_state_tree(value_format="numpy_array")
    counted = [calls(layer) for layer in layers]
    fit(model, 1)
    model.set_state_tree(tree)
    assert [calls(layer) for layer in layers] == counted


@way(each=False)
def state_tree_new_model(probes, folder):
    """`set_state_tree()` in a new model whose layers have the same names."""
    model, layers = _trained(probes)
    tree = model.get_state_tree(value_format="numpy_array")
    again, same = compiled(probes)
    again.set_state_tree(tree)
    for layer, other in zip(layers, same, strict=True):
        assert layer.name == other.name
        assert calls(other) == calls(layer)


@way(each=False)
def state_tree_nested(probes, folder):
    """`get_state_tree()` where two nested models have layers with the same names."""
    probe = probes[0]
    inner = [
        keras.Sequential(
            [keras.Input(probe.shape), probe.make(name="drop")], name=f"inner_{i}"
        )
        for i in range(2)
    ]
    inputs = keras.Input(probe.shape)
    model = keras.Model(inputs, inner[1](inner[0](inputs)))
    model.compile(keras.optimizers.SGD(0.01), "mse")
    model.train_on_batch(probe.x(), probe.x())
    tree = model.get_state_tree(value_format="numpy_array")
    model.set_state_tree(tree)
    model.save(f"{folder}/model.keras")
    keras.models.load_model(f"{folder}/model.keras")


@way(each=False)
def state_tree_same_names(probes, folder):
    """`get_state_tree()` where functional nested models have layers of one name."""

    def model_of(probe):
        inner = []
        for name in ("first", "second"):
            inputs = keras.Input(probe.shape)
            drop = probe.make(name="drop")
            inner.append((drop, keras.Model(inputs, drop(inputs), name=name)))
        inputs = keras.Input(probe.shape)
        model = keras.Model(inputs, inner[1][1](inner[0][1](inputs)))
        model.compile(keras.optimizers.SGD(0.01), "mse")
        return model, [drop for drop, _ in inner]

    def states(layers):
        return [array(layer.seed_generator.state).tolist() for layer in layers]

    model, layers = model_of(probes[0])
    model(probes[0].x(), training=True)
    layers[1](probes[0].x(), training=True)
    before, tree = states(layers), model.get_state_tree(value_format="numpy_array")
    model(probes[0].x(), training=True)
    again = (model, layers), *[model_of(probes[0])] * _ours(probes)
    for other, others in again:
        other.set_state_tree(tree)
        assert states(others) == before


@way(each=False)
def orbax(probes, folder):
    """The callback `OrbaxCheckpoint`."""
    model, layers = compiled(probes)
    callback = keras.callbacks.OrbaxCheckpoint(
        f"{folder}/orbax", save_on_background=False, save_weights_only=True
    )
    fit(model, 1, callbacks=[callback])
    again, same = compiled(probes)
    again.load_weights(f"{folder}/orbax")
    for layer, other in zip(layers, same, strict=True):
        assert calls(other) == calls(layer)


@way()
def weights_into_keras(probe, folder):
    """A weights file of a model with the layer, in one with Keras's own, and back."""

    def model_of(layer):
        return keras.Sequential(
            [keras.Input(probe.shape), layer, keras.layers.Dense(1)]
        )

    kerass = model_of(keras.layers.Dropout(0.1))
    model = model_of(probe.make())
    for source, other in ((model, kerass), (kerass, model)):
        source.save_weights(f"{folder}/model.weights.h5")
        other.load_weights(f"{folder}/model.weights.h5")
        np.testing.assert_array_equal(
            source.predict(probe.x(), verbose=0), other.predict(probe.x(), verbose=0)
        )


@way(each=False)
def no_weights(probes, folder):
    """`summary()` counts no weights of the layer."""
    for probe in probes:
        model = keras.Sequential([keras.Input(probe.shape), probe.make()])
        assert model.weights == []
        assert model.count_params() == 0
        lines = []
        model.summary(print_fn=lambda line, **more: lines.append(line))  # noqa: B023
        assert "Total params: 0" in "\n".join(lines)


@way("tensorflow")
def tf_checkpoint(probe, folder):
    """`tf.train.Checkpoint(model=model)`; ours keep the seed's state."""
    import tensorflow as tf

    def model_of():
        layer = probe.make(name="drop")
        return keras.Sequential([keras.Input(probe.shape), layer]), layer

    model, layer = model_of()
    model(probe.x(), training=True)
    path = tf.train.Checkpoint(model=model).save(f"{folder}/checkpoint")
    again, other = model_of()
    tf.train.Checkpoint(model=again).restore(path).assert_existing_objects_matched()
    if probe.is_ours:
        np.testing.assert_array_equal(
            array(other(probe.x(), training=True)),
            array(layer(probe.x(), training=True)),
        )


@way("tensorflow")
def tf_saved_model(probe, folder):
    """`model.export()` as a SavedModel that still drops."""
    import tensorflow as tf

    inputs = keras.Input(probe.shape)
    model = keras.Model(inputs, probe.make()(inputs, training=True))
    model.export(f"{folder}/model", verbose=False)
    loaded = tf.saved_model.load(f"{folder}/model")
    first, second = (loaded.serve(probe.x()) for _ in range(2))
    check_dropped(first, probe.x())
    check_differ(first, second)


@way("tensorflow")
def tf_saved_model_layer(probe, folder):
    """`tf.saved_model.save()` of a `tf.Module` that has the layer."""
    import tensorflow as tf

    layer = probe.make()

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.drop = layer
            self.state = [v.value for v in layer.variables]

        @tf.function(input_signature=[tf.TensorSpec([None, *probe.shape])])
        def __call__(self, x):
            return self.drop(x, training=True)

    tf.saved_model.save(Module(), f"{folder}/module")
    loaded = tf.saved_model.load(f"{folder}/module")
    first, second = (loaded(probe.x()) for _ in range(2))
    check_dropped(first, probe.x())
    check_differ(first, second)


@way("tensorflow", "jax")
def export_for_inference(probe, folder):
    """`model.export()`, whose endpoint drops nothing."""
    import tensorflow as tf

    model = keras.Sequential([keras.Input(probe.shape), probe.make()])
    model.export(f"{folder}/model", format="tf_saved_model", verbose=False)
    loaded = tf.saved_model.load(f"{folder}/model")
    np.testing.assert_array_equal(loaded.serve(probe.x()), probe.x())


@way("torch")
def torch_state_dict(probe, folder):
    """`state_dict()` of a net, loaded strictly; ours continue with the same masks."""
    import torch

    from ways.transforms import _net

    net, again = _net(probe.make()), _net(probe.make())
    net(probe.tensor())
    torch.save(net.state_dict(), f"{folder}/net.pt")
    saved = torch.load(f"{folder}/net.pt")
    if not probe.is_ours:
        # Keras numbers the paths of its seeds.
        saved = {k: v for k, v in saved.items() if "seed" not in k}
        again.load_state_dict(saved, strict=False)
        return
    again.load_state_dict(saved)
    np.testing.assert_array_equal(
        array(again(probe.tensor()).detach()), array(net(probe.tensor()).detach())
    )


@way("torch")
def torch_pretrained(probe, folder):
    """A net's `state_dict()`, loaded with `strict=True` after the layer was added."""
    import torch

    from ways.transforms import _net

    plain = _net(torch.nn.Identity())
    plain_state = dict(plain.named_parameters())
    net = _net(probe.make())
    net.load_state_dict(plain_state)
    check_agree_weights(net, plain)


def check_agree_weights(net, plain):
    np.testing.assert_array_equal(
        array(net.linear.weight.detach()), array(plain.linear.weight.detach())
    )


@way("torch")
def torch_deepcopy(probe, folder):
    """`copy.deepcopy()` of a net that has the layer."""
    from ways.transforms import _net

    net = _net(probe.make())
    again = copy.deepcopy(net)
    check_dropped(again.drop(probe.tensor(), training=True), probe.x())
    check_calls(again.drop, 1)
    check_calls(net.drop, 0)


@way("torch")
def torch_optimizer(probe, folder):
    """A `torch.optim` optimizer on `net.parameters()`."""
    import torch

    from ways.transforms import _net

    net = _net(probe.make())
    optimizer = torch.optim.AdamW(net.parameters(), 0.01, weight_decay=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        net(probe.tensor()).sum().backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
    check_calls(net.drop, 2)
    assert net.drop.rate == probe.make().rate


@way("torch")
def torch_load_assign(probe, folder):
    """`load_state_dict(assign=True)`, which leaves no parameters in the layer."""
    import torch

    nets = [torch.nn.Sequential(torch.nn.Linear(8, 8), probe.make()) for _ in range(2)]
    nets[0].load_state_dict(nets[1].state_dict(), strict=False, assign=True)
    check_dropped(nets[0][1](probe.tensor(), training=True), probe.x())
    if probe.is_ours:
        assert not list(nets[0][1].parameters())
