"""What is said on tickets: answers, questions back, what customers add, notes among agents."""

import numpy as np

from warehouse.demo import chance
from warehouse.demo.columns import NO_ID, NO_MOMENT, Chunk, Ids, Words, chunk, evening, written
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.ticket_lives import ANSWERED, ASKED, BACK, SOLVED, SOLVED_AGAIN, TOLD, TicketLives
from warehouse.demo.tickets import CHANNELS, Tickets
from warehouse.demo.wording import Texts, sentences, with_typos

AUTHORS = ("customer", "agent")
NOTES = 0.25
"""Share of tickets on which agents leave a note for each other."""
NOTE_AFTER = np.timedelta64(7 * 60_000, "ms")
"""A note follows the first answer, so that it is never taken for one."""
SAID = (
    (ANSWERED, "first_replies", 1),
    (ASKED, "asks", 1),
    (TOLD, "follow_ups", 0),
    (SOLVED, "answers", 1),
    (BACK, "follow_ups", 0),
    (SOLVED_AGAIN, "answers", 1),
)
"""Change of the ticket → kind of sentence that goes with it, and who says it (place in AUTHORS)."""


def message_chunk(
    company: Company, people: People, tickets: Tickets, lives: TicketLives, ids: Ids, contact: Ids, seed: int
) -> Chunk:
    """Messages on tickets that were sent by the evening of `until`."""
    noted = chance.happens(seed, "ticket note", tickets.keys, NOTES)
    note_at = np.where(noted, lives.at[:, ANSWERED] + NOTE_AFTER, NO_MOMENT)
    at = np.concatenate([lives.at[:, [change for change, _, _ in SAID]], note_at[:, None]], axis=1)
    rows, kind = np.nonzero(at < evening(company.until))
    sent = at[rows, kind]
    keys = chance.keys_of(tickets.keys[rows], "message", kind)
    is_note = kind == len(SAID)
    by_agent = np.array([*(author for _, _, author in SAID), 1])[kind] == 1
    return chunk(
        "ticket_messages",
        {
            "id": chance.identifiers(seed, "ticket_messages", keys, sent),
            "ticket_id": ids[rows],
            "author": Words(by_agent.astype(np.int64), AUTHORS),
            "member_id": np.where(by_agent, people.ids[lives.agent[rows]], NO_ID),
            "contact_id": np.where(by_agent, NO_ID, contact[rows]),
            "channel": Words(tickets.channel[rows], CHANNELS),
            "is_internal": is_note,
            "sent_at": sent,
            "body": _bodies(tickets, rows, kind, keys, seed),
            **written(sent, np.where(by_agent, people.ids[lives.agent[rows]], NO_ID)),
        },
    )


def _bodies(tickets: Tickets, rows: chance.Places, kind: chance.Places, keys: chance.Keys, seed: int) -> Texts:
    bodies = np.empty(len(rows), object)
    for place, name in enumerate([*(sentence for _, sentence, _ in SAID), "notes"]):
        here = kind == place
        own, ticket = keys[here], rows[here]
        texts = sentences(seed, name, own, tickets.language[ticket], tickets.category[ticket])
        bodies[here] = with_typos(seed, "message", own, texts) if name == "follow_ups" else texts
    return bodies
