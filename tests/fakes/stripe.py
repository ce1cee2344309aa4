"""Stripe, pretending: lists newest first, events for thirty days, its errors, its key. Certified by Stripe's own client."""

from datetime import timedelta
from random import Random
from typing import Any

from tests.fakes.vendor import Asked, FakeVendor, Refused

KEY = "rk_test_not_a_real_key"  # pragma: allowlist secret
PLURALS = {
    "customers": "customer",
    "products": "product",
    "prices": "price",
    "subscriptions": "subscription",
    "invoices": "invoice",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
}
EVENT = {"subscription": "customer.subscription", "dispute": "charge.dispute"}
"""What the events about an object are called after, where it is not the object."""
PREFIX = {
    "customer": "cus",
    "product": "prod",
    "price": "price",
    "subscription": "sub",
    "invoice": "in",
    "charge": "ch",
}
LISTED = {"limit", "starting_after", "ending_before", "created[gte]", "created[gt]", "created[lt]", "created[lte]"}


class FakeStripe(FakeVendor):
    """An account with whatever was made in it."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__()
        self.dice = Random(seed)
        self.most = 100
        """Entries of a page, whatever is asked for: fewer make more pages."""
        self.there: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in PLURALS.values()}
        """Kind → id → the object as it is now."""
        self.gone: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in PLURALS.values()}
        self.events: list[dict[str, Any]] = []
        self._made: list[str] = []

    def records(self, name: str) -> dict[str, dict[str, Any]]:
        """Id → record, of everything there is in one of the lists."""
        return self.there[PLURALS[name]]

    def make(self, kind: str, **values: Any) -> dict[str, Any]:
        """A new object, and the event that tells of it."""
        number = len(self._made) + 1
        id_ = f"{PREFIX.get(kind, kind[:2])}_{number:05d}{self.dice.randrange(16**8):08x}"
        made = _SHAPES[kind](number) | {"id": id_, "object": kind, "created": int(self.now.timestamp())} | values
        if kind not in {"refund"}:
            made |= {"livemode": False}
        self.there[kind][id_] = made
        self._made.append(id_)
        # A charge that is new is told by how it went.
        self._tell(kind, made["status"] if kind == "charge" else "created", made)
        return made

    def change(self, kind: str, id_: str, **values: Any) -> None:
        """Change an object."""
        self.there[kind][id_] = self.there[kind][id_] | values
        self._tell(kind, "updated", self.there[kind][id_])

    def delete(self, kind: str, id_: str) -> None:
        """Delete an object; a subscription is cancelled instead, and stays."""
        if kind == "subscription":
            self.there[kind][id_] |= {"status": "canceled", "ended_at": int(self.now.timestamp())}
            self._tell(kind, "deleted", self.there[kind][id_])
            return
        self.gone[kind][id_] = self.there[kind].pop(id_)
        self._tell(kind, "deleted", self.gone[kind][id_])

    def fill(self, rounds: int) -> None:
        """A shop's life: customers who subscribe, are billed, pay, and sometimes want it back."""
        for number in range(rounds):
            customer, product = self.make("customer"), self.make("product")
            price = self.make("price", product=product["id"])
            self.make("subscription", customer=customer["id"])
            self.make("invoice", customer=customer["id"])
            charge = self.make("charge", customer=customer["id"])
            if number % 3 == 0:
                self.make("refund", charge=charge["id"])
                self.make("dispute", charge=charge["id"])
            self.change("price", price["id"], active=False)
            self.now += timedelta(minutes=self.dice.randrange(1, 90))

    def stir(self) -> None:
        """One thing happens: something new, something changed, something deleted."""
        kind = self.dice.choice([kind for kind, there in self.there.items() if there])
        chosen = self.dice.choice(sorted(self.there[kind]))
        what = self.dice.random()
        if what < 0.3:
            self.make(kind)
        elif what < 0.8 or kind in {"charge", "refund", "dispute"}:
            self.change(kind, chosen, **_changed(kind, self.dice))
        else:
            self.delete(kind, chosen)
        self.now += timedelta(seconds=self.dice.choice([0, 0, 1, 40]))

    def _tell(self, kind: str, what: str, about: dict[str, Any]) -> None:
        number = len(self.events) + 1
        told = {"id": f"evt_{number:06d}", "object": "event", "type": f"{EVENT.get(kind, kind)}.{what}"}
        told |= {"created": int(self.now.timestamp()), "livemode": False, "pending_webhooks": 0, "request": None}
        told |= {"api_version": "2026-10-28.endive", "data": {"object": dict(about)}}
        self.events.append(told)

    def failure(self, word: str) -> Any:
        return {"error": {"type": word, "code": word, "message": "Ana Canary <ana.canary@acme.test> asked too much"}}

    def answer(self, asked: Asked) -> Any:
        if asked.headers.get("Authorization") != f"Bearer {KEY}":
            raise Refused(401, self.failure("invalid_request_error"))
        name = asked.path.removeprefix("/v1/")
        if asked.method != "GET" or not asked.path.startswith("/v1/") or name not in {*PLURALS, "events"}:
            raise Refused(404, self.failure("invalid_request_error"))
        if name == "events":
            entries, known = self._events(asked), LISTED | {"type"} | {f"types[{n}]" for n in range(20)}
        else:
            kind = PLURALS[name]
            entries = [self.there[kind][one] for one in self._made if one in self.there[kind]]
            known = LISTED | ({"status", "customer"} if kind in {"subscription", "invoice"} else set())
            if kind == "subscription" and asked.query.get("status") != "all":
                entries = [one for one in entries if one["status"] != "canceled"]
        unknown = set(asked.query) - known
        if unknown:
            raise Refused(400, self.failure("parameter_unknown"))
        return self._page(asked, name, entries)

    def _events(self, asked: Asked) -> list[dict[str, Any]]:
        oldest = int((self.now - timedelta(days=30)).timestamp())
        wanted = {value for name, value in asked.query.items() if name.startswith("types[")}
        kept = [one for one in self.events if one["created"] >= oldest]
        return [one for one in kept if not wanted or one["type"] in wanted]

    def _page(self, asked: Asked, name: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
        order = sorted(enumerate(entries), key=lambda pair: (-pair[1]["created"], -pair[0]))
        newest = [one for _, one in order]
        for bound, holds in _BOUNDS.items():
            if f"created[{bound}]" in asked.query:
                limit = int(asked.query[f"created[{bound}]"])
                newest = [one for one in newest if holds(one["created"], limit)]
        after = asked.query.get("starting_after")
        if after is not None:
            newest = self._after(newest, name, after)
        size = min(int(asked.query.get("limit", 10)), self.most)
        if not 1 <= int(asked.query.get("limit", 10)) <= 100:
            raise Refused(400, self.failure("parameter_invalid_integer"))
        return {"object": "list", "url": asked.path, "has_more": len(newest) > size, "data": newest[:size]}

    def _after(self, newest: list[dict[str, Any]], name: str, after: str) -> list[dict[str, Any]]:
        """What comes after an object, also where that was deleted since: its place in the order is known."""
        ids = [one["id"] for one in newest]
        if after in ids:
            return newest[ids.index(after) + 1 :]
        gone = self.gone[PLURALS[name]].get(after) if name in PLURALS else None
        if gone is None:
            raise Refused(400, self.failure("resource_missing"))
        order = {id_: number for number, id_ in enumerate(self._made)}
        return [one for one in newest if (one["created"], order[one["id"]]) < (gone["created"], order[after])]


_BOUNDS = {
    "gte": lambda one, limit: one >= limit,
    "gt": lambda one, limit: one > limit,
    "lte": lambda one, limit: one <= limit,
    "lt": lambda one, limit: one < limit,
}


def _changed(kind: str, dice: Random) -> dict[str, Any]:
    """New values for an object: one for the lake and, where there is one, one that identifies somebody."""
    return {
        "customer": {"balance": dice.randrange(9999), "email": f"new{dice.randrange(999)}@shop.test"},
        "product": {"name": f"Kite {dice.randrange(99)}", "updated": dice.randrange(10**9)},
        "price": {"unit_amount": dice.randrange(9999)},
        "subscription": {"status": dice.choice(["active", "past_due", "trialing"])},
        "invoice": {"status": dice.choice(["open", "paid", "void"]), "amount_paid": dice.randrange(9999)},
        "charge": {"amount_refunded": dice.randrange(99), "refunded": True},
        "refund": {"status": dice.choice(["succeeded", "failed"])},
        "dispute": {"status": dice.choice(["won", "lost", "under_review"])},
    }[kind]


def _price(number: int) -> dict[str, Any]:
    return {
        "active": True,
        "billing_scheme": "per_unit",
        "currency": "jpy" if number % 5 == 0 else "eur",
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": "prod_x",
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed", "meter": None},
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "type": "recurring",
        "unit_amount": 1200 + number,
        "unit_amount_decimal": str(1200 + number),
    }


_SHAPES = {
    "customer": lambda n: {
        "address": {
            "city": "Oslo",
            "country": "NO",
            "line1": f"Fjord {n}",
            "line2": None,
            "postal_code": "1",
            "state": "",
        },
        "balance": 0,
        "currency": "eur",
        "delinquent": False,
        "description": f"met at fair {n}",
        "email": f"person{n}@shop.test",
        "invoice_prefix": f"AB{n}",
        "metadata": {"note": f"likes tea {n}"},
        "name": f"Person Number {n}",
        "phone": f"+47{n:08d}",
        "shipping": None,
        "tax_exempt": "none",
    },
    "product": lambda n: {
        "active": True,
        "default_price": None,
        "description": f"what it is {n}",
        "images": [],
        "metadata": {},
        "name": f"Kite {n}",
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": n,
    },
    "price": _price,
    "subscription": lambda n: {
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "currency": "eur",
        "customer": "cus_x",
        "description": f"for the office of number {n}",
        "ended_at": None,
        "items": {
            "object": "list",
            "url": "/v1/subscription_items",
            "has_more": False,
            "data": [
                {"id": f"si_{n}", "object": "subscription_item", "quantity": n, "price": _price(n) | {"id": f"pr_{n}"}}
            ],
        },
        "metadata": {},
        "start_date": 1_780_000_000 + n,
        "status": "active",
        "trial_end": None,
        "trial_start": None,
    },
    "invoice": lambda n: {
        "amount_due": 100 * n,
        "amount_paid": 0,
        "amount_remaining": 100 * n,
        "billing_reason": "subscription_cycle",
        "currency": "eur",
        "customer": "cus_x",
        "customer_email": f"person{n}@shop.test",
        "customer_name": f"Person Number {n}",
        "hosted_invoice_url": "https://invoice.test/x",
        "lines": {
            "object": "list",
            "url": "/v1/invoices/x/lines",
            "has_more": False,
            "data": [{"id": f"il_{n}", "object": "line_item", "amount": 100 * n, "description": f"Tea for Number {n}"}],
        },
        "number": f"INV-{n:04d}",
        "status": "open",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": 100 * n,
        "total": 100 * n,
    },
    "charge": lambda n: {
        "amount": 100 * n,
        "amount_captured": 100 * n,
        "amount_refunded": 0,
        "billing_details": {
            "address": {
                "city": "Oslo",
                "country": "NO",
                "line1": f"Fjord {n}",
                "line2": None,
                "postal_code": "1",
                "state": "",
            },
            "email": f"person{n}@shop.test",
            "name": f"Person Number {n}",
            "phone": None,
        },
        "captured": True,
        "currency": "eur",
        "customer": "cus_x",
        "description": f"Tea for Number {n}",
        "disputed": False,
        "failure_code": None,
        "metadata": {},
        "paid": True,
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "country": "NO", "last4": "4242"}},
        "receipt_email": f"person{n}@shop.test",
        "refunded": False,
        "status": "succeeded",
    },
    "refund": lambda n: {
        "amount": n,
        "charge": "ch_x",
        "currency": "eur",
        "metadata": {},
        "reason": None,
        "status": "pending",
    },
    "dispute": lambda n: {
        "amount": n,
        "charge": "ch_x",
        "currency": "eur",
        "evidence": {"customer_name": f"Person Number {n}"},
        "metadata": {},
        "reason": "fraudulent",
        "status": "needs_response",
    },
}
