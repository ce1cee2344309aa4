"""Teams: who works with whom?"""

from collections.abc import Callable

import streamlit as st

from apps.ui import formats
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.toasts import say_next, say_now
from apps.ui.session import current_actor
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.organization import member_names
from warehouse.operations.teams import (
    CreateTeam,
    EditTeam,
    OneTeam,
    Place,
    TeamRow,
    add_to_team,
    create_team,
    delete_team,
    edit_team,
    list_teams,
    remove_from_team,
)
from warehouse.tenancy import Actor

NOBODY = "Nobody"


def done(work: Callable[[], object], said: str) -> None:
    """Do it and say so, or leave the sentence that says why not."""
    is_done = False
    with saving():
        work()
        is_done = True
    if is_done:
        say_next(said)
        st.rerun()


def new(actor: Actor, names: dict[str, str]) -> None:
    """The form for one more team."""
    with st.expander("New team", icon=":material/add:"), st.form("new_team", border=False, clear_on_submit=True):
        name = st.text_input("Name", max_chars=200)
        manager = st.selectbox(
            "Manager", list(names), index=None, format_func=lambda one: names[one], placeholder=NOBODY
        )
        asked = st.form_submit_button("Add team", type="primary")
    if asked and not name.strip():
        st.error("A team needs a name.")
    elif asked:
        done(lambda: _create(actor, CreateTeam(name=name, manager_id=manager)), f"{name} is added")


def _create(actor: Actor, request: CreateTeam) -> None:
    with writing_as(actor) as session:
        create_team(session, actor, request)


def card(actor: Actor, row: TeamRow, names: dict[str, str]) -> None:
    """One team."""
    team, members = row.team, [one for one in row.member_ids if one in names]
    managed = f"managed by {formats.plain(names[team.manager_id])}" if team.manager_id in names else "no manager"
    with st.container(border=True, height="stretch"):
        st.subheader(formats.plain(team.name), anchor=False)
        st.caption(f"{formats.counted(len(members), 'member')} · {managed}")
        st.markdown(", ".join(formats.plain(names[one]) for one in members) or formats.UNKNOWN)
        if actor.may("organization:members"):
            with st.expander("Change"):
                change(actor, row, names)


def change(actor: Actor, row: TeamRow, names: dict[str, str]) -> None:
    """Name, manager, members; or the end of it."""
    team, key = row.team, f"team_{row.team.id}_{row.team.version}_{len(row.member_ids)}"
    people = list(names)
    with st.form(key, border=False):
        name = st.text_input("Name", team.name, max_chars=200)
        manager = st.selectbox(
            "Manager",
            people,
            index=people.index(team.manager_id) if team.manager_id in names else None,
            format_func=lambda one: names[one],
            placeholder=NOBODY,
        )
        members = st.multiselect(
            "Members",
            people,
            default=[one for one in row.member_ids if one in names],
            format_func=lambda one: names[one],
            placeholder=NOBODY,
        )
        asked = st.form_submit_button("Save", type="primary")
    if asked:
        edit = EditTeam(id=team.id, version=team.version, name=name.strip() or None, manager_id=manager)
        done(lambda: save(actor, row, edit, members), f"{name} is saved")
    if st.button("Delete team", key=f"delete_{key}", icon=":material/delete:", help="Its members stay members."):
        done(lambda: _delete(actor, OneTeam(id=team.id, version=team.version)), f"{team.name} is deleted")


def save(actor: Actor, row: TeamRow, edit: EditTeam, members: list[str]) -> None:
    """The team and its members, together or not at all."""
    with writing_as(actor) as session:
        edit_team(session, actor, edit)
        for one in set(members) - set(row.member_ids):
            add_to_team(session, actor, Place(team_id=row.team.id, membership_id=one))
        for one in set(row.member_ids) - set(members):
            remove_from_team(session, actor, Place(team_id=row.team.id, membership_id=one))


def _delete(actor: Actor, request: OneTeam) -> None:
    with writing_as(actor) as session:
        delete_team(session, actor, request)


actor = current_actor()
say_now()
st.title("Teams", anchor=False)
with telling():
    with reading_as(actor) as store:
        teams, people = list_teams(store, actor), member_names(store, actor)
    if actor.may("organization:members"):
        new(actor, people)
    if not teams:
        st.info("There are no teams yet. Members of a team may change each other's deals.")
    with st.grid(2, min_column_width=320):
        for one in teams:
            card(actor, one, people)
