"""What a browser's own sign-in may know and change about itself."""

from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel

from apps.api.session import Person, csrf_token
from warehouse.oltp.engine import reading, writing
from warehouse.operations import identity, sessions
from warehouse.operations.identity import NotAMember, OrganizationChoice, SignInOver


class Place(BaseModel):
    """An organization the person may work in."""

    id: str
    slug: str
    name: str


class Me(BaseModel):
    """Who is signed in, where they act, and what they may do there."""

    user_id: str
    name: str
    email: str
    organization: Place | None
    """The organization this sign-in acts in; None until one is chosen."""
    organizations: list[Place]
    role: str | None
    functions: list[str]
    permissions: dict[str, str]
    """Right → its reach."""
    csrf: str
    """Comes back in the header X-CSRF-Token with whatever changes something."""


class Choice(BaseModel):
    """Where to act from now on."""

    organization_id: str


def me_routes() -> APIRouter:
    """GET /me, PUT /me/organization, DELETE /me/session."""
    routes = APIRouter(tags=["me"])
    routes.add_api_route("/me", read_me, methods=["GET"])
    routes.add_api_route("/me/organization", choose, methods=["PUT"], status_code=204, response_class=Response)
    routes.add_api_route("/me/session", sign_out, methods=["DELETE"], status_code=204, response_class=Response)
    return routes


def read_me(who: Person, response: Response) -> Me:
    """Who is signed in."""
    response.headers["Cache-Control"] = "no-store"
    with reading() as session:
        choices = identity.organizations_of(session, who.user_id)
    actor = who.actor
    return Me(
        user_id=who.user_id,
        name=who.user_name,
        email=who.email,
        organization=next((_place(one) for one in choices if actor and one.id == actor.organization_id), None),
        organizations=[_place(one) for one in choices],
        role=actor.role.value if actor and actor.role else None,
        functions=sorted(actor.functions) if actor else [],
        permissions={right: actor.reach(right).value for right in sorted(actor.permissions)} if actor else {},
        csrf=csrf_token(who.session_id),
    )


def choose(who: Person, choice: Choice) -> None:
    """Act in another organization from now on, on screens too: it is the same sign-in."""
    try:
        with writing() as session:
            identity.choose_organization(session, who.session_id, choice.organization_id)
    except NotAMember as no:
        raise HTTPException(404, "There is no such organization here.") from no
    except SignInOver as over:
        raise HTTPException(401, str(over)) from over


def sign_out(who: Person) -> None:
    """End this sign-in, in every tab."""
    with writing() as session:
        sessions.close_session(session, who.session_id, datetime.now(UTC))


def _place(choice: OrganizationChoice) -> Place:
    return Place(id=choice.id, slug=choice.slug, name=choice.name)
