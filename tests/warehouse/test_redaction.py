"""What a log keeps: nothing that lets somebody in, or that a person is known by."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.redaction import HIDDEN, SECRET_NAMES, redact, redacted
from warehouse.settings import CHECKOUT, settings

WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
SECRET = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'<>"), min_size=6, max_size=40
)
TOKEN = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", min_size=12, max_size=60)
AROUND = st.sampled_from(["", "x ", "failed: ", "(", "a=1, ", "\n", '{"k": "', "https://a.test/?q=1 "])
LEAF = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8)
NESTED = st.recursive(LEAF, lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(WORD, deeper, max_size=3))


def _with_check_digit(digits: str) -> str:
    for last in "0123456789":
        total = 0
        for at, digit in enumerate(reversed(digits + last)):
            doubled = int(digit) * (1 + at % 2)
            total += doubled - 9 * (doubled > 9)
        if total % 10 == 0:
            return digits + last
    raise AssertionError


@given(AROUND, WORD, WORD, st.sampled_from(["test", "co.uk", "example"]), AROUND)
def test_an_email_address_is_taken_out_wherever_it_stands(
    before: str, who: str, host: str, end: str, after: str
) -> None:
    address = f"{who}@{host}.{end}"
    assert address not in redact(f"{before}{address} {after}")


@given(AROUND, WORD, SECRET, st.sampled_from(["postgresql", "postgresql+psycopg", "smtp", "redis", "https"]))
def test_the_password_in_an_address_is_taken_out(before: str, user: str, password: str, scheme: str) -> None:
    said = redact(f"{before}{scheme}://{user}:{password}@db:5432/longhouse does not answer")
    assert f"{user}:{password}" not in said
    assert said.endswith("@db:5432/longhouse does not answer")


@given(AROUND, TOKEN, st.sampled_from(["Bearer", "bearer", "Basic"]))
def test_a_bearer_token_is_taken_out(before: str, token: str, kind: str) -> None:
    assert token not in redact(f"{before}{kind} {token}")


@given(AROUND, TOKEN, TOKEN, TOKEN)
def test_a_signed_token_is_taken_out(before: str, head: str, claims: str, signature: str) -> None:
    said = redact(f"{before}eyJ{head}.{claims}.{signature}")
    assert head not in said
    assert claims not in said
    assert signature not in said


@given(AROUND, st.text("0123456789", min_size=12, max_size=18), st.sampled_from(["", " ", "-"]))
def test_a_card_number_is_taken_out_and_no_other_number(before: str, digits: str, between: str) -> None:
    card = _with_check_digit(digits)
    other = card[:-1] + str((int(card[-1]) + 1) % 10)
    written = between.join(card[at : at + 4] for at in range(0, len(card), 4))
    assert written not in redact(f"{before}{written} declined")
    assert other in redact(f"paid {other} declined")


@given(st.sampled_from(SECRET_NAMES), WORD, NESTED)
def test_whatever_stands_under_a_telling_name_is_hidden(name: str, more: str, value: object) -> None:
    for told in (name, f"{more}_{name}", name.upper(), f"{name.replace('_', '-')}_{more}"):
        assert redacted({"a": [{told: value}]}) == {"a": [{told: HIDDEN}]}


@given(AROUND, st.sampled_from(["password", "client_secret", "api_key", "x-csrf-token"]), TOKEN)
def test_a_telling_name_hides_its_value_in_a_sentence(before: str, name: str, secret: str) -> None:
    for written in (f"{name}={secret}", f"{name}: {secret}", f"'{name}': '{secret}'", f'"{name}":"{secret}"'):
        assert secret not in redact(f"{before}{written} and on")


@given(NESTED)
def test_whatever_is_logged_can_be_written_as_json(value: object) -> None:
    json.dumps(redacted(value))


@given(st.uuids(), st.datetimes(), st.integers(0, 99_999_999))
def test_ids_times_and_counts_stay(one: object, when: object, count: int) -> None:
    said = f"{one} at {when} had {count} rows"
    assert redact(said) == said
    assert redacted({"prompt_tokens": count, "rows": count}) == {"prompt_tokens": count, "rows": count}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            "(sqlite3.IntegrityError) failed\n[SQL: insert into users]\n[parameters: ('Ana ] Rivers', 'x')]\n(Background",
            f"(sqlite3.IntegrityError) failed\n[SQL: insert into users]\n[parameters: {HIDDEN}]\n(Background",
        ),
        ("duplicate key\nDETAIL:  Key (name)=(Ana Rivers) exists.\nmore", f"duplicate key\nDETAIL: {HIDDEN}\nmore"),
        ("[type=x, input_value='Ana Rivers', input_type=str]", f"[type=x, input_value={HIDDEN}, input_type=str]"),
        ("Cookie: a=1; session=abcdef\nnext", f"Cookie: {HIDDEN}\nnext"),
        ("GET /oauth2callback?code=abc123&state=xyz9 HTTP", f"GET /oauth2callback?code={HIDDEN}&state={HIDDEN} HTTP"),
    ],
)
def test_values_of_statements_and_headers_are_taken_out(said: str, kept: str) -> None:
    assert redact(said) == kept
    assert redact(kept) == kept


def test_places_of_this_machine_are_named_and_not_told() -> None:
    said = redact(f"{settings().home}/operational.db and {CHECKOUT}/apps/cli.py")
    assert said == "<home>/operational.db and <longhouse>/apps/cli.py"


def test_a_very_long_text_keeps_its_ends() -> None:
    said = redact("begin " + "x" * 100_000 + " end")
    assert said.startswith("begin")
    assert said.endswith("end")
    assert len(said) < 21_000
