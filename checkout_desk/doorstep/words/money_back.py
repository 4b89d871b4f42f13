"""What the page of a cancelled order says about the customer's money."""

from __future__ import annotations

from typing import Final

_KEYS = ("m_owed", "m_going", "m_done", "m_stripe", "m_paypal", "m_bank", "m_hand")


def _of(*words: str) -> dict[str, str]:
    return dict(zip(_KEYS, words, strict=True))


WORDS: Final = {
    "en": _of(
        "We owe you {amount}. It goes back {way}, and we write to you when it has left.",
        "{amount} is being sent back {way}. We write to you when it has left.",
        "{amount} went back {way} on {day}. With banks it can take a few business days until you see it.",
        "to the card that you paid with", "to your PayPal account", "to your bank account", "the way you paid",
    ),
    "de": _of(
        "Wir schulden Ihnen {amount}. Das Geld geht {way} zurück, und wir schreiben Ihnen, sobald es unterwegs ist.",
        "{amount} werden gerade {way} zurückgezahlt. Wir schreiben Ihnen, sobald das Geld unterwegs ist.",
        "{amount} sind am {day} {way} zurückgegangen. Bei Banken kann es einige Werktage dauern, bis Sie es sehen.",
        "auf die Karte, mit der Sie bezahlt haben,", "auf Ihr PayPal-Konto", "auf Ihr Bankkonto", "auf dem Zahlungsweg",
    ),
    "fr": _of(
        "Nous vous devons {amount}. Cette somme vous revient {way}, et nous vous écrivons dès qu’elle est partie.",
        "Le remboursement de {amount} {way} est en cours. Nous vous écrivons dès qu’il est parti.",
        "{amount} vous ont été remboursés {way} le {day}. Selon les banques, cela peut prendre quelques jours ouvrés.",
        "sur la carte de votre paiement", "sur votre compte PayPal", "sur votre compte bancaire", "par le moyen de votre paiement",
    ),
    "es": _of(
        "Le debemos {amount}. El importe vuelve {way} y le escribimos en cuanto haya salido.",
        "Estamos devolviendo {amount} {way}. Le escribimos en cuanto haya salido.",
        "El {day} devolvimos {amount} {way}. Con los bancos puede tardar unos días laborables en verse.",
        "a la tarjeta con la que pagó", "a su cuenta de PayPal", "a su cuenta bancaria", "por el mismo medio de pago",
    ),
    "pt": _of(
        "Devemos-lhe {amount}. O valor volta {way} e escrevemos-lhe assim que tiver saído.",
        "Estamos a devolver {amount} {way}. Escrevemos-lhe assim que tiver saído.",
        "Em {day} devolvemos {amount} {way}. Com os bancos pode demorar alguns dias úteis até o ver.",
        "para o cartão com que pagou", "para a sua conta PayPal", "para a sua conta bancária", "pelo mesmo meio de pagamento",
    ),
    "it": _of(
        "Le dobbiamo {amount}. La somma torna {way} e Le scriviamo appena è partita.",
        "Stiamo restituendo {amount} {way}. Le scriviamo appena la somma è partita.",
        "In data {day} abbiamo restituito {amount} {way}. Con le banche possono servire alcuni giorni lavorativi prima che la veda.",
        "sulla carta con cui ha pagato", "sul Suo conto PayPal", "sul Suo conto bancario", "con lo stesso mezzo di pagamento",
    ),
    "nl": _of(
        "Wij zijn u {amount} schuldig. Het gaat {way} terug, en wij schrijven u zodra het onderweg is.",
        "{amount} wordt {way} terugbetaald. Wij schrijven u zodra het onderweg is.",
        "Op {day} is {amount} {way} teruggegaan. Bij banken kan het enkele werkdagen duren voordat u het ziet.",
        "naar de kaart waarmee u betaald hebt", "naar uw PayPal-rekening", "naar uw bankrekening", "zoals u betaald hebt",
    ),
    "ja": _of(
        "お客様へのご返金 {amount} がございます。{way}ご返金し、手続きが済み次第メールでお知らせいたします。",
        "{amount} を{way}ご返金する手続き中です。済み次第メールでお知らせいたします。",
        "{day}に {amount} を{way}ご返金いたしました。銀行によっては反映まで数営業日かかることがございます。",
        "お支払いに使われたカードへ", "お客様のPayPalアカウントへ", "お客様の銀行口座へ", "お支払いと同じ方法で",
    ),
}  # fmt: skip
"""language -> key -> words; {way} is one of the last four, by what the money came with"""
