"""A library with more than layers, that nobody at layerbridge wrote."""

import keras


class Speaker:
    """Says things, and heads a family."""

    @classmethod
    def from_voice(cls, voice, loudness=1):
        """Makes a speaker.

        Args:
            voice: String, how it sounds.
            loudness: Integer, how loud it is.
        """
        made = cls()
        made.said = f"{voice} {loudness!r}"
        return made

    def utter(self, text, times=1):
        """Says a text.

        Args:
            text: String, what to say.
            times: Integer, how often.
        """
        return " ".join([text] * times)

    def augment(self, data):
        """A generic that R packages have already."""
        return f"{data} and more"


class LoudSpeaker(Speaker):
    """Says things loudly."""

    def __init__(self, volume=2):
        """Keep the volume.

        Args:
            volume: Integer, how loudly.
        """
        self.volume = volume


class Twice(keras.layers.Layer):
    """Doubles its inputs."""

    def call(self, inputs):
        return inputs * 2


Double = Twice


class VoiceError(Exception):
    """What goes wrong."""


def halved(number, times=1):
    """Halve a number.

    Args:
        number: Float, the number.
        times: Integer, how often.
    """
    return number / 2**times
