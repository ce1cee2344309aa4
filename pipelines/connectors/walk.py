"""Walks a vendor's lists page by page into the spool."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from pipelines.connectors.client import Client, VendorFailed
from pipelines.connectors.spool import Page, Spool
from warehouse.connectors.spec import AfterLast, Ask, at

MOST_REPEATS = 3


def walk(client: Client, asks: Sequence[Ask], spool: Spool) -> None:
    """Every page of every list that is not in the spool yet. Raises VendorFailed; what came before stays in the spool."""
    last = spool.last
    first, following = (last.ask, last.following) if last else (0, None)
    if last is not None and following is None:
        first += 1
    for number in range(first, len(asks)):
        repeated = 0
        while True:
            page = _page(client, number, asks[number], following)
            if page.following is not None and page.following == following:
                # A vendor that gives a page twice by mistake is asked again; one that keeps doing so has no end.
                repeated += 1
                if repeated > MOST_REPEATS:
                    raise VendorFailed(f"The list at {asks[number].path} does not come to an end: its pages repeat.")
                continue
            spool.keep(page)
            repeated, following = 0, page.following
            if following is None:
                break


def _page(client: Client, number: int, ask: Ask, following: Any) -> Page:
    query, body = dict(ask.query), deepcopy(ask.body)
    if following is not None:
        parameter = ask.pages.parameter
        if body is None:
            query[parameter] = str(following)
        else:
            _put(body, parameter, str(following))
    answer = client.get(ask, query, body)
    items = at(ask.items, answer.body)
    if not isinstance(items, list):
        raise VendorFailed(f"The answer at {ask.path} has no list called {ask.items}: the vendor changed its form.")
    return Page(number, items, _following(ask, answer.body, items), answer.at)


def _following(ask: Ask, body: Any, items: list[Any]) -> Any:
    if isinstance(ask.pages, AfterLast):
        return at(ask.pages.field, items[-1]) if items and at(ask.pages.more, body) else None
    return at(ask.pages.token, body)


def _put(body: Any, place: str, value: str) -> None:
    """Set a value at a place of a body, `filterGroups.0.filters.1.value`."""
    *way, last = place.split(".")
    for step in way:
        body = body[int(step)] if isinstance(body, list) else body[step]
    body[int(last) if isinstance(body, list) else last] = value
