"""Reads a question in plain words as one of the semantic layer: deterministic, from its vocabulary and a grammar.

Nothing is guessed: whatever word is left over at the end makes a question back, or a no, rather than a number.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from ml.language.assembly import Draft, assembled
from ml.language.english import Term, english
from ml.language.filters import Filters, mark_excluded, partial_names, reachable_by
from ml.language.followups import goes_on, inherit, kept_metrics, narrowed
from ml.language.groups import Named, asked_for, by_lists, every_name, named_at, skip
from ml.language.measures import (
    AMOUNT,
    AVERAGE,
    CUES,
    HOW_MANY,
    RATE,
    TIME,
    Choice,
    Measures,
    claim_fitting_cues,
    hidden_metric,
    unfit_cues,
    whole_names,
)
from ml.language.numbers import number
from ml.language.operators import (
    LACKING,
    SHARE,
    WHICH_MANY,
    Arithmetic,
    read_bounds,
    read_comparison,
    read_grain,
    read_limit,
    read_shares,
)
from ml.language.plan import NoPlan, Plan, clarify, unanswerable
from ml.language.reading import Found, Reading, find_values
from ml.language.times import Unclear, When, read_times, whole
from ml.language.typos import put_right
from ml.language.values import Values, values_in
from ml.language.vocabulary import Vocabulary, vocabulary_of
from ml.language.words import stem, tokens
from warehouse.metrics.calendar import Calendar
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.periods import period_of
from warehouse.metrics.question import PERIOD
from warehouse.metrics.serving import Serving, catalogue_for

REWRITTEN = [
    (
        r"\b(did)\b((?:(?!\bhave\b)[^?,.])*?)\bopen\b(?! (?:deal|ticket|opportunit|pipeline|case|invoice))",
        r"\1\2opened",
    ),
    (r"\b(start|beginning|end) of the (year|quarter|month|week)\b(?! of)", r"\1 of this \2"),
    (r"\b(?:assigned to|belonging to|owned by|handled by|managed by|worked on by|looked after by|served by)\b", "of"),
    (r"\be[- ]mail", "email"),
    (r"\bhow (?:long|fast|quickly|soon)\b", "what time"),
    (r"\b(what|who|where|how|when|that|there)['’]s\b", r"\1 is"),
    (r"\bsales (?=reps?\b|people|persons?\b|team\b|staff|agents?\b|office)", "sales "),
    (r"\bp\.?o\.?s\b", "pos"),
]
"""What is said in several ways and read in one."""
HAVING = re.compile(
    r"\b(?:with|have|has|had|having|got|who|that|which|whose|bought|did|made|won|closed|lost|paid|opened|created|sent|used|solved|resolved|generated)\b"
)
LISTING = re.compile(
    r"^\W*(?:please |can you |could you )*(?:list|name|find|which|what are|(?:show|give|get) (?:me |us )?(?:a list of|all|every|each))\b"
)
LISTED = re.compile(
    r"^\W*(?:(?:please |can you |could you )*(?:list|show|give|find|name|display|get)(?: me| us)? )?(?:all |every |the |our |a list of |the list of |names? of )*"
)
IMPERATIVE = re.compile(
    r"^\W*(?:please |can you |could you |i want (?:to see )?|i need )*(?:show|give|tell|list|display|get|find|name|report)(?: me| us)?\b"
)
"""What a question may begin with, which is no part of a name: not the show rate."""
END_OF_EACH = re.compile(r"\b(?:at |as of |by )?(?:the )?(?:end|close) (?=of (?:each|every|the) )")
NOW = re.compile(r"\b(?:now|today|current(?:ly)?|at present)\b")
COMPARED_WITH = re.compile(
    r"\b(?:vs\.?|versus|compared (?:to|with)|against|than|relative to)(?: in| of| for)?(?: the)?\s*$"
)
DENYING = re.compile(r"\b(?:not|neither|nor|no|less|left out|without)\b")
LOOSE_AMOUNTS = {"amount", "volume", "sum", "amounts"}
"""Said of counts as well as of money."""
NUMBER = re.compile(r"\b(?:how many|how much|number of|count of|total|sum|value of|amount of|worth)\b")
CUSTOMER, SELL = stem("customer"), stem("sell")
FUTURE = re.compile(r"\b(?:will|likely|probably|predict\w*|going to|(?<!weighted )forecast(?:ed|s)?)\b")
MOST_SHOWN = 10
"""Rows of a `top` whose number is not said."""
COMPARING = re.compile(r"\b(?:vs\.?|versus|compar\w*|against|than|relative to|difference between)\b")


@dataclass(frozen=True)
class Asking:
    """Of whom a question is asked: the extract and what may be seen of it, the day, and the organization's calendar."""

    serving: Serving
    as_of: date
    calendar: Calendar

    @property
    def vocabulary(self) -> Vocabulary:
        """The organization's words."""
        return vocabulary_of(self.serving.catalogue)

    @property
    def values(self) -> Values:
        """What stands in its data."""
        return values_in(self.serving)


def interpret(asking: Asking, text: str, previous: Plan | None = None) -> Plan:
    """The plan of a question; with `previous`, a text that is not a whole question goes on from that plan."""
    try:
        return _Interpreter(asking, text, previous if previous and previous.question else None).plan()
    except NoPlan as none:
        return none.plan
    except Unclear as unclear:
        return Plan(kind="clarify", text=text, reason=str(unclear), why="ambiguous")


@dataclass
class _Groups:
    """What the rows shall be, as words said it."""

    by: list[Named] = field(default_factory=list)
    asked: list[Named] = field(default_factory=list)
    """`which rep`, `top 5 products`."""
    counted: Named | None = None
    """`how many customers have …`."""

    def every(self) -> list[Named]:
        """All of them, those asked for first."""
        head = [self.counted] if self.counted else []
        return [*head, *self.asked, *self.by]


class _Interpreter:
    def __init__(self, asking: Asking, text: str, previous: Plan | None) -> None:
        self.asking, self.text, self.previous = asking, text, previous
        self.vocabulary, self.values = asking.vocabulary, asking.values
        written = text
        for pattern, other in REWRITTEN:
            written = re.sub(pattern, other, written, flags=re.IGNORECASE)
        corrected, notes = put_right(written, self.vocabulary, self.values)
        self.reading, self.notes = Reading(corrected), notes
        for match in IMPERATIVE.finditer(self.reading.small):
            self.reading.claim_characters(match.start(), match.end(), "filler")
        self.arithmetic, self.groups = Arithmetic(), _Groups()
        self.kind: Metric | None = None
        self.lists_those = False
        self.windows: list[When] = []

    def plan(self) -> Plan:
        """Word by word: names, days, arithmetic, groups, metrics, filters; what is left over decides."""
        if not self.reading.tokens:
            raise clarify(self.text, "What would you like to know?")
        if FUTURE.search(self.reading.small):
            raise unanswerable(self.text, "it asks for what has not happened yet.", "future")
        found = self._eager_values()
        named = whole_names(self.reading, self.vocabulary)
        for choice in named:
            self._claim(choice)
        windows = self.windows = self._windows()
        roles = self._role_names()
        self._arithmetic()
        choices = self._choices(named)
        metrics = [choice.metric for choice in choices] or self._kept()
        draft = Draft(self.asking, metrics, self.arithmetic)
        draft.notes, draft.lists = self.notes, bool(LISTING.search(self.reading.small))
        draft.metrics_said = bool(choices)
        draft.asks_when = bool(re.search(r"\bwhen\b", self.reading.small))
        draft.says_records = any(token.stem in english().things for token in self.reading.tokens)
        draft.counts = bool(HOW_MANY.search(self.reading.small))
        draft.asks_number = bool(NUMBER.search(self.reading.small))
        self._group(draft, metrics)
        self._filter(draft, metrics, found, choices)
        self._roles(draft, windows, roles)
        self._absorb(draft, choices)
        self._lacking(draft)
        self._time(draft, windows)
        if self.previous and (not choices or goes_on(self.reading)):
            inherit(draft, self.previous, self.reading)
        self._account(draft, metrics)
        return assembled(draft, self.text, self.reading, self.previous)

    def _kept(self) -> list[Metric]:
        """The metric of the question before, or that of which this text names one kind."""
        assert self.previous is not None
        return [self.kind] if self.kind else kept_metrics(self.previous, self.vocabulary)

    def _claim(self, choice: Choice) -> None:
        for place in choice.places:
            self.reading.claims[place] = "metric"

    # -- names and days -------------------------------------------------------------------------------------------

    def _eager_values(self) -> list[Found]:
        """Values of several words; the stages that are a state of a deal are left to the metrics that speak of it."""
        states = {*self.values.stages.get("is_won", ()), *self.values.stages.get("is_lost", ())}
        found = find_values(self.reading, self.values, single=False)
        if not re.search(r"\bstages?\b", self.reading.small):
            found = [one for one in found if not all(v.dimension == "stage" and v.value in states for v in one.values)]
        for one in found:
            self.reading.claim(one.start, one.end, "value")
        return found

    def _windows(self) -> list[When]:
        taken = [(t.start, t.end) for place, t in enumerate(self.reading.tokens) if place in self.reading.claims]
        masked = lambda start, end: any(first < end and start < last for first, last in taken)  # noqa: E731
        windows = read_times(self.reading.small, self.asking.as_of, self.asking.calendar, masked)
        for window in windows:
            self.reading.claim_characters(*window.at, "time")
        return windows

    def _arithmetic(self) -> None:
        reading, vocabulary, arithmetic = self.reading, self.vocabulary, self.arithmetic
        for match in reading.find(END_OF_EACH):
            reading.claim_characters(match.start(), match.end(), "grain")
        arithmetic.bounds = read_bounds(reading)
        self.groups.by = by_lists(reading, vocabulary)
        for one in self.groups.by:
            arithmetic.grain = one.grain or arithmetic.grain
        self.groups.asked = asked_for(reading, vocabulary)
        read_comparison(reading, arithmetic)
        arithmetic.limit = read_limit(reading)
        if arithmetic.limit:
            self._limited()
        read_grain(reading, arithmetic)
        read_shares(reading, arithmetic)
        for one in self.groups.asked:
            arithmetic.grain = one.grain or arithmetic.grain

    def _limited(self) -> None:
        """The noun of a superlative: right behind it, or the one that has the most."""
        limit, reading = self.arithmetic.limit, self.reading
        assert limit is not None
        noun = named_at(reading, self.vocabulary, skip(reading, limit.at)) if limit.at < len(reading.tokens) else None
        if noun is None and limit.at + 1 < len(reading.tokens):
            one = named_at(reading, self.vocabulary, limit.at + 1)
            noun = one if one and (one.grain or reading.tokens[limit.at].stem == SELL) else None
        if noun is None and not self.groups.asked and not self.groups.by:
            before = [one for one in every_name(reading, self.vocabulary) if one.end <= limit.at]
            noun = before[-1] if before else None
        if noun and not self._is_metric_word(noun):
            reading.claim(noun.start, noun.end, "which")
            self.groups.asked.append(noun)
        many = WHICH_MANY.search(reading.small)
        if many and limit.number is None:
            limit.number = int(number(many["n"]) or 0)
            reading.claim_characters(many.start("n"), many.end("n"), "limit")
        behind = [reading.tokens[place] for place in range(limit.at, min(limit.at + 4, len(reading.tokens)))]
        things = not self.groups.asked and any(
            token.stem in english().things and token.plain.endswith("s") for token in behind
        )
        plural = things or any(one.is_plural for one in self.groups.asked) or not self.groups.asked
        limit.number = limit.number or (MOST_SHOWN if plural and (things or noun or self.groups.asked) else 1)

    def _is_metric_word(self, noun: Named) -> bool:
        """`top campaign spend`: the noun goes on into the name of a metric."""
        following = [term for term in self.reading.free_terms() if term.start == noun.end]
        stems = {term.stem for term in self.reading.terms if noun.start <= term.start < noun.end}
        return bool(following) and any(stems | {following[0].stem} <= one.meanings for one in self.vocabulary.phrases)

    # -- metrics --------------------------------------------------------------------------------------------------

    def _choices(self, named: list[Choice]) -> list[Choice]:
        counted = HOW_MANY.search(self.reading.small)
        times = any(bound.unit == "times" for bound in self.arithmetic.bounds)
        measures = Measures(self.reading, self.vocabulary, bool(counted) or times)
        limit = self.arithmetic.limit
        if limit and limit.is_lasting:
            measures.lasting = Term(TIME, limit.at - 1, limit.at)
        heads = LISTED.search(self.reading.small)
        if counted:
            self._claim_count(counted, measures)
        elif heads and not self.groups.every():
            self._claim_count(heads, measures, count=False)
        if self.previous and goes_on(self.reading) and not named:
            kind = narrowed(self.reading, self.previous, self.vocabulary)
            if kind:
                self.kind = kind
                return []
        choices = named or self._shared(measures) or measures.ranked()[:1]
        if not choices:
            return self._without_metric(measures)
        apart = len(self.windows) > 1 and not COMPARING.search(self.reading.small)
        if apart:  # `issued in August and paid in September`: each part has days of its own
            self._claim(choices[0])
            return choices[:1]
        listed = [] if named or self.arithmetic.share else measures.listed()
        if not listed:
            self._certain(choices[0], measures)
        choices = listed or measures.beside(choices[0])
        for choice in choices:
            self._claim(choice)
        return choices

    def _claim_count(self, counted: re.Match[str], measures: Measures, *, count: bool = True) -> None:
        """`how many customers have open tickets`: the customers are counted, by what they have."""
        after = self.reading.within(counted.end(), len(self.reading.text))
        noun = named_at(self.reading, self.vocabulary, skip(self.reading, after[0])) if after else None
        if (
            noun is None
            or noun.grain
            or not all(self.vocabulary.catalogue.dimensions[n].kind != "date" for n in noun.dimensions)
        ):
            return
        places = set(range(noun.start, noun.end))
        whole = [one for one in measures.ranked() if one.places & places]
        ranked = Measures(self.reading, self.vocabulary, counted=False).ranked()
        others = [
            one
            for one in ranked
            if not one.places & places and reachable_by(self.vocabulary.catalogue, [one.metric], noun)
        ]
        behind = self.reading.small[self.reading.tokens[noun.end - 1].end :]
        if not others or not HAVING.search(behind):
            return
        if not whole or others[0].score > whole[0].score - 0.3 or self.arithmetic.bounds:
            if whole and len(whole[0].places - places) and not self.arithmetic.bounds:
                return
            if count:
                self.groups.counted = noun
            else:
                self.groups.asked.append(noun)
                self.lists_those = True
            self.reading.claim(noun.start, noun.end, "counted")
            measures.counts = False

    def _shared(self, measures: Measures) -> list[Choice]:
        """`percentage of won deals`: a share of the total where a whole name follows; else a rate of its own."""
        matches = self.reading.find(SHARE)
        if not matches:
            return []
        rates = [one for one in measures.ranked() if one.metric.unit == "share"]
        match = matches[0]
        before = dict(self.reading.claims)
        self.reading.claim_characters(match.start(), match.end(), "share")
        plain = [one for one in measures.ranked() if one.metric.unit != "share"]
        inside = self.reading.within(match.start(), match.end())
        begin = skip(self.reading, inside[-1] + 1)
        direct = [one for one in plain if min(one.places) == begin and self._adjective_first(one)]
        if (direct and (len(direct[0].phrase.meanings) > 1 or not rates or len(rates[0].places) < 2)) or (
            plain and not rates
        ):
            self.arithmetic.share = True
            return (direct or plain)[:1]
        self.reading.claims.clear()
        self.reading.claims.update(before)
        return []

    def _adjective_first(self, one: Choice) -> bool:
        """`won deals`, not `deals won`: what follows the noun tells of some of them."""
        told = [self.reading.tokens[place].stem for place in sorted(one.places)]
        return len(told) == 1 or told[-1] in english().things

    def _certain(self, best: Choice, measures: Measures) -> None:
        """Raise NoPlan where another metric is named as well by the same words."""
        pack, catalogue = english(), self.vocabulary.catalogue
        [*only] = best.phrase.meanings
        said = {self.reading.terms[i].stem for i, t in enumerate(self.reading.terms) if t.start in best.places}
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
                if one.label.casefold() == self.reading.said(min(best.places), max(best.places) + 1).casefold()
            ]
            if not exact and len(known) > 1:
                self._which(known)
        rivals = [one for one in measures.ranked() if one.places == best.places and one.score > best.score - 0.015]
        if len(rivals) > 1:
            self._which([one.metric for one in rivals])

    def _which(self, metrics: list[Metric]) -> None:
        labels = tuple(metric.label for metric in metrics)
        told = "; ".join(f"{metric.label} ({metric.description.rstrip('.')})" for metric in metrics)
        raise clarify(self.text, f"Several numbers may be meant. Which one: {told}?", labels)

    def _without_metric(self, measures: Measures) -> list[Choice]:
        """Go on from the question before, or say why there is nothing to answer."""
        if self.previous:
            return []
        raise self._nothing()

    def _nothing(self) -> NoPlan:
        serving, pack, reading = self.asking.serving, english(), self.reading
        whole = catalogue_for(serving.provenance.definitions, serving.own, frozenset())
        if serving.hidden:
            metric = hidden_metric(reading, whole, serving.catalogue, vocabulary_of(whole))
            if metric:
                return unanswerable(self.text, f"you may not see {metric.label}.", "not permitted")
        loose = reading.loose()
        unmatched = tuple(reading.said(term.start, term.end) for term in loose)
        stems = {term.stem for term in loose} | {term.stem for term in reading.free_terms()}
        if stems & pack.unmodelled["reasons"]:
            return unanswerable(
                self.text, "it asks for reasons, and there are only numbers here.", "not modelled", unmatched
            )
        is_about_us = bool(self.groups.every()) or any(term.stem in self.vocabulary.words for term in reading.terms)
        if (stems & pack.vague or not unmatched) or (is_about_us and self.arithmetic.limit):
            unknown = [term for term in loose if term.stem not in pack.vague and term.stem not in self.vocabulary.words]
            if not unknown:
                some = ("Won", "Won deals", "Invoiced", "Open pipeline", "Win rate")
                return clarify(
                    self.text, "By which number? For example: Won, Won deals, Invoiced, Open pipeline, Win rate.", some
                )
        if unmatched:
            listed = ", ".join(f"“{word}”" for word in unmatched)
            return unanswerable(self.text, f"no number here is called {listed}.", "not modelled", unmatched)
        return clarify(self.text, "Which number would you like to know?")

    # -- groups, filters, days ------------------------------------------------------------------------------------

    def _group(self, draft: Draft, metrics: list[Metric]) -> None:
        catalogue = self.vocabulary.catalogue
        metrics = draft.metrics or metrics
        for one in self.groups.every():
            if one.grain:
                continue
            name = reachable_by(catalogue, metrics, one) if metrics else None
            if name is None:
                raise self._cannot_divide(one, metrics)
            if name not in draft.by:
                draft.by.append(name)
            if one in self.groups.asked and self.arithmetic.limit:
                draft.heads.append(name)
        if self.arithmetic.limit and any(one.grain for one in self.groups.asked):
            draft.heads.append(PERIOD)
        draft.counted = self.groups.counted is not None
        draft.only_those = self.lists_those

    def _cannot_divide(self, one: Named, metrics: list[Metric]) -> NoPlan:
        catalogue = self.vocabulary.catalogue
        said = self.reading.said(one.start, one.end)
        if not metrics:
            return clarify(self.text, f"Which number by {said}?")
        known = {name for metric in metrics for name in metric.dimensions if catalogue.dimensions[name].kind != "date"}
        labels = ", ".join(sorted(catalogue.dimensions[name].label.lower() for name in known))
        told = " and ".join(metric.label for metric in metrics)
        known_by = f"it is by {labels}" if labels else "there is one number for all"
        return unanswerable(self.text, f"{told} is not known by {said}; {known_by}.", "not modelled", (said,))

    def _filter(self, draft: Draft, metrics: list[Metric], found: list[Found], choices: list[Choice]) -> None:
        metrics = draft.metrics
        found = [*found, *find_values(self.reading, self.values, single=True)]
        found += [one for choice in choices for one in self._named_by_value(choice)]
        for one in found:
            self.reading.claim(one.start, one.end, "value")
        settled = Filters(self.reading, self.vocabulary, self.values, metrics)
        names = every_name(self.reading, self.vocabulary)
        mark_excluded(self.reading, found)
        settled.unknowns(names)
        settled.settle(found, names)
        named = partial_names(self.reading, self.values, settled.reachable, self.vocabulary.words)
        mark_excluded(self.reading, [*found, *named])
        settled.settle(named, names)
        several = [name for name, values in settled.where.items() if len(values) > 1]
        if COMPARING.search(self.reading.small) and (several or len(metrics) > 1):
            draft.by += [name for name in several if name not in draft.by]
            self._claim_comparison()
        draft.where |= settled.where
        draft.excluding |= settled.excluding

    def _named_by_value(self, choice: Choice) -> list[Found]:
        """`calls` is another word for activities, and one kind of them: both are meant."""
        if choice.phrase.rank != 1 or len(choice.places) != 1:
            return []
        [place] = choice.places
        values = self.values.whole.get((self.reading.spelled[place],), ())
        known = tuple(value for value in values if value.dimension in choice.metric.dimensions)
        return [Found(place, place + 1, known)] if known else []

    def _role_names(self) -> list[Named]:
        """Dates that no metric counts by, said in several words, such as `expected to close`: claimed."""
        catalogue = self.vocabulary.catalogue
        counted_by = {metric.default_time for metric in catalogue.metrics.values()}
        found = []
        for one in every_name(self.reading, self.vocabulary, dates=True):
            dates = [name for name in one.dimensions if self.vocabulary.is_date(name)]
            if dates and not counted_by.intersection(dates) and one.end - one.start > 1:
                found.append(one)
                self.reading.claim(one.start, one.end, "role")
        return found

    def _roles(self, draft: Draft, windows: list[When], roles: list[Named]) -> None:
        """Days that are said of another date than the metric's own: `expected to close next month`."""
        catalogue = self.vocabulary.catalogue
        for one in [*roles, *every_name(self.reading, self.vocabulary, dates=True)]:
            dates = [name for name in one.dimensions if catalogue.dimensions[name].kind == "date"]
            if not dates:
                continue
            if any(name == draft.own_time for name in dates):
                self.reading.claim(one.start, one.end, "time")
                continue
            window = self._window_of(one, windows)
            if window is None and one in roles:
                raise clarify(self.text, f"Which days are meant by “{self.reading.said(one.start, one.end)}”?")
            if window is None:
                continue
            name = draft.reach_date(dates, self.values)
            if name is None:
                raise self._cannot_divide(one, draft.metrics)
            if name:
                windows.remove(window)
                draft.within[name] = (window.start, window.end)
                draft.said_windows.append(window)
                self.reading.claim(one.start, one.end, "time")

    def _claim_comparison(self) -> None:
        for match in COMPARING.finditer(self.reading.small):
            self.reading.claim_characters(match.start(), match.end(), "comparison")

    def _window_of(self, one: Named, windows: list[When]) -> When | None:
        """The span right behind a verb, with nothing but small words between."""
        last = self.reading.tokens[one.end - 1]
        for window in windows:
            between = [t for t in self.reading.tokens if last.end <= t.start < window.at[0]]
            if window.at[0] >= last.end and all(token.stem in english().fillers for token in between):
                return window if window.kind in {"window", "edge"} else None
        return None

    def _absorb(self, draft: Draft, choices: list[Choice]) -> None:
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
        for term in self.reading.loose():
            if (
                term.stem in named
                or term.stem in affirmed
                or term.stem in things
                and (term.stem in described or (term.stem == CUSTOMER and self._is_source(term)))
            ):
                self.reading.claim(term.start, term.end, "metric")
        for term in self.reading.loose():
            if (
                any(term.stem in one.meanings for one in self.vocabulary.phrases if one.metric in draft.names())
                and term.stem not in CUES
            ):
                self.reading.claim(term.start, term.end, "metric")
        plural = [
            one
            for one in every_name(self.reading, self.vocabulary)
            if one.is_plural and not draft.by and CUSTOMER not in self._stems(one)
        ]
        for one in plural[:1]:
            name = reachable_by(self.vocabulary.catalogue, draft.metrics, one)
            if name and self.reading.loose():
                draft.by.append(name)
                self.reading.claim(one.start, one.end, "by")

    def _lacking(self, draft: Draft) -> None:
        """`which reps have no won deals`: those without are asked for."""
        matches = self.reading.find(LACKING)
        if matches and draft.by and not self.arithmetic.limit and not self.arithmetic.bounds:
            draft.missing, draft.only_those = True, False
            for match in matches:
                self.reading.claim_characters(match.start(), match.end(), "lacking")

    def _stems(self, one: Named) -> set[str]:
        return {term.stem for term in self.reading.terms if one.start <= term.start < one.end}

    def _is_source(self, term: Term) -> bool:
        """`from our customers`: everything comes from them."""
        before = self.reading.small[: self.reading.tokens[term.start].start]
        following = [
            at
            for at in range(term.end, len(self.reading.tokens))
            if self.reading.claims.get(at) or not self._is_filler(at)
        ]
        is_subject = bool(following) and self.reading.claims.get(following[0]) == "metric"
        is_part = bool(re.search(r"\bof (?:the |our |all )*$", before))
        return bool(re.search(r"\b(?:from|to|with|for) (?:the |our |all |any )*$", before)) or (
            is_subject and not is_part
        )

    def _is_filler(self, place: int) -> bool:
        return self.reading.tokens[place].stem in english().fillers

    def _account(self, draft: Draft, metrics: list[Metric]) -> None:
        """Coverage: every content word must have been taken for something. Raises NoPlan."""
        pack = english()
        claim_fitting_cues(self.reading, draft.metrics)
        loose = self.reading.loose()
        unfit = [term for term in unfit_cues(self.reading, draft.metrics) if term not in loose]
        if any(term.stem == AVERAGE for term in (*unfit, *loose)) and draft.may_average():
            draft.averaged = True
            loose = [term for term in loose if term.stem != AVERAGE]
            unfit = [term for term in unfit if term.stem != AVERAGE]
        left = [*loose, *(term for term in unfit if self.reading.tokens[term.start].plain not in LOOSE_AMOUNTS)]
        left = [term for term in left if not (draft.arithmetic.share and term.stem == RATE)]
        if not left:
            return
        unmatched = tuple(dict.fromkeys(self.reading.said(term.start, term.end) for term in left))
        listed = ", ".join(f"“{word}”" for word in unmatched)
        stems = {term.stem for term in left}
        if stems & pack.unmodelled["reasons"]:
            raise unanswerable(
                self.text, "it asks for reasons, and there are only numbers here.", "not modelled", unmatched
            )
        if stems & pack.unmodelled["forecasts"]:
            raise unanswerable(self.text, "it asks for what has not happened yet.", "future", unmatched)
        named = " and ".join(metric.label for metric in draft.metrics)
        raise unanswerable(self.text, f"I don't know what {listed} means for {named}.", "not understood", unmatched)

    def _time(self, draft: Draft, windows: list[When]) -> None:
        """The days of the question, and those it is compared with. Raises NoPlan."""
        moments = [window for window in windows if window.kind == "as_of"]
        spans = [window for window in windows if window.kind in {"window", "edge"}]
        for moment in moments:
            assert moment.end is not None
            if moment.end > self.asking.as_of + timedelta(days=1):
                raise unanswerable(self.text, f"{moment.phrase} is in the future.", "future")
            draft.as_of = moment.end - timedelta(days=1)
        draft.said_windows += spans
        comparing = bool(COMPARING.search(self.reading.small)) or self.arithmetic.change or bool(self.arithmetic.before)
        if (
            len(spans) == 2
            or self.previous
            or self.arithmetic.before
            or self.arithmetic.change
            or (spans and spans[0].parts)
        ):
            self._claim_comparison()
        if len(spans) == 1 and spans[0].parts and comparing:
            spans = list(spans[0].parts)
        if len(spans) == 1 and comparing and draft.is_stock and NOW.search(self.reading.small):
            self._claim_comparison()
            draft.against = (None, spans[0].end)
            return
        if len(spans) == 1 and comparing and self.previous and not draft.metrics_said:
            before = self.previous.question
            assert before is not None
            spans = [When("before", before.start, before.end), *spans] if before.start else spans
        spans = self._this_period(spans, comparing)
        spans = self._year_before(spans, comparing)
        if len(spans) > 2:
            raise clarify(self.text, f"There are {len(spans)} spans of days: which one is meant?")
        if len(spans) == 2:
            draft.two_windows(spans, comparing, self.text)
        elif spans:
            draft.window(spans[0], self.text)

    def _this_period(self, spans: list[When], comparing: bool) -> list[When]:
        """`higher than last month`: this month is, where no other days are said."""
        if len(spans) != 1 or not comparing or spans[0].parts or spans[0].grain is None:
            return spans
        before = self.reading.small[: spans[0].at[0]]
        current = period_of(self.asking.as_of, spans[0].grain, self.asking.calendar)
        if not COMPARED_WITH.search(before) or spans[0].end != current.start:
            return spans
        self._claim_comparison()
        self.notes.append(f"compared is this {spans[0].grain.replace('_', ' ')}")
        return [spans[0], whole(current, f"this {spans[0].grain}")]

    def _year_before(self, spans: list[When], comparing: bool) -> list[When]:
        """`this quarter compared with last year`: with the same days of it."""
        if len(spans) != 2 or not comparing:
            return spans
        for one, other in (spans, spans[::-1]):
            is_said = re.fullmatch(
                r"(?:the )?(?:same \w+(?: period)? (?:of |in )?(?:the )?)?(?:last|previous|prior) year", one.phrase
            )
            if is_said and ("same" in one.phrase or other.grain != "year") and other.start and other.end:
                self.arithmetic.before = "year"
                return [other]
        return spans
