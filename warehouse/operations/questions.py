"""Questions that people type in SQL: who may ask, and what the audit keeps of each."""

import hashlib

from sqlalchemy.orm import Session

from warehouse.operations.audit import record_event, record_export
from warehouse.operations.events import ASKED_IN_SQL
from warehouse.tenancy import Actor

RIGHT = "insights:sql"
ASKED = "sql"
"""What the audit calls the thing that was asked."""


def record_question(session: Session, actor: Actor, sql: str, outcome: str, rows: int) -> None:
    """Note that a question was asked and how it ended: `answered`, `refused` or `failed`.

    Its text may name people, so the audit keeps its SHA-256: whoever has the text can show that it was this one.
    """
    actor.must(RIGHT)
    digest = hashlib.sha256(sql.encode()).hexdigest()
    told = {"outcome": outcome, "rows": rows, "characters": len(sql), "sha256": digest}
    record_event(session, actor, ASKED_IN_SQL, ASKED, details=told)


def record_taken(session: Session, actor: Actor) -> None:
    """Note that an answer is taken away as a file."""
    actor.must(RIGHT)
    record_export(session, actor, ASKED, "csv", personal=actor.sees("personal"))
