"""Metrics: what each number means, how it is computed, what it is made from and where it is used."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.check_list import listed
from apps.ui.parts.inventories import METRIC, board_link, explore_link, thing_link, whole_inventory
from apps.ui.parts.metric_words import (
    BETTER,
    NEITHER,
    UNITS,
    formula_in_words,
    parts_in_words,
    timing_in_words,
)
from apps.ui.parts.own_metrics import define_button, own_tools
from apps.ui.parts.problems import telling
from apps.ui.parts.rows import clickable
from apps.ui.session import current_actor, signed_in
from warehouse.metrics.catalogue import Catalogue, Metric
from warehouse.metrics.inventory import Inventory, Kind, metric_key
from warehouse.metrics.serving import Serving, serving_as
from warehouse.oltp.engine import reading_as
from warehouse.operations.checks import latest_checks
from warehouse.tenancy import Actor

ROUND = "metrics_round"
EVERYBODY = "Everybody"


def back() -> None:
    """To the list of all of them."""
    st.query_params.pop(METRIC, "")


def matches(metric: Metric, words: str) -> bool:
    """Whether every word stands in what it is called or what it means."""
    told = " ".join((metric.name, metric.label, metric.description, metric.owner, *metric.synonyms)).casefold()
    return all(word in told for word in words.casefold().split())


def choose(known: Catalogue) -> list[Metric]:
    """The metrics that a person looks for."""
    everything = sorted(known.metrics.values(), key=lambda one: (one.owner, one.label))
    owners = {one.owner.capitalize(): one.owner for one in everything}
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        words = st.text_input(
            "Find", key="find", bind="query-params", type="search", placeholder="A name, another name, or what it means"
        )
    with right:
        label = st.pills("Answered for by", [EVERYBODY, *owners], default=EVERYBODY, key="owner", required=True)
    owner = owners.get(str(label))
    return [one for one in everything if (owner is None or one.owner == owner) and matches(one, words or "")]


def table(found: list[Metric]) -> None:
    """The metrics; a click opens one."""
    picked = clickable(
        [
            {
                "Metric": one.label,
                "What it is": one.description,
                "Owner": one.owner.capitalize(),
                "Unit": one.unit,
                "Better": {"up": "more", "down": "less"}.get(one.better, formats.UNKNOWN),
            }
            for one in found
        ],
        key=f"metrics_{st.session_state.get(ROUND, 0)}",
        alt_text="Metrics; choose a row to open one",
        columns={
            "Metric": st.column_config.TextColumn(width=190),
            "What it is": st.column_config.TextColumn(width=520),
        },
        most=20,
    )
    if picked is not None:
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.query_params[METRIC] = found[picked].name
        st.rerun()


def badges(metric: Metric) -> None:
    """The unit, the direction, who answers for it."""
    words, icon = BETTER.get(metric.better, NEITHER)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.badge(UNITS[metric.unit][0].upper() + UNITS[metric.unit][1:], icon=":material/straighten:", color="gray")
        st.badge(words, icon=icon, color="blue")
        st.badge(f"Answered for by {metric.owner}", icon=":material/person:", color="gray")
        if metric.is_own:
            st.badge("Your organization's own", icon=":material/edit_note:", color="violet")
        if metric.privacy != "business":
            st.badge(f"Stands on {metric.privacy} data", icon=":material/lock:", color="orange")


def meaning(known: Catalogue, metric: Metric) -> None:
    """What it is and how it comes about."""
    with st.container(border=True):
        st.markdown(formats.plain(metric.description))
        lines = [("Computed as", formula_in_words(known, metric))]
        lines += [(f"“{label}” is", told) for label, told in parts_in_words(known, metric)]
        lines.append(("Counts", timing_in_words(known, metric)))
        if metric.synonyms:
            lines.append(("Also called", ", ".join(metric.synonyms)))
        lines.append(("Name in questions", metric.name))
        for head, told in lines:
            st.markdown(f":small[{formats.plain(head)}]  \n{formats.plain(told)}")


def divisions(known: Catalogue, metric: Metric) -> None:
    """What it can be divided and filtered by."""
    labels = [known.dimensions[name] for name in metric.dimensions]
    with st.container(border=True, height="stretch"):
        st.markdown("**Divided and filtered by**")
        if not labels:
            st.caption("Nothing: its parts have no dimension in common.")
        for one in sorted(labels, key=lambda one: one.label):
            st.markdown(f"- **{formats.plain(one.label)}**: {formats.plain(one.description)}")


def ways(there: Inventory, metric: Metric) -> None:
    """What it is made from and where it is used."""
    key = metric_key(metric.name)
    with st.container(border=True, height="stretch"):
        st.markdown("**Made from**")
        for name in there.entries[key].made_from:
            thing_link(there.entries[name])
        used = [there.entries[name] for name in there.directly_below(key)]
        st.markdown("**Used on**")
        if not used:
            st.caption("No dashboard shows it yet.")
        for one in used:
            board_link(one)
        st.caption("Every screen and answer that names it uses this one definition.")


def guarded_by(actor: Actor, there: Inventory, metric: Metric) -> None:
    """What is checked of everything it is made from."""
    above = [name for name in there.above(metric_key(metric.name)) if there.entries[name].kind is Kind.MODEL]
    with reading_as(actor) as session:
        rows = [row for row in latest_checks(session, actor, "dbt") if row.subject in above]
    with st.container(border=True):
        failing = sum(not row.passed for row in rows)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**Checked**", width="content")
            if failing:
                st.badge(f"{failing} of {formats.counted(len(rows), 'check')} found something", color="orange")
            elif rows:
                st.badge(f"All {formats.counted(len(rows), 'check')} pass", color="green")
        st.caption(f"With every build, of the {formats.counted(len(above), 'table')} it is made from.")
        listed(actor, rows)


def one_metric(actor: Actor, opened: Serving, metric: Metric) -> None:
    """Everything about a metric."""
    known, there = opened.catalogue, whole_inventory(actor, opened)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header(formats.plain(metric.label), anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            own_tools(actor, opened, metric)
            explore_link(metric.label)
            thing_link(there.entries[metric_key(metric.name)], "Lineage")
    badges(metric)
    meaning(known, metric)
    left, right = st.columns(2)
    with left:
        divisions(known, metric)
    with right:
        ways(there, metric)
    guarded_by(actor, there, metric)


who, actor = signed_in(), current_actor()
asked = st.query_params.get(METRIC)
if asked:
    st.button("All metrics", icon=":material/arrow_back:", type="tertiary", on_click=back)
st.title("Metrics", anchor=False)
with telling():
    opened = serving_as(actor)
    if asked:
        one_metric(actor, opened, opened.catalogue.metric(asked))
    else:
        st.markdown("Every number has one definition, whoever asks and wherever it is shown.")
        found = choose(opened.catalogue)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(f"{formats.counted(len(found), 'metric')}. Click one to open it.", width="content")
            define_button(actor, opened)
        if found:
            table(found)
        else:
            st.info("No metric is called that. Try fewer words, or everybody's.")
