"""What an alert is as data: what it watches and where the bound is; and how its state moves from reading to reading."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warehouse.dashboards import Where

Grain = Literal["day", "week", "month", "quarter", "year"]
Bound = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]
Above = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=4)]


class Data(BaseModel):
    """A part of a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OfMetric(Data):
    """What rules over a number share: which number, of what, over which periods.

    `is_running` takes the period that runs, up to today; else the last one that is over. How things stand is always
    told of today, and its periods say how far back it is compared.
    """

    metric: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
    where: Where = Field(default_factory=dict)
    grain: Grain = "month"
    is_running: bool = False


class Threshold(OfMetric):
    """The number is over or under a bound. It counts as back once it is `margin_percent` of the bound inside again."""

    kind: Literal["threshold"] = "threshold"
    side: Literal["over", "under"]
    bound: Bound
    margin_percent: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(0)


class Change(OfMetric):
    """The number moved by so much against the period before, or that of a year ago: in its own unit, or in percent."""

    kind: Literal["change"] = "change"
    against: Literal["previous", "year"] = "previous"
    side: Literal["rises", "falls", "moves"]
    by: Above
    in_percent: bool = True


class Anomaly(OfMetric):
    """The number lies outside of what its own past makes likely; `high` tells of less unlikely ones too."""

    kind: Literal["anomaly"] = "anomaly"
    sensitivity: Literal["low", "medium", "high"] = "medium"


class Stale(Data):
    """The organization's numbers are older than so many hours."""

    kind: Literal["freshness"] = "freshness"
    hours: Annotated[int, Field(ge=1, le=24 * 90)]


class FailingCheck(Data):
    """A data check of the latest build found something: a certain one, or any."""

    kind: Literal["check"] = "check"
    check: Annotated[str, Field(max_length=200)] = ""


class FailedJob(Data):
    """The last refresh failed."""

    kind: Literal["job"] = "job"


Rule = Threshold | Change | Anomaly | Stale | FailingCheck | FailedJob


class _Kept(BaseModel):
    """A rule as it is read: which one, its kind says."""

    rule: Rule = Field(discriminator="kind")


class NoRule(ValueError):
    """This says no rule; names the place and what is wrong there."""


def read_rule(told: object) -> Rule:
    """A rule from what is kept or sent. Raises NoRule."""
    try:
        return _Kept.model_validate({"rule": told}).rule
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ", ".join(str(part) for part in first["loc"][2:]) or "the whole"
        raise NoRule(f"{where}: {first['msg']}.") from None


class Level(StrEnum):
    """How much an alert matters; what is critical does not wait for the end of quiet hours."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Standing(StrEnum):
    """Where an alert stands."""

    OK = "ok"
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"

    @property
    def is_open(self) -> bool:
        """Whether what it watches is out of bounds."""
        return self in {Standing.FIRING, Standing.ACKNOWLEDGED}


class Happened(StrEnum):
    """What the history of an alert holds."""

    FIRED = "fired"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    WOKE = "woke"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    PAUSED = "paused"
    RESUMED = "resumed"


TELLING = {Happened.FIRED, Happened.WOKE, Happened.ESCALATED, Happened.RESOLVED, Happened.PAUSED}
"""Of these somebody is told; the others are only kept."""


@dataclass(frozen=True)
class Reading:
    """What a rule found: whether it is out of bounds, and with which number."""

    is_out: bool
    is_back: bool
    """Inside again by the margin: between the two, nothing changes."""
    value: Decimal | None = None
    bound: Decimal | None = None
    """What it was held against, in the number's unit."""
    receipt: str | None = None
    label: str = ""
    """What the number is called."""
    unit: str = ""
    about: str = ""
    """Of when: `October 2026`, `20 Nov 2026`."""
    needs: tuple[str, ...] = ()
    """Tags of the fields that somebody has to see who may be told this number."""
    subject: tuple[str, ...] = field(default=())
    """What else is named: the checks that found something, the job's own words."""


def next_standing(
    now_is: Standing, reading: Reading, now: datetime, resolved_at: datetime | None, cooldown: timedelta
) -> tuple[Standing, Happened | None]:
    """Where an alert stands after a reading, and what happened; None, nothing did.

    A state that lasts is one alert: it fires once, whatever the number does out there. What leaves its bounds again
    within the cooldown is the same alert opened anew, of which nobody is told twice.
    """
    if reading.is_out and not now_is.is_open:
        again = now_is is Standing.RESOLVED and resolved_at is not None and now < resolved_at + cooldown
        return Standing.FIRING, Happened.REOPENED if again else Happened.FIRED
    if reading.is_back and now_is.is_open:
        return Standing.RESOLVED, Happened.RESOLVED
    return now_is, None


def amount_in_words(value: Decimal | None, unit: str, currency: str) -> str:
    """A number as a message says it: `12,345.00 EUR`, `12.3%`, `1,204`, `3.5 days`; `unknown` where it is."""
    if value is None:
        return "unknown"
    if unit == "money":
        return f"{value:,.2f} {currency}"
    if unit == "share":
        return f"{value * 100:,.1f}%"
    if unit in {"days", "minutes"}:
        return f"{value:,.1f}".removesuffix(".0") + f" {unit}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")
