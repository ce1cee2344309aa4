"""What is said of an alert: in a mail, on screen, in a chat; by whoever may know its number."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from warehouse.alerts import Anomaly, Change, FailedJob, FailingCheck, Happened, Rule, Stale, amount_in_words, read_rule
from warehouse.oltp.alerts import Alert, AlertEvent
from warehouse.oltp.organization import Organization

TITLES = {
    Happened.FIRED: "{name}",
    Happened.WOKE: "{name}: still so",
    Happened.ESCALATED: "{name}: nobody answered",
    Happened.RESOLVED: "{name}: back in bounds",
    Happened.PAUSED: "{name} is paused",
}
WITHOUT_NUMBER = "It speaks of a number that your rights do not show you. Its owner knows more."


@dataclass(frozen=True)
class Words:
    """What is said of something that happened to an alert."""

    title: str
    text: str
    level: str
    receipt: str | None


def words_of(session: Session, event: AlertEvent, hidden: frozenset[str]) -> Words:
    """Title and text for somebody who does not see fields with these tags."""
    alert = session.get_one(Alert, event.alert_id)
    currency = session.get_one(Organization, event.organization_id).currency
    title = TITLES.get(event.happened, "{name}").format(name=alert.name)
    if hidden.intersection(event.told.get("needs", ())):
        return Words(title, WITHOUT_NUMBER, alert.level, None)
    if event.happened is Happened.PAUSED:
        return Words(title, str(event.told.get("because") or "It was paused."), alert.level, None)
    text = found_in_words(read_rule(alert.rule), event, currency)
    if event.happened is Happened.ESCALATED:
        text = f"Nobody acknowledged it within {alert.escalate_minutes} minutes. {text}"
    return Words(title, text, alert.level, event.receipt)


def found_in_words(rule: Rule, event: AlertEvent, currency: str) -> str:
    """`Open pipeline is 12,000.00 EUR as of 20 Nov 2026, under 15,000.00 EUR.`"""
    told: dict[str, Any] = event.told
    if isinstance(rule, FailingCheck | FailedJob):
        named = "; ".join(told.get("subject", ())) or "It"
        is_well = event.happened is Happened.RESOLVED
        if isinstance(rule, FailedJob):
            return "The last refresh went well." if is_well else f"The last refresh failed. {named}"
        return "No check finds anything any more." if is_well else f"Checks found something: {named}."
    if isinstance(rule, Stale):
        hours = Decimal(event.value or 0)
        state = "only" if event.happened is Happened.RESOLVED else "more than"
        return (
            f"The numbers are {hours:,.0f} hours old, {state} {rule.hours} are allowed."
            if state == "more than"
            else (f"The numbers are {hours:,.0f} hours old again; {rule.hours} are allowed.")
        )
    unit = str(told.get("unit", ""))
    value, bound = (amount_in_words(_number(one), unit, currency) for one in (event.value, event.bound))
    about = f" {told['about']}" if told.get("about") else ""
    return f"{told.get('label', rule.metric)} is {value}{about}, {_held_against(rule, event, bound)}."


def _held_against(rule: Rule, event: AlertEvent, bound: str) -> str:
    is_well = event.happened is Happened.RESOLVED
    if isinstance(rule, Anomaly):
        return f"as usual again; the bound is {bound}" if is_well else f"outside of what is usual; the bound is {bound}"
    if isinstance(rule, Change):
        before = "the year before" if rule.against == "year" else "the period before"
        by = f"{rule.by.normalize():f}{'%' if rule.in_percent else ''}"
        verb = {"rises": "rose by", "falls": "fell by", "moves": "moved by"}[rule.side]
        return f"against {bound} in {before}" + ("" if is_well else f": it {verb} more than {by}")
    side = getattr(rule, "side", "over")
    return f"no longer {side} {bound}" if is_well else f"{side} {bound}"


def _number(told: str | None) -> Decimal | None:
    return None if told is None else Decimal(told)


def rule_in_words(rule: Rule, label: str, unit: str, currency: str, *, is_stock: bool = False) -> str:
    """What an alert watches, in one line: `Won value of the last month over 15,000.00 EUR`."""
    if isinstance(rule, Stale):
        return f"Changes wait for more than {rule.hours} hours"
    if isinstance(rule, FailingCheck):
        return f"The check {rule.check} finds something" if rule.check else "Any data check finds something"
    if isinstance(rule, FailedJob):
        return "The last refresh failed"
    period = " of the {} so far" if rule.is_running else " of the last {}"
    named = label if is_stock else label + period.format(rule.grain)
    if isinstance(rule, Anomaly):
        return f"{named} is unusual"
    if isinstance(rule, Change):
        by = f"{rule.by.normalize():f}%" if rule.in_percent else amount_in_words(rule.by, unit, currency)
        before = "a year before" if rule.against == "year" else f"the {rule.grain} before"
        return f"{named} {rule.side} by more than {by} against {before}"
    return f"{named} {rule.side} {amount_in_words(rule.bound, unit, currency)}"
