"""How numbers, days and moments are written: one definition per unit."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

UNKNOWN = "—"
DAYS = {"en_US": "{0:%b} {0.day}, {0.year}", "sv_SE": "{0:%Y-%m-%d}"}
"""How days are written where it is not `20 Nov 2026`, by locale."""
HOURS = {"en_US": "%-I:%M %p %Z"}
_locale: ContextVar[str] = ContextVar("locale", default="")
SPOKEN_UNKNOWN = "unknown"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
STEPS = ("", "k", "M", "B", "T")
MINUS = "−"
CENT = Decimal("0.01")

Number = int | Decimal | None


def money(value: Number, currency: str = "USD") -> str:
    """On a card: three significant digits with a unit, `$2.90M`, `$27.7k`, `$84.30`."""
    if value is None:
        return UNKNOWN
    size, step = abs(Decimal(value)), 0
    while _three(size) >= 1000 and step < len(STEPS) - 1:
        size, step = size / 1000, step + 1
    digits = f"{size.quantize(CENT, ROUND_HALF_UP)}" if not step and 0 < size < 100 else f"{_three(size):,}"
    return f"{_sign(value)}{symbol(currency)}{digits}{STEPS[step]}"


def money_in_full(value: Number, currency: str = "USD") -> str:
    """In a record: every digit, with cents, `$2,899,512.50`."""
    if value is None:
        return UNKNOWN
    exact = abs(Decimal(value)).normalize()
    places = max(2, -int(exact.as_tuple().exponent))
    return f"{_sign(value)}{symbol(currency)}{exact:,.{places}f}"


def symbol(currency: str) -> str:
    """What stands before an amount: `$`, or the code where there is no sign everyone knows."""
    return SYMBOLS.get(currency, f"{currency} ")


def count(value: Number) -> str:
    """Whole things, with separators."""
    return UNKNOWN if value is None else f"{_sign(value)}{abs(int(value)):,}"


def share(value: Number) -> str:
    """A part of a whole in percent, one decimal."""
    return UNKNOWN if value is None else f"{_sign(value)}{_tenth(abs(Decimal(value)) * 100)}%"


def days(value: Number) -> str:
    """A length of time in days, one decimal."""
    return UNKNOWN if value is None else f"{_sign(value)}{_tenth(abs(Decimal(value))):,} days"


def minutes(value: Number) -> str:
    """A length of time that is known to the minute: `45 min`, `3.5 h`, `2.1 days`."""
    if value is None:
        return UNKNOWN
    exact = abs(Decimal(value))
    if exact < 60:
        return f"{_sign(value)}{exact:.0f} min"
    hours = exact / 60
    return f"{_sign(value)}{_tenth(hours)} h" if hours < 48 else days(Decimal(value) / 1440)


def plain_number(value: Number) -> str:
    """A number of no unit, two decimals: points, or so many per head."""
    return UNKNOWN if value is None else f"{_sign(value)}{abs(Decimal(value)):,.2f}"


def number(value: Number, unit: str, currency: str = "USD") -> str:
    """A metric's value on a card, by its unit."""
    if unit == "money":
        return money(value, currency)
    return {"count": count, "share": share, "days": days, "minutes": minutes, "number": plain_number}[unit](value)


def in_full(value: Number, unit: str, currency: str = "USD") -> str:
    """A metric's value with every digit that means something."""
    return money_in_full(_cents(value), currency) if unit == "money" else number(value, unit, currency)


def spoken(text: str) -> str:
    """For people who listen: an em dash says nothing."""
    return SPOKEN_UNKNOWN if text == UNKNOWN else text


def deals(amount: int) -> str:
    """`1 deal`, `2,089 deals`."""
    return counted(amount, "deal")


def counted(amount: int, noun: str) -> str:
    """A noun in the number it needs."""
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


@dataclass(frozen=True)
class Change:
    """How far a value moved since the one before."""

    text: str
    """Signed: `+12.4%`, `−1.9 pts`; `0.0%` where nothing moved."""
    direction: int
    """1 up, -1 down, 0 flat."""


def change(value: Number, before: Number, unit: str) -> Change | None:
    """The signed change; shares move in points. None where one side is unknown or there is nothing to compare with."""
    if value is None or before is None or (before == 0 and unit != "share"):
        return None
    moved = Decimal(value) - Decimal(before)
    shown = _tenth((moved if unit == "share" else moved / abs(Decimal(before))) * 100)
    direction = (shown > 0) - (shown < 0)
    sign = "+" if direction > 0 else MINUS if direction < 0 else ""
    return Change(f"{sign}{abs(shown):,}{' pts' if unit == 'share' else '%'}", direction)


def day(value: date | None) -> str:
    """`19 Nov 2026`."""
    return UNKNOWN if value is None else DAYS.get(_locale.get(), "{0.day} {0:%b %Y}").format(value)


def moment(value: datetime, zone: str = "UTC") -> str:
    """`20 Nov 2026, 11:06 UTC`, in the organization's zone."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {local.strftime(HOURS.get(_locale.get(), '%H:%M %Z'))}"


def write_for(locale: str | None) -> None:
    """From now on in this run of a screen, days and hours are written the way of this locale."""
    _locale.set(locale or "")


def since(value: datetime, now: datetime, zone: str = "UTC") -> str:
    """How long ago, while that is under a day; then the moment itself."""
    age = now - value
    if age >= timedelta(days=1):
        return moment(value, zone)
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 1:
        return "just now"
    return f"{counted(minutes, 'minute')} ago" if minutes < 60 else f"{counted(minutes // 60, 'hour')} ago"


def plain(text: str) -> str:
    """Names as they are: Markdown would read their marks."""
    return "".join(f"\\{mark}" if mark in "\\`*_{}[]()#+-.!|<>:$~" else mark for mark in text)


def _three(size: Decimal) -> Decimal:
    """Rounded to three significant digits; nothing after the point from a hundred on."""
    for limit, step in ((10, CENT), (100, Decimal("0.1"))):
        rounded = size.quantize(step, ROUND_HALF_UP)
        if rounded < limit:
            return rounded if size else Decimal(0)
    return size.quantize(Decimal(1), ROUND_HALF_UP)


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _cents(value: Number) -> Number:
    """A ratio has no end; its cents are what means something."""
    if isinstance(value, Decimal) and int(value.as_tuple().exponent) < -4:
        return value.quantize(CENT, ROUND_HALF_UP)
    return value


def _sign(value: int | Decimal) -> str:
    return MINUS if value < 0 else ""
