"""Sales pipeline: how much open business stands on each rung, and with whom?"""

from datetime import date

import streamlit as st

from apps.ui import answers, formats
from apps.ui.answers import Shown
from apps.ui.parts import charts
from apps.ui.parts.cards import card_head
from apps.ui.parts.chart_specs import ROW_HEIGHT, TALL, Bar, Point
from apps.ui.parts.empty import stop_without_numbers
from apps.ui.parts.figures import figures
from apps.ui.parts.filters import OPEN_STAGES, Chosen, filters
from apps.ui.parts.header import header
from apps.ui.parts.kpi import kpi_card
from apps.ui.parts.problems import telling
from apps.ui.parts.receipt import receipt_button
from apps.ui.session import current_actor, signed_in
from warehouse.metrics.comparison import Against
from warehouse.metrics.dashboard import View
from warehouse.metrics.periods import last_complete, shifted
from warehouse.metrics.question import Question
from warehouse.oltp.sales import Stage
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

DEALS = "screens/sales_deals.py"
MONTHS = 12
MOST_REPS = 15
MEASURES = {"open_deal_count": "Deals", "open_pipeline_value": "Value"}
NO_VALUE = "Unknown: no open deal carries a value."
FLOWS = {"deal_count": "Opened", "won_deal_count": "Won", "lost_deal_count": "Lost"}


def totals(who: SignedIn, actor: Actor, as_of: date, chosen: Chosen) -> None:
    """Open deals and what they are worth, against a month ago."""
    view = View(last_complete(as_of, "month"), as_of, chosen.where)
    with telling():
        cards = figures(actor, tuple(MEASURES), view, Against.PREVIOUS)
        with st.grid(2, min_column_width=240, gap="xsmall"):
            for name in MEASURES:
                kpi_card(who, cards[name])


def by_stage(who: SignedIn, actor: Actor, as_of: date, chosen: Chosen) -> None:
    """Every rung of the ladder, deals beside value."""
    question = Question(metrics=tuple(MEASURES), by=("stage",), where=chosen.where, as_of=as_of)
    with st.container(border=True):
        head = card_head("By stage")
        with telling():
            shown = answers.ask(actor, question)
            with head:
                receipt_button(who, shown.receipt, "open_deal_count", key="receipt_stages")
            cells = {line.keys["stage"]: line.cells for line in shown.lines}
            stages = [stage for stage in OPEN_STAGES if stage.value in cells]
            if not stages:
                st.caption("No open deal matches these filters.")
                return
            columns = st.columns(2, gap="medium")
            for column, metric in zip(columns, MEASURES, strict=True):
                with column:
                    _stage_bars(who, shown, stages, metric, chosen)


def _stage_bars(who: SignedIn, shown: Shown, stages: list[Stage], metric: str, chosen: Chosen) -> None:
    st.caption(MEASURES[metric])
    cells = {line.keys["stage"]: line.cells[metric] for line in shown.lines}
    if all(cell.value is None for cell in cells.values()):
        st.markdown(NO_VALUE)
        return
    unit, currency = shown.metric(metric).unit, who.currency or "USD"
    bars = [
        Bar(
            stage.label, stage.label, float(cells[stage].value or 0), formats.number(cells[stage].value, unit, currency)
        )
        for stage in stages
    ]
    told = "; ".join(f"{bar.label}: {formats.spoken(bar.shown)}" for bar in bars)
    picked = charts.draw_rows(
        bars, alt_text=f"{MEASURES[metric]} by stage. {told}", key=f"stages_{metric}", pickable=True
    ).picked
    if picked:
        st.switch_page(DEALS, query_params=chosen.query(stage=[picked]))


def by_rep(who: SignedIn, actor: Actor, as_of: date, chosen: Chosen) -> int:
    """Who the open deals are with; how many bars that took."""
    with st.container(border=True, height="stretch"):
        head = card_head("By sales rep")
        metric = st.segmented_control(
            "Measure",
            list(MEASURES),
            default="open_deal_count",
            required=True,
            key="measure",
            bind="query-params",
            format_func=lambda one: MEASURES[one],
            label_visibility="collapsed",
        )
        with telling():
            question = Question(metrics=(metric,), by=("sales_rep",), where=chosen.where, as_of=as_of, limit=MOST_REPS)
            shown = answers.ask(actor, question)
            with head:
                receipt_button(who, shown.receipt, metric, key="receipt_reps")
            _rep_bars(shown, metric, who.currency or "USD", chosen)
            return len(shown.rows)
    return 0


def _rep_bars(shown: Shown, metric: str, currency: str, chosen: Chosen) -> None:
    if not shown.rows:
        st.caption("No open deal matches these filters.")
        return
    if all(row[metric] is None for row in shown.rows):
        st.markdown(NO_VALUE)
        return
    unit = shown.metric(metric).unit
    bars = [
        Bar(
            str(row["sales_rep"] or ""),
            str(row["sales_rep"] or "Nobody"),
            float(row[metric] or 0),
            formats.number(row[metric], unit, currency),
        )
        for row in shown.rows
    ]
    told = "; ".join(f"{bar.label}: {formats.spoken(bar.shown)}" for bar in bars)
    picked = charts.draw_rows(
        bars, alt_text=f"{MEASURES[metric]} by sales rep. {told}", key="reps", pickable=True
    ).picked
    if len(bars) == MOST_REPS:
        st.caption(f"The {MOST_REPS} with the most.")
    if picked:
        stages = chosen.words.get("stage") or [stage.label for stage in OPEN_STAGES]
        st.switch_page(DEALS, query_params=chosen.query(sales_rep=[picked], stage=stages))


def over_time(who: SignedIn, actor: Actor, as_of: date, chosen: Chosen, height: int) -> None:
    """Deals opened, won and lost, month by month."""
    last = last_complete(as_of, "month")
    months = [shifted(last, -back) for back in range(MONTHS - 1, -1, -1)]
    # The stage a deal stands on now says nothing about the months in which it opened and closed.
    where = {name: values for name, values in chosen.where.items() if name != "stage"}
    question = Question(
        metrics=tuple(FLOWS), grain="month", start=months[0].start, end=last.end, where=where, as_of=as_of
    )
    with st.container(border=True, height="stretch"):
        head = card_head("Opened, won and lost")
        with telling():
            shown = answers.ask(actor, question)
            with head:
                receipt_button(who, shown.receipt, "deal_count", key="receipt_flows")
            values = {row["period"]: row for row in shown.rows}
            points = [
                Point(f"{month.start:%b %Y}", label, float(value), f"{value:,}")
                for name, label in FLOWS.items()
                for month in months
                for value in [int(values.get(month.start.isoformat(), {}).get(name) or 0)]
            ]
            told = "; ".join(f"{point.series} in {point.period}: {point.shown}" for point in points)
            charts.draw_lines(
                points,
                [f"{month.start:%b %Y}" for month in months],
                alt_text=f"Deals per month. {told}",
                key="flows",
                height=height,
            )
            if chosen.words.get("stage"):
                st.caption("The stage filter does not apply here.")


who, actor = signed_in(), current_actor()
header(who, actor, "Pipeline")
stop_without_numbers(actor)

opens = answers.opens_on(actor)
with st.grid(4, min_column_width=170, gap="xsmall"):
    chosen = filters(actor, ["stage", "sales_rep", "regional_office", "product"], opens.as_of)
if opens.data_ends_in_the_past:
    st.info(f"Data ends {formats.day(opens.as_of)}; showing what was open then.", icon=":material/history:")

totals(who, actor, opens.as_of, chosen)
by_stage(who, actor, opens.as_of, chosen)
left, right = st.columns(2)
with left:
    reps = by_rep(who, actor, opens.as_of, chosen) if answers.offers(actor, "sales_rep") else 0
with right:
    # As tall as its neighbour, whose bars begin below a row of buttons.
    over_time(who, actor, opens.as_of, chosen, max(TALL, ROW_HEIGHT * reps + 60))
