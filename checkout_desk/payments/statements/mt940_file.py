"""Bank statements in SWIFT MT940, read by the mt-940 library.

The library skips what it does not understand, so the rows are counted against the `:61:` lines of the file. Texts come
in several dialects: German subfields (`?20`), Dutch and British words between slashes (`/REMI/`), or plain lines.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import mt940

from checkout_desk.payments.statements.rows import Parsed, Row, Unusable, joined, minor, one, reference, seal

_LINE = re.compile(r"(?m)^:61:")
_WORD = re.compile(
    r"/(EREF|REMI|NAME|IBAN|ORDP|BENM|CSID|MARF|TRTP|BIC|RTRN|PREF|ISDT|ID|USTD|STRD|CDTRREF|CNTP)/"
)
_NO_REFERENCE = frozenset({"EREF", "PREF", "MARF"})
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_OPTIONS = mt940.Options.all()

logging.getLogger("mt940").setLevel(
    logging.CRITICAL + 1
)  # it logs the lines that it cannot read: payers' words


def read(data: bytes) -> Parsed:
    """The statement in `data`. Raises Unusable, with a sentence, for what is no whole, consistent MT940."""
    text = _decoded(data)
    try:
        # As a stream: the library takes text that happens to be the name of a file for the file.
        blocks = mt940.parse_statements(io.StringIO(text), options=_OPTIONS)
    except Exception as fault:  # the library raises what its regular expressions meet, of many kinds
        raise Unusable(
            "The file begins like MT940 but cannot be read as such; get it from the bank once more."
        ) from fault
    blocks = [block for block in blocks if block.data]
    if not blocks or ":25:" not in text:
        raise Unusable("The file holds no MT940 statement (:20: and :25: are missing).")
    account = one([_account(block.data) for block in blocks], what="accounts")
    currency = one([_currency(block) for block in blocks], what="currencies")
    if not currency:
        raise Unusable("The statement has no balance (:60F:), and so no currency.")
    rows = _rows(blocks, currency)
    if len(rows) != len(_LINE.findall(text)):
        raise Unusable(
            f"The file has {len(_LINE.findall(text))} bookings (:61:), of which {len(rows)} can be read: it is "
            "damaged. Get it from the bank once more."
        )
    opening, closing = _ends(blocks, currency)
    if opening is not None and closing is None:
        raise Unusable("The closing balance (:62F:) is missing: the file ends in the middle.")
    return seal(Parsed("mt940", tuple(rows), account, currency, opening=opening, closing=closing))


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return data.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")


def _rows(blocks: Sequence[Any], currency: str) -> list[Row]:
    rows: list[Row] = []
    for block in blocks:
        for entry in block:
            if "amount" not in entry.data:
                continue
            try:
                rows.append(_row(entry.data, currency, len(rows) + 1))
            except ValueError as fault:
                raise Unusable(f"Booking {len(rows) + 1} cannot be read: {fault}") from None
    return rows


def _row(found: Mapping[str, Any], currency: str, number: int) -> Row:
    words = _between_slashes(str(found.get("transaction_details") or ""))
    amount: Decimal = found["amount"].amount
    name = found.get("applicant_name") or words.get("NAME") or ""
    account = found.get("applicant_iban") or found.get("gvc_applicant_iban") or words.get("IBAN") or ""
    if found.get("purpose") or found.get("posting_text"):
        said = [_unbroken(found.get("purpose")), _unbroken(found.get("additional_purpose"))]
    else:
        said = [words.get(word, "") for word in ("CDTRREF", "REMI", "")]
    customer = reference(found.get("customer_reference"))
    own = reference(found.get("end_to_end_reference")) or reference(words.get("EREF"))
    return Row(
        found.get("entry_date") or found["date"],
        minor(amount, currency),
        currency,
        name=joined([str(name)])[:200],
        account=str(account).replace(" ", "")[:60],
        text=joined([own, *said, "" if customer in _NO_REFERENCE else customer]),
        bank_ref=reference(found.get("bank_reference")),
        line=number,
    )


def _unbroken(text: Any) -> str:
    return str(text or "").replace("\n", "")


def _between_slashes(details: str) -> dict[str, str]:
    """`/EREF/ORD-1//NAME/Jane Fox/` as a mapping; text before the first word, or without any, stands under ''."""
    text = details.replace("\n", "")
    marks = list(_WORD.finditer(text))
    if not marks:
        return {"": joined(details.split("\n"))}
    words = {"": text[: marks[0].start()]}
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        value = text[mark.end() : following.start() if following else len(text)]
        words.setdefault(mark[1], value.strip("/ ").removeprefix("USTD//").removeprefix("STRD/CUR/"))
    for party in ("ORDP", "BENM"):
        inner = _between_slashes("/" + words[party]) if words.get(party) else {}
        for key, value in inner.items():
            if key:
                words.setdefault(key, value)
    if words.get("CNTP"):  # account, bank, name and town between single slashes
        account, _, name, *_ = [*words["CNTP"].split("/"), "", "", ""]
        words.setdefault("IBAN", account)
        words.setdefault("NAME", name)
    if not words.get("IBAN") and (match := _IBAN.search(words.get("ID", ""))):
        words["IBAN"] = match[0]
    return words


def _account(data: Mapping[str, Any]) -> str:
    found = str(data.get("account_identification") or "").replace(" ", "")
    # Some banks put the currency behind the IBAN.
    match = re.fullmatch(r"([A-Z]{2}\d{2}[A-Z0-9]{8,30}?)(?:EUR|GBP|USD|CHF|SEK|NOK|DKK|PLN)", found)
    return (match[1] if match else found)[:40]


def _currency(block: Any) -> str:
    for name in ("final_opening_balance", "intermediate_opening_balance", "final_closing_balance"):
        if block.data.get(name) is not None:
            return str(block.data[name].amount.currency)
    return ""


def _ends(blocks: Sequence[Any], currency: str) -> tuple[int | None, int | None]:
    """Opening balance of the first page and closing balance of the last one."""
    first, last = blocks[0].data, blocks[-1].data
    opening = first.get("final_opening_balance") or first.get("intermediate_opening_balance")
    closing = last.get("final_closing_balance") or last.get("intermediate_closing_balance")
    return tuple(  # type: ignore[return-value]
        None if balance is None else minor(balance.amount.amount, currency) for balance in (opening, closing)
    )
