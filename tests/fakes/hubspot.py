"""HubSpot, pretending: lists by id, searches with filters, the archive, its errors. Certified by HubSpot's own client."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.fakes.vendor import Asked, FakeVendor, Refused

TOKEN = "pat-na1-not-a-real-token"  # pragma: allowlist secret
OBJECTS = ("companies", "contacts", "deals", "tickets")
MOST_FOUND = 10_000
WRITTEN = {"contacts": "lastmodifieddate"}


class FakeHubSpot(FakeVendor):
    """An account with whatever was made in it."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__()
        self.dice = Random(seed)
        self.most = 100
        self.there: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in (*OBJECTS, "owners")}
        """Kind → id → the object as it is now, with every property there is."""
        self.archived: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in (*OBJECTS, "owners")}
        self._number = 0
        self._wanted: dict[str, list[str]] = {}

    def records(self, name: str) -> dict[str, dict[str, Any]]:
        """Id → record, of everything there is in one of the lists, with the properties it was last asked for."""
        return {id_: _shown(name, one, self._wanted.get(name, [])) for id_, one in self.there[name].items()}

    def make(self, kind: str, **values: Any) -> dict[str, Any]:
        """A new record."""
        self._number += 1
        id_, now = str(1000 + self._number * 7), _iso(self.now)
        if kind == "owners":
            made = {"id": id_, "email": f"seller{id_}@shop.test", "firstName": f"Seller {id_}", "lastName": "Reed"}
            made |= {"userId": self._number, "createdAt": now, "updatedAt": now, "archived": False, "type": "PERSON"}
            self.there[kind][id_] = made | values
            return self.there[kind][id_]
        told = {"createdate": now, WRITTEN.get(kind, "hs_lastmodifieddate"): now, "hs_object_id": id_}
        properties = _SHAPES[kind](self._number) | told | values
        made = {"id": id_, "properties": properties, "createdAt": now, "updatedAt": now, "archived": False}
        self.there[kind][id_] = made
        return made

    def change(self, kind: str, id_: str, **values: Any) -> None:
        """Change properties of a record."""
        one, now = self.there[kind][id_], _iso(self.now)
        if kind == "owners":
            self.there[kind][id_] = one | values | {"updatedAt": now}
            return
        written = {WRITTEN.get(kind, "hs_lastmodifieddate"): now}
        self.there[kind][id_] = one | {"properties": one["properties"] | values | written, "updatedAt": now}

    def delete(self, kind: str, id_: str) -> None:
        """Archive a record."""
        one = self.there[kind].pop(id_)
        self.archived[kind][id_] = one | {"archived": True, "archivedAt": _iso(self.now)}

    def fill(self, rounds: int) -> None:
        """A sales team at work."""
        for _ in range(rounds):
            owner, company = self.make("owners"), self.make("companies")
            self.make("contacts", associatedcompanyid=company["id"], hubspot_owner_id=owner["id"])
            self.make("deals", hs_primary_associated_company=company["id"])
            self.make("tickets")
            self.now += timedelta(minutes=self.dice.randrange(1, 90))

    def stir(self) -> None:
        """One thing happens: something new, something changed, something archived."""
        kind = self.dice.choice([kind for kind, there in self.there.items() if there])
        chosen, what = self.dice.choice(sorted(self.there[kind])), self.dice.random()
        if what < 0.3:
            self.make(kind)
        elif what < 0.8:
            self.change(kind, chosen, **_CHANGED[kind](self.dice))
        else:
            self.delete(kind, chosen)
        self.now += timedelta(seconds=self.dice.choice([0, 0, 1, 40]))

    def failure(self, word: str) -> Any:
        return {"status": "error", "category": word, "message": "Ana Canary <ana.canary@acme.test> asked too much"}

    def answer(self, asked: Asked) -> Any:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(401, self.failure("INVALID_AUTHENTICATION"))
        kind, _, more = asked.path.removeprefix("/crm/v3/").removeprefix("objects/").partition("/")
        if kind not in self.there or more not in {"", "search"}:
            raise Refused(404, self.failure("OBJECT_NOT_FOUND"))
        return self._search(asked, kind) if more else self._list(asked, kind)

    def _list(self, asked: Asked, kind: str) -> Any:
        unknown = set(asked.query) - {
            "limit",
            "after",
            "archived",
            "properties",
            "associations",
            "propertiesWithHistory",
        }
        if unknown or not 1 <= int(asked.query.get("limit", 10)) <= 100:
            raise Refused(400, self.failure("VALIDATION_ERROR"))
        among = self.archived if asked.query.get("archived", "false").lower() == "true" else self.there
        entries = sorted(among[kind].values(), key=lambda one: int(one["id"]))
        after = asked.query.get("after")
        entries = [one for one in entries if after is None or int(one["id"]) > int(after)]
        wanted = self._wanted[kind] = asked.query.get("properties", "").split(",")
        size = min(int(asked.query.get("limit", 10)), self.most)
        found = [_shown(kind, one, wanted) for one in entries[:size]]
        more = {"paging": {"next": {"after": found[-1]["id"], "link": "https://x"}}} if len(entries) > size else {}
        return {"results": found} | more

    def _search(self, asked: Asked, kind: str) -> Any:
        body = asked.body
        entries = list(self.there[kind].values())
        [group] = body["filterGroups"]
        for one in group["filters"]:
            entries = [entry for entry in entries if _holds(entry, one)]
        for order in body.get("sorts", []):
            down = order["direction"] == "DESCENDING"
            entries.sort(key=lambda entry: _comparable(entry["properties"][order["propertyName"]]), reverse=down)
        start, size = int(body.get("after") or 0), min(int(body.get("limit", 10)), self.most)
        if start + size > MOST_FOUND:
            raise Refused(400, self.failure("VALIDATION_ERROR"))
        found = [_shown(kind, one, body.get("properties", [])) for one in entries[start : start + size]]
        more = {"paging": {"next": {"after": str(start + size)}}} if len(entries) > start + size else {}
        return {"total": len(entries), "results": found} | more


def _shown(kind: str, one: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    """A record with the properties that were asked for, and those that always come."""
    if kind == "owners":
        return one
    always = {"hs_object_id", "createdate", WRITTEN.get(kind, "hs_lastmodifieddate")}
    names = always | {name for name in wanted if name}
    return one | {"properties": {name: one["properties"].get(name) for name in sorted(names)}}


def _comparable(value: Any) -> float:
    text = str(value)
    return float(text) if text.isdigit() else datetime.fromisoformat(text).timestamp() * 1000


def _holds(entry: dict[str, Any], one: dict[str, Any]) -> bool:
    value, bound = _comparable(entry["properties"][one["propertyName"]]), float(one["value"])
    return value >= bound if one["operator"] == "GTE" else value > bound


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


_SHAPES: dict[str, Any] = {
    "companies": lambda n: {
        "name": f"Works of Number {n}",
        "domain": f"works{n}.test",
        "industry": "COMPUTER_SOFTWARE",
        "country": "Norway",
        "numberofemployees": str(n),
        "annualrevenue": f"{n}000.50",
        "secret_score": f"Canary {n}",
    },
    "contacts": lambda n: {
        "firstname": f"Person {n}",
        "lastname": "Number",
        "email": f"person{n}@shop.test",
        "lifecyclestage": "lead",
        "country": "Norway",
    },
    "deals": lambda n: {
        "dealname": f"Roof of Person {n}",
        "amount": f"{n}00.25",
        "deal_currency_code": "EUR",
        "dealstage": "qualifiedtobuy",
        "pipeline": "default",
        "hs_is_closed": "false",
        "closedate": None,
    },
    "tickets": lambda n: {
        "subject": f"Person {n} cannot sign in",
        "content": "",
        "hs_pipeline": "0",
        "hs_pipeline_stage": "1",
        "hs_ticket_priority": "HIGH",
    },
}
_CHANGED: dict[str, Any] = {
    "companies": lambda dice: {"numberofemployees": str(dice.randrange(999))},
    "contacts": lambda dice: {
        "lifecyclestage": dice.choice(["customer", "other"]),
        "email": f"new{dice.random()}@x.test",
    },
    "deals": lambda dice: {"dealstage": dice.choice(["closedwon", "closedlost", "presentationscheduled"])},
    "tickets": lambda dice: {"hs_pipeline_stage": str(dice.randrange(4))},
    "owners": lambda dice: {"email": f"seller{dice.randrange(99)}@new.test", "userId": dice.randrange(9999)},
}
