"""Saves a deal over the version that was opened, and tells a conflict over a deal."""

from typing import Any

from apps.ui.parts.conflict import Conflict, Subject, save_over
from apps.ui.parts.deal_fields import LABELS, in_words, people_of, values_of
from warehouse.oltp.sales import Opportunity, Stage
from warehouse.operations.identity import SignedIn
from warehouse.operations.sales import EditOpportunity, MoveOpportunity, edit_opportunity, move_opportunity
from warehouse.tenancy import Actor


def save_edit(actor: Actor, deal_id: str, version: int, mine: dict[str, Any], before: dict[str, Any]) -> int:
    """Save fields over the version they were typed for; the new version. Raises Conflict."""
    request = EditOpportunity(id=deal_id, version=version, **mine)
    return save_over(actor, lambda session: edit_opportunity(session, actor, request), mine, before, _with_stage)


def save_move(actor: Actor, request: MoveOpportunity, before: dict[str, Any]) -> int:
    """Move a deal at the version the person saw; the new version. Raises Conflict."""
    mine = {"stage": request.stage}
    return save_over(
        actor, lambda session: move_opportunity(session, actor, request), mine, before, _with_stage, request
    )


def deal_subject(who: SignedIn, actor: Actor) -> Subject:
    """Deals, as a conflict tells and saves them."""
    people, currency = people_of(actor), who.currency or "USD"

    def say(name: str, value: Any) -> str:
        return value.label if isinstance(value, Stage) else in_words(name, value, people, currency)

    def save(conflict: Conflict, mine: dict[str, Any]) -> int:
        if conflict.move:
            again = conflict.move.model_copy(update={"version": conflict.version})
            return save_move(actor, again, conflict.theirs)
        return save_edit(actor, conflict.id, conflict.version, mine, conflict.theirs)

    return Subject("deal", lambda name: LABELS.get(name, name.capitalize()), say, lambda: people.members, save)


def _with_stage(deal: Opportunity) -> dict[str, Any]:
    return values_of(deal) | {"stage": deal.stage}
