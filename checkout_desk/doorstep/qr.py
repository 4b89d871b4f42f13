"""The QR code beside the bank details: an EPC credit transfer where that exists, else the reference alone."""

from __future__ import annotations

import io

from checkout_desk import money
from checkout_desk.orders.models import Quote

SEPA = frozenset(
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA".split()
)  # fmt: skip
"""countries of accounts that an EPC code may name (EPC409-09)"""
MOST = 99_999_999_999
"""minor units of the largest EPC transfer"""


def payload(quote: Quote, due: int) -> str:
    """What the code holds, for the `due` minor units that are left to pay; '' where that is nothing or the store takes no
    bank transfers.

    EPC069-12, version 002: name, IBAN, amount and the structured reference, in euro to a SEPA account. Everything else
    gets the reference in plain text, which a banking app can at least paste.
    """
    bank = next((m["settings"] for m in quote.content["methods"] if m["kind"] == "bank"), None)
    if bank is None or due < 1:
        return ""
    iban = "".join(str(bank.get("iban", "")).split()).upper()
    if quote.currency != "EUR" or iban[:2] not in SEPA or due > MOST:
        return quote.reference
    amount = f"EUR{money.plain(due, 'EUR')}"
    holder = " ".join(str(bank.get("holder", "")).split())[:70]
    lines = [
        "BCD",
        "002",
        "1",
        "SCT",
        str(bank.get("bic", "")),
        holder,
        iban,
        amount,
        "",
        quote.reference,
        "",
        "",
    ]
    return "\n".join(lines).rstrip("\n")


def svg(text: str) -> bytes:
    """The code as a picture: dark on light whatever the theme, with its quiet zone, because scanners need both."""
    import segno  # loaded by those who look at a page with a code

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        scale=4,
        border=4,
        dark="#000",
        light="#fff",
        xmldecl=True,
        svgclass=None,
        lineclass=None,
    )
    return out.getvalue()
