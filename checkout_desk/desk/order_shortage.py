"""A mail that says that there is not enough of something, and offers a way: another product, what is there, or to wait."""

from __future__ import annotations

from collections.abc import Mapping

from babel.dates import format_date

from checkout_desk.catalogue.models import Product
from checkout_desk.correspondence import questions, templates
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.orders import questioning
from checkout_desk.orders.models import Order
from checkout_desk.orders.promising import Short
from checkout_desk.settings.models import store

WAYS = ("substitute", "part", "wait")
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "short": "of {name} you ordered {wanted}, and we have {available} at the moment.",
        "substitute": "We could send you another product in its place. Tell us if you would like a suggestion.",
        "part": "We could send you the {available} that are here now, and leave out the rest.",
        "wait": "We could wait until there is more{when}, and send everything together.",
        "when": ", which should be on {date}", "ask": "What would you prefer? Simply reply to this mail.",
    },
    "de": {
        "short": "von {name} haben Sie {wanted} bestellt; wir haben zurzeit {available}.",
        "substitute": "Wir können Ihnen stattdessen ein anderes Produkt schicken. Sagen Sie uns, ob Sie einen Vorschlag möchten.",
        "part": "Wir können Ihnen die {available} Stück schicken, die jetzt da sind, und den Rest weglassen.",
        "wait": "Wir können warten, bis es wieder mehr gibt{when}, und alles zusammen schicken.",
        "when": " (voraussichtlich am {date})", "ask": "Was ist Ihnen lieber? Antworten Sie einfach auf diese E-Mail.",
    },
    "fr": {
        "short": "vous avez commandé {wanted} × {name} ; nous en avons {available} pour le moment.",
        "substitute": "Nous pouvons vous envoyer un autre produit à la place. Dites-nous si vous souhaitez une proposition.",
        "part": "Nous pouvons vous envoyer les {available} qui sont là et laisser le reste.",
        "wait": "Nous pouvons attendre d’en avoir davantage{when} et tout envoyer ensemble.",
        "when": " (sans doute le {date})", "ask": "Que préférez-vous ? Répondez simplement à cet e-mail.",
    },
    "es": {
        "short": "de {name} ha pedido {wanted}; de momento tenemos {available}.",
        "substitute": "Podemos enviarle otro producto en su lugar. Díganos si desea una propuesta.",
        "part": "Podemos enviarle los {available} que hay ahora y dejar el resto.",
        "wait": "Podemos esperar a que haya más{when} y enviarlo todo junto.",
        "when": " (seguramente el {date})", "ask": "¿Qué prefiere? Responda simplemente a este correo.",
    },
}  # fmt: skip
"""for a customer of another language: English, which a person may change before it leaves"""


def text(order: Order, product: Product, row: Short, way: str) -> str:
    """The mail for one product that is short; `way` is one of WAYS."""
    language = templates.speaks(order.language)
    words = WORDS.get(language, WORDS["en"])
    spoken = language if language in WORDS else "en"
    date = product.restock_on
    when = (
        words["when"].format(date=format_date(date, "long", locale=LANGUAGES[spoken].locale)) if date else ""
    )
    facts = {"name": product.name, "wanted": row.wanted, "available": row.available, "when": when}
    greeting = questions.greeting(" ".join(questioning.name_of(order).split()), spoken)
    short = words["short"].format(**facts)
    parts = [greeting, short[:1].upper() + short[1:], words[way].format(**facts), words["ask"], store().name]
    return "\n\n".join(parts)
