"""The door alerts are kept and changed by: nobody watches a number that their rights do not show them."""

from warehouse.alerts import OfMetric, read_rule
from warehouse.metrics.serving import NoExtract
from warehouse.oltp.alerts import Alert
from warehouse.oltp.engine import writing_as
from warehouse.operations.alerts import EditAlert, KeepAlert, edit_alert, keep_alert
from warehouse.tenancy import Actor
from warehouse.watching.numbers import by_ids, may_watch


def keep(actor: Actor, request: KeepAlert) -> Alert:
    """Keep a new alert, or change one where the request names it.

    Raises NoRule, Unknown or Forbidden for what the actor may not watch, and what the operation raises.
    """
    rule = read_rule(request.rule)
    if isinstance(rule, OfMetric):
        try:
            may_watch(actor, rule)
            request = request.model_copy(update={"rule": by_ids(actor, rule).model_dump(mode="json")})
        except NoExtract:
            # There are no numbers yet: the first reading judges it.
            actor.must("insights:read")
    with writing_as(actor) as session:
        if isinstance(request, EditAlert):
            return edit_alert(session, actor, request)
        return keep_alert(session, actor, request)
