"""Bank statements in OFX, read by ofxtools: 1.x (SGML, most tags never closed) and 2.x (XML).

OFX gives no opening balance, so what the rows come to cannot be held against the bank's own figures; that the file is
whole is seen by its closing tag.
"""

from __future__ import annotations

import io
import re
import warnings
from datetime import date
from typing import Any

from checkout_desk.payments.statements.rows import Parsed, Row, Unusable, joined, minor, one, reference, seal

_ENTRY = re.compile(rb"<TRNTYPE>", re.IGNORECASE)

warnings.filterwarnings("ignore", module=r"ofxtools\.")  # banks add tags of their own


def read(data: bytes) -> Parsed:
    """The statement in `data`. Raises Unusable, with a sentence, for what is no whole OFX statement of a bank."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Unusable("The file declares a document type or entities, which bank statements do not have.")
    if b"</OFX>" not in data[-400:].upper():
        raise Unusable("The file ends in the middle (</OFX> is missing): it is not complete.")
    statements = _statements(data)
    if not statements:
        raise Unusable("The file is OFX, but holds no statement of an account.")
    account = one([_account(statement) for statement in statements], what="accounts")
    currency = one([str(statement.curdef) for statement in statements], what="currencies")
    rows: list[Row] = []
    for statement in statements:
        for entry in statement.transactions or ():
            try:
                rows.append(_row(entry, currency, len(rows) + 1))
            except ValueError as fault:
                raise Unusable(f"Booking {len(rows) + 1} cannot be read: {fault}") from None
    told = len(_ENTRY.findall(data))
    if told != len(rows):  # the library skips tags that it does not know
        raise Unusable(
            f"The file has {told} bookings (STMTTRN), of which {len(rows)} can be read: it is damaged. "
            "Get it from the bank once more."
        )
    listed = [s.banktranlist for s in statements if s.banktranlist is not None]
    closing = statements[-1].ledgerbal
    return seal(
        Parsed(
            "ofx",
            tuple(rows),
            account,
            currency,
            closing=None if closing is None else minor(closing.balamt, currency),
            begins_on=min((found.dtstart.date() for found in listed), default=None),
            ends_on=max((found.dtend.date() for found in listed), default=None),
        )
    )


def _statements(data: bytes) -> list[Any]:
    from ofxtools.Parser import OFXTree  # with all that it can fetch from banks: half a second, 10 MB

    tree = OFXTree()
    try:
        tree.parse(io.BytesIO(data))
        return [found for found in tree.convert().statements if hasattr(found, "banktranlist")]
    except Exception as fault:  # the library raises ParseError, OFXSpecError, ValueError, KeyError and more
        raise Unusable(
            "The file begins like OFX but cannot be read as such; get it from the bank once more."
        ) from fault


def _row(entry: Any, currency: str, number: int) -> Row:
    abroad = getattr(entry, "currency", None)
    if abroad is not None and abroad.cursym != currency:
        raise ValueError(f"it is in {abroad.cursym}, the account in {currency}.")
    other = getattr(entry, "bankacctto", None)
    posted: date = entry.dtposted.date()
    payee = getattr(entry, "payee", None)
    return Row(
        posted,
        minor(entry.trnamt, currency),
        currency,
        name=joined([entry.name or (payee.name if payee is not None else "")])[:200],
        account=str(other.acctid if other is not None else "")[:60],
        text=joined([reference(entry.refnum), entry.memo]),
        bank_ref=reference(entry.fitid),
        line=number,
    )


def _account(statement: Any) -> str:
    found = statement.account
    return f"{getattr(found, 'bankid', '') or ''}{found.acctid}".replace(" ", "")[:40]
