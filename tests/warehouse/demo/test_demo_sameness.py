"""The same seed gives the same rows, whoever makes them, wherever and in whatever pieces."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.warehouse.demo.frames import SEED, UNTIL, company_of
from warehouse.demo.chance import choose, identifiers, integers, keys_of, normal, poisson, uniform
from warehouse.demo.choices import Preset, Variant
from warehouse.demo.columns import Words
from warehouse.demo.content import Content
from warehouse.demo.house import Piece, company_chunks
from warehouse.demo.presets import Company, companies
from warehouse.demo.truth import Truth

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
from datetime import date
from warehouse.demo.choices import Preset
from warehouse.demo.content import Content
from warehouse.demo.house import company_chunks
from warehouse.demo.presets import companies
from warehouse.demo.truth import Truth
content = Content()
for company in companies(Preset.TINY, date(2026, 10, 31), 7):
    for chunk in company_chunks(company, 7, Truth(None), dirty=True):
        content.add(company.slug, chunk)
print(content.digest())
"""
NO_TRUTH = Truth(None)
KEYS = keys_of("tests", np.arange(200_000))


def _content(*wanted: Company, seed: int = SEED, size: int = 10_000) -> Content:
    content = Content()
    for company in wanted:
        for chunk in company_chunks(company, seed, NO_TRUTH, size):
            content.add(company.slug, chunk)
    return content


def _elsewhere(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=ROOT, env=os.environ | environment,
        timeout=120, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_two_processes_in_different_surroundings_make_the_same_rows() -> None:
    here = _elsewhere(TZ="UTC", LC_ALL="C", PYTHONHASHSEED="1", OMP_NUM_THREADS="1", POLARS_MAX_THREADS="1")
    there = _elsewhere(
        TZ="Asia/Kathmandu", LC_ALL="tr_TR.UTF-8", PYTHONHASHSEED="2", OMP_NUM_THREADS="4", POLARS_MAX_THREADS="4"
    )
    assert len(here) == 32
    assert here == there


def test_another_seed_makes_other_rows() -> None:
    company = company_of("demo", Preset.TINY)
    first, second = _content(company), _content(company, seed=8)
    assert all(first.tables()[name] != second.tables()[name] for name in ("customers", "invoices", "tickets"))


@pytest.mark.parametrize("slug", ["demo", "tidepool"])
def test_the_size_of_the_pieces_changes_no_row(slug: str) -> None:
    company = company_of(slug, Preset.TINY)
    assert _content(company, size=37).tables() == _content(company).tables()


@pytest.mark.parametrize("slug", ["demo", "tidepool"])
def test_who_makes_which_piece_changes_no_row(slug: str) -> None:
    company, content = company_of(slug, Preset.TINY), Content()
    for first, last in ((150, company.customers), (0, 70), (70, 150)):
        for chunk in company_chunks(company, SEED, NO_TRUTH, piece=Piece(first, last)):
            content.add(company.slug, chunk)
    assert content.tables() == _content(company).tables()


def test_chunks_counted_together_count_as_one_by_one() -> None:
    company, together = company_of("inkwell", Preset.TINY), Content()
    chunks = [("inkwell", chunk) for chunk in company_chunks(company, SEED, NO_TRUTH, 50) if chunk.rows]
    shapes = {(chunk.table, tuple(chunk.columns)) for _, chunk in chunks}
    for shape in shapes:
        together.add_all([(slug, chunk) for slug, chunk in chunks if (chunk.table, tuple(chunk.columns)) == shape])
    assert len(chunks) > 2 * len(shapes)
    assert together.tables() == _content(company).tables()


def test_one_organization_alone_equals_its_slice() -> None:
    everything = list(companies(Preset.TINY, UNTIL, SEED))
    alone = [_content(*companies(Preset.TINY, UNTIL, SEED, only=one.slug)) for one in everything]
    whole = _content(*reversed(everything))
    for table, rows in whole.rows.items():
        assert rows == sum(one.rows[table] for one in alone)
    sums = {table: [int(text[:16], 16), int(text[16:], 16)] for table, text in whole.tables().items()}
    for one in alone:
        for table, text in one.tables().items():
            for half in range(2):
                sums[table][half] = (sums[table][half] - int(text[16 * half : 16 * half + 16], 16)) % 2**64
    assert all(left == [0, 0] for left in sums.values())


@pytest.mark.parametrize("number", [0, 42, 9_999])
def test_a_small_company_is_found_without_the_others(number: int) -> None:
    slug = f"small-{number:05d}"
    (alone,) = companies(Preset.WIDE, UNTIL, SEED, only=slug)
    assert alone.slug == slug
    assert alone.number == number


def test_a_preset_has_the_companies_it_promises() -> None:
    assert [one.slug for one in companies(Preset.TINY, UNTIL, SEED)] == ["demo", "tidepool", "inkwell"]
    assert [one.slug for one in companies(Preset.SMALL, UNTIL, SEED)] == ["demo"]
    houses = list(companies(Preset.DEMO, UNTIL, SEED))
    assert len({one.kind.name for one in houses}) == len({one.name for one in houses}) == 5
    assert len({one.currency for one in houses}) == 4
    wide = list(companies(Preset.WIDE, UNTIL, SEED))
    assert len(wide) == len({one.slug for one in wide}) == 10_000
    assert 60 < sum(one.customers for one in wide) / len(wide) < 140
    (deep,) = companies(Preset.DEEP, UNTIL, SEED)
    assert deep.customers == 1_000_000


def test_a_slug_nobody_has_is_no_company() -> None:
    for preset in Preset:
        assert list(companies(preset, date(2026, 10, 31), SEED, Variant.NORMAL, "nobody")) == []


def test_draws_do_not_depend_on_their_neighbours() -> None:
    some = KEYS[[5, 77, 3]]
    for draw in (uniform, normal):
        assert np.array_equal(draw(SEED, "a", some), draw(SEED, "a", KEYS)[[5, 77, 3]])
    assert not np.array_equal(uniform(SEED, "a", some), uniform(SEED, "b", some))
    assert not np.array_equal(uniform(SEED, "a", some), uniform(SEED, "a", some, 1))


def test_draws_are_spread_as_they_should_be() -> None:
    even, bell = uniform(SEED, "even", KEYS), normal(SEED, "bell", KEYS)
    assert (even > 0).all()
    assert (even < 1).all()
    assert abs(even.mean() - 0.5) < 0.003
    assert abs(bell.mean()) < 0.01
    assert abs(bell.std() - 1) < 0.01
    assert abs(np.corrcoef(even, uniform(SEED, "even", KEYS, 1))[0, 1]) < 0.01
    counts = poisson(SEED, "counts", KEYS, 3.5)
    assert abs(counts.mean() - 3.5) < 0.03
    assert abs(counts.var() - 3.5) < 0.1
    chosen = np.bincount(choose(SEED, "chosen", KEYS, (1, 2, 5))) / len(KEYS)
    assert np.allclose(chosen, [0.125, 0.25, 0.625], atol=0.005)
    whole = integers(SEED, "whole", KEYS, 3, 7)
    assert set(whole.tolist()) == {3, 4, 5, 6}


def test_identifiers_are_of_version_seven_and_sort_by_their_moment() -> None:
    moments = np.datetime64("2024-01-01", "ms") + np.arange(len(KEYS)).astype("timedelta64[ms]")
    made = identifiers(SEED, "table", KEYS, moments)
    assert len(np.unique(made)) == len(KEYS)
    assert np.array_equal(np.sort(made), made)
    assert {one[14:15] for one in made[:1000].tolist()} == {b"7"}
    assert {one[19:20] for one in made[:1000].tolist()} == {b"8", b"9", b"a", b"b"}


def test_the_content_hash_sees_every_value_and_no_order() -> None:
    from warehouse.demo.columns import Chunk

    ids = identifiers(SEED, "table", KEYS[:3], np.zeros(3, np.int64))

    def digest(order: list[int], amount: int = 3, word: str = "b") -> str:
        content = Content()
        columns = {
            "id": ids[order],
            "amount": np.array([1, 2, amount])[order],
            "word": Words(np.array([0, 1, -1])[order], ("a", word)),
            "text": np.array(["x", None, "y"], object)[order],
        }
        content.add("acme", Chunk("things", columns, 3))
        return content.digest()

    assert digest([0, 1, 2]) == digest([2, 0, 1])
    assert len({digest([0, 1, 2]), digest([0, 1, 2], amount=4), digest([0, 1, 2], word="c")}) == 3
