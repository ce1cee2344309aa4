"""Generated pages: `python -m tests.checks.docs` writes them, a test compares them with what is committed."""

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def metrics_page() -> str:
    """Every metric and dimension, from the semantic layer itself."""
    from pipelines.project import ensure_definitions
    from warehouse.extracts.builds import definitions_folder
    from warehouse.metrics.catalogue import Catalogue

    catalogue = Catalogue.read(definitions_folder(ensure_definitions()))
    metrics = (
        (f"`{m.name}`", m.label, m.unit, f"`{m.default_time}`", m.description) for m in catalogue.metrics.values()
    )
    dimensions = ((f"`{d.name}`", d.label, d.kind, d.description) for d in catalogue.dimensions.values())
    return "\n".join(
        [
            "# Metrics",
            "",
            "Generated from the definitions in `dbt/`; `longhouse metrics` lists the same.",
            "A window (`--from`, `--to`) applies to each metric's default time.",
            "",
            *table(("name", "label", "unit", "default time", "what it is"), metrics),
            "",
            "## Dimensions",
            "",
            *table(("name", "label", "kind", "what it is"), dimensions),
            "",
        ]
    )


def schema_page() -> str:
    """Every table of the operational store, with each column's type and privacy tag."""
    from warehouse.oltp.base import Base
    from warehouse.oltp.projection import ROOMS, lake_type

    lines = [
        "# Schema of the operational store",
        "",
        "Generated from the tables in `warehouse/oltp`. Only `business` columns are copied to the lake, and only from",
        "tables with a `change_seq`.",
    ]
    documented = {mapper.local_table.name: mapper.class_.__doc__ for mapper in Base.registry.mappers}
    assert ROOMS
    for name, described in sorted(documented.items()):
        columns = Base.metadata.tables[name].c
        rows = ((f"`{c.name}`", lake_type(c), "" if c.nullable else "required", c.info["privacy"]) for c in columns)
        lines += ["", f"## {name}", "", (described or "").strip(), "", *table(("column", "type", "", "privacy"), rows)]
    return "\n".join([*lines, ""])


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
            *table(("right", *who, "what it lets a person do"), rows),
            "",
        ]
    )


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A Markdown table."""
    heads = list(heads)
    return [
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows),
    ]


PAGES = {"docs/metrics.md": metrics_page, "docs/rights.md": rights_page, "docs/schema.md": schema_page}

if __name__ == "__main__":
    for place, page in PAGES.items():
        (ROOT / place).write_text(page(), encoding="utf-8")
        sys.stdout.write(f"{place}\n")
