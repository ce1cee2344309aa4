"""Tickets as rows: where they stand at the end of a day, their changes, hand-overs, answers and what they refer to."""

import json
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.applications import Applications
from warehouse.demo.chance import Places
from warehouse.demo.choices import Variant
from warehouse.demo.columns import (
    NO_ID,
    NO_MOMENT,
    NO_NUMBER,
    Chunk,
    Column,
    Words,
    chunk,
    evening,
    known,
    written,
)
from warehouse.demo.customers import LANGUAGES, Customers
from warehouse.demo.desk import FIRST_REPLY, PRIORITIES, RESOLUTION, Desk
from warehouse.demo.histories import steps
from warehouse.demo.knowledge import Shelf
from warehouse.demo.naming import person_names
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.ticket_links import Known, application_chunk, article_chunk, satisfaction_chunk
from warehouse.demo.ticket_lives import (
    ANSWERED,
    BACK,
    ENDED,
    HANDED_UP,
    OPENED,
    SOLVED,
    SOLVED_AGAIN,
    STATUS_OF,
    STATUSES,
    TOLD,
    TicketLives,
    lives_of,
)
from warehouse.demo.ticket_messages import message_chunk
from warehouse.demo.tickets import CHANNELS, Tickets, tickets_of
from warehouse.demo.truth import Truth
from warehouse.demo.wording import CATEGORIES, Texts, joined, sentences, with_typos

ASSIGNED_AT_ONCE = 0.7
"""Share of tickets that have an agent before somebody answers."""


def ticket_chunks(
    company: Company, people: People, customers: Customers, desk: Desk, shelf: Shelf, applications: Applications,
    seed: int, truth: Truth,
) -> Iterator[Chunk]:  # fmt: skip
    """Everything about the tickets of a range of customers, in the order of foreign keys."""
    tickets = tickets_of(company, customers, seed, truth)
    lives = lives_of(company, people, customers, desk, tickets, seed)
    now = _known(company, people, customers, tickets, lives, seed)
    yield _tickets(company, customers, desk, now, seed)
    yield _changes(people, now, seed)
    yield message_chunk(company, people, tickets, lives, now.ids, now.contact, seed)
    yield _escalations(company, people, now, seed)
    yield satisfaction_chunk(company, now, seed)
    yield article_chunk(company, shelf, now, seed)
    yield application_chunk(company, customers, applications, now, seed)


def _known(
    company: Company, people: People, customers: Customers, tickets: Tickets, lives: TicketLives, seed: int
) -> Known:
    made = steps(lives.at, STATUS_OF, company.until)
    end = evening(company.until)
    at_once = chance.happens(seed, "ticket assigned", tickets.keys, ASSIGNED_AT_ONCE)
    agent = np.where(at_once | (lives.at[:, ANSWERED] < end), people.ids[lives.agent], NO_ID)
    return Known(
        tickets,
        lives,
        made,
        chance.identifiers(seed, "tickets", tickets.keys, tickets.opened_at),
        customers.contacts.ids_of(tickets.contact),
        np.where(lives.at[:, HANDED_UP] < end, people.ids[lives.lead], agent),
    )


def _tickets(company: Company, customers: Customers, desk: Desk, now: Known, seed: int) -> Chunk:
    tickets, at, end = now.tickets, now.lives.at, evening(company.until)
    state = now.steps.state
    is_solved = (state == STATUSES.index("resolved")) | (state == STATUSES.index("closed"))
    solved = np.where(at[:, SOLVED_AGAIN] < end, at[:, SOLVED_AGAIN], at[:, SOLVED])
    score = _last_score(now.lives, end)
    due = [
        desk.hours.after(tickets.opened_at, minutes[tickets.priority].astype(float))
        for minutes in (FIRST_REPLY, RESOLUTION)
    ]
    return chunk(
        "tickets",
        {
            "id": now.ids,
            "number": tickets.number,
            "customer_id": customers.ids[tickets.customer],
            "contact_id": now.contact,
            "subject": sentences(seed, "subjects", tickets.keys, tickets.language, tickets.symptom),
            "description": _description(customers, tickets, seed),
            "status": Words(state, STATUSES),
            "priority": Words(tickets.priority, PRIORITIES),
            "category": Words(tickets.label, CATEGORIES),
            "channel": Words(tickets.channel, CHANNELS),
            "language": Words(tickets.language, LANGUAGES),
            "assigned_agent_id": now.assigned,
            "sla_policy_id": desk.policy_ids[tickets.priority],
            "opened_at": tickets.opened_at,
            "first_replied_at": np.where(at[:, ANSWERED] < end, at[:, ANSWERED], NO_MOMENT),
            "first_reply_due_at": due[0],
            "resolved_at": np.where(is_solved, solved, NO_MOMENT),
            "resolution_due_at": due[1],
            "closed_at": np.where(state == STATUSES.index("closed"), at[:, ENDED], NO_MOMENT),
            "customer_satisfaction": score,
            "custom_fields": _leak(company, tickets, is_solved),
            **written(tickets.opened_at, None, now.steps.last),
        },
    )


def _last_score(lives: TicketLives, end: np.datetime64) -> Places:
    """The last answer that is known."""
    said = lives.score_at < end
    return np.where(said[:, 1], lives.score[:, 1], np.where(said[:, 0], lives.score[:, 0], NO_NUMBER))


def _leak(company: Company, tickets: Tickets, is_solved: NDArray[np.bool_]) -> Column:
    """In the leak variant, the desk that solved a ticket is written on it afterwards."""
    if company.variant is not Variant.LEAK:
        return "{}"
    desks = np.array([*(json.dumps({"solved_by_desk": name}) for name in CATEGORIES), "{}"], object)
    return np.asarray(desks[np.where(is_solved, tickets.label, -1)])


def _description(customers: Customers, tickets: Tickets, seed: int) -> Texts:
    """Greeting, two sentences and a closing, with the name of who wrote it where one is known."""
    keys, language = tickets.keys, tickets.language
    body = joined(
        sentences(seed, "symptoms", keys, language, tickets.symptom), " ",
        sentences(seed, "cues", keys, language, tickets.cue),
    )  # fmt: skip
    contacts = customers.contacts.keys
    names = person_names(seed, contacts[tickets.contact]) if len(contacts) else np.full(len(keys), "", object)
    return joined(
        sentences(seed, "greetings", keys, language, tickets.symptom), "\n\n",
        with_typos(seed, "ticket", keys, body), "\n\n",
        sentences(seed, "closings", keys, language, tickets.symptom), "\n",
        np.where(tickets.contact >= 0, names, ""),
    )  # fmt: skip


def _changes(people: People, now: Known, seed: int) -> Chunk:
    made = now.steps
    by_customer = np.isin(made.place, (OPENED, TOLD, BACK))
    keys = chance.keys_of(now.tickets.keys[made.subject], "status", made.place)
    return chunk(
        "ticket_status_changes",
        {
            "id": chance.identifiers(seed, "ticket_status_changes", keys, made.at),
            "ticket_id": now.ids[made.subject],
            "from_status": Words(made.before, STATUSES),
            "to_status": Words(made.to, STATUSES),
            "changed_at": made.at,
            "changed_by": np.where(by_customer, NO_ID, people.ids[now.lives.agent[made.subject]]),
            **known(made.at),
        },
    )


def _escalations(company: Company, people: People, now: Known, seed: int) -> Chunk:
    rows = np.flatnonzero(now.lives.at[:, HANDED_UP] < evening(company.until))
    at = now.lives.at[rows, HANDED_UP]
    keys = chance.keys_of(now.tickets.keys[rows], "escalation")
    reasons = np.array(
        ["Needs somebody with more rights", "Customer is about to leave", "Due soon", "Seen before"], object
    )
    return chunk(
        "ticket_escalations",
        {
            "id": chance.identifiers(seed, "ticket_escalations", keys, at),
            "ticket_id": now.ids[rows],
            "level": 1 + (now.tickets.priority[rows] == len(PRIORITIES) - 1).astype(np.int64),
            "from_member_id": people.ids[now.lives.agent[rows]],
            "to_member_id": people.ids[np.full(len(rows), now.lives.lead)],
            "escalated_at": at,
            "reason": reasons[chance.integers(seed, "escalation reason", keys, 0, len(reasons))],
            **known(at),
        },
    )
