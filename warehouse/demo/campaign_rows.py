"""Campaigns as rows: segments, campaigns, contents, forms, landing pages and what each day cost."""

import json
from collections.abc import Iterator

import numpy as np

from warehouse.demo import chance
from warehouse.demo.calendar import month_of
from warehouse.demo.campaign_costs import cost_chunk
from warehouse.demo.campaign_words import BODIES, CHANNELS, CONSENT, KINDS, SEASONS, SUBJECTS, THEMES, TYPES
from warehouse.demo.campaigns import (
    ARCHIVED_AFTER,
    ARCHIVES,
    AUDIENCES,
    LASTS,
    PAUSED,
    RESTS_DAYS,
    Campaigns,
    segments_made_at,
)
from warehouse.demo.columns import (
    NO_MOMENT,
    Chunk,
    Ids,
    Moments,
    Words,
    chunk,
    day_of,
    evening,
    moment,
    written,
)
from warehouse.demo.customers import SECTORS, SEGMENTS
from warehouse.demo.histories import steps
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.wording import Texts

STATUSES = ("draft", "active", "paused", "completed", "archived")


def campaigns_setup(company: Company, people: People, campaigns: Campaigns, seed: int) -> Iterator[Chunk]:
    """Everything about campaigns that names no customer, as it stands at the end of `until`."""
    owner = people.ids[
        people.pick(people.marketers, seed, "campaign owner", campaigns.keys, day_of(campaigns.created_at))
    ]
    names = names_of(company, campaigns, seed)
    yield _segments(company, people, campaigns)
    yield _campaigns(company, campaigns, owner, names, seed)
    yield _contents(company, campaigns, owner, seed)
    yield cost_chunk(company, campaigns, owner, seed)
    yield _forms(company, campaigns, owner, names)
    yield _pages(company, campaigns, owner, names)


def names_of(company: Company, campaigns: Campaigns, seed: int) -> Texts:
    """Season, theme and year of each campaign."""
    theme = (np.arange(len(campaigns)) * 7 + int(chance.bits(seed, "theme", company.key)[0] % np.uint64(16))) % len(
        THEMES
    )
    seasons = np.array(SEASONS, object)[month_of(campaigns.planned_start)]
    years = campaigns.planned_start.astype("datetime64[Y]").astype(str).astype(object)
    return np.asarray(seasons + " " + years + ": " + np.array(THEMES, object)[theme])


def _segments(company: Company, people: People, campaigns: Campaigns) -> Chunk:
    at = np.repeat(segments_made_at(company), len(AUDIENCES))
    owner = people.ids[np.full(len(AUDIENCES), people.marketers[0])]
    rules: list[dict[str, list[dict[str, str]]]] = [{"all": []}]
    rules += [{"all": [{"field": "customer_type", "operator": "equals", "value": value}]} for value in SEGMENTS]
    others = len(AUDIENCES) - len(rules)
    rules += [{"all": [{"field": "sector", "operator": "equals", "value": value}]} for value in SECTORS[:others]]
    return chunk(
        "segments",
        {
            "id": campaigns.segment_ids,
            "name": np.array(AUDIENCES, object),
            "rules": np.array([json.dumps(rule) for rule in rules], object),
            "owner_id": owner,
            **written(at, owner),
        },
    )


def _planned(campaigns: Campaigns, seed: int) -> Moments:
    """(campaigns, changes): started, paused, resumed, completed, archived; one that is dropped goes straight to the end."""
    keys, count = campaigns.keys, len(campaigns)
    at = np.full((count, 6), NO_MOMENT)
    at[:, 0] = campaigns.created_at
    morning = np.full(count, 0.0)
    at[:, 1], at[:, 4] = moment(campaigns.starts_on, morning), moment(campaigns.ends_on, morning + 1)
    rests = chance.happens(seed, "campaign pauses", keys, PAUSED)
    middle = campaigns.starts_on + LASTS[campaigns.kind] // 2
    at[:, 2] = np.where(rests, moment(middle, morning + 0.5), NO_MOMENT)
    at[:, 3] = np.where(rests, moment(middle + RESTS_DAYS, morning + 0.2), NO_MOMENT)
    put_away = chance.happens(seed, "campaign archives", keys, ARCHIVES)
    archived = moment(campaigns.ends_on + ARCHIVED_AFTER, morning + 0.7)
    dropped = np.isnat(campaigns.starts_on)
    at[:, 5] = np.where(dropped, moment(campaigns.planned_start, morning), np.where(put_away, archived, NO_MOMENT))
    return at


def _campaigns(company: Company, campaigns: Campaigns, owner: Ids, names: Texts, seed: int) -> Chunk:
    stands = steps(_planned(campaigns, seed), np.array([0, 1, 2, 1, 3, 4]), company.until)
    channels = np.array([json.dumps(list(row)) for row in CHANNELS], object)
    return chunk(
        "campaigns",
        {
            "id": campaigns.ids,
            "name": names,
            "campaign_type": Words(campaigns.kind, TYPES),
            "status": Words(stands.state, STATUSES),
            "owner_id": owner,
            "segment_id": campaigns.segment_ids[campaigns.audience],
            "scheduled_start_on": campaigns.planned_start,
            "scheduled_end_on": campaigns.planned_start + LASTS[campaigns.kind],
            "budget": campaigns.budget,
            "currency": company.currency,
            "channels": channels[campaigns.kind],
            **written(campaigns.created_at, owner, stands.last),
        },
        campaigns.created_at < evening(company.until),
    )


def _contents(company: Company, campaigns: Campaigns, owner: Ids, seed: int) -> Chunk:
    """Two versions of the main content of each."""
    row, version = np.divmod(np.arange(2 * len(campaigns)), 2)
    theme = np.array([name.split(": ", 1)[1] for name in names_of(company, campaigns, seed)], object)
    first = chance.integers(seed, "campaign subject", campaigns.keys, 0, len(SUBJECTS))
    subjects = [SUBJECTS[(first[place] + letter) % len(SUBJECTS)] for place, letter in zip(row, version, strict=True)]
    titles = [subject.format(theme=theme[place]) for subject, place in zip(subjects, row, strict=True)]
    kinds = ("email", "social_post", "landing_page", "advertisement", "article")
    return chunk(
        "campaign_contents",
        {
            "id": campaigns.content_ids[row, version],
            "campaign_id": campaigns.ids[row],
            "kind": Words(np.array([kinds.index(KINDS[kind]) for kind in campaigns.kind[row]]), kinds),
            "title": np.array(titles, object),
            "body": np.array(BODIES, object)[version],
            "variant": Words(version, ("A", "B")),
            "language": "en",
            **written(campaigns.created_at[row], owner[row]),
        },
        campaigns.created_at[row] < evening(company.until),
    )


def _forms(company: Company, campaigns: Campaigns, owner: Ids, names: Texts) -> Chunk:
    fields = [{"name": name, "required": name == "email"} for name in ("name", "email", "company")]
    return chunk(
        "forms",
        {
            "id": campaigns.form_ids,
            "name": names + " form",
            "campaign_id": campaigns.ids,
            "fields": json.dumps(fields),
            "consent_text": CONSENT,
            **written(campaigns.created_at, owner),
        },
        campaigns.created_at < evening(company.until),
    )


def _pages(company: Company, campaigns: Campaigns, owner: Ids, names: Texts) -> Chunk:
    slugs = slugs_of(names)
    published = moment(campaigns.starts_on - 3, np.full(len(campaigns), 0.5))
    end = evening(company.until)
    return chunk(
        "landing_pages",
        {
            "id": campaigns.page_ids,
            "slug": slugs,
            "title": names,
            "body": BODIES[1],
            "campaign_id": campaigns.ids,
            "form_id": campaigns.form_ids,
            "published_at": np.where(published < end, published, NO_MOMENT),
            **written(campaigns.created_at, owner, np.where(published < end, published, NO_MOMENT)),
        },
        campaigns.created_at < end,
    )


def slugs_of(names: Texts) -> Texts:
    """Names as addresses, with a number each so that none comes twice."""
    words = [name.lower().replace(":", "").replace(" ", "-") for name in names]
    return np.array([f"{word}-{number + 1}" for number, word in enumerate(words)], object)
