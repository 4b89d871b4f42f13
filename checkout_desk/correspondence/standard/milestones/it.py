"""The mails of an order's milestones in Italian."""

from __future__ import annotations

from typing import Final

_END = """
Ha domande? Basta rispondere a questa e-mail o scriverci a [CONTACT_INFO].

Cordiali saluti
[STORE_NAME]
"""

RECEIVED = f"""\
[GREETING]

grazie per il Suo ordine. Ci è arrivato con il numero [ORDER_NUMBER] e una persona lo sta controllando. Poi Le invieremo il prezzo e i modi di pagamento. Fino ad allora non deve fare nulla.

Ecco che cosa abbiamo annotato:
[ORDER_SUMMARY]

Può seguire il Suo ordine qui, senza bisogno di registrarsi:
[CUSTOMER_PAGE]
{_END}"""

QUOTE = f"""\
[GREETING]

grazie per il Suo ordine [ORDER_NUMBER]. Ecco il nostro preventivo:

[ORDER_SUMMARY]

Totale da pagare: [TOTAL_DUE]
Teniamo la merce da parte per Lei a questo prezzo fino a: [QUOTE_EXPIRES]

Può pagare così:
[PAYMENT_INSTRUCTIONS]

Controlli anche l’indirizzo e ci dica se il pacco deve andare altrove:
[SHIPPING_ADDRESS]

Accetti, paghi o ci faccia una domanda sulla pagina del Suo ordine, senza bisogno di registrarsi:
[CUSTOMER_PAGE]
{_END}"""

REMINDER = f"""\
[GREETING]

teniamo da parte per Lei la merce del Suo ordine [ORDER_NUMBER] fino a: [QUOTE_EXPIRES]. Poi tornerà in vendita.

[ORDER_SUMMARY]

Totale da pagare: [TOTAL_DUE]
Può pagare così:
[PAYMENT_INSTRUCTIONS]

Oppure sulla pagina del Suo ordine, senza bisogno di registrarsi:
[CUSTOMER_PAGE]

Se nel frattempo ha già pagato, o se non desidera più l’ordine, non deve fare nulla.
{_END}"""

PAYMENT_RECEIVED = f"""\
[GREETING]

grazie, il Suo pagamento di [AMOUNT] per l’ordine [ORDER_NUMBER] è arrivato.
{_END}"""

PAYMENT_SHORT = """\
[GREETING]

grazie, il Suo pagamento di [AMOUNT] per l’ordine [ORDER_NUMBER] è arrivato. L’ordine costa [TOTAL_DUE], quindi mancano ancora [AMOUNT_MISSING].

Può pagare il resto così:
[PAYMENT_INSTRUCTIONS]

Oppure sulla pagina del Suo ordine, senza bisogno di registrarsi:
[CUSTOMER_PAGE]

Appena arriva, prepariamo il Suo pacco. Se preferisce riavere il Suo denaro, basta rispondere a questa e-mail.

Cordiali saluti
[STORE_NAME]
"""

CONFIRMED = """\
Grazie per il Suo ordine!
Numero d’ordine: [ORDER_NUMBER]
Articoli: [ORDER_SUMMARY]
Spedizione a: [SHIPPING_ADDRESS]
Tempo di spedizione previsto: [ESTIMATED_SHIPPING_TIME]
Per qualsiasi domanda ci scriva a [CONTACT_INFO].
"""

SHIPPED = """\
Il Suo ordine è in viaggio!
Numero di spedizione: [TRACKING_NUMBER]
Segua il Suo pacco: [TRACKING_LINK]
Consegna prevista:
[ESTIMATED_DELIVERY_DATE]
Per saperne di più, risponda a questa e-mail o ci scriva a [CONTACT_INFO].
"""

CANCELLED = f"""\
[GREETING]

il Suo ordine [ORDER_NUMBER] è annullato. Per favore, non lo paghi più.
Motivo: [REASON]

Se ha già pagato, Le scriveremo a proposito del Suo denaro.
{_END}"""

EXPIRED = f"""\
[GREETING]

il Suo preventivo [QUOTE_NUMBER] è scaduto ([QUOTE_EXPIRES]) e non teniamo più la merce da parte per Lei. Per favore, non lo paghi più.

Se la desidera ancora, basta rispondere a questa e-mail. Vedremo che cosa è disponibile e Le invieremo un nuovo preventivo.
{_END}"""

REFUNDED = f"""\
[GREETING]

Le abbiamo rimborsato [AMOUNT] per il Suo ordine [ORDER_NUMBER], nello stesso modo in cui aveva pagato. Con le banche possono passare alcuni giorni lavorativi prima che lo veda.
Motivo: [REASON]
{_END}"""

TEMPLATES: Final = {
    "order_received": ("Abbiamo ricevuto il Suo ordine [ORDER_NUMBER]", RECEIVED),
    "order_quote": ("Il Suo preventivo [QUOTE_NUMBER]", QUOTE),
    "order_reminder": ("Il Suo preventivo [QUOTE_NUMBER] sta per scadere", REMINDER),
    "order_payment_received": ("Il Suo pagamento per l’ordine [ORDER_NUMBER] è arrivato", PAYMENT_RECEIVED),
    "order_payment_short": (
        "Il Suo pagamento per l’ordine [ORDER_NUMBER]: mancano [AMOUNT_MISSING]",
        PAYMENT_SHORT,
    ),
    "order_confirmed": ("Il Suo ordine n. [ORDER_NUMBER] è confermato", CONFIRMED),
    "order_shipped": ("Il Suo ordine n. [ORDER_NUMBER] è stato spedito!", SHIPPED),
    "order_cancelled": ("Il Suo ordine [ORDER_NUMBER] è annullato", CANCELLED),
    "order_expired": ("Il Suo preventivo [QUOTE_NUMBER] è scaduto", EXPIRED),
    "order_refunded": ("Il Suo rimborso per l’ordine [ORDER_NUMBER]", REFUNDED),
}
