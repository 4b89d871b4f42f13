"""The mails and sentences about returns in Italian."""

from __future__ import annotations

from typing import Final

_END = """
Ha domande? Risponda semplicemente a questa e-mail o scriva a [CONTACT_INFO].

Cordiali saluti
[STORE_NAME]
"""

APPROVED = f"""\
[GREETING]

Il Suo reso [RETURN_NUMBER] per l’ordine [ORDER_NUMBER] è concordato. Si tratta di:

[RETURN_ITEMS]

[RETURN_INSTRUCTIONS]

Lo spedisca a: [RETURN_ADDRESS]

Qui può vedere a che punto è il Suo reso, senza registrarsi:
[CUSTOMER_PAGE]
{_END}"""

REFUSED = f"""\
[GREETING]

Ha chiesto di restituire qualcosa dell’ordine [ORDER_NUMBER]:

[RETURN_ITEMS]

Ci dispiace, non possiamo accettare il reso. Il motivo:
[REASON]

La preghiamo di non spedire nulla. Se ci siamo sbagliati, ce lo dica e qualcuno lo esaminerà di nuovo.
{_END}"""

RECEIVED = f"""\
[GREETING]

Il Suo reso [RETURN_NUMBER] è arrivato da noi:

[RETURN_ITEMS]

Ora lo esaminiamo e Le scriviamo appena abbiamo finito. Non deve fare nulla.
{_END}"""

SETTLED = f"""\
[GREETING]

Il Suo reso [RETURN_NUMBER] per l’ordine [ORDER_NUMBER] è concluso:

[RETURN_ITEMS]

[RETURN_OUTCOME]
{_END}"""

TEMPLATES: Final = {
    "order_return_approved": ("Il Suo reso [RETURN_NUMBER]: come fare", APPROVED),
    "order_return_refused": ("Il Suo reso per l’ordine [ORDER_NUMBER]", REFUSED),
    "order_return_received": ("Il Suo reso [RETURN_NUMBER] è arrivato", RECEIVED),
    "order_return_settled": ("Il Suo reso [RETURN_NUMBER] è concluso", SETTLED),
}

SENTENCES: Final = {
    "pack": "Imballi tutto bene e scriva {number} all’esterno del pacco, o metta dentro un biglietto con questo numero. Così sappiamo di chi è.",
    "customer": "Le spese del reso sono a Suo carico. Conservi la ricevuta finché non Le abbiamo scritto.",
    "store": "Le spese del reso sono a nostro carico. Conservi la ricevuta del corriere e ce ne mandi una foto.",
    "keep": "Non deve restituire nulla; lo tenga o lo getti.",
    "refund": "Le rimborsiamo {amount} con lo stesso mezzo con cui ha pagato. Con le banche possono servire alcuni giorni lavorativi.",
    "exchange": "Ciò che desidera in cambio è l’ordine {number}; riceverà il numero di tracciamento quando parte.",
    "nothing": "Non è dovuto alcun importo.",
    "partly": "arrivati {received} di {quantity}",
}
