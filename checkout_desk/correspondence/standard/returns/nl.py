"""The mails and sentences about returns in Dutch."""

from __future__ import annotations

from typing import Final

_END = """
Hebt u vragen? Beantwoord gewoon deze mail of schrijf naar [CONTACT_INFO].

Met vriendelijke groet
[STORE_NAME]
"""

APPROVED = f"""\
[GREETING]

Uw retour [RETURN_NUMBER] voor bestelling [ORDER_NUMBER] is afgesproken. Het gaat om:

[RETURN_ITEMS]

[RETURN_INSTRUCTIONS]

Stuur het naar: [RETURN_ADDRESS]

Hier ziet u hoe het met uw retour staat, zonder in te loggen:
[CUSTOMER_PAGE]
{_END}"""

REFUSED = f"""\
[GREETING]

U wilt iets uit bestelling [ORDER_NUMBER] terugsturen:

[RETURN_ITEMS]

Het spijt ons, we kunnen het niet terugnemen. De reden:
[REASON]

Stuur alstublieft niets op. Hebben we iets verkeerd begrepen? Laat het ons weten, dan kijkt iemand er nog eens naar.
{_END}"""

RECEIVED = f"""\
[GREETING]

Uw retour [RETURN_NUMBER] is bij ons aangekomen:

[RETURN_ITEMS]

We bekijken het nu en schrijven u weer zodra we klaar zijn. U hoeft niets te doen.
{_END}"""

SETTLED = f"""\
[GREETING]

Uw retour [RETURN_NUMBER] voor bestelling [ORDER_NUMBER] is afgehandeld:

[RETURN_ITEMS]

[RETURN_OUTCOME]
{_END}"""

TEMPLATES: Final = {
    "order_return_approved": ("Uw retour [RETURN_NUMBER]: zo werkt het", APPROVED),
    "order_return_refused": ("Uw retour voor bestelling [ORDER_NUMBER]", REFUSED),
    "order_return_received": ("Uw retour [RETURN_NUMBER] is aangekomen", RECEIVED),
    "order_return_settled": ("Uw retour [RETURN_NUMBER] is afgehandeld", SETTLED),
}

SENTENCES: Final = {
    "pack": "Verpak het goed en schrijf {number} op de buitenkant van het pakket, of leg er een briefje met dit nummer in. Zo weten we van wie het is.",
    "customer": "De kosten van het terugsturen zijn voor u. Bewaar het bewijs tot we u geschreven hebben.",
    "store": "Wij betalen het terugsturen. Bewaar het bewijs van de vervoerder en stuur ons er een foto van.",
    "keep": "U hoeft niets terug te sturen; houd het of gooi het weg.",
    "refund": "We betalen u {amount} terug op de manier waarop u betaald hebt. Bij banken kan het enkele werkdagen duren.",
    "exchange": "Wat u in plaats daarvan wilt, is bestelling {number}; u krijgt het trackingnummer zodra ze vertrekt.",
    "nothing": "Er is geen geld verschuldigd.",
    "partly": "{received} van {quantity} aangekomen",
}
