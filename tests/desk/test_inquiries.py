"""Customers ask where their order is in eight languages; other questions are not taken for it."""

from __future__ import annotations

import pytest

from checkout_desk.desk.inquiries import asks_where, numbers

WHERE = """
Where is my order?
Hi, where's my parcel? It was meant to be here on Friday.
My order 1042 hasn't arrived yet.
I still haven’t received my mugs.
When will my order arrive?
When can I expect the delivery?
Any news on my order?
Could you tell me the status of my order please
Has my order been sent yet?
Do you have a tracking number for me?
Still waiting for my teapot order...
What happened to my parcel
Could you please send me the tracking link?
The parcel has still not arrived.
Wo bleibt meine Bestellung?
Wo ist mein Paket
Wann kommt mein Paket an?
Wann kann ich mit der Lieferung rechnen?
Meine Bestellung ist noch nicht angekommen.
Ich habe mein Paket immer noch nicht erhalten.
Wurde meine Bestellung schon verschickt?
Ich warte immer noch auf meine Bestellung.
Können Sie mir die Sendungsnummer schicken?
Où est ma commande ?
Où en est ma commande 1042 ?
Je n'ai toujours pas reçu mon colis.
Quand vais-je recevoir ma commande ?
Ma commande n'est pas encore arrivée.
Quand sera-t-elle livrée ?
Avez-vous un numéro de suivi ?
¿Dónde está mi pedido?
¿Cuándo llegará mi paquete?
Todavía no he recibido mi pedido.
Mi pedido aún no ha llegado
¿Me puede dar el número de seguimiento?
Onde está a minha encomenda?
Ainda não recebi a minha encomenda.
Quando chega a encomenda?
A encomenda ainda não chegou.
Dov’è il mio ordine?
Dove si trova il mio pacco?
Quando arriva il pacco?
Non ho ancora ricevuto il mio ordine.
Il pacco non è ancora arrivato
Waar blijft mijn bestelling?
Waar is mijn pakket?
Wanneer wordt mijn bestelling bezorgd?
Ik heb mijn pakket nog niet ontvangen.
Wat is de status van mijn bestelling?
注文した商品はいつ届きますか？
荷物がまだ届いていません。
注文した品物はどこにありますか。
追跡番号を教えてください。
""".strip().splitlines()

OTHER = """
Two blue mugs and a teapot, please.
Where is your shop?
Where can I find the size of the bowl?
Thank you, the parcel arrived today and everything is fine.
The teapot arrived broken.
I have not received the invoice yet.
I haven't received an answer to my question.
When would it arrive if I order today?
Please send it to my new address.
How much is shipping to France?
I have paid by bank transfer today.
Ich habe die Rechnung noch nicht erhalten.
Wo finde ich die Maße der Schale?
Vielen Dank, alles ist gut angekommen.
Wann würde es ankommen, wenn ich heute bestelle?
Bitte schicken Sie mir zwei blaue Becher.
Je n'ai pas reçu la facture.
Merci, le colis est bien arrivé.
Où se trouve votre magasin ?
No he recibido la factura.
Gracias, todo ha llegado bien.
Não recebi a fatura.
Non ho ancora ricevuto la fattura.
Il pacco è arrivato, grazie!
Ik heb de factuur niet ontvangen.
Alles is goed aangekomen, dank u.
請求書をお願いします。
マグカップを二つください。
""".strip().splitlines()


@pytest.mark.parametrize("text", WHERE)
def test_it_is_asked_where_an_order_is(text: str) -> None:
    assert asks_where(text)


@pytest.mark.parametrize("text", OTHER)
def test_something_else_is_asked_or_said(text: str) -> None:
    assert not asks_where(text)


def test_the_subject_counts() -> None:
    assert asks_where("Kind regards, Ann", "Where is my order 1042?")


def test_order_numbers_that_a_mail_names() -> None:
    assert numbers("My order no. 1042 and #1043, tracking RM123456789GB", "Re: order 1042") == [1042, 1043]
    assert numbers("Bestellung Nr. 2001, PLZ 80331 München") == [2001]
    assert numbers("注文番号1042はいつ届きますか") == [1042]
    assert numbers("12 mugs for 1042 pounds") == []


def test_a_long_mail_costs_little() -> None:
    assert not asks_where("waiting where has not yet " * 20_000)
