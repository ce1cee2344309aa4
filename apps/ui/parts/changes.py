"""What moved a sum between two periods: who or what added most, and who took most away."""

from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.cards import card_head
from apps.ui.parts.problems import telling
from apps.ui.parts.receipt import receipt_button
from apps.ui.parts.words import value_in_words
from warehouse.dashboards import Moves
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.comparison import end_before
from warehouse.metrics.dashboard import View
from warehouse.metrics.periods import shifted
from warehouse.metrics.question import Question
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

MOST = 3


@dataclass(frozen=True)
class Moved:
    """By how much one part of the sum moved."""

    name: str
    by: Decimal


def changes_card(who: SignedIn, actor: Actor, moves: Moves, view: View) -> None:
    """Say in a few lines what the change of a sum is made of."""
    now, before = _windows(moves, view)
    since = shifted(view.period, -1).label
    with st.container(border=True, height="stretch"):
        head = card_head(f"What changed since {since}")
        by = moves.by[0]
        if len(moves.by) > 1:
            by = st.segmented_control(
                "By",
                moves.by,
                default=by,
                required=True,
                key="by",
                bind="query-params",
                format_func=lambda one: answers.catalogue(actor).dimensions[one].label,
                label_visibility="collapsed",
            )
        with telling():
            metric = answers.metric(actor, moves.metric)
            heard = {name: values for name, values in view.where.items() if name in metric.dimensions}
            asked = [one.model_copy(update={"by": (by,), "where": heard}) for one in (now, before)]
            present, past = (answers.ask(actor, one) for one in asked)
            with head:
                compared = f"Compared with {since}, receipt `{past.receipt}`"
                receipt_button(who, present.receipt, metric.name, key="receipt_changes", compared=compared)
            found = moved(present, past, by, metric.name)
            st.markdown(in_words(found, metric, who.currency or "USD"))
            st.page_link(
                "screens/why.py",
                label="Take it apart",
                icon=":material/troubleshoot:",
                query_params={"metric": metric.label},
            )
            if view.is_running:
                st.caption(f"The first {formats.counted((view.today - view.period.start).days + 1, 'day')} of each.")


def _windows(moves: Moves, view: View) -> tuple[Question, Question]:
    """The period and the one before; of one that runs, as many days of both."""
    period, earlier = view.period, shifted(view.period, -1)
    now = Question(metrics=(moves.metric,), start=period.start, end=period.end, as_of=view.today)
    end = end_before(period, earlier, view.today)
    return now, now.model_copy(update={"start": earlier.start, "end": end})


def moved(present: answers.Shown, past: answers.Shown, dimension: str, metric: str) -> list[Moved]:
    """Each part's change, the largest rise first."""
    found: dict[str, Decimal] = {}
    for shown, sign in ((present, 1), (past, -1)):
        for row in shown.rows:
            told = row[dimension] if row[dimension] is None else str(row[dimension])
            name, value = value_in_words(dimension, told), Decimal(row[metric] or 0)
            found[name] = found.get(name, Decimal(0)) + sign * value
    return sorted((Moved(name, by) for name, by in found.items() if by), key=lambda one: -one.by)


def in_words(moves: list[Moved], metric: Metric, currency: str) -> str:
    """`Won rose by $7.5k.` and who made it so."""
    if not moves:
        return f"Nothing moved: {metric.label} is the same."
    total = sum((one.by for one in moves), Decimal(0))
    verb = "rose" if total > 0 else "fell" if total < 0 else "stayed the same"
    size = f" by {_told(total, metric, currency)}" if total else ""
    ups = [one for one in moves if one.by > 0][:MOST]
    downs = [one for one in reversed(moves) if one.by < 0][:MOST]
    sides = [("More came from", ups, "+"), ("Less came from", downs, formats.MINUS)]
    told = [f"{words} {_listed(side, sign, metric, currency)}." for words, side, sign in sides if side]
    return "\n\n".join([f"**{formats.plain(metric.label)} {verb}{size}.**", *told])


def _listed(side: list[Moved], sign: str, metric: Metric, currency: str) -> str:
    return ", ".join(f"{formats.plain(one.name)} ({sign}{_told(one.by, metric, currency)})" for one in side)


def _told(value: Decimal, metric: Metric, currency: str) -> str:
    return formats.plain(formats.number(abs(value), metric.unit, currency))
