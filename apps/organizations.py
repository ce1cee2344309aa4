"""`longhouse organization …`: found, invite and list; export, delete and certify."""

import json
from pathlib import Path
from typing import Annotated

import typer

from warehouse.tenancy import AccessRole, BusinessFunction

organizations = typer.Typer(no_args_is_help=True, help="Organizations, their members, and their certified deletion.")
Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The organization's slug.")]


@organizations.command(name="list")
def list_() -> None:
    """List the organizations and how many members can sign in."""
    from apps.terminal import print_rows
    from warehouse.oltp.engine import reading
    from warehouse.operations.members import list_members
    from warehouse.operations.organization import list_organizations
    from warehouse.tenancy import operator_actor

    with reading() as session:
        rows = [
            {
                "slug": one.slug,
                "name": one.name,
                "members": sum(row.state == "Active" for row in list_members(session, operator_actor(one.id))),
            }
            for one in list_organizations(session)
        ]
    print_rows(["slug", "name", "members"], rows, "table", {})


@organizations.command()
def members(slug: Slug) -> None:
    """List an organization's members."""
    from apps.terminal import print_rows
    from warehouse.oltp.engine import reading
    from warehouse.operations.members import list_members
    from warehouse.operations.organization import find_organization
    from warehouse.tenancy import operator_actor

    with reading() as session:
        found = list_members(session, operator_actor(find_organization(session, slug).id))
    rows = [
        {
            "name": row.member.name,
            "email": row.email or "",
            "role": row.member.access_role.value,
            "functions": ", ".join(row.functions),
            "state": row.state,
        }
        for row in found
    ]
    print_rows(["name", "email", "role", "functions", "state"], rows, "table", {})


@organizations.command()
def invite(
    slug: Slug,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Whom to invite.")],
    role: Annotated[AccessRole, typer.Option(help="What they may do.")] = AccessRole.MEMBER,
    function: Annotated[list[BusinessFunction] | None, typer.Option(help="What they work on; may be repeated.")] = None,
) -> None:
    """Invite somebody by mail; the link works once, for a week."""
    from warehouse.oltp.engine import reading
    from warehouse.operations.invitations import InvitePerson
    from warehouse.operations.invitations import invite as send
    from warehouse.operations.organization import find_organization
    from warehouse.tenancy import operator_actor

    with reading() as session:
        actor = operator_actor(find_organization(session, slug).id)
    made = send(actor, InvitePerson(email=email, access_role=role, functions=function or []))
    typer.echo(f"{made.email} is invited to {slug}; the mail is in the outbox.")


@organizations.command()
def delete(
    slug: Slug,
    export: Annotated[Path | None, typer.Option(help="The ZIP to write everything to first.")] = None,
    yes_delete: Annotated[str, typer.Option(metavar="SLUG", help="The slug once more, to confirm.")] = "",
) -> None:
    """Export an organization, delete it completely, and certify that; interrupted, the same command goes on."""
    from warehouse.oltp.engine import reading
    from warehouse.operations.departure import begin, find_departure, proceed
    from warehouse.operations.organization import UnknownOrganization, find_organization
    from warehouse.operations.takeaway import export_organization
    from warehouse.tenancy import operator_actor

    try:
        with reading() as session:
            actor = operator_actor(find_organization(session, slug).id)
    except UnknownOrganization:
        with reading() as session:
            departure_id = find_departure(session, slug).id
    else:
        if export is None or yes_delete != slug:
            raise typer.BadParameter(
                f"Give --export FILE and --yes-delete {slug}: what is deleted cannot be brought back."
            )
        digest = export_organization(actor, export)
        typer.echo(f"Exported to {export} (SHA-256 {digest}).")
        departure_id = begin(actor, yes_delete, export)
    proceed(departure_id, lambda step: typer.echo(f"Deleting: {step} …"))
    certificate(departure_id)


@organizations.command()
def certificate(
    told: Annotated[str, typer.Argument(metavar="ID", help="The certificate's id, or the slug the organization had.")],
) -> None:
    """Print the certificate of an organization that was deleted."""
    from warehouse.oltp.engine import reading
    from warehouse.operations.departure import certificate as content
    from warehouse.operations.departure import find_departure

    with reading() as session:
        found = find_departure(session, told)
    typer.echo(json.dumps(content(found), indent=2))
