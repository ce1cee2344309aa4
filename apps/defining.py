"""`longhouse define`: numbers of an organization's own, written in a file, made of governed ones."""

from pathlib import Path
from typing import Annotated, Any

import typer

from apps.asking import As, Org, actor_of


def define(
    org: Org,
    file: Annotated[Path | None, typer.Argument(help="YAML: one number, or a list of them.")] = None,
    remove: Annotated[str | None, typer.Option(help="Put this number away.")] = None,
    as_: As = None,
) -> None:
    """Define or change numbers of an organization's own; nobody else sees them."""
    from warehouse.oltp.engine import reading

    if (file is None) == (remove is None):
        raise typer.BadParameter("Give a file of numbers, or --remove NAME.")
    with reading() as session:
        actor = actor_of(session, org, as_)
    if remove is not None:
        _put_away(actor, remove)
        typer.echo(f"{remove} is put away; receipts of it still hold.")
        return
    assert file is not None
    for one in _sound(actor, file):
        typer.echo(f"{one.name} is {_keep(actor, one)}.")


def _sound(actor: Any, file: Path) -> list[Any]:
    """The numbers in a file, each one checked against what there is to ask, before any is kept.

    Raises NoMetric, or Unknown with the nearest names.
    """
    from warehouse.metrics.serving import serving_as
    from warehouse.own_metrics import read_own_metrics

    told = read_own_metrics(file)
    opened = serving_as(actor)
    for one in told:
        opened.must_know(one)
    return told


def _keep(actor: Any, one: Any) -> str:
    from warehouse.oltp.engine import writing_as
    from warehouse.operations import metrics

    body = one.model_dump(mode="json")
    with writing_as(actor) as session:
        before = {kept.name: kept for kept in metrics.metrics_of(session, actor)}.get(one.name)
        if before is None:
            metrics.define_metric(session, actor, metrics.DefineMetric(body=body))
            return "defined"
        if before.body == body:
            return "what it was"
        metrics.edit_metric(session, actor, metrics.EditMetric(id=before.id, version=before.version, body=body))
        return "changed"


def _put_away(actor: Any, name: str) -> None:
    """Raises Unknown where the organization has no such number."""
    from warehouse.metrics.catalogue import Unknown
    from warehouse.oltp.engine import writing_as
    from warehouse.operations import metrics

    with writing_as(actor) as session:
        own = {kept.name: kept for kept in metrics.metrics_of(session, actor)}
        if name not in own:
            there = f"There are: {', '.join(own)}." if own else "There are none."
            raise Unknown(f"{name} is no number of the organization's own. {there}")
        metrics.delete_metric(session, actor, metrics.OneMetric(id=own[name].id, version=own[name].version))
