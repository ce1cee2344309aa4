"""What an organization's identity provider tells of its users, taken over: people come, are renamed, and go."""

import hashlib
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from warehouse.oltp.engine import StoreBusy, writing
from warehouse.oltp.hooks import HookDelivery
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import ExternalId, Membership, User
from warehouse.operations import security_events, sessions
from warehouse.operations.declare import Work, operation
from warehouse.operations.fields import Name, Request
from warehouse.operations.identity import add_person, user_with
from warehouse.operations.invitations import Email
from warehouse.operations.members import is_last_owner
from warehouse.tenancy import AccessRole, Actor, Forbidden

LABEL = "identity provider"
"""How the audit names who acted."""
SOURCE = "identity-provider"
ENTITY = "memberships"
HERE, GONE = "here", "gone"
"""What the provider last said of a user."""
REMEMBERED = timedelta(days=30)
"""How long the same message, sent again, is known; providers give up long before."""


class SyncUser(Request):
    """One message about one user; what is not given stays as it is."""

    delivery: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    happened: Literal["created", "updated", "deleted"]
    source_key: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    """What the provider calls the user."""
    email: Email | None = None
    name: Name | None = None
    access_role: AccessRole | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.happened == "created" and self.email is None:
            raise ValueError("a new user needs an e-mail address")
        return self


class Outcome(StrEnum):
    """What came of a message."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DEACTIVATED = "deactivated"
    KEPT = "kept"
    """The last owner: an organization needs one."""
    STAYS_OUT = "stays out"
    """Somebody here, or the provider itself, said that the member is out."""
    REPLAYED = "replayed"
    IGNORED = "ignored"
    """It speaks of nobody who is known here."""


def delivery_of(message_id: str) -> str:
    """How a message is remembered."""
    return hashlib.sha256(message_id.encode()).hexdigest()


def receive(organization_id: str, request: SyncUser) -> Outcome:
    """Take a message over whose signature was checked. Raises StoreBusy."""
    # What identifies people is changed, and what is not the organization's alone: users, sign-ins, mails.
    actor = Actor(organization_id, LABEL, frozenset({"organization:members", "fields:personal"}))
    try:
        with writing() as session:
            return sync_user(session, actor, request)
    except IntegrityError as raced:
        raise StoreBusy("Somebody else made the same person just now. Nothing was saved; send it again.") from raced


@operation("organization.sync_user", permission="organization:members", entity=ENTITY, input=SyncUser)
def sync_user(work: Work, request: SyncUser) -> Outcome:
    """Take over what the identity provider tells of a user."""
    if work.actor.label != LABEL:
        raise Forbidden("Only the identity provider does this, with messages it signs.")
    work.rows = 0
    if not _is_new(work, request.delivery):
        return Outcome.REPLAYED
    known = _known(work, request.source_key)
    outcome = _remove(work, request, known) if request.happened == "deleted" else _bring(work, request, known)
    work.details["told"] = request.happened
    return outcome


def _is_new(work: Work, delivery: str) -> bool:
    here = work.actor.organization_id
    if work.session.get(HookDelivery, (here, delivery)) is not None:
        return False
    old = HookDelivery.received_at < work.now - REMEMBERED
    work.session.execute(delete(HookDelivery).where(HookDelivery.organization_id == here, old))
    work.session.add(HookDelivery(organization_id=here, digest=delivery, received_at=work.now))
    return True


def _remove(work: Work, request: SyncUser, known: ExternalId | None) -> Outcome:
    """End the membership and the sign-ins in it."""
    member = _member(work, known)
    if member is None:
        # Messages may come in any order: who is gone before they came stays out.
        _remember(work, request, uuid7(work.now), GONE)
        return Outcome.IGNORED
    if is_last_owner(work.session, member):
        work.entity_id, work.rows, work.details = member.id, 1, {"kept": "last owner"}
        return Outcome.KEPT
    _remember(work, request, member.id, GONE)
    # Somebody made anew at the provider has another key there, and may have come under it already.
    if _was_told(work, member, HERE) or not work.apply(member, {"is_active": False}):
        return Outcome.UNCHANGED
    work.entity_id, work.rows = member.id, 1
    if member.user_id:
        here = work.actor.organization_id
        work.details["sign_ins_ended"] = sessions.close_in(work.session, member.user_id, here, work.now)
    return Outcome.DEACTIVATED


def _bring(work: Work, request: SyncUser, known: ExternalId | None) -> Outcome:
    """Make, change or, where the provider had removed them, bring back a member."""
    member = _member(work, known)
    if member is None and known is not None and known.content_hash == GONE:
        return Outcome.STAYS_OUT
    member = member or _called(work, request.email)
    if member is None:
        return _add(work, request, request.email) if request.email else Outcome.IGNORED
    is_out = not member.is_active or member.deleted_at is not None
    # Only whom the provider itself removed does it bring back, and under a new key: an old one is a late message.
    if is_out and not (known is None and request.happened == "created" and _was_told(work, member, GONE)):
        return Outcome.STAYS_OUT
    _remember(work, request, member.id, HERE)
    return Outcome.CHANGED if _change(work, request, member) else Outcome.UNCHANGED


def _add(work: Work, request: SyncUser, email: str) -> Outcome:
    user = _account(work, request, email)
    role = request.access_role if request.access_role not in {None, AccessRole.OWNER} else AccessRole.MEMBER
    made = work.add(Membership(user_id=user.id, name=request.name or email, email=email, access_role=role))
    _remember(work, request, made.id, HERE)
    _note_refused_role(work, request)
    work.entity_id, work.rows = made.id, 1
    return Outcome.CREATED


def _account(work: Work, request: SyncUser, email: str) -> User:
    """The person who signs in with this address, made where there is none: without a password, which is theirs."""
    return user_with(work.session, email) or add_person(work.session, email, request.name)


def _change(work: Work, request: SyncUser, member: Membership) -> bool:
    """Set what is told and differs; whether anything did."""
    values: dict[str, object] = {"is_active": True, "deleted_at": None}
    values |= {key: told for key in ("name", "email") if (told := getattr(request, key)) is not None}
    if member.user_id is None and request.email is not None and _called(work, request.email) in {None, member}:
        values["user_id"] = _account(work, request, request.email).id
    if request.access_role not in {None, AccessRole.OWNER} and member.access_role is not AccessRole.OWNER:
        values["access_role"] = request.access_role
    changed = work.apply(member, values)
    changed = _change_person(work, request, member) or changed
    _note_refused_role(work, request)
    work.entity_id, work.rows = member.id, int(changed)
    return changed


def _change_person(work: Work, request: SyncUser, member: Membership) -> bool:
    """The account behind the member, as far as it is this organization's alone to change; never the password."""
    user = work.session.get_one(User, member.user_id) if member.user_id else None
    if user is None:
        return False
    before = (user.email, user.profile)
    ours = not user.is_operator and not _is_elsewhere(work, user)
    if request.name is not None and ours:
        user.profile = user.profile | {"name": request.name}
    if request.email is not None and request.email != user.email.lower():
        if not ours or user_with(work.session, request.email) is not None:
            work.details["sign_in_address"] = "kept"
        else:
            security_events.tell(
                work.session,
                user.id,
                "you sign in with another address",
                "Your organization's identity provider gave you another e-mail address, and you sign in with that one "
                "from now on. If this surprises you, ask an owner or admin of your organization.",
            )
            user.email, work.details["sign_in_address"] = request.email, "changed"
    return (user.email, user.profile) != before


def _note_refused_role(work: Work, request: SyncUser) -> None:
    if request.access_role is AccessRole.OWNER:
        work.details["role_refused"] = request.access_role.value


def _is_elsewhere(work: Work, user: User) -> bool:
    """Whether another organization knows the person, be it as a member who is out."""
    other = Membership.organization_id != work.actor.organization_id
    return work.session.scalars(select(Membership.id).where(Membership.user_id == user.id, other)).first() is not None


def _known(work: Work, source_key: str) -> ExternalId | None:
    return work.session.get(ExternalId, (work.actor.organization_id, SOURCE, ENTITY, source_key))


def _remember(work: Work, request: SyncUser, member_id: str, content: str) -> None:
    found = _known(work, request.source_key)
    if found is None:
        key = {"organization_id": work.actor.organization_id, "source": SOURCE, "entity": ENTITY}
        found = ExternalId(**key, source_key=request.source_key, record_id=member_id)
        work.session.add(found)
    found.record_id, found.content_hash = member_id, content


def _member(work: Work, known: ExternalId | None) -> Membership | None:
    """The member whom the provider told of before."""
    if known is None:
        return None
    here = Membership.organization_id == work.actor.organization_id
    return work.session.scalars(select(Membership).where(here, Membership.id == known.record_id)).one_or_none()


def _called(work: Work, email: str | None) -> Membership | None:
    """The member with this address; one who signs in with it comes before one whom nobody signs in as."""
    if email is None:
        return None
    here = select(Membership).where(Membership.organization_id == work.actor.organization_id)
    user = user_with(work.session, email)
    found = work.session.scalars(here.where(Membership.user_id == user.id)).one_or_none() if user else None
    nobodys = here.where(Membership.user_id.is_(None), func.lower(Membership.email) == email)
    return found or work.session.scalars(nobodys.order_by(Membership.id).limit(1)).first()


def _was_told(work: Work, member: Membership, content: str) -> bool:
    """Whether this is what the provider last said of the member, under one of its keys."""
    work.session.flush()
    told = select(ExternalId.source_key).where(
        ExternalId.organization_id == work.actor.organization_id,
        ExternalId.source == SOURCE,
        ExternalId.record_id == member.id,
        ExternalId.content_hash == content,
    )
    return work.session.scalars(told.limit(1)).first() is not None
