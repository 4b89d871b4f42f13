"""Pieces that came back are looked at one by one: sold again, repaired, or scrapped. The ledger knows each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import stock
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import promising
from checkout_desk.returns import requesting, telling
from checkout_desk.returns.lifecycle import RETURN, judged, lines
from checkout_desk.returns.models import Return, ReturnLine


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of pieces of a line, and what was seen."""

    restock: int = 0
    repair: int = 0
    scrap: int = 0
    found: str = ""


def inspect(back: Return, findings: Mapping[int, Finding], *, by: Person) -> None:
    """What was found of each line (by its id), on top of what was found before; with the last piece the return is
    inspected.

    What can be sold again is on hand from now on. What is repaired is on hand when somebody receives it mended. What is
    scrapped comes in and goes out in the ledger, so that it tells what became of the piece. Raises Refused for more
    than came.
    """
    order = requesting.lock(back)
    sentence = None if back.state == "received" else "Goods are looked at when they have come, and once."
    rows = {line.id: line for line in lines(back)}
    if sentence or not findings.keys() <= rows.keys():
        raise Refused(sentence or "A line is not in this return any more; look at it again.")
    if not any(f.restock or f.repair or f.scrap for f in findings.values()):
        raise Refused("Say of at least one piece what becomes of it.")
    promising.lock({rows[line_id].product_id for line_id in findings})
    for line_id in sorted(findings, key=lambda one: rows[one].product_id):
        _judge(back, rows[line_id], findings[line_id], name=requesting.name(back, order))
    pieces = {rows[line_id].sku: [f.restock, f.repair, f.scrap] for line_id, f in sorted(findings.items())}
    requesting.noted(back, "return.judged", by=by, pieces=pieces)
    telling.told(back, "received")
    if RETURN.refusal(back, "inspect") is None:
        RETURN.fire(back, "inspect", by=by)


def _judge(back: Return, line: ReturnLine, finding: Finding, *, name: str) -> None:
    pieces = (finding.restock, finding.repair, finding.scrap)
    left = line.received - judged(line)
    if min(pieces) < 0 or sum(pieces) > left:
        raise Refused(f"{sum(pieces)} of {line.name} were judged, and {left} are there to be looked at.")
    about, why = f"return:{back.id}", f"Return {name}"
    here = f"return_line:{line.id}"
    if finding.restock:
        stock.take_back(
            line.product_id,
            finding.restock,
            about=about,
            reason=why,
            occasion=f"{here}:restock:{line.restocked}",
        )
    if finding.scrap:
        occasion = f"{here}:scrap:{line.scrapped}"
        stock.take_back(line.product_id, finding.scrap, about=about, reason=why, occasion=f"{occasion}:in")
        stock.scrap(line.product_id, finding.scrap, about=about, reason=why, occasion=f"{occasion}:out")
    line.restocked += finding.restock
    line.repaired += finding.repair
    line.scrapped += finding.scrap
    if finding.found.strip():
        line.found = "; ".join(filter(None, (line.found, finding.found.strip())))[:300]
