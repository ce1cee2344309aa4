"""Histories: what happened to records in which order, cut at the last day that has happened."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import Keys, happens, uniform
from warehouse.demo.columns import NO_MOMENT, Moments, evening

LATE_SHARE, LATE_HOURS = 0.03, (20.0, 110.0)
"""Share of changes that somebody writes down days later, and how many hours."""


@dataclass(frozen=True)
class Steps:
    """What is known of the planned changes of records: one row per change, each record's in order."""

    subject: NDArray[np.int64]
    """Row of the record."""
    place: NDArray[np.int64]
    """Which of the planned changes it is."""
    at: Moments
    """When it became known."""
    before: NDArray[np.int64]
    """The state it changed from; -1 for the first."""
    to: NDArray[np.int64]
    state: NDArray[np.int64]
    """Per record: where it stands; -1 where nothing has happened."""
    last: Moments
    """Per record: when it last changed; NaT where nothing has happened."""
    last_place: NDArray[np.int64]
    """Per record: which of the planned changes was the last; -1 where nothing has happened."""


def steps(planned: Moments, to: NDArray[np.int64], until: np.datetime64) -> Steps:
    """What is known by the evening of `until` of changes planned as (records, changes); NaT is a change that is not.

    A change that would come before the one left of it comes a millisecond after it.
    """
    at = planned.astype("datetime64[ms]").astype(np.int64)
    none = np.iinfo(np.int64).min
    states = np.broadcast_to(to, at.shape)
    end = evening(until).astype(np.int64)
    latest = np.full(len(at), none)
    state, last_place = np.full(len(at), -1), np.full(len(at), -1)
    before = np.full(at.shape, -1)
    happened = np.zeros(at.shape, bool)
    for place in range(at.shape[1]):
        there = at[:, place] != none
        moment = np.where(latest == none, at[:, place], np.maximum(at[:, place], latest + 1))
        # What follows a change that is not known yet is not known either.
        now = there & (moment < end)
        at[:, place] = moment
        before[:, place] = state
        happened[:, place] = now
        latest = np.where(there, moment, latest)
        state = np.where(now, states[:, place], state)
        last_place = np.where(now, place, last_place)
    subject, which = np.nonzero(happened)
    last = np.where(last_place >= 0, np.take_along_axis(at, np.maximum(last_place, 0)[:, None], 1)[:, 0], none)
    return Steps(
        subject=subject,
        place=which,
        at=at[subject, which].astype("datetime64[ms]"),
        before=before[subject, which],
        to=states[subject, which],
        state=state,
        last=last.astype("datetime64[ms]"),
        last_place=last_place,
    )


def noted(seed: int, tag: str, keys: Keys, at: Moments, draw: int = 0) -> Moments:
    """When things that happened were written down: at once, or in a few cases days later."""
    low, high = LATE_HOURS
    hours = low + (high - low) * uniform(seed, f"{tag} noted", keys, draw)
    late = happens(seed, f"{tag} noted late", keys, LATE_SHARE, draw)
    delay = np.where(late, hours * 3_600_000, 0).astype(np.int64).astype("timedelta64[ms]")
    return np.where(np.isnat(at), NO_MOMENT, at + delay)


def ordinals(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2 … within each run of the same group."""
    if not len(group):
        return group
    starts = np.concatenate([[0], np.flatnonzero(np.diff(group)) + 1])
    return np.asarray(np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group)))), np.int64)
