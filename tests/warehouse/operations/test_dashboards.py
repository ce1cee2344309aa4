"""Dashboards people keep: whose they are, who sees them, who changes them, and what they were before."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.warehouse.operations.company import Company
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import Organization
from warehouse.operations.dashboards import (
    EditDashboard,
    KeepDashboard,
    OneDashboard,
    dashboards_of,
    delete_dashboard,
    edit_dashboard,
    find_dashboard,
    keep_dashboard,
    may_change,
)
from warehouse.operations.declare import NotAllowedNow, NotFound, StaleVersion
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, Forbidden

CARD = {"title": "Won", "form": "columns", "metrics": ["won_value"], "over": "trend"}


def body(title: str = "Monday", **more: Any) -> dict[str, Any]:
    return {"name": "mine", "title": title, "rows": [[CARD]], **more}


class People:
    """An organization with a seller, a colleague of theirs, and its owner."""

    def __init__(self, session: Session, organization_id: str) -> None:
        company = Company(session, organization_id)
        seller = frozenset({BusinessFunction.SALES})
        self.session = session
        self.ana: Actor = company.actor("tilda", AccessRole.MEMBER, seller)
        self.ben: Actor = company.actor("gus", AccessRole.MEMBER, seller)
        self.owner: Actor = company.actor("osric", AccessRole.OWNER, frozenset())
        self.viewer: Actor = company.actor("petra", AccessRole.VIEWER, frozenset())

    def save(self, actor: Actor, **asked: Any) -> Any:
        if "id" in asked:
            return edit_dashboard(self.session, actor, EditDashboard(**{"body": body(), "is_shared": False} | asked))
        return keep_dashboard(self.session, actor, KeepDashboard(**{"body": body()} | asked))

    def names(self, actor: Actor) -> list[str]:
        return [one.name for one in dashboards_of(self.session, actor)]


@pytest.fixture
def people(acme: Organization) -> Iterator[People]:
    with writing() as session:
        yield People(session, acme.id)


def test_ones_own_is_seen_by_nobody_else_and_a_shared_one_by_everybody(people: People) -> None:
    mine = people.save(people.ana)
    people.save(people.ana, body=body("Ours"), is_shared=True)
    assert people.names(people.ana) == ["Monday", "Ours"]
    assert people.names(people.ben) == people.names(people.owner) == people.names(people.viewer) == ["Ours"]
    with pytest.raises(NotFound):
        find_dashboard(people.session, people.ben, mine.id)


def test_a_colleague_copies_what_is_shared_and_does_not_change_it(people: People) -> None:
    shared = people.save(people.ana, is_shared=True)
    with pytest.raises(NotAllowedNow, match="a copy of your own"):
        people.save(people.ben, id=shared.id, version=1, body=body("Bens"))
    assert may_change(people.owner, shared)
    assert people.save(people.owner, id=shared.id, version=1, body=body("Better"), is_shared=True).name == "Better"


def test_every_version_before_is_kept(people: People) -> None:
    made = people.save(people.ana)
    for number in (1, 2):
        people.save(people.ana, id=made.id, version=number, body=body(f"Version {number + 1}"))
    assert (made.version, made.name) == (3, "Version 3")
    assert [(one["version"], one["body"]["title"]) for one in made.earlier] == [(2, "Version 2"), (1, "Monday")]


def test_two_tabs_do_not_lose_each_others_work(people: People) -> None:
    made = people.save(people.ana)
    people.save(people.ana, id=made.id, version=1, body=body("First tab"))
    with pytest.raises(StaleVersion, match="since you opened it"):
        people.save(people.ana, id=made.id, version=1, body=body("Second tab"))
    assert made.name == "First tab"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"title": ""}, "title"),
        ({"rows": [[CARD | {"form": "pie"}]]}, "form"),
        ({"rows": [[CARD | {"by": ["a", "b"]}]]}, "divided by one dimension at most"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_no_dashboard_is_refused_with_its_place(people: People, wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(NotAllowedNow, match=told):
        people.save(people.ana, body=body() | wrong)
    assert people.names(people.ana) == []


def test_what_is_put_away_is_gone(people: People) -> None:
    made = people.save(people.ana, is_shared=True)
    delete_dashboard(people.session, people.ana, OneDashboard(id=made.id, version=1))
    assert people.names(people.ana) == people.names(people.ben) == []


def test_who_only_looks_keeps_none(people: People) -> None:
    with pytest.raises(Forbidden):
        people.save(people.viewer)
