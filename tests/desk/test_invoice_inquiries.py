"""Customers ask for a copy of their invoice in eight languages; other mails about invoices are not taken for it."""

from __future__ import annotations

import pytest

from checkout_desk.desk.invoice_inquiries import asks_invoice

ASKS = """
Could you send me a copy of my invoice, please?
Hi, I need the invoice for order 1042 for my tax return.
Please can I have a VAT invoice?
I never received an invoice for my order.
Where can I find my invoice?
The receipt as a PDF please, for our records.
Would you mind emailing the receipt again?
Können Sie mir bitte die Rechnung zu Bestellung 1042 schicken?
Ich brauche noch eine Rechnungskopie.
Ich habe die Rechnung noch nicht bekommen.
Bitte senden Sie mir eine Kopie der Rechnung.
Mir fehlt noch die Rechnung.
Pourriez-vous m'envoyer la facture de ma commande ?
J'ai besoin d'une copie de la facture, merci.
Je n'ai pas reçu la facture.
¿Me pueden enviar la factura del pedido?
Necesito una copia de mi factura.
No he recibido la factura todavía.
Podem enviar-me a fatura, por favor?
Preciso da fatura da minha encomenda.
Mi può inviare la fattura dell'ordine?
Vorrei una copia della fattura.
Ho bisogno della fattura per favore.
Kunt u mij de factuur sturen?
Ik heb de factuur nodig voor mijn administratie.
Graag ontvang ik een kopie van de factuur.
請求書を送っていただけますか。
領収書の再発行をお願いします。
""".strip().splitlines()
OTHER = """
Where is my order?
I have paid the invoice this morning.
The invoice is wrong, the address has a mistake.
Please find our invoice attached.
We would like to order on invoice.
Please send me two blue mugs.
Die Rechnung ist bereits bezahlt.
Auf der Rechnung ist ein Fehler, bitte korrigieren.
Wir möchten auf Rechnung bestellen.
J'ai payé la facture hier.
Il y a une erreur, la facture est fausse.
He pagado la factura.
Ho pagato la fattura ieri.
Ik heb de factuur gisteren betaald.
De factuur klopt niet.
請求書の金額が間違っています。
Thank you, all is well.
""".strip().splitlines()


@pytest.mark.parametrize("text", ASKS)
def test_it_is_asked_for(text: str) -> None:
    assert asks_invoice(text)
    assert asks_invoice("Hello,\n\n" + text + "\n\nKind regards\nJane", "A question")


@pytest.mark.parametrize("text", OTHER)
def test_other_mails_are_not_taken_for_it(text: str) -> None:
    assert not asks_invoice(text)


def test_a_long_mail_is_no_trouble() -> None:
    assert not asks_invoice("please send " * 20_000)
