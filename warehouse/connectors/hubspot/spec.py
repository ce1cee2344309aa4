"""HubSpot: which lists are walked, and how private each property is.

What changed is searched by its last modification and walked by id: an offset would skip records that others move past, and
no search goes beyond ten thousand of them. What was archived a search does not find; it is in a list of its own.
"""

from datetime import timedelta
from typing import Any

from warehouse.connectors.spec import AfterLast, AfterToken, Ask, Bearer, Cursor, Item, Kind, Read, Since, Thing, Vendor

CODE, WHOLE, NUMBER, FLAG, MOMENT, LABEL = Kind.CODE, Kind.WHOLE, Kind.NUMBER, Kind.FLAG, Kind.MOMENT, Kind.LABEL
MOST = "100"
PAGES = AfterToken("after", "paging.next.after")
CHANGED = AfterLast("filterGroups.0.filters.1.value", "id", "paging.next.after")
SEARCHES_PER_SECOND = 4.0
"""HubSpot takes five from an account, from all of its programs together."""
WRITTEN = {"contacts": "lastmodifieddate"}
"""Kind of record → the property with its last modification, where it has a name of its own."""


def _properties(**kinds: Kind) -> dict[str, Kind]:
    return {f"properties.{name}": kind for name, kind in kinds.items()}


def _people(*names: str) -> tuple[str, ...]:
    return tuple(f"properties.{name}" for name in names)


RECORD = {"id": CODE, "createdAt": MOMENT, "updatedAt": MOMENT}
UNUSED = ("archived", "archivedAt", "properties.hs_object_id", "associations", "url")

CONTACTS = Thing(
    "contacts",
    "/crm/v3/objects/contacts",
    business=RECORD
    | _properties(lifecyclestage=CODE, hs_lead_status=CODE, hubspot_owner_id=CODE, associatedcompanyid=CODE)
    | _properties(hs_analytics_source=CODE, country=LABEL, createdate=MOMENT, lastmodifieddate=MOMENT),
    personal=_people(
        *("firstname", "lastname", "email", "phone", "mobilephone", "jobtitle", "company"),
        *("address", "city", "state", "zip", "website"),
    ),
    unused=UNUSED,
    made="createdAt",
)
COMPANIES = Thing(
    "companies",
    "/crm/v3/objects/companies",
    business=RECORD
    | _properties(industry=CODE, type=CODE, lifecyclestage=CODE, hubspot_owner_id=CODE, country=LABEL)
    | _properties(numberofemployees=WHOLE, annualrevenue=NUMBER, createdate=MOMENT, hs_lastmodifieddate=MOMENT),
    personal=_people("name", "domain", "phone", "website", "description", "address", "city", "state", "zip"),
    unused=UNUSED,
    made="createdAt",
)
DEALS = Thing(
    "deals",
    "/crm/v3/objects/deals",
    business=RECORD
    | _properties(dealstage=CODE, pipeline=CODE, dealtype=CODE, amount=NUMBER, deal_currency_code=CODE)
    | _properties(closedate=MOMENT, hs_is_closed=FLAG, hs_is_closed_won=FLAG, hs_deal_stage_probability=NUMBER)
    | _properties(hubspot_owner_id=CODE, hs_primary_associated_company=CODE, createdate=MOMENT)
    | _properties(hs_lastmodifieddate=MOMENT),
    personal=_people("dealname", "description", "closed_lost_reason", "closed_won_reason"),
    unused=UNUSED,
    made="createdAt",
)
TICKETS = Thing(
    "tickets",
    "/crm/v3/objects/tickets",
    business=RECORD
    | _properties(hs_pipeline=CODE, hs_pipeline_stage=CODE, hs_ticket_priority=CODE, hs_ticket_category=CODE)
    | _properties(source_type=CODE, hubspot_owner_id=CODE, createdate=MOMENT, closed_date=MOMENT)
    | _properties(hs_lastmodifieddate=MOMENT),
    personal=_people("subject", "content"),
    unused=UNUSED,
    made="createdAt",
)
OWNERS = Thing(
    "owners",
    "/crm/v3/owners",
    business=RECORD | {"userId": WHOLE, "userIdIncludingInactive": WHOLE, "type": CODE},
    personal=("email", "firstName", "lastName"),
    unused=("archived", "teams"),
    is_always_whole=True,
)


def ask(thing: Thing, since: Since) -> list[Ask]:
    """Everything there is; or what was modified since a moment, and everything that is archived."""
    wanted = _asked_for(thing)
    listed = {"limit": MOST} | ({"properties": ",".join(wanted)} if wanted else {})
    if since.changed is None:
        return [Ask(thing.path, PAGES, "results", listed)]
    written = WRITTEN.get(thing.name, "hs_lastmodifieddate")
    moment = str(int(since.changed.timestamp() * 1000))
    body: dict[str, Any] = {
        "filterGroups": [
            {
                "filters": [
                    {"propertyName": written, "operator": "GTE", "value": moment},
                    {"propertyName": "hs_object_id", "operator": "GT", "value": "0"},
                ]
            }
        ],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": wanted,
        "limit": int(MOST),
    }
    changed = Ask(f"{thing.path}/search", CHANGED, "results", body=body, per_second=SEARCHES_PER_SECOND)
    return [changed, Ask(thing.path, PAGES, "results", listed | {"archived": "true"})]


def read(thing: Thing, item: Item) -> Read | None:
    """A record as a list or a search has it."""
    return Read(item, item.get("archived") is True)


def _asked_for(thing: Thing) -> list[str]:
    """HubSpot gives the properties it is asked for, and no others: none that nobody declared."""
    places = [*thing.business, *thing.personal]
    return [place.removeprefix("properties.") for place in places if place.startswith("properties.")]


VENDOR = Vendor(
    name="hubspot",
    title="HubSpot",
    address="https://api.hubapi.com",
    auth=Bearer(),
    per_second=9,
    cursor=Cursor(lookback=timedelta(hours=1), reaches_back=timedelta(days=85)),
    things=(COMPANIES, CONTACTS, DEALS, TICKETS, OWNERS),
    ask=ask,
    read=read,
    api_version="v3",
)
