"""The mails and sentences about returns in German."""

from __future__ import annotations

from typing import Final

_END = """
Haben Sie Fragen? Antworten Sie einfach auf diese E-Mail oder schreiben Sie an [CONTACT_INFO].

Freundliche Grüße
[STORE_NAME]
"""

APPROVED = f"""\
[GREETING]

Ihre Rücksendung [RETURN_NUMBER] zur Bestellung [ORDER_NUMBER] ist vereinbart. Es geht um:

[RETURN_ITEMS]

[RETURN_INSTRUCTIONS]

Bitte senden Sie sie an: [RETURN_ADDRESS]

Hier sehen Sie den Stand Ihrer Rücksendung, ganz ohne Anmeldung:
[CUSTOMER_PAGE]
{_END}"""

REFUSED = f"""\
[GREETING]

Sie möchten etwas aus der Bestellung [ORDER_NUMBER] zurücksenden:

[RETURN_ITEMS]

Es tut uns leid, wir können es nicht zurücknehmen. Der Grund:
[REASON]

Bitte senden Sie nichts ein. Haben wir etwas falsch verstanden, dann sagen Sie es uns, und jemand sieht es sich noch einmal an.
{_END}"""

RECEIVED = f"""\
[GREETING]

Ihre Rücksendung [RETURN_NUMBER] ist bei uns angekommen:

[RETURN_ITEMS]

Wir sehen sie uns jetzt an und schreiben Ihnen wieder, sobald wir damit fertig sind. Sie brauchen nichts zu tun.
{_END}"""

SETTLED = f"""\
[GREETING]

Ihre Rücksendung [RETURN_NUMBER] zur Bestellung [ORDER_NUMBER] ist erledigt:

[RETURN_ITEMS]

[RETURN_OUTCOME]
{_END}"""

TEMPLATES: Final = {
    "order_return_approved": ("Ihre Rücksendung [RETURN_NUMBER]: So geht es", APPROVED),
    "order_return_refused": ("Ihre Rücksendung zur Bestellung [ORDER_NUMBER]", REFUSED),
    "order_return_received": ("Ihre Rücksendung [RETURN_NUMBER] ist angekommen", RECEIVED),
    "order_return_settled": ("Ihre Rücksendung [RETURN_NUMBER] ist erledigt", SETTLED),
}

SENTENCES: Final = {
    "pack": "Verpacken Sie alles gut und schreiben Sie {number} außen auf das Paket, oder legen Sie einen Zettel mit dieser Nummer hinein. Daran erkennen wir, von wem es ist.",
    "customer": "Die Kosten der Rücksendung tragen Sie. Bitte bewahren Sie den Beleg auf, bis wir Ihnen geschrieben haben.",
    "store": "Die Kosten der Rücksendung tragen wir. Bitte bewahren Sie den Beleg des Paketdienstes auf und schicken Sie uns ein Bild davon.",
    "keep": "Sie brauchen nichts zurückzusenden; bitte behalten oder entsorgen Sie es.",
    "refund": "Wir erstatten Ihnen {amount} auf dem Weg, auf dem Sie bezahlt haben. Bei Banken kann es einige Werktage dauern, bis Sie es sehen.",
    "exchange": "Was Sie stattdessen möchten, ist Bestellung {number}; die Sendungsnummer bekommen Sie, wenn sie abgeht.",
    "nothing": "Dafür ist kein Geld fällig.",
    "partly": "{received} von {quantity} angekommen",
}
