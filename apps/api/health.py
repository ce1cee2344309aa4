"""Health over HTTP: whether the process answers, whether it is ready for work, and how each part is."""

from importlib.metadata import version

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.responses import JSONResponse

from apps import health as examined
from apps.health import State
from apps.insight import may_look_inside
from warehouse.release import release

# Threads of its own: when all others are busy, health still answers.
_limiter = CapacityLimiter(4)


class Alive(BaseModel):
    """The process answers."""

    state: State = State.OK


class Part(BaseModel):
    """One part the installation leans on; the sentence is told to the operator only."""

    state: State
    milliseconds: float
    sentence: str | None = None


class Health(BaseModel):
    """The whole, as bad as its worst part."""

    state: State
    parts: dict[str, Part]
    version: str | None = None
    release: str | None = None


class Ready(BaseModel):
    """Whether requests should be sent here."""

    ready: bool
    parts: dict[str, Part]


def health_routes() -> APIRouter:
    """`/health`, `/health/live` and `/health/ready`."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health/live")
    async def live() -> Alive:
        """Whether the process answers; a restart helps when it does not."""
        return Alive()

    @routes.get("/health/ready", response_model_exclude_none=True, responses={503: {"model": Ready}})
    async def ready(request: Request, response: Response) -> Ready:
        """Whether the store is read and written, the lake opens and the disk has room; 503 where work would fail."""
        found = await run_sync(examined.examine, _asked_for_readiness(), limiter=_limiter)
        response.status_code = 200 if found.is_ready else 503
        return Ready(ready=found.is_ready, parts=_told(found, request))

    @routes.get("/health", response_model=Health, responses={503: {"model": Health}})
    async def whole(request: Request) -> JSONResponse:
        """How every part is, and the whole; 503 when it is down."""
        return await health(request)

    return routes


async def health(request: Request) -> JSONResponse:
    """The same at the root, where many a probe looks."""
    found = await run_sync(examined.examine, limiter=_limiter)
    told = Health(state=found.state, parts=_told(found, request))
    if may_look_inside(request.scope):
        told.version, told.release = version("longhouse"), release()
    status = 503 if found.state is State.DOWN else 200
    return JSONResponse(told.model_dump(mode="json", exclude_none=True), status, {"Cache-Control": "no-store"})


def _asked_for_readiness() -> list[examined.Check]:
    return [check for check in examined.CHECKS if check.needed or check.name == "lake"]


def _told(found: examined.Health, request: Request) -> dict[str, Part]:
    inside = may_look_inside(request.scope)
    return {
        name: Part(state=one.state, milliseconds=one.milliseconds, sentence=one.sentence if inside else None)
        for name, one in found.parts.items()
    }
