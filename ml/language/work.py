"""What a question is asked of, and the state of its reading."""

import re
from dataclasses import dataclass, field, replace
from datetime import date

from ml.language.english import english
from ml.language.groups import Named
from ml.language.measures import (
    Choice,
)
from ml.language.moments import When
from ml.language.operators import (
    COMPARING,
    Arithmetic,
)
from ml.language.plan import NoPlan, Plan, clarify, unanswerable
from ml.language.reading import Reading
from ml.language.typos import put_right
from ml.language.values import Values, values_in
from ml.language.vocabulary import Vocabulary, vocabulary_of
from ml.language.words import stem
from warehouse.metrics.calendar import Calendar
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.serving import Serving

CUSTOMER = stem("customer")
REWRITTEN = [
    (
        r"\b(did)\b((?:(?!\bhave\b)[^?,.])*?)\bopen\b(?! (?:deal|ticket|opportunit|pipeline|case|invoice))",
        r"\1\2opened",
    ),
    (
        r"\bwhere (?:do|does|did|have|are|is) (?:all |most |the |our |of )*(?:new )?(?:customers|clients|accounts|buyers)"
        r"(?: been)? (?:mostly |mainly |usually )?(?:com(?:e|ing)|came|originat(?:e|ed|ing)) from\b",
        "new customers by source",
    ),
    (
        r"\bwhere (?:do|does|did|have|are|is) (.{3,40}?)(?: been)? (?:mostly |mainly |usually )?(?:com(?:e|ing)|came|originat(?:e|ed|ing)) from\b",
        r"\1 by source",
    ),
    (
        r"\bhow (?:do|did|have) (.{3,40}?) (?:(?:find|found|discover(?:ed)?|hear(?:d)? (?:of|about)|learn(?:ed|t)? (?:of|about)) us|(?:come|came|get|got) to us)\b",
        r"\1 by source",
    ),
    (r"\b(?:debtors)\b", "customers by outstanding amount"),
    (r"(?<!to )\b(?:closing|close) (?=(?:in the |this )?(?:next|coming)\b)", "expected to close "),
    (r"\b(start|beginning|end) of the (year|quarter|month|week)\b(?! of)", r"\1 of this \2"),
    (r"\b(?:assigned to|belonging to|owned by|handled by|managed by|worked on by|looked after by|served by)\b", "of"),
    (r"\b(?:i|we|they|you)['’](?:d|m|ve|re|ll)\b", "we"),
    (
        r"\b(?:above|over|exceed(?:ed|ing|s)?|beat(?:ing)?) (?:their |the |our )?(?:quota|target)s?\b",
        "with quota attainment over 100%",
    ),
    (
        r"\b(?:met|hit|reached|made|made it to) (?:their |the |our )?(?:quota|target)s?\b",
        "with quota attainment at least 100%",
    ),
    (
        r"\b(?:missed|below|under|short of) (?:their |the |our )?(?:quota|target)s?\b",
        "with quota attainment under 100%",
    ),
    (r"\be[- ]mail", "email"),
    (r"\bhow (?:long|fast|quickly|soon)\b", "what time"),
    (r"\b(what|who|where|how|when|that|there)['’]s\b", r"\1 is"),
    (r"\bsales (?=reps?\b|people|persons?\b|team\b|staff|agents?\b|office)", "sales "),
    (r"\bp\.?o\.?s\b", "pos"),
]
"""What is said in several ways and read in one."""
IMPERATIVE = re.compile(
    r"^\W*(?:please |can you |could you |i want (?:to see )?|i need )*(?:show|give|tell|list|display|get|find|name|report)(?: me| us)?\b(?! rates?\b)"
)
"""What a question may begin with, which is no part of a name: not the show rate."""


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


def replaced(asking: Asking, *, as_of: date) -> Asking:
    """The same asked on another day."""
    return replace(asking, as_of=as_of)


@dataclass
class Groups:
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


class Work:
    """A question while it is read: its words, and what was found in them so far."""

    def __init__(self, asking: Asking, text: str, previous: Plan | None) -> None:
        self.asking, self.text, self.previous = asking, text, previous
        self.vocabulary, self.values = asking.vocabulary, asking.values
        written = text
        for pattern, other in REWRITTEN:
            written = re.sub(pattern, other, written, flags=re.IGNORECASE)
        corrected, self.notes = put_right(written, self.vocabulary, self.values)
        self.reading = Reading(corrected)
        for match in IMPERATIVE.finditer(self.reading.small):
            self.reading.claim_characters(match.start(), match.end(), "filler")
        self.arithmetic, self.groups = Arithmetic(), Groups()
        self.windows: list[When] = []
        self.kind: Metric | None = None
        """What a text that goes on from another makes of its metric."""
        self.lists_those = False
        """Asked for are the groups that have some."""

    def claim(self, choice: Choice) -> None:
        """The words of a metric are accounted for."""
        for place in choice.places:
            self.reading.claims[place] = "metric"

    def claim_comparison(self) -> None:
        """The words that set one thing beside another are accounted for."""
        for match in COMPARING.finditer(self.reading.small):
            self.reading.claim_characters(match.start(), match.end(), "comparison")

    def cannot_divide(self, one: Named, metrics: list[Metric]) -> NoPlan:
        """These metrics are not known by what a name says."""
        catalogue = self.vocabulary.catalogue
        said = self.reading.said(one.start, one.end)
        if not metrics:
            return clarify(self.text, f"Which number by {said}?")
        known = {name for metric in metrics for name in metric.dimensions if catalogue.dimensions[name].kind != "date"}
        kin = [catalogue.metrics[other] for metric in metrics for other in english().instead.get(metric.name, ())]
        kin = [other for other in kin if any(name in other.dimensions for name in one.dimensions)]
        if len(metrics) == 1 and kin:
            options = tuple(f"{other.label} by {said}" for other in kin)
            return clarify(
                self.text, f"{metrics[0].label} is not known by {said}. Is it {' or '.join(options)}?", options
            )
        labels = ", ".join(sorted(catalogue.dimensions[name].label.lower() for name in known))
        told = " and ".join(metric.label for metric in metrics)
        known_by = f"it is by {labels}" if labels else "there is one number for all"
        return unanswerable(self.text, f"{told} is not known by {said}; {known_by}.", "not modelled", (said,))

    def stems(self, one: Named) -> set[str]:
        """The stems of a name."""
        return {term.stem for term in self.reading.terms if one.start <= term.start < one.end}
