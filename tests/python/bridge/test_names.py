"""R names of functions and arguments."""

from collections import Counter
from pathlib import Path

import pytest

from layerbridge.bridge.decide.prefix import name_with_prefix
from layerbridge.bridge.decide.snake_case import snake_case
from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.rules import schema

WORDS = schema.load("elsewhere").words


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("Conv2D", "layer_conv_2d"),
        ("Conv2DTranspose", "layer_conv_2d_transpose"),
        ("ConvLSTM2D", "layer_conv_lstm_2d"),
        ("LSTM", "layer_lstm"),
        ("STFTSpectrogram", "layer_stft_spectrogram"),
        ("TransformerLayer", "layer_transformer"),
        ("LayerNormalization", "layer_layer_normalization"),
        ("Layer", "layer_layer"),
        ("DropBlock3D", "layer_dropblock_3d"),
        ("TCN", "layer_tcn"),
        ("If", "layer_if"),
        ("Größe", "layer_grosse"),
        ("snake_case", "layer_snake_case"),
        ("_Hidden", "layer_hidden"),
    ],
)
def test_functions_are_named_as_in_keras3(name, function):
    assert name_with_prefix(name, "layer", WORDS) == function


def test_a_word_that_ends_prefix_and_name_is_said_once():
    assert name_with_prefix("GRUCell", "rnn_cell", WORDS) == "rnn_cell_gru"
    assert (
        name_with_prefix("Activation", "layer_activation", WORDS) == "layer_activation"
    )
    assert name_with_prefix("GPT2Backbone", "backbone", WORDS) == "backbone_gpt2"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ViTImageConverter", "vit image converter"),
        ("ViTDetBackbone", "vit det backbone"),
        ("DeiTBackbone", "deit backbone"),
        ("CfC", "cfc"),
        ("CFC", "cfc"),
        ("MoE", "moe"),
        ("PReLU", "prelu"),
        ("LeakyReLU", "leaky relu"),
        ("PReLUlip", "prelu lip"),
        ("ConvBNReLU6Block", "conv bn relu6 block"),
        ("NoOpReLUActivation", "no op relu activation"),
        ("FNetLayer", "fnet layer"),
        ("EANet3DModel", "eanet 3d model"),
        ("FiLMConv", "film conv"),
        ("SwiGLUMML", "swiglu mml"),
        ("QGRU", "q gru"),
        ("ConvLSTM2D", "conv lstm 2d"),
        ("T5Gemma2Tokenizer", "t5 gemma2 tokenizer"),
        ("GPT2Backbone", "gpt2 backbone"),
        ("Gemma3nBackbone", "gemma3n backbone"),
        ("MobileNetV5Backbone", "mobilenet v5 backbone"),
        ("DenseNet121", "densenet121"),
        ("EfficientNetB0", "efficientnet b0"),
        ("ResNet50V2", "resnet50 v2"),
        ("NASNetMobile", "nasnet mobile"),
        ("ConvNeXtXLarge", "convnext xlarge"),
        ("ResNeXt101", "resnext101"),
        ("ResNet50v2", "resnet50 v2"),
        ("AttentionUNet", "attention unet"),
        ("ViTMLP", "vit mlp"),
        ("SimpleViTFFT", "simple vit fft"),
        ("GATv2Conv", "gatv2 conv"),
        ("DownSampling2D", "downsampling 2d"),
        ("TopKSampler", "top k sampler"),
        ("BLIP2Seq2SeqLMPreprocessor", "blip2 seq2seq lm preprocessor"),
        ("Qwen3_5Tokenizer", "qwen3 5 tokenizer"),
        ("MeanIoU", "mean iou"),
        ("SAGEConv", "sage conv"),
        ("PrecisionAtK", "precision at k"),
        ("BestOfN", "best of n"),
        ("ToF", "tof"),
        ("AWQDTypePolicy", "awq dtype policy"),
        ("QuantizedFloat8DTypePolicy", "quantized float8 dtype policy"),
        ("DTypePolicyMap", "dtype policy map"),
        ("Int8ResNetV2", "int8 resnet v2"),
        ("Default8BitScheme", "default 8bit scheme"),
        ("LRCSVLogger", "lr csv logger"),
        ("PyCOCOCallback", "py coco callback"),
        ("MiTB0Backbone", "mit b0 backbone"),
        ("RoPE2D", "rope 2d"),
    ],
)
def test_words_and_acronyms_stay_in_one_piece(name, words):
    assert " ".join(snake_case(name, WORDS)) == words


def test_all_public_classes_of_keras_hub_come_out_different():
    names = (Path(__file__).parent / "keras_hub_names.txt").read_text().split()
    count = Counter(name_with_prefix(name, "layer", WORDS) for name in names)
    assert len(names) > 400
    assert [name for name, times in count.items() if times > 1] == []


def test_exceptions_are_rows():
    found = {x.class_name: x.r_name for x in resolve("keras.layers").wrappers}
    for name, function in {
        "Activation": "layer_activation",
        "FlaxLayer": "layer_flax_module_wrapper",
        "GRUCell": "rnn_cell_gru",
        "LayerNormalization": "layer_layer_normalization",
        "PReLU": "layer_activation_parametric_relu",
        "ReLU": "layer_activation_relu",
        "StackedRNNCells": "rnn_cells_stack",
    }.items():
        assert found[name] == function
