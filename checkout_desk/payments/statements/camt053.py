"""Bank statements in ISO 20022 XML: camt.053.001.02 to .08 (BankToCustomerStatement).

One entry may hold a batch of transactions (`NtryDtls/TxDtls`); each of them is a row. The versions differ in wrappers
alone: since .04 the booking status is a code inside `Sts`, and parties are named inside `Pty`. Elements are found by
their local names, whatever prefix and version the bank uses.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, TypeAlias
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from checkout_desk.payments.statements.rows import Parsed, Row, Unusable, joined, minor, one, reference, seal

DEEPEST = 64
VERSIONS = range(2, 9)

Element: TypeAlias = Any  # the standard library's, by way of defusedxml, which has no types

_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.(\d{3})\.001\.(\d{2})\}Document")
_TRUNCATED = "The file ends in the middle: it is not complete. Get it from the bank once more."


def read(data: bytes) -> Parsed:
    """The statement in `data`. Raises Unusable, with a sentence, for what is no whole, consistent camt.053."""
    root = _tree(data)
    statements = list(_all(root, "BkToCstmrStmt", "Stmt"))
    if not statements:
        raise Unusable("The file holds no statement (Stmt).")
    account = one([_account(s) for s in statements], what="accounts")
    currency = one([_currency(s) for s in statements], what="currencies")
    rows: list[Row] = []
    left_out = 0
    for statement in statements:
        found, waiting = _rows(statement, currency, begin=len(rows))
        _check_totals(statement, found, currency, waiting=waiting)
        rows += found
        left_out += waiting
    opening, closing = _balances(statements, currency)
    begins, ends = _days(statements)
    return seal(
        Parsed(
            "camt053",
            tuple(rows),
            account,
            currency,
            opening=opening,
            closing=closing,
            begins_on=begins,
            ends_on=ends,
            left_out=left_out,
        )
    )


def _tree(data: bytes) -> Element:
    """The document, read without a DTD, entities or anything from elsewhere (defusedxml), and not deeper than DEEPEST."""
    root, depth = None, 0
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if depth > DEEPEST:
                raise Unusable(f"The file is nested more than {DEEPEST} levels deep; no bank writes that.")
            if root is None:
                root = element
                _check_version(element.tag)
    except DefusedXmlException:
        raise Unusable(
            "The file declares a document type or entities, which bank statements do not have."
        ) from None
    except ParseError as fault:
        if "no element found" in str(fault) or "unclosed" in str(fault):
            raise Unusable(_TRUNCATED) from None
        line, column = fault.position
        raise Unusable(f"The file is no XML that can be read: line {line}, column {column + 1}.") from None
    except (LookupError, ValueError):
        raise Unusable("The file names an encoding that it is not written in.") from None
    if root is None:
        raise Unusable(_TRUNCATED)
    return root


def _check_version(tag: str) -> None:
    match = _NAMESPACE.fullmatch(tag)
    if not match:
        raise Unusable("The file is XML, but no camt.053 statement of a bank.")
    kind, version = match[1], int(match[2])
    if kind != "053":
        names = {"052": "an intraday report", "054": "a list of single bookings"}
        raise Unusable(
            f"The file is camt.{kind} ({names.get(kind, 'something else')}); ask the bank for the statement, camt.053."
        )
    if version not in VERSIONS:
        raise Unusable(f"The file is camt.053.001.{match[2]}; versions 02 to 08 can be read.")


def _rows(statement: Element, currency: str, *, begin: int) -> tuple[list[Row], int]:
    rows: list[Row] = []
    left_out = 0
    for number, entry in enumerate(_all(statement, "Ntry"), start=begin + 1):
        try:
            if (_text(entry, "Sts", "Cd") or _text(entry, "Sts")) != "BOOK":
                left_out += 1
                continue
            rows += _entry(entry, currency, number)
        except (ValueError, KeyError) as fault:
            raise Unusable(f"Entry {number} cannot be read: {fault}") from None
    return rows, left_out


def _entry(entry: Element, currency: str, number: int) -> Iterator[Row]:
    """The rows of one entry: its transactions where each has its amount and they come to the entry's, else itself."""
    total = _signed(entry, currency)
    booked = _date(entry, "BookgDt") or _date(entry, "ValDt")
    if booked is None:
        raise ValueError("it has no booking date.")
    own = reference(_text(entry, "AcctSvcrRef"))
    details = list(_all(entry, "NtryDtls", "TxDtls"))
    amounts = [_part(detail, entry, currency) for detail in details]
    if len(details) > 1 and None not in amounts:
        if sum(amount or 0 for amount in amounts) != total:
            raise ValueError("its transactions do not add up to its amount.")
        for place, (detail, amount) in enumerate(zip(details, amounts, strict=True), start=1):
            ref = reference(_text(detail, "Refs", "AcctSvcrRef"))
            if not ref or ref == own:
                ref = f"{own}/{place}" if own else ""
            yield _row(detail, booked, amount or 0, currency, ref=ref, number=number, more=())
        return
    first = details[0] if len(details) == 1 else None
    ref = own or reference(_text(first, "Refs", "AcctSvcrRef"))
    yield _row(first, booked, total, currency, ref=ref, number=number, more=(_text(entry, "AddtlNtryInf"),))


def _row(
    detail: Element | None,
    booked: date,
    amount: int,
    currency: str,
    *,
    ref: str,
    number: int,
    more: Iterable[str],
) -> Row:
    side = "Dbtr" if amount > 0 else "Cdtr"
    structured = [_text(found, "CdtrRefInf", "Ref") for found in _all(detail, "RmtInf", "Strd")]
    free = [found.text for found in _all(detail, "RmtInf", "Ustrd")]
    said = joined(
        [*structured, reference(_text(detail, "Refs", "EndToEndId")), *free, _text(detail, "AddtlTxInf")]
    )
    account = _text(detail, "RltdPties", f"{side}Acct", "Id", "IBAN") or _text(
        detail, "RltdPties", f"{side}Acct", "Id", "Othr", "Id"
    )
    return Row(
        booked,
        amount,
        currency,
        name=(_text(detail, "RltdPties", side, "Nm") or _text(detail, "RltdPties", side, "Pty", "Nm"))[:200],
        account=account[:60],
        text=said or joined(more),
        bank_ref=ref,
        line=number,
    )


def _part(detail: Element, entry: Element, currency: str) -> int | None:
    """The signed amount of one transaction of a batch, None where the bank does not tell it in our currency."""
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt"), ("AmtDtls", "InstdAmt", "Amt")):
        found = _first(detail, *path)
        if found is not None and found.get("Ccy") == currency:
            mark = _text(detail, "CdtDbtInd") or _text(entry, "CdtDbtInd")
            return _sign(mark) * minor((found.text or "").strip(), currency)
    return None


def _signed(thing: Element, currency: str) -> int:
    """The amount of an entry or a balance. Raises ValueError where it is none, or in another currency."""
    found = _first(thing, "Amt")
    if found is None:
        raise ValueError("it has no amount.")
    if found.get("Ccy") not in (None, currency):
        raise ValueError(f"it is in {found.get('Ccy')}, the account in {currency}.")
    return _sign(_text(thing, "CdtDbtInd")) * minor((found.text or "").strip(), currency)


def _sign(mark: str) -> int:
    if mark not in ("CRDT", "DBIT"):
        raise ValueError("it does not say whether money came in or went out (CdtDbtInd).")
    return 1 if mark == "CRDT" else -1


def _check_totals(statement: Element, rows: Sequence[Row], currency: str, *, waiting: int) -> None:
    """Hold the rows against the bank's own summary (TxsSummry), where it gives one. Raises Unusable.

    The summary counts entries that are not booked too, so it can be used only where all are. Entries are counted by
    their number in the file, since a batch is one entry with several rows.
    """
    if waiting:
        return
    entries = len({row.line for row in rows})
    came_in = [row for row in rows if row.incoming]
    went_out = [row for row in rows if not row.incoming]
    for part, found in (("TtlNtries", rows), ("TtlCdtNtries", came_in), ("TtlDbtNtries", went_out)):
        told = _text(statement, "TxsSummry", part, "NbOfNtries")
        count = entries if part == "TtlNtries" else len({row.line for row in found})
        if told and told.isdecimal() and int(told) != count:
            raise Unusable(
                f"The bank says {told} entries ({part}), the file holds {count}: it is not complete. "
                "Get it from the bank once more."
            )
        total = _text(statement, "TxsSummry", part, "Sum")
        if total and minor(total, currency) != sum(abs(row.amount_minor) for row in found):
            raise Unusable(
                f"The bank's own sum ({part}) is {total} {currency}, and the entries do not come to it: the file is "
                "not complete. Get it from the bank once more."
            )


def _balances(statements: Sequence[Element], currency: str) -> tuple[int | None, int | None]:
    """Opening balance of the first and closing balance of the last statement of the file."""
    try:
        opening = _balance(statements[0], ("OPBD", "PRCD"), currency)
        closing = _balance(statements[-1], ("CLBD",), currency)
    except ValueError as fault:
        raise Unusable(f"A balance cannot be read: {fault}") from None
    return opening, closing


def _balance(statement: Element, codes: Sequence[str], currency: str) -> int | None:
    for code in codes:
        for balance in _all(statement, "Bal"):
            if _text(balance, "Tp", "CdOrPrtry", "Cd") == code:
                return _signed(balance, currency)
    return None


def _account(statement: Element) -> str:
    found = _text(statement, "Acct", "Id", "IBAN") or _text(statement, "Acct", "Id", "Othr", "Id")
    if not found:
        raise Unusable("The statement does not say of which account it is.")
    return found.replace(" ", "")[:40]


def _currency(statement: Element) -> str:
    told = _text(statement, "Acct", "Ccy")
    if told:
        return told
    found = _first(statement, "Bal", "Amt")
    if found is None:
        found = _first(statement, "Ntry", "Amt")
    return (found.get("Ccy") or "") if found is not None else ""


def _days(statements: Sequence[Element]) -> tuple[date | None, date | None]:
    begins = [found for s in statements if (found := _day(_text(s, "FrToDt", "FrDtTm")))]
    ends = [found for s in statements if (found := _day(_text(s, "FrToDt", "ToDtTm")))]
    return min(begins, default=None), max(ends, default=None)


def _date(entry: Element, name: str) -> date | None:
    return _day(_text(entry, name, "Dt") or _text(entry, name, "DtTm"))


def _day(text: str) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _all(element: Element | None, *path: str) -> Iterator[Element]:
    """Every element at the end of the path of local names."""
    if element is None:
        return
    for child in element:
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == path[0]:
            if len(path) == 1:
                yield child
            else:
                yield from _all(child, *path[1:])


def _first(element: Element | None, *path: str) -> Element | None:
    return next(_all(element, *path), None)


def _text(element: Element | None, *path: str) -> str:
    found = _first(element, *path)
    return (found.text or "").strip() if found is not None else ""
