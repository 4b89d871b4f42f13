"""The standard templates and sentences in Dutch."""

from __future__ import annotations

from checkout_desk.correspondence.standard.milestones import nl as milestones
from checkout_desk.correspondence.standard.model import Standard

MISSING_DETAILS = """\
[GREETING]

Hartelijk dank voor uw bestelling. Voordat we u de offerte kunnen sturen, moeten we nog het volgende weten:

[MISSING_DETAILS]

U kunt gewoon op deze e-mail antwoorden. Of vul het in op uw bestelpagina, zonder in te loggen:
[CUSTOMER_PAGE]

Dit hebben we tot nu toe genoteerd voor bestelling [ORDER_NUMBER]:
[ORDER_SUMMARY]

Vragen? U bereikt ons via [CONTACT_INFO].

Met vriendelijke groet
[STORE_NAME]
"""

REMINDER = """\
[GREETING]

Een paar dagen geleden schreven we u over uw bestelling [ORDER_NUMBER]. We gaan er graag mee verder, maar moeten nog het volgende weten:

[MISSING_DETAILS]

U kunt gewoon op deze e-mail antwoorden. Of vul het in op uw bestelpagina, zonder in te loggen:
[CUSTOMER_PAGE]

Hebt u intussen al geantwoord, of wilt u de bestelling niet meer? Dan hoeft u niets te doen.

Vragen? U bereikt ons via [CONTACT_INFO].

Met vriendelijke groet
[STORE_NAME]
"""

LANGUAGE = Standard(
    code="nl",
    name="Dutch",
    locale="nl_NL",
    quotes=("‘", "’"),
    greeting="Beste {name},",
    greeting_plain="Goedendag,",
    nothing="nog geen artikel",
    button="Open uw bestelpagina",
    templates={
        **milestones.TEMPLATES,
        "missing_details": ("Uw bestelling [ORDER_NUMBER]: wat we nog moeten weten", MISSING_DETAILS),
        "missing_details_reminder": ("Herinnering: uw bestelling [ORDER_NUMBER] wacht op u", REMINDER),
    },
    questions={
        "lines": "Welke artikelen wilt u bestellen, en hoeveel van elk?",
        "choice": "Welk artikel bedoelde u met {words}? We hebben:",
        "unknown": "Wat bedoelde u met {words}? We hebben het niet gevonden tussen onze artikelen.",
        "quantity": "Hoeveel stuks wilt u van {product}?",
        "ship_to": "Waar mogen we het pakket naartoe sturen? Geef ons alstublieft het volledige adres: naam, straat en huisnummer, postcode, plaats en land.",
        "ship_to_named": "Waar mogen we het pakket naartoe sturen? Geef ons alstublieft het volledige adres: straat en huisnummer, postcode, plaats en land.",
        "ship_to.name": "Welke naam moet er op het pakket staan?",
        "ship_to.line1": "Naar welke straat en welk huisnummer mag het pakket?",
        "ship_to.line1_at": "Naar welke straat en welk huisnummer in {city} mag het pakket?",
        "ship_to.city": "Naar welke plaats mag het pakket?",
        "ship_to.city_at": "In welke plaats ligt {line1}?",
        "ship_to.region": "Naar welke staat, provincie of regio mag het pakket?",
        "ship_to.region_at": "In welke staat, provincie of regio ligt {place}?",
        "ship_to.postcode": "Wat is de postcode van het adres?",
        "ship_to.postcode_at": "Wat is de postcode van {place}?",
        "ship_to.country": "Naar welk land mag het pakket?",
        "ship_to.country_at": "In welk land ligt {place}?",
        "phone": "Op welk telefoonnummer mag de bezorger u bellen als er een vraag is over de levering?",
    },
    cues={
        "lines": ("welke artikelen", "welke producten"),
        "quantity": ("hoeveel", "aantal"),
        "ship_to": ("adres",),
        "ship_to.name": ("naam",),
        "ship_to.line1": ("straat", "huisnummer"),
        "ship_to.city": ("plaats", "stad", "woonplaats"),
        "ship_to.region": ("staat", "provincie", "regio"),
        "ship_to.postcode": ("postcode",),
        "ship_to.country": ("land",),
        "phone": ("telefoon", "mobiel"),
    },
)
