"""SQL: an analyst's own question to the organization's tables, read only; its answer is no governed number."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from apps.own_sql import ask_sql, columns_to_ask, open_for_sql
from apps.ui import formats
from apps.ui.parts.header import zone
from apps.ui.parts.inventories import EXPLORE, METRICS
from apps.ui.parts.problems import telling
from apps.ui.session import current_actor, signed_in
from warehouse.extracts.guard import Refused
from warehouse.extracts.process import QueryFailed, Rows, TooSlow, WorkerLost
from warehouse.metrics.serving import Serving
from warehouse.oltp.engine import writing_as
from warehouse.operations.questions import RIGHT, record_taken
from warehouse.spreadsheet import safe_cell
from warehouse.tenancy import Actor

TYPED, ANSWER, HISTORY = "sql_typed", "sql_answer", "sql_history"
MOST_SHOWN, MOST_KEPT = 1_000, 20
BEGIN_WITH = "select stage, count(*) as deals, sum(amount) as amount\nfrom fct_opportunities\ngroup by stage\norder by amount desc"
LOOKS = f'<style>.st-key-{TYPED} textarea {{ font-family: "Source Code Pro", monospace; font-size: 0.9rem; }}</style>'


def remember(sql: str, told: str) -> None:
    """Keep a question of this session, the latest first, each once."""
    kept = [one for one in st.session_state.get(HISTORY, []) if one[0] != sql]
    st.session_state[HISTORY] = [(sql, told, datetime.now(UTC)), *kept][:MOST_KEPT]


def run(actor: Actor, sql: str) -> None:
    """Ask, and keep the answer for the runs of this screen that follow."""
    st.session_state.pop(ANSWER, None)
    try:
        found = ask_sql(actor, sql, MOST_SHOWN)
    except (Refused, QueryFailed, TooSlow, WorkerLost) as problem:
        remember(sql, "no answer")
        st.session_state[ANSWER] = (sql, str(problem))
    else:
        remember(sql, formats.counted(len(found.rows), "row"))
        st.session_state[ANSWER] = (sql, found)


def again(sql: str) -> None:
    """Put an earlier question back to be changed or asked once more."""
    st.session_state[TYPED] = sql


def as_file(found: Rows) -> bytes:
    """The rows for a spreadsheet: nothing in them is taken for a formula."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([safe_cell(name) for name in found.columns])
    writer.writerows([["" if value is None else safe_cell(value) for value in row] for row in found.rows])
    return written.getvalue().encode("utf-8-sig")


def download(actor: Actor, sql: str) -> None:
    """The whole answer as a file; taking it away is noted first."""

    def file() -> bytes:
        with writing_as(actor) as session:
            record_taken(session, actor)
        return as_file(ask_sql(actor, sql))

    st.download_button(
        "CSV",
        file,
        file_name=f"sql-{datetime.now(UTC):%Y-%m-%d-%H%M}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="Asked once more for the file, with every row that may be handed out: 50,000 at most.",
    )


def shown(value: object) -> Any:
    """A value as a cell: numbers as numbers, what has no form of its own as text. The file has every digit."""
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def answer(actor: Actor) -> None:
    """What the last question brought."""
    if ANSWER not in st.session_state:
        return
    sql, found = st.session_state[ANSWER]
    if isinstance(found, str):
        st.error(formats.plain(found), title="No answer")
        return
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
                st.badge("Not a governed metric", icon=":material/warning:", color="orange")
                more = ", the first of more" if found.truncated else ""
                told = f"{formats.counted(len(found.rows), 'row')}{more} · {found.milliseconds:,.0f} ms"
                st.caption(told, width="content")
            download(actor, sql)
        # A name may stand twice in an answer; a table needs one of each.
        names = [
            f"{name} ({place})" if name in found.columns[:place] else name for place, name in enumerate(found.columns)
        ]
        rows = [dict(zip(names, map(shown, row), strict=True)) for row in found.rows]
        if rows:
            st.dataframe(rows, hide_index=True, height="content" if len(rows) <= 12 else 470, alt="The answer's rows")
        else:
            st.caption(f"No row. The columns would be {formats.plain(', '.join(names))}.")


def history(place: str) -> None:
    """The questions of this session."""
    kept = st.session_state.get(HISTORY, [])
    if not kept:
        return
    with st.expander(f"{formats.counted(len(kept), 'question')} of this session", icon=":material/history:"):
        for number, (sql, told, when) in enumerate(kept):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.caption(f"{formats.moment(when, place)} · {told}", width="content")
                st.button("Use again", key=f"again_{number}", type="tertiary", on_click=again, args=(sql,))
            st.code(sql, language="sql", wrap_lines=True)


def tables(opened: Serving) -> None:
    """What there is to ask."""
    known = {name: opened.models[name] for name in sorted(opened.open_tables())}
    with st.expander(f"{formats.counted(len(known), 'table')} to ask", icon=":material/table:"):
        st.dataframe(
            [
                {
                    "Table": name,
                    "What a row is": " ".join(model.description.split()),
                    "Columns": ", ".join(columns_to_ask(model.columns)),
                }
                for name, model in known.items()
            ],
            hide_index=True,
            height=400,
            alt="Tables that can be asked",
            column_config={
                "Table": st.column_config.TextColumn(width=230),
                "What a row is": st.column_config.TextColumn(width=420),
                "Columns": st.column_config.TextColumn(width=600),
            },
        )


who, actor = signed_in(), current_actor()
st.title("SQL", anchor=False)
if not actor.may(RIGHT):
    st.info("SQL is for analysts, owners and admins of the organization. Explore answers without it.")
    st.stop()
with telling():
    opened = open_for_sql(actor)
    st.markdown(
        "One SELECT over your organization's tables, as of the last refresh. Nothing is written, and every question is "
        "noted in the audit. What comes out is **not a governed metric**: for a number to share, take one of these."
    )
    with st.container(horizontal=True):
        st.page_link(METRICS, label="Metrics", icon=":material/function:")
        st.page_link(EXPLORE, label="Explore", icon=":material/travel_explore:")
    st.html(LOOKS)
    st.session_state.setdefault(TYPED, BEGIN_WITH)
    typed = st.text_area("SQL", key=TYPED, height=170)
    if st.button("Ask", type="primary", icon=":material/play_arrow:", disabled=not typed.strip()):
        with st.spinner("Asking …"):
            run(actor, typed)
    answer(actor)
    history(zone(who))
    tables(opened)
