"""How people order, by cause: (catalogue, country, text, lines). What is not in the lines must not be there with certainty.

A `None` for a quantity says that none may be claimed.
"""

from __future__ import annotations

import pytest

from checkout_desk.reading.model import ReadingInput
from checkout_desk.reading.reading import read
from tests.reading import cases

Lines = dict[str, int | None]

ROWS: list[tuple[str, str, str, Lines]] = [
    # A number is shared out behind its product: halves, the rest, parts that make up the whole or do not.
    ("pottery", "NL", "Ik wil graag 24 pastaborden 23 cm, de helft wit en de helft groen.", {"PAS-WH": 12, "PAS-GN": 12}),
    ("pottery", "GB", "10 large mugs please, 4 blue and the rest white.", {"MUG-L-BL": 4, "MUG-L-WH": 6}),
    ("pottery", "ES", "Quería 10 tazas grandes: la mitad azules, el resto verdes.", {"MUG-L-BL": 5, "MUG-L-GN": 5}),
    ("pottery", "DE", "10 große Tassen, davon 4 in Blau, den Rest in Weiß, und zwei Seifenschalen", {"MUG-L-BL": 4, "MUG-L-WH": 6, "SOAP": 2}),
    ("pottery", "GB", "Please send 11 pasta plates, half white, half green.", {"PAS-WH": None, "PAS-GN": None}),
    ("pottery", "GB", "20 tealight holders, five of them yellow, the others white, please.", {"TLH-YE": 5, "TLH-WH": 15}),
    # "The same in …" is as many as before, and "two of each" ends where another product has an article of its own.
    ("naehwelt", "DE", "Ich hätte gern je zwei Nähgarn 200 m in weiß und schwarz, dazu einen Reißverschluss 20 cm in rot und noch einmal denselben in 40 cm.", {"NG200-WS": 2, "NG200-SW": 2, "RV20-RT": 1, "RV40-RT": 1}),
    ("naehwelt", "GB", "Please send a zip 20 cm red and the same in 40 cm.", {"RV20-RT": 1, "RV40-RT": 1}),
    # A question may want goods, by politeness or by its tone alone; who asks whether 2 of them fit wants none.
    ("pottery", "IT", "Ciao, ci mandate 12 tazzine blu e 12 tazzine bianche?", {"ESP-BL": 12, "ESP-WH": 12}),
    ("pottery", "ES", "Hola, ¿me guardáis 3 jaboneras?", {"SOAP": 3}),
    ("pottery", "GB", "2 soap dishes and a spoon rest?\nDo 2 cat bowls fit into the parcel?", {"SOAP": 2}),
    # "Of them" counts what was only told of; more words for a product count it no second time.
    ("pottery", "GB", "My sister has been going on about the large blue mug ever since, so I'd like to get her four of them please.", {"MUG-L-BL": 4}),
    ("bike", "GB", "I need two inner tubes, the 700c ones with the long 48 mm Presta valve, and one of your 700x25c road tyres.", {"TU-P48": 2, "TY/700-25": 1}),
    ("bike", "GB", "one 700 x 25c road tyre and 3x inner tubes 700c", {"TY/700-25": 1, "TU-P48": 3}),
    # A name may begin with a unit; a word behind "of" tells of another thing, one counted elsewhere is asked about no more.
    ("naehwelt", "IT", "Per il corso di cucito mi servono 8 metri da sarta e 8 scucitori.", {"MB-150": 8, "NTR": 8}),
    ("luthier", "FR", "Je reprends la guitare après 20 ans. Il me faut 2 jeux de cordes guitare électrique 10-46.", {"GS-1046": 2}),
    # What is said in brackets has no say over what stands behind them.
    ("naehwelt", "IT", "Mi servirebbero 4 scatole di spilli (quelle da 100) e 2 forbici da sarta 21 cm.", {"NAD-100": 4, "SCH-21": 2}),
    ("pottery", "GB", "I'd like 4 soap dishes (which size are they?) and 2 spoon rests.", {"SOAP": 4, "SPR": 2}),
    # "The long one" counts nothing, "those of 48" tells which.
    ("voltage", "DE", "Ich möchte HDMI-Kabel, the long one 3 m, 2 Stück.", {"HDMI-3": 2}),
    ("nursery", "NL", "Graag de houten puzzel boerderij, die van 48 stukjes, 100 is nog te moeilijk.", {"PUZ-48": 1}),
    # Japanese: a counter that is also a word of a product, a colour that の ties to a name.
    ("luthier", "JP", "エレキギター弦 10-46を3セット注文します。あと革ストラップの黒も1本お願いします。", {"GS-1046": 3, "STRP-BK": 1}),
    ("luthier", "JP", "黒の革ストラップを2本お願いします。", {"STRP-BK": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("catalogue", "country", "text", "lines"), ROWS, ids=range(len(ROWS)))
def test_the_cause(catalogue: str, country: str, text: str, lines: Lines) -> None:
    letter = ReadingInput(body=text, from_name="Ann Poe", from_email="ann@example.com")
    found = read(letter, cases.catalogue(catalogue), country=country)
    sure = {line.sku: line.quantity for line in found.lines if not line.needs_review}
    assert all(sku in lines and quantity in (None, lines[sku]) for sku, quantity in sure.items())
    assert {line.sku: line.quantity for line in found.lines} == lines
    assert not found.ambiguous
