"""What a person looks at on a screen with numbers: which period, compared with what, filtered by what."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from apps.ui import answers
from apps.ui.parts.cross_filter import FILTER
from warehouse.dashboards import Dashboard, Where
from warehouse.metrics.calendar import Calendar, Grain
from warehouse.metrics.catalogue import Catalogue
from warehouse.metrics.comparison import Against
from warehouse.metrics.dashboard import PERIODS, View
from warehouse.metrics.periods import Opening, Period, last_complete, period_of, shifted
from warehouse.tenancy import Actor

GRAINS: dict[str, Grain] = {"Month": "month", "Quarter": "quarter", "Year": "year"}
SO_FAR = "{} so far"


def choose_period(opens: Opening, calendar: Calendar, wanted: str | None) -> tuple[Period, bool]:
    """The period to show, and whether it is the latest; `wanted` is how the person likes to begin.

    Opens on the last period that is over; the one that runs is offered first.
    """
    kind = st.segmented_control(
        "Show",
        list(GRAINS),
        default=wanted.capitalize() if wanted else "Quarter" if opens.data_ends_in_the_past else "Month",
        required=True,
        key="show",
        bind="query-params",
    )
    grain = calendar.own(GRAINS[kind])
    latest = last_complete(opens.as_of, grain, calendar)
    running = period_of(opens.as_of, grain, calendar)
    periods = {} if running == latest else {SO_FAR.format(running.label): running}
    periods |= {one.label: one for one in (shifted(latest, -back) for back in range(PERIODS))}
    labels = list(periods)
    label = st.selectbox(
        "Period", labels, index=labels.index(latest.label), key=GRAINS[kind], bind="query-params", width=190
    )
    chosen = periods.get(label or latest.label, latest)
    return chosen, chosen.start >= latest.start


def choose_against() -> Against:
    """What the figures are compared with."""
    chosen = st.selectbox(
        "Compared with",
        list(Against),
        format_func=lambda one: one.label,
        key="against",
        bind="query-params",
        width=190,
    )
    return chosen or Against.PREVIOUS


def choose_where(actor: Actor, dimensions: Sequence[str], metrics: Sequence[str], as_of: date) -> Where:
    """One control per dimension that has something to choose for any of these metrics."""
    where: Where = {}
    known = answers.catalogue(actor)
    for name in dimensions:
        label, key = known.dimensions[name].label, FILTER.format(name)
        options = _options(actor, known, metrics, name, as_of)
        if len(options) > 1 or st.query_params.get(key):
            chosen = st.multiselect(label, options, key=key, bind="query-params", placeholder="All", wrap=False)
            if chosen:
                where[name] = tuple(chosen)
    return where


def _options(actor: Actor, known: Catalogue, metrics: Sequence[str], dimension: str, as_of: date) -> list[str]:
    """The words that any of the metrics can be narrowed to: one metric of each model speaks for the others."""
    those = [known.metrics[name] for name in metrics if dimension in known.metrics[name].dimensions]
    asked = {metric.parts[0].model: metric.name for metric in those}
    words = {word for metric in asked.values() for word in answers.choices(actor, dimension, as_of, metric)}
    return sorted(words, key=str.casefold)


def view_of(actor: Actor, dashboard: Dashboard, opens: Opening, wanted: str | None) -> tuple[View, Against]:
    """Draw the controls in one line each, and read them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period, is_latest = choose_period(opens, answers.calendar(actor), wanted)
        against = choose_against()
    where: Where = {}
    if dashboard.filters:
        with st.grid(4, min_column_width=170, gap="xsmall"):
            where = choose_where(actor, dashboard.filters, dashboard.asked_of, opens.as_of)
    return View(period, opens.as_of, where, is_latest), against
