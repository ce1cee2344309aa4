"""The REST API."""

from importlib.metadata import version

from fastapi import FastAPI

from apps.api.health import health_routes
from apps.api.me import me_routes


def api() -> FastAPI:
    """The API as an application to mount under /api."""
    # The documentation pages that FastAPI brings load their scripts from another host.
    made = FastAPI(title="Longhouse", version=version("longhouse"), docs_url=None, redoc_url=None)
    made.include_router(health_routes())
    made.include_router(me_routes())
    return made
