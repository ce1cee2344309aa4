"""A card as a file: CSV and XLSX with every digit and the receipt, PNG as it is drawn."""

import csv
import io
import json
import subprocess
import sys
from typing import Any

import xlsxwriter

from apps.ui.answers import Shown
from apps.ui.parts.card_table import heading
from apps.ui.parts.chart_specs import TEXT
from apps.ui.parts.words import value_in_words
from warehouse.metrics.question import PERIOD

FORMULA = frozenset("=+-@\t\r")
"""What spreadsheets take a cell for a formula by."""
NUMBERS = {"money": "#,##0.00", "share": "0.0%", "count": "#,##0", "days": "0.0", "minutes": "0", "number": "0.00"}
PAPER = {"light": "#ffffff", "dark": "#12191b"}
WIDE, SCALE, PATIENCE = 860, 2, 60


def as_csv(shown: Shown, currency: str) -> bytes:
    """The rows for a spreadsheet: UTF-8 with the mark by which Excel knows it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_headings(shown, currency))
    for row in shown.rows:
        values = ["" if row[one.name] is None else f"{row[one.name]}" for one in shown.metrics]
        writer.writerow([*_words(shown, row), *values, shown.receipt])
    return written.getvalue().encode("utf-8-sig")


def as_workbook(shown: Shown, currency: str, title: str) -> bytes:
    """The rows as a workbook of one sheet, numbers in the formats of their units."""
    made = io.BytesIO()
    # Names stay texts: nothing that a person typed is computed or followed.
    asked = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, asked) as book:
        sheet = book.add_worksheet("".join(mark for mark in title if mark not in "[]:*?/\\'")[:31] or "Rows")
        sheet.write_row(0, 0, _headings(shown, currency), book.add_format({"bold": True}))
        looks = {one.name: book.add_format({"num_format": NUMBERS[one.unit]}) for one in shown.metrics}
        for line, row in enumerate(shown.rows, 1):
            words = _words(shown, row)
            sheet.write_row(line, 0, words)
            for place, one in enumerate(shown.metrics, len(words)):
                if row[one.name] is not None:
                    sheet.write_number(line, place, float(row[one.name]), looks[one.name])
            sheet.write_string(line, len(words) + len(shown.metrics), shown.receipt)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return made.getvalue()


def as_picture(spec: dict[str, Any], height: int, look: str, title: str) -> bytes:
    """A chart as it is drawn in `light` or `dark`, twice as fine. Made by a child: the renderer brings a whole script engine along.

    Raises RuntimeError with what the renderer said.
    """
    whole = spec | {"width": WIDE, "height": height, "background": PAPER[look], "padding": 16}
    whole["title"] = {"text": title, "anchor": "start", "offset": 14, "color": TEXT[look], "fontSize": 15}
    made = subprocess.run(
        [sys.executable, "-m", "apps.ui.picture", str(SCALE)],
        input=json.dumps(whole).encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    if made.returncode:
        raise RuntimeError(made.stderr.decode(errors="replace")[-500:])
    return made.stdout


def _headings(shown: Shown, currency: str) -> list[str]:
    question = shown.question
    names = [name.replace("_", " ").capitalize() for name in question.by]
    period = ["Period from"] if question.grain else []
    return [*names, *period, *(heading(one, currency) for one in shown.metrics), "Receipt"]


def _words(shown: Shown, row: dict[str, Any]) -> list[str]:
    question = shown.question
    told = [value_in_words(name, None if row[name] is None else str(row[name])) for name in question.by]
    return [*map(_as_text, told), *([str(row[PERIOD])] if question.grain else [])]


def _as_text(text: str) -> str:
    """A name that looks like a formula is marked as the text it is."""
    return f"'{text}" if text[:1] in FORMULA else text
