"""Turns of phrase of everyday mails, each with what it orders: SKU and quantity, `?` unsaid, `-` for what nobody sells."""

from __future__ import annotations

import pytest

from checkout_desk.reading.catalogue import Catalogue, CatalogueEntry
from checkout_desk.reading.model import ReadingInput
from checkout_desk.reading.reading import read
from tests.reading import cases

SAID = [
    # A list without bullets: a line that no product fits is not lost.
    ("tea", "GB", "2 espresso cups\n1 milk frother\n", "CUP-ESP=2 -=1"),
    ("tea", "GB", "1 milk frother\n2 espresso cups\n", "-=1 CUP-ESP=2"),
    ("tea", "DE", "Tasse blau - 2 Stück\nZuckerdose - 1 Stück", "MUG-BLU=2 -=1"),
    ("tea", "GB", "I'd like 2 espresso cups.\n\nFlat 3\nUnder the bell", "CUP-ESP=2"),
    # Sizes below the product, and a size letter that is no metre although 100 cm is sold.
    ("wear", "US", "Black organic t-shirts, please:\nS - 2\nL - 3", "TS-B-S=2 TS-B-L=3"),
    ("wear", "US", "Please send white t-shirts: 2 S, 1 M, 4 L.", "TS-W-S=2 TS-W-M=1 TS-W-L=4"),
    # A year or a size in front of a name is no quantity.
    ("paper", "US", "I'd like the 2027 planner please.", "PLN-27=1"),
    ("paper", "US", "Also the 2027 planner x2, please.", "PLN-27=2"),
    ("bike", "GB", "I'd like an 11 speed chain.", "CH-11=1"),
    ("cave", "FR", "6 Chablis 2019, 6 Chablis 2021, 3 Saint-Émilion", "V19CHA=6 V21CHA=6 V18STE=3"),
    ("cave", "FR", "Ce sera le Chablis 2021, 6 bouteilles.", "V21CHA=6"),
    # What people are and have, where they live, and what they look forward to.
    ("tea", "ES", "Tengo 2 hijos y quiero comprar 2 tazas rojas.", "MUG-RED=2"),
    ("tea", "DE", "Bitte 3 Kupferkessel an uns in Raum 104 liefern.", "KET-CU=3"),
    ("tea", "GB", "Can't wait for the tray and the 2 red mugs!", ""),
    ("cave", "FR", "J'ai reçu hier ma commande de 6 pains au chocolat, il manquait 2 baguettes.", ""),
    # Where the parcel is to be left takes nothing back.
    (
        "tea",
        "GB",
        "2 blue mugs and one kettle, please.\n\nPlease leave it with the neighbour at number 16.",
        "MUG-BLU=2 KET-CU=1",
    ),
    (
        "tea",
        "GB",
        "2 blue mugs and one kettle. If I am out, drop them off at the shop next door.",
        "MUG-BLU=2 KET-CU=1",
    ),
    ("tea", "NL", "Graag 2 blauwe mokken. Laat het maar achter bij de buren.", "MUG-BLU=2"),
    ("tea", "GB", "2 blue mugs and one kettle. On second thoughts, leave it out.", "MUG-BLU=2"),
    # A wish behind a question, a complaint or praise.
    ("tea", "GB", "Is the kettle suitable for induction? If so, I'll take one.", "KET-CU=1"),
    ("tea", "GB", "He smashed 2 of our red mugs, so please send 2 more.", "MUG-RED=2"),
    ("paper", "US", "I'd love to order 2 staplers for my grandson who finishes in May.", "0071=2"),
    # A price ends at its last digit, and no product borrows an attribute that it has not.
    ("tea", "GB", "Order: 1 x Blue Mug £12.00, 2 x Silver Spoon £28.00", "MUG-BLU=1 SPN-S=2"),
    ("garden", "NL", "Graag 1 tuinslang van 20 meter en 2 paar handschoenen maat L", "G-SCH-20=1 HND-L=2"),
    ("paper", "US", "Please ship 10 packs copy paper A4.", "10017=10"),
]


@pytest.mark.parametrize(("catalogue", "country", "text", "wanted"), SAID)
def test_what_is_said_is_read(catalogue: str, country: str, text: str, wanted: str) -> None:
    letter = ReadingInput(body=text, from_name="Ann Bee", from_email="ann@example.com")
    reading = read(letter, cases.catalogue(catalogue), country=country)
    found = [f"{line.sku}={line.quantity or '?'}" for line in reading.lines]
    found += [f"-={part.quantity or '?'}" for part in reading.unmatched]
    assert sorted(found) == sorted(wanted.split())
    assert reading.ambiguous == ()


def test_a_common_verb_is_no_slip_for_a_product() -> None:
    steel = Catalogue([CatalogueEntry("STR-1", "Tea strainer, steel"), CatalogueEntry("MUG", "Mug, blue")])
    body = (
        "Bitte stellen Sie die Rechnung auf die Kanzlei aus:\nPartner GmbH\nMaximilianstraße 9\n80539 München"
    )
    reading = read(
        ReadingInput(body=body, from_name="Max", from_email="max@example.com"), steel, country="GB"
    )
    assert (reading.lines, reading.unmatched, reading.ambiguous) == ((), (), ())
