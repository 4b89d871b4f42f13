"""The standard templates and sentences in Italian."""

from __future__ import annotations

from checkout_desk.correspondence.standard.milestones import it as milestones
from checkout_desk.correspondence.standard.model import Standard

MISSING_DETAILS = """\
[GREETING]

grazie per il Suo ordine. Prima di poterLe inviare il preventivo, abbiamo ancora bisogno di sapere quanto segue:

[MISSING_DETAILS]

Basta rispondere a questa e-mail. Oppure lo indichi sulla pagina del Suo ordine, senza bisogno di registrarsi:
[CUSTOMER_PAGE]

Ecco che cosa abbiamo annotato finora per l’ordine [ORDER_NUMBER]:
[ORDER_SUMMARY]

Ha domande? Ci scriva a [CONTACT_INFO].

Cordiali saluti
[STORE_NAME]
"""

REMINDER = """\
[GREETING]

qualche giorno fa Le abbiamo scritto a proposito del Suo ordine [ORDER_NUMBER]. Vorremmo procedere, ma abbiamo ancora bisogno di sapere quanto segue:

[MISSING_DETAILS]

Basta rispondere a questa e-mail. Oppure lo indichi sulla pagina del Suo ordine, senza bisogno di registrarsi:
[CUSTOMER_PAGE]

Se nel frattempo ha già risposto, o se non desidera più l’ordine, non deve fare nulla.

Ha domande? Ci scriva a [CONTACT_INFO].

Cordiali saluti
[STORE_NAME]
"""

LANGUAGE = Standard(
    code="it",
    name="Italian",
    locale="it_IT",
    quotes=("«", "»"),
    greeting="Buongiorno {name},",
    greeting_plain="Buongiorno,",
    nothing="ancora nessun articolo",
    button="Apri la pagina dell’ordine",
    templates={
        **milestones.TEMPLATES,
        "missing_details": ("Il Suo ordine [ORDER_NUMBER]: ci manca un’informazione", MISSING_DETAILS),
        "missing_details_reminder": ("Promemoria: il Suo ordine [ORDER_NUMBER] La aspetta", REMINDER),
    },
    questions={
        "lines": "Quali articoli desidera, e quanti pezzi di ciascuno?",
        "choice": "Quale articolo intendeva con {words}? Abbiamo:",
        "unknown": "Che cosa intendeva con {words}? Non l’abbiamo trovato tra i nostri articoli.",
        "quantity": "Quanti pezzi desidera di {product}?",
        "ship_to": "Dove dobbiamo spedire il pacco? Ci indichi per favore l’indirizzo completo: nome, via e numero civico, CAP, località e Paese.",
        "ship_to_named": "Dove dobbiamo spedire il pacco? Ci indichi per favore l’indirizzo completo: via e numero civico, CAP, località e Paese.",
        "ship_to.name": "A quale nome dobbiamo intestare il pacco?",
        "ship_to.line1": "A quale via e numero civico dobbiamo spedire il pacco?",
        "ship_to.line1_at": "A quale via e numero civico di {city} dobbiamo spedire il pacco?",
        "ship_to.city": "In quale località dobbiamo spedire il pacco?",
        "ship_to.city_at": "In quale località si trova {line1}?",
        "ship_to.region": "In quale stato, provincia o regione dobbiamo spedire il pacco?",
        "ship_to.region_at": "In quale stato, provincia o regione si trova {place}?",
        "ship_to.postcode": "Qual è il CAP dell’indirizzo?",
        "ship_to.postcode_at": "Qual è il CAP di {place}?",
        "ship_to.country": "In quale Paese dobbiamo spedire il pacco?",
        "ship_to.country_at": "In quale Paese si trova {place}?",
        "phone": "A quale numero di telefono può chiamarLa il corriere in caso di necessità?",
    },
    cues={
        "lines": ("quali articoli", "quali prodotti"),
        "quantity": ("quanti", "quante", "quantità"),
        "ship_to": ("indirizzo",),
        "ship_to.name": ("nome",),
        "ship_to.line1": ("via", "civico"),
        "ship_to.city": ("località", "città", "comune"),
        "ship_to.region": ("stato", "provincia", "regione"),
        "ship_to.postcode": ("cap", "codice postale"),
        "ship_to.country": ("paese",),
        "phone": ("telefono", "cellulare"),
    },
)
