"""What a person is told when a number cannot be shown: one sentence and the next step, in the card that misses it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from pydantic import ValidationError

from warehouse.extracts.guard import Refused
from warehouse.extracts.process import ExtractUnreadable, QueryFailed, TooSlow, WorkerLost
from warehouse.metrics.answer import TooManyRows
from warehouse.metrics.catalogue import Unknown
from warehouse.metrics.receipts import ReceiptUnknown
from warehouse.metrics.serving import NoExtract
from warehouse.metrics.why import NotDivisible
from warehouse.oltp.engine import StoreBusy, StoreMissing
from warehouse.operations.declare import NotAllowedNow, NotFound, StaleVersion
from warehouse.operations.errors import keep_error
from warehouse.tenancy import Forbidden

log = logging.getLogger(__name__)

TOLD: dict[type[Exception], tuple[str, str]] = {
    NoExtract: ("No numbers yet", "They come with the first refresh after the data is in."),
    ExtractUnreadable: ("These numbers cannot be read", "Refresh to have them made anew."),
    TooSlow: ("This took too long", "Try again in a moment, or narrow the filters."),
    WorkerLost: ("This was interrupted", "Reload the page to ask again."),
    QueryFailed: ("This could not be computed", "Reload the page; if it stays, tell the operator."),
    TooManyRows: ("Too much to show", "Narrow it with a filter."),
    Refused: ("This question is not allowed", "Tell the operator which screen asked it."),
    StoreBusy: ("The store is busy", "Somebody is writing a lot right now. Try again in a moment."),
    StoreMissing: ("Nothing here yet", "Ask the operator to set Longhouse up."),
}
SAID_WELL = (Unknown, NotDivisible, ReceiptUnknown, Forbidden, NotAllowedNow, NotFound)
"""Exceptions whose own sentence is written for people."""


@contextmanager
def telling() -> Iterator[None]:
    """Whatever is inside either shows, or leaves a card that says what is wrong and what to do."""
    try:
        yield
    except SAID_WELL as failure:
        st.error(str(failure), title="This cannot be shown")
    except tuple(TOLD) as failure:
        title, step = next(words for kind, words in TOLD.items() if isinstance(failure, kind))
        if not isinstance(failure, NoExtract):
            log.warning("%s: %s", title, failure)
        (st.info if isinstance(failure, NoExtract) else st.error)(step, title=title)
    except Exception as unforeseen:
        tell_unforeseen(unforeseen)


def tell_unforeseen(failure: Exception) -> None:
    """What nobody foresaw: kept for the operator, and a sentence with the reference it is found under."""
    reference = keep_error(failure, "screen")
    st.error(
        f"Reload the page; if it stays, tell the operator the reference `{reference}`.",
        title="Something went wrong inside Longhouse",
    )


@contextmanager
def saving() -> Iterator[None]:
    """Whatever is written inside either is saved whole, or a sentence says why nothing was."""
    try:
        yield
    except (NotAllowedNow, Forbidden) as refusal:
        st.error(str(refusal), title="Not saved")
    except ValidationError as refusal:
        st.error("; ".join(str(error["msg"]) for error in refusal.errors()), title="Not saved")
    except NotFound:
        st.error("It was deleted, or never was in this organization.", title="Not saved")
    except StaleVersion:
        st.error("Someone else changed it just now. Look at it again, then repeat.", title="Not saved")
    except StoreBusy:
        st.error("The store is busy. What you typed is still here; save again in a moment.", title="Not saved")
