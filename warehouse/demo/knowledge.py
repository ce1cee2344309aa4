"""What a company writes down for its customers: articles, the texts they had, and who read them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.arrivals import arrivals
from warehouse.demo.calendar import PLANNED_DAYS
from warehouse.demo.columns import (
    NO_MOMENT,
    Chunk,
    Column,
    Ids,
    Moments,
    Words,
    chunk,
    day_of,
    evening,
    known,
    moment,
    written,
)
from warehouse.demo.customers import LANGUAGES, Customers
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.wording import CATEGORIES, NOTHING, Article, articles
from warehouse.demo.words import COUNTRIES, HOME

MOST_VERSIONS = 3
REVISED = 0.45
"""Chance that an article gets another text."""
ARCHIVED = 0.06
"""Chance that an article is taken away in the end."""
INTERNAL = 0.12
"""Share of articles for colleagues only."""
VIEWS = 3.0
"""Articles an active customer reads in a year."""
TELLS, HELPFUL = 0.3, 0.78
"""Share of readers who say whether it helped, and of those whom it did."""
_REVISIONS = ("", " Updated: the steps follow the new layout.", " Updated: the usual mistakes are listed at the end.")


@dataclass(frozen=True)
class Shelf:
    """The articles of a company; one row each, planned over the whole of history."""

    articles: tuple[Article, ...]
    ids: Ids
    category: NDArray[np.int64]
    """Place in CATEGORIES."""
    language: NDArray[np.int64]
    created_at: Moments
    texts_at: Moments
    """(articles, MOST_VERSIONS): since when each text stands; the first is the publication, NaT is never."""
    archived_at: Moments
    is_internal: NDArray[np.bool_]

    def is_readable(self, at: Moments) -> NDArray[np.bool_]:
        """(moments, articles): published by then, not archived yet, and for customers."""
        since = self.texts_at[None, :, 0] <= at[:, None]
        return np.asarray(since & ~(self.archived_at[None, :] <= at[:, None]) & ~self.is_internal[None, :])


def shelf_of(company: Company, seed: int) -> Shelf:
    """All articles a company will ever write, in English and the language of its home."""
    home = COUNTRIES[HOME[company.country]][2]
    told = articles("en") + (articles(home) if home != "en" else ())
    keys = company.key_of("article", np.arange(len(told)))
    # The first half stands before anybody asks; the others come within two years.
    early = np.arange(len(told)) % 2 == 0
    wait = np.where(
        early, -60 + 50 * chance.uniform(seed, "article day", keys), 700 * chance.uniform(seed, "article day", keys)
    )
    created = moment(company.started_on + wait.astype(np.int64), chance.uniform(seed, "article hour", keys))
    texts = np.full((len(told), MOST_VERSIONS), NO_MOMENT)
    texts[:, 0] = created + (chance.integers(seed, "article published", keys, 1, 9) * 86_400_000).astype(
        "timedelta64[ms]"
    )
    for version in range(1, MOST_VERSIONS):
        later = chance.integers(seed, "article revised", keys, 60, 400, version) * 86_400_000
        revised = chance.happens(seed, "article revises", keys, REVISED, version)
        texts[:, version] = np.where(revised, texts[:, version - 1] + later.astype("timedelta64[ms]"), NO_MOMENT)
    end = chance.integers(seed, "article archived", keys, 300, 900) * 86_400_000
    archived = np.where(chance.happens(seed, "article archives", keys, ARCHIVED), created + end, NO_MOMENT)
    # Nobody revises what is taken away.
    texts[:, 1:] = np.where(texts[:, 1:] >= archived[:, None], NO_MOMENT, texts[:, 1:])
    texts[:, 2] = np.where(np.isnat(texts[:, 1]), NO_MOMENT, texts[:, 2])
    return Shelf(
        told,
        chance.identifiers(seed, "knowledge_articles", keys, created),
        np.array([CATEGORIES.index(article.category) for article in told]),
        np.array([LANGUAGES.index(article.language) for article in told]),
        created,
        texts,
        archived,
        chance.happens(seed, "article internal", keys, INTERNAL) & ~early,
    )


def knowledge_setup(company: Company, people: People, shelf: Shelf, seed: int) -> Iterator[Chunk]:
    """The articles and their texts as they stand at the end of `until`."""
    end = evening(company.until)
    keys = company.key_of("article", np.arange(len(shelf.ids)))
    author = people.ids[people.pick(people.agents, seed, "article author", keys, day_of(shelf.created_at))]
    stands = shelf.texts_at < end
    version = stands.sum(axis=1)
    is_archived = shelf.archived_at < end
    changed = np.where(
        is_archived, shelf.archived_at, np.max(np.where(stands, shelf.texts_at, shelf.created_at[:, None]), axis=1)
    )
    titles = np.array([article.title for article in shelf.articles], object)
    bodies = np.array([article.body for article in shelf.articles], object)
    last = np.maximum(version, 1) - 1
    yield chunk(
        "knowledge_articles",
        {
            "id": shelf.ids,
            "slug": np.array([_slug(article, number) for number, article in enumerate(shelf.articles)], object),
            "title": titles,
            "body": bodies + np.array(_REVISIONS, object)[last],
            "category": Words(shelf.category, CATEGORIES),
            "language": Words(shelf.language, LANGUAGES),
            "status": Words(np.where(is_archived, 2, version > 0), ("draft", "published", "archived")),
            "visibility": Words(shelf.is_internal.astype(np.int64), ("public", "internal")),
            "author_id": author,
            "published_at": np.where(version > 0, shelf.texts_at[:, 0], NO_MOMENT),
            "article_version": last + 1,
            **written(shelf.created_at, author, changed),
        },
        shelf.created_at < end,
    )
    yield _versions(shelf, titles, bodies, author, keys, seed, end)


def _versions(
    shelf: Shelf, titles: NDArray[np.object_], bodies: NDArray[np.object_], author: Ids, keys: chance.Keys, seed: int,
    end: np.datetime64,
) -> Chunk:  # fmt: skip
    """The text each article had from a moment on; the first from the day it was written, published or not."""
    row, number = np.divmod(np.arange(len(shelf.ids) * MOST_VERSIONS), MOST_VERSIONS)
    at = np.where(number == 0, shelf.created_at[row], shelf.texts_at[row, number])
    columns: dict[str, Column] = {
        "id": chance.identifiers(
            seed, "knowledge_article_versions", chance.keys_of(keys[row], number), np.where(np.isnat(at), end, at)
        ),
        "article_id": shelf.ids[row],
        "article_version": number + 1,
        "title": titles[row],
        "body": bodies[row] + np.array(_REVISIONS, object)[number],
        "edited_by": author[row],
        **known(at),
    }
    return chunk("knowledge_article_versions", columns, at < end)


def view_chunks(company: Company, shelf: Shelf, customers: Customers, seed: int) -> Iterator[Chunk]:
    """Which articles the customers of a range read."""
    yearly = np.full(len(customers), VIEWS * company.detail)
    found = arrivals(company, customers, seed, "views", yearly, np.ones(PLANNED_DAYS))
    at = moment(found.days, chance.uniform(seed, "view hour", found.keys))
    article = _read(shelf, at, customers.language[found.customer], seed, found.keys)
    told = chance.uniform(seed, "view told", found.keys)
    helpful = np.where(told < TELLS, told < TELLS * HELPFUL, NOTHING)
    yield chunk(
        "knowledge_article_views",
        {
            "id": chance.identifiers(seed, "knowledge_article_views", found.keys, at),
            "article_id": shelf.ids[np.maximum(article, 0)],
            "customer_id": customers.ids[found.customer],
            "viewed_at": at,
            "was_helpful": helpful,
            **known(at),
        },
        (article >= 0) & (at < evening(company.until)),
    )


def _read(shelf: Shelf, at: Moments, language: NDArray[np.int64], seed: int, keys: chance.Keys) -> NDArray[np.int64]:
    """One of the articles that could be read then, those in the reader's language first; -1 where there was none."""
    fits = (shelf.language[None, :] == language[:, None]) | (shelf.language[None, :] == 0)
    weight = shelf.is_readable(at) * (1.0 + 3.0 * fits)
    edges = np.cumsum(weight, axis=1)
    drawn = chance.uniform(seed, "view article", keys) * edges[:, -1]
    place = (edges <= drawn[:, None]).sum(axis=1)
    return np.where(edges[:, -1] > 0, np.minimum(place, len(shelf.ids) - 1), -1)


def _slug(article: Article, number: int) -> str:
    return f"{article.category.replace('_', '-')}-{article.language}-{number + 1}"
