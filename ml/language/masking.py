"""Names of people and customers do not leave: they are put away before a model is asked, and put back afterwards."""

import re
from collections.abc import Mapping

from ml.language.english import english
from ml.language.reading import Reading, find_values
from ml.language.work import Asking

ADDRESS = re.compile(r"\S+@\S+|(?:\+|\b0)\d[\d\s()/-]{6,}\d")
"""An e-mail address, or a telephone number as it is written with its prefix: a day is none."""


def put_away(asking: Asking, text: str) -> tuple[str, dict[str, str]]:
    """The text with `name_1` and the like in place of names, and what stands for what; addresses are left out."""
    bare = ADDRESS.sub("(left out)", text)
    people = {name for name, one in asking.vocabulary.catalogue.dimensions.items() if one.is_person}
    reading, stretches = Reading(bare), dict[int, int]()
    for single in (False, True):
        for found in find_values(reading, asking.values, single=single):
            if any(value.dimension in people for value in found.values):
                stretches[found.start] = found.end
                reading.claim(found.start, found.end, "name")
    for place, token in enumerate(reading.tokens):
        is_part = any(one.dimension in people for one in asking.values.parts.get(reading.spelled[place], ()))
        if is_part and reading.is_free(place, place + 1) and _is_told(asking, token.stem, token.text):
            stretches[place] = place + 1
            reading.claim(place, place + 1, "name")
    return _replaced(reading, stretches)


def _is_told(asking: Asking, stem: str, written: str) -> bool:
    """Whether a word that is a part of a name is meant as one: an everyday word only where it is written as a name."""
    everyday = stem in asking.vocabulary.words or stem in english().fillers
    return len(written) > 2 and (not everyday or written[0].isupper())


def _replaced(reading: Reading, stretches: Mapping[int, int]) -> tuple[str, dict[str, str]]:
    hidden: dict[str, str] = {}
    text, place = "", 0
    for start, end in sorted(stretches.items()):
        told = f"name_{len(hidden) + 1}"
        hidden[told] = reading.said(start, end)
        text += reading.text[place : reading.tokens[start].start] + told
        place = reading.tokens[end - 1].end
    return text + reading.text[place:], hidden
