"""How good an organization's data is: one score per table, per metric and for all, from what checks found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from warehouse.extracts.described import Description, Quality
from warehouse.oltp.organization import CheckResult

ONE, NONE = Decimal(1), Decimal(0)
COMPLETE = ("_is_there", "_is_known", "_as_often_as_before")
UNIQUE = ("_is_there_once", "_is_taken_once", "_belongs_to_one")
STAGED = "stg_operational__"
Shares = Mapping[Quality, Decimal]
"""Kind of fault → the share that has none, from 0 to 1; a kind that nothing looks for is absent."""


@dataclass(frozen=True)
class Score:
    """How good something is, and what stands in the way."""

    shares: Shares
    checks: int
    failing: tuple[CheckResult, ...]

    @property
    def value(self) -> Decimal | None:
        """The mean of the kinds that are looked for; None where nothing looks."""
        known = list(self.shares.values())
        return sum(known, NONE) / len(known) if known else None

    @property
    def weakest(self) -> Quality | None:
        """The kind that is worst, where one is worse than whole."""
        if not self.shares:
            return None
        found = min(self.shares, key=lambda kind: self.shares[kind])
        return found if self.shares[found] < ONE else None


def kind_of(check: CheckResult, known: Description) -> Quality:
    """What kind of fault a check looks for: of the model as dbt tells it, of what came in by the name of the check."""
    if check.source == "dbt":
        return known.checks.get(check.check_name, Quality.CONSISTENCY)
    if check.source == "reconciliation":
        return Quality.CONSISTENCY
    if check.check_name.endswith(UNIQUE):
        return Quality.UNIQUENESS
    return Quality.COMPLETENESS if check.check_name.endswith(COMPLETE) else Quality.VALIDITY


def score_tables(
    checks: Iterable[CheckResult], rows: Mapping[str, int], known: Description, timely: Decimal
) -> dict[str, Score]:
    """Table → its score. `rows` are how many rows each has; `timely` is the share of timeliness, the same for all.

    A kind's share is of the rows in which no check of that kind finds a fault, at worst: faults of two checks count
    as faults of two rows. Of a table without rows, or whose rows nobody counted, a check that fails leaves nothing.
    """
    found: dict[str, list[CheckResult]] = {}
    for check in checks:
        if check.subject:
            found.setdefault(table_of(check.subject), []).append(check)
    return {table: _score(of_table, rows.get(table, 0), known, timely) for table, of_table in sorted(found.items())}


def table_of(subject: str) -> str:
    """The table that a check speaks of: of a view that only renames a table of the store, that table."""
    return f"raw.{subject.removeprefix(STAGED)}" if subject.startswith(STAGED) else subject


def _score(checks: list[CheckResult], rows: int, known: Description, timely: Decimal) -> Score:
    faults: dict[Quality, int] = {}
    for check in checks:
        kind = kind_of(check, known)
        faults[kind] = faults.get(kind, 0) + (0 if check.passed else max(check.rows_failing, 1))
    shares = {kind: _without(faults[kind], rows) for kind in Quality if kind in faults}
    failing = tuple(check for check in checks if not check.passed)
    return Score(shares | {Quality.TIMELINESS: timely}, len(checks), failing)


def _without(faults: int, rows: int) -> Decimal:
    if not faults:
        return ONE
    return max(NONE, ONE - Decimal(faults) / rows) if rows else NONE


def score_metric(tables: Iterable[str], scores: Mapping[str, Score]) -> Score:
    """A number is no better than the worst table it is made from: of each kind the lowest share counts."""
    found = [scores[table] for table in tables if table in scores]
    return _together(found, min)


def score_all(scores: Mapping[str, Score]) -> Score:
    """All tables together: of each kind the mean over the tables in which it is looked for."""
    return _together(list(scores.values()), lambda shares: sum(shares, NONE) / len(shares))


def _together(found: list[Score], how: Callable[[list[Decimal]], Decimal]) -> Score:
    of_kind = {kind: [one.shares[kind] for one in found if kind in one.shares] for kind in Quality}
    failing = tuple(check for one in found for check in one.failing)
    return Score(
        {kind: how(shares) for kind, shares in of_kind.items() if shares}, sum(one.checks for one in found), failing
    )


def timeliness(waited_minutes: Decimal | None, allowed_minutes: int) -> Decimal:
    """How timely numbers are: whole while no change waits for longer than allowed, then what is allowed over what is taken."""
    if waited_minutes is None or waited_minutes <= allowed_minutes:
        return ONE
    return Decimal(allowed_minutes) / waited_minutes
