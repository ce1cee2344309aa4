"""A company's people as rows: who signs in, memberships, functions and teams."""

import json
from collections.abc import Iterator

import numpy as np

from warehouse.demo.chance import identifiers, keys_of
from warehouse.demo.columns import Chunk, chunk, day_of, written
from warehouse.demo.people import AGENT, SELLER, People
from warehouse.demo.presets import Company

TEAMS = (("Sales", SELLER, 1), ("Support", AGENT, 2))
"""Name, whose job it is, and the place in the roster of its lead."""


def roster_chunks(company: Company, people: People, seed: int) -> Iterator[Chunk]:
    """Users, memberships (managers first), role grants, teams and their members, as far as they have joined."""
    here = day_of(people.joined_at) <= company.until
    names = np.array([person.name for person in people.roster], object)
    users = {
        "id": people.user_ids,
        "email": np.array(people.emails, object),
        "profile": np.array([json.dumps({"name": name, "company": company.name}) for name in names], object),
        "created_at": people.joined_at,
    }
    yield chunk("users", users, people.user_ids != b"")
    roster = people.roster
    managers = [people.ids[person.reports_to] if person.reports_to is not None else b"" for person in roster]
    memberships = {
        "id": people.ids,
        "user_id": people.user_ids,
        "name": names,
        "email": np.array(people.emails, object),
        "access_role": np.array([person.role.value for person in roster], object),
        "business_role": np.array([person.job for person in roster], object),
        "regional_office": np.array([person.office for person in roster], object),
        "manager_id": np.array(managers, "S36"),
        **written(people.joined_at),
    }
    yield chunk("memberships", memberships, here)
    yield _grants(company, people, seed)
    yield from _teams(company, people, seed)


def _grants(company: Company, people: People, seed: int) -> Chunk:
    pairs = [(place, f.value) for place, person in enumerate(people.roster) for f in person.functions]
    place = np.array([pair[0] for pair in pairs], np.int64)
    functions = np.array([pair[1] for pair in pairs], object)
    keys = np.concatenate([company.key_of("grant", place, function) for place, function in pairs])
    at = people.joined_at[place]
    columns = {
        "id": identifiers(seed, "role_grants", keys, at),
        "membership_id": people.ids[place],
        "business_function": functions,
        **written(at),
    }
    return chunk("role_grants", columns, day_of(at) <= company.until)


def _teams(company: Company, people: People, seed: int) -> Iterator[Chunk]:
    lead = np.array([_lead(people, job, place) for _, job, place in TEAMS])
    at = people.joined_at[lead]
    ids = identifiers(seed, "teams", company.key_of("team", np.arange(len(TEAMS))), at)
    yield chunk(
        "teams",
        {
            "id": ids,
            "name": np.array([name for name, _, _ in TEAMS], object),
            "manager_id": people.ids[lead],
            **written(at),
        },
    )
    members = [np.union1d(place, [lead[n]]) for n, place in enumerate((people.sellers, people.agents))]
    team = np.repeat(np.arange(len(TEAMS)), [len(one) for one in members])
    member = np.concatenate(members)
    joined = np.maximum(people.joined_at[member], at[team])
    columns = {
        "id": identifiers(seed, "team_members", keys_of(company.key, "team member", team, member), joined),
        "team_id": ids[team],
        "membership_id": people.ids[member],
        **written(joined),
    }
    yield chunk("team_members", columns, day_of(joined) <= company.until)


def _lead(people: People, job: str, place: int) -> int:
    """Whom most people of the job report to."""
    reports = [person.reports_to for person in people.roster if person.job == job and person.reports_to is not None]
    return max(set(reports), key=reports.count) if reports else place
