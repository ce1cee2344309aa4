"""What there is, for the screens that show it: the inventory of who looks, and ways from one thing to another."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.keeping import BOARD, board_of
from warehouse.dashboards import Dashboard
from warehouse.metrics.dashboard import known_to, standard
from warehouse.metrics.inventory import Entry, Inventory, Kind, inventory
from warehouse.metrics.serving import Serving
from warehouse.oltp.engine import reading_as
from warehouse.operations.dashboards import dashboards_of
from warehouse.tenancy import Actor

CATALOGUE, METRICS, EXPLORE, DASHBOARD = (
    "screens/insights_catalogue.py",
    "screens/insights_metrics.py",
    "screens/explore.py",
    "screens/dashboard.py",
)
THING, METRIC = "thing", "metric"
"""Parts of an address: which thing of the catalogue, which metric."""
ICONS = {
    Kind.STORE: ":material/database:",
    Kind.MODEL: ":material/table:",
    Kind.METRIC: ":material/function:",
    Kind.DASHBOARD: ":material/dashboard:",
}
FLOORS = {
    Kind.STORE: "Store",
    Kind.MODEL: "Model",
    Kind.METRIC: "Metrics",
    Kind.DASHBOARD: "Dashboards",
}


def boards_of(actor: Actor, opened: Serving) -> dict[str, Dashboard]:
    """The dashboards an actor may open, the saved ones too, with what they know of each."""
    with reading_as(actor) as session:
        saved = {one.id: board_of(one) for one in dashboards_of(session, actor)}
    return {name: known_to(board, opened.catalogue) for name, board in (standard() | saved).items()}


def whole_inventory(actor: Actor, opened: Serving) -> Inventory:
    """Everything an actor may know of."""
    return inventory(opened, boards_of(actor, opened))


def thing_link(entry: Entry, label: str = "") -> None:
    """A link to where a thing is told of; it is called by its name, unless by something else."""
    told = label or formats.plain(entry.label)
    st.page_link(CATALOGUE, label=told, icon=ICONS[entry.kind], query_params={THING: entry.key})


def metric_link(entry: Entry) -> None:
    """A link to a metric's own page."""
    name = entry.key.partition(".")[2]
    st.page_link(METRICS, label=formats.plain(entry.label), icon=ICONS[Kind.METRIC], query_params={METRIC: name})


def board_link(entry: Entry) -> None:
    """A link to a dashboard itself."""
    named = {BOARD: entry.key.partition(".")[2]}
    st.page_link(DASHBOARD, label=formats.plain(entry.label), icon=ICONS[Kind.DASHBOARD], query_params=named)


def explore_link(label: str) -> None:
    """A link to Explore with a metric chosen, by what it is called."""
    st.page_link(EXPLORE, label="Explore it", icon=":material/travel_explore:", query_params={"metric": label})
