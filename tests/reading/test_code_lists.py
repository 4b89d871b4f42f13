"""Orders as offices write them: codes and counts, a line each, in the words of eight languages."""

from __future__ import annotations

import pytest

from checkout_desk.reading.model import ReadingInput
from checkout_desk.reading.reading import read
from tests.reading import cases

ORDERED = {"MOZ-125": 20, "GOR-PI": 6, "ASI-ST": 4}


@pytest.mark.parametrize(
    "line",
    [
        "{s} = {n}", "{s} ({n})", "{s}: {n} pezzi", "{n} pz {s}", "n. {n} {s}", "{s} / {n}", "{s}..........{n}",
        "{s} – {n} St.", "Pos. {i} {s} {n} Stk", "{i}. {s} {n}x", "{i}) {s}, {n} pz", "#{s} qty: {n}", "{s} | {n}",
        "{s};{n}", "x{n} {s}", "{s} x{n}", "{s} *{n}", "art. {s} quantità: {n}", "cod. {s}   q.tà {n}",
        "cod. {s} q.ta {n}", "{n}x cod. {s}", "Codice {s} Quantità {n}", "{s} {n} conf.", "Ref. {s} Cant. {n} uds.",
        "Ref: {s} - Qté : {n}", "Réf. {s} × {n}", "{s} - quantity {n} pcs", "{s} {n} ea", "Item {s}, {n} units",
        "{n} of {s}", "Best.-Nr. {s}, {n} Stück", "Art.-Nr. {s} Anz. {n}", "Artikelnummer {s}: {n} Stück",
        "品番 {s} 数量 {n}", "{s} {n}個", "artikelnr. {s} aantal {n} st.", "ref {s} qtd.: {n}", "cód. {s} qtde {n}",
    ],
)  # fmt: skip
def test_a_line_of_code_and_count(line: str) -> None:
    lines = [line.format(s=sku, n=count, i=i) for i, (sku, count) in enumerate(ORDERED.items(), 1)]
    text = "\n".join(["Buongiorno, vi ordino:", "", *lines, "", "Grazie", "Anna"])
    reading = read(
        ReadingInput(body=text, from_name="Anna Rossi", from_email="anna@example.com"),
        cases.catalogue("caseificio"),
        store_addresses=cases.STORE,
        country="IT",
    )
    assert {one.sku: one.quantity for one in reading.lines} == ORDERED
    assert not reading.unmatched and not reading.ambiguous
