"""Write the docstrings of layers for maps: what they share, and what each says.

usage: python tools/docstrings.py

Each wording is here once. The code of the examples is the layers' own, and stays.
"""

import dataclasses
import re
import textwrap
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "python" / "layerbridge"
# By what comes before and after the rank in the names of the classes.
FILES = {
    ("DropBlock", "D"): "layers/dropblock.py",
    ("SpatialDropout", "D"): "layers/spatial_dropout.py",
    ("DropBlock", "d"): "torch.py",
}
_SECTIONS = (
    "Args:",
    "Call arguments:",
    "Input shape:",
    "Output shape:",
    "Raises:",
    "Shape:",
)
_SPACE = "\0"  # stands for a space in code, where no line may end

_ARGUMENTS = """\
seed: Integer, or `None` for a seed that follows Keras's `set_random_seed()`.
**kwargs: Arguments of every Keras layer, such as `name`, `dtype` and `trainable`. \
Braces in `name` number the layers that share the pattern: `"drop{{}}"` gives `drop1`, \
`drop2`.

Call arguments:
inputs: A tensor with {axes} axes, of floating-point numbers in training.
training: Boolean, whether to drop. If `False`, the layer returns its inputs. Models \
pass it on to their layers; elsewhere, pass it yourself: `layer(x, training=True)`.

Input shape:
`{last}`, or `{first}` with `data_format="channels_first"`.

Output shape:
Same as the inputs.

Raises:
ValueError: If an argument is invalid, or the inputs do not have {axes} axes.
"""

_RATE = """\
Args:
rate: Float between 0 and 1, the expected fraction of {dropped} dropped; or a \
schedule, such as `LinearRamp` or any learning rate schedule of Keras, whose steps are \
the layer's training calls. The layer's attribute `current_rate` is the rate of its \
next training step.
"""

_DATA_FORMAT = """\
data_format: String, `"channels_last"` for inputs of shape `{last}` or \
`"channels_first"` for `{first}`. `None` uses `image_data_format` from the Keras \
config, which is `"channels_last"` unless set otherwise.
"""

_DROPBLOCK = f"""\
Drops contiguous blocks of {{blocks_of}}, with a separate mask per channel.

{{why}}

Blocks lie wholly inside the {{map}} and may overlap. Each place where a block fits is \
drawn independently, with the probability at which the expected fraction of dropped \
units is `rate`. A block size of 1 is ordinary dropout, and a block as large as the \
{{map}} is spatial dropout.

{_RATE}\
block_size: Integer, {{block_size}}. A block larger than the {{map}} is clipped to it.
{_DATA_FORMAT}\
per_channel: Boolean. If `True`, each channel has its own mask, which the paper found \
to work better. If `False`, all channels of a sample share one mask.
normalize: String, how kept units are scaled up: `"batch"` divides by the fraction \
kept in the whole tensor, as the paper does; `"sample"` by the fraction kept in each \
sample; `"expected"` by `1 - rate`; `"none"` leaves them as they are. Where nothing is \
kept, the output is zero.
exact_rate: Boolean. If `False`, use the paper's probability, with which less than \
`rate` drops where blocks overlap.
{_ARGUMENTS}
Reference:

- [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890)

Example:
"""

_SPATIAL_DROPOUT = f"""\
Drops whole channels of {{whole}}.

Where neighbouring {{neighbours}} carry much the same information, dropping single \
ones regularises little. Spatial dropout drops a channel as a whole or keeps it, \
independently for each sample, and scales what it keeps by `1 / (1 - rate)`. It is \
DropBlock with a block as large as the {{map}}.

{_RATE}\
{_DATA_FORMAT}\
{_ARGUMENTS}
Reference:

- [Tompson et al., 2015](https://arxiv.org/abs/1411.4280)

Example:
"""

_MODULE = """\
Drops contiguous blocks of {blocks_of}, with a separate mask per channel.

As in `layerbridge.DropBlock{rank}D`, the expected fraction of dropped units is \
exactly `rate`, whatever the {map} and the block.

Args:
rate: Float between 0 and 1, the expected fraction of units dropped; or a schedule, \
such as `LinearRamp`, whose steps are the module's training calls.
block_size: Integer, {block_size}. A block larger than the {map} is clipped to it.
per_channel: Boolean. If `False`, all channels of a sample share one mask.
normalize: String, how kept units are scaled up: `"batch"` divides by the fraction \
kept in the whole tensor, as the paper does; `"sample"` by that in each sample; \
`"expected"` by `1 - rate`; `"none"` leaves them as they are.
exact_rate: Boolean. If `False`, use the paper's probability, which only approximates \
`rate`.
seed: Integer, or `None` for one that follows `torch.manual_seed`. Where it is `None`, \
`copy.deepcopy()` gives the copy a seed of its own.

Shape:
`{first}`, for the input and the output.

Raises:
TypeError: If an argument is missing or unknown.
ValueError: If an argument is invalid, or the input has another number of axes.

Reference:

- [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890)

Example:
"""

_WHY = {
    1: "Neighbouring steps of a sequence carry much the same information, which "
    "ordinary dropout leaves in place. DropBlock drops whole stretches, so that the "
    "network has to look elsewhere. Use it after convolutions over time series, audio "
    "or text.",
    2: "Neighbouring units of a convolution's feature map carry much the same "
    "information, which ordinary dropout leaves in place. DropBlock drops whole "
    "regions, so that the network has to look elsewhere. Use it after convolutions, "
    "and on the skip connections beside them.",
    3: "Neighbouring units of a volume or a video carry much the same information, "
    "which ordinary dropout leaves in place. DropBlock drops whole regions, so that "
    "the network has to look elsewhere. Use it after convolutions over volumes and "
    "videos.",
}

_BLOCK_SIZE = {
    1: "the number of steps in a block; or a tuple of one integer",
    2: "the height and width of a block; or a tuple of two integers, its height and "
    "its width. The paper uses 7",
    3: "the depth, height and width of a block; or a tuple of three integers, its "
    "depth, its height and its width",
}


@dataclasses.dataclass(frozen=True)
class _Words:
    blocks_of: str
    whole: str
    neighbours: str
    map: str
    map_axes: str


_RANKS = {
    1: _Words("steps", "a sequence", "steps of a sequence", "sequence", "steps"),
    2: _Words(
        "a feature map",
        "a feature map",
        "units of a feature map",
        "map",
        "height, width",
    ),
    3: _Words(
        "a volume", "a volume", "units of a volume", "volume", "depth, height, width"
    ),
}


_TEXTS = {
    ("DropBlock", "D"): _DROPBLOCK,
    ("SpatialDropout", "D"): _SPATIAL_DROPOUT,
    ("DropBlock", "d"): _MODULE,
}


def docstring(names: tuple[str, str], rank: int) -> str:
    """Write the docstring of a class, short of the code of its example."""
    words = _RANKS[rank]
    text = _TEXTS[names].format(
        **dataclasses.asdict(words),
        why=_WHY[rank],
        block_size=_BLOCK_SIZE[rank],
        rank=rank,
        dropped="units" if names[0] == "DropBlock" else "channels",
        axes=rank + 2,
        last=f"(batch, {words.map_axes}, channels)",
        first=f"(batch, channels, {words.map_axes})",
    )
    return "\n".join(_laid_out(text.splitlines()))


def _laid_out(lines: list[str]) -> list[str]:
    """Indent lines by their sections, and break them after 88 columns."""
    first = later = 4
    out = []
    for line in lines:
        if line in (*_SECTIONS, "Reference:", "Example:"):
            out.append(" " * 4 + line)
            first = 8 if line in _SECTIONS else 4
            later = 12 if line in ("Args:", "Call arguments:", "Raises:") else first
            continue
        whole = re.sub("`[^`]*`", lambda code: code[0].replace(" ", _SPACE), line)
        broken = textwrap.wrap(
            whole,
            88,
            initial_indent=" " * first,
            subsequent_indent=" " * later,
            break_long_words=False,
            break_on_hyphens=False,
        )
        out += [part.replace(_SPACE, " ") for part in broken] or [""]
    return out


def written(names: tuple[str, str], source: str) -> str:
    """Return a module's source with the docstrings of its classes as they should be."""
    before, after = names
    for rank in _RANKS:
        start = source.index(f"\nclass {before}{rank}{after}(")
        start = source.index('"""', start) + 3
        end = source.index("    >>>", start)
        source = source[:start] + docstring(names, rank).lstrip() + "\n" + source[end:]
    return source


def main() -> None:
    """Write the docstrings."""
    for names, name in FILES.items():
        file = PACKAGE / name
        file.write_text(written(names, file.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
