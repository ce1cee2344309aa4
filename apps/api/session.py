"""Who asks the API from a browser: the same sign-in the screens have, looked up anew with every request.

The cookie is Streamlit's; only its `sid` is believed, and only as the name of a row of ours. A cookie comes along with
any page's request, so whatever changes something needs a token too that only our own pages can read.
"""

import secrets
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from itsdangerous import BadData, URLSafeTimedSerializer

from apps.identity.address import canonical_origin
from apps.identity.keys import load_keys
from apps.logs import acting
from apps.ui.cookie import sign_in_of
from warehouse.oltp.engine import StoreBusy, reading, writing
from warehouse.operations import identity, sessions
from warehouse.operations.identity import SignedIn
from warehouse.settings import settings

CSRF_HEADER = "X-CSRF-Token"
CSRF_SECONDS = 12 * 3600
SAFE = {"GET", "HEAD", "OPTIONS"}


def person(request: Request) -> SignedIn:
    """The person whose browser asks. 401 without a live sign-in; 403 for a change without this sign-in's token."""
    session_id = sign_in_of(request.cookies, load_keys(settings().secrets_path).cookie_secret)
    found = _looked_up(session_id) if session_id else None
    if found is None:
        raise HTTPException(401, "Sign in first.")
    if request.method not in SAFE and not _is_ours(request, found.session_id):
        raise HTTPException(403, f"Send the token that /api/me gives you as {CSRF_HEADER}.")
    _used(found.session_id)
    acting(request.scope, found.actor.organization_id if found.actor else None, found.user_id)
    return found


Person = Annotated[SignedIn, Depends(person)]


def csrf_token(session_id: str) -> str:
    """What proves that a change comes from a page of ours, for one sign-in and half a day."""
    return _signer().dumps(session_id)


def _looked_up(session_id: str) -> SignedIn | None:
    with reading() as session:
        return identity.actor_of(session, session_id, datetime.now(UTC))


def _used(session_id: str) -> None:
    """Write down that the sign-in is in use, at most once a minute: a program in the browser is use as a click is."""
    now = datetime.now(UTC)
    with reading() as session:
        due = sessions.is_use_due(session, session_id, now)
    if due:
        with suppress(StoreBusy), writing() as session:
            sessions.touch(session, session_id, now)


def _is_ours(request: Request, session_id: str) -> bool:
    origin = request.headers.get("origin")
    if origin is not None and origin != canonical_origin():
        return False
    try:
        told = _signer().loads(request.headers.get(CSRF_HEADER, ""), max_age=CSRF_SECONDS)
    except BadData:
        return False
    return isinstance(told, str) and secrets.compare_digest(told.encode(), session_id.encode())


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(load_keys(settings().secrets_path).cookie_secret, "api changes")
