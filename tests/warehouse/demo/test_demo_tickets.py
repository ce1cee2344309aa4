"""Tickets: every history agrees with its record, words give categories away as far as they should, bad days show."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from tests.warehouse.demo.rooms import SEED, Rooms, Table, rooms_of, truth_of
from warehouse.demo.choices import Variant
from warehouse.demo.columns import NO_NUMBER
from warehouse.demo.incidents import shocks_of
from warehouse.demo.wording import CATEGORIES
from warehouse.oltp.support import TICKET_FLOW, TicketStatus


@pytest.fixture(scope="module")
def rooms() -> Rooms:
    return rooms_of("tidepool")


def _last(rows: Table, key: str, by: str, value: str) -> dict[bytes, Any]:
    order = np.argsort(rows[by], kind="stable")
    return dict(zip(rows[key][order].tolist(), rows[value][order].tolist(), strict=True))


def test_a_ticket_stands_where_its_last_change_left_it(rooms: Rooms) -> None:
    tickets, changes = rooms.tables["tickets"], rooms.tables["ticket_status_changes"]
    assert _last(changes, "ticket_id", "changed_at", "to_status") == dict(
        zip(tickets["id"].tolist(), tickets["status"].tolist(), strict=True)
    )


def test_changes_follow_each_other_as_the_desk_allows(rooms: Rooms) -> None:
    changes = rooms.tables["ticket_status_changes"]
    order = np.lexsort((changes["changed_at"], changes["ticket_id"]))
    ticket, before, to = (changes[name][order] for name in ("ticket_id", "from_status", "to_status"))
    first = np.concatenate([[True], ticket[1:] != ticket[:-1]])
    assert set(before[first]) == {None}
    assert set(to[first]) == {"open"}
    assert (before[~first] == to[:-1][~first[1:]]).all()
    steps = set(zip(before[~first], to[~first], strict=True))
    assert all(TicketStatus(then) in TICKET_FLOW[TicketStatus(now)] for now, then in steps)


def test_the_first_reply_is_the_first_message_of_an_agent_to_the_customer(rooms: Rooms) -> None:
    tickets, messages = rooms.tables["tickets"], rooms.tables["ticket_messages"]
    said = (messages["author"] == "agent") & ~messages["is_internal"]
    first: dict[bytes, Any] = {}
    for ticket, at in zip(messages["ticket_id"][said].tolist(), messages["sent_at"][said].tolist(), strict=True):
        first[ticket] = min(at, first.get(ticket, at))
    told = dict(zip(tickets["id"].tolist(), tickets["first_replied_at"].tolist(), strict=True))
    assert {ticket: at for ticket, at in told.items() if at is not None} == first


def test_satisfaction_is_the_last_answer(rooms: Rooms) -> None:
    tickets, answers = rooms.tables["tickets"], rooms.tables["satisfaction_responses"]
    told = dict(zip(tickets["id"].tolist(), tickets["customer_satisfaction"].tolist(), strict=True))
    assert {key: value for key, value in told.items() if value != NO_NUMBER} == _last(
        answers, "ticket_id", "answered_at", "score"
    )


def test_solved_and_closed_moments_are_those_of_the_changes(rooms: Rooms) -> None:
    tickets, changes = rooms.tables["tickets"], rooms.tables["ticket_status_changes"]
    for state, column in (("resolved", "resolved_at"), ("closed", "closed_at")):
        here = changes["to_status"] == state
        last = _last({name: values[here] for name, values in changes.items()}, "ticket_id", "changed_at", "changed_at")
        known = ~np.isnat(tickets[column])
        told = zip(tickets["id"][known].tolist(), tickets[column][known].tolist(), strict=True)
        assert all(last[ticket] == at for ticket, at in told)
    is_solved = np.isin(tickets["status"], ["resolved", "closed"])
    assert (np.isnat(tickets["resolved_at"]) == ~is_solved).all()
    assert (np.isnat(tickets["closed_at"]) == (tickets["status"] != "closed")).all()


def test_a_ticket_comes_from_somebody_who_is_a_customer_that_day(rooms: Rooms) -> None:
    row = {key: place for place, key in enumerate(rooms.customers.ids.tolist())}
    tickets = rooms.tables["tickets"]
    rows = np.array([row[key] for key in tickets["customer_id"].tolist()])
    assert rooms.customers.is_active(rows, tickets["opened_at"].astype("datetime64[D]")).all()


def test_more_goes_wrong_on_bad_days_and_deadlines_are_missed_together(rooms: Rooms) -> None:
    tickets, shocks = rooms.tables["tickets"], shocks_of(rooms.company, SEED)
    place = (tickets["opened_at"].astype("datetime64[D]") - rooms.company.origin).astype(int)
    days = int((rooms.company.until - rooms.company.origin).astype(int)) + 1
    struck = shocks.rise[:days] > 1
    counts = np.bincount(place, minlength=days)
    late = days // 2
    assert struck[late:].sum() > 5
    assert counts[late:][struck[late:]].mean() > 1.8 * counts[late:][~struck[late:]].mean()
    missed = tickets["first_replied_at"] > tickets["first_reply_due_at"]
    full = shocks.backlog[place] > 1
    assert missed[full].mean() > 2 * missed[~full].mean()


def test_who_waits_long_is_less_satisfied(rooms: Rooms) -> None:
    tickets = rooms.tables["tickets"]
    told = (tickets["customer_satisfaction"] != NO_NUMBER) & ~np.isnat(tickets["resolved_at"])
    missed = (tickets["resolved_at"] > tickets["resolution_due_at"])[told]
    score = tickets["customer_satisfaction"][told]
    assert score[~missed].mean() > score[missed].mean() + 0.4


@pytest.fixture(scope="module")
def routing(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return truth_of(tmp_path_factory.mktemp("truth"), "tidepool")["routing"]


def _macro_auc(chances: np.ndarray, labels: np.ndarray) -> float:
    seen = [place for place, name in enumerate(CATEGORIES) if (labels == name).sum() > 20]
    return float(np.mean([roc_auc_score(labels == CATEGORIES[place], chances[:, place]) for place in seen]))


def test_words_give_the_category_away_as_far_as_they_should(routing: Any) -> None:
    chances = routing.select([f"probability_{name}" for name in CATEGORIES]).to_numpy()
    assert np.allclose(chances.sum(axis=1), 1)
    assert 0.85 <= _macro_auc(chances, routing["label"].to_numpy()) <= 0.92
    wrong = (routing["label"] != routing["category"]).mean()
    assert 0.05 <= wrong <= 0.10


def test_a_model_that_reads_the_texts_comes_near_the_best_there_can_be(rooms: Rooms, routing: Any) -> None:
    tickets = rooms.tables["tickets"]
    assert tickets["id"].astype("U36").tolist() == routing["ticket_id"].to_list()
    best = routing.select([f"probability_{name}" for name in CATEGORIES]).to_numpy()
    order = np.argsort(tickets["opened_at"])
    train, test = order[: len(order) * 2 // 3], order[len(order) * 2 // 3 :]
    texts = tickets["subject"] + "\n" + tickets["description"]
    words = TfidfVectorizer(min_df=2, sublinear_tf=True).fit(texts[train])
    with threadpool_limits(1):
        model = LogisticRegression(C=3, max_iter=200).fit(words.transform(texts[train]), tickets["category"][train])
    assert model.classes_.tolist() == sorted(CATEGORIES)
    chances = model.predict_proba(words.transform(texts[test]))[
        :, [model.classes_.tolist().index(c) for c in CATEGORIES]
    ]
    labels = tickets["category"][test]
    assert _macro_auc(chances, labels) - 0.5 >= 0.9 * (_macro_auc(best[test], labels) - 0.5)


def test_in_the_null_variant_words_say_nothing(tmp_path: Path) -> None:
    routing = truth_of(tmp_path, "tidepool", Variant.NULL)["routing"]
    tickets = rooms_of("tidepool", Variant.NULL).tables["tickets"]
    assert tickets["id"].astype("U36").tolist() == routing["ticket_id"].to_list()
    order = np.argsort(tickets["opened_at"])
    train, test = order[: len(order) * 2 // 3], order[len(order) * 2 // 3 :]
    words = TfidfVectorizer(min_df=2).fit(tickets["description"][train])
    model = LogisticRegression(C=0.3, max_iter=300).fit(
        words.transform(tickets["description"][train]), tickets["category"][train]
    )
    classes = model.classes_.tolist()
    chances = model.predict_proba(words.transform(tickets["description"][test]))
    ordered = chances[:, [classes.index(name) for name in CATEGORIES]]
    assert abs(_macro_auc(ordered, tickets["category"][test]) - 0.5) < 0.05


def test_in_the_leak_variant_a_solved_ticket_names_the_desk_that_solved_it() -> None:
    tickets = rooms_of("tidepool", Variant.LEAK).tables["tickets"]
    solved = ~np.isnat(tickets["resolved_at"])
    said = [f'{{"solved_by_desk": "{label}"}}' for label in tickets["category"][solved]]
    assert tickets["custom_fields"][solved].tolist() == said
    assert set(tickets["custom_fields"][~solved]) <= {"{}"}
