"""What an examination found, in sentences and as rows of `check_results`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.checks.expectations import Finding
from warehouse.oltp.organization import CheckResult, Severity
from warehouse.operations.checks import EXAMINED, GREAT_EXPECTATIONS, Changes

SAMPLE = 5


@dataclass(frozen=True)
class Examined:
    """One table's rows, and what became of each expectation."""

    table: str
    what: str
    rows: int
    """How many were looked at."""
    total: int
    """How many came in."""
    findings: list[Finding]

    def sentence(self, finding: Finding) -> str:
        """What an expectation found, without a value of any row."""
        if finding.passed:
            return finding.meaning
        if not finding.computed:
            return f"This could not be asked of {self.rows:,} {self.what}: {finding.meaning}"
        if finding.observed is not None:
            return f"Not so: {finding.meaning} {measured(finding)}"
        share = finding.failing / finding.rows
        return f"{finding.failing:,} of {finding.rows:,} {self.what} ({share:.1%}) fail: {finding.meaning}"


@dataclass(frozen=True)
class Outcome:
    """One examination of one organization."""

    id: str
    organization_id: str
    organization: str
    occasion: str
    examined_at: datetime
    changes: Changes
    tables: list[Examined]

    @property
    def failing(self) -> list[str]:
        """A sentence per expectation that is not met, warnings first."""
        found = [(one.severity is Severity.INFO, table.sentence(one)) for table, one in self._all() if not one.passed]
        return [told for _, told in sorted(found, key=lambda one: one[0])]

    @property
    def sentence(self) -> str:
        """The examination in one sentence."""
        asked, rows = sum(1 for _ in self._all()), sum(table.rows for table in self.tables)
        failing = len(self.failing)
        return f"{asked} expectations of {_counted(rows, 'row')}: {failing or 'none'} not met"

    def results(self) -> list[CheckResult]:
        """One row per expectation, and one that says which changes were covered."""
        covered = CheckResult(
            **self._shared(),
            check_name=EXAMINED,
            subject=self.occasion,
            severity=Severity.INFO,
            passed=True,
            sample_ids=[str(self.changes.after + 1), str(self.changes.last)],
            message=f"{self.sentence}.",
        )
        return [covered, *(self._result(table, finding) for table, finding in self._all())]

    def _result(self, table: Examined, finding: Finding) -> CheckResult:
        return CheckResult(
            **self._shared(),
            check_name=finding.check,
            subject=table.table,
            severity=finding.severity,
            passed=finding.passed,
            rows_failing=0 if finding.passed else finding.failing,
            sample_ids=[] if finding.passed else list(finding.ids[:SAMPLE]),
            message=table.sentence(finding),
        )

    def _shared(self) -> dict[str, Any]:
        return {
            "organization_id": self.organization_id,
            "build_id": self.id,
            "source": GREAT_EXPECTATIONS,
            "checked_at": self.examined_at,
        }

    def _all(self) -> list[tuple[Examined, Finding]]:
        return [(table, finding) for table in self.tables for finding in table.findings]


def measured(finding: Finding) -> str:
    """What was measured over all rows, and what was expected: `It is 0.2, expected at least 0.7.`"""
    least, most = finding.asked.get("min_value"), finding.asked.get("max_value", finding.asked.get("threshold"))
    expected = [f"at least {least:,g}"] * (least is not None) + [f"at most {most:,g}"] * (most is not None)
    return f"It is {finding.observed:,.4g}, expected {' and '.join(expected)}."


def _counted(rows: int, noun: str) -> str:
    return f"{rows:,} {noun}{'' if rows == 1 else 's'}"
