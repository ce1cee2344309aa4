"""What a person is shown when someone else saved the same deal first: both sides, field by field, nothing lost."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.parts import opened
from apps.ui.parts.deal_fields import LABELS, People, in_words, people_of, values_of
from apps.ui.parts.header import zone
from apps.ui.parts.problems import saving
from apps.ui.parts.toasts import SAVED, say_next
from warehouse.oltp.engine import writing_as
from warehouse.oltp.sales import Opportunity, Stage
from warehouse.operations.declare import StaleVersion
from warehouse.operations.identity import SignedIn
from warehouse.operations.sales import EditOpportunity, MoveOpportunity, edit_opportunity, move_opportunity
from warehouse.tenancy import Actor

KEY = "conflict"
MINE, THEIRS = "mine", "theirs"


@dataclass
class Conflict(Exception):
    """Someone saved first; what both sides hold, as plain values."""

    id: str
    version: int
    mine: dict[str, Any]
    theirs: dict[str, Any]
    before: dict[str, Any]
    saved_by: str | None
    saved_at: datetime
    move: MoveOpportunity | None = None

    @property
    def disputed(self) -> list[str]:
        """Fields that both changed, to different values."""
        return [name for name, value in self.mine.items() if self.theirs[name] not in (value, self.before[name])]

    @property
    def undisputed(self) -> list[str]:
        """Fields that only I changed."""
        return [name for name, value in self.mine.items() if self.theirs[name] == self.before[name] != value]

    @property
    def settled(self) -> list[str]:
        """Fields that only they changed."""
        return [name for name, value in self.theirs.items() if name not in self.mine and value != self.before[name]]


def with_stage(deal: Opportunity) -> dict[str, Any]:
    """Everything of a deal that two people can change."""
    return values_of(deal) | {"stage": deal.stage}


def save_edit(actor: Actor, deal_id: str, version: int, mine: dict[str, Any], before: dict[str, Any]) -> int:
    """Save fields over the version they were typed for; the new version. Raises Conflict."""
    with writing_as(actor) as session:
        try:
            request = EditOpportunity(id=deal_id, version=version, **mine)
            return edit_opportunity(session, actor, request).version
        except StaleVersion as stale:
            # As plain values: the record belongs to a transaction that is about to be undone.
            raise _conflict(stale, mine, before) from stale


def save_move(actor: Actor, request: MoveOpportunity, before: dict[str, Any]) -> int:
    """Move a deal at the version the person saw; the new version. Raises Conflict."""
    with writing_as(actor) as session:
        try:
            return move_opportunity(session, actor, request).version
        except StaleVersion as stale:
            raise _conflict(stale, {"stage": request.stage}, before, request) from stale


def _conflict(
    stale: StaleVersion, mine: dict[str, Any], before: dict[str, Any], move: MoveOpportunity | None = None
) -> Conflict:
    deal = stale.current
    assert isinstance(deal, Opportunity)
    return Conflict(deal.id, deal.version, mine, with_stage(deal), before, deal.updated_by, deal.updated_at, move)


def keep(conflict: Conflict) -> None:
    """Remember it until the person has decided: whatever redraws the screen, the question stays."""
    st.session_state[KEY] = conflict


def _close() -> None:
    st.session_state.pop(KEY, None)


def show_conflict(who: SignedIn, deal_id: str) -> None:
    """Ask what shall stand, where that is undecided for this deal."""
    kept = st.session_state.get(KEY)
    if isinstance(kept, Conflict) and kept.id == deal_id:
        _dialog(who)
    else:
        _close()


@st.dialog("This deal was saved meanwhile", width="medium", icon=":material/merge:", on_dismiss=_close)
def _dialog(who: SignedIn) -> None:
    """Let the person decide, field by field, what shall stand."""
    actor, conflict = who.actor, st.session_state.get(KEY)
    if actor is None or not isinstance(conflict, Conflict):
        return
    people, currency = people_of(actor), who.currency or "USD"
    st.markdown(f"{_who_saved(who, actor, conflict, people)} Nothing of yours is lost.")
    chosen = {name: _choice(conflict, name, people, currency) for name in conflict.disputed}
    if not chosen:
        st.markdown("You changed different fields, so both can stand.")
    for title, names, side in (
        ("Only you changed", conflict.undisputed, conflict.mine),
        ("Only they changed", conflict.settled, conflict.theirs),
    ):
        told = "; ".join(f"{label(name)}: {say(name, side[name], people, currency)}" for name in names)
        if told:
            st.markdown(f":gray[{title}, and it stays:] {formats.plain(told)}")
    _buttons(actor, conflict, chosen)


def _who_saved(who: SignedIn, actor: Actor, conflict: Conflict, people: People) -> str:
    at = formats.moment(conflict.saved_at, zone(who))
    if conflict.saved_by and conflict.saved_by == actor.membership_id:
        return f"**You** saved it in another window on {at}."
    by = people.members.get(conflict.saved_by or "", "Someone else")
    return f"**{formats.plain(by)}** saved it on {at}, after you opened it."


def _choice(conflict: Conflict, name: str, people: People, currency: str) -> str:
    words = {
        MINE: f"Yours: {say(name, conflict.mine[name], people, currency)}",
        THEIRS: f"Now in the store: {say(name, conflict.theirs[name], people, currency)}",
    }
    was = say(name, conflict.before[name], people, currency)
    return st.radio(
        f"**{label(name)}** (was {formats.plain(was)} when you opened it)",
        [MINE, THEIRS],
        key=f"conflict_{name}_{conflict.version}",
        format_func=lambda side: formats.plain(words[side]),
    )


def label(name: str) -> str:
    """What a field is called."""
    return LABELS.get(name, name.capitalize())


def say(name: str, value: Any, people: People, currency: str) -> str:
    """What a field holds."""
    return value.label if isinstance(value, Stage) else in_words(name, value, people, currency)


def _buttons(actor: Actor, conflict: Conflict, chosen: dict[str, str]) -> None:
    with st.container(horizontal=True):
        save = st.button("Save my choice", type="primary", key="conflict_save")
        take = st.button("Take theirs", key="conflict_take", help="Drop your changes and show what is in the store")
        back = st.button("Keep typing", type="tertiary", key="conflict_keep", help="Back to the form as you left it")
    if save:
        _save(actor, conflict, {name for name, side in chosen.items() if side == THEIRS})
    if take:
        opened.forget()
    if take or back:
        _close()
        st.rerun()


def _save(actor: Actor, conflict: Conflict, dropped: set[str]) -> None:
    mine = {name: value for name, value in conflict.mine.items() if name not in dropped}
    saved = False
    try:
        with saving():
            if mine and conflict.move:
                save_move(actor, conflict.move.model_copy(update={"version": conflict.version}), conflict.theirs)
            elif mine:
                save_edit(actor, conflict.id, conflict.version, mine, conflict.theirs)
            saved = True
    except Conflict as again:
        keep(again)
        st.rerun()
    if saved:
        _close()
        opened.forget()
        say_next(SAVED)
        st.rerun()
