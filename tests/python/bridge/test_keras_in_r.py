"""The functions for keras.layers at work: R calls them, Python looks at what came."""

import subprocess

import keras
import numpy as np
import pytest

from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.write import sources


@pytest.fixture(scope="module")
def k(r):
    """R's functions for keras.layers, in a list named `k`."""
    source = sources.r_file(resolve("keras.layers").wrappers)
    r(
        "k <- new.env(); eval(parse(text = reticulate::py_to_r(source)), k)",
        source=source,
    )
    return r


def tensor(*shape):
    return keras.Input(shape)


def test_every_layer_without_required_arguments_joins_a_sequential_model(k):
    made = 0
    for layer in resolve("keras.layers").wrappers:
        required = [param for param in layer.params if param.r_default is None]
        if required or layer.family != "layer" or layer.class_name in NEED_MORE:
            continue
        model = keras.Sequential()
        assert k(f"model |> k${layer.r_name}()", model=model) is model
        assert type(model.layers[0]) is getattr(keras.layers, layer.class_name)
        made += 1
    assert made > 40


# Python refuses these without any argument.
NEED_MORE = {"CategoryEncoding", "Discretization", "InputLayer"}


def test_merging_layers_take_a_list_or_unnamed_inputs(k):
    a, b = tensor(4), tensor(4)
    for call in ("k$layer_add(list(a, b))", "k$layer_add(a, b)", "a |> k$layer_add(b)"):
        assert k(call, a=a, b=b).shape == (None, 4)
    assert k("k$layer_concatenate(a, b, axis = 2)", a=a, b=b).shape == (None, 8)
    assert k("k$layer_concatenate(a, b)", a=a, b=b).shape == (None, 8)
    assert k("k$layer_dot(a, b, axes = c(2, 2))", a=a, b=b).shape == (None, 1)
    assert isinstance(k("k$layer_add(name = 'sum')"), keras.layers.Add)
    later = k("later <- k$layer_add(); later(list(a, b))", a=a, b=b)
    assert later.shape == (None, 4)


def test_attention_takes_its_inputs(k):
    q, v = tensor(5, 8), tensor(7, 8)
    out = k("k$layer_multi_head_attention(list(q, v), 2, key_dim = 4)", q=q, v=v)
    assert out.shape == (None, 5, 8)
    assert k("list(q, v) |> k$layer_attention()", q=q, v=v).shape == (None, 5, 8)
    layer = k("k$layer_multi_head_attention(num_heads = 2, key_dim = 4)")
    assert (layer.num_heads, layer.key_dim) == (2, 4)


def test_cells_wrappers_and_functions(k):
    x = tensor(6, 3)
    assert k("x |> k$layer_rnn(k$rnn_cell_gru(4))", x=x).shape == (None, 4)
    both = k("x |> k$layer_bidirectional(k$layer_lstm(units = 4))", x=x)
    assert both.shape == (None, 8)
    timed = k("x |> k$layer_time_distributed(k$layer_dense(units = 2))", x=x)
    assert timed.shape == (None, 6, 2)
    stacked = k("k$rnn_cells_stack(list(k$rnn_cell_lstm(4), k$rnn_cell_simple(5)))")
    assert [cell.units for cell in stacked.cells] == [4, 5]
    square = "\\(x) reticulate::import('keras')$ops$square(x)"
    assert k(f"x |> k$layer_lambda({square})", x=np.full((2, 3), 3.0))[0, 0] == 9


@pytest.mark.parametrize(
    ("call", "attribute", "value"),
    [
        ("layer_dense(units = 3)", "units", 3),
        ("layer_conv_2d(filters = 4, kernel_size = 3)", "kernel_size", (3, 3)),
        ("layer_conv_2d(filters = 4, kernel_size = c(3, 5))", "kernel_size", (3, 5)),
        ("layer_conv_2d(filters = 4, kernel_size = list(3, 5))", "kernel_size", (3, 5)),
        ("layer_permute(dims = c(2, 1))", "dims", (2, 1)),
        ("layer_reshape(target_shape = c(2, 3))", "target_shape", (2, 3)),
        ("layer_reshape(target_shape = 6)", "target_shape", (6,)),
        ("layer_batch_normalization(axis = 1)", "axis", 0),
        ("layer_batch_normalization(axis = -1)", "axis", -1),
        ("layer_layer_normalization(axis = c(2, 3))", "axis", [1, 2]),
        ("layer_dropout(rate = 0.5, noise_shape = c(NA, 1))", "noise_shape", (None, 1)),
        ("layer_zero_padding_2d(padding = list(c(1, 2), c(3, 4)))", "padding",
         ((1, 2), (3, 4))),
        ("layer_activation_parametric_relu(shared_axes = c(1, 2))",
         "shared_axes", [0, 1]),
        ("layer_random_contrast(factor = c(0.1, 0.2), value_range = c(0, 1))",
         "value_range", (0.0, 1.0)),
        ("layer_group_normalization(groups = 2)", "groups", 2),
        ("layer_upsampling_2d(size = 2)", "size", (2, 2)),
    ],
)  # fmt: skip
def test_values_arrive_as_python_wants_them(k, call, attribute, value):
    found = getattr(k(f"k${call}"), attribute)
    assert found == value
    assert repr(found) == repr(value) or type(found) is not type(value)


def test_python_errors_carry_the_call(k):
    said = k(
        """
        caught <- tryCatch(k$layer_dense(units = -1), error = identity)
        c(class(caught)[1], deparse(conditionCall(caught)), conditionMessage(caught))
        """
    )
    assert list(said[:2]) == ["layerbridge_error", "k$layer_dense(units = -1)"]
    assert "units" in said[2]
    assert "Traceback" not in said[2]


def test_a_sourced_file_prints_a_history(tmp_path):
    source = sources.r_file(resolve("keras.Model.fit").wrappers)
    (tmp_path / "fit.R").write_text(source, encoding="utf-8")
    code = """
        source("fit.R")
        structure(list(metrics = list(loss = c(2, 1))), class = "bridge_history")
    """
    said = subprocess.run(
        ["Rscript", "--vanilla", "-e", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert "Final epoch" in said.stdout, said.stderr
    assert "loss: 1" in said.stdout
