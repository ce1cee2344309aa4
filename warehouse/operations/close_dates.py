"""When deals were expected to close: every change of it is kept, whoever makes it and however."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from warehouse.oltp.sales import Opportunity, OpportunityCloseDateChange
from warehouse.operations.declare import Work
from warehouse.operations.register import append

AT_ONCE = 500


def note_close_dates(work: Work, expected: Mapping[str, date | None]) -> None:
    """Before deals are written: add to the history of each, by its id, whose day differs from the one it will get."""
    ids = list(expected)
    for start in range(0, len(ids), AT_ONCE):
        query = select(Opportunity.id, Opportunity.expected_close_on).where(
            Opportunity.organization_id == work.actor.organization_id, Opportunity.id.in_(ids[start : start + AT_ONCE])
        )
        for deal, before in work.session.execute(query).all():
            if before != expected[deal]:
                append(
                    work,
                    OpportunityCloseDateChange(
                        opportunity_id=deal,
                        expected_before=before,
                        expected_after=expected[deal],
                        changed_on=work.today,
                        changed_by=work.actor.membership_id,
                    ),
                )
