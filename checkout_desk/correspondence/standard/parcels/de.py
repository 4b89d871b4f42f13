"""The mails and sentences about parcels in German."""

from __future__ import annotations

from typing import Final

_END = """
Haben Sie Fragen? Antworten Sie einfach auf diese E-Mail oder schreiben Sie an [CONTACT_INFO].

Freundliche Grüße
[STORE_NAME]
"""

DELIVERED = f"""\
[GREETING]

der Paketdienst meldet, dass Ihre Bestellung [ORDER_NUMBER] zugestellt ist. Wir wünschen Ihnen viel Freude damit.

Ist sie doch nicht angekommen, oder fehlt etwas oder ist beschädigt? Dann antworten Sie bitte auf diese E-Mail, und wir bringen es in Ordnung.
{_END}"""

DELAYED = f"""\
[GREETING]

mit Ihrer Bestellung [ORDER_NUMBER] geht es nicht so voran, wie es sollte. Das tut uns leid.

[PARCEL_STATUS]

Paketdienst: [CARRIER]
Sendungsnummer: [TRACKING_NUMBER]
Ihr Paket verfolgen: [TRACKING_LINK]
Voraussichtliche Zustellung: [ESTIMATED_DELIVERY_DATE]

Wir fragen beim Paketdienst nach und schreiben Ihnen wieder. Gibt es etwas, das hilft, zum Beispiel Nachbarn, die das Paket annehmen? Dann sagen Sie es uns bitte.

Hier sehen Sie den Stand Ihrer Bestellung, ganz ohne Anmeldung:
[CUSTOMER_PAGE]
{_END}"""

CORRECTED = f"""\
[GREETING]

die Sendungsnummer, die wir Ihnen für Ihre Bestellung [ORDER_NUMBER] geschickt haben, war falsch. Das tut uns leid. Dies ist die richtige:

Sendungsnummer: [TRACKING_NUMBER]
Ihr Paket verfolgen: [TRACKING_LINK]
Voraussichtliche Zustellung: [ESTIMATED_DELIVERY_DATE]

Diese Nummer gilt nicht mehr: [OLD_TRACKING_NUMBER]
{_END}"""

SHORT = f"""\
[GREETING]

beim Packen Ihrer Bestellung [ORDER_NUMBER] haben wir gesehen, dass bei uns im Regal etwas fehlt:

[MISSING_ITEMS]

Das tut uns leid. Bitte sagen Sie uns, was Ihnen am liebsten ist:
1. Wir schicken den Rest jetzt und das Fehlende später, ohne weitere Kosten.
2. Wir schicken den Rest jetzt, und Sie bekommen das Geld für das Fehlende zurück.
3. Wir warten, bis wir alles zusammen schicken können.
{_END}"""

WHERE = f"""\
[GREETING]

danke für Ihre Nachfrage. So steht es um Ihre Bestellung [ORDER_NUMBER]:

[PARCEL_STATUS]

Sendungsnummer: [TRACKING_NUMBER]
Ihr Paket verfolgen: [TRACKING_LINK]
Voraussichtliche Zustellung: [ESTIMATED_DELIVERY_DATE]

Hier sehen Sie den Stand Ihrer Bestellung, ganz ohne Anmeldung:
[CUSTOMER_PAGE]
{_END}"""

ADDRESS = f"""\
[GREETING]

auf der Seite Ihrer Bestellung [ORDER_NUMBER] wurden wir gebeten, das Paket hierhin zu schicken:

[NEW_ADDRESS]

Waren Sie das? Dann bestätigen Sie es bitte innerhalb von zwei Tagen:
[CUSTOMER_PAGE]

Wenn nicht, tun Sie nichts und sagen Sie uns Bescheid: Solange niemand bestätigt, geht das Paket dorthin, wohin es gehen sollte.
{_END}"""

TEMPLATES: Final = {
    "order_address_asked": ("Ihre Bestellung [ORDER_NUMBER]: Bitte bestätigen Sie die neue Adresse", ADDRESS),
    "order_delivered": ("Ihre Bestellung [ORDER_NUMBER] ist zugestellt", DELIVERED),
    "order_delayed": ("Ihre Bestellung [ORDER_NUMBER]: Das Paket verzögert sich", DELAYED),
    "order_tracking_corrected": ("Ihre Bestellung [ORDER_NUMBER]: die richtige Sendungsnummer", CORRECTED),
    "order_item_short": ("Ihre Bestellung [ORDER_NUMBER]: Bei uns im Regal fehlt etwas", SHORT),
    "order_where": ("Wo Ihre Bestellung [ORDER_NUMBER] ist", WHERE),
}

SENTENCES: Final = {
    "follow": "Hier sehen Sie den Stand Ihrer Bestellung, ganz ohne Anmeldung:",
    "asked": "Wir warten noch auf einige Angaben von Ihnen.",
    "open": "Wir sehen sie gerade durch und schicken Ihnen den Preis und die Zahlungswege.",
    "unpaid": "Sie wartet auf Ihre Zahlung.",
    "paid": "Sie ist bezahlt und wird als Nächstes gepackt.",
    "packing": "Wir packen sie gerade.",
    "leaves": "Sie soll spätestens am {date} bei uns abgehen.",
    "cancelled": "Sie ist storniert.",
    "handed_over": "Der Paketdienst hat das Paket; der erste Scan steht noch aus.",
    "in_transit": "Das Paket ist auf dem Weg zu Ihnen.",
    "out_for_delivery": "Das Paket ist in der Zustellung.",
    "failed_attempt": "Der Paketdienst wollte das Paket zustellen und konnte es nicht.",
    "available_for_pickup": "Das Paket liegt für Sie zur Abholung bereit.",
    "delivered": "Das Paket wurde am {date} zugestellt.",
    "exception": "Der Paketdienst meldet ein Problem mit dem Paket.",
    "returning": "Das Paket ist auf dem Weg zurück zu uns.",
    "returned_to_sender": "Das Paket ist zu uns zurückgekommen.",
    "lost": "Der Paketdienst kann das Paket nicht finden.",
    "last_scan": "Letzter Scan: {when}",
    "parcel": "Paket {n} von {count}:",
}
