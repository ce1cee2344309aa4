"""What moved a sum between two periods: who or what added most, and who took most away."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.cards import card_head
from apps.ui.parts.filters import Where
from apps.ui.parts.problems import telling
from apps.ui.parts.receipt import receipt_button
from warehouse.metrics.periods import Period, shifted
from warehouse.metrics.question import Question
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

MOST = 3


@dataclass(frozen=True)
class Moved:
    """By how much one part of the sum moved."""

    name: str
    by: Decimal


def changes_card(who: SignedIn, actor: Actor, period: Period, dimension: str, as_of: date, where: Where) -> None:
    """Say in two lines what the change in won value is made of."""
    before, currency = shifted(period, -1), who.currency or "USD"
    question = Question(
        metrics=("won_value",),
        by=(dimension,),
        grain=period.grain,
        start=before.start,
        end=period.end,
        where=where,
        as_of=as_of,
    )
    with st.container(border=True):
        head = card_head(f"What changed since {before.label}")
        with telling():
            shown = answers.ask(actor, question)
            with head:
                receipt_button(who, shown.receipt, "won_value", key="receipt_changes")
            moves = moved(shown, dimension, period)
            st.markdown(in_words(moves, sum((one.by for one in moves), Decimal(0)), currency))


def moved(shown: answers.Shown, dimension: str, period: Period) -> list[Moved]:
    """Each part's change, the largest rise first."""
    found: dict[str, Decimal] = {}
    for row in shown.rows:
        name, value = str(row[dimension] or "unknown"), Decimal(row["won_value"] or 0)
        found[name] = found.get(name, Decimal(0)) + (value if row["period"] == period.start.isoformat() else -value)
    return sorted((Moved(name, by) for name, by in found.items() if by), key=lambda one: -one.by)


def in_words(moves: list[Moved], total: Decimal, currency: str) -> str:
    """`Won rose by $7.5k.` and who made it so."""
    if not moves:
        return "Nothing moved: the same was won."
    verb = "rose" if total > 0 else "fell" if total < 0 else "stayed the same"
    first = f"Won {verb}{f' by {formats.plain(formats.money(abs(total), currency))}' if total else ''}."
    ups = [one for one in moves if one.by > 0][:MOST]
    downs = [one for one in reversed(moves) if one.by < 0][:MOST]
    sides = [("More came from", ups, "+"), ("Less came from", downs, formats.MINUS)]
    told = [f"{words} {_listed(side, sign, currency)}." for words, side, sign in sides if side]
    return " ".join([f"**{first}**", *told])


def _listed(side: list[Moved], sign: str, currency: str) -> str:
    return ", ".join(
        f"{formats.plain(one.name)} ({sign}{formats.plain(formats.money(abs(one.by), currency))})" for one in side
    )
