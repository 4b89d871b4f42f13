"""The mails of an order's milestones in Dutch."""

from __future__ import annotations

from typing import Final

_END = """
Vragen? U kunt gewoon op deze e-mail antwoorden of schrijven naar [CONTACT_INFO].

Met vriendelijke groet
[STORE_NAME]
"""

RECEIVED = f"""\
[GREETING]

Hartelijk dank voor uw bestelling. We hebben haar ontvangen onder nummer [ORDER_NUMBER] en iemand kijkt er nu naar. Daarna sturen we u de prijs en de manieren om te betalen. Tot dan hoeft u niets te doen.

Dit hebben we genoteerd:
[ORDER_SUMMARY]

U kunt uw bestelling hier volgen, zonder in te loggen:
[CUSTOMER_PAGE]
{_END}"""

QUOTE = f"""\
[GREETING]

Hartelijk dank voor uw bestelling [ORDER_NUMBER]. Dit is onze offerte:

[ORDER_SUMMARY]

Te betalen: [TOTAL_DUE]
We houden de artikelen voor deze prijs voor u vast tot: [QUOTE_EXPIRES]

U kunt zo betalen:
[PAYMENT_INSTRUCTIONS]

Kijk ook het adres na en laat het ons weten als het pakket ergens anders heen moet:
[SHIPPING_ADDRESS]

Aanvaarden, betalen of iets vragen kan op uw bestelpagina, zonder in te loggen:
[CUSTOMER_PAGE]
{_END}"""

REMINDER = f"""\
[GREETING]

We houden de artikelen van uw bestelling [ORDER_NUMBER] nog voor u vast tot [QUOTE_EXPIRES]. Daarna gaan ze terug in de verkoop.

[ORDER_SUMMARY]

Te betalen: [TOTAL_DUE]
U kunt zo betalen:
[PAYMENT_INSTRUCTIONS]

Of op uw bestelpagina, zonder in te loggen:
[CUSTOMER_PAGE]

Hebt u intussen al betaald, of wilt u de bestelling niet meer? Dan hoeft u niets te doen.
{_END}"""

PAYMENT_RECEIVED = f"""\
[GREETING]

Hartelijk dank, uw betaling van [AMOUNT] voor bestelling [ORDER_NUMBER] is aangekomen.
{_END}"""

PAYMENT_SHORT = """\
[GREETING]

Hartelijk dank, uw betaling van [AMOUNT] voor bestelling [ORDER_NUMBER] is aangekomen. De bestelling kost [TOTAL_DUE], dus er ontbreekt nog [AMOUNT_MISSING].

U kunt de rest zo betalen:
[PAYMENT_INSTRUCTIONS]

Of op uw bestelpagina, zonder in te loggen:
[CUSTOMER_PAGE]

Zodra de rest er is, pakken we uw pakket in. Hebt u liever uw geld terug? Antwoord dan gewoon op deze e-mail.

Met vriendelijke groet
[STORE_NAME]
"""

CONFIRMED = """\
Hartelijk dank voor uw bestelling!
Bestelnummer: [ORDER_NUMBER]
Artikelen: [ORDER_SUMMARY]
Bezorgadres: [SHIPPING_ADDRESS]
Verwachte levertijd: [ESTIMATED_SHIPPING_TIME]
Vragen? U bereikt ons via [CONTACT_INFO].
"""

SHIPPED = """\
Uw bestelling is onderweg!
Trackingnummer: [TRACKING_NUMBER]
Volg uw pakket: [TRACKING_LINK]
Verwachte bezorging:
[ESTIMATED_DELIVERY_DATE]
Wilt u meer weten? Antwoord op deze e-mail of schrijf naar [CONTACT_INFO].
"""

CANCELLED = f"""\
[GREETING]

Uw bestelling [ORDER_NUMBER] is geannuleerd. Betaal haar alstublieft niet meer.
Reden: [REASON]

Hebt u al betaald? Dan schrijven we u over uw geld.
{_END}"""

EXPIRED = f"""\
[GREETING]

Uw offerte [QUOTE_NUMBER] gold tot [QUOTE_EXPIRES]; we houden de artikelen niet langer voor u vast. Betaal haar alstublieft niet meer.

Wilt u ze toch nog hebben? Antwoord dan gewoon op deze e-mail. We kijken wat er is en sturen u een nieuwe offerte.
{_END}"""

REFUNDED = f"""\
[GREETING]

We hebben u [AMOUNT] voor uw bestelling [ORDER_NUMBER] terugbetaald, op de manier waarop u betaald hebt. Bij banken kan het enkele werkdagen duren voordat u het ziet.
Reden: [REASON]
{_END}"""

TEMPLATES: Final = {
    "order_received": ("We hebben uw bestelling [ORDER_NUMBER] ontvangen", RECEIVED),
    "order_quote": ("Uw offerte [QUOTE_NUMBER]", QUOTE),
    "order_reminder": ("Uw offerte [QUOTE_NUMBER] loopt binnenkort af", REMINDER),
    "order_payment_received": ("Uw betaling voor bestelling [ORDER_NUMBER] is aangekomen", PAYMENT_RECEIVED),
    "order_payment_short": (
        "Uw betaling voor bestelling [ORDER_NUMBER]: er ontbreekt [AMOUNT_MISSING]",
        PAYMENT_SHORT,
    ),
    "order_confirmed": ("Uw bestelling nr. [ORDER_NUMBER] is bevestigd", CONFIRMED),
    "order_shipped": ("Uw bestelling nr. [ORDER_NUMBER] is verzonden!", SHIPPED),
    "order_cancelled": ("Uw bestelling [ORDER_NUMBER] is geannuleerd", CANCELLED),
    "order_expired": ("Uw offerte [QUOTE_NUMBER] is verlopen", EXPIRED),
    "order_refunded": ("Uw terugbetaling voor bestelling [ORDER_NUMBER]", REFUNDED),
}
