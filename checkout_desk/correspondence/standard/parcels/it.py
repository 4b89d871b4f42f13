"""The mails and sentences about parcels in Italian."""

from __future__ import annotations

from typing import Final

_END = """
Ha domande? Basta rispondere a questa e-mail o scriverci a [CONTACT_INFO].

Cordiali saluti
[STORE_NAME]
"""

DELIVERED = f"""\
[GREETING]

il corriere ci comunica che il Suo ordine [ORDER_NUMBER] è stato consegnato. Speriamo che Le piaccia.

Non Le è arrivato, oppure manca o è danneggiato qualcosa? Risponda a questa e-mail e rimedieremo.
{_END}"""

DELAYED = f"""\
[GREETING]

il Suo ordine [ORDER_NUMBER] non procede come dovrebbe, e ce ne scusiamo.

[PARCEL_STATUS]

Corriere: [CARRIER]
Numero di spedizione: [TRACKING_NUMBER]
Segua il Suo pacco: [TRACKING_LINK]
Consegna prevista: [ESTIMATED_DELIVERY_DATE]

Stiamo chiedendo al corriere e Le scriveremo di nuovo. C’è qualcosa che può aiutare, per esempio un vicino che ritiri il pacco? Ce lo dica, per favore.

Può seguire il Suo ordine qui, senza bisogno di registrarsi:
[CUSTOMER_PAGE]
{_END}"""

CORRECTED = f"""\
[GREETING]

il numero di spedizione che Le abbiamo inviato per l’ordine [ORDER_NUMBER] era sbagliato, e ce ne scusiamo. Questo è quello giusto:

Numero di spedizione: [TRACKING_NUMBER]
Segua il Suo pacco: [TRACKING_LINK]
Consegna prevista: [ESTIMATED_DELIVERY_DATE]

Per favore, non usi più questo numero: [OLD_TRACKING_NUMBER]
{_END}"""

SHORT = f"""\
[GREETING]

preparando il Suo ordine [ORDER_NUMBER] abbiamo visto che nel nostro magazzino manca qualcosa:

[MISSING_ITEMS]

Ce ne scusiamo. Ci dica, per favore, che cosa preferisce:
1. Spediamo ora il resto e più tardi quello che manca, senza costi aggiuntivi.
2. Spediamo ora il resto e Le rimborsiamo quello che manca.
3. Aspettiamo di poter spedire tutto insieme.
{_END}"""

WHERE = f"""\
[GREETING]

grazie per la Sua domanda. Ecco a che punto è il Suo ordine [ORDER_NUMBER]:

[PARCEL_STATUS]

Numero di spedizione: [TRACKING_NUMBER]
Segua il Suo pacco: [TRACKING_LINK]
Consegna prevista: [ESTIMATED_DELIVERY_DATE]

Può seguire il Suo ordine qui, senza bisogno di registrarsi:
[CUSTOMER_PAGE]
{_END}"""

ADDRESS = f"""\
[GREETING]

Sulla pagina del Suo ordine [ORDER_NUMBER] ci è stato chiesto di spedire il pacco qui:

[NEW_ADDRESS]

È stato Lei? Allora lo confermi entro due giorni:
[CUSTOMER_PAGE]

Se non è stato Lei, non faccia nulla e ci avvisi: finché nessuno conferma, il pacco va all’indirizzo previsto.
{_END}"""

TEMPLATES: Final = {
    "order_address_asked": ("Il Suo ordine [ORDER_NUMBER]: confermi il nuovo indirizzo", ADDRESS),
    "order_delivered": ("Il Suo ordine [ORDER_NUMBER] è stato consegnato", DELIVERED),
    "order_delayed": ("Il Suo ordine [ORDER_NUMBER]: il pacco è in ritardo", DELAYED),
    "order_tracking_corrected": ("Il Suo ordine [ORDER_NUMBER]: il numero di spedizione giusto", CORRECTED),
    "order_item_short": ("Il Suo ordine [ORDER_NUMBER]: manca un articolo nel nostro magazzino", SHORT),
    "order_where": ("Dov’è il Suo ordine [ORDER_NUMBER]", WHERE),
}

SENTENCES: Final = {
    "follow": "Può seguire il Suo ordine qui, senza bisogno di registrarsi:",
    "asked": "Aspettiamo ancora alcuni dati da Lei.",
    "open": "Lo stiamo esaminando e Le invieremo il prezzo e i modi di pagamento.",
    "unpaid": "È in attesa del Suo pagamento.",
    "paid": "È pagato e stiamo per prepararlo.",
    "packing": "Lo stiamo preparando.",
    "leaves": "Dovrebbe partire da noi entro il {date}.",
    "cancelled": "È annullato.",
    "handed_over": "Il corriere ha il pacco; non lo ha ancora registrato.",
    "in_transit": "Il pacco è in viaggio.",
    "out_for_delivery": "Il pacco è in consegna.",
    "failed_attempt": "Il corriere ha tentato di consegnare il pacco e non ci è riuscito.",
    "available_for_pickup": "Il pacco è pronto per il ritiro.",
    "delivered": "Il pacco è stato consegnato il {date}.",
    "exception": "Il corriere segnala un problema con il pacco.",
    "returning": "Il pacco sta tornando da noi.",
    "returned_to_sender": "Il pacco è tornato da noi.",
    "lost": "Il corriere non trova il pacco.",
    "last_scan": "Ultima registrazione: {when}",
    "parcel": "Pacco {n} di {count}:",
}
