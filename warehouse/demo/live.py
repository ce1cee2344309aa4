"""A company at work: plausible sign-ups, edits, tickets and payments, one after another, through the operations."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from warehouse.oltp.engine import StoreBusy, writing_as
from warehouse.oltp.organization import Membership, Organization
from warehouse.operations.declare import NotAllowedNow, NotFound, StaleVersion
from warehouse.operations.rooms import OPERATIONS
from warehouse.settings import settings
from warehouse.tenancy import AccessRole, Actor, member, operator_actor

R = TypeVar("R")
RECENT = 200
"""Among so many of the latest records one is chosen to go on with."""


class Nothing(Exception):
    """There is nothing to do this with right now; something else is done instead."""


@dataclass
class Scene:
    """One moment in one organization: who acts, with which dice, in which transaction."""

    session: Session
    actor: Actor
    throws: Random
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def do(self, operation: str, **values: Any) -> Any:
        """Perform an operation by its name."""
        run = OPERATIONS[operation]
        return run(self.session, self.actor, run.input(**values))

    def one_of(self, kind: type[R], *where: ColumnElement[bool]) -> R:
        """One of the organization's latest records of a kind that are as asked. Raises Nothing."""
        record: Any = kind
        query = select(record).where(record.organization_id == self.actor.organization_id, *where)
        if hasattr(record, "deleted_at"):
            query = query.where(record.deleted_at.is_(None))
        found: Sequence[R] = self.session.scalars(query.order_by(record.id.desc()).limit(RECENT)).all()
        if not found:
            raise Nothing(record.__tablename__)
        return self.throws.choice(found)

    @property
    def today(self) -> Any:
        """The day it is, as the product takes it."""
        return settings().today()


@dataclass
class Tally:
    """What was done, and what found nothing to do or was overtaken by somebody else."""

    done: Counter[str] = field(default_factory=Counter)
    passed_over: int = 0

    @property
    def total(self) -> int:
        """How many things were done."""
        return self.done.total()


def act(organization_id: str, throws: Random) -> str | None:
    """Do one thing somebody at the organization might do now; its name, or None where nothing could be done."""
    from warehouse.demo.live_scenes import SCENES

    names, weights = list(SCENES), [scene.weight for scene in SCENES.values()]
    for name in _shuffled(names, weights, throws):
        try:
            with writing_as(operator_actor(organization_id)) as session:
                scene = Scene(session, _somebody(session, organization_id, throws), throws)
                SCENES[name].play(scene)
        except Nothing:
            continue
        except (StaleVersion, NotAllowedNow, NotFound, StoreBusy):
            return None
        return name
    return None


def live(
    organization_ids: Sequence[str], rate: float, seed: int, goes_on: Callable[[float], bool], tally: Tally
) -> None:
    """Go on acting in the organizations, `rate` times a minute, while `goes_on(seconds so far)`; `tally` counts along."""
    throws, begun = Random(f"live/{seed}"), time.monotonic()  # noqa: S311 - an invented company
    while goes_on(time.monotonic() - begun):
        name = act(throws.choice(list(organization_ids)), throws)
        if name is None:
            tally.passed_over += 1
        else:
            tally.done[name] += 1
        # People do not come like clockwork: waiting times between things that happen by chance.
        time.sleep(min(throws.expovariate(rate / 60), 60))


def _shuffled(names: list[str], weights: list[float], throws: Random) -> list[str]:
    """Names in a chance order in which the heavier come earlier."""
    return sorted(names, key=lambda name: throws.random() ** (1 / weights[names.index(name)]), reverse=True)


def _somebody(session: Session, organization_id: str, throws: Random) -> Actor:
    """A member who may do all of it: which desk a thing lands on is not what is tried here."""
    query = select(Membership.id, Membership.access_role).where(
        Membership.organization_id == organization_id,
        Membership.is_active,
        Membership.deleted_at.is_(None),
        Membership.access_role.in_([AccessRole.OWNER, AccessRole.ADMIN]),
    )
    found = session.execute(query.order_by(Membership.id)).all()
    if not found:
        raise Nothing("memberships")
    chosen = throws.choice(found)
    return member(organization_id, chosen.id, chosen.access_role, frozenset())


def organizations_of(session: Session, slugs: Sequence[str]) -> list[str]:
    """Ids of the organizations with these slugs, all that there are where none is named."""
    query = select(Organization.id).where(Organization.deleted_at.is_(None)).order_by(Organization.slug)
    return list(session.scalars(query.where(Organization.slug.in_(slugs)) if slugs else query))
