"""Makes one organization's extract: its rows of the business model, its people's names, and where they came from."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from warehouse.extracts.builds import Build, extracts_of
from warehouse.extracts.definitions import Model, read_models
from warehouse.extracts.own_fields import OwnField, columns_of, own_fields, select_list, write_own_fields
from warehouse.lake.connection import Lake
from warehouse.lake.store import Store, attached_store
from warehouse.oltp.departed import has_departed
from warehouse.oltp.projection import OWN_VALUES
from warehouse.settings import settings

SMALL_ROWS = 100_000
SMALL_BLOCK = 16_384
KEPT = 2
PEOPLE = {
    "people_customers": ("customer_id", "customers", {"customer_name": "name", "email": "email", "phone": "phone"}),
    "people_users": ("user_id", "memberships", {"user_name": "name", "email": "email"}),
}
"""Which table of the operational store knows the names: model → (key, table, column → column)."""


class PeopleMissing(Exception):
    """A record of the model has no person behind it in the operational store."""


class OrganizationDeparted(Exception):
    """The organization was deleted; snapshots that others need may still hold its rows, and none are shown."""


@dataclass(frozen=True)
class Provenance:
    """The `_extract` table's one row: which build this is and what it saw."""

    organization_id: str
    build_id: str
    snapshot_id: int
    watermark: int
    definitions: str
    git_commit: str
    built_at: str
    latest_days: str
    """JSON, model → the last day anything happened in it: as of then or later, nothing needs restating."""
    checks: str


def publish(lake: Lake, build: Build, organization_id: str) -> Path:
    """Write the organization's extract of a build beside its place, then move it there; the latest two stay."""
    # Before the folder is made: not even an empty one of its name may come to be again.
    _must_be_there(organization_id)
    folder = settings().extracts_path / organization_id
    folder.mkdir(parents=True, exist_ok=True)
    final = folder / f"{build.build_id}.duckdb"
    with attached_store(lake) as store:
        write_extract(lake, build, organization_id, folder / f"{build.build_id}.new", store)
    os.replace(folder / f"{build.build_id}.new", final)
    for old in extracts_of(organization_id)[KEPT:]:
        old.unlink()
    return final


def _must_be_there(organization_id: str) -> None:
    if has_departed(organization_id):
        raise OrganizationDeparted("This organization was deleted under a certificate; nothing is made of it any more.")


def write_extract(lake: Lake, build: Build, organization_id: str, path: Path, people: Store | None) -> None:
    """The extract's content at `path`, names from the store of `people`; without, null names, as verification needs."""
    _must_be_there(organization_id)
    path.unlink(missing_ok=True)
    models = [model for model in read_models(build.definitions).values() if model.name != "build_watermark"]
    own = columns_of(models, own_fields(lake, organization_id, build.definitions))
    lake.attach_new(path, "extract", SMALL_BLOCK if _is_small(lake, models, organization_id) else None)
    try:
        for model in models:
            _copy(lake, model, organization_id, people, [one.field for one in own if one.model == model.name])
        write_own_fields(lake, own)
        _sign(lake, build, models, organization_id)
    finally:
        lake.detach("extract")


def _is_small(lake: Lake, models: list[Model], organization_id: str) -> bool:
    """Whether the organization has few rows. The largest tables are asked first, and only until it is sure."""
    # A table that is no longer there, as an old snapshot has them, may have held any number.
    known = lake.row_counts()
    most = {f"{m.schema}.{m.name}": known.get(f"{m.schema}.{m.name}", SMALL_ROWS) for m in models if m.of_organization}
    found, left = 0, sum(most.values())
    for name in sorted(most, key=lambda one: -most[one]):
        if found >= SMALL_ROWS or found + left < SMALL_ROWS:
            break
        left -= most[name]
        found += int(lake.value(f"select count(*) from lake.{name} where organization_id = ?", [organization_id]))
    return found < SMALL_ROWS


def _copy(lake: Lake, model: Model, organization_id: str, people: Store | None, own: list[OwnField]) -> None:
    if model.name == "dim_dates":
        # Fifty years of days as rows in every organization's file would be most of a small one.
        first, last = lake.run("select min(date_day), max(date_day) from lake.core.dim_dates")[0]
        lake.run(
            "create view extract.main.dim_dates as select unnest(generate_series("
            f"date '{first}', date '{last}', interval 1 day))::date as date_day"
        )
        return
    if not model.of_organization:
        lake.run(f"create table extract.main.{model.name} as from lake.{model.schema}.{model.name}")
    elif model.name in PEOPLE and people is not None:
        _copy_people(lake, model, organization_id, people)
    else:
        order = ", ".join(f'model."{column}"' for column in _order(model))
        chosen, joins = select_list(model, own)
        lake.run(
            f"create table extract.main.{model.name} as select {chosen} "
            f"from lake.{model.schema}.{model.name} as model {joins} where model.organization_id = ? order by {order}",
            [organization_id],
        )


def _order(model: Model) -> list[str]:
    """Facts by their days, dimensions by their attributes: sorted random ids compress well and read slowly."""
    days = [name for name in model.columns if name.endswith("_on")]
    other = ("_id", "_on", "_at", "row_fingerprint", OWN_VALUES)
    words = [name for name in model.columns if not name.endswith(other)]
    return (days or words[:3]) + [model.columns[0]]


def _copy_people(lake: Lake, model: Model, organization_id: str, store: Store) -> None:
    key, table, columns = PEOPLE[model.name]
    wanted = ", ".join(columns.values())
    named = ", ".join(f"people.{source} as {name}" for name, source in columns.items())
    asked = store.asked(f"select id, {wanted} from {table} where organization_id = '{organization_id}'")
    lake.run(f"create or replace temp table people as from {asked}")
    lake.run(
        f"create table extract.main.{model.name} as select model.{key}, {named} "
        f"from lake.{model.schema}.{model.name} as model left join people on model.{key} = people.id::uuid "
        f"where model.organization_id = ? order by 2, 1",
        [organization_id],
    )
    first = next(iter(columns))
    nameless = lake.value(f"select count(*) from extract.main.{model.name} where {first} is null")
    if nameless:
        raise PeopleMissing(f"{nameless} rows of {model.name} have no one behind them in the operational store.")


def _sign(lake: Lake, build: Build, models: list[Model], organization_id: str) -> None:
    latest = {m.name: [_last_day(lake, m.name, day) for day in m.as_of_days] for m in models if m.as_of}
    told = Provenance(
        organization_id=organization_id,
        build_id=build.build_id,
        snapshot_id=build.snapshot_id,
        watermark=build.watermark,
        definitions=build.definitions,
        git_commit=build.git_commit,
        built_at=build.built_at,
        latest_days=json.dumps({name: max(filter(None, days), default=None) for name, days in latest.items()}),
        checks=json.dumps({"held": build.held.get(organization_id, [])}),
    )
    values = asdict(told)
    columns = ", ".join(f"{name} {'bigint' if isinstance(value, int) else 'varchar'}" for name, value in values.items())
    lake.run(f"create table extract.main._extract ({columns})")
    lake.run(f"insert into extract.main._extract values ({', '.join('?' * len(values))})", list(values.values()))


def _last_day(lake: Lake, table: str, column: str) -> str | None:
    found = lake.value(f"select max({column}) from extract.main.{table}")
    return found.isoformat() if found else None


def now_text() -> str:
    """This moment as builds and extracts write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
