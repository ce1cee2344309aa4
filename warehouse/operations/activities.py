"""What people may do with activities, and with the products on a deal."""

from warehouse.oltp.sales import Activity, ActivityKind, OpportunityLineItem
from warehouse.operations.declare import NotAllowedNow, Work
from warehouse.operations.register import keep


def _is_about_something(work: Work, activity: Activity) -> None:
    if activity.opportunity_id is None and activity.customer_id is None:
        raise NotAllowedNow("An activity is about a deal or a customer; name one.")
    if activity.kind is not ActivityKind.TASK and activity.due_on:
        raise NotAllowedNow("Only a task has a day it is due.")
    if activity.member_id is None:
        activity.member_id = work.actor.membership_id


activities = keep(Activity, room="sales", noun="activity", before=_is_about_something)
opportunity_line_items = keep(OpportunityLineItem, room="sales", noun="deal line", parent="opportunity_id")
