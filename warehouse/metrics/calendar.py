"""How an organization cuts time: when its fiscal year and its week begin."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from warehouse.oltp.members import OrganizationSetting
from warehouse.oltp.organization import Organization

Grain = Literal["day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"]
MONTHS: dict[Grain, int] = {"month": 1, "quarter": 3, "year": 12, "fiscal_quarter": 3, "fiscal_year": 12}
DATES = "dim_dates"
"""The table of days: an extract has nothing but them, so that each question can cut them in its organization's way."""


class Calendar(BaseModel):
    """When an organization's fiscal year begins (month, 1 to 12) and its week (day, 1 is Monday)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fiscal_year_start_month: int = Field(default=1, ge=1, le=12)
    week_start: int = Field(default=1, ge=1, le=7)

    def matters_to(self, grain: Grain | None) -> bool:
        """Whether periods of this grain begin on other days here than everywhere."""
        if grain == "week":
            return self.week_start != 1
        return grain in {"fiscal_quarter", "fiscal_year"} and self.fiscal_year_start_month != 1

    def own(self, grain: Grain) -> Grain:
        """The fiscal quarter or year where that is another one than the calendar's."""
        fiscal: dict[Grain, Grain] = {"quarter": "fiscal_quarter", "year": "fiscal_year"}
        return fiscal.get(grain, grain) if self.fiscal_year_start_month != 1 else grain

    def shown_by(self, grain: Grain) -> str:
        """What the compiler calls the periods: its own, or those of the table of days."""
        if self.matters_to(grain):
            return f"own_{grain.removeprefix('fiscal_')}"
        return grain.removeprefix("fiscal_")

    def first_day(self, grain: Grain, column: str) -> str:
        """The first day of the period in which a column's day lies, as SQL."""
        unit = grain.removeprefix("fiscal_")
        if not self.matters_to(grain):
            return f"date_trunc('{unit}', {column})::date"
        late = f"interval {self.week_start - 1} day" if grain == "week" else f"interval {self._months_late} month"
        return f"(date_trunc('{unit}', {column} - {late}) + {late})::date"

    def days(self) -> str:
        """The table of days as this calendar has it, as a query over an extract."""
        own: tuple[Grain, ...] = ("week", "fiscal_quarter", "fiscal_year")
        told = [f"{self.first_day(grain, 'date_day')} as own_{grain.removeprefix('fiscal_')}_on" for grain in own]
        return f"select date_day, {', '.join(told)} from extract.main.{DATES}"

    @property
    def _months_late(self) -> int:
        return self.fiscal_year_start_month - 1


PLAIN = Calendar()
"""Fiscal years are those of the calendar, and weeks begin on Monday."""


def step(grain: Grain) -> str:
    """How long a period is, as SQL."""
    return f"interval {MONTHS[grain]} month" if grain in MONTHS else f"interval 1 {grain}"


def calendar_of(session: Session, organization_id: str) -> Calendar:
    """An organization's own calendar."""
    organization = session.get_one(Organization, organization_id)
    beside = session.get(OrganizationSetting, organization_id)
    return Calendar(
        fiscal_year_start_month=organization.fiscal_year_start_month, week_start=beside.week_start if beside else 1
    )
