"""What a person is shown when someone else saved the same record first: both sides, field by field, nothing lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.parts import opened
from apps.ui.parts.header import zone
from apps.ui.parts.problems import saving
from apps.ui.parts.toasts import SAVED, say_next
from apps.ui.reruns import by_click
from warehouse.oltp.engine import writing_as
from warehouse.operations.declare import StaleVersion
from warehouse.operations.identity import SignedIn
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
    move: Any = None
    """The request, where it was a move from state to state and not an edit."""

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


@dataclass(frozen=True)
class Subject:
    """The kind of record that two people changed: how it is told, and saved once it is decided."""

    noun: str
    label: Callable[[str], str]
    """A field's name → what people call it."""
    say: Callable[[str, Any], str]
    """A field's name and value → the value in words."""
    members: Callable[[], dict[str, str]]
    """Id → name of whoever may have saved."""
    save: Callable[[Conflict, dict[str, Any]], int]
    """Saves what is left of mine over their version; the new version. Raises Conflict."""


def save_over(
    actor: Actor,
    save: Callable[[Any], Any],
    mine: dict[str, Any],
    before: dict[str, Any],
    values_of: Callable[[Any], dict[str, Any]],
    move: Any = None,
) -> int:
    """Save over the version that was opened; the new version. Raises Conflict where it is another by now.

    `save` gets the session; `values_of` is everything of a record that two people can change.
    """
    with writing_as(actor) as session:
        try:
            return int(save(session).version)
        except StaleVersion as stale:
            now = stale.current
            # As plain values: the record belongs to a transaction that is about to be undone.
            told = (now.id, now.version, mine, values_of(now), before, now.updated_by, now.updated_at, move)
            raise Conflict(*told) from stale


def keep(conflict: Conflict) -> None:
    """Remember it until the person has decided: whatever redraws the screen, the question stays."""
    st.session_state[KEY] = conflict


def _close() -> None:
    st.session_state.pop(KEY, None)


def show_conflict(who: SignedIn, record_id: str, subject: Subject) -> None:
    """Ask what shall stand, where that is undecided for this record."""
    kept = st.session_state.get(KEY)
    if not isinstance(kept, Conflict) or kept.id != record_id:
        _close()
        return
    title = f"This {subject.noun} was saved meanwhile"
    st.dialog(title, width="medium", icon=":material/merge:", on_dismiss=_close)(_dialog)(who, subject)


@by_click
def _dialog(who: SignedIn, subject: Subject) -> None:
    """Let the person decide, field by field, what shall stand."""
    actor, conflict = who.actor, st.session_state.get(KEY)
    if actor is None or not isinstance(conflict, Conflict):
        return
    st.markdown(f"{_who_saved(who, actor, conflict, subject)} Nothing of yours is lost.")
    chosen = {name: _choice(conflict, name, subject) for name in conflict.disputed}
    if not chosen:
        st.markdown("You changed different fields, so both can stand.")
    for title, names, side in (
        ("Only you changed", conflict.undisputed, conflict.mine),
        ("Only they changed", conflict.settled, conflict.theirs),
    ):
        told = "; ".join(f"{subject.label(name)}: {subject.say(name, side[name])}" for name in names)
        if told:
            st.markdown(f":gray[{title}, and it stays:] {formats.plain(told)}")
    _buttons(conflict, chosen, subject)


def _who_saved(who: SignedIn, actor: Actor, conflict: Conflict, subject: Subject) -> str:
    at = formats.moment(conflict.saved_at, zone(who))
    if conflict.saved_by and conflict.saved_by == actor.membership_id:
        return f"**You** saved it in another window on {at}."
    by = subject.members().get(conflict.saved_by or "", "Someone else")
    return f"**{formats.plain(by)}** saved it on {at}, after you opened it."


def _choice(conflict: Conflict, name: str, subject: Subject) -> str:
    words = {
        MINE: f"Yours: {subject.say(name, conflict.mine[name])}",
        THEIRS: f"Now in the store: {subject.say(name, conflict.theirs[name])}",
    }
    was = subject.say(name, conflict.before[name])
    return st.radio(
        f"**{formats.plain(subject.label(name))}** (was {formats.plain(was)} when you opened it)",
        [MINE, THEIRS],
        key=f"conflict_{name}_{conflict.version}",
        format_func=lambda side: formats.plain(words[side]),
    )


def _buttons(conflict: Conflict, chosen: dict[str, str], subject: Subject) -> None:
    with st.container(horizontal=True):
        save = st.button("Save my choice", type="primary", key="conflict_save")
        take = st.button("Take theirs", key="conflict_take", help="Drop your changes and show what is in the store")
        back = st.button("Keep typing", type="tertiary", key="conflict_keep", help="Back to the form as you left it")
    if save:
        _save(conflict, {name for name, side in chosen.items() if side == THEIRS}, subject)
    if take:
        opened.forget()
    if take or back:
        _close()
        st.rerun()


def _save(conflict: Conflict, dropped: set[str], subject: Subject) -> None:
    mine = {name: value for name, value in conflict.mine.items() if name not in dropped}
    saved = False
    try:
        with saving():
            if mine:
                subject.save(conflict, mine)
            saved = True
    except Conflict as again:
        keep(again)
        st.rerun()
    if saved:
        _close()
        opened.forget()
        say_next(SAVED)
        st.rerun()
