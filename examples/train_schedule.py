"""Compare no DropBlock, a fixed rate and the paper's rising rate on a small ResNet.

The images are scikit-learn's handwritten digits.

usage: python examples/train_schedule.py [SEEDS]
"""

import sys

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

from layerbridge import LinearRamp, add_dropblock

EPOCHS, BATCH, TRAIN = 40, 50, 300
RATE, BLOCK = 0.1, 3
# The paper's groups 3 and 4, with a quarter of the rate in the first of them.
GROUPS = {"group3_*": 0.25, "group4_*": 1.0}
STEPS = EPOCHS * TRAIN // BATCH

KINDS = {
    "no DropBlock": lambda model: model,
    "fixed rate": lambda model: add_dropblock(model, RATE, BLOCK, layers=GROUPS),
    "rising rate": lambda model: add_dropblock(
        model, LinearRamp(0, RATE, STEPS), BLOCK, layers=GROUPS
    ),
}


def convolution(x, filters, kernel, stride, name):
    """Convolve and normalize."""
    convolve = layers.Conv2D(
        filters, kernel, stride, padding="same", use_bias=False, name=f"{name}_conv"
    )
    normalize = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")
    return normalize(convolve(x))


def block(x, filters, stride, name):
    """Add two convolutions to their input, or to a projection of it."""
    skip = x if stride == 1 else convolution(x, filters, 1, stride, f"{name}_0")
    x = layers.ReLU()(convolution(x, filters, 3, stride, f"{name}_1"))
    x = convolution(x, filters, 3, 1, f"{name}_2")
    return layers.ReLU()(layers.Add(name=f"{name}_add")([skip, x]))


def resnet():
    """Make a network of the paper's groups 3 and 4."""
    inputs = keras.Input((8, 8, 1))
    x = layers.ReLU()(convolution(inputs, 16, 3, 1, "group2_stem"))
    x = block(x, 16, 1, "group3_block1")
    x = block(x, 32, 2, "group4_block1")
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def train(kind, seed, images, labels):
    """Return the held-out accuracy in percent; a seed starts all kinds the same."""
    rows = np.random.default_rng(seed).permutation(len(labels))
    training, held_out = rows[:TRAIN], rows[TRAIN:]
    keras.utils.set_random_seed(seed)
    model = KINDS[kind](resnet())
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        images[training], labels[training], batch_size=BATCH, epochs=EPOCHS, verbose=0
    )
    scores = model.evaluate(images[held_out], labels[held_out], 500, verbose=0)
    return 100 * scores[1]


def main(seeds):
    """Train with each seed in turn, and print the comparison."""
    digits = load_digits()
    images = (digits.images / 16)[..., None].astype("float32")
    print(
        f"{TRAIN} images to train on, {len(images) - TRAIN} held out, {EPOCHS} epochs"
    )
    accuracies = {kind: [] for kind in KINDS}
    for seed in range(seeds):
        for kind in KINDS:
            accuracies[kind].append(train(kind, seed, images, digits.target))
        shown = ", ".join(f"{kind} {a[-1]:.1f} %" for kind, a in accuracies.items())
        print(f"seed {seed}: {shown}", flush=True)
    print(f"\nHeld-out accuracy in %, mean and standard deviation of {seeds} seeds:\n")
    without = np.array(accuracies["no DropBlock"])
    for kind, values in accuracies.items():
        gain = values - without
        print(
            f"{kind:<14}{np.mean(values):6.1f} ± {np.std(values, ddof=1):.1f}"
            f"   gain {np.mean(gain):+.1f} ± {np.std(gain, ddof=1):.1f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
