"""Alert me: what is watched, where the bound is, how much it matters and who else is called; new, or an alert's own."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import streamlit as st
from pydantic import ValidationError

from apps.ui import answers, formats
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.toasts import say_next
from apps.ui.reruns import by_click
from warehouse.alerts import Anomaly, Change, FailedJob, FailingCheck, Level, NoRule, OfMetric, Rule, Stale, Threshold
from warehouse.alerts import read_rule as read
from warehouse.dashboards import Where
from warehouse.metrics.catalogue import Metric, Unknown
from warehouse.metrics.question import Question
from warehouse.oltp.alerts import Alert
from warehouse.oltp.engine import reading_as
from warehouse.operations.alerts import EditAlert, KeepAlert
from warehouse.operations.identity import SignedIn
from warehouse.operations.telling import people_to_tell
from warehouse.tenancy import Actor
from warehouse.watching.keep import keep
from warehouse.watching.numbers import asking

SCREEN, ALERT = "screens/insights_alerts.py", "alert"
KINDS = {
    "threshold": "Over or under",
    "change": "Moves",
    "anomaly": "Unusual",
}
OTHERS = {"freshness": "Old numbers", "check": "Data checks", "job": "Refresh"}
GRAINS = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
LEVELS = {Level.INFO: "For information", Level.WARNING: "Warning", Level.CRITICAL: "Critical"}
SENSITIVITIES = {"low": "Rarely", "medium": "As usual", "high": "Often"}
MINUTES = {15: "15 minutes", 30: "half an hour", 60: "an hour", 240: "4 hours", 1440: "a day"}
COOLDOWNS = {0: "At once", 60: "After an hour", 240: "After 4 hours", 1440: "After a day"}


@dataclass(frozen=True)
class Start:
    """What the form begins with."""

    metric: str | None = None
    where: Where | None = None
    grain: str = "month"
    rule: Rule | None = None
    kept: Alert | None = None


@st.dialog("Alert me", icon=":material/add_alert:")
@by_click
def ask_alert(who: SignedIn, question: Question) -> None:
    """A new alert on what a card asks: its number, narrowed as it is."""
    with telling():
        alert_form(who, Start(question.metrics[0], question.where, _grain(question)))


@st.dialog("New alert", icon=":material/add_alert:")
@by_click
def ask_new(who: SignedIn) -> None:
    """A new alert on anything."""
    with telling():
        alert_form(who, Start())


@st.dialog("Change the alert", icon=":material/edit:")
@by_click
def ask_change(who: SignedIn, kept: Alert) -> None:
    """Everything about an alert, as it is."""
    with telling():
        rule = read(kept.rule)
        if isinstance(rule, OfMetric):
            alert_form(who, Start(rule.metric, rule.where, rule.grain, rule, kept))
        else:
            alert_form(who, Start(rule=rule, kept=kept))


def _grain(question: Question) -> str:
    """The periods a card shows: those it is cut by, or the one its window is."""
    if question.grain:
        return question.grain.removeprefix("fiscal_")
    days = (question.end - question.start) if question.start and question.end else timedelta(days=31)
    return next(
        (name for name, most in (("day", 1), ("week", 7), ("month", 31), ("quarter", 92)) if days.days <= most), "year"
    )


def alert_form(who: SignedIn, start: Start) -> None:
    """Everything about an alert, and the way to keep it."""
    actor = who.actor
    assert actor is not None
    rule, named = _rule_fields(who, actor, start)
    kept = start.kept
    name = st.text_input("Name", kept.name if kept else named, max_chars=80, key=f"alert_name_{'' if kept else named}")
    level = st.segmented_control(
        "How much it matters",
        list(Level),
        default=kept.level if kept else Level.WARNING,
        format_func=lambda one: LEVELS[one],
        required=True,
        key="alert_level",
        help="Critical ones come through quiet hours.",
    )
    values = {"name": name, "level": level} | _after_fields(actor, kept)
    if not st.button("Save", type="primary", key="alert_save"):
        return
    if rule is None:
        st.error("It needs a number and a bound.", title="Not saved")
        return
    _save(actor, values | {"rule": rule}, kept)


def _rule_fields(who: SignedIn, actor: Actor, start: Start) -> tuple[dict[str, Any] | None, str]:
    """What is watched, as data, and what it may be called."""
    known = answers.catalogue(actor)
    offered = KINDS if start.metric and not start.kept else KINDS | OTHERS
    first = start.rule.kind if start.rule else "threshold"
    kind = st.pills(
        "Tell me when",
        list(offered),
        default=first,
        format_func=lambda one: offered[one],
        required=True,
        key="alert_kind",
    )
    if kind in OTHERS:
        return _other_fields(kind, start.rule)
    metrics = sorted(known.metrics.values(), key=lambda one: one.label.casefold())
    if start.metric and not start.kept:
        metric = known.metric(start.metric)
        _narrowed(actor, metric, start.where or {})
    else:
        names = [one.name for one in metrics]
        at = names.index(start.metric) if start.metric in names else None
        chosen = st.selectbox(
            "Number",
            names,
            index=at,
            format_func=lambda one: known.metric(one).label,
            placeholder="Choose a number",
            key="alert_metric",
        )
        if chosen is None:
            return None, ""
        metric = known.metric(chosen)
        if metric.name == start.metric:
            _narrowed(actor, metric, start.where or {})
    where = start.where or {} if metric.name == start.metric else {}
    shared = {"kind": kind, "metric": metric.name, "where": where} | _period_fields(kind, metric, start)
    _now(who, actor, shared)
    more, named = KIND_FIELDS[kind](who, metric, start.rule)
    return None if more is None else shared | more, f"{metric.label} {named}"


def _now(who: SignedIn, actor: Actor, shared: dict[str, Any]) -> None:
    """What the number is at present, to choose a bound by."""
    told = {name: value for name, value in shared.items() if name != "kind"}
    asked = asking(actor, OfMetric.model_validate(told))
    value = answers.sketch(actor, asked.question(asked.period))[0].cells[asked.metric.name].value
    shown = formats.in_full(value, asked.metric.unit, who.currency or "USD")
    st.caption(formats.plain(f"{formats.spoken(shown)} {asked.about}"))


def _narrowed(actor: Actor, metric: Metric, where: Where) -> None:
    """Which number it is, and of what."""
    parts = [
        f"{name.replace('_', ' ')} is {' or '.join(answers.names(actor, name, told))}" for name, told in where.items()
    ]
    st.markdown(f"**{metric.label}**{formats.plain(', where ' + ', '.join(parts)) if parts else ''}")


def _period_fields(kind: str, metric: Metric, start: Start) -> dict[str, Any]:
    """Over which periods, where that says something about this number."""
    if metric.is_stock and kind == "threshold":
        return {}
    left, right = st.columns(2)
    rule = start.rule if isinstance(start.rule, OfMetric) else None
    grain = left.selectbox(
        "Compared by" if metric.is_stock else "Of each",
        list(GRAINS),
        index=list(GRAINS).index(rule.grain if rule else start.grain),
        format_func=lambda one: GRAINS[one],
        key="alert_grain",
    )
    if metric.is_stock or kind == "anomaly":
        return {"grain": grain}
    running = right.selectbox(
        "Which one",
        [False, True],
        index=int(rule.is_running if rule else False),
        format_func=lambda one: "The one that runs, so far" if one else "The last that is over",
        key="alert_running",
    )
    return {"grain": grain, "is_running": running}


def _threshold_fields(who: SignedIn, metric: Metric, rule: Rule | None) -> tuple[dict[str, Any] | None, str]:
    now = rule if isinstance(rule, Threshold) else None
    left, right = st.columns(2)
    side = left.selectbox(
        "Is",
        ["under", "over"],
        index=int(now.side == "over") if now else int(metric.better == "down"),
        key="alert_side",
    )
    factor = 100 if metric.unit == "share" else 1
    unit = {"money": who.currency or "USD", "share": "%"}.get(metric.unit, "")
    bound = right.number_input(
        f"Bound{f', {unit}' if unit else ''}",
        value=float(now.bound * factor) if now else None,
        step=None,
        format="%.4g" if metric.unit == "share" else None,
        key="alert_bound",
    )
    if bound is None:
        return None, side
    exact = Decimal(str(bound)) / factor
    margin = {"margin_percent": str(now.margin_percent)} if now else {}
    return {
        "side": side,
        "bound": str(exact),
    } | margin, f"{side} {formats.number(exact, metric.unit, who.currency or 'USD')}"


def _change_fields(_who: SignedIn, metric: Metric, rule: Rule | None) -> tuple[dict[str, Any] | None, str]:
    now = rule if isinstance(rule, Change) else None
    sides = {"falls": "Falls", "rises": "Rises", "moves": "Moves either way"}
    left, middle, right = st.columns(3)
    side = left.selectbox(
        "It",
        list(sides),
        index=list(sides).index(now.side) if now else 0,
        format_func=lambda one: sides[one],
        key="alert_moves",
    )
    by = middle.number_input("By more than", min_value=0.0, value=float(now.by) if now else 10.0, key="alert_by")
    in_percent = right.selectbox(
        "In",
        [True, False],
        index=int(not now.in_percent) if now else 0,
        format_func=lambda one: "%" if one else f"{metric.unit}, as it is counted",
        key="alert_percent",
    )
    against = st.selectbox(
        "Against",
        ["previous", "year"],
        index=int(now.against == "year") if now else 0,
        format_func=lambda one: "The one before" if one == "previous" else "A year before",
        key="alert_against",
    )
    if not by:
        return None, side
    told = {"side": side, "by": str(Decimal(str(by))), "in_percent": in_percent, "against": against}
    return told, f"{side} by {by:g}{'%' if in_percent else ''}"


def _anomaly_fields(_who: SignedIn, _metric: Metric, rule: Rule | None) -> tuple[dict[str, Any] | None, str]:
    now = rule if isinstance(rule, Anomaly) else None
    chosen = st.segmented_control(
        "How readily",
        list(SENSITIVITIES),
        default=now.sensitivity if now else "medium",
        format_func=lambda one: SENSITIVITIES[one],
        required=True,
        key="alert_sensitivity",
        help="Its own past and season say what is usual; single outliers in it do not count.",
    )
    return {"sensitivity": chosen}, "is unusual"


KIND_FIELDS = {"threshold": _threshold_fields, "change": _change_fields, "anomaly": _anomaly_fields}


def _other_fields(kind: str, rule: Rule | None) -> tuple[dict[str, Any], str]:
    """What is watched besides numbers."""
    if kind == "freshness":
        now = rule.hours if isinstance(rule, Stale) else 24
        hours = st.number_input("Changes wait for more than, hours", 1, 24 * 90, now, key="alert_hours")
        return {"kind": kind, "hours": hours}, f"Numbers older than {formats.counted(hours, 'hour')}"
    if kind == "check":
        check = rule.check if isinstance(rule, FailingCheck) else ""
        st.markdown("Whenever a data check of the latest numbers finds something." if not check else f"`{check}`")
        return {"kind": kind, "check": check}, "A data check finds something"
    st.markdown("Whenever the last refresh failed, so that the numbers stay as they are.")
    return FailedJob().model_dump(), "The refresh failed"


def _after_fields(actor: Actor, kept: Alert | None) -> dict[str, Any]:
    """What happens when nobody answers, and how soon it may be told again."""
    with st.expander("When nobody answers"):
        with reading_as(actor) as session:
            people = people_to_tell(session, actor)
        offered = [None, *people]
        now = kept.on_duty_id if kept else None
        on_duty = st.selectbox(
            "Tell",
            offered,
            index=offered.index(now) if now in offered else 0,
            format_func=lambda one: people[one] if one else "Nobody else",
            key="alert_duty",
        )
        after = st.selectbox(
            "After",
            list(MINUTES),
            index=_place(MINUTES, kept.escalate_minutes if kept else None, 1),
            format_func=lambda one: MINUTES[one],
            disabled=on_duty is None,
            key="alert_after",
        )
        cooldown = st.selectbox(
            "Told again, once it was over",
            list(COOLDOWNS),
            index=_place(COOLDOWNS, kept.cooldown_minutes if kept else None, 1),
            format_func=lambda one: COOLDOWNS[one],
            key="alert_cooldown",
        )
    return {
        "on_duty_id": on_duty,
        "escalate_minutes": after if on_duty else None,
        "cooldown_minutes": cooldown,
    }


def _place(offered: dict[int, str], value: int | None, otherwise: int) -> int:
    return list(offered).index(value) if value in offered else otherwise


def _save(actor: Actor, values: dict[str, Any], kept: Alert | None) -> None:
    done = None
    with saving():
        try:
            of_kept = {"id": kept.id, "version": kept.version} if kept else {}
            request = (EditAlert if kept else KeepAlert).model_validate(values | of_kept)
            done = keep(actor, request)
        except (Unknown, NoRule) as wrong:
            st.error(formats.plain(str(wrong)), title="Not saved")
        except ValidationError as wrong:
            st.error(formats.plain(str(wrong.errors()[0]["msg"])), title="Not saved")
    if done is not None:
        say_next("Saved. It is read with the next refresh, or within a minute")
        st.switch_page(SCREEN, query_params={ALERT: done.id})
