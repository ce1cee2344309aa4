"""A text that goes on from the question before: what it does not say again, it keeps."""

import re

from ml.language.assembly import Draft
from ml.language.english import STOPWORDS, english
from ml.language.measures import AMOUNT
from ml.language.numbers import number
from ml.language.operators import COUNT
from ml.language.plan import Plan, clarify
from ml.language.reading import Reading
from ml.language.records import amount_of
from ml.language.vocabulary import Vocabulary
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.question import Question

GOES_ON = re.compile(
    r"^\W*(?:and|but|now|as|make|weekly|monthly|quarterly|yearly|daily|limit|top|also|only|just|then|instead|same|what about|how about|what if|ok(?:ay)?|so|as well|or|no|not|without|exclud\w+"
    r"|compared|versus|vs|by|per|in|for|split|break|group|sort|the same|show (?:it|that|them|this|me (?:it|that|them|this)))\b"
)
AS_MANY = re.compile(
    rf"\b(?:make (?:it|that)|limit (?:it |that )?to|(?:only )?the (?:first|top)|show(?: me)?|just) (?P<n>{COUNT})\b"
    r"(?! (?:day|week|month|quarter|year))"
)
ALSO = re.compile(r"\b(?:also|too|as well|additionally|in addition|on top)\b")
PRONOUNS = re.compile(r"\b(?:ones|those|them|it|that|these)\b")


def goes_on(reading: Reading) -> bool:
    """Whether a text reads like the continuation of another."""
    return bool(GOES_ON.search(reading.small)) or (len(reading.tokens) <= 6 and bool(PRONOUNS.search(reading.small)))


def narrowed(reading: Reading, previous: Plan, vocabulary: Vocabulary) -> Metric | None:
    """`only the won ones`: the metric of the same kind whose name is that of the one before and a further word."""
    assert previous.question is not None
    catalogue = vocabulary.catalogue
    before = catalogue.metrics.get(previous.question.metrics[0])
    said = {term.stem for term in reading.loose()}
    if before is None or not said:
        return None
    known = {stem for phrase in vocabulary.phrases if phrase.metric == before.name for stem in phrase.meanings}
    for phrase in sorted(vocabulary.phrases, key=lambda one: (len(one.meanings - said), one.rank)):
        metric = catalogue.metrics[phrase.metric]
        new = phrase.meanings & said
        is_kind = metric.unit == before.unit and metric is not before and phrase.meanings - said <= known
        if new and is_kind and said - english().fillers - STOPWORDS <= phrase.meanings:
            for term in reading.loose():
                if term.stem in new:
                    reading.claim(term.start, term.end, "metric")
            return metric
    return None


def kept_metrics(previous: Plan, vocabulary: Vocabulary, reading: Reading) -> list[Metric]:
    """The metrics of the question before, where they are still there; of `their value`, what they are worth."""
    assert previous.question is not None
    kept = [vocabulary.catalogue.metrics[n] for n in previous.question.metrics if n in vocabulary.catalogue.metrics]
    says_amount = any(term.stem == AMOUNT for term in reading.free_terms())
    worth = [amount_of(metric, vocabulary.catalogue) for metric in kept if metric.unit == "count"]
    return [metric for metric in worth if metric] if says_amount and any(worth) else kept


def read_many(reading: Reading) -> int | None:
    """`make it 10`: how many rows of the question before there shall be; claimed."""
    for match in reading.find(AS_MANY):
        reading.claim_characters(match.start(), match.end(), "limit")
        return int(number(match["n"]) or 0) or None
    return None


def inherit(draft: Draft, previous: Plan, reading: Reading) -> None:
    """Take over from the question before what this one is silent about."""
    before = previous.question
    assert before is not None
    keeps_rows = not draft.by and not draft.arithmetic.grain
    if keeps_rows:
        draft.by, draft.arithmetic.grain = list(before.by), before.grain
        draft.each = draft.each or before.each
    elif ALSO.search(reading.small):
        draft.by = list(dict.fromkeys((*before.by, *draft.by)))
        draft.arithmetic.grain = draft.arithmetic.grain or before.grain
    _keep_filters(draft, before)
    _keep_days(draft, previous, before)
    many = read_many(reading)
    if keeps_rows and draft.arithmetic.limit is None:
        order = before.order or ""
        if order.removeprefix("-") == before.metrics[0]:  # of the number that is asked for now
            order = ("-" if order.startswith("-") else "") + draft.names()[0]
        draft.order, draft.limit = order or None, before.limit
        if previous.shape != type(previous.shape)() and set(draft.names()) == set(before.metrics):
            draft.kept_shape = previous.shape
        if many and draft.limit:
            draft.limit = many
        elif many and draft.kept_shape and draft.kept_shape.limit:
            draft.kept_shape = draft.kept_shape.model_copy(update={"limit": many})
        elif many:
            raise clarify(reading.text, f"The {many} largest of what? For example: top {many} customers.")


def _keep_filters(draft: Draft, before: Question) -> None:
    draft.where = {n: v for n, v in before.where.items() if n not in draft.excluding} | draft.where
    draft.excluding = {n: v for n, v in before.excluding.items() if n not in draft.where} | draft.excluding
    draft.within = before.within | draft.within


def _keep_days(draft: Draft, previous: Plan, before: Question) -> None:
    if not draft.said_windows:
        draft.start, draft.end = before.start, before.end
    if draft.as_of is None and before.as_of != draft.asking.as_of:
        draft.as_of = before.as_of
    if not (draft.before or draft.against or draft.arithmetic.before or draft.arithmetic.change) and previous.before:
        draft.before = previous.before
