"""What `fit()` and its relatives can be told."""

import contextlib

import keras
import numpy as np

from ways import (
    BATCH,
    SAMPLES,
    array,
    check_calls,
    check_differ,
    check_dropped,
    check_history,
    compiled,
    fit,
    network,
    targets,
    way,
    zeros,
)


@way(each=False)
def trainer_fit(probes, folder):
    """`fit()`, with validation, then `predict()`."""
    model, layers = compiled(probes)
    x, y = SAMPLES[:BATCH], {k: v[:BATCH] for k, v in targets(model).items()}
    history = fit(model, validation_data=(x, y))
    check_history(history, layers, 4)
    assert history["val_loss"] == [0, 0]
    for name, output in model.predict(SAMPLES, verbose=0).items():
        weight = array(model.get_layer(name).weight)
        np.testing.assert_allclose(output, SAMPLES * weight, rtol=1e-5)


@way("tensorflow", "jax", each=False)
def trainer_jit_compile(probes, folder):
    """`fit()` with `jit_compile=True`."""
    model, layers = compiled(probes, jit_compile=True)
    check_history(fit(model), layers, 4)


@way(each=False)
def trainer_run_eagerly(probes, folder):
    """`fit()` with `run_eagerly=True`."""
    model, layers = compiled(probes, run_eagerly=True)
    check_history(fit(model, 1), layers, 2)


@way(each=False)
def trainer_steps_per_execution(probes, folder):
    """`fit()` with `steps_per_execution=2`."""
    model, layers = compiled(probes, steps_per_execution=2)
    check_history(fit(model), layers, 4)


@way(each=False)
def trainer_train_on_batch(probes, folder):
    """`train_on_batch()`, then `test_on_batch()`."""
    model, layers = compiled(probes)
    for _ in range(2):
        loss = model.train_on_batch(SAMPLES, targets(model), return_dict=True)
    assert 0 < loss["loss"] < len(probes)
    loss = model.test_on_batch(SAMPLES, targets(model), return_dict=True)
    for layer in layers:
        check_calls(layer, 2)


@way(each=False)
def trainer_gradient_accumulation(probes, folder):
    """An optimizer that accumulates gradients."""
    model, layers = network(probes)
    optimizer = keras.optimizers.SGD(0.01, gradient_accumulation_steps=2)
    model.compile(optimizer, zeros)
    check_history(fit(model), layers, 4)


@way(each=False)
def trainer_moving_average(probes, folder):
    """An optimizer with a moving average and weight decay."""
    model, layers = network(probes)
    model.compile(keras.optimizers.AdamW(0.01, use_ema=True), zeros)
    check_history(fit(model), layers, 4)


@way(each=False)
def trainer_loss_scale(probes, folder):
    """`fit()` in `mixed_float16` with a scaled loss."""
    model, layers = network(probes, dtype="mixed_float16")
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.01))
    model.compile(optimizer, zeros)
    check_history(fit(model, 1), layers, 2)


@way(each=False)
def trainer_generator(probes, folder):
    """`fit()` from a generator, with a smaller last batch."""
    model, layers = compiled(probes)
    y = targets(model)

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            part = slice(None, BATCH - 5 * index)
            return SAMPLES[part], {k: v[part] for k, v in y.items()}

    history = model.fit(Batches(), epochs=2, verbose=0).history
    check_history(history, layers, 4)


@way("tensorflow", "jax", each=False)
def trainer_tf_dataset(probes, folder):
    """`fit()` from a `tf.data.Dataset`."""
    import tensorflow as tf

    model, layers = compiled(probes)
    data = tf.data.Dataset.from_tensor_slices((SAMPLES, targets(model))).batch(BATCH)
    check_history(model.fit(data, epochs=1, verbose=0).history, layers, 2)


@way("torch", each=False)
def trainer_data_loader(probes, folder):
    """`fit()` from a `torch.utils.data.DataLoader`."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    model, layers = compiled(probes[:1])
    (y,) = targets(model).values()
    data = TensorDataset(torch.tensor(SAMPLES), torch.tensor(y))
    history = model.fit(DataLoader(data, BATCH), epochs=1, verbose=0).history
    check_history(history, layers, 2)


@way(each=False)
def trainer_compile_again(probes, folder):
    """`compile()` and `fit()` a second time."""
    model, layers = compiled(probes)
    fit(model, 1)
    model.compile(keras.optimizers.SGD(0.01), zeros)
    check_history(fit(model, 1), layers, 4)


@way(each=False)
def trainer_backup_and_restore(probes, folder):
    """`BackupAndRestore` and `ModelCheckpoint`: the seed's count continues."""
    model, layers = compiled(probes)
    stop = keras.callbacks.LambdaCallback(on_epoch_begin=_interrupt_at(1))
    callbacks = [
        keras.callbacks.ModelCheckpoint(f"{folder}/model.keras"),
        keras.callbacks.BackupAndRestore(f"{folder}/backup"),
        stop,
    ]
    with contextlib.suppress(KeyboardInterrupt):
        fit(model, 2, callbacks=callbacks)
    again = keras.models.load_model(f"{folder}/model.keras")
    fit(again, 2, callbacks=[keras.callbacks.BackupAndRestore(f"{folder}/backup")])
    for layer in layers:
        assert again.get_layer(layer.name).rate == layer.rate


def _interrupt_at(last):
    def interrupt(epoch, logs):
        if epoch == last:
            raise KeyboardInterrupt

    return interrupt


@way(each=False)
def trainer_not_trainable(probes, folder):
    """A frozen layer, which still drops."""
    model, layers = compiled(probes, {"trainable": False} if probes[0].is_ours else {})
    for layer in layers:
        layer.trainable = False
    check_history(fit(model, 1), layers, 2)


@way(each=False)
def trainer_metrics_and_regularizer(probes, folder):
    """With metrics, an activity regularizer and `add_loss()`."""
    model, layers = network(probes)
    model.get_layer(model.output_names[0]).activity_regularizer = keras.regularizers.L2(
        1e-3
    )
    metrics = {name: [zeros] for name in model.output_names}
    model.compile(keras.optimizers.SGD(0.01), zeros, metrics=metrics)
    fit(model, 1)
    for layer in layers:
        check_calls(layer, 2)


class SubclassModel(keras.Model):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.dense = keras.layers.Dense(1)

    def call(self, x, training=False):
        return self.dense(self.layer(x, training=training))


@way()
def trainer_subclass(probe, folder):
    """`fit()` of a subclass of `keras.Model` with its own `call()`."""
    model = SubclassModel(probe.make())
    model.compile(keras.optimizers.SGD(0.01), "mse")
    model.fit(probe.x(), np.ones(BATCH), batch_size=BATCH, verbose=0)
    check_calls(model.layer, 1)


@way()
def trainer_sequential(probe, folder):
    """`fit()` of a `Sequential` model that learns its shape from the data."""
    model = keras.Sequential([probe.make(), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.01), "mse")
    model.fit(probe.x(), np.ones(BATCH), batch_size=BATCH, verbose=0)
    check_calls(model.layers[0], 1)


class OwnStepModel(keras.Model):
    """A model with a `train_step()` for each backend, as in Keras's guides."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.dense = keras.layers.Dense(1)

    def call(self, x, training=False):
        return self.dense(self.layer(x, training=training))

    def train_step(self, *arguments):
        return {
            "tensorflow": self._tensorflow,
            "jax": self._jax,
            "torch": self._torch,
        }[keras.backend.backend()](*arguments)

    def _tensorflow(self, data):
        import tensorflow as tf

        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss}

    def _jax(self, state, data):
        import jax

        trainable, other, optimizer, metrics = state
        x, y = data

        def loss_of(trainable):
            y_pred, updated = self.stateless_call(trainable, other, x, training=True)
            return self.compute_loss(y=y, y_pred=y_pred), updated

        (loss, other), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable)
        trainable, optimizer = self.optimizer.stateless_apply(
            optimizer, gradients, trainable
        )
        return {"loss": loss}, (trainable, other, optimizer, metrics)

    def _torch(self, data):
        import torch

        x, y = data
        self.zero_grad()
        loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        loss.backward()
        weights = list(self.trainable_weights)
        with torch.no_grad():
            self.optimizer.apply([v.value.grad for v in weights], weights)
        return {"loss": loss}


@way()
def trainer_own_train_step(probe, folder):
    """A custom `train_step()`, as in Keras's guides."""
    model = OwnStepModel(probe.make())
    model(probe.x())
    model.compile(keras.optimizers.SGD(0.01), "mse")
    y = np.ones((*probe.x().shape[:-1], 1))
    model.fit(probe.x(), y, batch_size=BATCH // 2, verbose=0)
    check_calls(model.layer, 2)


@way()
def eager_calls(probe, folder):
    """Eager calls: steps differ, a seed repeats, inference is the identity."""
    layer, same = probe.make(seed=3), probe.make(seed=3)
    x = probe.tensor()
    first, second = layer(x, training=True), layer(x, training=True)
    check_dropped(first, x)
    check_differ(first, second)
    np.testing.assert_array_equal(array(same(x, training=True)), array(first))
    assert layer(x) is x


@way()
def sampling_at_prediction(probe, folder):
    """`model(x, training=True)`, to sample predictions."""
    model = keras.Sequential([keras.Input(probe.shape), probe.make()])
    first, second = (model(probe.x(), training=True) for _ in range(2))
    check_dropped(first, probe.x())
    check_differ(first, second)
