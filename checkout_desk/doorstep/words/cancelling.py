"""What the page says on which a customer asks us to cancel an order."""

from __future__ import annotations

from typing import Final

_KEYS = (
    "c_link",
    "c_title",
    "c_free",
    "c_paid",
    "c_gone",
    "c_words",
    "c_send",
    "c_done",
    "c_done_text",
    "c_once",
)


def _of(*words: str) -> dict[str, str]:
    return dict(zip(_KEYS, words, strict=True))


WORDS: Final = {
    "en": _of(
        "Cancel this order", "Cancel order {number}",
        "You have paid nothing yet. Ask us to cancel it, and a person does so and writes to you.",
        "It is paid. Ask us to cancel it: if it has not left by then, a person cancels it and your money goes back the way you paid.",
        "It has left us, so it cannot be stopped any more. You can send it back once it is there.",
        "Is there anything we should know? (optional)", "Ask us to cancel it", "We have your wish",
        "A person looks at order {number} and writes to {email}. Until then nothing has changed.",
        "You have asked us to cancel it; a person writes to you.",
    ),
    "de": _of(
        "Diese Bestellung stornieren", "Bestellung {number} stornieren",
        "Sie haben noch nichts bezahlt. Bitten Sie uns um die Stornierung; ein Mensch erledigt sie und schreibt Ihnen.",
        "Sie ist bezahlt. Bitten Sie uns um die Stornierung: Wenn sie bis dahin nicht unterwegs ist, stornieren wir sie, und Ihr Geld kommt auf dem Zahlungsweg zurück.",
        "Sie hat unser Haus verlassen und lässt sich nicht mehr aufhalten. Sie können sie zurücksenden, sobald sie da ist.",
        "Sollten wir noch etwas wissen? (optional)", "Um Stornierung bitten", "Ihr Wunsch ist angekommen",
        "Ein Mensch sieht sich Bestellung {number} an und schreibt an {email}. Bis dahin ändert sich nichts.",
        "Sie haben um die Stornierung gebeten; ein Mensch schreibt Ihnen.",
    ),
    "fr": _of(
        "Annuler cette commande", "Annuler la commande {number}",
        "Vous n’avez encore rien payé. Demandez-nous l’annulation : une personne s’en charge et vous écrit.",
        "Elle est payée. Demandez-nous l’annulation : si elle n’est pas encore partie, une personne l’annule et votre argent vous revient par le même moyen.",
        "Elle est déjà partie et ne peut plus être arrêtée. Vous pourrez la renvoyer dès qu’elle sera arrivée.",
        "Y a-t-il autre chose à savoir ? (facultatif)", "Demander l’annulation", "Votre demande est arrivée",
        "Une personne regarde la commande {number} et écrit à {email}. D’ici là, rien ne change.",
        "Vous avez demandé l’annulation ; une personne vous écrit.",
    ),
    "es": _of(
        "Cancelar este pedido", "Cancelar el pedido {number}",
        "Todavía no ha pagado nada. Pídanos que lo cancelemos; una persona lo hace y le escribe.",
        "Está pagado. Pídanos que lo cancelemos: si aún no ha salido, una persona lo cancela y su dinero vuelve por el mismo medio de pago.",
        "Ya ha salido y no se puede detener. Podrá devolverlo cuando llegue.",
        "¿Hay algo que debamos saber? (opcional)", "Pedir la cancelación", "Hemos recibido su deseo",
        "Una persona mira el pedido {number} y escribe a {email}. Hasta entonces no cambia nada.",
        "Ha pedido que lo cancelemos; una persona le escribe.",
    ),
    "pt": _of(
        "Cancelar esta encomenda", "Cancelar a encomenda {number}",
        "Ainda não pagou nada. Peça-nos o cancelamento; uma pessoa trata disso e escreve-lhe.",
        "Está paga. Peça-nos o cancelamento: se ainda não tiver saído, uma pessoa cancela-a e o seu dinheiro volta pelo mesmo meio.",
        "Já saiu e não pode ser parada. Poderá devolvê-la quando chegar.",
        "Há algo que devamos saber? (opcional)", "Pedir o cancelamento", "Recebemos o seu pedido",
        "Uma pessoa vê a encomenda {number} e escreve para {email}. Até lá nada muda.",
        "Pediu o cancelamento; uma pessoa escreve-lhe.",
    ),
    "it": _of(
        "Annullare questo ordine", "Annullare l’ordine {number}",
        "Non ha ancora pagato nulla. Ci chieda di annullarlo: una persona lo fa e Le scrive.",
        "È pagato. Ci chieda di annullarlo: se non è ancora partito, una persona lo annulla e il denaro torna con lo stesso mezzo.",
        "È già partito e non si può più fermare. Potrà restituirlo quando sarà arrivato.",
        "C’è qualcosa che dovremmo sapere? (facoltativo)", "Chiedere l’annullamento", "La Sua richiesta è arrivata",
        "Una persona guarda l’ordine {number} e scrive a {email}. Fino ad allora non cambia nulla.",
        "Ha chiesto di annullarlo; una persona Le scrive.",
    ),
    "nl": _of(
        "Deze bestelling annuleren", "Bestelling {number} annuleren",
        "U hebt nog niets betaald. Vraag ons te annuleren; een medewerker doet dat en schrijft u.",
        "Ze is betaald. Vraag ons te annuleren: is ze dan nog niet weg, dan annuleert een medewerker haar en krijgt u uw geld terug zoals u betaalde.",
        "Ze is al onderweg en kan niet meer worden tegengehouden. U kunt haar terugsturen zodra ze er is.",
        "Moeten we nog iets weten? (niet verplicht)", "Vragen om te annuleren", "Uw wens is binnen",
        "Een medewerker bekijkt bestelling {number} en schrijft naar {email}. Tot dan verandert er niets.",
        "U hebt gevraagd te annuleren; een medewerker schrijft u.",
    ),
    "ja": _of(
        "この注文を取り消す", "注文 {number} の取り消し",
        "まだお支払いはありません。取り消しをご希望の場合、担当者が手続きし、メールでお知らせします。",
        "お支払い済みです。取り消しをご希望の場合、発送前であれば担当者が取り消し、お支払いと同じ方法で返金します。",
        "すでに発送したため、止めることができません。到着後に返品していただけます。",
        "ほかにお知らせいただくことはありますか（任意）", "取り消しを依頼する", "ご希望を承りました",
        "担当者が注文 {number} を確認し、{email} にご連絡します。それまでは何も変わりません。",
        "取り消しのご依頼を承っています。担当者からご連絡します。",
    ),
}  # fmt: skip
