"""Runs: when the numbers were last brought up to date, how that went, and what the clock does now."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import streamlit as st

from apps.children import clock_runs
from apps.doctor import LOCKS
from apps.ui import formats
from apps.ui.parts.header import zone
from apps.ui.parts.problems import saving, telling
from apps.ui.parts.toasts import say_next, say_now
from apps.ui.reruns import by_itself
from apps.ui.session import current_actor, signed_in
from warehouse.lake.writer import is_held
from warehouse.oltp.engine import reading, reading_as, writing
from warehouse.oltp.organization import JobStatus
from warehouse.operations.identity import SignedIn
from warehouse.operations.reading import names_of
from warehouse.operations.runs import REFRESHES, Run, list_runs, start_run, stop_run
from warehouse.settings import settings
from warehouse.tenancy import Actor

LOOK_AGAIN = "5s"
SILENT_AFTER = timedelta(minutes=2)
JOBS = {"refresh": "Refresh", "nightly": "Night's work"}
MEANINGS = {
    "refresh": "Takes in what changed, builds and checks the business model, and publishes it.",
    "nightly": "Compares the store with the lake, examines what came in, and keeps the lake small.",
}
Color = Literal["gray", "blue", "orange", "green", "red"]
STATES: dict[JobStatus, tuple[str, Color, str]] = {
    JobStatus.REQUESTED: ("Waits", "gray", ":material/schedule:"),
    JobStatus.RUNNING: ("Runs", "blue", ":material/sync:"),
    JobStatus.STOPPING: ("Is being stopped", "orange", ":material/stop_circle:"),
    JobStatus.SUCCEEDED: ("Ended well", "green", ":material/check_circle:"),
    JobStatus.FAILED: ("Failed", "red", ":material/error:"),
    JobStatus.STOPPED: ("Stopped", "orange", ":material/stop_circle:"),
}
LOST: tuple[str, Color, str] = ("Ended without a word", "red", ":material/help:")


def state_of(run: Run) -> tuple[str, Color, str]:
    """How a run stands; one that says it runs while nothing does was killed."""
    began = run.started_at or run.requested_at
    silent = run.status is JobStatus.RUNNING and datetime.now(UTC) - began > SILENT_AFTER
    if silent and not any(is_held(settings().home / place) for place in LOCKS):
        return LOST
    return STATES[run.status]


def length(run: Run) -> str:
    """How long it took: `42 s`, `3.5 min`."""
    took = run.took
    if took is None:
        return formats.UNKNOWN
    seconds = took.total_seconds()
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def by(run: Run, names: dict[str, str]) -> str:
    """Who or what asked for it."""
    told = names.get(run.requested_by, run.requested_by)
    # The id of somebody of another organization says nothing to anybody here.
    return "a member" if len(told) == 36 and told.count("-") == 4 else told


def start(who: SignedIn, actor: Actor, job: str) -> None:
    """Ask for a job."""
    with saving():
        with writing() as session:
            start_run(session, who, actor, job)
        if clock_runs():
            say_next(f"{JOBS[job]}: asked for; it begins within seconds")
        else:
            say_next("Asked for, but no clock is running here: `longhouse clock` starts one")


def stop(who: SignedIn, actor: Actor, run_id: str) -> None:
    """Stop a run."""
    with saving():
        with writing() as session:
            state = stop_run(session, who, actor, run_id)
        say_next("Stopped" if state is JobStatus.STOPPED else "It is being stopped; that takes some seconds")


def buttons(who: SignedIn, actor: Actor) -> None:
    """What may be started by whoever looks."""
    allowed = [job for job in JOBS if who.is_operator or (job == "refresh" and actor.may(REFRESHES))]
    with st.container(horizontal=True, vertical_alignment="center"):
        for job in allowed:
            st.button(
                f"Start: {JOBS[job].lower()}",
                key=f"start_{job}",
                icon=":material/play_arrow:",
                type="primary" if job == "refresh" else "secondary",
                help=MEANINGS[job],
                on_click=start,
                args=(who, actor, job),
            )
        if clock_runs():
            st.badge("The clock is running", icon=":material/check_circle:", color="green")
        else:
            st.badge("No clock is running here", icon=":material/alarm_off:", color="orange")


def going_on(who: SignedIn, actor: Actor, run: Run, names: dict[str, str]) -> None:
    """A run that waits or goes on, to be watched and stopped."""
    told, color, icon = state_of(run)
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
            st.markdown(f"**{JOBS.get(run.job, run.job)}**", width="content")
            st.badge(told, color=color, icon=icon)
            since = formats.since(run.started_at or run.requested_at, datetime.now(UTC), zone(who))
            st.caption(f"since {since}, asked for by {formats.plain(by(run, names))}", width="content")
        if who.is_operator and run.can_be_stopped:
            st.button(
                "Stop", key=f"stop_{run.id}", icon=":material/stop_circle:", on_click=stop, args=(who, actor, run.id)
            )


def past(runs: list[Run], names: dict[str, str], place: str) -> None:
    """What is over."""
    st.dataframe(
        [
            {
                "Began": formats.moment(run.started_at or run.requested_at, place),
                "Job": JOBS.get(run.job, run.job),
                "Outcome": state_of(run)[0],
                "Took": length(run),
                "What it did, or why it failed": " ".join(run.told.split()) or formats.UNKNOWN,
                "Asked for by": by(run, names),
            }
            for run in runs
        ],
        hide_index=True,
        height="content" if len(runs) <= 15 else 580,
        row_height=36,
        alt="Runs, latest first",
        column_config={
            "Began": st.column_config.TextColumn(width=165),
            "Job": st.column_config.TextColumn(width=110),
            "Outcome": st.column_config.TextColumn(width=130),
            "Took": st.column_config.TextColumn(width=80),
            "What it did, or why it failed": st.column_config.TextColumn(width=370),
            "Asked for by": st.column_config.TextColumn(width=140),
        },
    )


def last_failure(runs: list[Run], place: str) -> None:
    """Why the latest run of a job failed, in full, where no later one ended well."""
    for job in JOBS:
        latest = next((run for run in runs if run.job == job and not run.is_under_way), None)
        if latest and latest.status is JobStatus.FAILED:
            when = formats.moment(latest.finished_at or latest.requested_at, place)
            st.error(formats.plain(latest.told), title=f"The last {JOBS[job].lower()} failed, {when}")


def history(who: SignedIn, actor: Actor) -> None:
    """Everything that runs and ran."""
    with telling():
        with reading() if who.is_operator else reading_as(actor) as session:
            runs = list_runs(session, who, actor)
        with reading_as(actor) as session:
            names = names_of(session, actor, "memberships", [run.requested_by for run in runs])
        active = [run for run in runs if run.is_under_way and state_of(run) is not LOST]
        for run in active:
            going_on(who, actor, run, names)
        over = [run for run in runs if run not in active]
        last_failure(over, zone(who))
        if over:
            past(over, names, zone(who))
        elif not active:
            st.info("Nothing has run yet. The first refresh makes the first numbers.", title="No runs yet")


who, actor = signed_in(), current_actor()
say_now()
st.title("Runs", anchor=False)
st.markdown(
    f"A refresh runs every {formats.counted(settings().refresh_minutes, 'minute')} where something changed, "
    "and the night's work once a night. A run that fails or is stopped leaves what people see as it is."
)
buttons(who, actor)
st.fragment(by_itself(history), run_every=LOOK_AGAIN)(who, actor)
