"""What people may do with benchmarks, and how what the platform found out comes back to the records."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints
from sqlalchemy import Table, bindparam, update

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.oltp.base import Base
from warehouse.oltp.insights import Benchmark
from warehouse.operations.declare import NotAllowedNow, Work, operation
from warehouse.operations.fields import Request
from warehouse.operations.register import keep

benchmarks = keep(Benchmark, room="insights", noun="benchmark")

AT_ONCE = 100_000


class WriteScores(Request):
    """What was found out about records of one table: rows of `id` and derived columns."""

    entity: Annotated[str, StringConstraints(max_length=60)]
    model_version: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    as_of: AwareDatetime
    rows: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=AT_ONCE)]


@operation(
    "insights.write_scores", permission="insights:score", entity="several", input=WriteScores, stays_in_the_store=True
)
def write_scores(work: Work, request: WriteScores) -> int:
    """Write back what models found out; the records keep their version, and the lake, where it came from, hears nothing."""
    table = Base.metadata.tables.get(request.entity)
    derived = {c.name for c in table.c if c.info.get("derived")} if table is not None else set()
    named = {name for row in request.rows for name in row} - {"id"}
    if table is None or not named or not named <= derived - {"derived_as_of", "derived_model_version"}:
        raise NotAllowedNow(
            f"{request.entity} has no derived columns {', '.join(sorted(named - derived)) or 'at all'}."
        )
    if any(set(row) != named | {"id"} for row in request.rows):
        raise NotAllowedNow("Every row names its id and the same columns.")
    work.rows = _write_rows(work, table, request, sorted(named))
    work.details = {"columns": sorted(named), "model_version": request.model_version}
    return work.rows


def _write_rows(work: Work, table: Table, request: WriteScores, names: list[str]) -> int:
    """Set the columns of every row that is the organization's; how many those were."""
    statement = (
        update(table)
        .where(table.c.organization_id == work.actor.organization_id, table.c.id == bindparam("record"))
        .values(
            **{name: bindparam(f"new_{name}") for name in names},
            derived_as_of=request.as_of,
            derived_model_version=request.model_version,
        )
    )
    rows = [{f"new_{name}": row[name] for name in names} | {"record": row["id"]} for row in request.rows]
    return int(work.session.connection().execute(statement, rows).rowcount)
