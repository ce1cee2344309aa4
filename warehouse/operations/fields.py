"""The kinds of values operations are given."""

from decimal import Decimal
from functools import cache
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from warehouse.cards import refuse_card

NUMBERS = frozenset({"phone", "sha256", "delivery", "source_key"})
"""Fields that long numbers belong in."""
LOCALES = ("en_GB", "en_US", "sv_SE")
"""How days and hours are written: 20 Nov 2026, 14:30; Nov 20, 2026, 2:30 PM; 2026-11-20, 14:30."""


@cache
def _zones() -> frozenset[str]:
    """Read once: the list is put together from some six hundred files."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name!r} is no time zone; one is called like Europe/Oslo")
    return name


def _known_locale(name: str) -> str:
    if name not in LOCALES:
        raise ValueError(f"{name!r} is none of {', '.join(LOCALES)}")
    return name


def refuse_no_text(value: str) -> None:
    """Raise ValueError for a text that some store would not keep."""
    # PostgreSQL keeps no NUL, and half a character (a lone surrogate, as JSON may write one) is nowhere text.
    if "\0" in value or not _is_whole(value):
        raise ValueError("has a character that is no text; take it out and try again")


def _is_whole(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


class Request(BaseModel):
    """What an operation is given; refused are unknown fields, and texts that no store keeps or that hold a card number."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _can_be_kept(cls, value: object) -> object:
        if isinstance(value, str):
            refuse_no_text(value)
        return value

    @model_validator(mode="after")
    def _holds_no_card(self) -> Self:
        for name, value in self:
            if isinstance(value, str) and name not in NUMBERS:
                refuse_card(value)
        return self


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Zone = Annotated[str, StringConstraints(max_length=60), AfterValidator(_known_zone)]
Locale = Annotated[str, StringConstraints(max_length=20), AfterValidator(_known_locale)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Version = Annotated[int, Field(ge=0, lt=2**31)]
Month = Annotated[int, Field(ge=1, le=12)]
Hour = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day, as 07:30."""
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
