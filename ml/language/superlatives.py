"""Of what the most is asked for, and how many of them."""

from ml.language.english import english
from ml.language.groups import Named, every_name, named_at, skip
from ml.language.numbers import number
from ml.language.operators import (
    WHICH_MANY,
)
from ml.language.words import stem
from ml.language.work import Work

SELL = stem("sell")
MOST_SHOWN = 10
"""Rows of a `top` whose number is not said."""


def settle_limit(work: Work) -> None:
    """The noun of a superlative: right behind it, or the one that has the most."""
    limit, reading = work.arithmetic.limit, work.reading
    assert limit is not None
    noun = named_at(reading, work.vocabulary, skip(reading, limit.at)) if limit.at < len(reading.tokens) else None
    if noun is None and limit.at + 1 < len(reading.tokens):
        one = named_at(reading, work.vocabulary, limit.at + 1)
        noun = one if one and (one.grain or reading.tokens[limit.at].stem == SELL) else None
    if noun is None and not work.groups.asked and not work.groups.by:
        before = [one for one in every_name(reading, work.vocabulary) if one.end <= limit.at]
        noun = before[-1] if before else None
    if noun and not _is_metric_word(work, noun):
        reading.claim(noun.start, noun.end, "which")
        work.groups.asked.append(noun)
    many = WHICH_MANY.search(reading.small)
    if many and limit.number is None:
        limit.number = int(number(many["n"]) or 0)
        reading.claim_characters(many.start("n"), many.end("n"), "limit")
    behind = [reading.tokens[place] for place in range(limit.at, min(limit.at + 4, len(reading.tokens)))]
    things = not work.groups.asked and any(
        token.stem in english().things and token.plain.endswith("s") for token in behind
    )
    plural = things or any(one.is_plural for one in work.groups.asked) or not work.groups.asked
    limit.number = limit.number or (MOST_SHOWN if plural and (things or noun or work.groups.asked) else 1)


def _is_metric_word(work: Work, noun: Named) -> bool:
    """`top campaign spend`: the noun goes on into the name of a metric."""
    following = [term for term in work.reading.free_terms() if term.start == noun.end]
    stems = {term.stem for term in work.reading.terms if noun.start <= term.start < noun.end}
    return bool(following) and any(stems | {following[0].stem} <= one.meanings for one in work.vocabulary.phrases)
