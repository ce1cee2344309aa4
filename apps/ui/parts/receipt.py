"""The receipt of a number: what it means, what it was made from, and whether it still holds."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.cross_filter import offer
from apps.ui.parts.deal_table import deal_table
from apps.ui.parts.header import zone
from apps.ui.parts.links import can_open, record_link
from apps.ui.parts.problems import telling
from apps.ui.parts.words import check_in_words, question_in_words, value_in_words
from apps.ui.reruns import by_click
from warehouse.metrics.catalogue import Catalogue, Part
from warehouse.metrics.question import Question, checked
from warehouse.metrics.receipts import Stored, catalogue_of_receipt, read_receipt
from warehouse.metrics.verify import verify
from warehouse.oltp.engine import reading_as
from warehouse.operations.identity import SignedIn
from warehouse.operations.reading import names_of
from warehouse.operations.sales import DealFilter, list_opportunities
from warehouse.tenancy import Actor

MOST_RECORDS = 50
MOST_LINES = 8


def receipt_button(who: SignedIn, receipt: str, metric: str, *, key: str, compared: str = "") -> None:
    """A quiet button that opens a receipt."""
    if st.button("Receipt", key=key, type="tertiary", icon=":material/receipt_long:"):
        open_receipt(who, receipt, metric, compared)


@st.dialog("Receipt", width="large", icon=":material/receipt_long:")
@by_click
def open_receipt(
    who: SignedIn, receipt: str, metric: str, compared: str = "", narrow: Mapping[str, str] | None = None
) -> None:
    """Show everything behind one figure, what it was compared with, and what of it the page can be filtered by."""
    actor = who.actor
    if actor is None:
        return
    with telling():
        with reading_as(actor) as session:
            stored = read_receipt(session, receipt, actor.organization_id)
        body = json.loads(stored.body)
        catalogue, question = catalogue_of_receipt(body, actor.hidden), Question(**body["question"])
        checked(question, catalogue)
        _value(who, actor, body, catalogue, question, metric)
        if compared:
            st.caption(compared)
        offer(catalogue, narrow or {})
        _verification(stored)
        _asked(actor, body, catalogue, question)
        _records(actor, catalogue, question, metric)
        _computation(body)
        _checks(body)
        _origin(who, actor, stored, body)


def _value(
    who: SignedIn, actor: Actor, body: dict[str, Any], catalogue: Catalogue, question: Question, name: str
) -> None:
    lines, currency = body["lines"] or [], who.currency or "USD"
    if len(lines) == 1 and not lines[0]["keys"]:
        metric, cell = catalogue.metric(name), lines[0]["cells"][name]
        value = formats.in_full(answers.stored_value(cell), metric.unit, currency)
        st.metric(metric.label, value)
        st.markdown(formats.plain(body["descriptions"][name]))
        st.caption(
            f"Stands on {formats.counted(cell['rows'], 'source row')}, {cell['known']:,} with a known value · "
            f"fingerprint {cell['fingerprint']}"
        )
        return
    for told, description in body["descriptions"].items():
        st.markdown(f"**{catalogue.metric(told).label}.** {formats.plain(description)}")
    table = [_line(actor, line, catalogue, question, currency) for line in lines]
    st.dataframe(
        table, hide_index=True, height="content" if len(table) <= MOST_LINES else 300, alt="The values of this receipt"
    )


def _line(
    actor: Actor, line: dict[str, Any], catalogue: Catalogue, question: Question, currency: str
) -> dict[str, str]:
    keys = {
        catalogue.dimensions[name].label: value_in_words(name, answers.names(actor, name, (line["keys"][name],))[0])
        for name in question.by
    }
    keys |= {"Record": line["keys"]["record"]} if question.each else {}
    period = {"Period from": line["keys"]["period"]} if question.grain else {}
    told: dict[str, str] = {}
    for name, cell in line["cells"].items():
        metric = catalogue.metric(name)
        told[metric.label] = formats.in_full(answers.stored_value(cell), metric.unit, currency)
        told[f"{metric.label}: source rows"] = f"{cell['rows']:,}"
        told[f"{metric.label}: fingerprint"] = cell["fingerprint"]
    return keys | period | told


def _verification(stored: Stored) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button("Verify now", icon=":material/verified:", type="primary", key="verify_now")
        st.caption("Remakes the value from the lake as it was, and compares every row.", width="content")
    if not asked:
        return
    with st.spinner("Remaking the value from the lake …"):
        result = verify(stored)
    if result.holds:
        st.success("Verified: same value, same rows, same definition, nothing altered.", icon=":material/verified:")
    for kind, sentence in result.findings:
        st.error(formats.plain(sentence), title=kind.capitalize())


def _asked(actor: Actor, body: dict[str, Any], catalogue: Catalogue, question: Question) -> None:
    st.markdown("**What was asked**")
    told = question_in_words(actor, catalogue, question)
    st.markdown("\n".join(f"- {heading}: {words}" for heading, words in told))


def _records(actor: Actor, catalogue: Catalogue, question: Question, name: str) -> None:
    st.markdown("**Records behind it**")
    if len(question.metrics) > 1:
        name = st.segmented_control(
            "Records of",
            question.metrics,
            default=name,
            required=True,
            key="records_of",
            format_func=lambda one: catalogue.metric(one).label,
            label_visibility="collapsed",
        )
    part = _part(catalogue, name)
    ids = answers.records(actor, question, part, MOST_RECORDS + 1)
    first = f"The first {MOST_RECORDS}; c" if len(ids) > MOST_RECORDS else "C"
    told = f"{first}lick one to open it. They show what is in the store now."
    table = catalogue.table_of(part.model)
    if not ids:
        st.caption(
            "It is a sum over many records." if catalogue.record_of(part.model) is None else "No record adds to it."
        )
    elif table == "opportunities":
        with reading_as(actor) as session:
            _, rows = list_opportunities(session, actor, DealFilter(ids=ids[:MOST_RECORDS]))
        st.caption(told)
        deal_table(rows, key="records_behind", alt_text="Deals behind this number", most=6)
    elif table and can_open(actor, table):
        with reading_as(actor) as session:
            names = names_of(session, actor, table, ids[:MOST_RECORDS])
        st.caption(told)
        with st.container(height=260):
            for record, word in names.items():
                record_link(table, record, word)
    else:
        count = f"Over {MOST_RECORDS}" if len(ids) > MOST_RECORDS else f"{len(ids):,}"
        st.caption(f"{count} records, which nobody keeps by hand.")


def _part(catalogue: Catalogue, name: str) -> Part:
    """Which part of a metric to tell the records of: of a rate, what it is a share of is told first."""
    parts = catalogue.metric(name).parts
    if len(parts) == 1:
        return parts[0]
    labels = {part.column: catalogue.all_metrics[part.name].label for part in parts}
    chosen = st.segmented_control(
        "Part",
        list(labels),
        default=parts[-1].column,
        required=True,
        key=f"part_of_{name}",
        format_func=labels.__getitem__,
        label_visibility="collapsed",
    )
    return next(part for part in parts if part.column == chosen)


def _computation(body: dict[str, Any]) -> None:
    with st.expander("SQL", icon=":material/code:"):
        st.code(body["sql"], language="sql", wrap_lines=True)
        for name, sql in body["views"].items():
            st.caption(f"{name} as of that day")
            st.code(sql, language="sql", wrap_lines=True)


def _checks(body: dict[str, Any]) -> None:
    checks = body["checks"]
    passing = sum(check["passed"] for check in checks)
    with st.expander(f"Checks: {passing} of {len(checks)} pass", icon=":material/fact_check:"):
        st.caption(f"Models: {', '.join(body['models'])}")
        for check in checks:
            mark = ":green[:material/check_circle:]" if check["passed"] else ":orange[:material/warning:]"
            found = "" if check["passed"] else f" · {formats.counted(check['rows_failing'], 'row')} failing"
            st.markdown(f"{mark} {formats.plain(_sentence(check['name']))}{found}")


def _sentence(check: str) -> str:
    words = check_in_words(check)
    return words[0].upper() + words[1:]


def _origin(who: SignedIn, actor: Actor, stored: Stored, body: dict[str, Any]) -> None:
    build, place = body["build"], zone(who)
    with st.expander("Build and snapshot", icon=":material/deployed_code_history:"):
        facts = {
            "Built": formats.moment(answers.moment(build["built_at"]), place),
            "Build": build["build_id"],
            "Lake snapshot": str(build["snapshot_id"]),
            "Git commit": build["git_commit"],
            "Definitions": build["definitions"],
            "Receipt written": formats.moment(stored.created_at, place),
        }
        st.markdown("\n".join(f"- {name}: `{value}`" for name, value in facts.items()))
    st.caption("Receipt id, for `longhouse verify`")
    st.code(stored.id, language=None)
