"""What the layers take as `**kwargs`, for type checkers and editors."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from layerbridge.checks import DataFormat
from layerbridge.masks.scale import Normalize

if sys.version_info >= (3, 11):
    from typing import Unpack as Unpack
elif TYPE_CHECKING:
    from typing_extensions import Unpack as Unpack
else:
    Unpack = type  # stands in where only type checkers know the other


class KerasArguments(TypedDict, total=False):
    """What every Keras layer takes, besides its name."""

    activity_regularizer: Any
    autocast: bool
    dtype: Any
    input_dim: int | None
    input_shape: Sequence[int | None] | None
    trainable: bool


class _SharedArguments(KerasArguments, total=False):
    batch_size: int | None
    rate_step: int
    weights: Sequence[Any] | None


class LayerArguments(_SharedArguments, total=False):
    """What every structured dropout layer takes."""

    name: str | None


class DropBlockArguments(_SharedArguments, total=False):
    """What DropBlock takes besides its rate, block size and name."""

    data_format: DataFormat | None
    exact_rate: bool
    normalize: Normalize
    per_channel: bool
    seed: int | None
