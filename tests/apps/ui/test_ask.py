"""Ask: a question from the address or the box, its answer whole, its choices as buttons, and what may follow."""

from streamlit.testing.v1 import AppTest

from apps.ui import formats
from apps.ui.answers import ask, catalogue
from apps.ui.parts.asked import asked_in_words, understand
from tests.apps.ui.conftest import OLIVE, Screens
from tests.houses import today
from warehouse.metrics.dashboard import View, question_of, standard
from warehouse.metrics.periods import last_complete
from warehouse.metrics.question import Question


def asked(screens: Screens, text: str = "") -> AppTest:
    screen = screens.open("ask", OLIVE, **({"q": text} if text else {}))
    assert not screen.error, [one.value for one in screen.error]
    assert not screen.exception
    return screen


def said(screen: AppTest) -> str:
    return " ".join(one.value for one in screen.markdown)


def press(screen: AppTest, label: str) -> AppTest:
    [button] = [one for one in screen.button if one.label == label]
    button.click()
    screen.run()
    assert not screen.error, [one.value for one in screen.error]
    assert not screen.exception
    return screen


def test_it_begins_with_examples_that_are_answered(screens: Screens) -> None:
    screen = asked(screens)
    [example] = [one.label for one in screen.button if "sales rep" in one.label]
    assert "Won by sales rep" in said(press(screen, example))


def test_the_address_asks_and_the_answer_is_whole(screens: Screens) -> None:
    screen = asked(screens, "won deals in 2025")
    actor = screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    year = {"start": today().replace(2025, 1, 1), "end": today().replace(2026, 1, 1)}
    value = ask(actor, Question(metrics=("won_deal_count",), as_of=today(), **year)).only("won_deal_count").value
    assert formats.number(value, "count") in said(screen)
    assert "from 1 Jan 2025 to 31 Dec 2025" in said(screen)
    [how] = [one for one in screen.expander if one.label == "How this was answered"]
    assert "select" in how.code[0].value.lower()
    assert any("nothing was sent anywhere" in one.value for one in how.caption)


def test_groups_are_rows_and_what_follows_goes_on_from_them(screens: Screens) -> None:
    screen = asked(screens, "won deals by sector in 2025")
    assert list(screen.dataframe[0].value.columns) == ["sector", "won_deal_count"]
    press(screen, "by month")
    assert list(screen.dataframe[0].value.columns) == ["period", "won_deal_count"]
    assert "from 1 Jan 2025 to 31 Dec 2025" in said(screen)


def test_a_question_back_has_its_choices_as_buttons(screens: Screens) -> None:
    screen = asked(screens, "churn last quarter")
    assert "Which one" in said(screen)
    press(screen, "Lost customers")
    assert "Lost customers, from" in said(screen)


def test_what_cannot_be_answered_says_why(screens: Screens) -> None:
    assert "profit" in said(asked(screens, "profit margin by country"))


def test_a_stranger_word_in_the_address_is_text_and_nothing_else(screens: Screens) -> None:
    assert "<script>" in said(asked(screens, "<script>alert(1)</script>")).replace("\\", "")


def test_what_the_standard_cards_ask_can_be_asked_in_words(screens: Screens) -> None:
    actor = screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    known, view = catalogue(actor), View(last_complete(today(), "month"), today(), {}, True)
    cards = [card for board in standard().values() for row in board.rows for card in row]
    told = [question_of(card, view, known) for card in cards if card.form != "bridge" and len(card.metrics) < 3]
    questions = {str(one): one for one in told}
    not_understood = []
    for question in questions.values():
        text = asked_in_words(actor, question)
        read = understand(actor, text, None).plan.question
        if read is None or (read.metrics, read.by, read.grain) != (question.metrics, question.by, question.grain):
            not_understood.append(text)
    assert len(questions) > 20
    assert not_understood == []


def test_a_conversation_can_be_forgotten(screens: Screens) -> None:
    screen = press(asked(screens, "won deals in 2025"), "Begin anew")
    assert not screen.chat_message
