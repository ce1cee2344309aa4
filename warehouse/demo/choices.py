"""What can be chosen about generated companies; light, because the command line reads it at every start."""

from enum import StrEnum


class Variant(StrEnum):
    """What the truth is bent to, so that models can be held against it."""

    NORMAL = "normal"
    NULL = "null"
    """Labels have nothing to do with anything."""
    DRIFT = "drift"
    """What is rare becomes four times as frequent in the last fifth of history."""
    LEAK = "leak"
    """A column that is written after the outcome gives it away."""


class Dirt(StrEnum):
    """Whether rows are spoilt after the clean truth is known."""

    NONE = "none"
    NORMAL = "normal"


class Preset(StrEnum):
    """How many companies, and of what size."""

    SMALL = "small"
    """The house everybody starts with."""
    TINY = "tiny"
    DEMO = "demo"
    WIDE = "wide"
    DEEP = "deep"
