"""Writes small XLSX workbooks by hand: nothing we ship can write one."""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DAY_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
DAY_STYLE, MOMENT_STYLE = 1, 2


@dataclass(frozen=True)
class Formula:
    """A formula and the value it had when the workbook was last saved."""

    text: str
    cached: str


@dataclass(frozen=True)
class Failed:
    """A cell that shows an error such as `#DIV/0!`."""

    error: str


Cell = str | int | float | Decimal | bool | date | datetime | Formula | Failed | None


@dataclass(frozen=True)
class Tab:
    """One sheet: its name, its rows, and whether people see it."""

    name: str
    rows: Sequence[Sequence[Cell]]
    state: str = "visible"


def write_workbook(path: Path, *tabs: Tab, extra: dict[str, bytes] | None = None, shared: bool = False) -> Path:
    """A workbook with these sheets; `extra` are further parts, `shared` keeps texts in one table as Excel does."""
    texts: list[str] = []
    names = "".join(
        f'<sheet name={quoteattr(tab.name)} sheetId="{n}" state="{tab.state}" r:id="rId{n}"/>'
        for n, tab in enumerate(tabs, start=1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(tabs) + 1)
    )
    sheets = {
        f"xl/worksheets/sheet{n}.xml": "".join(_sheet(tab.rows, texts if shared else None))
        for n, tab in enumerate(tabs, start=1)
    }
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}'
        f'<Relationship Id="rIdS" Type="{RELATIONS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rIdT" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {MAIN}><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/>'
        '<xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f"<sst {MAIN}>" + "".join(f"<si><t>{escape(t)}</t></si>" for t in texts) + "</sst>",
        **sheets,
        **(extra or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return path


def _sheet(rows: Sequence[Sequence[Cell]], shared: list[str] | None) -> Iterable[str]:
    yield f"<worksheet {MAIN}><sheetData>"
    for number, row in enumerate(rows, start=1):
        cells = (_cell(f"{_letters(place)}{number}", cell, shared) for place, cell in enumerate(row))
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield "</sheetData></worksheet>"


def _letters(place: int) -> str:
    return chr(65 + place) if place < 26 else _letters(place // 26 - 1) + chr(65 + place % 26)


def _cell(at: str, cell: Cell, shared: list[str] | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return f'<c r="{at}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, datetime):
        return f'<c r="{at}" s="{MOMENT_STYLE}"><v>{(cell.replace(tzinfo=UTC) - DAY_ZERO).total_seconds() / 86_400!r}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{at}" s="{DAY_STYLE}"><v>{(cell - DAY_ZERO.date()).days}</v></c>'
    if isinstance(cell, Formula):
        return f'<c r="{at}"><f>{escape(cell.text)}</f><v>{cell.cached}</v></c>'
    if isinstance(cell, Failed):
        return f'<c r="{at}" t="e"><v>{cell.error}</v></c>'
    if isinstance(cell, str) and shared is not None:
        shared.append(cell)
        return f'<c r="{at}" t="s"><v>{len(shared) - 1}</v></c>'
    if isinstance(cell, str):
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return f'<c r="{at}"><v>{cell!r}</v></c>' if isinstance(cell, float) else f'<c r="{at}"><v>{cell}</v></c>'
