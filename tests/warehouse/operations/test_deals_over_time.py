"""Whatever people do to deals, and in whatever order, the store agrees with a simple account of it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule, run_state_machine_as_test
from sqlalchemy import func, select

from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import AuditEvent, ChangeEvent, User
from warehouse.oltp.sales import Opportunity, Stage
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.declare import NotAllowedNow, NotFound, Operation, StaleVersion
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.operations.sales import (
    CreateOpportunity,
    create_opportunity,
    delete_opportunity,
    edit_opportunity,
    move_opportunity,
    restore_opportunity,
    stage_history,
)
from warehouse.tenancy import Actor, operator_actor

AMOUNTS = st.none() | st.decimals(0, Decimal("99999999999999.9999"), places=4)
STAGES = st.sampled_from(Stage)
BEHIND = st.sampled_from([0, 0, 0, 1])
"""How many versions behind the person is who acts."""


@dataclass
class Account:
    """What we expect of one deal."""

    id: str
    amount: Decimal | None
    climbed: list[Stage]
    version: int = 1
    is_deleted: bool = False

    @property
    def is_closed(self) -> bool:
        return not self.climbed[-1].is_open


@dataclass
class Company:
    """An organization of its own for every run, and how many deeds were done in it."""

    actor: Actor
    deeds: int = 1
    deals: list[Account] = field(default_factory=list)


class Deals(RuleBasedStateMachine):
    deals = Bundle("deals")
    made = 0

    def __init__(self) -> None:
        super().__init__()
        Deals.made += 1
        with writing() as session:
            ana = session.scalars(select(User)).one()
            asked = CreateOrganization(
                slug=f"company-{Deals.made}", name="Company", owner_user_id=ana.id, owner_name="Ana"
            )
            self.company = Company(operator_actor(create_organization(session, asked).id))

    def _do(self, operation: Operation[Any, Any], request: Any) -> Opportunity:
        with writing() as session:
            done: Opportunity = operation(session, self.company.actor, request)
        return done

    def _try(self, deal: Account, behind: int, operation: Operation[Any, Any], deleted: bool, **fields: Any) -> bool:
        """Whether it was done; refusals are checked here."""
        request = operation.input(id=deal.id, version=deal.version - behind, **fields)
        expected: type[Exception] | None = None
        if deal.is_deleted != deleted:
            expected = NotFound
        elif behind:
            expected = StaleVersion
        elif operation is move_opportunity and deal.is_closed:
            expected = NotAllowedNow
        if expected is None:
            self._do(operation, request)
            return True
        with pytest.raises(expected):
            self._do(operation, request)
        return False

    def _done(self, deal: Account) -> None:
        deal.version += 1
        self.company.deeds += 1

    @rule(target=deals, amount=AMOUNTS, stage=STAGES)
    def create(self, amount: Decimal | None, stage: Stage) -> Account:
        made = self._do(create_opportunity, CreateOpportunity(name="Roof", amount=amount, stage=stage))
        self.company.deals.append(Account(made.id, amount, [stage]))
        self.company.deeds += 1
        return self.company.deals[-1]

    @rule(deal=deals, amount=AMOUNTS, behind=BEHIND)
    def edit(self, deal: Account, amount: Decimal | None, behind: int) -> None:
        differs = amount != deal.amount
        if self._try(deal, behind, edit_opportunity, deleted=False, amount=amount) and differs:
            deal.amount = amount
            self._done(deal)

    @rule(deal=deals, stage=STAGES, behind=BEHIND)
    def move(self, deal: Account, stage: Stage, behind: int) -> None:
        differs = stage is not deal.climbed[-1]
        if self._try(deal, behind, move_opportunity, deleted=False, stage=stage) and differs:
            deal.climbed.append(stage)
            self._done(deal)

    @rule(deal=deals, behind=BEHIND)
    def delete(self, deal: Account, behind: int) -> None:
        if self._try(deal, behind, delete_opportunity, deleted=False):
            deal.is_deleted = True
            self._done(deal)

    @rule(deal=deals, behind=BEHIND)
    def restore(self, deal: Account, behind: int) -> None:
        if self._try(deal, behind, restore_opportunity, deleted=True):
            deal.is_deleted = False
            self._done(deal)

    @rule(deal=consumes(deals))
    def forget(self, deal: Account) -> None:
        """Nobody touches this one again; it must stay as it is."""

    def teardown(self) -> None:
        organization_id = self.company.actor.organization_id
        with reading() as session:
            for deal in self.company.deals:
                found = session.get_one(Opportunity, deal.id)
                assert (found.version, found.amount) == (deal.version, deal.amount)
                assert (found.deleted_at is not None) == deal.is_deleted
                assert (found.closed_on is not None) == deal.is_closed
                steps = stage_history(session, self.company.actor, deal.id)
                assert [step.to_stage for step in steps] == deal.climbed
                assert [step.from_stage for step in steps] == [None, *deal.climbed[:-1]]
            for kind in (AuditEvent, ChangeEvent):
                mine = select(func.count()).select_from(kind).where(kind.organization_id == organization_id)
                assert session.scalar(mine) == self.company.deeds
            assert broken_audit_rows(session, organization_id) == []


def test_deals_agree_with_a_simple_account_of_what_was_done(ana: Actor) -> None:
    run_state_machine_as_test(
        Deals,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
