"""Lists of tracking numbers as people paste them and carriers' programs export them, as lines of text. Pure.

Pasted: one parcel a line, the order first ('1042 1Z…', '1042-P2; AB 1234 5678 5GB'). CSV: the first line names the columns
in any of the languages that carriers' exports are in; commas, semicolons or tabs.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass

from checkout_desk.shipping.numbers import CARRIERS, key

MOST_LINES = 5000
LARGEST = 400_000
"""bytes of a file"""
_COLUMNS = {
    "order": "order ordernumber orderno orderid orderref reference ref parcel parcelname shipment bestellung bestellnummer auftrag"
    " auftragsnummer referenz paket commande numerodecommande pedido numerodepedido ordine numeroordine numerodordine encomenda"
    " numerodaencomenda bestelling bestelnummer ordernummer 注文 注文番号",
    "number": "number tracking trackingnumber trackingno trackingcode trackingid trackandtrace sendungsnummer paketnummer"
    " trackingnummer numerodesuivi suivi seguimiento numerodeseguimiento tracciamento numeroditracking numerotracking"
    " numeroditracciamento seguimento numerodeseguimento rastreio codigoderastreio volgnummer barcode 追跡番号 お問い合わせ番号 伝票番号",
    "carrier": "carrier courier service shippingcarrier versand versanddienst versanddienstleister dienstleister paketdienst"
    " transporteur transportista corriere vettore transportadora vervoerder 配送業者 運送会社",
}
_MEANT = {word: column for column, words in _COLUMNS.items() for word in words.split()}
_REFERENCE = re.compile(
    r"(?:order|no|nr|bestellung|commande|pedido|ordine|encomenda|[#№.:\s])*0*([1-9]\d{0,8})(?:\s*[-/ ]?\s*P\s*0*([1-9]\d?))?",
    re.IGNORECASE | re.ASCII,
)
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_NAMES = {"".join(name.casefold().split()): name for name in CARRIERS.values()}


class Unusable(Exception):
    """The list as a whole cannot be read; the message is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list, as it was written; `fault` says why it names no order and number."""

    line: int
    order: str
    number: str
    carrier: str = ""
    fault: str = ""


def reference(text: str) -> tuple[int, int | None] | None:
    """The order, and the parcel of it, that '1042', '#1042' or '1042-P2' names; None for anything else."""
    match = _REFERENCE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return (int(match[1]), int(match[2]) if match[2] else None) if match else None


def decode(data: bytes) -> str:
    """A file as text. Raises Unusable for what is too large or no text."""
    if len(data) > LARGEST:
        raise Unusable(
            f"The file is larger than {LARGEST // 1000} kB; a list of tracking numbers is smaller."
        )
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unusable("The file is no text; save it as CSV in UTF-8 and try again.")


def read(text: str) -> list[Line]:
    """The lines of a pasted list or a CSV file. Raises Unusable when it is empty or too long."""
    text = text.removeprefix("\ufeff").replace("\0", " ")
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if lines and re.fullmatch(r"sep=[;,\t]", lines[0][1].strip(), re.IGNORECASE):
        del lines[0]
    if not lines:
        raise Unusable("The list is empty; each line names an order and its tracking number.")
    if len(lines) > MOST_LINES + 1:
        raise Unusable(f"The list has {len(lines)} lines; give at most {MOST_LINES} at a time.")
    columns, delimiter = _header(lines[0][1])
    if not columns:
        return [_pasted(n, line) for n, line in lines]
    return [_cells(n, _split(line, delimiter), columns) for n, line in lines[1:]]


def _header(line: str) -> tuple[list[str], str]:
    """The columns that a first line names, and how its cells are parted; no columns where it is none."""
    for delimiter in "\t;,":
        found = [_MEANT.get(_plain(cell), "") for cell in _split(line, delimiter)]
        if "number" in found and "order" in found:
            return found, delimiter
        if "number" in found or ("order" in found and len(found) > 1):
            lacks = "number" if "order" in found else "order"
            known = "order" if lacks == "order" else "tracking number"
            raise Unusable(
                f"The first line names the columns, but no {known}; call it {lacks} and keep order,number[,carrier]."
            )
    return [], ""


def _plain(header: str) -> str:
    folded = unicodedata.normalize("NFKD", header.casefold())
    return "".join(sign for sign in folded if sign.isalnum())


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=delimiter), [])]
    except csv.Error:  # a cell of a hundred thousand signs is none of a list like this
        return [line[:200]]


def _cells(n: int, cells: list[str], columns: list[str]) -> Line:
    named = {name: cell.lstrip("'") for name, cell in zip(columns, cells, strict=False) if name}
    return _line(n, named.get("order", ""), named.get("number", ""), named.get("carrier", ""))


def _pasted(n: int, line: str) -> Line:
    for delimiter in "\t;,":
        if delimiter in line:
            cells = [cell.lstrip("'") for cell in _split(line, delimiter)] + ["", ""]
            return _line(n, cells[0], cells[1], cells[2])
    words = [word for word in line.split() if any(sign.isalnum() for sign in word)]
    carrier = ""
    for many in (2, 1):
        said = "".join(words[-many:]).casefold()
        if len(words) > many + 1 and said in _NAMES:
            words, carrier = words[:-many], _NAMES[said]
            break
    if len(words) > 2 and reference(f"{words[0]} {words[1]}") and words[1][:1] in "pP":
        words[:2] = [f"{words[0]} {words[1]}"]
    return _line(n, words[0] if words else "", " ".join(words[1:]), carrier)


def _line(n: int, order: str, number: str, carrier: str) -> Line:
    order = order.rstrip(":.,= ")
    if reference(order) is None and reference(number) is not None:
        order, number = number, order  # the other way round
    fault = ""
    if not order or not number:
        fault = "The line names only one thing; it needs an order and its tracking number."
    elif reference(order) is None:
        fault = f"“{order[:40]}” is no order; write its number, such as 1042, or its parcel, such as 1042-P2."
    elif _ROUNDED.fullmatch(number.strip()):
        fault = f"A spreadsheet has rounded the number to {number.strip()}; give the column the format text and export again."
    elif not key(number):
        fault = f"“{number[:40]}” is no tracking number."
    return Line(n, order[:60], number[:80], carrier[:80], fault)
