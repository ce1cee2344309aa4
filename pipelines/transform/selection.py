"""What a build has to do: everything, or only what lies downstream of what changed."""

from dataclasses import dataclass

from warehouse.extracts.builds import latest_build
from warehouse.lake.connection import Lake
from warehouse.lake.workshop import RAW, changed_sources, identities, standing
from warehouse.settings import settings

EVERYTHING = "fqn:*"
ALWAYS = "source:operational._watermarks+"
"""Whatever else a build makes, it notes which changes it saw."""


@dataclass(frozen=True)
class Plan:
    """What to build, and why."""

    sources: tuple[str, ...] | None
    """Names of the sources that changed; None builds everything."""
    why: str

    @property
    def selection(self) -> list[str]:
        """What dbt is told to select: models and every test that reads one of them."""
        if self.sources is None:
            return [EVERYTHING]
        return [ALWAYS, *(f"source:*.{name}+" for name in self.sources)]


def ground(lake: Lake, definitions: str) -> str:
    """What decides what a model holds, besides the sources."""
    return f"{definitions} on DuckDB {lake.value('select version()')}"


def plan(lake: Lake, definitions: str) -> Plan:
    """Only what changed, where the workshop holds the last build whole and the lake still has what it was given."""
    latest, before = latest_build(), standing(settings().workshop_path)
    if latest is None or before is None:
        return Plan(None, "there is no whole build to start from")
    if before.build_id != latest.build_id:
        return Plan(None, "the workshop holds another build")
    if before.ground != ground(lake, definitions):
        return Plan(None, "the definitions changed")
    if _model(before.tables) != _model(identities(lake)):
        return Plan(None, "the lake holds another model")
    sources = tuple(sorted(changed_sources(lake, before)))
    return Plan(sources, f"changed: {', '.join(sources)}" if sources else "no source changed")


def _model(tables: dict[str, str]) -> dict[str, str]:
    return {name: identity for name, identity in tables.items() if not name.startswith(RAW)}
