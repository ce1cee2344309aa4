"""What tickets lead to and refer to: answers about how they went, articles, applications."""

from dataclasses import dataclass

import numpy as np

from warehouse.demo import chance
from warehouse.demo.applications import Applications
from warehouse.demo.columns import NO_ID, Chunk, Ids, chunk, day_of, evening, known, written
from warehouse.demo.customers import Customers
from warehouse.demo.histories import Steps
from warehouse.demo.knowledge import Shelf
from warehouse.demo.presets import Company
from warehouse.demo.ticket_lives import SOLVED, TicketLives
from warehouse.demo.tickets import Tickets
from warehouse.demo.wording import NOTHING, sentences

USES_ARTICLE, USES_APPLICATION = 0.3, 0.4
"""Share of solved tickets that were answered with an article, and of those of application users that are about one."""


@dataclass(frozen=True)
class Known:
    """What is known of a range's tickets by the evening of `until`."""

    tickets: Tickets
    lives: TicketLives
    steps: Steps
    ids: Ids
    contact: Ids
    assigned: Ids
    """The agent, or who took it over; empty where nobody has it yet."""


def satisfaction_chunk(company: Company, now: Known, seed: int) -> Chunk:
    """What customers answered when asked how it went, with a remark from some."""
    rows, time = np.nonzero(now.lives.score_at < evening(company.until))
    at, score = now.lives.score_at[rows, time], now.lives.score[rows, time]
    keys = chance.keys_of(now.tickets.keys[rows], "satisfaction", time)
    language, about = now.tickets.language[rows], now.tickets.category[rows]
    said = np.where(
        score >= 4,
        sentences(seed, "praise", keys, language, about),
        np.where(score <= 2, sentences(seed, "blame", keys, language, about), NOTHING),
    )
    return chunk(
        "satisfaction_responses",
        {
            "id": chance.identifiers(seed, "satisfaction_responses", keys, at),
            "ticket_id": now.ids[rows],
            "contact_id": now.contact[rows],
            "score": score,
            "comment": np.where(chance.happens(seed, "satisfaction told", keys, 0.45), said, NOTHING),
            "answered_at": at,
            **known(at),
        },
    )


def article_chunk(company: Company, shelf: Shelf, now: Known, seed: int) -> Chunk:
    """Articles of the ticket's own category that could be read when it was solved."""
    tickets = now.tickets
    used = chance.happens(seed, "ticket article", tickets.keys, USES_ARTICLE)
    rows = np.flatnonzero(used & (now.lives.at[:, SOLVED] < evening(company.until)))
    at, keys = now.lives.at[rows, SOLVED], chance.keys_of(tickets.keys[rows], "ticket article")
    fits = shelf.is_readable(at) & (shelf.category[None, :] == tickets.category[rows][:, None])
    place = np.argmax(fits * (1 + chance.uniform(seed, "which article", keys)[:, None] * (shelf.language == 0)), axis=1)
    return chunk(
        "ticket_articles",
        {
            "id": chance.identifiers(seed, "ticket_articles", keys, at),
            "ticket_id": now.ids[rows],
            "article_id": shelf.ids[place],
            **written(at, now.assigned[rows]),
        },
        fits.any(axis=1),
    )


def application_chunk(
    company: Company, customers: Customers, applications: Applications, now: Known, seed: int
) -> Chunk:
    """Which tickets are about an application the customer used that day."""
    tickets = now.tickets
    used = applications.ids_at(applications.used_by(customers, seed)[tickets.customer], day_of(tickets.opened_at))
    about = chance.happens(seed, "ticket application", tickets.keys, USES_APPLICATION) & (used != NO_ID)
    keys = chance.keys_of(tickets.keys, "ticket application")
    return chunk(
        "ticket_applications",
        {
            "id": chance.identifiers(seed, "ticket_applications", keys, tickets.opened_at),
            "ticket_id": now.ids,
            "application_id": used,
            **written(tickets.opened_at),
        },
        about,
    )
