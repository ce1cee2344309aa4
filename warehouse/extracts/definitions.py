"""The manifests of the business model, kept by the digest of the project that made them."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from warehouse.extracts.builds import definitions_folder
from warehouse.lake.commit import SCHEMAS
from warehouse.settings import settings

SOURCES = ("*.sql", "*.yml", "*.csv", "*.py")


def project_digest(project: Path | None = None) -> str:
    """SHA-256 over every source file of a dbt project (that of the settings), path and content; its first 16 characters."""
    project = project or settings().model_path
    digest = hashlib.sha256()
    for path in sorted(found for pattern in SOURCES for found in project.rglob(pattern)):
        relative = path.relative_to(project)
        if relative.parts[0] in {"target", "logs", "dbt_packages"}:
            continue
        digest.update(str(relative).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Model:
    """One table of the business model, as its contract describes it."""

    name: str
    schema: str
    description: str
    columns: tuple[str, ...]
    as_of: str | None
    as_of_days: tuple[str, ...]
    tests: tuple[str, ...]
    """Names of the checks that guard it."""
    upstream: tuple[str, ...]
    """Every model and source it is made from, directly or not."""
    privacy: dict[str, str] = field(default_factory=dict)
    """Column → its tag, where that is not `business`."""
    of_days: str | None = None
    """SQL that makes its rows for the days of a question; `{days}` is a query for them."""

    @property
    def of_organization(self) -> bool:
        """Whether its rows belong to organizations."""
        return "organization_id" in self.columns


@lru_cache(maxsize=8)
def read_models(digest: str) -> dict[str, Model]:
    """Every table that a build commits, by name."""
    told = (definitions_folder(digest) / "models.json").read_bytes()
    return TypeAdapter(dict[str, Model]).validate_json(told)


@lru_cache(maxsize=8)
def names_taken(digest: str) -> frozenset[str]:
    """What a field of an organization cannot be called: every column, dimension, entity and metric there is."""
    manifest = json.loads((definitions_folder(digest) / "semantic_manifest.json").read_bytes())
    parts = [
        part for model in manifest["semantic_models"] for kind in ("dimensions", "entities") for part in model[kind]
    ]
    named = {told["name"] for told in (*parts, *manifest["metrics"])}
    return frozenset(named | {column for model in read_models(digest).values() for column in model.columns})


def models_from_manifest(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The part of dbt's manifest that serving needs."""
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    return {
        node["name"]: {
            "name": node["name"],
            "schema": node["schema"],
            "description": node["description"],
            "columns": list(node["columns"]),
            "as_of": node["config"]["meta"].get("as_of"),
            "as_of_days": node["config"]["meta"].get("as_of_days", []),
            "privacy": {name: tag for name, told in node["columns"].items() if (tag := told["meta"].get("privacy"))},
            "of_days": node["config"]["meta"].get("of_days"),
            "tests": sorted(test["name"] for test in tests if key in test["depends_on"]["nodes"]),
            "upstream": sorted(_upstream(manifest, key)),
        }
        for key, node in nodes.items()
        if node["config"]["materialized"] == "table" and node["schema"] in SCHEMAS
    }


def _upstream(manifest: dict[str, Any], key: str) -> set[str]:
    found: set[str] = set()
    waiting = list(manifest["nodes"][key]["depends_on"]["nodes"])
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found.add(parent)
            waiting += manifest["parent_map"].get(parent, [])
    return found
