"""Numbers of the organization's own on the screen: defined, changed and put away, each written as its file would say it."""

import streamlit as st
import yaml

from apps.ui import formats
from apps.ui.parts.inventories import METRIC
from apps.ui.parts.problems import saving
from apps.ui.parts.toasts import say_next
from apps.ui.reruns import by_click
from warehouse.metrics.catalogue import Metric, Unknown
from warehouse.metrics.serving import Serving
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.oltp.insights import DefinedMetric
from warehouse.operations.metrics import (
    DEFINES,
    DefineMetric,
    EditMetric,
    OneMetric,
    define_metric,
    delete_metric,
    edit_metric,
    metrics_of,
)
from warehouse.own_metrics import NoMetric, OwnMetric, own_metric_of
from warehouse.tenancy import Actor

EXAMPLE = """\
name: won_per_customer
label: Won per customer
description: What was won, for each customer there was as the period ended.
unit: money            # count, money, share, days, minutes, number
better: up
inputs:
  won: {metric: won_value}
  there: {metric: customer_count}
formula: won / there
"""
HELP = "A governed number of some records only needs `metric:` and `where:` instead of `inputs:` and `formula:`."


def define_button(actor: Actor, opened: Serving) -> None:
    """The way to a new number, for whoever may define one."""
    if actor.may(DEFINES) and st.button("Define a number", icon=":material/add:", key="define_metric"):
        ask_new(actor, opened)


def own_tools(actor: Actor, opened: Serving, metric: Metric) -> None:
    """What can be done with a number of the organization's own, on its page."""
    if not (metric.is_own and actor.may(DEFINES)):
        return
    with reading_as(actor) as session:
        kept = {one.name: one for one in metrics_of(session, actor)}.get(metric.name)
    if kept is None:
        return
    if st.button("Change", icon=":material/edit:", type="tertiary", key="change_metric"):
        ask_changes(actor, opened, kept)
    if st.button("Put away", icon=":material/delete:", type="tertiary", key="delete_metric"):
        ask_away(actor, kept)


@st.dialog("Define a number", width="large", icon=":material/function:")
@by_click
def ask_new(actor: Actor, opened: Serving) -> None:
    """A number made of governed ones, as a file would say it."""
    wanted = _written(opened, EXAMPLE)
    if wanted is None:
        return
    done = False
    with saving(), writing_as(actor) as session:
        define_metric(session, actor, DefineMetric(body=wanted.model_dump(mode="json")))
        done = True
    _open_next(wanted, done=done)


@st.dialog("Change the number", width="large", icon=":material/edit:")
@by_click
def ask_changes(actor: Actor, opened: Serving, kept: DefinedMetric) -> None:
    """The same of one that is there; what it was before is kept."""
    wanted = _written(opened, yaml.safe_dump(kept.body, sort_keys=False, allow_unicode=True, width=110))
    if wanted is None:
        return
    done = False
    with saving(), writing_as(actor) as session:
        body = wanted.model_dump(mode="json")
        edit_metric(session, actor, EditMetric(id=kept.id, version=kept.version, body=body))
        done = True
    _open_next(wanted, done=done)


@st.dialog("Put the number away", icon=":material/delete:")
@by_click
def ask_away(actor: Actor, kept: DefinedMetric) -> None:
    """Ask once more."""
    told = "Nobody here can ask for it any more; receipts of it still hold, and it can be defined again under its name."
    st.markdown(f"**{formats.plain(kept.name)}**: {told}")
    if not st.button("Put away", type="primary", key="really_away"):
        return
    done = False
    with saving(), writing_as(actor) as session:
        delete_metric(session, actor, OneMetric(id=kept.id, version=kept.version))
        done = True
    if done:
        say_next(f"{kept.name} is put away")
        st.query_params.pop(METRIC, "")
        st.rerun()


def _written(opened: Serving, text: str) -> OwnMetric | None:
    """What somebody wrote and sent, once it is sound; they are told where it is not."""
    with st.form("own_metric", border=False):
        told = st.text_area("As a file", text, height=320, help=HELP)
        if not st.form_submit_button("Save", type="primary"):
            return None
    try:
        wanted = own_metric_of(told)
        opened.must_know(wanted)
    except (NoMetric, Unknown) as wrong:
        st.error(formats.plain(str(wrong)), title="Not saved")
        return None
    return wanted


def _open_next(wanted: OwnMetric, *, done: bool) -> None:
    """Its page, once it is kept; where it was refused, what was written stays to be put right."""
    if not done:
        return
    say_next(f"{wanted.label} is saved")
    st.query_params[METRIC] = wanted.name
    st.rerun()
