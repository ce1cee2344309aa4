"""Home: how are we doing, against before, and who makes the difference?"""

from datetime import date, timedelta

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts import charts
from apps.ui.parts.empty import stop_without_deals
from apps.ui.parts.filters import Where, filters
from apps.ui.parts.header import header
from apps.ui.parts.kpi import Kpi, kpi_card
from apps.ui.parts.problems import telling
from apps.ui.parts.receipt import receipt_button
from apps.ui.parts.stocks import history, one_period_before
from apps.ui.session import current_actor, signed_in
from warehouse.metrics.periods import Opening, Period, last_complete, shifted
from warehouse.metrics.question import Grain, Question
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

FLOWS = ("won_value", "win_rate", "avg_won_deal_size", "avg_sales_cycle_days")
STOCKS = ("open_pipeline_value", "open_deal_count")
CARDS = ("won_value", "win_rate", "open_pipeline_value", "open_deal_count", "avg_won_deal_size", "avg_sales_cycle_days")
PERIODS = 12
CARD_PIXELS = 300
BREAKDOWNS = {"sales_rep": "Sales reps", "regional_office": "Offices", "sector": "Sectors", "product": "Products"}
MOST_BARS = 8
GRAINS: dict[str, Grain] = {"Month": "month", "Quarter": "quarter"}


def choose_period(opens: Opening) -> tuple[Period, bool]:
    """The period to show, and whether it is the latest one."""
    kind = st.segmented_control(
        "Show",
        list(GRAINS),
        default="Quarter" if opens.data_ends_in_the_past else "Month",
        required=True,
        key="show",
        bind="query-params",
    )
    grain = GRAINS[kind]
    latest = last_complete(opens.as_of, grain)
    periods = {shifted(latest, -back).label: shifted(latest, -back) for back in range(PERIODS)}
    label = st.selectbox("Period", list(periods), key=grain, bind="query-params", width=180)
    return periods.get(label or latest.label, latest), label == latest.label


def flow_cards(actor: Actor, period: Period, as_of: date, where: Where) -> dict[str, Kpi]:
    """What happened in the period, against the one before."""
    start = shifted(period, 1 - PERIODS).start
    trend = answers.ask(
        actor,
        Question(metrics=FLOWS, grain=period.grain, start=start, end=period.end, where=where, as_of=as_of),
    )
    by_period = {line.keys["period"]: line.cells for line in trend.lines}
    before = shifted(period, -1)
    cards = {}
    for name in FLOWS:
        shown = answers.ask(
            actor, Question(metrics=(name,), start=period.start, end=period.end, where=where, as_of=as_of)
        )
        cells = by_period.get(before.start.isoformat())
        cards[name] = Kpi(
            shown.metric(name),
            shown,
            cells[name] if cells else None,
            f"vs {before.label}",
            [float(value) for cells in by_period.values() if (value := cells[name].value) is not None],
        )
    return cards


def stock_cards(actor: Actor, period: Period, as_of: date, where: Where) -> dict[str, Kpi]:
    """What stands open, against one period earlier."""
    earlier = one_period_before(as_of, period.grain)
    told = history(actor, STOCKS, period, as_of, where, PERIODS)
    before = answers.ask(actor, Question(metrics=STOCKS, where=where, as_of=earlier))
    cards = {}
    for name in STOCKS:
        shown = answers.ask(actor, Question(metrics=(name,), where=where, as_of=as_of))
        spark = [float(cell.value) for cell in told[name] if cell.value is not None]
        cards[name] = Kpi(shown.metric(name), shown, before.only(name), f"vs {formats.day(earlier)}", spark)
    return cards


def trend_card(who: SignedIn, actor: Actor, period: Period, as_of: date, where: Where) -> None:
    """Won value over the last periods."""
    currency = who.currency or "USD"
    start = shifted(period, 1 - PERIODS).start
    question = Question(
        metrics=("won_value",), grain=period.grain, start=start, end=period.end, where=where, as_of=as_of
    )
    with st.container(border=True, height="stretch"):
        st.markdown(f"**Won, last {PERIODS} {period.grain}s**")
        with telling():
            shown = answers.ask(actor, question)
            values = {row["period"]: row["won_value"] for row in shown.rows}
            bars = []
            for back in range(PERIODS - 1, -1, -1):
                one = shifted(period, -back)
                value = values.get(one.start.isoformat())
                bars.append(
                    charts.Bar(
                        one.start.isoformat(),
                        short(one),
                        float(value or 0),
                        f"{one.label}: {formats.money(value or 0, currency)}",
                        one == period,
                    )
                )
            told = "; ".join(bar.shown for bar in bars)
            charts.draw_columns(bars, unit="money", currency=currency, alt_text=f"Won value. {told}", key="won_trend")
            receipt_button(who, shown.receipt, "won_value", key="receipt_trend")


def short(period: Period) -> str:
    """A period under an axis: `Oct 25`, `Q4 17`."""
    if period.grain == "month":
        return f"{period.start:%b} {period.start:%y}"
    return f"{period.label[:2]} {period.start:%y}"


def breakdown_card(who: SignedIn, actor: Actor, period: Period, as_of: date, where: Where) -> None:
    """Who or what the won value came from."""
    currency = who.currency or "USD"
    with st.container(border=True, height="stretch"):
        st.markdown(f"**Won in {period.label}, by**")
        name = st.segmented_control(
            "By",
            list(BREAKDOWNS),
            default="sales_rep",
            required=True,
            key="by",
            bind="query-params",
            format_func=lambda one: BREAKDOWNS[one],
            label_visibility="collapsed",
        )
        with telling():
            span = Question(
                metrics=("won_value",),
                by=(name,),
                start=period.start,
                end=period.end,
                where=where,
                as_of=as_of,
                limit=MOST_BARS,
            )
            shown = answers.ask(actor, span)
            if not shown.rows:
                st.caption(f"Nothing was won in {period.label}.")
                return
            bars = [
                charts.Bar(
                    str(line.keys[name]),
                    str(row[name] or "Unknown"),
                    float(row["won_value"] or 0),
                    formats.money(row["won_value"], currency),
                )
                for row, line in zip(shown.rows, shown.lines, strict=True)
            ]
            told = "; ".join(f"{bar.label}: {bar.shown}" for bar in bars)
            charts.draw_rows(bars, alt_text=f"Won value by {name.replace('_', ' ')}. {told}", key=f"won_by_{name}")
            receipt_button(who, shown.receipt, "won_value", key="receipt_breakdown")


who, actor = signed_in(), current_actor()
header(who, actor, who.organization_name or "Home")
stop_without_deals(actor)

opens = answers.opens_on(actor)
with st.container(horizontal=True, vertical_alignment="bottom"):
    period, is_latest = choose_period(opens)
    chosen = filters(actor, ["regional_office", "product"], opens.as_of)
as_of = opens.as_of if is_latest else period.end - timedelta(days=1)
if opens.data_ends_in_the_past:
    st.info(f"Data ends {formats.day(opens.as_of)}; showing {period.label}.", icon=":material/history:")

with telling():
    cards = flow_cards(actor, period, opens.as_of, chosen.where) | stock_cards(actor, period, as_of, chosen.where)
    with st.grid(6, min_column_width=165, gap="xsmall"):
        for name in CARDS:
            kpi_card(who, cards[name])

left, right = st.columns([3, 2])
with left:
    trend_card(who, actor, period, opens.as_of, chosen.where)
with right:
    breakdown_card(who, actor, period, opens.as_of, chosen.where)
