"""Office paper: what one sheet holds, and sheets as one PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from checkout_desk import typesetting
from checkout_desk.shipping.paper import codes, postal

SOURCE = (Path(__file__).parent / "sheet.typ").read_bytes()
LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "VE"})
"""countries whose printers hold letter paper"""
TICK = "[]"
"""a cell that is an empty box to tick"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `widths` are 'auto', '1fr' or '2fr', `align` 'left', 'right' or 'center'."""

    head: list[str]
    rows: list[list[str]]
    widths: list[str]
    align: list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document; a long one goes on for several pages. `code` is the parcel that its barcode names."""

    title: str
    under: list[str] = field(default_factory=list)
    code: str = ""
    columns: list[tuple[str, postal.Block]] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    sums: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sign: str = ""
    foot: str = ""
    language: str = "en"
    country: str = ""
    """where it is read: for the shapes of Chinese characters"""
    paper: str = "a4"


def pdf(sheets: Sequence[Sheet]) -> bytes:
    """All of them, each from a page of its own."""
    return typesetting.pdf(SOURCE, data(sheets))


def data(sheets: Sequence[Sheet]) -> dict[str, Any]:
    """What the source needs."""
    return {"title": sheets[0].title if sheets else "", "sheets": [_data(sheet) for sheet in sheets]}


def paper(country: str) -> str:
    """What a printer in `country` holds."""
    return "us-letter" if country in LETTER else "a4"


def _data(sheet: Sheet) -> dict[str, Any]:
    wide, bars = codes.code128(sheet.code) if sheet.code else (0, [])
    lines = [one.text for _, block in sheet.columns for one in block.lines]
    cells = [cell for table in sheet.tables for row in table.rows for cell in row]
    words = " ".join([*lines, *cells, sheet.title])
    return {
        "title": sheet.title, "under": sheet.under, "sign": sheet.sign, "foot": typesetting.clean(sheet.foot),
        "code": {"wide": wide, "bars": bars, "name": sheet.code} if sheet.code else None,
        "columns": [{"head": head, "lines": block.data()["lines"]} for head, block in sheet.columns],
        "facts": [[key, typesetting.clean(value)] for key, value in sheet.facts if value],
        "tables": [asdict(table) | {"rows": [[_cell(c) for c in row] for row in table.rows]} for table in sheet.tables],
        "sums": sheet.sums, "notes": [typesetting.clean(note) for note in sheet.notes if note],
        "fonts": typesetting.families(words, language=sheet.language, country=sheet.country), "language": sheet.language,
        "paper": sheet.paper,
    }  # fmt: skip


def _cell(text: str) -> str:
    return text if text == TICK else postal.line(typesetting.clean(text)).text
