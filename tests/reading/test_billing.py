"""What was billed, listed or found in a parcel orders nothing; an order may speak of its invoice."""

from __future__ import annotations

import pytest

from checkout_desk.reading.model import Reading, ReadingInput
from checkout_desk.reading.reading import read
from tests.reading import cases

COMPLAINTS = [
    ("DE", "auf der Rechnung 20264471 stehen 3 Burrata, ich hatte aber nur 2 bekommen. Können Sie das bitte prüfen?"),
    ("DE", "Sie haben mir 3 Burrata berechnet, geliefert wurden aber nur 2. Bitte korrigieren Sie die Rechnung."),
    ("DE", "laut Lieferschein 3 Burrata, im Paket waren nur 2."),
    ("DE", "In der Rechnung sind 3 Burrata aufgeführt, es kamen aber nur zwei an. Bitte um eine neue Rechnung."),
    ("GB", "You charged me for 3 burrata, only 2 were in the box. Please check."),
    ("GB", "The delivery note lists 3 burrata, there were 2 in the parcel."),
    ("FR", "Vous m'avez facturé 3 burrata alors que 2 seulement ont été livrées. Merci de corriger."),
    ("FR", "Il y a 3 burrata sur la facture, je n'en avais que deux dans le colis."),
    ("ES", "La factura pone 3 burrata, en la caja venían 2."),
    ("PT", "na fatura 20264471 constam 3 burrata, mas só recebi 2. Podem verificar?"),
    ("PT", "Cobraram-me 3 burrata, só vieram 2. Por favor corrijam a fatura."),
    ("IT", "sulla fattura 20264471 ci sono 3 burrata, ma ne ho ricevute solo 2. Potete controllare?"),
    ("IT", "In fattura risultano 3 burrata, nel pacco ce n'erano 2."),
    ("NL", "op de factuur 20264471 staan 3 burrata, maar ik heb er maar 2 gekregen. Kunt u dat nakijken?"),
    ("NL", "Jullie hebben 3 burrata in rekening gebracht, er zaten er maar 2 in de doos. Graag corrigeren."),
    ("JP", "請求書ではブッラータが3個になっていますが、届いたのは2個でした。ご確認ください。"),
    ("JP", "ブッラータ3個分請求されていますが、2個しか届いていません。ご確認お願いします。"),
]  # fmt: skip
ORDERS = [
    ("GB", "Please send 3 burrata and put our VAT number on the invoice.", 3),
    ("GB", "3 burrata please, the invoice has to go to my office.", 3),
    ("GB", "We were charged for 3 burrata last time by mistake. This time please send 4 burrata.", 4),
    ("DE", "bitte 3 Burrata auf Rechnung. Auf der Rechnung bitte unsere Nummer 4711 angeben.", 3),
    ("GB", "3 burrata, and the invoice has our name on it.", 3),
    ("DE", "Hallo, 3 Burrata, die Rechnung werden wir sofort zahlen.", 3),
    ("NL", "3 burrata graag, de factuur staat op naam van de zaak.", 3),
    ("JP", "ブッラータを3個、請求書には社名を記載してお願いします。", 3),
    ("FR", "3 burrata s'il vous plaît, facture au nom de la mairie.", 3),
    ("JP", "ブッラータを3個お願いします。請求書は同封してください。", 3),
]


def _read(text: str, country: str) -> Reading:
    return read(ReadingInput(body=text, from_email="ann@example.com"), cases.catalogue("caseificio"), country=country)  # fmt: skip


@pytest.mark.parametrize(("country", "text"), COMPLAINTS, ids=range(len(COMPLAINTS)))
def test_what_was_billed_is_no_order(country: str, text: str) -> None:
    found = _read(text, country)
    assert found.kind != "order"
    assert not found.lines


@pytest.mark.parametrize(("country", "text", "quantity"), ORDERS, ids=range(len(ORDERS)))
def test_an_order_may_speak_of_its_invoice(country: str, text: str, quantity: int) -> None:
    assert [(line.sku, line.quantity) for line in _read(text, country).lines] == [("BUR-200", quantity)]
