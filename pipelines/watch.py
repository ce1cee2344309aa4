"""Reads alerts: right after numbers were published, and every minute for what changes without a publish."""

import dagster as dg

from pipelines.publish import extracts
from pipelines.say import say
from warehouse.oltp.engine import StoreBusy, StoreMissing, reading, writing
from warehouse.operations.alerts import has_alerts
from warehouse.operations.errors import keep_error
from warehouse.operations.reminding import remind
from warehouse.settings import settings

EVERY_SECONDS = 60


@dg.asset(key=["serve", "alerts"], deps=[extracts], group_name="serving")
def alerts(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Read the alerts whose numbers are new; whatever goes wrong here, the numbers are out and stay out."""
    told = look()
    if told:
        context.log.info(told)
        say("alerts", told)
    return dg.MaterializeResult(metadata={"alerts": told or "there are none"})


@dg.sensor(job_name="refresh", minimum_interval_seconds=EVERY_SECONDS, default_status=dg.DefaultSensorStatus.RUNNING)
def alert_sensor(_context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Age, jobs, new days, the end of a snooze, and who is on duty: none of them waits for a publish."""
    return dg.SkipReason(" · ".join(filter(None, (reminded(), look()))) or "there are no alerts")


def reminded() -> str:
    """Tell members of tasks and tickets whose time has come; how many, in one sentence. Empty, none."""
    try:
        with writing() as session:
            count = remind(session, settings().moment())
    except (StoreBusy, StoreMissing) as wait:
        return f"reminders wait: {wait}"
    return f"{count} reminders" if count else ""


def look() -> str:
    """Read what is due; what it came to, in one sentence. Empty, there are no alerts."""
    try:
        with reading() as session:
            if not has_alerts(session):
                return ""
        # The compiler of metrics is a second of imports that an installation without alerts need not wait for.
        from warehouse.watching.watch import watch

        return watch().sentence
    except (StoreBusy, StoreMissing) as wait:
        return f"alerts wait: {wait}"
    except Exception as unforeseen:
        return f"alerts could not be read: {keep_error(unforeseen, 'alert')}"
