"""What is known about each build: its snapshot, its definitions, whom it held back."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from warehouse.settings import settings


@dataclass
class Build:
    """One finished build of the business model."""

    build_id: str
    snapshot_id: int
    watermark: int
    definitions: str
    """Digest of the dbt project; names a folder beside the builds."""
    git_commit: str
    built_at: str
    built: list[str] = field(default_factory=list)
    """`schema.table` of what it made anew; the rest of the model stands as an earlier build made it."""
    changed: list[str] = field(default_factory=list)
    """What of it differs from the build before."""
    held: dict[str, list[str]] = field(default_factory=dict)
    """Organization id → the checks that hold back its new extract."""
    rows: int = 0
    """How many rows its changed tables have."""

    @property
    def is_committed(self) -> bool:
        """Whether its tables are in the lake: a build that failed between gate and commit has no snapshot."""
        return self.snapshot_id > 0

    @property
    def nothing_since(self) -> str:
        """What a refresh says that finds nothing to do."""
        return f"nothing has changed since the build of {self.built_at}"

    @property
    def told(self) -> str:
        """What it did, in a sentence that names nobody."""
        held = f"; {len(self.held):,} held back by checks" if self.held else ""
        return f"{len(self.changed):,} tables changed, with {self.rows:,} rows{held}"

    def save(self) -> None:
        """Write the record, whole or not at all."""
        folder = settings().builds_path
        folder.mkdir(parents=True, exist_ok=True)
        written = folder / f"{self.build_id}.json.new"
        written.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        written.replace(folder / f"{self.build_id}.json")


def read_build(build_id: str) -> Build:
    """The record of one build; FileNotFoundError when there is none."""
    return Build(**json.loads((settings().builds_path / f"{build_id}.json").read_text(encoding="utf-8")))


def latest_build() -> Build | None:
    """The last build that reached the lake; build ids sort by time."""
    for record in sorted(settings().builds_path.glob("*.json"), reverse=True):
        build = read_build(record.stem)
        if build.is_committed:
            return build
    return None


def definitions_folder(digest: str) -> Path:
    """Where the manifests of one state of the dbt project are kept."""
    return settings().home / "definitions" / digest


def extracts_of(organization_id: str) -> list[Path]:
    """The organization's extracts, latest first; their names are build ids, which sort by time."""
    return sorted((settings().extracts_path / organization_id).glob("*.duckdb"), reverse=True)
