"""Every table of the business model with its columns, what it is made from and what is checked of it, as dbt describes it."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from warehouse.extracts.builds import definitions_folder
from warehouse.oltp.described import Column

PATCH = re.compile(r"/_([a-z]+)__[a-z]+\.yml$")
"""A model's description stands in a file that begins with its room: `_sales__models.yml`."""
SHARED = ("core", "intermediate")
"""What such a file is called where its models belong to no room alone."""


class Quality(StrEnum):
    """What kind of fault a check looks for."""

    COMPLETENESS = "completeness"
    """Something is missing."""
    VALIDITY = "validity"
    """Something is there that cannot be."""
    UNIQUENESS = "uniqueness"
    """Something is there twice."""
    CONSISTENCY = "consistency"
    """Two things that must agree do not."""
    TIMELINESS = "timeliness"
    """Something came too late; no row is wrong by it."""


KINDS = {
    "not_null": Quality.COMPLETENESS,
    "unique": Quality.UNIQUENESS,
    "one_row_per": Quality.UNIQUENESS,
    "is_a_stage": Quality.VALIDITY,
    "accepted_values": Quality.VALIDITY,
    "holds": Quality.VALIDITY,
    "relationships": Quality.CONSISTENCY,
    "as_many_as": Quality.CONSISTENCY,
}
"""What each of our generic tests looks for; a test of its own (`assert_…`) holds two things against each other."""


@dataclass(frozen=True)
class Described:
    """One table of the business model."""

    name: str
    room: str
    """Who answers for it: `sales`, `billing`, …; empty where no room alone does."""
    description: str
    columns: tuple[Column, ...]
    made_from: tuple[str, ...]
    """The tables that its own statement reads, views seen through; those of the store as `raw.<table>`."""


@dataclass(frozen=True)
class Description:
    """The whole model: its tables by name, and what kind of fault each check looks for, by the check's name."""

    tables: dict[str, Described]
    checks: dict[str, Quality]


@lru_cache(maxsize=4)
def read_description(digest: str) -> Description:
    """From the manifest that is kept with the definitions. Raises FileNotFoundError where none was kept."""
    manifest = json.loads((definitions_folder(digest) / "manifest.json").read_bytes())
    nodes = manifest["nodes"]
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    return Description(
        tables={
            node["name"]: Described(
                name=node["name"],
                room=_room(node),
                description=" ".join(node["description"].split()),
                columns=tuple(map(_column, node["columns"].values())),
                made_from=tuple(sorted(_parents(key, nodes))),
            )
            for key, node in models.items()
            if node["config"]["materialized"] == "table"
        },
        checks={
            node["name"]: KINDS.get((node.get("test_metadata") or {}).get("name", ""), Quality.CONSISTENCY)
            for node in nodes.values()
            if node["resource_type"] == "test"
        },
    )


def _room(node: dict[str, Any]) -> str:
    found = PATCH.search(node["patch_path"] or "")
    return found[1] if found and found[1] not in SHARED else ""


def _column(told: dict[str, Any]) -> Column:
    described = " ".join((told["description"] or "").split())
    return Column(told["name"], (told["data_type"] or "").lower(), described, told["meta"].get("privacy", "business"))


def _parents(key: str, nodes: dict[str, Any]) -> set[str]:
    """What a model reads: a table by its name, a source as `raw.<name>`, and of a view what the view reads."""
    found: set[str] = set()
    for parent in nodes[key]["depends_on"]["nodes"]:
        if parent.startswith("source."):
            found.add(f"raw.{parent.rsplit('.', 1)[1]}")
        elif nodes[parent]["config"]["materialized"] == "table":
            found.add(nodes[parent]["name"])
        else:
            found |= _parents(parent, nodes)
    return found
