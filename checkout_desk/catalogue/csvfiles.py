"""Catalogue files as bytes: which encoding, delimiter and columns they have, and cells that no spreadsheet executes."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checkout_desk.web import spreadsheets
from checkout_desk.web.spreadsheets import unsafe

COLUMNS = ("sku", "name", "price", "currency", "stock", "weight_grams", "aliases", "shelf", "barcode")
MORE = (
    "tax_class",
    "family",
    "attributes",
    "active",
    "low_at",
    "restock_on",
    "restock_quantity",
    "alias_languages",
    "final_sale",
    "fragile",
    "hs_code",
    "origin",
)
MOST_ROWS = 10_000
"""rows of one import: all of it is one transaction, and on SQLite nobody else writes meanwhile"""
_SYNONYMS = {
    "sku": "article articlenumber articleno artikelnummer artikel itemnumber itemno item code productcode reference ref id",
    "name": "title product productname description bezeichnung titel nombre nom",
    "price": "unitprice cost amount preis prix precio priceminor",
    "currency": "curr waehrung wahrung devise moneda",
    "stock": "quantity qty onhand instock inventory bestand menge amountinstock",
    "weight_grams": "weight grams weightg gewicht poids peso",
    "aliases": "alias synonyms synonym othernames keywords tags",
    "shelf": "location bin place lagerplatz regal",
    "barcode": "ean gtin upc isbn ean13",
    "tax_class": "tax vat taxrate steuer",
    "family": "group parent productfamily",
    "attributes": "options variant attribute",
    "active": "enabled available published status",
    "low_at": "reorderpoint minimum minstock lowstock",
    "restock_on": "restockdate nextdelivery due",
    "restock_quantity": "restockqty",
    "alias_languages": "aliaslanguage languages language",
    "final_sale": "noreturns nonreturnable",
    "fragile": "breakable zerbrechlich",
    "hs_code": "hs tariff tariffcode customscode zolltarifnummer commoditycode",
    "origin": "countryoforigin origincountry madein ursprungsland",
}
_MEANT = {
    word: column for column, words in _SYNONYMS.items() for word in (column.replace("_", ""), *words.split())
}


class Unusable(Exception):
    """The file as a whole cannot be imported; the message is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its number as an editor shows it, and column → cell; `fault` where the cells do not fit."""

    line: int
    cells: dict[str, str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read; `unknown` are headers that belong to nothing here and are left alone."""

    columns: tuple[str, ...]
    unknown: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    delimiter: str


def read(data: bytes) -> Table:
    """The table in `data`. Raises Unusable for what is no CSV, has no usable first line, or lacks `sku` or `name`."""
    text, encoding = _decode(data)
    text, said = _sep_line(text)
    delimiter = said or _delimiter(text)
    try:
        lines = list(_lines(text, delimiter))
    except csv.Error as reason:
        raise Unusable(
            f"The file cannot be read as CSV ({reason}); save it as CSV in UTF-8 and try again."
        ) from None
    lines = [(number + (1 if said else 0), cells) for number, cells in lines]
    if not lines:
        raise Unusable(f"The file is empty; its first line must name the columns: {','.join(COLUMNS)}.")
    headers, unknown = _headers(lines[0][1])
    rows = tuple(_row(number, cells, headers) for number, cells in lines[1:] if any(c.strip() for c in cells))
    if len(rows) > MOST_ROWS:
        raise Unusable(f"The file has {len(rows)} rows; import at most {MOST_ROWS} at a time.")
    columns = tuple(name for name in (*COLUMNS, *MORE) if name in headers)
    return Table(columns, unknown, rows, encoding, delimiter)


def write(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Lines of a CSV file (RFC 4180) with the first line of COLUMNS and MORE; each cell is safe in a spreadsheet."""
    return spreadsheets.lines(((*COLUMNS, *MORE), *rows))


def _decode(data: bytes) -> tuple[str, str]:
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    candidates = ("utf-16",) if wide else ("utf-8-sig", "cp1252")
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    raise Unusable("The file is no text; save it as CSV in UTF-8 and try again.")


def _sep_line(text: str) -> tuple[str, str]:
    """Excel's own first line 'sep=;'."""
    found = re.match(r"sep=([;,\t])\r?\n", text, re.IGNORECASE)
    return (text[found.end() :], found[1]) if found else (text, "")


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(delimiter: str) -> tuple[int, int]:
        names = next(csv.reader([first], delimiter=delimiter), [])
        return sum(_plain(name) in _MEANT for name in names), len(names)

    return max(",;\t", key=known)


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins: a quoted cell may hold line ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _plain(header: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unsafe(header.strip()).lower().replace("ä", "a"))


def _headers(cells: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """The column behind each header ('' where it is none of ours), and the headers that are left alone."""
    ours = {name.replace("_", ""): name for name in (*COLUMNS, *MORE)}
    found = [ours.get(_plain(cell), "") for cell in cells]
    twice = sorted({name for name in found if name and found.count(name) > 1})
    if twice:
        raise Unusable(f"The first line names {' and '.join(twice)} twice; keep one column of each name.")
    wrong, unknown = [], []
    for cell, name in zip(cells, found, strict=True):
        if name or not cell.strip():
            continue
        likely = _likely(cell, taken=found)
        if likely:
            wrong.append(f"“{cell.strip()[:40]}” is no column here; {likely} is likely meant.")
        else:
            unknown.append(cell.strip()[:40])
    missing = [name for name in ("sku", "name") if name not in found]
    if missing or wrong:
        lack = (
            f"The first line lacks {' and '.join(missing)}. "
            if missing
            else "The first line has other names. "
        )
        known = f"Known columns are {', '.join((*COLUMNS, *MORE))}."
        raise Unusable(lack + " ".join([*wrong, known]))
    return found, tuple(unknown)


def _likely(header: str, *, taken: list[str]) -> str:
    plain = _plain(header)
    if plain in _MEANT:
        return "" if _MEANT[plain] in taken else _MEANT[plain]
    near = difflib.get_close_matches(plain, _MEANT, n=1, cutoff=0.72) if len(plain) > 2 else []
    column = _MEANT[near[0]] if near else ""
    return "" if column in taken else column


def _row(line: int, cells: list[str], headers: list[str]) -> Row:
    if any(cell.strip() for cell in cells[len(headers) :]):
        return Row(
            line,
            {},
            f"The line has {len(cells)} cells for {len(headers)} columns; put text that holds the delimiter in quotes.",
        )
    pairs = zip(headers, cells, strict=False)
    return Row(line, {name: unsafe(cell.strip()) for name, cell in pairs if name})
