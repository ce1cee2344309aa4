"""Whether every word of a question is accounted for: if not, there is no answer."""

import re

from ml.language.assembly import Draft
from ml.language.english import Term, english
from ml.language.filters import reachable_by
from ml.language.groups import every_name
from ml.language.measures import (
    AMOUNT,
    AVERAGE,
    CUES,
    RATE,
    Choice,
    claim_fitting_cues,
    unfit_cues,
)
from ml.language.plan import unanswerable
from ml.language.words import tokens
from ml.language.work import CUSTOMER, Work
from warehouse.metrics.catalogue import Metric

IN_UNIT = re.compile(r"\bin (?P<unit>minutes|hours|days)\b")
DENYING = re.compile(r"\b(?:not|neither|nor|no|less|left out|without)\b")
LOOSE_AMOUNTS = {"amount", "volume", "sum", "amounts"}
"""Said of counts as well as of money."""


def absorb(work: Work, draft: Draft, choices: list[Choice]) -> None:
    """Words that only say again what the metric is: `tickets` of a resolution time, `customers` who pay."""
    told = [f"{metric.label} {metric.description}" for metric in draft.metrics]
    described = {token.stem for one in told for token in tokens(one)}
    affirmed = {token.stem for one in told if not DENYING.search(one) for token in tokens(one)} - {
        RATE,
        AMOUNT,
        AVERAGE,
    }
    named = {stem for choice in choices for stem in choice.phrase.meanings}
    things = english().things
    for term in work.reading.loose():
        if (
            term.stem in named
            or term.stem in affirmed
            or (term.stem in things and (term.stem in described or (term.stem == CUSTOMER and _is_source(work, term))))
        ):
            work.reading.claim(term.start, term.end, "metric")
    for term in work.reading.loose():
        if (
            any(term.stem in one.meanings for one in work.vocabulary.phrases if one.metric in draft.names())
            and term.stem not in CUES
        ):
            work.reading.claim(term.start, term.end, "metric")
    plural = [
        one
        for one in every_name(work.reading, work.vocabulary)
        if one.is_plural and not draft.by and CUSTOMER not in work.stems(one)
    ]
    for one in plural[:1]:
        name = reachable_by(work.vocabulary.catalogue, draft.metrics, one)
        if name and work.reading.loose():
            draft.by.append(name)
            work.reading.claim(one.start, one.end, "by")


def account(work: Work, draft: Draft, metrics: list[Metric]) -> None:
    """Coverage: every content word must have been taken for something. Raises NoPlan."""
    pack = english()
    for match in work.reading.find(IN_UNIT):
        if all(metric.unit in {"minutes", "days"} for metric in draft.metrics):
            draft.unit = match["unit"]  # type: ignore[assignment]
            work.reading.claim_characters(match.start(), match.end(), "unit")
    claim_fitting_cues(work.reading, draft.metrics)
    loose = work.reading.loose()
    unfit = [term for term in unfit_cues(work.reading, draft.metrics) if term not in loose]
    if any(term.stem == AVERAGE for term in (*unfit, *loose)) and draft.may_average():
        draft.averaged = True
        loose = [term for term in loose if term.stem != AVERAGE]
        unfit = [term for term in unfit if term.stem != AVERAGE]
    left = [*loose, *(term for term in unfit if work.reading.tokens[term.start].plain not in LOOSE_AMOUNTS)]
    left = [term for term in left if not (draft.arithmetic.share and term.stem == RATE)]
    if not left:
        return
    unmatched = tuple(dict.fromkeys(work.reading.said(term.start, term.end) for term in left))
    listed = ", ".join(f"“{word}”" for word in unmatched)
    stems = {term.stem for term in left}
    if stems & pack.unmodelled["reasons"]:
        raise unanswerable(
            work.text, "it asks for reasons, and there are only numbers here.", "not modelled", unmatched
        )
    if stems & pack.unmodelled["forecasts"]:
        raise unanswerable(work.text, "it asks for what has not happened yet.", "future", unmatched)
    named = " and ".join(metric.label for metric in draft.metrics)
    raise unanswerable(work.text, f"I don't know what {listed} means for {named}.", "not understood", unmatched)


def _is_source(work: Work, term: Term) -> bool:
    """`from our customers`: everything comes from them."""
    before = work.reading.small[: work.reading.tokens[term.start].start]
    following = [
        at
        for at in range(term.end, len(work.reading.tokens))
        if work.reading.claims.get(at) or not _is_filler(work, at)
    ]
    is_subject = bool(following) and work.reading.claims.get(following[0]) == "metric"
    is_part = bool(re.search(r"\bof (?:the |our |all )*$", before))
    return bool(re.search(r"\b(?:from|to|with|(?<!waiting )for) (?:the |our |all |any )*$", before)) or (
        is_subject and not is_part
    )


def _is_filler(work: Work, place: int) -> bool:
    return work.reading.tokens[place].stem in english().fillers
