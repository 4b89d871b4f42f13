"""The kind of question in eight languages, and mails that ask something else."""

from __future__ import annotations

import pytest

from checkout_desk.desk.question_kinds import kind_of
from tests.desk import test_inquiries, test_invoice_inquiries

SAID = {
    "address_change": """
Could you please change the delivery address of my order?
I have moved, here is my new address.
There is a typo in the address, it should be 15 Quay Lane.
I gave you the wrong address!
Can you ship it to a different address?
Ich möchte die Lieferadresse ändern.
Ich bin umgezogen, die Adresse stimmt so nicht mehr.
Die Anschrift ist leider falsch.
Pourriez-vous modifier l'adresse de livraison ?
Je me suis trompé, voici la bonne: l'adresse est incorrecte.
¿Pueden cambiar la dirección de entrega?
La dirección está equivocada.
Posso alterar a morada de entrega?
O endereço está errado.
Vorrei cambiare l'indirizzo di consegna.
L'indirizzo è sbagliato.
Kunt u het bezorgadres wijzigen?
Het adres is verkeerd.
お届け先の住所を変更していただけますか。
""",
    "exchange": """
I would like to exchange the blue mug for a red one.
Can I swap it for the larger size?
Ich möchte die Tasse gegen eine rote umtauschen.
Ist ein Umtausch möglich?
Je voudrais échanger la tasse contre une rouge.
Quisiera cambiar la taza azul por una roja.
Gostaria de trocar a chávena por uma vermelha.
Vorrei cambiare la tazza con una rossa.
Ik wil de blauwe mok graag ruilen.
サイズの交換は可能ですか。
""",
    "return": """
I would like to return the teapot.
How can I send it back?
Can you send me a return label?
We are returning the two bowls.
Ich möchte die Kanne zurückschicken.
Wie funktioniert die Rücksendung?
Ich schicke die Tassen wieder zurück.
Je souhaite retourner la théière.
Comment puis-je renvoyer la commande ?
Quiero devolver la tetera.
¿Cómo hago una devolución?
Quero devolver o bule.
Como faço uma devolução?
Vorrei restituire la teiera.
Come posso fare un reso?
Ik wil de theepot terugsturen.
Mag ik het pakket retourneren?
返品したいのですが。
""",
}
NONE = """
Two blue mugs, please.
Thank you, all is well.
Many happy returns!
Please return my call.
What is the exchange rate for dollars?
Thank you for the exchange of emails.
My email address has changed to jane@new.example.
Our invoice address has changed.
The invoice is wrong, the address has a mistake.
Meine E-Mail-Adresse hat sich geändert.
Vielen Dank für die schnelle Lieferung.
Merci beaucoup, tout est parfait.
Gracias, todo perfecto.
Obrigada, chegou tudo bem.
Grazie mille.
Bedankt voor de snelle levering.
ありがとうございました。
"""


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, many in SAID.items() for text in many.strip().splitlines()]
)
def test_it_is_named(kind: str, text: str) -> None:
    assert kind_of(text) == kind
    assert kind_of("Hello,\n\n" + text + "\n\nKind regards\nJane", "A question") == kind


@pytest.mark.parametrize("text", NONE.strip().splitlines())
def test_other_mails_have_no_kind(text: str) -> None:
    assert kind_of(text) == ""


def test_who_asks_for_an_invoice_or_where_an_order_is_asks_nothing_else() -> None:
    assert {text: kind for text in test_invoice_inquiries.ASKS if (kind := kind_of(text)) != "invoice"} == {}
    assert {text: kind for text in test_inquiries.WHERE if (kind := kind_of(text)) != "order_status"} == {}


def test_a_long_mail_is_no_trouble() -> None:
    assert kind_of("change return exchange " * 20_000) in ("exchange", "return")
    assert kind_of("please send " * 20_000) == ""
