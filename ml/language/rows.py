"""By what the numbers of a question are divided, and which rows they are of."""

from ml.language.assembly import Draft
from ml.language.filters import Filters, mark_excluded, partial_names, reachable_by
from ml.language.groups import every_name
from ml.language.measures import (
    Choice,
)
from ml.language.operators import (
    COMPARING,
    LACKING,
)
from ml.language.reading import Found, find_values
from ml.language.superlatives import finish_limit
from ml.language.work import Work
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.question import PERIOD


def group_by(work: Work, draft: Draft, metrics: list[Metric]) -> None:
    """Divide the numbers by what was named. Raises NoPlan."""
    catalogue = work.vocabulary.catalogue
    metrics = draft.metrics or metrics
    finish_limit(work)
    for one in work.groups.every():
        if one.grain:
            continue
        name = reachable_by(catalogue, metrics, one) if metrics else None
        if name is None:
            raise work.cannot_divide(one, metrics)
        if name not in draft.by:
            draft.by.append(name)
        if one in work.groups.asked and work.arithmetic.limit:
            draft.heads.append(name)
    if work.arithmetic.limit and any(one.grain for one in work.groups.asked):
        draft.heads.append(PERIOD)
    draft.counted = work.groups.counted is not None
    draft.only_those = work.lists_those


def narrow(work: Work, draft: Draft, metrics: list[Metric], found: list[Found], choices: list[Choice]) -> None:
    """Leave the rows that the words mean. Raises NoPlan."""
    metrics = draft.metrics
    found = [*found, *find_values(work.reading, work.values, single=True)]
    found += [one for choice in choices for one in _named_by_value(work, choice)]
    for one in found:
        work.reading.claim(one.start, one.end, "value")
    settled = Filters(work.reading, work.vocabulary, work.values, metrics)
    names = every_name(work.reading, work.vocabulary)
    mark_excluded(work.reading, found)
    settled.unknowns(names)
    settled.settle(found, names)
    named = partial_names(work.reading, work.values, settled.reachable, work.vocabulary.words)
    mark_excluded(work.reading, [*found, *named])
    settled.settle(named, names)
    several = [name for name, values in settled.where.items() if len(values) > 1]
    if COMPARING.search(work.reading.small) and (several or len(metrics) > 1):
        draft.by += [name for name in several if name not in draft.by]
        work.claim_comparison()
    draft.where |= settled.where
    draft.excluding |= settled.excluding


def _named_by_value(work: Work, choice: Choice) -> list[Found]:
    """`calls` is another word for activities, and one kind of them: both are meant."""
    if choice.phrase.rank == 0 or len(choice.places) != 1:
        return []
    [place] = choice.places
    values = work.values.whole.get((work.reading.spelled[place],), ())
    known = tuple(value for value in values if value.dimension in choice.metric.dimensions)
    return [Found(place, place + 1, known)] if known else []


def find_lacking(work: Work, draft: Draft) -> None:
    """`which reps have no won deals`: those without are asked for."""
    matches = work.reading.find(LACKING)
    if matches and draft.by and not work.arithmetic.limit and not work.arithmetic.bounds:
        draft.missing, draft.only_those = True, False
        for match in matches:
            work.reading.claim_characters(match.start(), match.end(), "lacking")
