"""The REST API."""

from importlib.metadata import version

from fastapi import FastAPI, Response
from pydantic import BaseModel

from warehouse.lake.connection import LakeMissing, lake_exists
from warehouse.oltp.engine import reading
from warehouse.oltp.organization import Organization

NOBODY = "00000000-0000-0000-0000-000000000000"


class Health(BaseModel):
    """Whether the installation can do its work."""

    status: str
    version: str
    operational_store: bool
    lake: bool


def api() -> FastAPI:
    """The API as an application to mount under /api."""
    # The documentation pages that FastAPI brings load their scripts from another host.
    made = FastAPI(title="Longhouse", version=version("longhouse"), docs_url=None, redoc_url=None)
    made.add_api_route("/health", health, methods=["GET"], responses={503: {"model": Health}})
    return made


def health(response: Response) -> Health:
    """Whether the operational store answers and the lake's catalog is there; 503 without the store."""
    answers = _store_answers()
    if not answers:
        response.status_code = 503
    return Health(
        status="ok" if answers else "unavailable",
        version=version("longhouse"),
        operational_store=answers,
        lake=_lake_answers(),
    )


def _store_answers() -> bool:
    try:
        with reading() as session:
            session.get(Organization, NOBODY)
    except Exception:
        # Whatever stands between us and the store, the answer is the same.
        return False
    return True


def _lake_answers() -> bool:
    try:
        return lake_exists()
    except LakeMissing:
        return False
