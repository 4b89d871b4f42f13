"""'Leave it with the neighbour, no. 16': a note for the driver, never a line and never an address."""

from __future__ import annotations

import pytest

from checkout_desk.reading.model import KnownThread, ReadingInput
from checkout_desk.reading.reading import read
from tests.reading import cases

WISHES = [
    ("GB", "2 blue mugs, please. Please leave it with the neighbour, no. 16.", "leave it with the neighbour, no. 16"),
    ("GB", "2 blue mugs.\nIf nobody is in, leave them in the porch\nThanks, Ann", "leave them in the porch"),
    ("GB", "2 blue mugs. Don't leave the parcel at the front door!", "leave the parcel at the front door"),
    ("GB", "I'd like two of the blue mugs, and would be glad if you could please leave the\nparcel with the caretaker next to number 4. Ann", "leave the parcel with the caretaker next to number 4"),
    ("DE", "Ich möchte 2 blaue Tassen bestellen. Bitte das Paket beim Nachbarn (Nr. 16) abgeben.", "beim Nachbarn (Nr. 16) abgeben"),
    ("DE", "Bitte 2 blaue Tassen. Sie können es in die Garage stellen oder legen Sie es auf die Terrasse.", "legen Sie es auf die Terrasse"),
    ("FR", "Je voudrais commander 2 tasses bleues. Merci de laisser le colis chez le voisin.", "laisser le colis chez le voisin"),
    ("ES", "Quiero 2 tazas azules. Por favor, dejen el paquete con el portero.", "dejen el paquete con el portero"),
    ("PT", "Quero 2 canecas azuis. Podem deixar na portaria, obrigada.", "deixar na portaria, obrigada"),
    ("IT", "Vorrei 2 tazze blu. Se non ci sono, lasciate il pacco in portineria.", "lasciate il pacco in portineria"),
    ("NL", "Graag 2 blauwe mokken. Laat het maar achter bij de buren.", "Laat het maar achter bij de buren"),
    ("JP", "青いマグカップを2つお願いします。不在の場合は隣の人に預けてください。", "隣の人に預けてください"),
]  # fmt: skip
NONE = [
    "2 blue mugs, please.\n\nI left the last one with the neighbour and she loved it.",
    "2 blue mugs please. The courier delivered the last one to our neighbour, which was fine.",
    "2 blue mugs for my neighbour, please.",
    "Please leave out the kettle. 2 blue mugs.",
    "2 blue mugs, please deliver them to my neighbour: Hal Reed, 16 Hill Road, York YO1 7HH, United Kingdom",
    "2 blue mugs and please give 3 kettles to the porter of your warehouse.",
]


def _read(text: str, country: str = "GB", **more: object):  # type: ignore[no-untyped-def]
    letter = ReadingInput(body=text, from_name="Ann Bee", from_email="ann@example.com", **more)  # type: ignore[arg-type]
    return read(letter, cases.catalogue("tea"), country=country)


@pytest.mark.parametrize(("country", "text", "wanted"), WISHES)
def test_a_wish_for_the_delivery_is_read(country: str, text: str, wanted: str) -> None:
    reading = _read(text, country)
    assert reading.wish is not None
    assert reading.wish.text == wanted
    start, end = reading.wish.span or (0, 0)
    assert " ".join(text[start:end].split()).startswith(wanted)
    assert (reading.kind, reading.ship_to) == ("order", None)
    assert len(reading.lines) + len(reading.ambiguous) == 1


@pytest.mark.parametrize("text", NONE)
def test_what_was_done_or_where_the_parcel_goes_is_no_wish(text: str) -> None:
    assert _read(text).wish is None


def test_a_mail_that_only_wishes_says_so_in_a_thread_that_has_an_order() -> None:
    letter = ReadingInput(body="Could you leave the parcel with the neighbour?", is_reply=True)
    known = KnownThread({"MUG-BLU": 2}, has_address=True, has_phone=True)
    reading = read(letter, cases.catalogue("tea"), country="GB", known_thread=known)
    assert reading.wish is not None
    assert reading.wish.text == "leave the parcel with the neighbour"
    assert (reading.lines, reading.unmatched) == ((), ())
