"""What following a mapping makes: rows that keep the rules, batches to write, findings and rejects."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from warehouse.imports.findings import Finding, Rejects
from warehouse.imports.sheets import Row
from warehouse.oltp.organization import Severity
from warehouse.oltp.sales import Stage
from warehouse.operations.bulk import Batch, Values

Steps = list[tuple[Stage, date | None]]


@dataclass(frozen=True)
class Again:
    """A deal we knew that came with new content: the product on its first line, and the rungs it reached."""

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
    """Deals whose history and lines are still to be compared with what is kept."""
    rejects: Rejects = field(default_factory=Rejects)
    notes: list[str] = field(default_factory=list)

    def note(self, name: str, subject: str, message: str, record_id: str, severity: Severity = Severity.INFO) -> None:
        """Count one row under a finding."""
        finding = self.findings.setdefault(name, Finding(name, subject, message, severity=severity))
        finding.rows += 1
        if len(finding.sample) < 5:
            finding.sample.append(record_id)


def stage_of(values: Values) -> Stage:
    """Where a deal stands that may not say so: every deal begins as a lead."""
    return Stage(values.get("stage") or Stage.LEAD)
