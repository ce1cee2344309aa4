"""What every metric must be, by plain Python over the rows of the store: no dbt, no SQL of the model, no MetricFlow."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, wraps
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

UNIT = Decimal("0.0001")
LADDER = ["lead", "qualified", "proposal", "negotiation", "closed_won", "closed_lost"]
CHANCES = {"lead": 10, "qualified": 25, "proposal": 50, "negotiation": 75}
OPEN = LADDER[:4]
YEAR = 12

Row = dict[str, Any]


class Fact(NamedTuple):
    """Something that counts: its day (None: unknown), how much, and what it is grouped by."""

    day: date | None
    amount: Decimal
    groups: dict[str, Any]


Facts = list[Fact]


@dataclass(frozen=True)
class Span:
    """Days from the first to the last, both included; without a first, everything up to the last."""

    first: date | None
    last: date

    def holds(self, day: date | None) -> bool:
        """Whether a day is in it; an unknown day is in everything that has no beginning."""
        if day is None:
            return self.first is None
        return (self.first is None or self.first <= day) and day <= self.last


def day_of(told: str | None) -> date | None:
    """The day that the store keeps."""
    return date.fromisoformat(told[:10]) if told else None


def moment(told: str) -> datetime:
    """A moment as SQLite keeps it."""
    return datetime.fromisoformat(told)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the month's last."""
    total = day.year * 12 + day.month - 1 - months
    year, month = total // 12, total % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError(day)


def once(method: Callable[..., Any]) -> Callable[..., Any]:
    """Worked out once per argument: a hundred questions ask for the same facts."""

    @wraps(method)
    def kept(self: "Truth", *args: Any, **named: Any) -> Any:
        key = (method.__name__, args, tuple(sorted(named.items())))
        if key not in self.known:
            found = method(self, *args, **named)
            self.known[key] = list(found) if isinstance(found, Iterator) else found
        return self.known[key]

    return kept


def weights(rule: str, touches: list[Row]) -> list[Decimal]:
    """Which part of a deal each of its touches gets, in their order; together one."""
    last = touches[-1]["happened"] if touches else None
    raw = {
        "first": [Decimal(place == 0) for place in range(len(touches))],
        "last": [Decimal(place == len(touches) - 1) for place in range(len(touches))],
        "linear": [Decimal(1)] * len(touches),
        "time_decay": [
            Decimal(0.5 ** ((last - one["happened"]).days / 30)).quantize(Decimal("1e-12")) for one in touches
        ],
    }[rule]
    return [one / sum(raw) for one in raw]


class Truth:
    """One organization's rows, and what follows from them."""

    def __init__(self, store: Path, slug: str) -> None:
        self._store = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
        self._store.row_factory = sqlite3.Row
        self.known: dict[Any, Any] = {}
        asked = "select id, currency, timezone from organizations where slug = ?"
        self.organization, self.currency, zone = self._store.execute(asked, [slug]).fetchone()
        self._zone = ZoneInfo(zone)

    @once
    def rows(self, table: str) -> list[Row]:
        """Every row of a table that is not deleted."""
        found = self._store.execute(f"select * from {table} where organization_id = ?", [self.organization])
        return [dict(row) for row in found if "deleted_at" not in row.keys() or row["deleted_at"] is None]  # noqa: SIM118

    def local(self, told: str | None) -> date | None:
        """The day where the organization is of a moment that the store keeps in UTC."""
        return moment(told).replace(tzinfo=UTC).astimezone(self._zone).date() if told else None

    # Money and people ------------------------------------------------------------------------------------------------

    @cached_property
    def _rates(self) -> dict[str, list[tuple[date, Decimal]]]:
        found: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for row in self.rows("fx_rates"):
            if row["to_currency"] == self.currency:
                on = day_of(row["valid_on"])
                assert on is not None
                found[row["from_currency"]].append((on, Decimal(row["rate"]) / 100_000_000))
        return {currency: sorted(rates) for currency, rates in found.items()}

    def home(self, amount: int | None, currency: str | None, day: date | None) -> Decimal | None:
        """Ten-thousandths of a currency in the organization's own; None where the rate of the day is not known."""
        if amount is None:
            return None
        exact = Decimal(amount) * UNIT
        if currency == self.currency:
            return exact
        known = [(on, rate) for on, rate in self._rates.get(currency or "", []) if day is not None and on <= day]
        if not known or (day is not None and (day - known[-1][0]).days >= 31):
            return None
        return (exact * known[-1][1]).quantize(UNIT, ROUND_HALF_UP)

    @cached_property
    def customers(self) -> dict[str, Row]:
        """Every customer, deleted ones too: what they bought remains."""
        found = self._store.execute("select * from customers where organization_id = ?", [self.organization])
        return {row["id"]: dict(row) for row in found}

    def about(self, customer: str | None, **more: Any) -> dict[str, Any]:
        """What a fact about a customer is grouped by."""
        known = self.customers.get(customer or "", {})
        return {"sector": known.get("sector"), **more}

    # Sales -----------------------------------------------------------------------------------------------------------

    @cached_property
    def deals(self) -> list[Row]:
        """Deals, with what they are worth at home."""
        found = []
        for row in self.rows("opportunities"):
            opened, closed = day_of(row["opened_on"]), day_of(row["closed_on"])
            worth = self.home(row["amount"], row["currency"], closed or opened)
            groups = self.about(row["customer_id"], sales_rep=row["sales_rep_id"])
            found.append(row | {"opened": opened, "closed": closed, "worth": worth, "groups": groups})
        return found

    @once
    def _closed(self, *stages: str) -> list[Row]:
        return [deal for deal in self.deals if deal["stage"] in stages]

    @staticmethod
    def _each(rows: Iterable[Row], day: str, worth: str | None = None) -> Facts:
        """A fact per row that has a worth, or per row."""
        return [
            Fact(row[day], Decimal(1) if worth is None else row[worth], row["groups"])
            for row in rows
            if worth is None or row[worth] is not None
        ]

    @once
    def won(self) -> Facts:
        """Amounts of won deals."""
        return self._each(self._closed("closed_won"), "closed", "worth")

    @once
    def won_deals(self, *, valued: bool = False) -> Facts:
        """Won deals, or those among them that carry an amount."""
        rows = [row for row in self._closed("closed_won") if not valued or row["worth"] is not None]
        return self._each(rows, "closed")

    @once
    def cycles(self) -> Facts:
        """Days it took to win."""
        return [
            Fact(deal["closed"], Decimal((deal["closed"] - deal["opened"]).days), deal["groups"])
            for deal in self._closed("closed_won")
            if deal["opened"] and deal["closed"]
        ]

    @once
    def pipeline(self, on: date) -> Iterator[tuple[Row, str]]:
        """Deals that stood open on an evening, and the stage they stood on."""
        for deal in self.deals:
            stage, reached = None, None
            for step in self._steps.get(deal["id"], []):
                if step["reached"] <= on:
                    stage, reached = step["to_stage"], step["reached"]
            if deal["id"] not in self._steps and deal["opened"] and deal["opened"] <= on:
                stage, reached = deal["stage"], deal["opened"]
            if stage in OPEN and reached:
                yield deal, stage

    @cached_property
    def _steps(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows("opportunity_stage_changes"):
            reached = day_of(row["changed_on"]) or self.local(row["recorded_at"])
            found[row["opportunity_id"]].append(row | {"reached": reached})
        for steps in found.values():
            steps.sort(key=lambda step: (step["recorded_at"], step["id"]))
        return found

    @once
    def open_deals(self, on: date) -> Facts:
        """One per open deal."""
        return [Fact(on, Decimal(1), deal["groups"]) for deal, _ in self.pipeline(on)]

    @once
    def open_value(self, on: date, *, weighted: bool = False) -> Facts:
        """Amounts of open deals, in the money of the day they were opened."""
        found = []
        for deal, stage in self.pipeline(on):
            worth = self.home(deal["amount"], deal["currency"], deal["opened"])
            if worth is None:
                continue
            chance = deal["probability_override"] if deal["probability_override"] is not None else CHANCES[stage]
            weight = Decimal(chance) / 100 if weighted else Decimal(1)
            found.append(Fact(on, (worth * weight).quantize(UNIT, ROUND_HALF_UP), deal["groups"]))
        return found

    @once
    def entries(self, *, forwards: bool = False) -> Facts:
        """Times that deals came to an open stage; or those of them from which they went on upwards."""
        found = []
        for deal in self.deals:
            steps = self._steps.get(deal["id"], [])
            for step, after in zip(steps, [*steps[1:], None], strict=True):
                if step["to_stage"] not in OPEN:
                    continue
                up = after is not None and after["to_stage"] != "closed_lost"
                up = up and LADDER.index(after["to_stage"]) > LADDER.index(step["to_stage"])  # type: ignore[index]
                if up or not forwards:
                    found.append(Fact(day_of(step["changed_on"]), Decimal(1), deal["groups"]))
        return found

    @once
    def slips(self) -> Iterator[tuple[date, str, dict[str, Any]]]:
        """Each time an open deal was put off: the day, and which deal."""
        deals = {deal["id"]: deal for deal in self.deals}
        for row in self.rows("opportunity_close_date_changes"):
            deal = deals.get(row["opportunity_id"])
            before, after, on = (day_of(row[name]) for name in ("expected_before", "expected_after", "changed_on"))
            assert on is not None
            if deal and before and after and after > before and (deal["closed"] is None or deal["closed"] >= on):
                yield on, deal["id"], deal["groups"]

    @once
    def activities(self) -> Facts:
        """Everything that was done."""
        return [
            Fact(day_of(row["happened_on"]), Decimal(1), {"sales_rep": row["member_id"]})
            for row in self.rows("activities")
        ]

    @once
    def quotas(self, *, won: bool) -> Facts:
        """What members were asked for, or what they won in the same days."""
        found = []
        for row in self.rows("quotas"):
            if row["measure"] != "bookings" or not row["membership_id"]:
                continue
            first, last = day_of(row["starts_on"]), day_of(row["ends_on"])
            assert first is not None
            assert last is not None
            sold = [
                deal["worth"]
                for deal in self._closed("closed_won")
                if deal["sales_rep_id"] == row["membership_id"]
                and deal["worth"] is not None
                and deal["closed"]
                and first <= deal["closed"] <= last
            ]
            asked = self.home(row["amount"], row["currency"], first)
            amount = sum(sold, Decimal(0)) if won else asked
            if amount is not None:
                found.append(Fact(first, amount, {"sales_rep": row["membership_id"]}))
        return found

    # Customers -------------------------------------------------------------------------------------------------------

    @cached_property
    def _statuses(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        living = {row["id"] for row in self.rows("customers")}
        for row in self.rows("customer_status_changes"):
            if row["customer_id"] in living:
                since = day_of(row["changed_on"]) or self.local(row["recorded_at"])
                found[row["customer_id"]].append(row | {"since": since})
        for steps in found.values():
            steps.sort(key=lambda step: (step["since"], step["recorded_at"], step["id"]))
        return found

    @once
    def customers_on(self, on: date) -> Facts:
        """Customers there on an evening."""
        found = []
        for customer, steps in self._statuses.items():
            reached = [step["to_status"] for step in steps if step["since"] <= on]
            if reached and reached[-1] == "customer":
                found.append(Fact(on, Decimal(1), self.about(customer)))
        return found

    @once
    def churned(self) -> Facts:
        """Customers that left."""
        return [
            Fact(step["since"], Decimal(1), self.about(customer))
            for customer, steps in self._statuses.items()
            for step in steps
            if (step["from_status"], step["to_status"]) == ("customer", "churned")
        ]

    @once
    def journeys(self, count: str, by: str) -> Facts:
        """Customers that have a day `count` (`kept`: that are still there), by their day `by`."""
        found = []
        for customer, steps in self._statuses.items():
            days: dict[str, Any] = {}
            for step in steps:
                name = {"lead": "lead", "prospect": "qualified", "customer": "customer"}.get(step["to_status"])
                if name and name not in days and (name != "lead" or step["from_status"] is None):
                    days[name] = step["since"]
            if "customer" in days and steps[-1]["to_status"] != "churned":
                days["kept"] = days["customer"]
            if count in days and by in days:
                found.append(Fact(days[by], Decimal(1), self.about(customer)))
        return found

    # Billing ---------------------------------------------------------------------------------------------------------

    @cached_property
    def bills(self) -> dict[str, Row]:
        """Bills by id."""
        return {row["id"]: row for row in self.rows("invoices")}

    @once
    def invoiced(self, *, count: bool = False) -> Facts:
        """What was billed without tax; or how many bills there are."""
        found = []
        for row in self.bills.values():
            issued = day_of(row["issued_on"])
            if row["status"] in {"open", "paid", "uncollectible"}:
                amount = Decimal(1) if count else self.home(row["subtotal"], row["currency"], issued)
                if amount is not None:
                    found.append(Fact(issued, amount, self.about(row["customer_id"])))
        return found

    @cached_property
    def _cash(self) -> list[tuple[str, date, int, str]]:
        """Bill, day, ten-thousandths, and `payment` or `refund`, of money that moved."""
        payments = {row["id"]: row for row in self.rows("payments") if row["invoice_id"] in self.bills}
        found = [
            (row["invoice_id"], day_of(row["paid_on"]), row["amount"], "payment")
            for row in payments.values()
            if row["status"] == "succeeded"
        ]
        found += [
            (payments[row["payment_id"]]["invoice_id"], day_of(row["refunded_on"]), -row["amount"], "refund")
            for row in self.rows("refunds")
            if payments.get(row["payment_id"], {}).get("status") == "succeeded"
        ]
        return found  # type: ignore[return-value]

    @once
    def cash(self, *kinds: str, sign: int = 1) -> Facts:
        """Money that moved."""
        found = []
        for invoice, on, amount, kind in self._cash:
            bill = self.bills[invoice]
            worth = self.home(amount, bill["currency"], on)
            if kind in kinds and worth is not None:
                found.append(Fact(on, worth * sign, self.about(bill["customer_id"])))
        return found

    @cached_property
    def _balances(self) -> dict[str, list[tuple[date, int]]]:
        """Bill → from which day on how much was owed of it."""
        moved: dict[str, list[tuple[date, int]]] = defaultdict(list)
        for invoice, on, amount, _ in self._cash:
            moved[invoice].append((on, amount))
        for row in self.rows("credit_notes"):
            on = day_of(row["issued_on"])
            assert on is not None
            moved[row["invoice_id"]].append((on, row["amount"]))
        found = {}
        for bill in self.bills.values():
            issued = day_of(bill["issued_on"])
            if bill["status"] in {"draft", "void"} or issued is None:
                continue
            settled = bill["total"] if bill["status"] == "paid" else bill["amount_paid"] + bill["amount_credited"]
            untold = settled - sum(amount for _, amount in moved[bill["id"]])
            steps = [*moved[bill["id"]], *([(day_of(bill["paid_on"]) or issued, untold)] if untold else [])]
            days = sorted({issued, *(max(on, issued) for on, _ in steps)})
            found[bill["id"]] = [
                (day, bill["total"] - sum(amount for on, amount in steps if max(on, issued) <= day)) for day in days
            ]
        return found

    @once
    def owed(self, on: date, *, overdue: bool = False) -> Facts:
        """What was owed on an evening."""
        found = []
        for invoice, balances in self._balances.items():
            bill, owed = self.bills[invoice], [amount for day, amount in balances if day <= on]
            due = day_of(bill["due_on"])
            if not owed or owed[-1] <= 0 or bill["status"] == "uncollectible":
                continue
            if overdue and not (due and due < on):
                continue
            worth = self.home(owed[-1], bill["currency"], day_of(bill["issued_on"]))
            if worth is not None:
                found.append(Fact(on, worth, self.about(bill["customer_id"])))
        return found

    @once
    def payment_days(self) -> Facts:
        """Days until nothing was owed of a bill any more."""
        found = []
        for bill in self.bills.values():
            if bill["status"] != "paid":
                continue
            issued, balances = day_of(bill["issued_on"]), self._balances.get(bill["id"], [])
            paid = day_of(bill["paid_on"])
            if balances and balances[-1][1] <= 0:
                last_owing = max((at for at, (_, owed) in enumerate(balances) if owed > 0), default=-1)
                paid = balances[last_owing + 1][0] if last_owing + 1 < len(balances) else balances[0][0]
            if issued and paid:
                found.append(Fact(paid, Decimal((paid - issued).days), self.about(bill["customer_id"])))
        return found

    @cached_property
    def _changes(self) -> list[Row]:
        """Changes of what subscriptions bring, at home, by their days."""
        subscriptions = {row["id"]: row for row in self.rows("subscriptions")}
        found = []
        for row in self.rows("subscription_changes"):
            subscription = subscriptions.get(row["subscription_id"])
            if subscription is None or not row["monthly_value_change"]:
                continue
            started, currency = day_of(subscription["started_on"]), subscription["currency"]
            after = self.home(row["monthly_value"], currency, started)
            before = self.home(row["monthly_value"] - row["monthly_value_change"], currency, started)
            if after is None or before is None:
                continue
            more = {"customer": subscription["customer_id"], "on": day_of(row["changed_on"]), "moved": after - before}
            found.append(row | more | {"before": before, "after": after})
        return found

    @once
    def mrr(self, on: date) -> Facts:
        """What subscriptions brought in a month, on an evening."""
        return [Fact(on, row["moved"], self.about(row["customer"])) for row in self._changes if row["on"] <= on]

    @once
    def movements(self, kind: str) -> Facts:
        """Changes of one kind, seen from the customer."""
        found = []
        by_customer: dict[str, list[Row]] = defaultdict(list)
        for row in self._changes:
            by_customer[row["customer"]].append(row)
        for customer, rows in by_customer.items():
            rows.sort(key=lambda row: (row["on"], row["moved"] < 0, row["recorded_at"], row["id"]))
            running: dict[str, Decimal] = defaultdict(Decimal)
            had_any = False
            for row in rows:
                paying = sum(value > 0 for value in running.values())
                running[row["subscription_id"]] = row["after"]
                still = sum(value > 0 for value in running.values())
                if row["moved"] > 0:
                    told = "new" if not had_any else "reactivation" if paying == 0 else "expansion"
                    had_any = True
                else:
                    told = "churn" if still == 0 else "contraction"
                if told == kind:
                    found.append(Fact(row["on"], row["moved"], self.about(customer)))
        return found

    @once
    def retention(self, on: date, what: str) -> Facts:
        """Of customers that brought something a year before: what they brought then, bring now, and bring of it."""
        a_year_before = months_before(on, YEAR)
        then: dict[str, Decimal] = defaultdict(Decimal)
        now: dict[str, Decimal] = defaultdict(Decimal)
        for row in self._changes:
            if row["on"] <= a_year_before:
                then[row["customer"]] += row["moved"]
            if row["on"] <= on:
                now[row["customer"]] += row["moved"]
        pick: dict[str, Callable[[str], Decimal]] = {
            "then": lambda one: then[one],
            "now": lambda one: now[one],
            "kept": lambda one: min(then[one], now[one]),
        }
        return [Fact(on, pick[what](one), self.about(one)) for one, brought in then.items() if brought > 0]

    @once
    def recognised(self) -> Facts:
        """Revenue by month."""
        lines = {row["id"]: row for row in self.rows("invoice_lines")}
        found = []
        for row in self.rows("revenue_schedule_entries"):
            line = lines.get(row["invoice_line_id"])
            bill = self.bills.get(line["invoice_id"]) if line else None
            if bill is None or bill["status"] not in {"open", "paid", "uncollectible"}:
                continue
            worth = self.home(row["amount"], bill["currency"], day_of(bill["issued_on"]))
            if worth is not None:
                found.append(Fact(day_of(row["month"]), worth, self.about(bill["customer_id"])))
        return found

    # Marketing -------------------------------------------------------------------------------------------------------

    @once
    def spend(self) -> Facts:
        """What campaigns cost."""
        names = {row["id"]: row["name"] for row in self._all("campaigns")}
        found = []
        for row in self.rows("campaign_daily_costs"):
            on = day_of(row["spent_on"])
            worth = self.home(row["amount"], row["currency"], on)
            if worth is not None:
                found.append(Fact(on, worth, {"campaign": names.get(row["campaign_id"])}))
        return found

    def _all(self, table: str) -> list[Row]:
        found = self._store.execute(f"select * from {table} where organization_id = ?", [self.organization])
        return [dict(row) for row in found]

    @once
    def attributed(self, rule: str = "linear") -> Facts:
        """Won deals, each divided among the touches of its customer up to its closing; to the cent."""
        names = {row["id"]: row["name"] for row in self._all("campaigns")}
        touches: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows("interactions"):
            if (
                row["kind"] in {"opened", "clicked", "registered", "attended", "converted"}
                and not row["is_machine"]
                and row["campaign_id"]
            ):
                touches[row["customer_id"]].append(row | {"happened": self.local(row["happened_at"])})
        found = []
        for deal in self._closed("closed_won"):
            if deal["worth"] is None or deal["closed"] is None:
                continue
            before = [one for one in touches[deal["customer_id"]] if one["happened"] <= deal["closed"]]
            before.sort(key=lambda one: (one["happened_at"], one["id"]))
            given, until_here = Decimal(0), accumulate(weights(rule, before))
            for place, (touch, weight) in enumerate(zip(before, until_here, strict=True), 1):
                share = weight.quantize(Decimal("1e-9"), ROUND_HALF_UP)
                until = deal["worth"] if place == len(before) else (deal["worth"] * share)
                until = until if place == len(before) else until.quantize(Decimal("0.01"), ROUND_HALF_UP)
                groups = deal["groups"] | {"campaign": names.get(touch["campaign_id"])}
                found.append(Fact(deal["closed"], until - given, groups))
                given = until
        return found

    def people(
        self, kind: str, *keys: str, channel: str | None = None
    ) -> list[tuple[date | None, Any, dict[str, Any]]]:
        """Day, identity and groups of touches of a kind by people."""
        return [
            (self.local(row["happened_at"]), tuple(row[key] for key in keys), self.about(row["customer_id"]))
            for row in self.rows("interactions")
            if row["kind"] == kind and not row["is_machine"] and (channel is None or row["channel"] == channel)
        ]

    # Support ---------------------------------------------------------------------------------------------------------

    @cached_property
    def tickets(self) -> list[Row]:
        """Tickets, with how long things took."""
        replies: dict[str, datetime] = {}
        last = ""
        for row in self.rows("ticket_messages"):
            last = max(last, row["sent_at"])
            if row["author"] == "agent" and not row["is_internal"]:
                at = moment(row["sent_at"])
                replies[row["ticket_id"]] = min(at, replies.get(row["ticket_id"], at))
        changes: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows("ticket_status_changes"):
            changes[row["ticket_id"]].append(row)
            last = max(last, row["changed_at"])
        escalated = {row["ticket_id"] for row in self.rows("ticket_escalations")}
        answers: dict[str, Row] = {}
        for row in sorted(
            self.rows("satisfaction_responses"), key=lambda one: (one["answered_at"], one["recorded_at"], one["id"])
        ):
            answers[row["ticket_id"]] = row
        living = self.rows("tickets")
        told = moment(max([last, *(row["opened_at"] for row in living)])) if living else None
        return [self._ticket(row, replies, changes, escalated, answers, told) for row in living]

    def _ticket(
        self,
        row: Row,
        replies: dict[str, datetime],
        changes: dict[str, list[Row]],
        escalated: set[str],
        answers: dict[str, Row],
        told: datetime | None,
    ) -> Row:
        opened = moment(row["opened_at"])
        resolved = moment(row["resolved_at"]) if row["resolved_at"] else None
        replied = moment(row["first_replied_at"]) if row["first_replied_at"] else None
        if replied is None and row["id"] in replies:
            replied = max(replies[row["id"]], opened)
        due = moment(row["resolution_due_at"]) if row["resolution_due_at"] else None
        met = None
        if due is not None:
            assert told is not None
            met = True if resolved and resolved <= due else False if (resolved or told) > due else None
        answer = answers.get(row["id"])
        steps = sorted(changes[row["id"]], key=lambda one: (one["changed_at"], one["recorded_at"], one["id"]))
        over = {"resolved", "closed"}
        return row | {
            "opened": self.local(row["opened_at"]),
            "resolved": self.local(row["resolved_at"]),
            "answered": self.local(answer["answered_at"]) if answer else None,
            "minutes": int((resolved - opened).total_seconds() // 60) if resolved else None,
            "reply": int((replied - opened).total_seconds() // 60) if replied else None,
            "met": met,
            "score": answer["score"] if answer else row["customer_satisfaction"],
            "reopened": any(s["from_status"] in over and s["to_status"] not in over for s in steps),
            "escalated": row["id"] in escalated or any(s["to_status"] == "escalated" for s in steps),
            "steps": steps,
            "groups": self.about(row["customer_id"]),
        }

    @once
    def ticket_facts(self, day: str, amount: Callable[[Row], int | bool | None]) -> Facts:
        """Tickets by one of their days, with an amount where they have one."""
        return [
            Fact(row[day], Decimal(int(told)), row["groups"])
            for row in self.tickets
            if (told := amount(row)) is not None
        ]

    @once
    def open_tickets(self, on: date) -> Facts:
        """Tickets open on an evening."""
        found = []
        for row in self.tickets:
            steps = [step for step in row["steps"] if self.local(step["changed_at"]) <= on]  # type: ignore[operator]
            if steps and steps[-1]["to_status"] not in {"resolved", "closed"}:
                found.append(Fact(on, Decimal(1), row["groups"]))
        return found

    @once
    def views(self, *, deflected: bool) -> Facts:
        """Times that customers read an article; or those after which no ticket of theirs came within a day."""
        opened: dict[str, list[datetime]] = defaultdict(list)
        for row in self.tickets:
            opened[row["customer_id"]].append(moment(row["opened_at"]))
        found = []
        for row in self.rows("knowledge_article_views"):
            if row["customer_id"] is None:
                continue
            at = moment(row["viewed_at"])
            sufficed = not any(at <= one <= at + timedelta(hours=24) for one in opened[row["customer_id"]])
            if sufficed or not deflected:
                found.append(Fact(self.local(row["viewed_at"]), Decimal(1), self.about(row["customer_id"])))
        return found

    # Usage -----------------------------------------------------------------------------------------------------------

    @once
    def usage(self, column: str) -> Facts:
        """Uses, or people."""
        return [
            Fact(day_of(row["used_on"]), Decimal(row[column]), self.about(row["customer_id"]))
            for row in self.rows("usage_events")
            if row[column] is not None
        ]

    @once
    def active(self, on: date) -> Facts:
        """Customers that used anything in the thirty days that end with a day."""
        used = {
            row["customer_id"]
            for row in self.rows("usage_events")
            if on - timedelta(days=30) < (day_of(row["used_on"]) or date.min) <= on
        }
        return [Fact(on, Decimal(1), self.about(customer)) for customer in sorted(used)]
