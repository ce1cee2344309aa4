"""The order of changes: a change's sequence never comes to light after a higher one that was already read."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

IN_FLIGHT = 0x4C48
"""The class of the advisory locks that say "a change above this sequence is not committed yet"."""

_ANNOUNCE = text(
    "select pg_advisory_xact_lock_shared(:in_flight, (select last_value::integer from change_events_seq_seq))"
).bindparams(in_flight=IN_FLIGHT)
_LAST_TAKEN = "select last_value::bigint from change_events_seq_seq"
_LOWEST_ANNOUNCED = (
    "select min(objid::bigint) from pg_locks where locktype = 'advisory' and objsubid = 2 "
    f"and database = (select oid from pg_database where datname = current_database()) and classid = {IN_FLIGHT}"
)
_LAST_COMMITTED = "select coalesce(max(seq), 0)::bigint from change_events"
SETTLED_ON_POSTGRESQL = (_LAST_TAKEN, _LOWEST_ANNOUNCED, _LAST_COMMITTED)
"""Asked one after the other, each in its own transaction: the least of the answers (null is none) is settled.

A sequence is taken before its change is committed, so a change may come to light below a higher one. Whoever takes one
announces the last one taken before it, and is seen to until the commit: what is announced after the second question
was asked takes a sequence above the first answer.
"""


def take_turn(session: Session, organization_id: str) -> None:
    """Wait for the organization's change before this one, and announce that another is on its way.

    SQLite has one writer at a time, so there is nothing to do. The lock is the transaction's: the organization's audit
    chain and its sequences grow in the order of its commits.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(organization_id, 0))))
        session.execute(_ANNOUNCE)
