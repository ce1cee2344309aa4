"""The end of an organization: everything handed out first, then deleted under a certificate."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import streamlit as st

from apps.ui import formats, session
from apps.ui.parts.problems import saving
from warehouse.files.places import FilesUnreachable
from warehouse.lake.writer import LakeLocked
from warehouse.operations.departure import DepartureUnfinished, begin, proceed
from warehouse.operations.identity import SignedIn
from warehouse.operations.passwords import PasswordRefused
from warehouse.operations.takeaway import export_organization
from warehouse.operations.throttle import TooManyAttempts
from warehouse.settings import settings
from warehouse.tenancy import Actor

FRESH = timedelta(minutes=10)
"""A sign-in younger than this need not give the password again."""


def departing_card(who: SignedIn, actor: Actor) -> None:
    """What happens, the export, and the form that ends it."""
    with st.expander("Delete the organization", icon=":material/delete_forever:"):
        st.markdown(
            "Everything goes at once and cannot be brought back: records, files, numbers, receipts, the audit, and the "
            "accounts of people who are in no other organization. A certificate of it remains."
        )
        export = settings().departing_path / f"{actor.organization_id}.zip"
        if st.button("Prepare the export", icon=":material/archive:"):
            with saving(), st.spinner("Collecting everything …"):
                export_organization(actor, export)
        if not export.is_file():
            st.caption("The export comes first: a ZIP with every table as CSV and JSON, and every file.")
            return
        with export.open("rb") as made:
            st.download_button(
                "Download the export",
                made,
                file_name=f"{who.organization_slug}.zip",
                mime="application/zip",
                icon=":material/download:",
            )
        confirm(who, actor, export)


def confirm(who: SignedIn, actor: Actor, export: Path) -> None:
    """The slug, and the password where the sign-in is not fresh."""
    is_old = session.age_of(who) > FRESH
    with st.form("departing", border=False):
        typed = st.text_input(f"Type {who.organization_slug} to confirm", autocomplete="off")
        password = st.text_input("Your password", type="password") if is_old else ""
        sure = st.checkbox("I have downloaded the export and looked into it")
        asked = st.form_submit_button("Delete everything now", type="primary")
    if asked and not sure:
        st.error("Download the export first, and say so.")
    elif asked:
        try:
            if is_old:
                session.prove_password(who, password)
            delete(who, actor, typed, export)
        except (PasswordRefused, TooManyAttempts) as refusal:
            st.error(str(refusal))


def delete(who: SignedIn, actor: Actor, typed: str, export: Path) -> None:
    """Close the organization, then delete it; interrupted, the operator's command goes on."""
    departure_id = ""
    with saving():
        departure_id = begin(actor, typed, export)
    if not departure_id:
        return
    st.session_state[session.LAST_WORD] = departure_id
    with st.status("Deleting …", expanded=True) as status:
        st.markdown(
            f"Certificate {formats.plain(departure_id)}: note this number, the operator can print it at any time."
        )
        try:
            # Without a word in between: Streamlit would end the run there when the person clicks elsewhere.
            proceed(departure_id)
        except (DepartureUnfinished, LakeLocked, FilesUnreachable) as stopped:
            status.update(label="Interrupted", state="error")
            st.error(
                f"{stopped} The organization is closed for everybody. The operator finishes it with "
                f"`longhouse organization delete {who.organization_slug}`."
            )
            st.stop()
        status.update(label="Deleted and certified", state="complete")
    st.success(f"Deleted on {formats.moment(datetime.now(UTC))} under the certificate {departure_id}.")
    st.stop()
