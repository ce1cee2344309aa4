"""What people may do with territories, quotas and the rules that hand out work."""

from sqlalchemy.orm import Session

from warehouse.oltp.sales_territories import AssignmentRule, AssignmentRuleMember, Quota, Territory, TerritoryMember
from warehouse.operations.custom_values import OWN_FIELDS
from warehouse.operations.declare import NotAllowedNow, Work
from warehouse.operations.register import keep
from warehouse.operations.sales_catalogue import PLAN


def _is_no_loop(work: Work, territory: Territory) -> None:
    seen, above = {territory.id}, territory.parent_territory_id
    while above is not None:
        if above in seen:
            raise NotAllowedNow("A territory cannot be a part of itself.")
        seen.add(above)
        above = _parent_of(work.session, above)


def _parent_of(session: Session, territory_id: str) -> str | None:
    found = session.get(Territory, territory_id)
    return found.parent_territory_id if found else None


def _is_of_one(_work: Work, quota: Quota) -> None:
    if (quota.membership_id is None) == (quota.territory_id is None):
        raise NotAllowedNow("A quota is either a member's or a territory's.")


def _can_match(_work: Work, rule: AssignmentRule) -> None:
    if rule.entity not in OWN_FIELDS:
        raise NotAllowedNow(f"Rules assign one of: {', '.join(sorted(OWN_FIELDS))}.")


territories = keep(Territory, room="sales", noun="territory", permission=PLAN, before=_is_no_loop)
territory_members = keep(
    TerritoryMember, room="sales", noun="territory member", permission=PLAN, fixed=("territory_id", "membership_id")
)
quotas = keep(Quota, room="sales", noun="quota", permission=PLAN, before=_is_of_one)
assignment_rules = keep(AssignmentRule, room="sales", noun="assignment rule", permission=PLAN, before=_can_match)
assignment_rule_members = keep(
    AssignmentRuleMember,
    room="sales",
    noun="assignment rule member",
    permission=PLAN,
    fixed=("assignment_rule_id", "membership_id"),
)
