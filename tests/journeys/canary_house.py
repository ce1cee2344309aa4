"""The planted house, built once, and the application's own addresses over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from apps import asgi
from apps.health import CHECKS
from tests.houses import House
from tests.journeys import looking, surfaces
from tests.journeys.planted import World, look_around, plant
from warehouse import cache, logs

MOUNTED = {"/idp", "/api", "/files", "/health", "/metrics"}
"""What the application answers besides its screens."""


def make(home: Path) -> House:
    """A house with the planted organizations, really built."""
    house = House(home)
    house.run("init")
    with house.entered():
        plant()
    house.run("refresh")
    return house


@contextmanager
def entered(template: House, home: Path) -> Iterator[World]:
    """A copy of the planted house, worked on in this process, its log written to a file."""
    house, before = template.copy(home), list(CHECKS)
    with house.entered():
        logs.to_file("canaries")
        cache.memory().forget(cache.PREFIX)
        looking.forget()
        surfaces.verified.clear()
        yield look_around(house)
    CHECKS[:] = before


def application() -> tuple[Starlette, list[Any]]:
    """The application without its screens, as `asgi.app` puts it together, and the routes of its own."""
    made: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asgi.st, "App", lambda _script, **told: made.update(told))
        patch.setattr(asgi, "_tell_streamlit", lambda _keys: None)
        asgi.app()
    return Starlette(routes=made["routes"], middleware=made["middleware"]), made["routes"]


def addresses() -> list[tuple[str, str]]:
    """Method and path of everything that answers, parameters in braces."""
    return [(method, path) for route in application()[1] for method, path in _under("", route)]


def _under(before: str, route: BaseRoute) -> Iterator[tuple[str, str]]:
    if isinstance(route, Mount):
        inner = getattr(route.app, "routes", None)
        if inner is None:
            # Behind a scope of its own: the application is in the closure of what runs it.
            inner = next(
                one.cell_contents.routes for one in route.app.__closure__ if hasattr(one.cell_contents, "routes")
            )
        for one in inner:
            yield from _under(before + route.path, one)
    elif isinstance(route, Route):
        yield from ((method, before + route.path) for method in sorted(route.methods or {"GET"}))
    else:
        # A router that was taken in whole.
        for one in getattr(getattr(route, "original_router", None), "routes", []):
            yield from _under(before, one)


def client(app: Starlette, origin: str) -> TestClient:
    """A program on another machine."""
    return TestClient(app, base_url=origin, client=("192.0.2.7", 4000), follow_redirects=False)
