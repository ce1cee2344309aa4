"""Which metrics a question is about, whatever form it has: a number, a share, a count of those that have some."""

import re

from ml.language.english import Term, english
from ml.language.filters import reachable_by
from ml.language.followups import goes_on, kept_metrics, narrowed
from ml.language.groups import named_at, skip
from ml.language.measures import (
    CUES,
    HOW_MANY,
    TIME,
    Choice,
    Measures,
    hidden_metric,
)
from ml.language.operators import (
    COMPARING,
    SHARE,
    Arithmetic,
)
from ml.language.plan import NoPlan, clarify, unanswerable
from ml.language.vocabulary import vocabulary_of
from ml.language.work import Work
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.serving import catalogue_for

HAVING = re.compile(
    r"\b(?:with|without|lacking|never|not|have|has|had|having|got|who|that|which|whose|bought|did|made|won|closed|lost|paid|opened|created|sent|used|solved|resolved|generated)\b"
)
LISTED = re.compile(
    r"^\W*(?:(?:please |can you |could you )*(?:list|show|give|find|name|display|get)(?: me| us)? )?(?:all |every |the |our |a list of |the list of |names? of )*"
)


def choose(work: Work, named: list[Choice]) -> list[Choice]:
    """The metrics that the words name. Raises NoPlan where none is, or several by the same words."""
    counted = HOW_MANY.search(work.reading.small)
    times = any(bound.unit == "times" for bound in work.arithmetic.bounds)
    measures = Measures(work.reading, work.vocabulary, bool(counted) or times)
    limit = work.arithmetic.limit
    if limit and limit.is_lasting:
        measures.lasting = Term(TIME, limit.at - 1, limit.at)
    heads = LISTED.search(work.reading.small)
    if counted:
        _claim_count(work, counted, measures)
    elif heads and not work.groups.every():
        _claim_count(work, heads, measures, count=False)
    is_short = len(work.reading.tokens) <= 2 and not measures.ranked()
    if work.previous and not named and (is_short or goes_on(work.reading)):
        kind = narrowed(work.reading, work.previous, work.vocabulary)
        if kind:
            work.kind = kind
            return []
    choices = named or _shared(work, measures) or measures.ranked()[:1]
    if not choices:
        return _without_metric(work, measures)
    apart = len(work.windows) > 1 and not COMPARING.search(work.reading.small)
    if apart:  # `issued in August and paid in September`: each part has days of its own
        choices = [_with_roles(work, choices, measures)]
        work.claim(choices[0])
        return choices
    listed = [] if named or work.arithmetic.share else measures.listed()
    if not listed:
        _certain(work, choices[0], measures)
    choices = listed or measures.beside(choices[0])
    for choice in choices:
        work.claim(choice)
    return choices


def _with_roles(work: Work, choices: list[Choice], measures: Measures) -> Choice:
    """Of the likeliest metrics, the first for which every other verb is a date it knows: `opened in Q1 and won in Q2`."""
    for one in [*choices, *measures.ranked()[:6]]:
        left = [term.stem for term in work.reading.loose() if term.start not in one.places]
        dates = {
            stem
            for said, names in work.vocabulary.dimensions.items()
            for stem in said
            if any(work.vocabulary.is_date(name) and name in one.metric.dimensions for name in names)
        }
        if all(stem in dates for stem in left):
            return one
    return choices[0]


def _claim_count(work: Work, counted: re.Match[str], measures: Measures, *, count: bool = True) -> None:
    """`how many customers have open tickets`: the customers are counted, by what they have."""
    after = work.reading.within(counted.end(), len(work.reading.text))
    noun = named_at(work.reading, work.vocabulary, skip(work.reading, after[0])) if after else None
    if noun and noun.grain and work.arithmetic.bounds:  # `months with more than 100 won deals`
        work.arithmetic.grain = work.arithmetic.grain or noun.grain
        work.groups.counted = noun if count else None
        work.reading.claim(noun.start, noun.end, "counted")
        measures.counts = False
        return
    if (
        noun is None
        or noun.grain
        or not all(work.vocabulary.catalogue.dimensions[n].kind != "date" for n in noun.dimensions)
    ):
        return
    places = set(range(noun.start, noun.end))
    whole = [one for one in measures.ranked() if one.places & places]
    ranked = Measures(work.reading, work.vocabulary, counted=False).ranked()
    others = [
        one for one in ranked if not one.places & places and reachable_by(work.vocabulary.catalogue, [one.metric], noun)
    ]
    behind = work.reading.small[work.reading.tokens[noun.end - 1].end :]
    if not others or not HAVING.search(behind):
        return
    if not whole or others[0].score > whole[0].score - 0.3 or work.arithmetic.bounds:
        if whole and len(whole[0].places - places) and not work.arithmetic.bounds:
            return
        if count:
            work.groups.counted = noun
        else:
            work.groups.asked.append(noun)
            work.lists_those = True
        work.reading.claim(noun.start, noun.end, "counted")
        measures.counts = False


def _shared(work: Work, measures: Measures) -> list[Choice]:
    """`percentage of won deals`: a share of the total where a whole name follows; else a rate of its own."""
    matches = work.reading.find(SHARE)
    if not matches:
        return []
    rates = [one for one in measures.ranked() if one.metric.unit == "share"]
    match = matches[0]
    before = dict(work.reading.claims)
    work.reading.claim_characters(match.start(), match.end(), "share")
    plain = [one for one in measures.ranked() if one.metric.unit != "share"]
    inside = work.reading.within(match.start(), match.end())
    begin = skip(work.reading, inside[-1] + 1)
    direct = [one for one in plain if min(one.places) == begin and _adjective_first(work, one)]
    if (direct and (len(direct[0].phrase.meanings) > 1 or not rates or len(rates[0].places) < 2)) or (
        plain and not rates
    ):
        work.arithmetic.share = True
        return (direct or plain)[:1]
    work.reading.claims.clear()
    work.reading.claims.update(before)
    return []


def _adjective_first(work: Work, one: Choice) -> bool:
    """`won deals`, not `deals won`: what follows the noun tells of some of them."""
    told = [term.stem for term in work.reading.terms if term.start in one.places]
    things = english().things
    return len(told) == 1 or (told[-1] in things and told[0] not in things)


def _certain(work: Work, best: Choice, measures: Measures) -> None:
    """Raise NoPlan where another metric is named as well by the same words."""
    pack, catalogue = english(), work.vocabulary.catalogue
    [*only] = best.phrase.meanings
    said = {work.reading.terms[i].stem for i, t in enumerate(work.reading.terms) if t.start in best.places}
    if (
        len(only) == 1
        and len(said) == 1
        and only[0] in pack.ambiguous
        and not measures.counts
        and best.metric.name in pack.ambiguous[only[0]]
    ):
        known = [catalogue.metrics[name] for name in pack.ambiguous[only[0]] if name in catalogue.metrics]
        exact = [
            one
            for one in known
            if one.label.casefold() == work.reading.said(min(best.places), max(best.places) + 1).casefold()
        ]
        if not exact and len(known) > 1:
            _ask_which(work, known, best)
    _not_bare(work, best)
    rivals = [one for one in measures.ranked() if one.places == best.places and one.score > best.score - 0.015]
    if len(rivals) > 1:
        _ask_which(work, [one.metric for one in rivals], best)


def _not_bare(work: Work, best: Choice) -> None:
    """Raise NoPlan where a word of several numbers is all that was said; what it was taken for is told elsewhere."""
    catalogue = work.vocabulary.catalogue
    [place, *more] = sorted(best.places)
    known = [
        catalogue.metrics[n] for n in english().bare.get(work.reading.spelled[place], ()) if n in catalogue.metrics
    ]
    if more or len(known) < 2 or best.metric not in known:
        return
    says_more = work.windows or work.groups.every() or work.arithmetic != Arithmetic() or work.previous
    others = [term for term in work.reading.loose() if term.start not in best.places]
    values = any(claim in {"value", "excluding", "role"} for claim in work.reading.claims.values())
    if not (says_more or others or values):
        _ask_which(work, known, best)
    work.notes.append(f"“{work.reading.said(place, place + 1)}” is {best.metric.label}")


def _ask_which(work: Work, metrics: list[Metric], best: Choice | None = None) -> None:
    said = work.reading.said(min(best.places), max(best.places) + 1) if best else ""
    labels = tuple(metric.label for metric in metrics)
    told = "; ".join(f"{metric.label} ({metric.description.rstrip('.')})" for metric in metrics)
    raise clarify(work.text, f"Several numbers may be meant. Which one: {told}?", labels, said)


def _without_metric(work: Work, measures: Measures) -> list[Choice]:
    """Go on from the question before, or say why there is nothing to answer."""
    if work.previous:
        return []
    raise _nothing_named(work)


def _nothing_named(work: Work) -> NoPlan:
    serving, pack, reading = work.asking.serving, english(), work.reading
    whole = catalogue_for(serving.provenance.definitions, serving.own, frozenset(), serving.metrics)
    if serving.hidden:
        metric = hidden_metric(reading, whole, serving.catalogue, vocabulary_of(whole))
        if metric:
            return unanswerable(work.text, f"you may not see {metric.label}.", "not permitted")
    for match in reading.find(COMPARING):
        reading.claim_characters(match.start(), match.end(), "comparison")
    loose = reading.loose()
    unmatched = tuple(reading.said(term.start, term.end) for term in loose)
    stems = {term.stem for term in loose} | {term.stem for term in reading.free_terms()}
    if stems & pack.unmodelled["reasons"]:
        return unanswerable(
            work.text, "it asks for reasons, and there are only numbers here.", "not modelled", unmatched
        )
    shared = [term.stem for term in loose if term.stem in pack.ambiguous]
    if shared and len(loose) == 1:
        known = serving.catalogue.metrics
        _ask_which(work, [known[name] for name in pack.ambiguous[shared[0]] if name in known])
    is_about_us = bool(work.groups.every()) or any(term.stem in work.vocabulary.words for term in reading.terms)
    if (stems & (pack.vague | CUES) or not unmatched) or (is_about_us and work.arithmetic.limit):
        unknown = [
            term
            for term in loose
            if term.stem not in pack.vague | CUES
            and term.stem not in work.vocabulary.words
            and work.reading.spelled[term.start] not in work.values.parts
        ]
        if not unknown:
            some = ("Won", "Won deals", "Invoiced", "Open pipeline", "Win rate")
            return clarify(
                work.text, "By which number? For example: Won, Won deals, Invoiced, Open pipeline, Win rate.", some
            )
    if unmatched:
        listed = ", ".join(f"“{word}”" for word in unmatched)
        return unanswerable(work.text, f"no number here is called {listed}.", "not modelled", unmatched)
    return clarify(work.text, "Which number would you like to know?")


def kept(work: Work) -> list[Metric]:
    """The metric of the question before, or that of which this text names one kind."""
    assert work.previous is not None
    return [work.kind] if work.kind else kept_metrics(work.previous, work.vocabulary, work.reading)
