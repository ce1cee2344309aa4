"""The secret an organization's identity provider signs with: made, shown once, renewed and taken away."""

import re
import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.oltp.hooks import HookDelivery, HookSecret
from warehouse.oltp.organization import Organization
from warehouse.oltp.types import UUID_TEXT
from warehouse.operations.declare import NotAllowedNow, Work, operation
from warehouse.operations.fields import Request
from warehouse.tenancy import Actor

ADDRESS = re.compile(r"[a-z0-9-]{1,63}")
PREFIX = "whsec_"
BYTES = 32
FORMER_FOR = timedelta(hours=24)
"""How long the secret before is taken too, so that nothing is lost until the provider has the new one."""


class MakeSecret(Request):
    """A secret, the first one or a new one."""


class RemoveSecret(Request):
    """Take every secret away."""


@dataclass(frozen=True)
class HookState:
    """What people are told of the secret: never the secret."""

    made_at: datetime
    former_until: datetime | None
    """Until when the one before is taken too."""
    last_delivery: datetime | None


@dataclass(frozen=True)
class Addressed:
    """The organization a message is for, and the secrets it may be signed with."""

    organization_id: str
    secrets: tuple[str, ...]


@operation("organization.make_hook_secret", permission="organization:members", entity="hook_secrets", input=MakeSecret)
def make_secret(work: Work, _request: MakeSecret) -> str:
    """Make a secret for the identity provider; the one before is taken for another day."""
    made = PREFIX + b64encode(secrets.token_bytes(BYTES)).decode()
    found = work.session.get(HookSecret, work.actor.organization_id)
    if found is None:
        found = HookSecret(organization_id=work.actor.organization_id, secret=made)
        work.session.add(found)
    else:
        found.former, found.former_until, found.secret = found.secret, work.now + FORMER_FOR, made
    found.made_at, found.made_by = work.now, work.actor.membership_id
    work.details = {"former_until": found.former_until.isoformat() if found.former_until else None}
    return made


@operation(
    "organization.remove_hook_secret", permission="organization:members", entity="hook_secrets", input=RemoveSecret
)
def remove_secret(work: Work, _request: RemoveSecret) -> None:
    """Take the identity provider's secret away; from now on it can change nothing."""
    found = work.session.get(HookSecret, work.actor.organization_id)
    if found is None:
        raise NotAllowedNow("There is no secret to take away.")
    work.session.delete(found)


def hook_state(session: Session, actor: Actor) -> HookState | None:
    """How the organization's secret stands; None where there is none."""
    actor.must("organization:members")
    here = actor.organization_id
    found = session.execute(
        select(HookSecret.made_at, HookSecret.former_until).where(HookSecret.organization_id == here)
    ).one_or_none()
    if found is None:
        return None
    last = select(func.max(HookDelivery.received_at)).where(HookDelivery.organization_id == here)
    return HookState(found.made_at, found.former_until, session.scalar(last))


def addressed(session: Session, told: str, now: datetime) -> Addressed | None:
    """The organization with this slug or id, where it takes messages. Raises KeyMissing."""
    if not ADDRESS.fullmatch(told):
        return None
    # A slug may look like an id, even like another organization's: then it is the id that counts.
    named = Organization.id == told if UUID_TEXT.fullmatch(told) else Organization.slug == told
    found = session.execute(
        select(HookSecret)
        .join(Organization, Organization.id == HookSecret.organization_id)
        .where(named, Organization.deleted_at.is_(None))
    ).scalar_one_or_none()
    if found is None:
        return None
    former = found.former if found.former_until and now < found.former_until else None
    return Addressed(found.organization_id, (found.secret, former) if former else (found.secret,))
