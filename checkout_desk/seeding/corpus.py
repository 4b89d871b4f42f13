"""The words of a shop that takes orders by e-mail, in eight languages, and the mails made of them.

Everything here follows from the random generator that is handed in: the same seed writes the same letters. Sentences are
few and their slots (order numbers, things, amounts, days) many, so that the vocabulary grows with the store as it does
in a real one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from random import Random

COMMON = "porcelain"
"""stands in COMMON_SHARE of all bodies"""
COMMON_SHARE = 0.22
RARE_FIRST = "wolframite"
"""stands in the first message of RARE conversations and nowhere else"""
RARE_THIRD = "chrysoberyl"
"""stands in the third message of the same conversations and nowhere else"""
RARE = 5
SHOP = ("orders@fern-and-kiln.example", "Fern and Kiln")


@dataclass(frozen=True, slots=True)
class Language:
    """How customers of one language are called and what they write."""

    code: str
    weight: int
    first: tuple[str, ...]
    last: tuple[str, ...]
    hello: str
    bye: str
    subjects: tuple[str, ...]
    sentences: tuple[str, ...]


def _language(
    code: str, weight: int, first: str, last: str, hello: str, bye: str, subjects: str, sentences: str
) -> Language:
    return Language(
        code, weight, tuple(first.split()), tuple(last.split()), hello, bye,
        tuple(subjects.split("|")), tuple(line.strip() for line in sentences.strip().splitlines()),
    )  # fmt: skip


LANGUAGES = (
    _language(
        "en", 30, "Ann Grace Tom Priya Owen Ruth Maya Leo Isla Noel", "Baker Okafor Reed Shah Walsh Quinn Hale Ortiz Lund Frost",
        "Hello,", "Kind regards,", "Order {order}|Where is my order {order}?|Question about {thing}|Wrong colour in order {order}",
        """I would like to order {n} of the {thing} in {colour}, item {code}.
        My order {order} of {day} has not arrived yet, and the tracking page has shown nothing for days.
        Please send it to the address below and not to my office, since nobody is there on weekends.
        One of the pieces came broken; I have kept the box in case the carrier asks for it.
        Could you tell me whether {code} is in stock again before {day}?
        The invoice says {amount} but your offer was lower, so I suppose the discount is missing.
        I paid {amount} by bank transfer on {day} with the order number as the reference.
        If the {thing} is sold out, the one in {colour} would be just as welcome.""",
    ),
    _language(
        "de", 20, "Jonas Lena Uwe Sabine Marek Heike Jürgen Anke Timo Greta", "Müller Vogt Brandt Köhler Weiß Lang Schäfer Busch Krüger Nagel",
        "Guten Tag,", "Mit freundlichen Grüßen", "Bestellung {order}|Wo bleibt meine Bestellung {order}?|Frage zu {thing}|Rechnung {order}",
        """Ich möchte {n} Stück {thing} in {colour} bestellen, Artikel {code}.
        Meine Bestellung {order} vom {day} ist bisher nicht angekommen, die Sendungsverfolgung steht still.
        Bitte liefern Sie an die Adresse unten und nicht an mein Büro, am Wochenende ist dort niemand.
        Ein Teil kam zerbrochen an; den Karton habe ich für den Paketdienst aufgehoben.
        Können Sie mir sagen, ob {code} vor dem {day} wieder lieferbar ist?
        Auf der Rechnung stehen {amount}, Ihr Angebot war günstiger, vermutlich fehlt der Rabatt.
        Ich habe am {day} {amount} überwiesen und die Bestellnummer als Zweck angegeben.
        Falls {thing} ausverkauft ist, nehme ich gern auch {colour}.""",
    ),
    _language(
        "fr", 12, "Camille Hugo Élise Luc Manon Rémi Zoé Paul Inès Théo", "Moreau Lefèvre Girard Petit Rousseau Faure Blanc Noël Colin Perrin",
        "Bonjour,", "Bien cordialement,", "Commande {order}|Où est ma commande {order} ?|Question sur {thing}|Retour {order}",
        """Je souhaite commander {n} exemplaires de {thing} en {colour}, référence {code}.
        Ma commande {order} du {day} n'est toujours pas arrivée et le suivi ne bouge plus.
        Merci de livrer à l'adresse ci-dessous et non à mon bureau, fermé le week-end.
        Une des pièces est arrivée cassée ; j'ai gardé le carton pour le transporteur.
        Pouvez-vous me dire si {code} sera disponible avant le {day} ?
        La facture indique {amount} alors que votre offre était moins chère, la remise manque sans doute.
        J'ai payé {amount} par virement le {day} avec le numéro de commande en référence.
        Si {thing} est épuisé, la version {colour} me conviendrait aussi.""",
    ),
    _language(
        "es", 10, "Lucía Mateo Carmen Iván Elena Raúl Nuria Pablo Sofía Andrés", "García Muñoz Ibáñez Romero Vidal Peña Castro Soler León Ramos",
        "Buenos días:", "Un saludo,", "Pedido {order}|¿Dónde está mi pedido {order}?|Consulta sobre {thing}|Factura {order}",
        """Quisiera pedir {n} unidades de {thing} en {colour}, artículo {code}.
        Mi pedido {order} del {day} no ha llegado y el seguimiento no cambia desde hace días.
        Por favor, envíenlo a la dirección de abajo y no a la oficina, que cierra los fines de semana.
        Una de las piezas llegó rota; he guardado la caja por si la pide el transportista.
        ¿Pueden decirme si {code} estará disponible antes del {day}?
        La factura dice {amount}, pero su oferta era más barata; supongo que falta el descuento.
        Pagué {amount} por transferencia el {day} con el número de pedido como referencia.
        Si {thing} está agotado, también me serviría en {colour}.""",
    ),
    _language(
        "it", 8, "Giulia Marco Chiara Luca Anna Paolo Marta Dario Elisa Nico", "Rossi Bianchi Ferri Conti Greco Villa Sala Riva Costa Longo",
        "Buongiorno,", "Cordiali saluti,", "Ordine {order}|Dov'è il mio ordine {order}?|Domanda su {thing}|Reso {order}",
        """Vorrei ordinare {n} pezzi di {thing} in {colour}, articolo {code}.
        Il mio ordine {order} del {day} non è ancora arrivato e la spedizione risulta ferma da giorni.
        Vi prego di spedire all'indirizzo qui sotto e non in ufficio, chiuso nel fine settimana.
        Uno dei pezzi è arrivato rotto; ho tenuto la scatola per il corriere.
        Potete dirmi se {code} sarà disponibile prima del {day}?
        La fattura riporta {amount} ma la vostra offerta era più bassa, forse manca lo sconto.
        Ho pagato {amount} con bonifico il {day} indicando il numero d'ordine.
        Se {thing} è esaurito, va bene anche in {colour}.""",
    ),
    _language(
        "nl", 8, "Sanne Bram Femke Daan Lotte Joris Noor Ruben Eva Koen", "Visser Bakker Mulder Smit Bos Dekker Kok Vos Prins Blom",
        "Goedendag,", "Met vriendelijke groet,", "Bestelling {order}|Waar blijft bestelling {order}?|Vraag over {thing}|Factuur {order}",
        """Ik wil graag {n} stuks {thing} in {colour} bestellen, artikel {code}.
        Mijn bestelling {order} van {day} is nog niet aangekomen en de tracking staat al dagen stil.
        Stuur het pakket naar het adres hieronder en niet naar kantoor, daar is in het weekend niemand.
        Een van de stukken kwam gebroken aan; de doos heb ik voor de bezorger bewaard.
        Kunt u mij zeggen of {code} voor {day} weer op voorraad is?
        Op de factuur staat {amount}, uw aanbod was lager, waarschijnlijk ontbreekt de korting.
        Ik heb op {day} {amount} overgemaakt met het bestelnummer als kenmerk.
        Als {thing} uitverkocht is, mag het ook in {colour}.""",
    ),
    _language(
        "pl", 7, "Zofia Jakub Hanna Piotr Ewa Michał Łucja Adam Iga Wojtek", "Nowak Wiśniewski Zając Król Dąbek Mazur Wrona Sowa Lis Górska",
        "Dzień dobry,", "Z poważaniem", "Zamówienie {order}|Gdzie jest zamówienie {order}?|Pytanie o {thing}|Faktura {order}",
        """Chciałbym zamówić {n} sztuk {thing} w kolorze {colour}, artykuł {code}.
        Moje zamówienie {order} z dnia {day} jeszcze nie dotarło, a śledzenie przesyłki stoi od kilku dni.
        Proszę wysłać na adres poniżej, a nie do biura, bo w weekend nikogo tam nie ma.
        Jedna z części przyszła stłuczona; pudełko zachowałem dla kuriera.
        Czy {code} będzie dostępny przed {day}?
        Na fakturze jest {amount}, a oferta była niższa, chyba brakuje rabatu.
        Zapłaciłem {amount} przelewem dnia {day}, w tytule podałem numer zamówienia.
        Jeśli {thing} jest wyprzedany, może być też {colour}.""",
    ),
    _language(
        "ja", 5, "結衣 陽翔 美咲 蓮 葵 大輔 直美 健 由美 翔太", "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤",
        "お世話になっております。", "よろしくお願いいたします。", "ご注文 {order}|注文 {order} の発送について|{thing} についての質問|請求書 {order}",
        """{thing}（{colour}、品番 {code}）を {n} 点注文したいのですが、在庫はありますでしょうか。
        {day} に注文した {order} がまだ届いておらず、追跡番号の状況も数日前から変わっていません。
        お届け先は会社ではなく下記の自宅の住所へお願いいたします。週末は会社に誰もおりません。
        届いた品のうち一つが割れていました。配送会社の確認のため箱は保管してあります。
        品番 {code} は {day} までに再入荷の予定がありますか。
        請求書の金額は {amount} ですが、お見積りより高くなっています。割引が入っていないようです。
        {day} に注文番号を添えて {amount} を振り込みました。ご確認をお願いいたします。
        {thing} が売り切れの場合は {colour} でも構いません。""",
    ),
)  # fmt: skip

_ADJECTIVES = (
    "glazed speckled ribbed tall low oval square walnut linen brass smoked etched woven folded matt".split()
)
THINGS = "bowl mug teapot vase lantern planter tray jug plate candle basket cushion clock hook lamp cup board jar".split()
COLOURS = "cobalt ochre moss slate ivory rust plum teal sand charcoal coral mint".split()
_WEIGHTS = [language.weight for language in LANGUAGES]
_OURS = (
    "Thank you for writing. We have looked at order {order} and found the parcel on its way; item {code} left us on {day}.",
    "The {thing} in {colour} is in stock, and we have put {n} of them aside for you until {day}.",
    "The amount of {amount} has been corrected, and the new invoice is on its way to you by mail.",
    "Please keep the box for the carrier. A replacement for {code} leaves tomorrow at no cost.",
    "Do tell us if anything else is missing; an answer to this mail reaches the same people.",
    "We have changed the address of order {order} as you asked, and the label was printed anew.",
    "The {colour} one is {amount} as well, so the sum stays the same and you need not pay anything more.",
)


@dataclass(frozen=True, slots=True)
class Writer:
    """A customer of the corpus."""

    name: str
    email: str
    language: Language


def writer(rng: Random, number: int) -> Writer:
    """Customer `number`: the number makes the address unlike every other one."""
    language = rng.choices(LANGUAGES, _WEIGHTS)[0]
    first, last = rng.choice(language.first), rng.choice(language.last)
    name = f"{last} {first}" if language.code == "ja" else f"{first} {last}"
    local = f"{first}.{last}" if name.isascii() else f"{language.code}.customer"
    return Writer(name, f"{local.lower()}.{number}@mail{rng.randrange(40)}.example", language)


def _slots(rng: Random, order: str) -> dict[str, object]:
    return {
        "order": order, "n": rng.randrange(1, 9), "thing": f"{rng.choice(_ADJECTIVES)} {rng.choice(THINGS)}",
        "colour": rng.choice(COLOURS), "code": f"FK-{rng.randrange(5000):04}",
        "day": f"{rng.randrange(1, 29):02}.{rng.randrange(1, 13):02}.", "amount": f"{rng.randrange(500, 30000) / 100:.2f} EUR",
    }  # fmt: skip


def subject(rng: Random, who: Writer, order: str) -> str:
    """A subject line about `order`."""
    return rng.choice(who.language.subjects).format(**_slots(rng, order))


def body(rng: Random, who: Writer, order: str, *, ours: bool, word: str = "", length: int = 430) -> str:
    """About 520 characters of a mail from the customer, or from the shop with `ours`; `word` stands in it as well."""
    pool = _OURS if ours else who.language.sentences
    if who.language.code == "ja" and not ours:
        length = length * 3 // 5  # says as much in fewer characters
    lines: list[str] = []
    size = 0
    while size < length:
        lines.append(rng.choice(pool).format(**_slots(rng, order)))
        size += len(lines[-1])
    if rng.random() < COMMON_SHARE:
        lines.append(f"The {COMMON} is what matters most.")
    if word:
        lines.append(f"The mark on the bottom says {word}.")
    hello, bye, name = (
        ("Hello,", "Kind regards,", SHOP[1]) if ours else (who.language.hello, who.language.bye, who.name)
    )
    return f"{hello}\n\n" + "\n".join(lines) + f"\n\n{bye}\n{name}\n"


def mail(
    *,
    sender: tuple[str, str],
    to: tuple[str, str],
    subject: str,
    text: str,
    message_id: str,
    at: datetime,
    in_reply_to: str = "",
    references: tuple[str, ...] = (),
) -> bytes:
    """The bytes of a plain text mail as it comes from a customer's provider. Addresses are (e-mail, name)."""

    def phrase(name: str) -> str:
        return f'"{name}"' if name.isascii() else Header(name, "utf-8").encode()

    host = sender[0].rpartition("@")[2]
    when = format_datetime(at)
    lines = [
        f"Return-Path: <{sender[0]}>",
        f"Received: from out.{host} (out.{host} [192.0.2.17]) by mx.fern-and-kiln.example with ESMTPS id {message_id[:12]};",
        f" {when}",
        f"Received: from [10.0.0.12] by out.{host} with ESMTPSA; {when}",
        f"Date: {when}",
        f"From: {phrase(sender[1])} <{sender[0]}>",
        f"To: {phrase(to[1])} <{to[0]}>",
        f"Subject: {subject if subject.isascii() else Header(subject, 'utf-8').encode()}",
        f"Message-ID: <{message_id}>",
        *([f"In-Reply-To: <{in_reply_to}>"] if in_reply_to else []),
        *(["References: " + "\r\n ".join(f"<{one}>" for one in references)] if references else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Transfer-Encoding: {'7bit' if text.isascii() else '8bit'}",
        "",
        text.replace("\n", "\r\n"),
    ]
    return "\r\n".join(lines).encode()


def letters(count: int, *, random_seed: int = 1, start: int = 0, at: datetime) -> list[bytes]:
    """`count` first mails of that many strangers, for measuring how fast mail comes in. `start` numbers them apart."""
    rng = Random(f"letters {random_seed} {start}")  # noqa: S311  # a corpus, no secret
    made = []
    for number in range(start, start + count):
        who = writer(rng, number)
        order = f"FK-{100000 + number}"
        head, text = subject(rng, who, order), body(rng, who, order, ours=False)
        message_id = f"letter.{random_seed}.{number}@{who.email.rpartition('@')[2]}"
        sender = (who.email, who.name)
        made.append(mail(sender=sender, to=SHOP, subject=head, text=text, message_id=message_id, at=at))
    return made
