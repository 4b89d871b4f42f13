"""The honest answers to somebody who wants an order cancelled, as drafts that a person reads and sends."""

from __future__ import annotations

from typing import Final

_KEYS = ("hello", "cancelled", "unpaid", "refunded", "owed", "gone", "stays", "bye")


def _of(*words: str) -> dict[str, str]:
    return dict(zip(_KEYS, words, strict=True))


SENTENCES: Final = {
    "en": _of(
        "Hello {name},", "Your order {number} is cancelled.", "You have paid nothing, so there is nothing left to do.",
        "We are sending you {amount} back, the way you paid. With banks it can take a few business days until you see it.",
        "We owe you {amount}; it goes back to you the way you paid, and we write to you as soon as it is on its way.",
        "Your order {number} has left us already, so we cannot stop it any more. When it has arrived you can send it back; answer this mail, and we tell you how.",
        "Your order {number} is not cancelled; it stays as you have it from us.", "Kind regards",
    ),
    "de": _of(
        "Guten Tag {name},", "Ihre Bestellung {number} ist storniert.", "Sie haben nichts bezahlt, es ist also nichts weiter zu tun.",
        "Wir überweisen Ihnen {amount} auf dem Weg zurück, auf dem Sie bezahlt haben. Bei Banken kann es einige Werktage dauern, bis Sie es sehen.",
        "Wir schulden Ihnen {amount}; das Geld geht auf dem Zahlungsweg zurück, und wir schreiben Ihnen, sobald es unterwegs ist.",
        "Ihre Bestellung {number} hat unser Haus schon verlassen, wir können sie nicht mehr aufhalten. Wenn sie da ist, können Sie sie zurücksenden; antworten Sie auf diese Mail, dann sagen wir Ihnen, wie.",
        "Ihre Bestellung {number} ist nicht storniert; sie bleibt, wie Sie sie von uns haben.", "Freundliche Grüße",
    ),
    "fr": _of(
        "Bonjour {name},", "Votre commande {number} est annulée.", "Vous n’avez rien payé, il n’y a donc rien d’autre à faire.",
        "Nous vous remboursons {amount} par le moyen de votre paiement. Selon les banques, cela peut prendre quelques jours ouvrés.",
        "Nous vous devons {amount} ; cette somme vous revient par le moyen de votre paiement, et nous vous écrivons dès qu’elle est en route.",
        "Votre commande {number} est déjà partie, nous ne pouvons plus l’arrêter. Une fois arrivée, vous pourrez la renvoyer ; répondez à ce message et nous vous dirons comment.",
        "Votre commande {number} n’est pas annulée ; elle reste telle que nous vous l’avons confirmée.", "Cordialement",
    ),
    "es": _of(
        "Hola {name}:", "Su pedido {number} está cancelado.", "No ha pagado nada, así que no queda nada por hacer.",
        "Le devolvemos {amount} por el mismo medio de pago. Con los bancos puede tardar unos días laborables.",
        "Le debemos {amount}; vuelve por el mismo medio de pago y le escribimos en cuanto esté en camino.",
        "Su pedido {number} ya ha salido y no podemos detenerlo. Cuando llegue podrá devolverlo; responda a este correo y le decimos cómo.",
        "Su pedido {number} no está cancelado; queda tal como se lo enviamos.", "Saludos cordiales",
    ),
    "pt": _of(
        "Olá {name},", "A sua encomenda {number} está cancelada.", "Não pagou nada, por isso não há mais nada a fazer.",
        "Devolvemos-lhe {amount} pelo mesmo meio de pagamento. Com os bancos pode demorar alguns dias úteis.",
        "Devemos-lhe {amount}; o valor volta pelo mesmo meio de pagamento e escrevemos-lhe assim que estiver a caminho.",
        "A sua encomenda {number} já saiu e não a podemos parar. Quando chegar, poderá devolvê-la; responda a este e-mail e dizemos-lhe como.",
        "A sua encomenda {number} não está cancelada; fica tal como lha enviámos.", "Com os melhores cumprimentos",
    ),
    "it": _of(
        "Buongiorno {name},", "Il Suo ordine {number} è annullato.", "Non ha pagato nulla, quindi non resta altro da fare.",
        "Le restituiamo {amount} con lo stesso mezzo di pagamento. Con le banche possono servire alcuni giorni lavorativi.",
        "Le dobbiamo {amount}; la somma torna con lo stesso mezzo di pagamento e Le scriviamo appena parte.",
        "Il Suo ordine {number} è già partito e non possiamo più fermarlo. Quando sarà arrivato potrà restituirlo; risponda a questa e-mail e Le diciamo come.",
        "Il Suo ordine {number} non è annullato; resta come glielo abbiamo inviato.", "Cordiali saluti",
    ),
    "nl": _of(
        "Beste {name},", "Uw bestelling {number} is geannuleerd.", "U hebt niets betaald, er is dus niets meer te doen.",
        "Wij betalen u {amount} terug zoals u betaald hebt. Bij banken kan dat enkele werkdagen duren.",
        "Wij zijn u {amount} schuldig; u krijgt het terug zoals u betaald hebt, en wij schrijven u zodra het onderweg is.",
        "Uw bestelling {number} is al onderweg, wij kunnen haar niet meer tegenhouden. Als ze er is, kunt u haar terugsturen; beantwoord deze mail, dan vertellen wij hoe.",
        "Uw bestelling {number} is niet geannuleerd; ze blijft zoals u haar van ons hebt.", "Met vriendelijke groet",
    ),
    "ja": _of(
        "{name} 様", "ご注文 {number} を取り消しました。", "お支払いはありませんでしたので、お手続きは以上です。",
        "{amount} を、お支払いと同じ方法でお返しします。銀行によっては数営業日かかることがあります。",
        "{amount} をお返しいたします。お支払いと同じ方法で手続きし、完了しましたらご連絡します。",
        "ご注文 {number} はすでに発送したため、止めることができません。到着後に返品していただけます。ご希望の場合はこのメールにご返信ください。",
        "ご注文 {number} は取り消さず、そのまま承っております。", "よろしくお願いいたします。",
    ),
}  # fmt: skip
