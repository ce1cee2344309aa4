"""Whether the operational store answers and takes what is written, without leaving anything in it."""

from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

from warehouse.oltp.engine import StoreMissing, reading, store_exists, writing
from warehouse.oltp.identity import SignInAttempt
from warehouse.oltp.organization import Organization


class StoreRefuses(Exception):
    """The store answers and takes nothing: it is read-only, full or of another version."""


class _Back(Exception):
    """Takes the probe back."""


def try_reading() -> None:
    """Read one row; raises StoreMissing, or what the database says."""
    with reading() as session:
        session.query(Organization.id).limit(1).all()


def try_writing() -> None:
    """Write one row and take it back.

    Raises StoreMissing, StoreRefuses, or StoreBusy while another writer has the store.
    """
    if not store_exists():
        # Opened for writing, SQLite would make an empty one.
        raise StoreMissing("There is no operational store yet.")
    try:
        with writing() as session:
            session.add(SignInAttempt(kind="probe", account="", address="", happened_at=datetime.now(UTC)))
            session.flush()
            raise _Back
    except _Back:
        return
    except DBAPIError as failure:
        raise StoreRefuses(f"The operational store takes no writes ({type(failure.orig).__name__}).") from failure
