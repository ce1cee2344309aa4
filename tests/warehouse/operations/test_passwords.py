"""Passwords: long, not the first that are tried, not the person's own name; stored so that they cannot be read."""

import pytest

from warehouse.operations.passwords import (
    COMMON,
    PASSWORD_MINIMUM,
    PasswordRefused,
    check_password,
    hash_password,
    renewed,
    verify,
)


@pytest.mark.parametrize(
    "password", ["longhouse-demo", "correct horse", "ünïcödé wörds", "a b c d e f g", "x" * 9 + "yzw1"]
)
def test_any_composition_of_ten_characters_is_accepted(password: str) -> None:
    check_password(password, "ana@acme.test", "Ana Rivers")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 10 characters"),
        ("123456789", "at least 10 characters"),
        ("w" * 201, "at most 200"),
        ("Password123!", "first that are tried"),
        ("QWERTYUIOP", "first that are tried"),
        ("1q2w3e4r5t", "first that are tried"),
        ("summer2026", "first that are tried"),
        ("aaaaaaaaaaaa", "first that are tried"),
        ("ababababababab", "first that are tried"),
        ("ana.rivers@acme.test", "your name or e-mail"),
        ("ANA.RIVERS@ACME.TEST!", "your name or e-mail"),
        ("Ana Rivers", "your name or e-mail"),
        ("AnaRivers1", "your name or e-mail"),
    ],
)
def test_what_would_be_guessed_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(PasswordRefused, match=why):
        check_password(password, "ana.rivers@acme.test", "Ana Rivers")


def test_the_shipped_list_holds_what_could_pass_the_other_rules() -> None:
    words = COMMON.read_text(encoding="utf-8").splitlines()
    assert words == sorted(set(words))
    assert 500 <= len(words) <= 1200
    assert all(len(word) >= PASSWORD_MINIMUM and word == word.casefold() for word in words)


def test_passwords_are_stored_as_argon2id_with_a_salt() -> None:
    first, second = hash_password("correct horse"), hash_password("correct horse")
    assert first.startswith("$argon2id$")
    assert first != second
    assert verify("correct horse", first)
    assert not verify("Correct horse", first)


def test_a_hash_of_todays_costs_is_kept_and_what_is_no_hash_matches_nothing() -> None:
    stored = hash_password("correct horse")
    assert renewed("correct horse", stored) is None
    assert renewed("correct horse", "not a hash") is None
    assert not verify("correct horse", "not a hash")
