"""Which form a file has, and its reader."""

from __future__ import annotations

from collections.abc import Callable

from checkout_desk.payments.statements import csv_file
from checkout_desk.payments.statements.columns import Columns
from checkout_desk.payments.statements.rows import LARGEST, Parsed, Unusable


def form(data: bytes) -> str:
    """camt053, ofx, mt940 or csv, by how the file begins; names of files tell nothing. Raises Unusable for what is none."""
    head = data[:4000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise Unusable("The file is empty.")
    if head.startswith(b"OFXHEADER") or b"<OFX" in head or b"<?OFX" in head:
        return "ofx"
    if head.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<")):
        return "camt053"
    if head.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise Unusable(
            "This is a spreadsheet, an archive or a PDF; get the statement as CSV, camt.053, MT940 or OFX."
        )
    if b":20:" in head and b":25:" in head:
        return "mt940"
    return "csv"


def read(data: bytes, *, columns: Columns | None = None, currency: str = "") -> Parsed:
    """The statement in `data`, whatever its form. `columns` and `currency` are for CSV.

    Raises Unusable, with a sentence, for a file that is too large, in no form that is known, not whole or not consistent.
    """
    if len(data) > LARGEST:
        raise Unusable(
            f"The file has {len(data) / 2**20:.1f} MB; a statement may have {LARGEST // 2**20} MB at most."
        )
    found = form(data)
    try:
        if found == "csv":
            return csv_file.read(data, columns=columns, currency=currency)
        return _reader(found)(data)
    except (ValueError, ArithmeticError, RecursionError) as fault:
        # A balance, a day or a currency code that is none, outside of any row.
        raise Unusable(
            f"The file is damaged ({str(fault).rstrip('.')[:160]}); get it from the bank once more."
        ) from fault


def _reader(form: str) -> Callable[[bytes], Parsed]:
    """Each loads a library of its own, and most banks give one form."""
    if form == "camt053":
        from checkout_desk.payments.statements import camt053

        return camt053.read
    if form == "mt940":
        from checkout_desk.payments.statements import mt940_file

        return mt940_file.read
    from checkout_desk.payments.statements import ofx_file

    return ofx_file.read
