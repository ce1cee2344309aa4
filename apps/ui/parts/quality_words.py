"""Scores of data quality as people read them."""

from decimal import Decimal
from typing import Literal

import streamlit as st

from apps.ui import formats
from warehouse.extracts.described import Quality
from warehouse.metrics.quality import Score

MEANINGS = {
    Quality.COMPLETENESS: "nothing is missing that must be there",
    Quality.VALIDITY: "everything is as it can be",
    Quality.UNIQUENESS: "nothing is there twice",
    Quality.CONSISTENCY: "what must agree agrees",
    Quality.TIMELINESS: "no change waits longer than three refreshes",
}
GOOD, FAIR = Decimal("0.99"), Decimal("0.95")
WHOLE, NEARLY = Decimal(1), Decimal("0.9995")
Color = Literal["green", "orange", "red", "gray"]


def share(value: Decimal | None) -> str:
    """`99.2%`; what is not whole never reads as if it were."""
    if value is not None and NEARLY <= value < WHOLE:
        return "99.9%"
    return formats.share(value)


def color(value: Decimal | None) -> Color:
    """Green from 99 %, orange from 95 %, red below."""
    if value is None:
        return "gray"
    return "green" if value >= GOOD else "orange" if value >= FAIR else "red"


def score_badge(score: Score) -> None:
    """A score with the words that go with its colour."""
    told = {"green": "Good", "orange": "Worth a look", "red": "Needs work", "gray": "Not looked at"}[color(score.value)]
    st.badge(f"{told}: {share(score.value)}", color=color(score.value))


def kinds(score: Score) -> None:
    """The five kinds beside each other."""
    with st.grid(5, min_column_width=138, gap="xsmall"):
        for kind in Quality:
            with st.container(border=True, gap="xxsmall", height="stretch"):
                st.markdown(f":small[{kind.value.capitalize()}]")
                value = score.shares.get(kind)
                st.markdown(f"**:{color(value)}[{share(value)}]**" if value is not None else f"**{formats.UNKNOWN}**")
                st.caption(MEANINGS[kind] if value is not None else "nothing looks for it")
