"""Generated pages: `python -m tests.checks.docs` writes them, a test compares them with what is committed."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import UniqueConstraint

from warehouse.metrics.catalogue import OPENING

ROOT = Path(__file__).resolve().parents[2]


def metrics_page() -> str:
    """Every metric and dimension, from the semantic layer itself."""
    from pipelines.project import ensure_definitions
    from warehouse.extracts.builds import definitions_folder
    from warehouse.metrics.catalogue import Catalogue

    catalogue = Catalogue.read(definitions_folder(ensure_definitions()))
    owners = sorted({metric.owner for metric in catalogue.metrics.values()})
    lines = [
        "# Metrics",
        "",
        "Generated from the definitions in `dbt/`; `longhouse metrics` lists the same.",
        "A window (`--from`, `--to`) applies to each metric's own day. What stands (a stock) is told of the last evening",
        "that is kept of a window or a period: every day of the last ninety, Sundays of two years, ends of months before.",
        "Amounts are in the organization's currency, by the rate of the day they are counted on.",
    ]
    for owner in owners:
        found = sorted((one for one in catalogue.metrics.values() if one.owner == owner), key=lambda one: one.label)
        lines += ["", f"## {owner.capitalize()}", ""]
        lines += table_of(("metric", "name", "unit", "by", "what it is"), map(_metric_row, found))
    dimensions = sorted(catalogue.dimensions.values(), key=lambda one: one.name)
    known = {
        one: sum(one in metric.dimensions for metric in catalogue.metrics.values()) for one in catalogue.dimensions
    }
    rows = ((f"`{d.name}`", d.label, d.kind, str(known[d.name]), d.description) for d in dimensions)
    lines += ["", "## Dimensions", "", *table_of(("name", "label", "kind", "metrics", "what it is"), rows), ""]
    return "\n".join(lines)


def _metric_row(metric: Any) -> tuple[str, ...]:
    told = metric.description
    if metric.kind != "simple":
        told += f" `{metric.formula.replace(OPENING, ' at the start')}`"
    if metric.synonyms:
        told += f" Also: {', '.join(metric.synonyms)}."
    when = "as it stands" if metric.is_stock else f"`{metric.default_time}`"
    return metric.label, f"`{metric.name}`", metric.unit, when, told


def lineage_page() -> str:
    """Every table of the business model: what a row is, what it is made from, what guards it and what stands on it."""
    from pipelines.project import ensure_definitions
    from warehouse.extracts.builds import definitions_folder
    from warehouse.extracts.definitions import read_models
    from warehouse.metrics.catalogue import Catalogue

    digest = ensure_definitions()
    manifest = json.loads((definitions_folder(digest) / "manifest.json").read_bytes())
    catalogue = Catalogue.read(definitions_folder(digest))
    lines = [
        "# Lineage",
        "",
        "Generated from the definitions in `dbt/`. `raw` tables are copies of the [operational store's](schema.md); each",
        "is renamed in a view `stg_operational__…` first, which is left out here. The clock's pages draw the same.",
    ]
    for name, model in sorted(read_models(digest).items()):
        direct = manifest["nodes"][f"model.longhouse.{name}"]["depends_on"]["nodes"]
        made_from = sorted({f"`{_plain_source(parent)}`" for parent in direct})
        metrics = [f"`{one.name}`" for one in catalogue.metrics.values() if name in one.models]
        lines += ["", f"### {name}", "", model.description]
        told = {"Made from": made_from, "Metrics": metrics}
        lines += [f"\n{head}: {', '.join(parts)}." for head, parts in told.items() if parts]
        lines.append(f"\n{len(model.tests)} checks guard it.")
    return "\n".join([*lines, ""])


def _plain_source(node: str) -> str:
    """`source.longhouse.operational.deals` and its staging view are both called raw."""
    name = node.split(".")[-1]
    return (
        f"raw.{name.removeprefix('stg_operational__')}"
        if "stg_operational__" in name or node.startswith("source")
        else name
    )


def schema_page() -> str:
    """Every table of the operational store: its columns with their types and tags, its relations, its indexes."""
    lines = [
        "# Schema of the operational store",
        "",
        "Generated from the tables in `warehouse/oltp`. Columns that are not `personal` are copied to the lake, and only",
        "from tables with a `change_seq`; see the [data map](data-map.md) for the others. `derived` columns are found out",
        "and written back by the platform. Every relation between records holds within one organization.",
        "",
        "Every record also has the columns",
        f"{', '.join(f'`{name}`' for name in _shared())}.",
    ]
    for room, kinds in _rooms().items():
        lines += ["", f"## {room}"]
        for kind in kinds:
            lines += _table_lines(kind)
    return "\n".join([*lines, ""])


def _rooms() -> dict[str, list[Any]]:
    """Room → its tables: sales_quotes.py belongs to sales."""
    from warehouse.oltp.base import Base
    from warehouse.oltp.projection import ROOMS

    assert ROOMS
    found: dict[str, list[Any]] = {}
    for mapper in sorted(Base.registry.mappers, key=lambda one: str(one.local_table)):
        room = mapper.class_.__module__.rsplit(".", 1)[-1].split("_")[0]
        found.setdefault(room, []).append(mapper.class_)
    return dict(sorted(found.items()))


def _shared() -> list[str]:
    from warehouse.oltp.base import Record

    told = {name.rstrip("_") for kind in Record.__mro__ for name in vars(kind).get("__annotations__", {})}
    return sorted((told | {"organization_id"}) - {"responsible"})


def _table_lines(kind: Any) -> list[str]:
    from warehouse.oltp.base import Record
    from warehouse.oltp.projection import lake_type

    table, shared = kind.__table__, _shared() if issubclass(kind, Record) else []
    rows = (
        (
            f"`{c.name}`",
            lake_type(c),
            "" if c.nullable else "required",
            c.info["privacy"] + (", derived" if c.info.get("derived") else ""),
        )
        for c in table.c
        if c.name not in shared
    )
    related = sorted(
        f"`{one.parent.name}` → {one.column.table.name}"
        for one in table.foreign_keys
        if one.column.name == "id" and one.column.table.name != "organizations"
    )
    indexed = sorted(", ".join(f"`{c.name}`" for c in index.columns) for index in table.indexes)
    unique = sorted(
        ", ".join(f"`{c.name}`" for c in rule.columns)
        for rule in table.constraints
        if isinstance(rule, UniqueConstraint) and "id" not in {c.name for c in rule.columns}
    )
    told = {"Relations": related, "Unique": unique, "Indexes": indexed}
    ends = [f"{name}: {'; '.join(parts)}." for name, parts in told.items() if parts]
    about = (kind.__doc__ or "").strip().splitlines()[0]
    lines = ["", f"### {table.name}", "", about + (" A record." if shared else ""), ""]
    lines += table_of(("column", "type", "", "privacy"), rows)
    return [*lines, *(f"\n{one}" for one in ends)]


def data_map_page() -> str:
    """Every column that is not everybody's: what identifies people, and what only some roles see."""
    lines = [
        "# Data map",
        "",
        "Generated from the tags of the columns in `warehouse/oltp`. What is personal never leaves the operational store",
        "for the lake; names and contact details are joined into an organization's extract when it is made, for those who",
        "may see them. What is restricted is in the lake, where its table has a `change_seq`: no credential has.",
        "Who may see what is in [rights](rights.md); fields that an organization adds itself carry a tag of their own.",
    ]
    for tag, meaning in (
        ("personal", "Identifies a person or company, or is free text that may."),
        ("restricted", "Quotas, commissions, cost, margin, credentials."),
    ):
        rows = [
            (room, f"`{kind.__tablename__}`", ", ".join(f"`{c.name}`" for c in kind.__table__.c if _has(c, tag)))
            for room, kinds in _rooms().items()
            for kind in kinds
            if any(_has(c, tag) for c in kind.__table__.c)
        ]
        lines += ["", f"## {tag.capitalize()}", "", meaning, "", *table_of(("room", "table", "columns"), rows)]
    return "\n".join([*lines, ""])


def _has(column: Any, tag: str) -> bool:
    return bool(column.info["privacy"] == tag)


def rights_page() -> str:
    """Who may do what, from the law itself."""
    from warehouse.tenancy import AccessRole, BusinessFunction, Reach, law, rights_of

    who: dict[str, dict[str, Reach]] = {role.value: rights_of(role) for role in AccessRole}
    who |= {f"+ {one.value}": rights_of(AccessRole.MEMBER, frozenset({one})) for one in BusinessFunction}
    rows = (
        (f"`{right}`", *(given.get(right, "") for given in who.values()), words)
        for right, words in law().rights.items()
    )
    return "\n".join(
        [
            "# Rights",
            "",
            "Generated from `warehouse/roles.yml`. A member has the rights of the column *member* and of each business",
            "function they hold (`+`). `all`, `team` and `own` say whose records a right holds for: `team` is the people",
            "one manages or shares a manager or a team with; what nobody is responsible for is everybody's.",
            "",
            "Somebody without `fields:personal` or `fields:restricted` sees `•••` or nothing in such columns, and knows",
            "no metric and no dimension made of them. The **operator** is a right of the installation, outside of every",
            "organization: runs, backups, errors, keys.",
            "",
            *table_of(("right", *who, "what it lets a person do"), rows),
            "",
        ]
    )


def table_of(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A Markdown table."""
    heads = list(heads)
    return [
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows),
    ]


PAGES = {
    "docs/metrics.md": metrics_page,
    "docs/lineage.md": lineage_page,
    "docs/rights.md": rights_page,
    "docs/schema.md": schema_page,
    "docs/data-map.md": data_map_page,
}

if __name__ == "__main__":
    for place, page in PAGES.items():
        (ROOT / place).write_text(page(), encoding="utf-8")
        sys.stdout.write(f"{place}\n")
