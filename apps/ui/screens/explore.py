"""Explore: any number, cut any way it can be cut; chart and table at once, and all of it in the address."""

from collections.abc import Sequence

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.card_table import show_table
from apps.ui.parts.dashboard_card import dashboard_card
from apps.ui.parts.empty import stop_without_numbers
from apps.ui.parts.figures import figures
from apps.ui.parts.header import header
from apps.ui.parts.keeping import ask_where
from apps.ui.parts.kpi import kpi_card
from apps.ui.parts.problems import telling
from apps.ui.parts.view_controls import choose_against, choose_period, choose_where
from apps.ui.session import current_actor, signed_in
from warehouse.dashboards import MOST_METRICS, Card, Form, Over, Where, forms_of
from warehouse.metrics.catalogue import Catalogue, Metric
from warehouse.metrics.comparison import Against
from warehouse.metrics.dashboard import View, question_of
from warehouse.operations.dashboards import SAVES
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

BEGIN_WITH = "won_value"
MOST_ROWS, MOST_BARS = 200, 15
OVER: dict[str, Over] = {"In the period": "period", "Over time": "trend", "As it stands": "now"}
FORMS: dict[Form, str] = {
    "bars": "Bars",
    "columns": "Columns",
    "lines": "Lines",
    "heatmap": "Heatmap",
    "table": "Table",
    "bridge": "Bridge",
}


def choose_metrics(known: Catalogue) -> list[Metric]:
    """The numbers to look at, by what they are called."""
    labels = {metric.label: metric for metric in sorted(known.metrics.values(), key=lambda one: (one.owner, one.label))}
    begin = [known.metrics[BEGIN_WITH].label] if BEGIN_WITH in known.metrics else list(labels)[:1]
    chosen = st.multiselect(
        "Numbers",
        list(labels),
        default=begin,
        key="metric",
        bind="query-params",
        max_selections=MOST_METRICS,
        placeholder="Choose up to six",
    )
    return [labels[one] for one in chosen if one in labels]


def reachable(metrics: Sequence[Metric]) -> list[str]:
    """The dimensions that all of them know."""
    first, *others = metrics
    return [name for name in first.dimensions if all(name in one.dimensions for one in others)]


def choose_groups(known: Catalogue, names: Sequence[str]) -> list[str]:
    """What to divide them by: at most two of what all of them know."""
    labels = {known.dimensions[name].label: name for name in names if known.dimensions[name].kind == "category"}
    chosen = st.multiselect(
        "Divided by",
        list(labels),
        key="divide",
        bind="query-params",
        max_selections=2,
        placeholder="Nothing" if labels else "Nothing divides all of these",
        disabled=not labels,
    )
    return [labels[one] for one in chosen if one in labels]


def choose_over(metrics: Sequence[Metric]) -> Over:
    """Which days count. Only what stands can be told as it stands now."""
    told = [label for label, one in OVER.items() if one != "now" or any(metric.is_stock for metric in metrics)]
    label = st.segmented_control("Days", told, default=told[0], required=True, key="over", bind="query-params")
    return OVER[label]


def choose_filters(actor: Actor, known: Catalogue, names: Sequence[str], metrics: Sequence[str], view: View) -> Where:
    """Which dimensions to filter by, then the words of each."""
    labels = {known.dimensions[name].label: name for name in names if known.dimensions[name].kind == "category"}
    chosen = st.multiselect("Filter by", list(labels), key="narrow", bind="query-params", placeholder="Nothing")
    narrowed = [labels[one] for one in chosen if one in labels]
    if not narrowed:
        return {}
    with st.grid(4, min_column_width=170, gap="xsmall"):
        return choose_where(actor, narrowed, metrics, view.today)


def choose_form(metrics: Sequence[str], by: Sequence[str], over: Over) -> Form:
    """How it is drawn, of the ways in which it can be."""
    forms = {FORMS[form]: form for form in forms_of(metrics, by, over)}
    label = st.segmented_control(
        "Shown as", list(forms), default=next(iter(forms)), required=True, key=f"as_{over}_{len(by)}"
    )
    return forms[label]


def title_of(known: Catalogue, metrics: Sequence[Metric], by: Sequence[str], view: View, over: Over) -> str:
    """What the card is called: `Won, Win rate by sector in October 2026`."""
    told = ", ".join(metric.label for metric in metrics)
    divided = f" by {' and '.join(known.dimensions[name].label.lower() for name in by)}" if by else ""
    when = {"period": f" in {view.period.label}", "trend": "", "now": f" on {formats.day(view.now)}"}[over]
    return f"{told}{divided}{when}"


def draw(who: SignedIn, actor: Actor, card: Card, view: View, against: Against) -> None:
    """The chart, or the figures where nothing is divided, and the rows under it."""
    if not card.by and card.over != "trend":
        with telling(), st.grid(3, min_column_width=160, gap="xsmall"):
            for kpi in figures(actor, card.metrics, view, against).values():
                kpi_card(who, kpi)
        return
    dashboard_card(who, actor, card, view, against, "explored")
    if card.form != "table":
        with telling(), st.container(border=True):
            show_table(
                answers.ask(actor, question_of(card, view, answers.catalogue(actor))), who.currency or "USD", card.title
            )


who, actor = signed_in(), current_actor()
header(who, actor, "Explore")
stop_without_numbers(actor)
known, opens = answers.catalogue(actor), answers.opens_on(actor)
with st.container(border=True):
    left, right = st.columns(2)
    with left:
        metrics = choose_metrics(known)
    if not metrics:
        st.info("Choose a number to begin with.")
        st.stop()
    with right:
        by = choose_groups(known, reachable(metrics))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        over = choose_over(metrics)
        period, is_latest = choose_period(opens, answers.calendar(actor), who.preferences.default_period)
        against = choose_against()
    view = View(period, opens.as_of, {}, is_latest)
    where = choose_filters(actor, known, reachable(metrics), [one.name for one in metrics], view)
    names = tuple(metric.name for metric in metrics)
    form = choose_form(names, by, over)
view = View(period, opens.as_of, where, is_latest)
title = title_of(known, metrics, by, view, over)[:80]
card = Card(
    title=title,
    form=form,
    metrics=names,
    by=tuple(by),
    over=over,
    limit=MOST_ROWS if form in {"table", "heatmap"} else MOST_BARS,
)
if actor.may(SAVES) and st.button("Save to a dashboard", icon=":material/dashboard_customize:", key="keep_card_button"):
    ask_where(actor, card.model_copy(update={"where": where}))
draw(who, actor, card, view, against)
