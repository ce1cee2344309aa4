"""A report as a PDF: a title, figures, then charts and tables one under the other, on A4."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

FONTS = Path("/usr/share/fonts/truetype/dejavu")
"""The charts are drawn with it too; without it, what Latin-1 has no sign for is written as a question mark."""
INK, QUIET, LINE, HEAD = (15, 26, 30), (76, 87, 91), (214, 222, 221), (238, 244, 243)
MARGIN, WIDE = 16, 178
ACROSS = 3
MOST_ROWS = 40
NEXT = {"new_x": XPos.LMARGIN, "new_y": YPos.NEXT}


@dataclass(frozen=True)
class Figure:
    """A number on top: what it is, its value, and what it is compared with."""

    label: str
    value: str
    compared: str = ""


@dataclass(frozen=True)
class Part:
    """One card: a picture or a table, and what is said under it."""

    title: str
    picture: bytes | None = None
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """Everything on it."""

    title: str
    under: str
    """Whose it is, of when, and as of which numbers."""
    figures: Sequence[Figure] = ()
    parts: Sequence[Part] = ()
    receipts: Sequence[str] = field(default=())


def as_pdf(report: Report) -> bytes:
    """The report as a file."""
    paper = _Paper()
    paper.add_page()
    paper.line_of(report.title, 20, bold=True)
    paper.line_of(report.under, 9, color=QUIET)
    paper.ln(4)
    _figures(paper, report.figures)
    for part in report.parts:
        _part(paper, part)
    if report.receipts:
        paper.ln(2)
        paper.line_of(f"Receipts: {', '.join(report.receipts)}", 7, color=QUIET)
    return bytes(paper.output())


class _Paper(FPDF):  # type: ignore[misc]
    """A4 with our font, or the nearest there is."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, MARGIN)
        self.has_own = (FONTS / "DejaVuSans.ttf").exists() and (FONTS / "DejaVuSans-Bold.ttf").exists()
        self.family = "DejaVu" if self.has_own else "Helvetica"
        if self.has_own:
            self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
            self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.write_in(9)

    def footer(self) -> None:
        """The page's number."""
        self.set_y(-12)
        self.write_in(7, color=QUIET)
        self.cell(0, 5, f"{self.page_no()}", align="C")

    def write_in(self, size: float, *, bold: bool = False, color: tuple[int, int, int] = INK) -> None:
        """From here on, write like this."""
        self.set_font(self.family, "B" if bold else "", size)
        self.set_text_color(*color)

    def known(self, text: str) -> str:
        """A text in the signs the font has."""
        return text if self.has_own else text.encode("latin-1", "replace").decode("latin-1")

    def line_of(self, text: str, size: float, *, bold: bool = False, color: tuple[int, int, int] = INK) -> None:
        """A paragraph."""
        self.write_in(size, bold=bold, color=color)
        self.multi_cell(0, size * 0.5, self.known(text), align="L", **NEXT)


def _figures(paper: _Paper, figures: Sequence[Figure]) -> None:
    """Three across."""
    wide, high = WIDE / ACROSS, 21
    for place, one in enumerate(figures):
        if place % ACROSS == 0 and paper.will_page_break(high):
            paper.add_page()
        left, top = MARGIN + (place % ACROSS) * wide, paper.get_y()
        paper.set_draw_color(*LINE)
        paper.rect(left, top, wide - 3, high - 3, round_corners=True, corner_radius=1.5)
        for size, shift, text, bold, color in (
            (8, 2.0, one.label, False, QUIET),
            (13, 6.0, one.value, True, INK),
            (7, 12.5, one.compared, False, QUIET),
        ):
            paper.set_xy(left + 2.5, top + shift)
            paper.write_in(size, bold=bold, color=color)
            paper.cell(wide - 8, size * 0.45, paper.known(text))
        is_last = place % ACROSS == ACROSS - 1 or place == len(figures) - 1
        paper.set_xy(MARGIN, top + high if is_last else top)


def _part(paper: _Paper, part: Part) -> None:
    paper.ln(3)
    high = _height_of(part)
    if paper.will_page_break(min(high, 240)):
        paper.add_page()
    paper.line_of(part.title, 11, bold=True)
    paper.ln(1)
    if part.picture is not None:
        paper.image(io.BytesIO(part.picture), x=MARGIN, w=WIDE)
    if part.rows:
        _table(paper, part)
    for one in part.notes:
        paper.line_of(one, 8, color=QUIET)


def _height_of(part: Part) -> float:
    if part.picture is None:
        return 20.0 + 6 * min(len(part.rows), 6)
    wide, high = _size(part.picture)
    return 12 + WIDE * high / wide


def _size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG, which stand in its header."""
    return int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")


def _table(paper: _Paper, part: Part) -> None:
    paper.write_in(8)
    paper.set_draw_color(*LINE)
    head = FontFace(emphasis="BOLD", color=INK, fill_color=HEAD)
    with paper.table(
        headings_style=head, borders_layout="HORIZONTAL_LINES", line_height=5, text_align="LEFT", padding=0.8
    ) as table:
        for cells in (part.headings, *part.rows[:MOST_ROWS]):
            row = table.row()
            for cell in cells:
                row.cell(paper.known(cell))
    if len(part.rows) > MOST_ROWS:
        paper.line_of(f"{len(part.rows) - MOST_ROWS} more rows are in the CSV.", 8, color=QUIET)
