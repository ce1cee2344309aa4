"""Makes the reports that are due and mails them: each recipient's with the recipient's own rights, as they stand now."""

import csv
import io
from datetime import UTC, datetime

from apps.outward.paper import Figure, Part, Report, as_pdf
from apps.ui import answers, formats
from apps.ui.answers import Shown
from apps.ui.parts.card_files import FORMULA, as_picture
from apps.ui.parts.card_table import heading
from apps.ui.parts.charts import on_paper
from apps.ui.parts.dashboard_card import FORMS, Drawing
from apps.ui.parts.figures import figures
from apps.ui.parts.kpi import Kpi
from apps.ui.parts.words import value_in_words
from warehouse.dashboards import Card, Dashboard, NoDashboard, read_dashboard
from warehouse.metrics.comparison import Against
from warehouse.metrics.dashboard import View, known_to, question_of
from warehouse.metrics.periods import last_complete
from warehouse.metrics.question import PERIOD
from warehouse.metrics.receipts import keep_receipt
from warehouse.metrics.serving import NoExtract
from warehouse.oltp.engine import writing
from warehouse.operations.audit import record_export
from warehouse.operations.errors import keep_error
from warehouse.operations.identity import SignedIn
from warehouse.operations.mail import Attachment, send_mail
from warehouse.operations.reports import DueReport, note_received, note_report, take_reports
from warehouse.tenancy import Actor

NOBODY = "Nobody of those it goes to may see this dashboard any more."


def send_reports() -> int:
    """Make and mail every report that is due; how many mails were written."""
    with writing() as session:
        due = take_reports(session, datetime.now(UTC))
    return sum(_send(report) for report in due)


def _send(due: DueReport) -> int:
    """One report to everybody it goes to; one recipient's trouble keeps no other from theirs."""
    sent, problem = 0, None if due.recipients else NOBODY
    for actor, email in due.recipients:
        try:
            _mail(due, actor, email)
            sent += 1
        except (NoDashboard, NoExtract) as why:
            problem = str(why)
        except Exception as unforeseen:
            problem = f"It could not be made for everybody: tell the operator {keep_error(unforeseen, 'report')}."
    with writing() as session:
        note_report(session, due, problem, datetime.now(UTC))
    return sent


def _mail(due: DueReport, actor: Actor, email: str) -> None:
    made, rows, names_people = make_report(due, actor)
    name = "".join(mark if mark.isalnum() else "-" for mark in made.title.lower()).strip("-") or "report"
    files = (Attachment(f"{name}.pdf", "application/pdf", as_pdf(made)), Attachment(f"{name}.csv", "text/csv", rows))
    text = f"{made.title}: {made.under}\n\nThe report is attached, as PDF and as CSV.\n"
    with writing() as session:
        send_mail(session, email, f"{made.title}, {due.organization}", text, due.organization_id, files)
        note_received(session, due, actor.membership_id or "", datetime.now(UTC))
        record_export(session, actor, "report_schedules", "pdf", personal=names_people)


def make_report(due: DueReport, actor: Actor) -> tuple[Report, bytes, bool]:
    """The report as this person may see it, its rows as CSV, and whether it names people; its receipts are kept for ever.

    Raises NoDashboard or NoExtract.
    """
    board: Dashboard = known_to(read_dashboard(due.body), answers.catalogue(actor))
    opens = answers.opens_on(actor)
    period = last_complete(opens.as_of, answers.calendar(actor).own("month"), answers.calendar(actor))
    view = View(period, opens.as_of)
    who = SignedIn("", "", "", actor=actor, currency=due.currency)
    kpis = figures(actor, board.figures, view, Against.PREVIOUS)
    asked = [(card, answers.ask(actor, question_of(card, view, answers.catalogue(actor)))) for card in board.cards]
    parts = [_part(Drawing(who, actor, card, view, Against.PREVIOUS, shown, "paper")) for card, shown in asked]
    receipts = list(
        dict.fromkeys([*(one.shown.receipt for one in kpis.values()), *(shown.receipt for _, shown in asked)])
    )
    for receipt in receipts:
        keep_receipt(actor, receipt)
    report = Report(
        title=board.title,
        under=f"{due.organization} · {period.label} · as of {formats.day(opens.as_of)}",
        figures=[_figure(one, due.currency) for one in kpis.values()],
        parts=parts,
        receipts=receipts,
    )
    known = answers.catalogue(actor).dimensions
    names_people = any(known[name].is_person for card, _ in asked for name in card.by)
    return report, as_rows(kpis, asked, due.currency), names_people


def _figure(kpi: Kpi, currency: str) -> Figure:
    unit = kpi.metric.unit
    moved = formats.change(kpi.cell.value, kpi.before.value if kpi.before else None, unit)
    compared = f"{moved.text} {kpi.before.words}" if moved and kpi.before else ""
    return Figure(kpi.metric.label, formats.number(kpi.cell.value, unit, currency), compared)


def _part(drawing: Drawing) -> Part:
    """A card on paper: drawn as on the screen, or as a table."""
    card, shown = drawing.card, drawing.shown
    notes = [card.note] if card.note else []
    if all(cell.value is None for line in shown.lines for cell in line.cells.values()):
        return Part(card.title, notes=["Nothing in this time.", *notes])
    if card.form == "table":
        return Part(card.title, headings=_headings(shown, drawing.currency), rows=_cells(shown, drawing), notes=notes)
    with on_paper() as sheet:
        FORMS[card.form](drawing)
    pictures = [as_picture(one.spec, one.height, "light", "") for one in sheet.drawn]
    said = [one.replace("\\", "") for one in sheet.notes]
    return Part(card.title, picture=pictures[0] if pictures else None, notes=[*said, *notes])


def _headings(shown: Shown, currency: str) -> list[str]:
    named = [name.replace("_", " ").capitalize() for name in shown.question.by]
    return [
        *named,
        *(["Period from"] if shown.question.grain else []),
        *(heading(one, currency) for one in shown.metrics),
    ]


def _cells(shown: Shown, drawing: Drawing) -> list[list[str]]:
    return [
        [
            *(drawing.word(name, row) for name in shown.question.by),
            *([str(row[PERIOD])] if shown.question.grain else []),
            *(drawing.told(row[one.name], one.name) for one in shown.metrics),
        ]
        for row in shown.rows
    ]


def as_rows(kpis: dict[str, Kpi], asked: list[tuple[Card, Shown]], currency: str) -> bytes:
    """Every number of a report, one a row, with every digit and its receipt, as spreadsheets read it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(["Card", "Group", "Period from", "Number", "Unit", "Value", "Receipt"])
    for one in kpis.values():
        writer.writerow(_row("Figures", "", "", one.shown, one.metric.name, one.cell.value, currency))
    for card, shown in asked:
        for row in shown.rows:
            group = " · ".join(
                value_in_words(name, None if row[name] is None else str(row[name])) for name in shown.question.by
            )
            since = str(row[PERIOD]) if shown.question.grain else ""
            for metric in shown.metrics:
                writer.writerow(_row(card.title, group, since, shown, metric.name, row[metric.name], currency))
    return written.getvalue().encode("utf-8-sig")


def _row(card: str, group: str, since: str, shown: Shown, name: str, value: object, currency: str) -> list[str]:
    metric = shown.metric(name)
    unit = currency if metric.unit == "money" else metric.unit
    told = [card, group, since, metric.label, unit, "" if value is None else f"{value}", shown.receipt]
    # What looks like a formula is marked as the text it is; numbers stay numbers.
    return [f"'{one}" if place < 3 and one[:1] in FORMULA else one for place, one in enumerate(told)]
