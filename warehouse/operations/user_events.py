"""What identity providers send about their users, in the ways they write it, read into one message."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warehouse.operations.user_sync import SyncUser, delivery_of
from warehouse.tenancy import AccessRole

TYPES = {"user.created": "created", "user.updated": "updated", "user.deleted": "deleted"}
MOST_TOLD = 3
"""Mistakes that one answer names."""


class EventUnreadable(Exception):
    """The body is no message about a user; says what is wrong with it."""


class _Address(BaseModel):
    """One of several, as Clerk lists them."""

    id: str | None = None
    email_address: str | None = None


class _User(BaseModel):
    """A user as providers tell of one; whatever else they tell is not ours to keep."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str | None = None
    external_id: str | None = None
    email: str | None = None
    email_addresses: list[_Address] = Field(default_factory=list, max_length=100)
    primary_email_address_id: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    role: Any = None
    public_metadata: Any = None

    def address(self) -> str | None:
        """The address they are reached at, the primary one where there are several."""
        listed = [one for one in self.email_addresses if one.email_address]
        primary = [one for one in listed if one.id is not None and one.id == self.primary_email_address_id]
        return self.email or next((one.email_address for one in (*primary, *listed)), None)

    def called(self) -> str | None:
        """What they are called."""
        parts = " ".join(part.strip() for part in (self.first_name, self.last_name) if part and part.strip())
        return (self.name or "").strip() or parts or None

    def access_role(self) -> AccessRole | None:
        """The role they are to have here; None where none of ours is named."""
        beside = self.public_metadata.get("role") if isinstance(self.public_metadata, dict) else None
        named = [one.strip().lower() for one in (self.role, beside) if isinstance(one, str)]
        return next((AccessRole(one) for one in named if one in list(AccessRole)), None)


class _Event(BaseModel):
    type: str
    data: _User


class _Kind(BaseModel):
    type: str


def read_event(message_id: str, body: bytes) -> SyncUser | None:
    """The message in a body; None where it is about something else than users. Raises EventUnreadable."""
    try:
        kind = TYPES.get(_Kind.model_validate_json(body).type)
        return _message(message_id, kind, _Event.model_validate_json(body).data) if kind else None
    except ValidationError as wrong:
        raise EventUnreadable(_sentence(wrong)) from wrong


def _message(message_id: str, happened: str, user: _User) -> SyncUser:
    return SyncUser.model_validate(
        {
            "delivery": delivery_of(message_id),
            "happened": happened,
            "source_key": user.id or user.external_id or "",
            "email": user.address() or None,
            "name": user.called(),
            "access_role": user.access_role(),
        }
    )


def _sentence(wrong: ValidationError) -> str:
    """What is wrong, without repeating what was sent."""
    told = wrong.errors(include_url=False, include_input=False, include_context=False)[:MOST_TOLD]
    places = ("id" if "source_key" in one["loc"] else ".".join(map(str, one["loc"])) for one in told)
    return "; ".join(
        f"{place}: {one['msg']}" if place else str(one["msg"]) for place, one in zip(places, told, strict=True)
    )
