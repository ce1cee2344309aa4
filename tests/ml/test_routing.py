"""Texts are routed where they belong, and only when that is sure enough."""

import numpy as np
import pandas as pd
import pytest

from ml.scores.routing import evaluate
from ml.tables import Unusable

WORDS = {
    "billing": "invoice charge refund paid",
    "access": "password login locked reset",
    "parcel": "late box courier lost",
}


def _tickets(rows: int = 240, confused: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Tickets of three kinds by their words; a share of them has a kind drawn at random."""
    draw = np.random.default_rng(seed)
    kinds = draw.choice(list(WORDS), rows)
    text = [" ".join(draw.choice(WORDS[kind].split(), 3)) + f" please {k}" for k, kind in enumerate(kinds)]
    told = np.where(draw.random(rows) < confused, draw.choice(list(WORDS), rows), kinds)
    return pd.DataFrame({"text": text, "kind": told})


def test_kinds_that_differ_by_their_words_are_told_apart() -> None:
    told = evaluate(_tickets(), "text", "kind")
    assert told["state"] == "ok"
    assert told["accuracy"] > 0.95
    assert told["coverage_at_95_precision"] > 0.9


def test_kinds_drawn_at_random_are_not() -> None:
    assert evaluate(_tickets(confused=1.0), "text", "kind")["state"] == "no_signal"


def test_how_sure_is_enough_is_settled_before_the_answers_are_looked_at() -> None:
    train, asked = _tickets(confused=0.1), _tickets(120, seed=1)
    wrong = asked.assign(kind=np.roll(asked["kind"], 1))
    right, other = evaluate(train, "text", "kind", asked), evaluate(train, "text", "kind", wrong)
    assert right["routed_from"] == other["routed_from"]
    assert right["coverage_at_95_precision"] == other["coverage_at_95_precision"]
    assert right["precision_when_routed"] > other["precision_when_routed"]


def test_a_kind_that_training_never_held_is_a_wrong_answer() -> None:
    asked = _tickets(100, seed=1).assign(kind="something else")
    assert evaluate(_tickets(), "text", "kind", asked)["accuracy"] == 0


@pytest.mark.parametrize("rows", [0, 5])
def test_a_few_texts_are_too_few(rows: int) -> None:
    assert evaluate(_tickets().head(rows), "text", "kind")["state"] == "too_few"


def test_one_kind_alone_is_too_few() -> None:
    assert evaluate(_tickets().assign(kind="billing"), "text", "kind")["state"] == "too_few"


def test_texts_without_a_word_teach_nothing() -> None:
    told = evaluate(_tickets().assign(text="."), "text", "kind")
    assert (told["state"], told["accuracy"]) == ("too_few", None)


def test_a_test_file_without_answers_is_too_few() -> None:
    assert evaluate(_tickets(), "text", "kind", _tickets().assign(kind=None))["state"] == "too_few"


def test_a_test_file_needs_the_same_columns() -> None:
    with pytest.raises(Unusable, match="no column kind"):
        evaluate(_tickets(), "text", "kind", _tickets().drop(columns="kind"))
