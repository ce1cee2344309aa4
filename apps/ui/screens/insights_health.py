"""Health: can the data be trusted, where is it not whole, how fresh is each source, and could people get at it?"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import streamlit as st

from apps.health import LATE_AFTER
from apps.ui import formats
from apps.ui.parts.availability_card import availability_card
from apps.ui.parts.check_list import listed
from apps.ui.parts.header import header, zone
from apps.ui.parts.inventories import metric_link, thing_link, whole_inventory
from apps.ui.parts.problems import telling
from apps.ui.parts.quality_words import kinds, score_badge, share
from apps.ui.parts.rows import clickable
from apps.ui.session import current_actor, signed_in
from warehouse.extracts.described import Quality, read_description
from warehouse.metrics.inventory import Inventory, Kind
from warehouse.metrics.quality import Score, score_all, score_metric, score_tables, timeliness
from warehouse.metrics.serving import NoExtract, Serving, serving_as
from warehouse.metrics.sources import Source, count_rows, sources, waited_minutes
from warehouse.oltp.engine import reading_as
from warehouse.operations.checks import latest_checks
from warehouse.settings import settings
from warehouse.tenancy import Actor

OF, TABLES, METRICS = "of", "Tables", "Metrics"
ROUND = "health_round"
LATEST_SOURCES = 12
NAMES = {"several": "Many kinds at once", "opportunities": "Deals", "memberships": "Members"}
# What changes are called that people know by another name; a load brings many kinds of records in one change.


def scores_of(actor: Actor, opened: Serving, found: list[Source]) -> dict[str, Score]:
    """Table → its score."""
    with reading_as(actor) as session:
        checks = latest_checks(session, actor, "dbt")
    allowed = LATE_AFTER * settings().refresh_minutes
    timely = timeliness(waited_minutes(found, datetime.now(UTC)), allowed)
    rows = count_rows(opened)
    known = read_description(opened.provenance.definitions)
    return score_tables(checks, rows, known, timely)


def by_metric(there: Inventory, scores: Mapping[str, Score]) -> dict[str, Score]:
    """Key of a metric → its score, by everything it is made from."""
    return {
        one.key: score_metric(there.above(one.key), scores) for one in there.entries.values() if one.kind is Kind.METRIC
    }


def worst_first(scores: Mapping[str, Score]) -> list[tuple[str, Score]]:
    """The ones to look at on top."""
    return sorted(scores.items(), key=lambda one: (one[1].value if one[1].value is not None else Decimal(2), one[0]))


def listing(there: Inventory, scores: Mapping[str, Score], what: str) -> None:
    """Tables or metrics with their scores; a click opens one."""
    rows = worst_first(scores)
    picked = clickable(
        [
            {
                what[:-1]: there.entries[key].label,
                "Score": share(score.value),
                **{kind.value.capitalize(): share(score.shares.get(kind)) for kind in Quality},
                "Checks": f"{score.checks:,}",
                "Found something": f"{len(score.failing):,}",
            }
            for key, score in rows
        ],
        key=f"health_{what}_{st.session_state.get(ROUND, 0)}",
        alt_text=f"{what} with their scores, worst first; choose a row to open one",
        columns={what[:-1]: st.column_config.TextColumn(width=230)},
        most=10,
    )
    if picked is not None:
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.query_params[OF] = rows[picked][0]
        st.rerun()


def back() -> None:
    """To all of them."""
    st.query_params.pop(OF, "")


def opened_one(actor: Actor, there: Inventory, key: str, score: Score, above: Mapping[str, Score]) -> None:
    """One table or metric: its kinds, what fails with the records, and for a metric the tables behind it."""
    entry = there.entries[key]
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
                st.markdown(f"**{formats.plain(entry.label)}**", width="content")
                score_badge(score)
            with st.container(horizontal=True, width="content", vertical_alignment="center"):
                (metric_link if entry.kind is Kind.METRIC else thing_link)(entry)
                st.button("Close", icon=":material/close:", type="tertiary", on_click=back)
        kinds(score)
        if not score.failing:
            st.caption(f"All {formats.counted(score.checks, 'check')} pass.")
        listed(actor, score.failing)
        for name, one in worst_first(above):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                thing_link(there.entries[name])
                score_badge(one)


def organization(scores: Mapping[str, Score]) -> None:
    """The whole, in five kinds."""
    whole = score_all(scores)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**Data quality**", width="content")
            score_badge(whole)
        st.caption(
            f"Of each kind, the share of rows without a fault that one of {formats.counted(whole.checks, 'check')} finds, "
            "as the mean over the tables; the score is the mean of the kinds."
        )
        kinds(whole)


def freshness(found: list[Source], place: str) -> None:
    """Each source: what was written last, and what of it the numbers have not seen."""
    now = datetime.now(UTC)
    with st.container(border=True):
        st.markdown("**Sources**")
        st.caption("What people, programs and imports wrote last, and what of it waits for the next refresh.")
        if not found:
            st.markdown("Nothing was written yet.")
            return
        rows = [
            {
                "What": NAMES.get(one.name) or one.name.replace("_", " ").capitalize(),
                "Last change": formats.since(one.last_change_at, now, place),
                "Not in the numbers yet": formats.counted(one.waiting, "change") if one.waiting else "Everything is in",
                "Oldest of them": formats.since(one.waits_since, now, place) if one.waits_since else formats.UNKNOWN,
            }
            for one in found
        ]
        st.dataframe(
            rows,
            hide_index=True,
            alt="Sources",
            height="content" if len(rows) <= LATEST_SOURCES else 460,
            row_height=36,
        )


def everything(actor: Actor, place: str) -> None:
    """The whole screen, of an organization that has numbers."""
    opened = serving_as(actor)
    with reading_as(actor) as session:
        found = sources(session, actor, opened)
    there = whole_inventory(actor, opened)
    scores = {key: score for key, score in scores_of(actor, opened, found).items() if key in there.entries}
    metrics = by_metric(there, scores)
    organization(scores)
    asked = st.query_params.get(OF, "")
    score = scores.get(asked) or metrics.get(asked)
    if score:
        above = {key: scores[key] for key in there.above(asked) if key in scores} if asked in metrics else {}
        opened_one(actor, there, asked, score, above)
    what = st.segmented_control("Scores of", [TABLES, METRICS], default=TABLES, required=True, key="scores_of")
    listing(there, scores if what == TABLES else metrics, str(what))
    freshness(found, place)


who, actor = signed_in(), current_actor()
header(who, actor, "Health")
with telling(), suppress(NoExtract):
    # Where there are no numbers yet, the line under the title says so.
    everything(actor, zone(who))
with telling():
    availability_card(zone(who))
