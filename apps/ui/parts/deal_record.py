"""The parts of a deal's record: headline, facts, form, stage, history, deletion."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.parts import opened
from apps.ui.parts.deal_conflict import save_edit, save_move
from apps.ui.parts.deal_fields import (
    LABELS,
    People,
    amount_field,
    choice_field,
    day_field,
    in_words,
    name_field,
    percent_field,
    values_of,
)
from apps.ui.parts.header import zone
from apps.ui.parts.opened import Opened
from apps.ui.parts.problems import saving
from apps.ui.parts.toasts import SAVED, say_next
from apps.ui.parts.typed import Typed
from apps.ui.session import today
from warehouse.oltp.engine import writing_as
from warehouse.oltp.sales import Opportunity, OpportunityCloseDateChange, OpportunityStageChange, Stage
from warehouse.operations.identity import SignedIn
from warehouse.operations.sales import (
    DealRow,
    MoveOpportunity,
    OneOpportunity,
    delete_opportunity,
    restore_opportunity,
)
from warehouse.tenancy import Actor

COLORS = {"won": "green", "lost": "red", "open": "blue"}


def headline(who: SignedIn, row: DealRow) -> None:
    """What the deal is called, where it stands and what it is worth."""
    deal = row.deal
    kind = "won" if deal.stage.is_won else "lost" if deal.stage.is_lost else "open"
    st.title(formats.plain(deal.name), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(deal.stage.label, color=COLORS[kind])  # type: ignore[arg-type]
        amount = formats.money_in_full(deal.amount, deal.currency)
        st.markdown("No amount yet" if amount == formats.UNKNOWN else f"**{formats.plain(amount)}**", width="content")
        if row.customer:
            st.markdown(formats.plain(row.customer), width="content")
        if row.product:
            st.markdown(formats.plain(row.product), width="content")


def facts(who: SignedIn, row: DealRow, people: People) -> None:
    """Every field, to read."""
    deal = row.deal
    with st.container(border=True):
        st.markdown("**Details**")
        told = {LABELS[name]: in_words(name, value, people, deal.currency) for name, value in values_of(deal).items()}
        told |= {"Product": row.product or formats.UNKNOWN, "Opened": formats.day(deal.opened_on)}
        told |= {"Closed": formats.day(deal.closed_on), "Source": deal.source or formats.UNKNOWN}
        with st.grid(2, min_column_width=200, gap="small"):
            for label, value in told.items():
                st.markdown(f":gray[{label}]  \n{formats.plain(value)}")
        _saved(who, deal, people)


def form(who: SignedIn, actor: Actor, row: DealRow, people: People, began: Opened) -> None:
    """Every field, to change. Raises Conflict when someone saved first."""
    deal, typed, values = row.deal, Typed(), began.values
    with st.form(f"{began.key}_form"):
        st.markdown("**Details**")
        name_field(typed, values["name"], began.key)
        left, right = st.columns(2)
        with left:
            choice_field(typed, "customer_id", people.customers, values["customer_id"], began.key)
            amount_field(typed, values["amount"], deal.currency, began.key)
            percent_field(typed, values["probability_override"], began.key)
        with right:
            choice_field(typed, "sales_rep_id", people.members, values["sales_rep_id"], began.key)
            day_field(typed, "expected_close_on", values["expected_close_on"], began.key)
        asked = st.form_submit_button("Save", type="primary", key="save_deal")
    if deal.version != began.version:
        st.warning("This deal was changed since you opened it. Save to compare, or read it anew.")
        st.button("Read it anew", on_click=opened.forget, key="read_anew")
    if asked and not typed.wrong:
        _save(actor, deal, typed, began)
    _saved(who, deal, people)


def _save(actor: Actor, deal: Opportunity, typed: Typed, began: Opened) -> None:
    mine: dict[str, Any] = {name: value for name, value in typed.values.items() if value != began.values[name]}
    if not mine:
        st.info("Nothing was changed.")
        return
    saved = 0
    with saving():
        saved = save_edit(actor, deal.id, began.version, mine, began.values | {"stage": deal.stage})
    if saved:
        opened.forget()
        say_next(SAVED)
        st.rerun()


def stage(actor: Actor, deal: Opportunity, began: Opened) -> None:
    """The ladder, and the step to take. Raises Conflict when someone saved first."""
    with st.container(border=True):
        st.markdown("**Stage**")
        if not deal.stage.is_open:
            st.markdown(f"{deal.stage.label} on {formats.day(deal.closed_on)}. Nothing moves after that.")
            return
        key = f"move_{deal.id}_{began.version}"
        to = st.radio("Move to", list(Stage), index=deal.stage.position - 1, key=key, format_func=lambda one: one.label)
        on = None
        if not to.is_open:
            on = st.date_input("Closed on", today(), key=f"{key}_on", format="YYYY-MM-DD")
        reason = st.text_input("Reason", key=f"{key}_reason", max_chars=200) if to.is_lost else None
        if st.button("Move", type="primary", key="move_deal", disabled=to is deal.stage):
            request = MoveOpportunity(id=deal.id, version=began.version, stage=to, on=on, reason=reason or None)
            _move(actor, request, began.values | {"stage": deal.stage})


def _move(actor: Actor, request: MoveOpportunity, before: dict[str, Any]) -> None:
    version = 0
    with saving():
        version = save_move(actor, request, before)
    if version:
        opened.moved_to(version)
        say_next(SAVED)
        st.rerun()


def history(
    steps: Sequence[OpportunityStageChange], moves: Sequence[OpportunityCloseDateChange], people: People
) -> None:
    """How the deal climbed, and how often its close was put off, the latest first."""
    with st.container(border=True):
        st.markdown("**Stage history**")
        for step in reversed(steps):
            by = people.members.get(step.changed_by or "")
            told = " · ".join(filter(None, (formats.day(step.changed_on), by, step.reason)))
            st.markdown(f"{step.to_stage.label}  \n:gray[{formats.plain(told)}]")
        if not steps:
            st.caption("Nothing is recorded.")
        if moves:
            st.markdown("**Expected close**")
        for move in reversed(moves):
            told = " · ".join(filter(None, (formats.day(move.changed_on), people.members.get(move.changed_by or ""))))
            before, after = (formats.day(one) for one in (move.expected_before, move.expected_after))
            st.markdown(f"{before} → {after}  \n:gray[{formats.plain(told)}]")


def delete(actor: Actor, deal: Opportunity) -> None:
    """Delete the deal, after asking once more."""
    with st.popover("Delete", icon=":material/delete:", type="tertiary"):
        st.markdown(
            "Delete this deal? It leaves every list and, with the next refresh, every number. You can restore it."
        )
        if not st.button("Delete this deal", key="delete_deal", type="primary"):
            return
        done = False
        with saving(), writing_as(actor) as session:
            delete_opportunity(session, actor, OneOpportunity(id=deal.id, version=deal.version))
            done = True
        if done:
            say_next("Deleted; dashboards follow with the next refresh")
            st.rerun()


def restore(actor: Actor, deal: Opportunity) -> None:
    """Bring a deleted deal back."""
    if not actor.may_for("sales:write", deal.sales_rep_id) or not st.button(
        "Restore this deal", type="primary", key="restore_deal"
    ):
        return
    done = False
    with saving(), writing_as(actor) as session:
        restore_opportunity(session, actor, OneOpportunity(id=deal.id, version=deal.version))
        done = True
    if done:
        say_next("Restored; dashboards follow with the next refresh")
        st.rerun()


def _saved(who: SignedIn, deal: Opportunity, people: People) -> None:
    by = people.members.get(deal.updated_by or "")
    place = zone(who)
    told = f"Saved {formats.moment(deal.updated_at, place)}{f' by {by}' if by else ''} · version {deal.version}"
    st.caption(formats.plain(told))
