"""A model with every layer, and the files that a version of layerbridge saved of it.

usage: saved.py

Writes a file of each kind to tests/fixtures/saved/VERSION: once for each version, which
the versions after it must be able to load. It takes TensorFlow, and the oldest Keras
that pyproject.toml allows (`make test-oldest` installs it): all newer ones read those.
"""

import json
from pathlib import Path

import keras
import numpy as np

import layerbridge
from layerbridge import StructuredDropout

FOLDER = Path(__file__).parents[2] / "fixtures" / "saved"

X = np.linspace(-1, 1, 16 * 8 * 8 * 3, dtype="float32").reshape(16, 8, 8, 3)
Y = np.sin(20 * X).mean((1, 2, 3))[:, None]


def new_model():
    ramp = layerbridge.LinearRamp(0, 0.5, 9)
    model = keras.Sequential(
        [
            keras.Input(X.shape[1:]),
            keras.layers.Conv2D(4, 3, padding="same", activation="relu"),
            layerbridge.DropBlock2D(ramp, (3, 2), normalize="sample"),
            layerbridge.SpatialDropout2D(0.1, seed=5),
            keras.layers.Reshape((64, 4)),
            layerbridge.DropBlock1D(0.1, 7, per_channel=False, exact_rate=False),
            layerbridge.SpatialDropout1D(0.2, name="early-drop{}"),
            keras.layers.Reshape((4, 4, 4, 4)),
            layerbridge.DropBlock3D(0.3, 2, "channels_first", normalize="expected"),
            layerbridge.SpatialDropout3D(ramp),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    # Keras 3.15 does not load "mse" from .h5 files.
    model.compile(keras.optimizers.Adam(0.01), keras.losses.MeanSquaredError())
    return model


def train(model):
    """Train for three steps an epoch; return the weights."""
    model.fit(X, Y, batch_size=6, epochs=2, shuffle=False, verbose=0)
    return model.get_weights()


def dropping(model):
    return [layer for layer in model.layers if isinstance(layer, StructuredDropout)]


def settings(model):
    """Tell what the layers were told, in terms of JSON."""
    configs = [layer.get_config() for layer in dropping(model)]
    return json.loads(json.dumps(configs))


def seeds(model):
    """Tell where the layers' seeds are."""
    states = [layer.seed_generator.state for layer in dropping(model)]
    return [keras.ops.convert_to_numpy(state).tolist() for state in states]


def rates(model):
    """Tell which rates the layers have reached."""
    return [layer.current_rate for layer in dropping(model)]


def main():
    folder = FOLDER / layerbridge.__version__
    folder.mkdir(parents=True)
    keras.utils.set_random_seed(1)
    model = new_model()
    train(model)
    model.save(folder / "model.keras")
    model.save_weights(folder / "model.weights.h5")
    (folder / "model.json").write_text(model.to_json(), "utf-8")
    model.export(str(folder / "saved_model"))
    (folder / "model.tflite").write_bytes(to_lite(folder / "saved_model"))
    model.save(folder / "model.h5")
    holds = {
        "predictions": model.predict(X, verbose=0)[:, 0].tolist(),
        "settings": settings(model),
        "seeds": seeds(model),
        "rates": rates(model),
    }
    (folder / "holds.json").write_text(json.dumps(holds, indent=1) + "\n", "utf-8")


def to_lite(saved_model):
    """Convert a SavedModel to the bytes of a LiteRT model."""
    import tensorflow as tf

    return tf.lite.TFLiteConverter.from_saved_model(str(saved_model)).convert()


def run_lite(model_content):
    """Give what a LiteRT model predicts."""
    import tensorflow as tf

    lite = tf.lite.Interpreter(model_content=model_content)
    (given,), (made,) = lite.get_input_details(), lite.get_output_details()
    lite.resize_tensor_input(given["index"], X.shape)
    lite.allocate_tensors()
    lite.set_tensor(given["index"], X)
    lite.invoke()
    return lite.get_tensor(made["index"])


if __name__ == "__main__":
    main()
