"""What following a mapping makes: rows that keep the rules, batches to write, findings and rejects."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from warehouse.imports.findings import Finding, Rejects
from warehouse.imports.sheets import Row
from warehouse.oltp.organization import Severity
from warehouse.operations.bulk import Batch, Values

Steps = list[tuple[Any, date | None]]
"""States reached, each with its day or moment."""


@dataclass(frozen=True)
class Again:
    """A record we knew that came with new content: a deal's product on its first line, and the rungs it reached."""

    into: str
    product: str | None
    steps: Steps


@dataclass(frozen=True)
class Taken:
    """A row that keeps the rules, its own values read; names of other records are still to be resolved."""

    key: str
    number: int
    row: Row
    values: Values
    steps: Steps


@dataclass
class Followed:
    """What an import would write."""

    batches: list[Batch] = field(default_factory=list)
    identities: list[Values] = field(default_factory=list)
    findings: dict[str, Finding] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    again: dict[str, Again] = field(default_factory=dict)
    """Records whose history and lines are still to be compared with what is kept."""
    rejects: Rejects = field(default_factory=Rejects)
    notes: list[str] = field(default_factory=list)

    def note(self, name: str, subject: str, message: str, record_id: str, severity: Severity = Severity.INFO) -> None:
        """Count one row under a finding."""
        finding = self.findings.setdefault(name, Finding(name, subject, message, severity=severity))
        finding.rows += 1
        if len(finding.sample) < 5:
            finding.sample.append(record_id)
