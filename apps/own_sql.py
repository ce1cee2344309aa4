"""The one way in which a person's own SQL is asked, from a screen or at the command line: judged, guarded, audited."""

from dataclasses import replace

from warehouse.extracts.guard import Refused
from warehouse.extracts.process import Rows
from warehouse.metrics.serving import Serving, serving_as
from warehouse.oltp.engine import writing_as
from warehouse.operations.questions import RIGHT, record_question
from warehouse.tenancy import Actor


def open_for_sql(actor: Actor) -> Serving:
    """The extract of the actor's organization. Raises Forbidden, NoExtract or ExtractUnreadable."""
    actor.must(RIGHT)
    return serving_as(actor)


def ask_sql(actor: Actor, sql: str, most: int | None = None) -> Rows:
    """Answer one SELECT over the tables the actor may read, at most `most` rows, and note in the audit that it was asked.

    Raises Forbidden, NoExtract, Refused, or an exception of the worker: QueryFailed, TooSlow, WorkerLost.
    """
    opened = open_for_sql(actor)
    limits = replace(opened.reader.limits, rows=min(most or opened.reader.limits.rows, opened.reader.limits.rows))
    outcome, rows = "failed", 0
    try:
        found = opened.reader.query(sql, tables=opened.open_tables(), limits=limits)
        outcome, rows = "answered", len(found.rows)
    except Refused:
        outcome = "refused"
        raise
    finally:
        with writing_as(actor) as session:
            record_question(session, actor, sql, outcome, rows)
    return found


def columns_to_ask(columns: tuple[str, ...]) -> list[str]:
    """A table's columns worth naming: the extract belongs to one organization, so its rows do not say to which."""
    return [name for name in columns if name not in {"organization_id", "row_fingerprint", "own_fields"}]
