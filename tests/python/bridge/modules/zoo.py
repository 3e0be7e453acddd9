"""A library with families of its own, for the rules that know none of its names."""

import abc
import dataclasses

import keras


class Animal:
    """An animal."""

    def __init__(self, legs: int = 4):
        self.legs = legs

    @classmethod
    def from_file(cls, path: str, legs: int = 4):
        """Read an animal.

        Args:
            path: Where it is.
            legs: How many it has.
        """

    @classmethod
    def from_config(cls, config):
        """Restore an animal, as Keras does."""

    def feed(self, meals: int, *, slowly=False):
        """Feed the animal.

        Args:
            meals: How many.
            slowly: Whether it takes its time.
        """

    def generate(self, inputs, **kwargs):
        """Make animals of it."""

    def search(self, *places, **kwargs):
        """Search for the animal."""

    def build(self, shape):
        """Do as Keras does."""

    def fit(self, x, y=None, epochs: int = 1):
        """Train the animal."""

    @property
    def age(self):
        """How old it is."""

    def _hide(self):
        """Is nobody's business."""


class WildAnimal(Animal):
    """Lives outside."""

    def feed(self, meals: int, *, slowly=False):
        """Feed it from afar."""


class Lion(WildAnimal):
    """Has no name that ends in that of a base."""

    def roar(self, times: int = 1):
        """Roar."""


class BaseKeeper(abc.ABC):
    """Leaves its work to others."""

    @classmethod
    def from_name(cls, name: str):
        """Hire a keeper."""
        return name

    @abc.abstractmethod
    def work(self, hours: int):
        """Work."""


class NightKeeper(BaseKeeper):
    """Works at night."""

    def work(self, hours: int, *, lamp=True):
        """Work with a lamp."""


class Cage(keras.layers.Layer):
    """A layer, which derives from nothing else that is public."""

    def fit(self, x):
        """Do as a Keras model does."""

    def clean(self):
        """Do as no Keras class does."""


class LargeCage(Cage):
    """A layer in a library that has no module for layers."""

    class DoorLayer(keras.layers.Layer):
        """A layer within a layer."""

    @staticmethod
    def preprocess(bars: int):
        """Return the bars as the cage takes them."""


class Sightings(keras.Model):
    """A model that heads no family."""

    def __init__(self, species: int, **kwargs):
        super().__init__(**kwargs)

    @classmethod
    def from_preset(cls, preset: str, **overrides):
        """Load a model.

        Args:
            preset: Its name.
            **overrides: Fields of the model, such as `species`.
        """

    @staticmethod
    def available_presets(most: int = 10):
        """List the names of presets."""

    @classmethod
    def count(cls, species: int):
        """Count what was seen."""

    def call(self, inputs):
        """Do as a Keras model does."""

    def classify(self, image, top: int = 1):
        """Name the animals in an image.

        Args:
            image: An image.
            top: How many names.
        """


class Census(keras.Model):
    """Counts animals, and takes what all models take."""


class FastLoss(keras.losses.Loss):
    """Has a twin by another name."""


@dataclasses.dataclass
class Visit:
    """A visit to the zoo.

    Args:
        animals: Whom to see.
        tags: What to call them.
        guide: Who shows them.
    """

    animals: list[str] = dataclasses.field(default_factory=list)
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    guide: Animal = dataclasses.field(default_factory=Animal)

    class Ticket:
        """What a visit costs."""

        def __init__(self, euros: int = 10):
            self.euros = euros

        def refund(self, part: float = 1.0):
            """Return what it cost, or a part of that."""

    class RefusedError(Exception):
        """Happens when the zoo is closed."""


class Error(Exception):
    """Goes wrong."""


def feed_all(animals, meals: int = 1):
    """Feed all animals."""


def version():
    """Return a version, as R does."""
