"""One member: what they may do, whether they are in; and the ways out for oneself."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from apps.ui import formats, session
from apps.ui.parts.invite import KEY as INVITE
from apps.ui.parts.invite import NO_ADDRESS, send
from apps.ui.parts.problems import saving
from apps.ui.parts.roles import functions_field, grantable, rights_in_words, role_field
from apps.ui.parts.toasts import say_next
from apps.ui.reruns import by_click
from warehouse.oltp.engine import writing_as
from warehouse.operations.identity import SignedIn
from warehouse.operations.invitations import InvitePerson
from warehouse.operations.members import (
    ChangeMember,
    Leave,
    MemberRow,
    OneMember,
    TransferOwnership,
    change_member,
    deactivate_member,
    leave,
    reactivate_member,
    transfer_ownership,
)
from warehouse.tenancy import Actor

MEMBER = "member"


def _close() -> None:
    st.query_params.pop(MEMBER, "")


@st.dialog("Member", width="medium", icon=":material/person:", on_dismiss=_close)
@by_click
def member_drawer(who: SignedIn, actor: Actor, row: MemberRow, names: dict[str, str]) -> None:
    """What is known of a member, and what may be done with them."""
    st.subheader(formats.plain(row.member.name), anchor=False)
    st.caption(f"{formats.plain(row.email or 'no e-mail known')} · {row.state}")
    may_decide = actor.may("organization:members") and row.member.access_role in grantable(actor)
    if not may_decide:
        st.markdown(f"In the organization as **{rights_in_words(row.member.access_role, row.functions)}**.")
        return
    form(actor, row, names)
    if row.member.user_id is None and row.member.is_active:
        invite_to_sign_in(actor, row)
    if row.member.id != actor.membership_id:
        in_or_out(actor, row)


def form(actor: Actor, row: MemberRow, names: dict[str, str]) -> None:
    """Role, functions, title and manager."""
    member = row.member
    key = f"member_{member.id}_{member.version}"
    others = [one for one in names if one != member.id]
    with st.form(key, border=False):
        role = role_field(actor, member.access_role, f"{key}_role")
        functions = functions_field(row.functions, f"{key}_functions")
        title = st.text_input("Title", member.business_role or "", max_chars=100, key=f"{key}_title")
        manager = st.selectbox(
            "Manager",
            others,
            index=others.index(member.manager_id) if member.manager_id in others else None,
            format_func=lambda one: names[one],
            placeholder="Nobody",
            key=f"{key}_manager",
        )
        asked = st.form_submit_button("Save", type="primary")
    if asked:
        values: dict[str, Any] = {"access_role": role, "functions": functions, "manager_id": manager}
        request = ChangeMember(id=member.id, version=member.version, business_role=title or None, **values)
        done(lambda: _write(actor, change_member, request), f"{member.name} is saved")


def in_or_out(actor: Actor, row: MemberRow) -> None:
    """Deactivate or reactivate."""
    request = OneMember(id=row.member.id, version=row.member.version)
    if row.member.is_active:
        st.caption("A deactivated member is out within seconds; what they did stays.")
        if st.button("Deactivate", icon=":material/person_off:"):
            done(lambda: _write(actor, deactivate_member, request), f"{row.member.name} is deactivated")
    elif row.member.user_id and st.button("Reactivate", icon=":material/person_check:"):
        done(lambda: _write(actor, reactivate_member, request), f"{row.member.name} is back")
    elif not row.member.user_id:
        invite_to_sign_in(actor, row)


def invite_to_sign_in(actor: Actor, row: MemberRow) -> None:
    """Somebody known from an import, or who left, becomes able to sign in."""
    with st.form(f"{INVITE}_{row.member.id}", border=False):
        email = st.text_input("Has no sign-in. Invite under", row.email or "", max_chars=320)
        asked = st.form_submit_button("Send the invitation")
    if asked and "@" not in email:
        st.error(NO_ADDRESS)
    elif asked:
        _close()
        send(
            actor,
            InvitePerson(
                email=email,
                access_role=row.member.access_role,
                functions=list(row.functions),
                membership_id=row.member.id,
            ),
        )


def leave_card(who: SignedIn, actor: Actor) -> None:
    """End one's own membership."""
    st.markdown("**Leave.** You lose access at once; only an invitation leads back. What you did stays.")
    sure = st.checkbox(f"I want to leave {formats.plain(who.organization_name or '')}", key="leave_sure")
    if st.button("Leave", disabled=not sure, icon=":material/logout:"):
        left = False
        with saving():
            _write(actor, leave, Leave())
            left = True
        if left:
            session.leave_organization(who)


def transfer_card(who: SignedIn, actor: Actor, rows: list[MemberRow]) -> None:
    """Make somebody else the owner in one's own place."""
    others = {row.member.id: row for row in rows if row.state == "Active" and row.member.id != actor.membership_id}
    st.markdown("**Hand over.** Another active member becomes owner, and you stay as admin.")
    if not others:
        st.caption("There is no other active member yet.")
        return
    with st.form("transfer", border=False):
        chosen = st.selectbox("To", list(others), format_func=lambda one: others[one].member.name)
        typed = st.text_input(f"Type {who.organization_slug} to confirm")
        asked = st.form_submit_button("Hand over")
    if asked:
        request = TransferOwnership(id=chosen, version=others[chosen].member.version, confirmation=typed)
        done(lambda: _write(actor, transfer_ownership, request), f"{others[chosen].member.name} owns it now")


def done(work: Callable[[], object], said: str) -> None:
    """Do it, close what is open and say so; else leave the sentence that says why not."""
    is_done = False
    with saving():
        work()
        is_done = True
    if is_done:
        say_next(said)
        _close()
        st.rerun()


def _write(actor: Actor, operation: Callable[..., object], request: object) -> None:
    with writing_as(actor) as store:
        operation(store, actor, request)
