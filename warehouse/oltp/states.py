"""States a record goes through, and which may follow which."""

from collections.abc import Mapping, Set
from enum import StrEnum

Flow = Mapping[StrEnum, Set[StrEnum]]
"""State → the states that may follow it. A state that nothing follows is the end."""


class State(StrEnum):
    """Where a record stands."""

    @property
    def label(self) -> str:
        """As people write it."""
        return self.value.replace("_", " ").capitalize()


def line_of(*states: StrEnum, back: bool = False) -> dict[StrEnum, set[StrEnum]]:
    """A flow in which each state may be followed by every later one; with `back`, by the one before too."""
    flow: dict[StrEnum, set[StrEnum]] = {}
    for place, state in enumerate(states):
        flow[state] = set(states[place + 1 :]) | ({states[place - 1]} if back and place else set())
    return flow
