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
        between = reading.tokens[limit.at]
        is_done = between.stem == SELL or between.plain.endswith(("ed", "ing"))  # the best selling, the most used
        noun = one if one and (one.grain or is_done) else None
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


def finish_limit(work: Work) -> None:
    """Once the numbers are known: of what, where a noun is left, and how many, where that was not said."""
    limit, reading = work.arithmetic.limit, work.reading
    if limit is None or limit.is_order:
        return
    if not work.groups.every() and not work.arithmetic.grain:
        for one in every_name(reading, work.vocabulary)[:1]:
            reading.claim(one.start, one.end, "which")
            work.groups.asked.append(one)
    if limit.number is None:
        things = any(
            token.stem in english().things and token.plain.endswith("s")
            for token in reading.tokens[limit.at : limit.at + 4]
        )
        asked = work.groups.asked
        many = any(one.is_plural for one in asked) if asked else things
        limit.number = MOST_SHOWN if many else 1


def _is_metric_word(work: Work, noun: Named) -> bool:
    """`top campaign spend`: the noun goes on into the name of a metric."""
    following = [term for term in work.reading.free_terms() if term.start == noun.end]
    stems = {term.stem for term in work.reading.terms if noun.start <= term.start < noun.end}
    return bool(following) and any(stems | {following[0].stem} <= one.meanings for one in work.vocabulary.phrases)
