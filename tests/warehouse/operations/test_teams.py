"""Teams: several per person, and who shares one may change the other's deals."""

from datetime import UTC, datetime
from typing import Any

import pytest

from warehouse.oltp.engine import reading, reading_as, writing, writing_as
from warehouse.oltp.organization import Membership, RoleGrant, User
from warehouse.operations.declare import NotAllowedNow, NotFound
from warehouse.operations.identity import member_actor
from warehouse.operations.teams import (
    CreateTeam,
    EditTeam,
    OneTeam,
    Place,
    add_to_team,
    create_team,
    delete_team,
    edit_team,
    list_teams,
    remove_from_team,
)
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, Forbidden


def seller(actor: Actor, name: str) -> Actor:
    """A member with sales, made directly."""
    now = datetime.now(UTC)
    written = {"created_at": now, "updated_at": now, "change_seq": 0, "organization_id": actor.organization_id}
    with writing() as session:
        user = User(email=f"{name}@acme.test", created_at=now)
        session.add(user)
        session.flush()
        made = Membership(user_id=user.id, name=name, access_role=AccessRole.MEMBER, **written)
        session.add(made)
        session.flush()
        session.add(RoleGrant(membership_id=made.id, business_function=BusinessFunction.SALES, **written))
    return acting(actor, name)


def acting(actor: Actor, name: str) -> Actor:
    with reading() as session:
        return member_actor(session, actor.organization_id, f"{name}@acme.test")


def team(actor: Actor, name: str, *members: Actor, **values: Any) -> OneTeam:
    with writing_as(actor) as session:
        made = create_team(session, actor, CreateTeam(name=name, **values))
        for one in members:
            add_to_team(session, actor, Place(team_id=made.id, membership_id=one.membership_id or ""))
    return OneTeam(id=made.id, version=made.version)


def test_a_member_is_in_several_teams(ana: Actor) -> None:
    sam = seller(ana, "sam")
    team(ana, "North", sam)
    team(ana, "Enterprise", sam, ana)
    with reading_as(ana) as session:
        assert [(row.team.name, len(row.member_ids)) for row in list_teams(session, ana)] == [
            ("Enterprise", 2),
            ("North", 1),
        ]


def test_colleagues_of_a_team_and_its_manager_reach_each_others_records(ana: Actor) -> None:
    sam, kim, lee = (seller(ana, name) for name in ("sam", "kim", "lee"))
    made = team(ana, "North", sam, kim, manager_id=lee.membership_id)
    assert acting(ana, "sam").may_for("sales:write", kim.membership_id)
    assert acting(ana, "lee").may_for("sales:write", kim.membership_id)
    assert not acting(ana, "sam").may_for("sales:write", lee.membership_id)
    with writing_as(ana) as session:
        remove_from_team(session, ana, Place(team_id=made.id, membership_id=kim.membership_id or ""))
    assert not acting(ana, "sam").may_for("sales:write", kim.membership_id)


def test_a_deleted_team_binds_nobody(ana: Actor) -> None:
    sam, kim = (seller(ana, name) for name in ("sam", "kim"))
    made = team(ana, "North", sam, kim)
    with writing_as(ana) as session:
        delete_team(session, ana, made)
    assert not acting(ana, "sam").may_for("sales:write", kim.membership_id)
    with reading_as(ana) as session:
        assert list_teams(session, ana) == []


def test_putting_somebody_back_is_the_same_place(ana: Actor) -> None:
    sam = seller(ana, "sam")
    made = team(ana, "North", sam)
    place = Place(team_id=made.id, membership_id=sam.membership_id or "")
    with writing_as(ana) as session:
        remove_from_team(session, ana, place)
        add_to_team(session, ana, place)
        add_to_team(session, ana, place)
        [row] = list_teams(session, ana)
    assert row.member_ids == (sam.membership_id,)


def test_a_name_is_taken_once_and_may_be_given_again(ana: Actor) -> None:
    made = team(ana, "North")
    with pytest.raises(NotAllowedNow, match="already"):
        team(ana, "north")
    with writing_as(ana) as session:
        renamed = edit_team(session, ana, EditTeam(id=made.id, version=1, name="South"))
        assert edit_team(session, ana, EditTeam(id=made.id, version=renamed.version, name="South")).version == 2
    team(ana, "North")


def test_who_may_not_decide_about_members_makes_no_team(ana: Actor, vic: Actor, bob: Actor) -> None:
    with pytest.raises(Forbidden):
        team(vic, "Mine")
    made = team(ana, "North")
    with writing_as(bob) as session, pytest.raises(NotFound):
        delete_team(session, bob, made)
    with writing_as(ana) as session, pytest.raises(NotFound):
        add_to_team(session, ana, Place(team_id=made.id, membership_id=bob.membership_id or ""))
