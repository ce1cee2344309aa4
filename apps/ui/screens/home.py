"""Home: how are we doing, against before, and who makes the difference?"""

from datetime import date, timedelta

import streamlit as st

from apps.ui import answers, formats
from apps.ui.answers import Shown
from apps.ui.parts import charts
from apps.ui.parts.cards import card_head
from apps.ui.parts.changes import changes_card
from apps.ui.parts.empty import stop_without_deals
from apps.ui.parts.filters import Where, filters
from apps.ui.parts.header import header
from apps.ui.parts.kpi import Kpi, kpi_card
from apps.ui.parts.notices import notices
from apps.ui.parts.problems import telling
from apps.ui.parts.receipt import receipt_button
from apps.ui.parts.stocks import stock_cards
from apps.ui.parts.words import grain_in_words
from apps.ui.session import current_actor, signed_in
from warehouse.metrics.calendar import Calendar, Grain
from warehouse.metrics.periods import Opening, Period, last_complete, shifted
from warehouse.metrics.question import Question
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

FLOWS = ("won_value", "win_rate", "avg_won_deal_size", "avg_sales_cycle_days")
CARDS = ("won_value", "win_rate", "open_pipeline_value", "open_deal_count", "avg_won_deal_size", "avg_sales_cycle_days")
PERIODS = 12
TALL = 330
BREAKDOWNS = {"sales_rep": "Sales reps", "regional_office": "Offices", "sector": "Sectors", "product": "Products"}
MOST_BARS = 8
GRAINS: dict[str, Grain] = {"Month": "month", "Quarter": "quarter"}


def choose_period(opens: Opening, calendar: Calendar, wanted: str | None) -> tuple[Period, bool]:
    """The period to show, and whether it is the latest one; `wanted` is how the person likes to begin."""
    kind = st.segmented_control(
        "Show",
        list(GRAINS),
        default=wanted.capitalize() if wanted else "Quarter" if opens.data_ends_in_the_past else "Month",
        required=True,
        key="show",
        bind="query-params",
    )
    grain = GRAINS[kind]
    latest = last_complete(opens.as_of, calendar.own(grain), calendar)
    periods = {shifted(latest, -back).label: shifted(latest, -back) for back in range(PERIODS)}
    label = st.selectbox("Period", list(periods), key=grain, bind="query-params", width=180)
    return periods.get(label or latest.label, latest), label == latest.label


def worth_showing(actor: Actor, period: Period, as_of: date, where: Where) -> tuple[Shown, list[Period]]:
    """The figures of the last periods, and those periods since the first in which anything closed."""
    periods = [shifted(period, -back) for back in range(PERIODS - 1, -1, -1)]
    trend = answers.ask(
        actor,
        Question(metrics=FLOWS, grain=period.grain, start=periods[0].start, end=period.end, where=where, as_of=as_of),
    )
    first = min((line.keys["period"] for line in trend.lines), default=period.start.isoformat())
    return trend, [one for one in periods if one.start.isoformat() >= first]


def flow_cards(actor: Actor, trend: Shown, periods: list[Period], as_of: date, where: Where) -> dict[str, Kpi]:
    """What happened in the last of the periods, against the one before."""
    period, before = periods[-1], shifted(periods[-1], -1)
    cells = {line.keys["period"]: line.cells for line in trend.lines}
    cards = {}
    for name in FLOWS:
        question = Question(metrics=(name,), start=period.start, end=period.end, where=where, as_of=as_of)
        shown = answers.ask(actor, question)
        past = [(one.label, cells[start][name]) for one in periods if (start := one.start.isoformat()) in cells]
        earlier = cells.get(before.start.isoformat())
        value = earlier[name] if earlier else None
        cards[name] = Kpi(shown.metric(name), shown, value, f"vs {before.short}", trend.receipt, past)
    return cards


def trend_card(who: SignedIn, trend: Shown, periods: list[Period]) -> None:
    """Won value over the last periods."""
    currency, grain = who.currency or "USD", grain_in_words(periods[-1].grain)
    values = {row["period"]: row["won_value"] for row in trend.rows}
    with st.container(border=True, height="stretch"):
        with card_head(f"Won by {grain}"):
            receipt_button(who, trend.receipt, "won_value", key="receipt_trend")
        bars = [
            charts.Bar(
                one.start.isoformat(), one.short, float(value), formats.money(value, currency), one == periods[-1]
            )
            for one in periods
            for value in [values.get(one.start.isoformat()) or 0]
        ]
        told = "; ".join(f"{bar.label}: {bar.shown}" for bar in bars)
        charts.draw_columns(
            bars, unit="money", currency=currency, alt_text=f"Won by {grain}. {told}", key="won_trend", height=TALL
        )


def breakdowns(actor: Actor) -> list[str]:
    """What this person may break a value down by, the most telling first."""
    return [name for name in BREAKDOWNS if answers.offers(actor, name)]


def breakdown_card(who: SignedIn, actor: Actor, period: Period, as_of: date, where: Where) -> None:
    """Who or what the won value came from."""
    with st.container(border=True, height="stretch"):
        head = card_head(f"Won in {period.label}")
        offered = breakdowns(actor)
        name = st.segmented_control(
            "By",
            offered,
            default=offered[0],
            required=True,
            key="by",
            bind="query-params",
            format_func=lambda one: BREAKDOWNS[one],
            label_visibility="collapsed",
        )
        with telling():
            question = Question(
                metrics=("won_value",),
                by=(name,),
                start=period.start,
                end=period.end,
                where=where,
                as_of=as_of,
                limit=MOST_BARS,
            )
            shown = answers.ask(actor, question)
            with head:
                receipt_button(who, shown.receipt, "won_value", key="receipt_breakdown")
            breakdown_bars(shown, name, who.currency or "USD", period)


def breakdown_bars(shown: Shown, name: str, currency: str, period: Period) -> None:
    """The largest parts first."""
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
    charts.draw_rows(bars, alt_text=f"Won by {name.replace('_', ' ')}. {told}", key=f"won_by_{name}")
    if len(bars) == MOST_BARS:
        st.caption(f"The {MOST_BARS} largest.")


who, actor = signed_in(), current_actor()
header(who, actor, who.organization_name or "Home")
notices(who, actor, most=1)
stop_without_deals(actor)

opens = answers.opens_on(actor)
with st.container(horizontal=True, vertical_alignment="top"):
    period, is_latest = choose_period(opens, answers.calendar(actor), who.preferences.default_period)
    chosen = filters(actor, ["regional_office", "product"], opens.as_of)
as_of = opens.as_of if is_latest else period.end - timedelta(days=1)
if opens.data_ends_in_the_past:
    st.info(f"Data ends {formats.day(opens.as_of)}; showing {period.label}.", icon=":material/history:")

with telling():
    trend, periods = worth_showing(actor, period, opens.as_of, chosen.where)
    cards = flow_cards(actor, trend, periods, opens.as_of, chosen.where)
    cards |= stock_cards(actor, periods, as_of, chosen.where)
    with st.grid(3, min_column_width=160, gap="xsmall"):
        for name in CARDS:
            kpi_card(who, cards[name])

    offered = breakdowns(actor)
    by = str(st.session_state.get("by"))
    changes_card(who, actor, period, by if by in offered else offered[0], opens.as_of, chosen.where)
    left, right = st.columns([3, 2])
    with left:
        trend_card(who, trend, periods)
    with right:
        breakdown_card(who, actor, period, opens.as_of, chosen.where)
