"""Reads a question in plain words as one of the semantic layer: deterministic, from its vocabulary and a grammar.

Nothing is guessed: whatever word is left over at the end makes a question back, or a no, rather than a number.
"""

import re

from ml.language.assembly import Draft, assembled
from ml.language.choosing import choose, kept
from ml.language.coverage import absorb, account
from ml.language.days import find_days, find_roles, set_days, set_roles
from ml.language.followups import goes_on, inherit
from ml.language.groups import asked_for, by_lists, every_name
from ml.language.measures import (
    HOW_MANY,
    whole_names,
)
from ml.language.moments import Unclear
from ml.language.operators import (
    read_bounds,
    read_comparison,
    read_grain,
    read_limit,
    read_shares,
)
from ml.language.plan import NoPlan, Plan, clarify, unanswerable
from ml.language.reading import Found, find_values
from ml.language.rows import find_lacking, group_by, narrow
from ml.language.superlatives import settle_limit
from ml.language.work import Asking, Work

LISTING = re.compile(
    r"^\W*(?:please |can you |could you )*(?:list|name|find|which|what are|(?:show|give|get) (?:me |us )?(?:a list of|all|every|each))\b"
)
NUMBER = re.compile(r"\b(?:how many|how much|number of|count of|total|sum|value of|amount of|worth)\b")
COMMAND = re.compile(
    r"^\W*(?:please |can you |could you )*(?:(?:delete|drop|remove|update|insert|send|write|assign|merge|rename|approve|erase|truncate"
    r"|alter|grant|schedule|remind)\b|(?:change|create|add|set|move|close|cancel|email|call|increase) (?:the|a|an|all|my|our)\b)"
)
FUTURE = re.compile(r"\b(?:will|likely|probably|predict\w*|going to|(?<!weighted )forecast(?:ed|s)?)\b")


END_OF_EACH = re.compile(r"\b(?:at |as of |by )?(?:the )?(?:end|close) (?=of (?:each|every|the) )")


def interpret(asking: Asking, text: str, previous: Plan | None = None) -> Plan:
    """The plan of a question; with `previous`, a text that is not a whole question goes on from that plan."""
    try:
        return _plan(Work(asking, text, previous if previous and previous.question else None))
    except NoPlan as none:
        return none.plan
    except Unclear as unclear:
        return Plan(kind="clarify", text=text, reason=str(unclear), why="ambiguous")


def _plan(work: Work) -> Plan:
    """Word by word: names, days, arithmetic, groups, metrics, filters; what is left over decides."""
    if not work.reading.tokens:
        raise clarify(work.text, "What would you like to know?")
    if FUTURE.search(work.reading.small):
        raise unanswerable(work.text, "it asks for what has not happened yet.", "future")
    if COMMAND.search(work.reading.small):
        raise unanswerable(work.text, "nothing is changed or written here; I only answer.", "not modelled")
    found = _eager_values(work)
    named = whole_names(work.reading, work.vocabulary)
    for choice in named:
        work.claim(choice)
    windows = work.windows = find_days(work)
    roles = find_roles(work)
    _read_arithmetic(work)
    choices = choose(work, named)
    metrics = [choice.metric for choice in choices] or kept(work)
    draft = Draft(work.asking, metrics, work.arithmetic)
    draft.notes, draft.lists = work.notes, bool(LISTING.search(work.reading.small))
    draft.metrics_said = bool(choices)
    words = [work.reading.tokens[place].plain for choice in choices for place in choice.places]
    draft.is_plural = any(word.endswith("s") for word in words)
    draft.asks_which = bool(work.groups.asked)
    draft.asks_when = bool(re.search(r"\bwhen\b", work.reading.small))
    draft.said = frozenset(term.stem for term in work.reading.terms)
    draft.counts = bool(HOW_MANY.search(work.reading.small))
    draft.asks_number = bool(NUMBER.search(work.reading.small))
    group_by(work, draft, metrics)
    narrow(work, draft, metrics, found, choices)
    set_roles(work, draft, windows, roles)
    absorb(work, draft, choices)
    find_lacking(work, draft)
    set_days(work, draft, windows)
    if work.previous and (not choices or goes_on(work.reading)):
        inherit(draft, work.previous, work.reading)
    account(work, draft, metrics)
    return assembled(draft, work.text)


def _eager_values(work: Work) -> list[Found]:
    """Values of several words; the stages that are a state of a deal are left to the metrics that speak of it."""
    states = {*work.values.stages.get("is_won", ()), *work.values.stages.get("is_lost", ())}
    found = find_values(work.reading, work.values, single=False)
    if not re.search(r"\bstages?\b", work.reading.small):
        found = [one for one in found if not all(v.dimension == "stage" and v.value in states for v in one.values)]
    for one in found:
        work.reading.claim(one.start, one.end, "value")
    return [*found, *_beside_their_dimension(work)]


def _beside_their_dimension(work: Work) -> list[Found]:
    """`the drawings feature`, `sector retail`: a word beside the name of its dimension is a value of it, claimed."""
    names, chosen = every_name(work.reading, work.vocabulary), []
    for one in find_values(work.reading, work.values, single=True):
        for named in names:
            dimensions = {value.dimension for value in one.values} & set(named.dimensions)
            if dimensions and (named.end == one.start or named.start == one.end):
                values = tuple(value for value in one.values if value.dimension in dimensions)
                chosen.append(Found(one.start, one.end, values))
                work.reading.claim(one.start, one.end, "value")
                work.reading.claim(named.start, named.end, "value")
                break
    return chosen


def _read_arithmetic(work: Work) -> None:
    reading, vocabulary, arithmetic = work.reading, work.vocabulary, work.arithmetic
    for match in reading.find(END_OF_EACH):
        reading.claim_characters(match.start(), match.end(), "grain")
    arithmetic.bounds = read_bounds(reading)
    work.groups.by = by_lists(reading, vocabulary)
    for one in work.groups.by:
        arithmetic.grain = one.grain or arithmetic.grain
    work.groups.asked = asked_for(reading, vocabulary)
    read_comparison(reading, arithmetic)
    arithmetic.limit = read_limit(reading)
    if arithmetic.limit:
        settle_limit(work)
    read_grain(reading, arithmetic)
    read_shares(reading, arithmetic)
    for one in work.groups.asked:
        arithmetic.grain = one.grain or arithmetic.grain
