"""What a member may choose of how they are told: channels, quiet hours, a digest and an address that is called."""

import secrets
from base64 import b64encode
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator
from sqlalchemy.orm import Session

from warehouse.oltp.notices import NotificationChoice
from warehouse.operations.declare import NotAllowedNow, Work, operation
from warehouse.operations.fields import Hour, Request
from warehouse.operations.hook_secrets import BYTES, PREFIX
from warehouse.operations.telling import OFFERED, Channel, Topic, Wishes, wishes_of
from warehouse.tenancy import Actor

READS = "organization:read"
HookForm = Literal["plain", "slack", "teams"]


class ChooseNotifications(Request):
    """How the acting member wants to be told from now on; topics that are not named are told as usual."""

    channels: dict[Topic, list[Channel]]
    quiet_from: Hour | None = None
    quiet_until: Hour | None = None
    digest_hour: Annotated[int, Field(ge=0, le=23)] = 7

    @field_validator("channels")
    @classmethod
    def _offered(cls, value: dict[Topic, list[Channel]]) -> dict[Topic, list[Channel]]:
        for topic, channels in value.items():
            if not set(channels) <= set(OFFERED[topic]):
                raise ValueError(f"{topic.label} cannot be told there.")
        return value


class SetAddress(Request):
    """An address that is called with what concerns the acting member: a program's, or a chat's incoming webhook."""

    address: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s]+$", max_length=500)]
    form: HookForm = "plain"


class RemoveAddress(Request):
    """Call no address any more."""


@operation(
    "organization.choose_notifications",
    permission=READS,
    entity="notification_choices",
    input=ChooseNotifications,
    stays_in_the_store=True,
)
def choose_notifications(work: Work, request: ChooseNotifications) -> None:
    """Choose how one is told."""
    if (request.quiet_from is None) != (request.quiet_until is None):
        raise NotAllowedNow("Quiet hours have a beginning and an end.")
    found = _own(work)
    found.channels = {topic.value: [one.value for one in channels] for topic, channels in request.channels.items()}
    found.quiet_from, found.quiet_until = request.quiet_from, request.quiet_until
    found.digest_hour, found.updated_at = request.digest_hour, work.now


@operation(
    "organization.set_notification_address",
    permission=READS,
    entity="notification_choices",
    input=SetAddress,
    stays_in_the_store=True,
)
def set_address(work: Work, request: SetAddress) -> str:
    """Set the address that is called for oneself; the secret that calls are signed with, shown once."""
    found, made = _own(work), PREFIX + b64encode(secrets.token_bytes(BYTES)).decode()
    found.hook_address, found.hook_form, found.hook_secret = request.address, request.form, made
    found.updated_at = work.now
    # The address is a secret of its own where a chat gave it out: the audit hears of its form.
    work.details = {"form": request.form}
    return made


@operation(
    "organization.remove_notification_address",
    permission=READS,
    entity="notification_choices",
    input=RemoveAddress,
    stays_in_the_store=True,
)
def remove_address(work: Work, _request: RemoveAddress) -> None:
    """Remove the address that is called for oneself."""
    found = _own(work)
    if found.hook_form is None:
        raise NotAllowedNow("There is no address to remove.")
    found.hook_address, found.hook_form, found.hook_secret = None, None, None
    found.updated_at = work.now


def my_wishes(session: Session, actor: Actor) -> Wishes:
    """How the acting member is told."""
    own = actor.membership_id or ""
    return wishes_of(session, actor.organization_id, [own])[own]


def my_own_quiet(session: Session, actor: Actor) -> tuple[str | None, str | None]:
    """The quiet hours the member chose for themselves, beside the organization's."""
    found = _find(session, actor)
    return (found.quiet_from, found.quiet_until) if found else (None, None)


def my_address(session: Session, actor: Actor) -> tuple[str, datetime] | None:
    """What the member's address understands and since when; never the address, which is a key to a chat."""
    found = _find(session, actor)
    return (found.hook_form, found.updated_at) if found and found.hook_form else None


def _find(session: Session, actor: Actor) -> NotificationChoice | None:
    return session.get(NotificationChoice, (actor.organization_id, actor.membership_id or ""))


def _own(work: Work) -> NotificationChoice:
    if work.actor.membership_id is None:
        raise NotAllowedNow("Only a member is told something.")
    work.entity_id = work.actor.membership_id
    found = _find(work.session, work.actor)
    if found is None:
        found = NotificationChoice(
            organization_id=work.actor.organization_id,
            membership_id=work.actor.membership_id,
            channels={},
            digest_hour=7,
            updated_at=work.now,
        )
        work.session.add(found)
    return found
