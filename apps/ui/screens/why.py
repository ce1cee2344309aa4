"""Why did it change? One number, two periods, and what each group added to the difference, to the cent."""

from collections.abc import Callable
from decimal import Decimal

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts import charts
from apps.ui.parts.cards import card_head
from apps.ui.parts.chart_specs import Step
from apps.ui.parts.empty import stop_without_numbers
from apps.ui.parts.header import header
from apps.ui.parts.problems import telling
from apps.ui.parts.receipt import open_receipt
from apps.ui.parts.view_controls import choose_period, choose_where
from apps.ui.parts.words import value_in_words
from apps.ui.session import current_actor, signed_in
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.comparison import Against, end_before, window_before
from warehouse.metrics.dashboard import View
from warehouse.metrics.question import Question
from warehouse.metrics.why import Share, Why
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

METRIC = "metric"
BEGIN_WITH = "won_value"
MOST_STEPS = 6
# What a change is divided by to begin with, where the number knows one of them.
TELLING = {"sales_rep", "agent", "campaign", "product", "sector", "category"}

PAIRS = {"Period before": Against.PREVIOUS, "Year before": Against.YEAR}
REASONS = {
    ("money", "volume"): "how many there were",
    ("money", "rate"): "how large each was",
    ("count", "volume"): "how many there were",
    ("share", "mix"): "which groups weighed more",
    ("share", "rate"): "how each group did",
}


def choose_metric(actor: Actor) -> Metric:
    """The number to take apart; those that can be are offered."""
    known = answers.catalogue(actor)
    offered = {one.label: one for one in known.metrics.values() if is_divisible(one) and groups_of(actor, one)}
    begin = known.metrics.get(BEGIN_WITH)
    labels = sorted(offered)
    index = labels.index(begin.label) if begin and begin.label in labels else 0
    label = st.selectbox("Number", labels, index=index, key=METRIC, bind="query-params")
    return offered[label or labels[index]]


def is_divisible(metric: Metric) -> bool:
    """Whether the changes of its groups add up to its own; the arithmetic has the last word."""
    if metric.is_stock and metric.kind != "simple":
        return False
    return metric.kind in {"simple", "ratio"} and all(part.is_sum for part in metric.parts)


def groups_of(actor: Actor, metric: Metric) -> dict[str, str]:
    """What it can be divided by, by what that is called."""
    known = answers.catalogue(actor).dimensions
    return {known[name].label: name for name in metric.dimensions if name in known and known[name].kind == "category"}


def windows(metric: Metric, by: str, view: View, against: Against) -> tuple[Question, Question, str]:
    """Both questions, and what the earlier window is called."""
    other = window_before(view.period, against)
    now = Question(
        metrics=(metric.name,),
        by=(by,),
        start=view.period.start,
        end=view.period.end,
        as_of=view.today,
        where=view.where,
    )
    # What stands is told of the other period's last evening.
    end = other.end if metric.is_stock else end_before(view.period, other, view.today)
    before = now.model_copy(update={"start": other.start, "end": end})
    return now, before, other.label


def summary(found: Why, metric: Metric, who: SignedIn, since: str, period: str) -> None:
    """The two values and the difference, in figures and in one sentence."""
    currency = who.currency or "USD"
    with st.grid(3, min_column_width=160, gap="xsmall"):
        for label, value in ((since, found.before), (period, found.now)):
            with st.container(border=True, height="stretch"):
                st.metric(label, formats.number(value, metric.unit, currency))
        with st.container(border=True, height="stretch"):
            st.metric("Change", signed(found.change, metric, currency))
    st.markdown(in_words(found, metric, currency))


def in_words(found: Why, metric: Metric, currency: str) -> str:
    """`Won rose by $57.1k. That is +$52.0k from how many there were and +$5.1k from how large each was.`"""
    if not found.change:
        return f"**{formats.plain(metric.label)} is the same**, whatever moved inside it."
    verb = "rose" if found.change > 0 else "fell"
    reasons = [
        f"{formats.plain(signed(value, metric, currency))} from {REASONS[metric.unit, name]}"
        for name, value in found.effects.items()
        if (metric.unit, name) in REASONS and value
    ]
    size = formats.plain(signed(abs(found.change), metric, currency).lstrip("+"))
    because = f" That is {' and '.join(reasons)}." if reasons else ""
    return f"**{formats.plain(metric.label)} {verb} by {size}.**{because}"


def signed(value: Decimal, metric: Metric, currency: str, write: Callable[..., str] = formats.number) -> str:
    """With its sign; shares move in points."""
    told = f"{abs(value) * 100:.1f} pts" if metric.unit == "share" else write(abs(value), metric.unit, currency)
    return f"{'+' if value > 0 else formats.MINUS if value < 0 else ''}{told}"


def bridge(found: Why, metric: Metric, words: dict[object, str], who: SignedIn, since: str, period: str) -> None:
    """From the value before over the groups that moved most to the value now."""
    currency = who.currency or "USD"
    moved = sorted((share for share in found.shares if share.change), key=lambda one: -abs(one.change))
    shown, rest = moved[:MOST_STEPS], moved[MOST_STEPS:]
    at = found.before or Decimal(0)
    steps = [Step(since, 0.0, float(at), formats.number(at, metric.unit, currency), "whole", "")]
    named = [(words[share.key], share.change) for share in sorted(shown, key=lambda one: -one.change)]
    others = sum((share.change for share in rest), Decimal(0))
    for label, change in [*named, *([(f"{len(rest)} others", others)] if rest else [])]:
        low, high = sorted((at, at + change))
        kind = "more" if change >= 0 else "less"
        steps.append(Step(label, float(low), float(high), signed(change, metric, currency), kind, ""))
        at += change
    last = found.now or Decimal(0)
    steps.append(Step(period, 0.0, float(last), formats.number(last, metric.unit, currency), "whole", ""))
    told = "; ".join(f"{step.label}: {step.shown}" for step in steps)
    charts.draw_bridge(steps, alt_text=f"{metric.label}. {told}", key="bridge")


def table(found: Why, metric: Metric, words: dict[object, str], who: SignedIn, since: str, period: str) -> Share | None:
    """Every group; the one that was clicked just now."""
    currency = who.currency or "USD"
    effects = [name for name in found.effects if len(found.effects) > 1]
    rows = [
        {
            "group": words[share.key],
            "before": formats.in_full(share.before, metric.unit, currency),
            "now": formats.in_full(share.now, metric.unit, currency),
            "change": signed(share.change, metric, currency, formats.in_full),
        }
        | {name: signed(share.effects[name], metric, currency, formats.in_full) for name in effects}
        for share in found.shares
    ]
    headings = {"group": "Group", "before": since, "now": period, "change": "Adds to the change"}
    headings |= {name: f"of that, {REASONS.get((metric.unit, name), name)}" for name in effects}
    state = st.dataframe(
        rows,
        hide_index=True,
        column_config={
            name: st.column_config.TextColumn(label, alignment="left" if name == "group" else "right")
            for name, label in headings.items()
        },
        height="content" if len(rows) <= 12 else 440,
        key="shares",
        on_select=lambda: st.session_state.update({"share_picked": True}),
        selection_mode="single-row",
        alt="What each group added to the change",
    )
    picked = state.get("selection", {}).get("rows") or []
    return found.shares[picked[0]] if st.session_state.pop("share_picked", False) and picked else None


def draw(who: SignedIn, actor: Actor, metric: Metric, by: str, view: View, against: Against) -> None:
    """Take the change apart and show it."""
    now, before, since = windows(metric, by, view, against)
    found = answers.why(actor, now, before)
    period = view.period.label
    names = answers.names(actor, by, tuple(share.key for share in found.shares))
    words = {share.key: value_in_words(by, name) for share, name in zip(found.shares, names, strict=True)}
    summary(found, metric, who, since, period)
    with st.container(border=True):
        card_head(f"From {since} to {period}")
        bridge(found, metric, words, who, since, period)
    with st.container(border=True):
        card_head(f"By {answers.catalogue(actor).dimensions[by].label.lower()}")
        picked = table(found, metric, words, who, since, period)
        st.caption(
            "Click a group for the records behind it. What the groups add is the whole change, to the last digit."
        )
    if picked is not None:
        alone = answers.ask(actor, now.of_line({by: picked.key}))
        earlier = answers.ask(actor, before.of_line({by: picked.key}))
        compared = f"Compared with {since}: receipt `{earlier.receipt}`"
        open_receipt(who, alone.receipt, metric.name, compared)


who, actor = signed_in(), current_actor()
header(who, actor, "Why did it change?")
stop_without_numbers(actor)
opens = answers.opens_on(actor)
with st.container(border=True):
    left, right = st.columns(2)
    with left:
        metric = choose_metric(actor)
    with right:
        groups = groups_of(actor, metric)
        begin = next((place for place, name in enumerate(groups.values()) if name in TELLING), 0)
        label = st.selectbox("Divided by", list(groups), index=begin, key="divide_by", bind="query-params")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period, is_latest = choose_period(opens, answers.calendar(actor), who.preferences.default_period)
        pair = st.selectbox("Compared with", list(PAIRS), key="with", bind="query-params", width=190)
    by = groups[label or next(iter(groups))]
    others = [name for name in metric.dimensions if name != by and name in groups.values()][:4]
    with st.grid(4, min_column_width=170, gap="xsmall"):
        where = choose_where(actor, others, (metric.name,), opens.as_of)
with telling():
    draw(who, actor, metric, by, View(period, opens.as_of, where, is_latest), PAIRS[pair or "Period before"])
