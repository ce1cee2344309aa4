"""Where an organization's identity provider tells of users made, changed and removed."""

import secrets
from base64 import b64encode
from datetime import UTC, datetime

from anyio import fail_after
from anyio.to_thread import run_sync
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from apps.api.signature import Signed
from apps.logs import acting
from warehouse.oltp.engine import reading
from warehouse.operations.hook_secrets import PREFIX, Addressed, addressed
from warehouse.operations.user_events import EventUnreadable, read_event
from warehouse.operations.user_sync import Outcome, receive

MOST_BYTES = 64 * 1024
SECONDS_FOR_BODY = 10
REFUSED = "The signature of this message does not hold. See that its secret and address are those Longhouse showed."
SAID = {
    Outcome.KEPT: "The last owner stays: an organization needs one. Its owners and admins are told.",
    Outcome.STAYS_OUT: "The member was deactivated, and stays so until somebody there lets them in again.",
}


class Taken(BaseModel):
    """What came of a message."""

    outcome: Outcome
    detail: str | None = None


def hook_routes() -> APIRouter:
    """POST /hooks/users/{organization}."""
    routes = APIRouter(tags=["hooks"])
    routes.add_api_route("/hooks/users/{organization}", take_user, methods=["POST"], response_model_exclude_none=True)
    return routes


async def take_user(organization: str, request: Request) -> Taken:
    """Take a message about a user, signed with the organization's secret after Standard Webhooks; once, however often it comes."""
    body = await _body(request)
    return await run_sync(_take, organization, request, body)


def _take(organization: str, request: Request, body: bytes) -> Taken:
    signed, found = Signed.read(request.headers), _addressed(organization)
    # An organization that is not there, or has no secret, is checked against one that nobody knows: it takes as long.
    holds = signed is not None and signed.holds(body, found.secrets if found else (_nobodys(),), datetime.now(UTC))
    if signed is None or found is None or not holds:
        raise HTTPException(401, REFUSED)
    acting(request.scope, found.organization_id, None)
    try:
        event = read_event(signed.id, body)
    except EventUnreadable as unreadable:
        raise HTTPException(422, f"This is no message about a user. {unreadable}") from unreadable
    outcome = receive(found.organization_id, event) if event else Outcome.IGNORED
    return Taken(outcome=outcome, detail=SAID.get(outcome))


def _addressed(organization: str) -> Addressed | None:
    with reading() as session:
        return addressed(session, organization, datetime.now(UTC))


def _nobodys() -> str:
    return PREFIX + b64encode(secrets.token_bytes(32)).decode()


async def _body(request: Request) -> bytes:
    """The body as it came, read no further than it may be long."""
    body = bytearray()
    try:
        with fail_after(SECONDS_FOR_BODY):
            async for portion in request.stream():
                body += portion
                if len(body) > MOST_BYTES:
                    raise HTTPException(413, f"A message has at most {MOST_BYTES // 1024} KiB.")
    except TimeoutError as slow:
        raise HTTPException(408, "The message did not come whole in time. Send it again.") from slow
    except ClientDisconnect as gone:
        raise HTTPException(400, "The message did not come whole.") from gone
    return bytes(body)
