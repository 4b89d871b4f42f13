"""The standard templates and sentences in German."""

from __future__ import annotations

from checkout_desk.correspondence.standard.milestones import de as milestones
from checkout_desk.correspondence.standard.model import Standard

MISSING_DETAILS = """\
[GREETING]

vielen Dank für Ihre Bestellung. Bevor wir Ihnen das Angebot schicken können, brauchen wir noch eine Auskunft von Ihnen:

[MISSING_DETAILS]

Antworten Sie einfach auf diese E-Mail. Oder tragen Sie es auf Ihrer Bestellseite ein, ganz ohne Anmeldung:
[CUSTOMER_PAGE]

Das haben wir für die Bestellung [ORDER_NUMBER] bisher notiert:
[ORDER_SUMMARY]

Haben Sie Fragen? Sie erreichen uns unter [CONTACT_INFO].

Freundliche Grüße
[STORE_NAME]
"""

REMINDER = """\
[GREETING]

vor einigen Tagen haben wir Sie wegen Ihrer Bestellung [ORDER_NUMBER] um eine Auskunft gebeten. Gern machen wir damit weiter, uns fehlt aber noch:

[MISSING_DETAILS]

Antworten Sie einfach auf diese E-Mail. Oder tragen Sie es auf Ihrer Bestellseite ein, ganz ohne Anmeldung:
[CUSTOMER_PAGE]

Wenn Sie inzwischen geantwortet haben oder die Bestellung nicht mehr möchten, brauchen Sie nichts zu tun.

Haben Sie Fragen? Sie erreichen uns unter [CONTACT_INFO].

Freundliche Grüße
[STORE_NAME]
"""

LANGUAGE = Standard(
    code="de",
    name="German",
    locale="de_DE",
    quotes=("„", "“"),
    greeting="Guten Tag {name},",
    greeting_plain="Guten Tag,",
    nothing="noch kein Artikel",
    button="Bestellseite öffnen",
    templates={
        **milestones.TEMPLATES,
        "missing_details": ("Ihre Bestellung [ORDER_NUMBER]: das brauchen wir noch", MISSING_DETAILS),
        "missing_details_reminder": (
            "Zur Erinnerung: Ihre Bestellung [ORDER_NUMBER] wartet auf Sie",
            REMINDER,
        ),
    },
    questions={
        "lines": "Welche Artikel möchten Sie bestellen, und wie viele davon?",
        "choice": "Welchen Artikel meinen Sie mit {words}? Wir haben:",
        "unknown": "Was meinen Sie mit {words}? Wir haben es unter unseren Artikeln nicht gefunden.",
        "quantity": "Wie viele Stück möchten Sie von {product}?",
        "ship_to": "Wohin dürfen wir das Paket schicken? Bitte nennen Sie uns die vollständige Adresse: Name, Straße und Hausnummer, Postleitzahl, Ort und Land.",
        "ship_to_named": "Wohin dürfen wir das Paket schicken? Bitte nennen Sie uns die vollständige Adresse: Straße und Hausnummer, Postleitzahl, Ort und Land.",
        "ship_to.name": "Welcher Name soll auf dem Paket stehen?",
        "ship_to.line1": "In welche Straße und zu welcher Hausnummer soll das Paket?",
        "ship_to.line1_at": "In welche Straße und zu welcher Hausnummer in {city} soll das Paket?",
        "ship_to.city": "In welchen Ort soll das Paket gehen?",
        "ship_to.city_at": "In welchem Ort liegt {line1}?",
        "ship_to.region": "In welches Bundesland oder welche Region soll das Paket gehen?",
        "ship_to.region_at": "In welchem Bundesland oder welcher Region liegt {place}?",
        "ship_to.postcode": "Wie lautet die Postleitzahl der Adresse?",
        "ship_to.postcode_at": "Wie lautet die Postleitzahl von {place}?",
        "ship_to.country": "In welches Land soll das Paket gehen?",
        "ship_to.country_at": "In welchem Land liegt {place}?",
        "phone": "Unter welcher Telefonnummer darf der Paketdienst Sie bei Rückfragen anrufen?",
    },
    cues={
        "lines": ("welche artikel", "welche produkte", "was möchten"),
        "quantity": ("wie viele", "wieviele", "menge", "stückzahl", "anzahl"),
        "ship_to": ("adresse", "anschrift"),
        "ship_to.name": ("name",),
        "ship_to.line1": ("straße", "strasse", "hausnummer"),
        "ship_to.city": ("ort", "stadt"),
        "ship_to.region": ("bundesland", "region", "kanton"),
        "ship_to.postcode": ("postleitzahl", "plz"),
        "ship_to.country": ("land",),
        "phone": ("telefon", "handy", "rufnummer"),
    },
)
