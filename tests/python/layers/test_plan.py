"""Where DropBlock goes, by rule, in networks of every kind."""

import gc
from collections import Counter

import keras
import numpy as np
import pytest
from test_add_dropblock import (
    added,
    inputs_of,
    randomize,
    source,
)

from layerbridge import DropBlock2D, add_dropblock, plan_dropblock
from layerbridge.training.graph import is_addition, is_convolution

layers = keras.layers

# For pictures of 96x96: the last two resolutions, the convolutions and the skip
# connections of each that have DropBlock, and how many maps of one cell have none.
APPLICATIONS = {
    "ConvNeXtBase": (("6x6", 28, 26), ("3x3", 4, 2), 0),
    "ConvNeXtLarge": (("6x6", 28, 26), ("3x3", 4, 2), 0),
    "ConvNeXtSmall": (("6x6", 28, 26), ("3x3", 4, 2), 0),
    "ConvNeXtTiny": (("6x6", 10, 8), ("3x3", 4, 2), 0),
    "ConvNeXtXLarge": (("6x6", 28, 26), ("3x3", 4, 2), 0),
    "DenseNet121": (("6x6", 49, 0), ("3x3", 32, 0), 0),
    "DenseNet169": (("6x6", 65, 0), ("3x3", 64, 0), 0),
    "DenseNet201": (("6x6", 97, 0), ("3x3", 64, 0), 0),
    "EfficientNetB0": (("6x6", 18, 2), ("3x3", 15, 2), 32),
    "EfficientNetB1": (("6x6", 24, 4), ("3x3", 21, 3), 46),
    "EfficientNetB2": (("6x6", 24, 4), ("3x3", 21, 3), 46),
    "EfficientNetB3": (("6x6", 30, 6), ("3x3", 24, 4), 52),
    "EfficientNetB4": (("6x6", 36, 8), ("3x3", 30, 6), 64),
    "EfficientNetB5": (("6x6", 42, 10), ("3x3", 36, 8), 78),
    "EfficientNetB6": (("6x6", 48, 12), ("3x3", 42, 10), 90),
    "EfficientNetB7": (("6x6", 60, 16), ("3x3", 51, 13), 110),
    "EfficientNetV2B0": (("6x6", 24, 4), ("3x3", 24, 6), 32),
    "EfficientNetV2B1": (("6x6", 30, 6), ("3x3", 27, 7), 38),
    "EfficientNetV2B2": (("6x6", 30, 6), ("3x3", 30, 8), 40),
    "EfficientNetV2B3": (("6x6", 36, 8), ("3x3", 36, 10), 48),
    "EfficientNetV2L": (("6x6", 87, 25), ("3x3", 96, 28), 122),
    "EfficientNetV2M": (("6x6", 63, 17), ("3x3", 69, 19), 88),
    "EfficientNetV2S": (("6x6", 45, 11), ("3x3", 45, 13), 60),
    "InceptionResNetV2": (("9x9", 79, 9), ("4x4", 106, 20), 54),
    "InceptionV3": (("9x9", 23, 0), ("4x4", 46, 0), 20),
    "MobileNet": (("6x6", 12, 0), ("3x3", 4, 0), 1),
    "MobileNetV2": (("6x6", 21, 3), ("3x3", 12, 1), 0),
    "MobileNetV3Large": (("6x6", 18, 2), ("3x3", 9, 1), 18),
    "MobileNetV3Small": (("6x6", 15, 1), ("3x3", 9, 1), 20),
    "NASNetLarge": (("6x6", 85, 3), ("3x3", 83, 1), 0),
    "NASNetMobile": (("6x6", 61, 3), ("3x3", 59, 1), 0),
    "ResNet101": (("6x6", 70, 22), ("3x3", 10, 2), 0),
    "ResNet101V2": (("6x6", 70, 22), ("3x3", 12, 3), 0),
    "ResNet152": (("6x6", 109, 35), ("3x3", 10, 2), 0),
    "ResNet152V2": (("6x6", 109, 35), ("3x3", 12, 3), 0),
    "ResNet50": (("6x6", 19, 5), ("3x3", 10, 2), 0),
    "ResNet50V2": (("6x6", 19, 5), ("3x3", 12, 3), 0),
    "VGG16": (("12x12", 3, 0), ("6x6", 3, 0), 0),
    "VGG19": (("12x12", 4, 0), ("6x6", 4, 0), 0),
    "Xception": (("6x6", 27, 9), ("3x3", 3, 0), 0),
}
# The smallest of each family, of which copies are made.
COPIED = [
    *("ConvNeXtTiny", "DenseNet121", "EfficientNetB0", "EfficientNetV2B0"),
    *("InceptionResNetV2", "InceptionV3", "MobileNet", "MobileNetV2"),
    *("MobileNetV3Small", "NASNetMobile", "ResNet50", "ResNet50V2", "VGG16"),
    "Xception",
]
# An inverted one that squeezes and excites. Those below are made by hand for each rule;
# a release tries all of Keras's.
QUICK = ["EfficientNetB0"]


def application(name):
    return getattr(keras.applications, name)(weights=None, input_shape=(96, 96, 3))


@pytest.mark.usefixtures("_forget_models")
def test_the_papers_groups_are_the_default():
    old = keras.applications.ResNet50(
        weights=None, include_top=False, input_shape=(64, 64, 3)
    )
    new = add_dropblock(old, 0.1)
    rates = {
        layer.name: layer.rate for layer in new.layers if isinstance(layer, DropBlock2D)
    }
    # Three convolutions in each block, a projection in the first, a skip in the others.
    assert len(rates) == (6 + 3) * (3 + 1)
    for name, rate in rates.items():
        assert rate == pytest.approx({"4": 0.025, "5": 0.1}[name[4]])
        assert new.get_layer(name).block_size == 7
    assert sum("_skip_" in name for name in rates) == 5 + 2


@pytest.fixture
def _forget_models():
    yield
    keras.backend.clear_session()
    gc.collect()


def map_of(convolution):
    return convolution.output.shape[1:-1]


def test_every_application_is_in_the_table():
    assert set(APPLICATIONS) == {n for n in dir(keras.applications) if n[0].isupper()}


@pytest.mark.usefixtures("_forget_models")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in QUICK else pytest.mark.release)
        for name in APPLICATIONS
    ],
)
def test_the_last_two_resolutions_of_an_application(name):
    model = application(name)
    plan = plan_dropblock(model)
    *resolutions, one_cell = APPLICATIONS[name]
    found = Counter((str(place.map), place.is_skip) for place in plan.places)
    expected = Counter()
    for size, convolutions, skips in resolutions:
        expected.update({(size, False): convolutions, (size, True): skips})
    assert found == expected
    assert {p.factor for p in plan.places if str(p.map) == resolutions[0][0]} == {0.25}
    assert {p.factor for p in plan.places if str(p.map) == resolutions[1][0]} == {1.0}

    convolutions = {x.name: x for x in model._flatten_layers() if is_convolution(x)}
    named = [name for names in plan.left_out.values() for name in names]
    after = [place for place in plan.places if not place.is_skip]
    assert len(after) + len(named) == len(convolutions)
    one_cells = plan.left_out.get("whose map has one cell", ())
    assert len(one_cells) == one_cell
    assert {map_of(convolutions[name]) for name in one_cells} <= {(1, 1)}
    sizes = {map_of(x) for x in convolutions.values()} - {(1, 1)}
    last = sorted(sizes)[: len(resolutions)]
    assert {"x".join(map(str, size)) for size in last} == {r[0] for r in resolutions}

    if name in COPIED:
        check_copy(model, plan)


def dropblocks(model):
    return [x.name for x in model._flatten_layers() if isinstance(x, DropBlock2D)]


def outcome(function, *arguments):
    try:
        return sorted(function(*arguments))
    except ValueError as error:
        return str(error)


def check_that_they_agree(model, layers=None):
    """Adding puts DropBlock where the plan says, and is refused where that is."""
    before = dropblocks(model)

    def planned():
        return [place.name for place in plan_dropblock(model, layers).places]

    def added_to_it():
        copy = add_dropblock(model, 0.1, 3, layers=layers)
        return [name for name in dropblocks(copy) if name not in before]

    assert outcome(planned) == outcome(added_to_it)


def check_copy(old, plan):
    new = add_dropblock(old, 0.1, 3)
    assert sorted(dropblocks(new)) == sorted(place.name for place in plan.places)
    check_that_they_agree(new)
    check_that_they_agree(new, "*")
    for layer in new.layers:
        if is_addition(layer):
            dropped = ["dropblock" in x for x in inputs_of(layer)]
            assert not any(dropped) or all(map(comes_from_a_drop, layer.input))
    x = np.random.default_rng(0).normal(size=(1, 96, 96, 3)).astype("float32")
    np.testing.assert_array_equal(new(x), old(x))


def comes_from_a_drop(tensor):
    """Whether DropBlock is nearer than any convolution."""
    layer = tensor._keras_history.operation
    if isinstance(layer, DropBlock2D):
        return True
    (call,) = layer._inbound_nodes
    before = call.input_tensors
    return not is_convolution(layer) and any(map(comes_from_a_drop, before))


def convolve(x, filters, name, **arguments):
    rank = len(x.shape) - 2
    convolution = getattr(layers, f"Conv{rank}D")
    x = convolution(filters, 3, padding="same", name=name, **arguments)(x)
    return layers.ReLU()(x)


def u_net(padding="same", size=64):
    """Two resolutions down, two up; the prediction is a map."""

    def twice(x, name):
        for part in "ab":
            x = layers.Conv2D(4, 3, padding=padding, name=f"{name}{part}")(x)
            x = layers.ReLU()(x)
        return x

    x = inputs = keras.Input((size, size, 3))
    skips = []
    for name in ("down1", "down2"):
        skips.append(x := twice(x, name))
        x = layers.MaxPooling2D()(x)
    x = twice(x, "bottom")
    for name in ("up2", "up1"):
        x = layers.Conv2DTranspose(4, 2, strides=2, name=f"{name}_transpose")(x)
        skip = skips.pop()
        margin = (skip.shape[1] - x.shape[1]) // 2
        if margin:
            skip = layers.Cropping2D(margin)(skip)
        x = twice(layers.Concatenate()([skip, x]), name)
    x = layers.Conv2D(5, 1, name="logits")(x)
    return keras.Model(inputs, layers.Softmax()(layers.Resizing(size, size)(x)))


def places(model, *arguments, **named):
    plan = plan_dropblock(model, *arguments, **named)
    return {place.layer: (str(place.map), place.factor) for place in plan.places}


def test_a_u_net_has_it_at_the_bottom_and_beside_it():
    assert places(u_net()) == {
        "down2a": ("32x32", 0.25),
        "down2b": ("32x32", 0.25),
        "bottoma": ("16x16", 1.0),
        "bottomb": ("16x16", 1.0),
        "up2_transpose": ("32x32", 0.25),
        "up2a": ("32x32", 0.25),
        "up2b": ("32x32", 0.25),
    }
    assert "logits" not in places(u_net(), "*")
    with pytest.raises(ValueError, match="'logits', which matches only convolutions"):
        plan_dropblock(u_net(), "logits")


def test_convolutions_without_padding_keep_their_resolution():
    same, valid = places(u_net()), places(u_net("valid", 68))
    assert list(valid) == list(same)
    sizes = sorted({int(size.split("x")[0]) for size, _ in valid.values()})
    assert sizes == [10, 12, 16, 18, 20, 28, 30]


def pyramid():
    """Three resolutions of a residual network, and the pyramid on top of them."""
    x = inputs = keras.Input((64, 64, 3))
    features = []
    for stage in (1, 2, 3):
        x = convolve(x, 4, f"c{stage}a", strides=2)
        x = layers.Add(name=f"c{stage}_add")([x, convolve(x, 4, f"c{stage}b")])
        features.append(x)
    top, outputs = None, []
    for level in (3, 2, 1):
        lateral = layers.Conv2D(4, 1, name=f"lateral{level}")(features[level - 1])
        if top is not None:
            lateral = layers.Add(name=f"merge{level}")(
                [lateral, layers.UpSampling2D()(top)]
            )
        top = lateral
        head = convolve(top, 4, f"head{level}")
        outputs.append(
            layers.Reshape((-1, 2))(layers.Conv2D(2, 3, name=f"class{level}")(head))
        )
    scores = layers.Activation("sigmoid")(layers.Concatenate(axis=1)(outputs))
    return keras.Model(inputs, scores)


def test_a_feature_pyramid():
    assert places(pyramid()) == {
        "c2a": ("16x16", 0.25),
        "c2b": ("16x16", 0.25),
        "c3a": ("8x8", 1.0),
        "c3b": ("8x8", 1.0),
        "lateral3": ("8x8", 1.0),
        "head3": ("8x8", 1.0),
        "lateral2": ("16x16", 0.25),
        "head2": ("16x16", 0.25),
    }
    # The finest level adds what comes from another resolution: no branch counts there.
    model = add_dropblock(pyramid(), 0.1, 3)
    assert not any("dropblock" in x for x in inputs_of(model.get_layer("merge1")))


@pytest.mark.parametrize(("rank", "sizes"), [(1, ["8", "4"]), (3, ["8x8x8", "4x4x4"])])
def test_networks_of_one_and_of_three_axes(rank, sizes):
    x = inputs = keras.Input((*(32,) * rank, 2))
    for stage in range(3):
        x = convolve(x, 4, f"conv{stage}", strides=2)
    pooled = getattr(layers, f"GlobalAveragePooling{rank}D")()(x)
    old = randomize(keras.Model(inputs, layers.Dense(2)(pooled)))
    assert places(old) == {"conv1": (sizes[0], 0.25), "conv2": (sizes[1], 1.0)}
    x = np.ones((1, *(32,) * rank, 2), "float32")
    np.testing.assert_array_equal(add_dropblock(old, 0.1, 3)(x), old(x))


def test_maps_of_unknown_size():
    inputs = keras.Input((None, None, 3))
    x = convolve(convolve(inputs, 4, "a", strides=2), 4, "b", strides=2)
    model = keras.Model(
        inputs, layers.GlobalAveragePooling2D()(layers.UpSampling2D()(x))
    )
    assert places(model) == {"a": ("1/2x1/2", 0.25), "b": ("1/4x1/4", 1.0)}


def test_maps_of_the_inputs_own_unknown_size():
    inputs = keras.Input((None, None, 3))
    x = layers.UpSampling2D()(convolve(inputs, 4, "a"))
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(convolve(x, 4, "b")))
    assert places(model, "*") == {"a": ("1/1x1/1", 1.0), "b": ("2/1x2/1", 1.0)}


def test_gates_of_one_cell_are_never_dropped_from():
    inputs = keras.Input((16, 16, 4))
    x = convolve(inputs, 4, "conv")
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(4, 1, activation="sigmoid", name="gate")(gate)
    model = keras.Model(inputs, layers.ReLU()(layers.Multiply()([x, gate])))
    assert list(places(model, "*")) == ["conv"]
    with pytest.raises(ValueError, match="such as 'gate', whose map has one cell"):
        plan_dropblock(model, ["conv", "gate"])
    only_gate = keras.Model(
        model.get_layer("gate").input, model.get_layer("gate").output
    )
    with pytest.raises(ValueError, match="get no DropBlock, such as 'gate', whose"):
        plan_dropblock(only_gate)


def test_the_first_convolution_that_a_pattern_matches_gives_the_reason():
    inputs = keras.Input((16, 16, 4))
    gate = layers.GlobalAveragePooling2D(keepdims=True)(inputs)
    for name in "abcdef":
        gate = layers.Conv2D(4, 1, name=f"x_{name}")(gate)
    scores = layers.Conv2D(4, 1, name="x_scores")(inputs)
    model = keras.Model(inputs, [gate, scores])
    with pytest.raises(ValueError, match="such as 'x_a', whose map has one cell"):
        plan_dropblock(model, "x_*")


def test_a_branch_is_dropped_once():
    inputs = keras.Input((8, 8, 4))
    h = convolve(inputs, 4, "h")
    both = layers.Add(name="both")([convolve(h, 4, "branch"), h])
    one = layers.Add(name="one")(
        [convolve(both, 4, "last"), layers.AveragePooling2D(1)(both)]
    )
    model = add_dropblock(keras.Model(inputs, layers.ReLU()(one)), 0.1, 3, layers="*")
    assert set(added(model)) == {
        "h_dropblock",
        "branch_dropblock",
        "last_dropblock",
        "one_skip_dropblock",
    }


def test_an_addition_counts_whatever_its_name():
    inputs = keras.Input((8, 8, 4))
    x = layers.Conv2D(4, 3, padding="same", name="res_conv")(inputs)
    model = keras.Model(inputs, layers.ReLU()(inputs + x))
    (skip,) = (p for p in plan_dropblock(model, {"res*": 0.5}).places if p.is_skip)
    assert (skip.factor, str(skip.map)) == (0.5, "8x8")
    assert len(plan_dropblock(model, "res*", skip_connections=False).places) == 1


def test_resolutions_in_any_form():
    model = u_net()
    bottom = ["bottoma", "bottomb"]
    assert list(places(model, -1)) == list(places(model, [-1])) == bottom
    assert list(places(model, np.int64(-1))) == bottom
    assert places(model, {-1: 0.5})["bottoma"] == ("16x16", 0.5)
    assert places(model, {"bottomb": 3, -1: 0.5})["bottomb"] == ("16x16", 3.0)
    assert places(model, {"-2": 0.25, "-1": 1}) == places(model)
    with pytest.raises(ValueError, match="received -4; this model has 3 resolutio"):
        plan_dropblock(model, -4)


def test_a_nested_model_is_read_as_part_of_the_outer():
    inputs = keras.Input((16, 16, 3))
    backbone = keras.Model(inputs, convolve(inputs, 4, "inner", strides=2))
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            backbone,
            layers.Conv2D(4, 3, strides=2, name="outer"),
            layers.ReLU(),
            layers.GlobalMaxPooling2D(),
        ]
    )
    assert places(model) == {"inner": ("8x8", 0.25), "outer": ("3x3", 1.0)}
    new = add_dropblock(model, 0.1, 3)
    assert source(new.get_layer("outer_dropblock")) == "outer"
    assert "inner_dropblock" in [layer.name for layer in new.layers[0].layers]


def test_a_nested_model_that_is_called_twice():
    inputs, nested = keras.Input((16, 16, 3)), keras.Input((16, 16, 4))
    head = keras.Model(nested, layers.Conv2D(4, 3, padding="same", name="head")(nested))
    first, second = (layers.Conv2D(4, 3, padding="same", name=n)(inputs) for n in "ab")
    both = layers.ReLU()(layers.Concatenate()([head(first), head(second)]))
    model = keras.Model(inputs, layers.GlobalMaxPooling2D()(both))
    names = [place.name for place in plan_dropblock(model).places]
    after = ["a_dropblock", "b_dropblock", "head_dropblock", "head_dropblock_2"]
    assert sorted(names) == after
    check_that_they_agree(model)
    check_that_they_agree(add_dropblock(model, 0.1, 3, layers=["a", "head"]))
    new = add_dropblock(model, 0.1, 3)
    assert source(new.get_layer("b_dropblock")) == "b"


def test_a_convolution_of_which_a_nested_model_returns_nothing_is_left_out():
    inputs, nested = keras.Input((16, 16, 3)), keras.Input((16, 16, 3))
    outputs = [layers.Conv2D(4, 3, name=name)(nested) for name in ("used", "unused")]
    used, _ = keras.Model(nested, outputs)(inputs)
    model = keras.Model(inputs, layers.GlobalMaxPooling2D()(used))
    plan = plan_dropblock(model)
    assert [place.layer for place in plan.places] == ["used"]
    assert plan.left_out == {"whose output is the model's": ("unused",)}
    check_that_they_agree(model)


def test_resolutions_count_convolutions_that_have_dropblock():
    model = add_dropblock(u_net(), 0.1, 3, layers=-1)
    assert list(places(model, -2)) == list(places(u_net(), -2))
    with pytest.raises(ValueError, match=r"received -1.* DropBlock already fol"):
        plan_dropblock(model, -1)


def test_a_plan_prints_a_table():
    assert str(plan_dropblock(u_net(), {"bottom*": 0.5, "up2b": 1})).splitlines()[
        1:
    ] == [
        "    map  factor  after",
        "  16x16     0.5  bottoma",
        "  16x16     0.5  bottomb",
        "  32x32       1  up2b",
        "After 3 convolutions and on 0 skip connections.",
        "Left out: 9 convolutions, which `layers` does not choose.",
        "Left out: 1 convolution, whose output is the model's.",
    ]
