"""The mails and sentences about parcels in Dutch."""

from __future__ import annotations

from typing import Final

_END = """
Vragen? U kunt gewoon op deze e-mail antwoorden of schrijven naar [CONTACT_INFO].

Met vriendelijke groet
[STORE_NAME]
"""

DELIVERED = f"""\
[GREETING]

De vervoerder meldt dat uw bestelling [ORDER_NUMBER] is bezorgd. We wensen u er veel plezier mee.

Is ze toch niet aangekomen, of ontbreekt er iets of is er iets beschadigd? Antwoord dan op deze e-mail; we lossen het op.
{_END}"""

DELAYED = f"""\
[GREETING]

Met uw bestelling [ORDER_NUMBER] gaat het niet zoals het hoort. Dat spijt ons.

[PARCEL_STATUS]

Vervoerder: [CARRIER]
Trackingnummer: [TRACKING_NUMBER]
Volg uw pakket: [TRACKING_LINK]
Verwachte bezorging: [ESTIMATED_DELIVERY_DATE]

We vragen het na bij de vervoerder en schrijven u opnieuw. Is er iets dat helpt, bijvoorbeeld buren die het pakket aannemen? Laat het ons dan weten.

U kunt uw bestelling hier volgen, zonder in te loggen:
[CUSTOMER_PAGE]
{_END}"""

CORRECTED = f"""\
[GREETING]

Het trackingnummer dat we u voor bestelling [ORDER_NUMBER] hebben gestuurd, was fout. Dat spijt ons. Dit is het juiste:

Trackingnummer: [TRACKING_NUMBER]
Volg uw pakket: [TRACKING_LINK]
Verwachte bezorging: [ESTIMATED_DELIVERY_DATE]

Gebruik dit nummer niet meer: [OLD_TRACKING_NUMBER]
{_END}"""

SHORT = f"""\
[GREETING]

Bij het inpakken van uw bestelling [ORDER_NUMBER] zagen we dat er bij ons iets ontbreekt:

[MISSING_ITEMS]

Dat spijt ons. Laat ons weten wat u het liefst hebt:
1. We sturen de rest nu en wat ontbreekt later, zonder extra kosten.
2. We sturen de rest nu en u krijgt het geld terug voor wat ontbreekt.
3. We wachten tot we alles samen kunnen sturen.
{_END}"""

WHERE = f"""\
[GREETING]

Dank voor uw vraag. Zo staat het met uw bestelling [ORDER_NUMBER]:

[PARCEL_STATUS]

Trackingnummer: [TRACKING_NUMBER]
Volg uw pakket: [TRACKING_LINK]
Verwachte bezorging: [ESTIMATED_DELIVERY_DATE]

U kunt uw bestelling hier volgen, zonder in te loggen:
[CUSTOMER_PAGE]
{_END}"""

ADDRESS = f"""\
[GREETING]

Op de pagina van uw bestelling [ORDER_NUMBER] is ons gevraagd het pakket hierheen te sturen:

[NEW_ADDRESS]

Was u dat? Bevestig het dan binnen twee dagen:
[CUSTOMER_PAGE]

Was u het niet, doe dan niets en laat het ons weten: zolang niemand bevestigt, gaat het pakket naar het adres dat bedoeld was.
{_END}"""

TEMPLATES: Final = {
    "order_address_asked": ("Uw bestelling [ORDER_NUMBER]: bevestig het nieuwe adres", ADDRESS),
    "order_delivered": ("Uw bestelling [ORDER_NUMBER] is bezorgd", DELIVERED),
    "order_delayed": ("Uw bestelling [ORDER_NUMBER]: het pakket is vertraagd", DELAYED),
    "order_tracking_corrected": ("Uw bestelling [ORDER_NUMBER]: het juiste trackingnummer", CORRECTED),
    "order_item_short": ("Uw bestelling [ORDER_NUMBER]: er ontbreekt iets bij ons", SHORT),
    "order_where": ("Waar uw bestelling [ORDER_NUMBER] is", WHERE),
}

SENTENCES: Final = {
    "follow": "U kunt uw bestelling hier volgen, zonder in te loggen:",
    "asked": "We wachten nog op enkele gegevens van u.",
    "open": "We kijken ernaar en sturen u de prijs en de manieren om te betalen.",
    "unpaid": "Ze wacht op uw betaling.",
    "paid": "Ze is betaald en wordt als volgende ingepakt.",
    "packing": "We pakken haar nu in.",
    "leaves": "Ze vertrekt naar verwachting uiterlijk op {date} bij ons.",
    "cancelled": "Ze is geannuleerd.",
    "handed_over": "De vervoerder heeft het pakket; de eerste scan moet nog komen.",
    "in_transit": "Het pakket is naar u onderweg.",
    "out_for_delivery": "Het pakket wordt vandaag rondgebracht.",
    "failed_attempt": "De vervoerder wilde het pakket bezorgen en dat lukte niet.",
    "available_for_pickup": "Het pakket ligt voor u klaar om op te halen.",
    "delivered": "Het pakket is bezorgd op {date}.",
    "exception": "De vervoerder meldt een probleem met het pakket.",
    "returning": "Het pakket is op de terugweg naar ons.",
    "returned_to_sender": "Het pakket is bij ons terug.",
    "lost": "De vervoerder kan het pakket niet vinden.",
    "last_scan": "Laatste scan: {when}",
    "parcel": "Pakket {n} van {count}:",
}
