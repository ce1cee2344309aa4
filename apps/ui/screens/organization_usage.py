"""Plan and usage: how much of this installation does the organization use?"""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.problems import telling
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading_as
from warehouse.operations.model_calls import spent_in_month
from warehouse.operations.organization_settings import read_usage
from warehouse.settings import settings

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def size(count: int) -> str:
    """`0 bytes`, `4.2 MiB`."""
    value, step = float(count), 0
    while value >= 1024 and step < len(UNITS) - 1:
        value, step = value / 1024, step + 1
    return f"{value:,.1f} {UNITS[step]}" if step else f"{count:,} bytes"


who, actor = signed_in(), current_actor()
st.title("Plan and usage", anchor=False)
with telling():
    with reading_as(actor) as session:
        used = read_usage(session, actor)
        model = spent_in_month(session, actor)
    st.markdown("This installation sets no limits. This is what the organization uses of it now.")
    with st.grid(4, min_column_width=160):
        st.metric("Seats", formats.count(used.seats), border=True, help="Active members who can sign in.")
        st.metric("Invited", formats.count(used.invited), border=True)
        st.metric("Files", size(used.file_bytes), border=True)
        st.metric("Published numbers", size(used.extract_bytes), border=True, help="The two latest extracts.")
    st.subheader("Records", anchor=False)
    with st.grid(5, min_column_width=150):
        for label, count in used.records.items():
            st.metric(label, formats.count(count), border=True)
    if settings().openai_model or model.calls:
        st.subheader("Model that reads questions, this month", anchor=False)
        with st.grid(4, min_column_width=160):
            st.metric("Requests", formats.count(model.calls), border=True)
            st.metric("Tokens", formats.count(model.tokens), border=True, help=f"Of {model.limit:,} in a month.")
            st.metric("Cost", formats.UNKNOWN if model.cost is None else f"{model.cost:,.4f}", border=True)
