"""Finds rows and cells in plain text: bars, tabs, semicolons, columns set with blanks, files with commas, lists of codes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checkout_desk.reading import lexicon
from checkout_desk.reading.catalogue import Catalogue
from checkout_desk.reading.model import Span
from checkout_desk.reading.patterns import quick

COUNT = re.compile(
    r"\W*(?:qty|quantity|quantities|order qty|menge|anzahl|stuck|stk|stuckzahl|quantite|qte|nombre|cantidad|cant|unidades|uds|quantidade|qtd|qtde|quantita|pezzi|q\.ta|aantal|how many|wie ?viele?|combien|cuant[oa]s|quant[ei]|quant[oa]s|hoeveel|pcs|pieces|units|数量|個数)\W*"
)
# A heading that counts only where no other one does: "Item | On hand | Order".
WISH = quick(
    r"\W*(?:(?:to |we |please )?(?:order(?:ed)?|need(?:ed)?|want(?:ed)?|required|request(?:ed)?)|bestell(?:en|ung|menge)|bedarf|commander?|besoin|(?:a )?pedir|pedido|necesit\w+|(?:da )?ordin(?:are|e)|bestel(?:len|ling)|nodig|encomend(?:a|ar)|注文(?:数)?)\W*"
)
SKU = re.compile(
    r"\W*(?:sku|(?:art(?:icle|ikel)?|item|product|produkt|prod)[ .-]*(?:no|nr|nummer|number|num|code|id)|code|ref(?:erence|erencia)?|codigo|codice|nr|no|商品番号|品番)\W*"
)
NAME = re.compile(
    r"\W*(?:item|product|description|article|artikel|produkt|bezeichnung|produit|designation|producto|articulo|descripcion|produto|descricao|prodotto|articolo|descrizione|omschrijving|name|商品|商品名|品名)\W*"
)
SIZE = re.compile(
    r"\W*(?:sizes?|groessen?|grossen?|tailles?|pointure|tallas?|tamanhos?|taglia|misura|maat|サイズ)\W*"
)
_BARS = re.compile(r" \| |\t|(?<=\S) {3,}(?=\S)|;")
_COLUMN = re.compile(r"(?:[^ ]| (?=[^ ]))+")
_COMMA = re.compile(r'(?:"[^"\n]*"|[^,"\n]+)?(?:,|$)')
_UNITS = r"(?:x|pcs?|pieces?|units?|ea|each|off|stk|stuck|st|ud|uds|unidades|pz|pezzi|stuks|un|ex|個|本|枚|つ|点|セット)"
_COUNT_WORDS = "|".join(sorted((w for w in lexicon.EVERYWHERE if w.isascii()), key=len, reverse=True))
_SPELT = rf"(?:(?:{_COUNT_WORDS}|a|half a) )?(?:dozen|dutzend)|(?:{_COUNT_WORDS})"
_COUNTED = rf"(?:{_UNITS}|{'|'.join(sorted((re.escape(u) for u in lexicon.UNITS if len(u) > 2), key=len, reverse=True))})"
_LABEL = r"(?:qty|quantity|menge|anzahl|anz|quantite|qte|cantidad|cant|quantidade|qtde?|quantita|q\.?ta|aantal|aant|数量)"
_CODE = r"(?P<code>[a-z0-9]+(?:[-_./][a-z0-9]+){0,6})"
_WORD = r"(?:(?:item|art(?:icle|ikel)?|best(?:ell)?|sku|code|cod(?:ice|igo)?|ref|product|articulo|articolo|artigo|品番)(?:[ .-]{0,2}(?:no|nr|nummer|code|number))?[ .:#]{1,3})?"
_CODE_FIRST = re.compile(
    rf"[^\w\n(\[]{{0,6}}{_WORD}['\"]?{_CODE}['\"]?(?:[ \t]*[-:=x*×,;|(\[/]+[ \t]*|[ \t]+)(?:{_LABEL}[ .:]*)?(?:x ?)?(?P<count>\d{{1,6}}|{_SPELT})(?:[ ]?{_UNITS}|[ ]{_COUNTED})?[ .)\]]*"
)
_COUNT_FIRST = re.compile(
    rf"[^\w\n(\[]{{0,6}}(?P<count>\d{{1,6}})[ ]?(?:[x*×][ ]?|{_UNITS}[. ]+(?:of )?| - |,| )[ ]?{_WORD}['\"]?{_CODE}['\"]?[ .]*"
)


@dataclass(slots=True)
class Row:
    """One row: where it stands and where its cells do. An empty cell is an empty range."""

    start: int
    end: int
    cells: list[Span]


@dataclass(slots=True)
class Table:
    """Rows that belong together. `columns` tells which cell holds the count, the SKU and the name; {} without a heading."""

    rows: list[Row]
    columns: dict[str, int]
    codes: bool = False


def tables(low: str, catalogue: Catalogue) -> list[Table]:
    """All tables of a folded text, in order."""
    lines: list[Span] = []
    at = 0
    for line in low.split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    found: list[Table] = []
    at = 0
    while at < len(lines):
        end = at + 1
        for find in (_set_in_columns, _with_commas, _codes):
            table, end = find(low, lines, at, catalogue)
            if table:
                found.append(table)
                break
        else:
            end = at + 1
        at = end
    taken = [(table.rows[0].start, table.rows[-1].end) for table in found]
    found += [_headed(low, rows) for rows in _barred(low, lines, taken)]
    return sorted(found, key=lambda table: table.rows[0].start)


def headings(low: str, cells: list[Span]) -> dict[str, int]:
    """Which cell of a heading is about the count, the SKU, the name; {} when this is no heading."""
    found: dict[str, int] = {}
    for i, (start, end) in enumerate(cells):
        text = low[start:end].strip(" \"'|")
        for name, pattern in (("count", COUNT), ("sku", SKU), ("name", NAME), ("size", SIZE)):
            if name not in found and text and pattern.fullmatch(text):
                found[name] = i
                break
    if "count" not in found:
        wishes = [
            i for i, (a, b) in enumerate(cells) if WISH.fullmatch(low, a, b) and i not in found.values()
        ]
        if len(wishes) == 1 and ({"name", "sku"} & found.keys() or wishes[0] == len(cells) - 1):
            found["count"] = wishes[0]
    return found if "count" in found or len(found) > 1 else {}


def _set_in_columns(low: str, lines: list[Span], at: int, catalogue: Catalogue) -> tuple[Table | None, int]:
    """A heading over columns that are kept apart by two blanks or more, and the rows below it."""
    start, end = lines[at]
    if "  " not in low[start:end] or " | " in low[start:end] or "\t" in low[start:end]:
        return None, at + 1
    heads = [(start + m.start(), start + m.end()) for m in _COLUMN.finditer(low[start:end])]
    columns = headings(low, heads)
    if "count" not in columns or len(heads) < 2:
        return None, at + 1
    rows: list[Row] = [Row(start, end, heads)]
    edges = [(a - start, b - start) for a, b in heads]
    at += 1
    while at < len(lines):
        a, b = lines[at]
        text = low[a:b]
        pieces = [(m.start(), m.end()) for m in _COLUMN.finditer(text)]
        if text.strip(" -=_+"):
            if len(pieces) < 2:
                break
            rows.append(Row(a, b, _aligned(edges, pieces, a)))
        elif not text.strip() and len(rows) > 1:
            break
        at += 1
    return (Table(rows, columns), at) if len(rows) > 1 else (None, at)


def _aligned(edges: list[Span], pieces: list[Span], base: int) -> list[Span]:
    """The pieces of one line, each in the column that it stands under; what overflows belongs to the column it begins in."""
    cells: list[Span | None] = [None] * len(edges)
    if len(pieces) == len(edges):
        return [(base + a, base + b) for a, b in pieces]
    for a, b in pieces:
        nearest = min(range(len(edges)), key=lambda i: (min(abs(a - edges[i][0]), abs(b - edges[i][1])), i))
        old = cells[nearest]
        cells[nearest] = (base + a, base + b) if old is None else (old[0], base + b)
    return [cell or (base + edge[0], base + edge[0]) for cell, edge in zip(cells, edges, strict=True)]


def _comma_cells(low: str, start: int, end: int) -> list[Span]:
    cells: list[Span] = []
    at = start
    while at < end:
        match = _COMMA.match(low, at, end)
        if match is None or match.end() == at:
            return []
        cells.append((at, match.end() - (match[0][-1:] == ",")))
        at = match.end()
    return cells


def _with_commas(low: str, lines: list[Span], at: int, catalogue: Catalogue) -> tuple[Table | None, int]:
    """A file with commas: a heading that names a count, and rows with as many cells."""
    start, end = lines[at]
    if "," not in low[start:end]:
        return None, at + 1
    heads = _comma_cells(low, start, end)
    columns = headings(low, heads)
    if "count" not in columns or len(columns) < 2:
        return None, at + 1
    rows = [Row(start, end, heads)]
    for a, b in (lines[i] for i in range(at + 1, len(lines))):
        cells = _comma_cells(low, a, b)
        if len(cells) != len(heads):
            break
        rows.append(Row(a, b, cells))
    return (Table(rows, columns), at + len(rows)) if len(rows) > 1 else (None, at + 1)


def _codes(low: str, lines: list[Span], at: int, catalogue: Catalogue) -> tuple[Table | None, int]:
    """Lines that hold a code and a number and nothing else, at least one of the codes a SKU."""
    rows: list[Row] = []
    known = 0
    for start, end in (lines[i] for i in range(at, len(lines))):
        if not end > start:
            break
        match = _CODE_FIRST.fullmatch(low, start, end) if end - start < 90 else None
        if match is None or not _is_code(match["code"], catalogue):
            match = _COUNT_FIRST.fullmatch(low, start, end) if end - start < 90 else None
        if match is None or not _is_code(match["code"], catalogue):
            break
        known += match["code"] in catalogue.skus
        rows.append(Row(start, end, [match.span("code"), match.span("count")]))
    if not known:
        return None, at + max(1, len(rows))
    return Table(rows, {"sku": 0, "count": 1}, codes=True), at + len(rows)


def spelt_count(text: str) -> int | None:
    """The number that words of a row spell: 'five', 'two dozen', 'half a dozen'; None for other words."""
    words = text.split()
    if not words or words[-1] not in ("dozen", "dutzend"):
        return lexicon.EVERYWHERE.get(text)
    if words[0] == "half":
        return 6
    return 12 * (lexicon.EVERYWHERE.get(words[0], 1) if len(words) > 1 else 1)


def _is_code(code: str, catalogue: Catalogue) -> bool:
    if code in catalogue.skus:
        return len(code) > 3 or not code.isdigit()
    return len(code) > 3 and any(c.isdigit() for c in code) and any(c.isalpha() or c in "-/." for c in code)


def _barred(low: str, lines: list[Span], taken: list[Span]) -> list[list[Row]]:
    """Runs of lines with the same separator and at least two cells."""
    runs: list[list[Row]] = []
    current: list[Row] = []
    pending = False
    for at, end in lines:
        line = low[at:end]
        if any(a <= at < b for a, b in taken):
            if current:
                runs.append(_closed(current))
            current = []
            continue
        cells: list[Span] = []
        if " | " in line or "\t" in line or line.count(";") >= 1 or "   " in line.strip():
            begin = at + (2 if line.startswith("| ") else 0)
            for match in _BARS.finditer(low, begin, end):
                cells.append((begin, match.start()))
                begin = match.end()
            cells.append((begin, end))
        if len(cells) > 1:
            pending = False
            current.append(Row(at, end, cells))
        elif line.strip(" |-+=:"):
            if current and len(line) < 80 and not pending:
                pending = True  # a row whose other cells are empty, if the table goes on below
                current.append(Row(at, end, [(at, end)]))
                continue
            if current:
                runs.append(_closed(current))
            current = []
    if current:
        runs.append(_closed(current))
    return runs


def _closed(rows: list[Row]) -> list[Row]:
    """The rows without a line of prose at the end."""
    return rows[:-1] if len(rows[-1].cells) == 1 else rows


def _headed(low: str, rows: list[Row]) -> Table:
    """A run of rows from its heading on: what stands above it are the sender's letterhead and the date."""
    for i, row in enumerate(rows[:12]):
        columns = headings(low, row.cells)
        if columns and (i == 0 or "count" in columns):
            return Table(rows[i:], columns)
    return Table(rows, {})
