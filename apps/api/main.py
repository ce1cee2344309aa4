"""The REST API."""

from importlib.metadata import version

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from apps.api.health import health_routes
from apps.api.hooks import hook_routes
from apps.api.me import me_routes
from warehouse.oltp.engine import StoreBusy, StoreMissing


def api() -> FastAPI:
    """The API as an application to mount under /api."""
    # The documentation pages that FastAPI brings load their scripts from another host.
    made = FastAPI(title="Longhouse", version=version("longhouse"), docs_url=None, redoc_url=None)
    made.include_router(health_routes())
    made.include_router(me_routes())
    made.include_router(hook_routes())
    for away in (StoreBusy, StoreMissing):
        made.add_exception_handler(away, _store_away)
    return made


def _store_away(_request: Request, failure: Exception) -> Response:
    """The store is busy or not there: told as it is, and nothing was saved."""
    return JSONResponse({"detail": str(failure)}, 503)
