"""Articles, applications, working hours and benchmarks: what a company has around its customers."""

import json
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse.demo.rooms import SEED, UNTIL, Rooms, rooms_of
from warehouse.demo.applications import STATUSES
from warehouse.demo.benchmarks import benchmark_chunks
from warehouse.demo.calendar import is_holiday, weekday_of
from warehouse.demo.choices import Preset
from warehouse.demo.desk import PRIORITIES
from warehouse.demo.hours import hours_of
from warehouse.demo.people import people_of
from warehouse.demo.presets import companies
from warehouse.demo.wording import CATEGORIES, LANGUAGES, TOPICS, pool, spelled_out

BERLIN = hours_of("Europe/Berlin", "DE", np.datetime64("2024-01-01"), np.datetime64("2026-12-31"))
KINDS = (
    "subjects", "symptoms", "cues", "answers", "greetings", "closings", "first_replies", "asks", "follow_ups", "notes",
    "praise", "blame",
)  # fmt: skip


@pytest.fixture(scope="module")
def rooms() -> Rooms:
    return rooms_of("lindenrow")


def test_an_article_has_the_text_of_its_last_version(rooms: Rooms) -> None:
    articles, versions = rooms.tables["knowledge_articles"], rooms.tables["knowledge_article_versions"]
    order = np.argsort(versions["article_version"])
    last = dict(zip(versions["article_id"][order].tolist(), order.tolist(), strict=True))
    places = np.array([last[key] for key in articles["id"].tolist()])
    for column in ("title", "body", "article_version"):
        assert (articles[column] == versions[column][places]).all(), column
    assert set(articles["language"]) == {"en", "de"}
    is_draft = articles["status"] == "draft"
    assert (np.isnat(articles["published_at"]) >= is_draft).all()


def test_articles_are_read_and_used_while_they_are_public(rooms: Rooms) -> None:
    articles, views = rooms.tables["knowledge_articles"], rooms.tables["knowledge_article_views"]
    place = {key: number for number, key in enumerate(articles["id"].tolist())}
    read = np.array([place[key] for key in views["article_id"].tolist()])
    assert (views["viewed_at"] >= articles["published_at"][read]).all()
    assert (articles["visibility"][read] == "public").all()
    told = np.array([value for value in views["was_helpful"].tolist() if value is not None])
    assert 0.2 < len(told) / len(read) < 0.4
    assert 0.7 < told.mean() < 0.86


def test_an_article_on_a_ticket_is_about_the_same_thing(rooms: Rooms) -> None:
    links, tickets, articles = (rooms.tables[name] for name in ("ticket_articles", "tickets", "knowledge_articles"))
    about = dict(zip(articles["id"].tolist(), articles["category"].tolist(), strict=True))
    filed = dict(zip(tickets["id"].tolist(), tickets["category"].tolist(), strict=True))
    pairs = zip(links["ticket_id"].tolist(), links["article_id"].tolist(), strict=True)
    # The rest were filed under a wrong category.
    assert 0.88 < np.mean([filed[ticket] == about[article] for ticket, article in pairs]) < 0.97


def test_an_application_runs_where_it_says(rooms: Rooms) -> None:
    applications = rooms.tables["applications"]
    live = np.isin(applications["status"], ["deployed", "integrated"])
    assert set(applications["status"]) <= set(STATUSES)
    assert ([address is not None for address in applications["deployment_url"]] == live).all()
    assert all(json.loads(code)["components"] for code in applications["code"])


def test_deadlines_follow_the_policies_in_working_minutes(rooms: Rooms) -> None:
    tickets, policies = rooms.tables["tickets"], rooms.tables["sla_policies"]
    minutes = dict(zip(policies["priority"].tolist(), policies["first_reply_minutes"].tolist(), strict=True))
    allowed = np.array([minutes[priority] for priority in tickets["priority"].tolist()])
    hours = rooms.setting.desk.hours
    spent = hours.worked(tickets["first_reply_due_at"]) - hours.worked(tickets["opened_at"])
    assert np.allclose(spent, allowed, atol=0.01)
    assert set(minutes) == set(PRIORITIES)


@given(st.integers(0, 1_000_000), st.floats(0, 20_000))
def test_adding_working_minutes_and_counting_them_agree(minute: int, added: float) -> None:
    start = np.array([np.datetime64("2024-01-01T00:00", "ms") + np.timedelta64(minute, "m")])
    end = BERLIN.after(start, np.array([added]))
    assert abs(float((BERLIN.worked(end) - BERLIN.worked(start))[0]) - added) < 0.001


def test_working_time_is_local_and_skips_weekends_and_holidays() -> None:
    assert (BERLIN.minutes == np.where((weekday_of(BERLIN.opens) < 5) & (BERLIN.minutes > 0), 600, 0)).all()
    days = BERLIN.opens.astype("datetime64[D]")
    assert (BERLIN.minutes[is_holiday(days, "DE")] == 0).all()
    for day in ("2025-01-15", "2025-07-16"):
        opens = BERLIN.opens[np.flatnonzero(days == np.datetime64(day))[0]].item()
        assert datetime.combine(opens.date(), opens.time(), UTC).astimezone(ZoneInfo("Europe/Berlin")).hour == 8


def test_benchmarks_come_from_outside_and_are_the_same_for_all_of_an_industry() -> None:
    said = [
        next(benchmark_chunks(company, people_of(company, SEED), SEED)).columns
        for company in islice(companies(Preset.WIDE, UNTIL, SEED), 60)
        if company.kind.name == "clinics" and company.started_on == company.origin
    ]
    assert len(said) > 1
    for figures in said:
        assert (figures["median"] == said[0]["median"]).all()
        assert (figures["lower_quartile"] < figures["median"]).all()
        assert (figures["median"] < figures["upper_quartile"]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_every_language_has_something_to_say_about_every_topic(kind: str) -> None:
    book = pool(kind)
    assert book.size.shape == (len(LANGUAGES), len(TOPICS))
    assert book.size.min() >= 3
    assert not any(mark in sentence for sentence in book.sentences for mark in "{}|")


def test_slots_are_spelled_out() -> None:
    assert spelled_out("a {b|c} d{| e}") == ["a b d", "a b d e", "a c d", "a c d e"]
    assert len(CATEGORIES) == 8
