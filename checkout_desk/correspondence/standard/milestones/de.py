"""The mails of an order's milestones in German."""

from __future__ import annotations

from typing import Final

_END = """
Haben Sie Fragen? Antworten Sie einfach auf diese E-Mail oder schreiben Sie an [CONTACT_INFO].

Freundliche Grüße
[STORE_NAME]
"""

RECEIVED = f"""\
[GREETING]

vielen Dank für Ihre Bestellung. Sie ist unter der Nummer [ORDER_NUMBER] bei uns angekommen und wird gerade von einem Menschen geprüft. Danach schicken wir Ihnen den Preis und die Zahlungswege. Bis dahin brauchen Sie nichts zu tun.

Das haben wir notiert:
[ORDER_SUMMARY]

Hier sehen Sie den Stand Ihrer Bestellung, ganz ohne Anmeldung:
[CUSTOMER_PAGE]
{_END}"""

QUOTE = f"""\
[GREETING]

vielen Dank für Ihre Bestellung [ORDER_NUMBER]. Unser Angebot:

[ORDER_SUMMARY]

Zu zahlen: [TOTAL_DUE]
Wir halten die Ware zu diesem Preis für Sie zurück bis: [QUOTE_EXPIRES]

So können Sie zahlen:
[PAYMENT_INSTRUCTIONS]

Bitte prüfen Sie auch die Adresse und sagen Sie uns, wenn das Paket woandershin soll:
[SHIPPING_ADDRESS]

Annehmen, zahlen oder fragen können Sie auf Ihrer Bestellseite, ganz ohne Anmeldung:
[CUSTOMER_PAGE]
{_END}"""

REMINDER = f"""\
[GREETING]

wir halten die Ware Ihrer Bestellung [ORDER_NUMBER] noch bis [QUOTE_EXPIRES] für Sie zurück. Danach kommt sie wieder ins Regal.

[ORDER_SUMMARY]

Zu zahlen: [TOTAL_DUE]
So können Sie zahlen:
[PAYMENT_INSTRUCTIONS]

Oder auf Ihrer Bestellseite, ganz ohne Anmeldung:
[CUSTOMER_PAGE]

Wenn Sie inzwischen gezahlt haben oder die Bestellung nicht mehr möchten, brauchen Sie nichts zu tun.
{_END}"""

PAYMENT_RECEIVED = f"""\
[GREETING]

vielen Dank, Ihre Zahlung von [AMOUNT] für die Bestellung [ORDER_NUMBER] ist angekommen.
{_END}"""

PAYMENT_SHORT = """\
[GREETING]

vielen Dank, Ihre Zahlung von [AMOUNT] für die Bestellung [ORDER_NUMBER] ist angekommen. Die Bestellung kostet [TOTAL_DUE], es fehlen also noch [AMOUNT_MISSING].

So können Sie den Rest zahlen:
[PAYMENT_INSTRUCTIONS]

Oder auf Ihrer Bestellseite, ganz ohne Anmeldung:
[CUSTOMER_PAGE]

Sobald er da ist, packen wir Ihr Paket. Wenn Sie lieber Ihr Geld zurückhaben möchten, antworten Sie einfach auf diese E-Mail.

Freundliche Grüße
[STORE_NAME]
"""

CONFIRMED = """\
Vielen Dank für Ihre Bestellung!
Bestellnummer: [ORDER_NUMBER]
Artikel: [ORDER_SUMMARY]
Versand an: [SHIPPING_ADDRESS]
Voraussichtliche Versanddauer: [ESTIMATED_SHIPPING_TIME]
Bei Fragen erreichen Sie uns unter [CONTACT_INFO].
"""

SHIPPED = """\
Ihre Bestellung ist unterwegs!
Sendungsnummer: [TRACKING_NUMBER]
Ihr Paket verfolgen: [TRACKING_LINK]
Voraussichtliche Zustellung:
[ESTIMATED_DELIVERY_DATE]
Wenn Sie Neues wissen möchten, antworten Sie auf diese E-Mail oder schreiben Sie an [CONTACT_INFO].
"""

CANCELLED = f"""\
[GREETING]

Ihre Bestellung [ORDER_NUMBER] ist storniert. Bitte zahlen Sie sie nicht mehr.
Grund: [REASON]

Falls Sie schon gezahlt haben, schreiben wir Ihnen wegen Ihres Geldes.
{_END}"""

EXPIRED = f"""\
[GREETING]

Ihr Angebot [QUOTE_NUMBER] galt bis [QUOTE_EXPIRES]; wir halten die Ware nicht länger für Sie zurück. Bitte zahlen Sie es nicht mehr.

Wenn Sie sie doch noch möchten, antworten Sie einfach auf diese E-Mail. Dann sehen wir nach, was da ist, und schicken Ihnen ein neues Angebot.
{_END}"""

REFUNDED = f"""\
[GREETING]

wir haben Ihnen [AMOUNT] für Ihre Bestellung [ORDER_NUMBER] auf dem Weg zurückgeschickt, auf dem Sie gezahlt haben. Bei Banken kann es einige Werktage dauern, bis Sie es sehen.
Grund: [REASON]
{_END}"""

TEMPLATES: Final = {
    "order_received": ("Ihre Bestellung [ORDER_NUMBER] ist angekommen", RECEIVED),
    "order_quote": ("Ihr Angebot [QUOTE_NUMBER]", QUOTE),
    "order_reminder": ("Ihr Angebot [QUOTE_NUMBER] endet bald", REMINDER),
    "order_payment_received": ("Ihre Zahlung für die Bestellung [ORDER_NUMBER] ist da", PAYMENT_RECEIVED),
    "order_payment_short": (
        "Ihre Zahlung für die Bestellung [ORDER_NUMBER]: es fehlen [AMOUNT_MISSING]",
        PAYMENT_SHORT,
    ),
    "order_confirmed": ("Ihre Bestellung Nr. [ORDER_NUMBER] ist bestätigt", CONFIRMED),
    "order_shipped": ("Ihre Bestellung Nr. [ORDER_NUMBER] ist unterwegs!", SHIPPED),
    "order_cancelled": ("Ihre Bestellung [ORDER_NUMBER] ist storniert", CANCELLED),
    "order_expired": ("Ihr Angebot [QUOTE_NUMBER] ist abgelaufen", EXPIRED),
    "order_refunded": ("Ihre Erstattung für die Bestellung [ORDER_NUMBER]", REFUNDED),
}
