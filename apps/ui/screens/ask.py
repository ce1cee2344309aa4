"""Ask: a question in plain words, its answer in a sentence, a picture and rows, and how it came about."""

from dataclasses import replace

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts import asked, asked_chart
from apps.ui.parts.asked import Turn
from apps.ui.parts.empty import stop_without_numbers
from apps.ui.parts.header import header, zone
from apps.ui.parts.keeping import ask_where
from apps.ui.parts.problems import telling
from apps.ui.parts.receipt import receipt_button
from apps.ui.parts.words import question_in_words
from apps.ui.session import current_actor, signed_in
from ml.language.answering import Told
from warehouse.metrics.freshness import freshness
from warehouse.oltp.engine import reading_as
from warehouse.operations.dashboards import SAVES
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

Q, TURNS, NEXT = "q", "asked_turns", "asked_next"
MOST_TURNS = 20
EXAMPLES = (
    "Won value by sales rep this year",
    "How many tickets came in last month, by channel?",
    "MRR by month this year",
    "Top 5 customers by revenue last year",
)


def turns() -> list[Turn]:
    """The conversation of this tab."""
    kept: list[Turn] = st.session_state.setdefault(TURNS, [])
    return kept


def ask_next(text: str) -> None:
    """Ask this in the next run, as if it had been typed."""
    st.session_state[NEXT] = text
    st.rerun()


def take_in(actor: Actor, text: str) -> None:
    """Read a question and add it to the conversation; the address carries it."""
    before = next((turn.plan for turn in reversed(turns()) if turn.plan.kind == "semantic"), None)
    place = st.empty()
    with place.status("Reading the question …", expanded=False):
        turn = asked.understand(actor, text, before)
    place.empty()
    st.session_state[TURNS] = [*turns(), turn][-MOST_TURNS:]
    st.query_params[Q] = text


def show_answer(who: SignedIn, actor: Actor, turn: Turn, place: int) -> None:
    """The latest answer, whole."""
    currency, catalogue = who.currency or "USD", answers.catalogue(actor)
    with st.status("Asking the numbers …", expanded=False) as status:
        found, turn = asked.answered(actor, turn)
        receipts = found.receipts(actor)
        status.update(label=f"Answered in {turn.seconds:.1f} s from the numbers", state="complete")
    turn = replace(turn, sentence=asked.sentence(turn, found, catalogue, currency))
    turns()[place] = turn
    st.markdown(formats.plain(turn.sentence))
    for note in turn.plan.assumptions:
        st.caption(f"Taken as: {formats.plain(note)}")
    asked_chart.draw(turn.plan, found, catalogue, currency, f"asked_{place}")
    how(who, actor, turn, found, receipts)
    card = asked.card_of(turn, catalogue)
    with st.container(horizontal=True):
        for number, chip in enumerate(asked.follow_ups(turn.plan, catalogue)):
            if st.button(chip, key=f"chip_{number}", type="secondary"):
                ask_next(chip)
        may_keep = card is not None and actor.may(SAVES)
        keeps = may_keep and st.button("Save to a dashboard", icon=":material/dashboard_customize:", key="keep_asked")
    if card and keeps:
        ask_where(actor, card)


def how(who: SignedIn, actor: Actor, turn: Turn, found: Told, receipts: list[str]) -> None:
    """How the answer came about: in words, in definitions, in SQL, and by which build."""
    question, catalogue = turn.plan.question, answers.catalogue(actor)
    assert question is not None
    with st.expander("How this was answered"):
        st.markdown(f"**Understood as.** {formats.plain(turn.plan.understood)}")
        for name in question.metrics:
            metric = catalogue.metrics[name]
            st.markdown(f"**{formats.plain(metric.label)}.** {formats.plain(metric.description)}")
        for label, told in question_in_words(actor, catalogue, found.answers[0].plan.question):
            st.caption(f"{formats.plain(label)}: {formats.plain(told)}")
        with reading_as(actor) as session:
            state = freshness(session, actor, found.answers[0].serving)
        checks = (
            f"{state.checks} checks, {len(state.failing)} of them failing" if state.failing else "all checks passed"
        )
        st.caption(
            f"Numbers of {formats.moment(state.built_at, zone(who))} · {checks} · {_reader(turn)}, in {1000 * turn.seconds:.0f} ms"
        )
        for number, (receipt, one) in enumerate(zip(receipts, found.answers, strict=True)):
            receipt_button(who, receipt, one.plan.question.metrics[0], key=f"asked_receipt_{number}")
            st.code(one.plan.sql, language="sql", wrap_lines=True, height=260)


def _reader(turn: Turn) -> str:
    read_by = next((note for note in turn.plan.assumptions if note.startswith("read by the ")), "")
    return read_by or "read by the interpreter of Longhouse: nothing was sent anywhere"


def show_choices(turn: Turn) -> None:
    """A question back, its choices as buttons; or an honest no, with what can be asked."""
    st.markdown(formats.plain(turn.plan.reason))
    with st.container(horizontal=True):
        for number, option in enumerate(turn.plan.options):
            if st.button(formats.plain(option), key=f"choice_{number}"):
                ask_next(turn.plan.with_choice(option))
    if turn.plan.kind == "unanswerable":
        st.caption("What can be asked stands under Explore, and in the documentation under Metrics.")


who, actor = signed_in(), current_actor()
header(who, actor, "Ask")
stop_without_numbers(actor)
typed = st.chat_input("Ask in plain words", key="ask_box", max_chars=500, submit_mode="stop")
wanted = st.session_state.pop(NEXT, None) or typed
if not wanted and not turns() and st.query_params.get(Q):
    wanted = st.query_params[Q]
if wanted and wanted.strip():
    with telling():
        take_in(actor, wanted.strip())
if not turns():
    st.caption("Ask for any number of yours, in your own words. For example:")
    with st.container(horizontal=True):
        for number, example in enumerate(EXAMPLES):
            if st.button(example, key=f"example_{number}"):
                ask_next(example)
for place, turn in enumerate(turns()):
    with st.chat_message("user", avatar=":material/person:"):
        st.markdown(formats.plain(turn.text))
    with st.chat_message("assistant", avatar=":material/insights:"), telling():
        if place + 1 < len(turns()):
            st.markdown(formats.plain(turn.sentence))
        elif turn.plan.kind == "semantic":
            show_answer(who, actor, turn, place)
        else:
            show_choices(turn)
if turns() and st.button("Begin anew", type="tertiary", icon=":material/restart_alt:", key="forget_asked"):
    st.session_state[TURNS] = []
    st.query_params.pop(Q, None)
    st.rerun()
