"""The arithmetic of a question: how many of them, above what, compared with what, as a share of what."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from ml.language.numbers import NAMED, number
from ml.language.reading import Reading
from warehouse.metrics.calendar import Grain

HIGH = (
    "most|highest|largest|biggest|greatest|top|maximum|max|longest|slowest|leading|strongest|busiest|heaviest"
    "|top[- ]performing|most valuable"
)
LOW = "least|fewest|lowest|smallest|bottom|minimum|min|shortest|fastest|quickest|weakest"
JUDGED = "best[- ]performing|worst[- ]performing|best|worst"
SUPERLATIVE = f"{HIGH}|{LOW}|{JUDGED}"
COUNT = rf"\d{{1,4}}|{'|'.join(word for word in NAMED if word not in {'zero', 'one'})}"
MONEY = r"[$€£]?\d[\d,]*(?:\.\d+)?\s?(?:k|m|mn|bn|million|thousand)?(?![\w.])"
AMOUNT = rf"(?:{MONEY}|\b(?:{'|'.join(NAMED)})\b)"
UNITS = r"\s?(?P<unit>percent|per cent|%|days?|hours?|hrs?|minutes?|mins?|weeks?|stars?|points?|eur\b|euros?|usd\b|dollars?|gbp\b|pounds?|times)?"

TOP = re.compile(
    rf"\b(?:the |our )?(?:(?P<a>{SUPERLATIVE})[ -](?P<n>{COUNT})|(?P<m>{COUNT}) (?:of the |of our )?(?P<b>{SUPERLATIVE}))\b"
)
SINGLE = re.compile(rf"\b(?:the |our )?(?P<a>{SUPERLATIVE})(?: (?:one |ones )?first)?\b")
MORE = {
    ">": "more than|over|above|greater than|larger than|higher than|bigger than|exceed(?:s|ing|ed)?|longer than|upwards of|in excess of|>",
    ">=": "at least|no less than|no fewer than|not less than|minimum of|a minimum of|>=",
    "<": "under|below|less than|fewer than|lower than|smaller than|shorter than|<",
    "<=": "at most|no more than|not more than|up to|maximum of|a maximum of|<=",
    "=": "exactly|equal to|equals|=",
    "!=": "!=",
}
SIGNS = [
    (re.compile(rf"(?:\b(?:of |is |was |are |were )?)(?:{words})\s?(?P<num>{AMOUNT}){UNITS}"), sign)
    for sign, words in MORE.items()
]
AFTERWARDS = re.compile(
    rf"(?P<num>{AMOUNT}){UNITS}\s?(?:(?P<up>\+|or (?:more|higher|above|greater|longer))|or (?:less|fewer|lower|below|under|shorter))"
)
RANGE = re.compile(rf"\bbetween (?P<low>{AMOUNT})\s?(?:and|-) ?(?P<num>{AMOUNT}){UNITS}")

GRAINS: list[tuple[str, Grain]] = [
    (r"fiscal quarter|financial quarter", "fiscal_quarter"),
    (r"fiscal year|financial year|fy", "fiscal_year"),
    (r"calendar day|day|date", "day"),
    (r"calendar week|week", "week"),
    (r"calendar month|month", "month"),
    (r"calendar quarter|quarter", "quarter"),
    (r"calendar year|year", "year"),
]
ADVERBS: list[tuple[str, Grain]] = [
    ("daily", "day"),
    ("weekly", "week"),
    ("monthly", "month"),
    ("quarterly", "quarter"),
    ("yearly|annually|annual", "year"),
]
EACH = r"(?:for each|for every|in each|in every|by each|by|per|each|every)"
TREND = re.compile(
    r"\b(?:over time|trends?(?: line)?|trending|trended|time ?line|evolv\w*|evolution|develop(?:ed|ing|s|ment)?|progress(?:ed|ion))\b"
)
COMPARING = re.compile(r"\b(?:vs\.?|versus|compar\w*|against|than|relative to|difference between)\b")
YEARLY = re.compile(
    r"\b(?:year[- ](?:over|on)[- ]year|yoy|y/y|(?:over|from|than|vs\.?|versus|compared (?:to|with)|against) (?:the )?"
    r"(?:same (?:period|time|month|quarter|week|days)(?: of| in)?(?: the)? (?:last|previous|prior) year|(?:a|one) year (?:ago|earlier|before)))\b"
)
PREVIOUSLY = re.compile(
    r"\b(?:(?P<unit>month|quarter|week|day)[- ](?:over|on|to)[- ](?:month|quarter|week|day)|(?P<short>mom|qoq|wow)|m/m|q/q|w/w|period[- ](?:over|on|to)[- ]period"
    r"|(?:over|from|than|vs\.?|versus|compared (?:to|with)|against|with|to) (?:the )?(?:(?:previous|preceding|prior|last) (?:period|one)"
    r"|(?:period|one|month|quarter|week|year) (?:before|prior|earlier)))\b"
)
CHANGE = re.compile(
    r"\b(?:how (?:many|much) (?:more|fewer|less|higher|lower)|(?:higher|lower|better|worse|more|less|up|down)(?= than)"
    r"|(?:percent(?:age)?|relative|absolute) (?:change|growth|increase|decrease|difference)|growth(?: rate)?|grow(?:n|ing|s)?|grew|chang(?:e|ed|es|ing)|increas(?:e|ed|es|ing)|decreas(?:e|ed|es|ing)|declin(?:e|ed|es|ing)"
    r"|difference|differ|delta|drop(?:ped|s)?|fell|fall(?:en)?|rose|rise|risen|improv(?:e|ed|ement)|go(?:ne|ing)? (?:up|down)|went (?:up|down)|up or down)\b"
)
WAYS: list[tuple[re.Pattern[str], Literal["up", "down", "better"]]] = [
    (re.compile(r"grow|grew|increas|rose|rise|higher|more|up"), "up"),
    (re.compile(r"declin|decreas|drop|fell|fall|lower|fewer|less|down"), "down"),
    (re.compile(r"improv|better"), "better"),
]
SHARE = re.compile(
    r"\b(?:as (?:a )?)?(?:what |which )?(?:the )?(?:%|share|percent(?:age)?|proportion|fraction|portion|part)s?(?: share)? (?:of|by|contributions? of)\b"
    r"|\b(?:as a )?(?:share|percentage|percent|%|proportion) of (?:the |our )?(?:total|whole|all|overall)\b|\bcontribut(?:e|es|ed|ions?)\b|\b(?:in|as a) (?:percent(?:age)?s?|%)(?! of)"
)
OF_TOTAL = re.compile(
    r"\b(?:as (?:a |the )?)?(?:share|percentage|percent|%|proportion) of (?:the |our )?(?:total|whole|grand total|overall)\b"
    r"|^\W*(?:and |now |show (?:it|that|them) )*as (?:a )?(?:share|percentages?|percent|%)\W*$"
)
RUNNING = re.compile(
    r"\b(?:running (?:total|sum)|cumulative(?:ly)?|cumulated|accumulated|running|year to date total)(?: of| for)?\b"
)
EXCLUDE = re.compile(
    r"\b(?:exclud(?:ing|e|ed|es)|except(?: for)?|other than|apart from|aside from|not counting|without counting|not including|leaving out|leave out"
    r"|ignoring|ignore|but not|outside(?: of)?|(?:(?:is|are|was|were)(?: not|n't)|not)(?: (?:in|from|by|for|via|through|of|with))?|non|besides|isn't|aren't"
    r"|anywhere but|but|all but|everyone but|everything but|without)\b[- ]?"
)
LACKING = re.compile(
    r"\b(?:without|with no|with zero|with 0|(?:who |that |which )?(?:have|has|had|having|got|made|saw|did|do|does)(?: not|n't| never)(?: yet)?(?: had| have| made| got| any| been)?"
    r"|(?:who |that |which )?(?:have|has|had|got|made) (?:no|zero)|haven't|hasn't|hadn't|didn't|don't|doesn't|lacking|lack|never|no)(?: any| a single| a| an)?\b"
)
UNKNOWN = re.compile(r"\b(?:unknown|missing|unspecified|undefined|blank|empty|no|without(?: an?| any)?|not set)\b")
UNASSIGNED = re.compile(
    r"\b(?:unassigned|not assigned(?: to (?:anyone|anybody))?|unowned|assigned to (?:nobody|no one|no-one)|without (?:an? )?(?:owner|assignee))\b"
)


@dataclass
class Limit:
    """`top 5`: so many, from which end; `number` None where none was said."""

    ascending: bool
    number: int | None
    judged: bool
    is_order: bool
    """`lowest first`: which end comes first, and all of them."""
    is_lasting: bool
    """A superlative of time: slowest, longest."""
    at: int
    """The token behind it."""


@dataclass
class Bound:
    """`more than 10 days`: which side of what."""

    sign: Literal[">", ">=", "<", "<=", "=", "!="]
    value: Decimal
    unit: str
    at: int


@dataclass
class Arithmetic:
    """What a question wants done with its numbers."""

    limit: Limit | None = None
    bounds: list[Bound] = field(default_factory=list)
    grain: Grain | None = None
    is_trend: bool = False
    change: bool = False
    direction: Literal["up", "down", "better"] | None = None
    """Which way it changed, where groups are asked for by it."""
    before: Literal["previous", "year"] | None = None
    stepping: Grain | None = None
    """`month over month`: the periods of which each is compared with the one before."""
    share: bool = False
    share_of_total: bool = False
    running: bool = False


def read_bounds(reading: Reading) -> list[Bound]:
    """Thresholds, claimed."""
    found: list[Bound] = []
    for match in reading.find(RANGE):
        for name, sign in (("low", ">="), ("num", "<=")):
            _bound(reading, match, name, sign, found)
        reading.claim_characters(match.start(), match.end(), "threshold")
    for pattern, sign in sorted(SIGNS, key=lambda pair: -len(pair[1])):
        for match in reading.find(pattern):
            _bound(reading, match, "num", sign, found)
            reading.claim_characters(match.start(), match.end(), "threshold")
    for match in reading.find(AFTERWARDS):
        _bound(reading, match, "num", ">=" if match["up"] else "<=", found)
        reading.claim_characters(match.start(), match.end(), "threshold")
    return found


def _bound(reading: Reading, match: re.Match[str], name: str, sign: str, found: list[Bound]) -> None:
    value = number(match[name].strip())
    if value is not None:
        place = reading.within(match.start(), match.end())[-1]
        found.append(Bound(sign, value, (match["unit"] or "").strip(), place))  # type: ignore[arg-type]


def read_grain(reading: Reading, arithmetic: Arithmetic) -> None:
    """`by month`, `monthly`, `month by month`, `over time`, claimed."""
    for words, grain in GRAINS:
        for pattern in (
            rf"\b(?:{words})[ -](?:by|on)[ -](?:{words})\b",
            rf"\b{EACH} (?:single )?(?:{words})s?\b",
            rf"\b(?:at )?(?:the )?(?:end|close) of (?:each|every) (?:{words})\b",
        ):
            for match in reading.find(re.compile(pattern)):
                arithmetic.grain = arithmetic.grain or grain
                reading.claim_characters(match.start(), match.end(), "grain")
    for words, grain in ADVERBS:
        for match in reading.find(re.compile(rf"\b(?:{words})\b")):
            arithmetic.grain = arithmetic.grain or grain
            reading.claim_characters(match.start(), match.end(), "grain")
    for match in reading.find(TREND):
        arithmetic.is_trend = True
        reading.claim_characters(match.start(), match.end(), "grain")


def read_limit(reading: Reading) -> Limit | None:
    """`top 5`, `the ten largest`, `highest`, claimed."""
    for pattern in (TOP, SINGLE):
        for match in reading.find(pattern):
            told = match.groupdict()
            word = told.get("a") or told.get("b") or ""
            many = told.get("n") or told.get("m")
            reading.claim_characters(match.start(), match.end(), "limit")
            places = reading.within(match.start(), match.end())
            _say_again(reading, word)
            return Limit(
                ascending=re.fullmatch(LOW, word) is not None or word.startswith("worst"),
                number=int(number(many) or 0) if many else None,
                is_order=match.re is SINGLE and match[0].endswith("first"),
                is_lasting=re.fullmatch("longest|slowest|shortest|fastest|quickest", word) is not None,
                judged=re.fullmatch(JUDGED, word) is not None,
                at=places[-1] + 1,
            )
    return None


def _say_again(reading: Reading, word: str) -> None:
    """`the most tickets, the top 10`: another word for the same end."""
    if re.fullmatch(HIGH, word):
        for match in reading.find(SINGLE):
            if re.fullmatch(HIGH, match["a"]):
                reading.claim_characters(match.start(), match.end(), "limit")


def read_comparison(reading: Reading, arithmetic: Arithmetic) -> None:
    """`year over year`, `compared with`, `growth`, claimed; the windows themselves are read elsewhere."""
    for pattern, before in ((YEARLY, "year"), (PREVIOUSLY, "previous")):
        for match in reading.find(pattern):
            arithmetic.before = before  # type: ignore[assignment]
            arithmetic.stepping = arithmetic.stepping or _stepping(match)
            reading.claim_characters(match.start(), match.end(), "comparison")
    for match in reading.find(CHANGE):
        arithmetic.change = True
        for word, way in WAYS:
            if word.search(match[0]):
                arithmetic.direction = way
        reading.claim_characters(match.start(), match.end(), "comparison")


def _stepping(match: re.Match[str]) -> Grain | None:
    """The periods that `month over month` and `qoq` speak of."""
    units: dict[str, Grain] = {"m": "month", "q": "quarter", "w": "week", "d": "day"}
    told = match.groupdict()
    said = told.get("unit") or told.get("short") or ""
    return units.get(said[:1])


def read_shares(reading: Reading, arithmetic: Arithmetic) -> None:
    """`share of the total` and `running total`, claimed; of what else there is a share, the metric decides."""
    for match in reading.find(RUNNING):
        arithmetic.running = True
        reading.claim_characters(match.start(), match.end(), "running")
    for match in reading.find(OF_TOTAL):
        arithmetic.share_of_total = True
        reading.claim_characters(match.start(), match.end(), "share")


WHICH_MANY = re.compile(rf"\b(?:which|what) (?P<n>{COUNT})\b")
PATTERNS = (TOP, COMPARING, YEARLY, PREVIOUSLY, CHANGE, SHARE, RUNNING, EXCLUDE, LACKING, UNKNOWN, UNASSIGNED, TREND)
WORDS = frozenset(word for pattern in PATTERNS for word in re.findall(r"[a-z]{4,}", pattern.pattern))
"""What these expressions are made of: no misspelling of anything else."""
