"""The mails of an order's milestones in French."""

from __future__ import annotations

from typing import Final

_END = """
Une question ? Répondez simplement à cet e-mail ou écrivez-nous à [CONTACT_INFO].

Cordialement,
[STORE_NAME]
"""

RECEIVED = f"""\
[GREETING]

Merci pour votre commande. Elle nous est bien parvenue sous le numéro [ORDER_NUMBER] et quelqu'un l'examine en ce moment. Nous vous enverrons ensuite le prix et les moyens de paiement. D'ici là, vous n'avez rien à faire.

Voici ce que nous avons noté :
[ORDER_SUMMARY]

Suivez votre commande ici, sans vous identifier :
[CUSTOMER_PAGE]
{_END}"""

QUOTE = f"""\
[GREETING]

Merci pour votre commande [ORDER_NUMBER]. Voici notre devis :

[ORDER_SUMMARY]

Montant à payer : [TOTAL_DUE]
Nous vous réservons les articles à ce prix jusqu'au : [QUOTE_EXPIRES]

Vous pouvez payer ainsi :
[PAYMENT_INSTRUCTIONS]

Vérifiez aussi l'adresse, et dites-nous si le colis doit aller ailleurs :
[SHIPPING_ADDRESS]

Acceptez, payez ou posez une question sur votre page de commande, sans vous identifier :
[CUSTOMER_PAGE]
{_END}"""

REMINDER = f"""\
[GREETING]

Nous vous réservons les articles de votre commande [ORDER_NUMBER] jusqu'au [QUOTE_EXPIRES]. Ensuite, ils seront remis en vente.

[ORDER_SUMMARY]

Montant à payer : [TOTAL_DUE]
Vous pouvez payer ainsi :
[PAYMENT_INSTRUCTIONS]

Ou sur votre page de commande, sans vous identifier :
[CUSTOMER_PAGE]

Si vous avez payé entre-temps, ou si vous ne souhaitez plus cette commande, vous n'avez rien à faire.
{_END}"""

PAYMENT_RECEIVED = f"""\
[GREETING]

Merci, votre paiement de [AMOUNT] pour la commande [ORDER_NUMBER] nous est bien parvenu.
{_END}"""

PAYMENT_SHORT = """\
[GREETING]

Merci, votre paiement de [AMOUNT] pour la commande [ORDER_NUMBER] nous est bien parvenu. Le montant de la commande est de [TOTAL_DUE] ; il manque donc encore [AMOUNT_MISSING].

Vous pouvez payer le reste ainsi :
[PAYMENT_INSTRUCTIONS]

Ou sur votre page de commande, sans vous identifier :
[CUSTOMER_PAGE]

Dès réception, nous préparons votre colis. Si vous préférez être remboursé, répondez simplement à cet e-mail.

Cordialement,
[STORE_NAME]
"""

CONFIRMED = """\
Merci pour votre commande !
Numéro de commande : [ORDER_NUMBER]
Articles : [ORDER_SUMMARY]
Adresse de livraison : [SHIPPING_ADDRESS]
Délai de livraison estimé : [ESTIMATED_SHIPPING_TIME]
Pour toute question, contactez-nous à [CONTACT_INFO].
"""

SHIPPED = """\
Votre commande est en route !
Numéro de suivi : [TRACKING_NUMBER]
Suivre votre colis : [TRACKING_LINK]
Date de livraison estimée :
[ESTIMATED_DELIVERY_DATE]
Pour en savoir plus, répondez à cet e-mail ou contactez-nous à [CONTACT_INFO].
"""

CANCELLED = f"""\
[GREETING]

Votre commande [ORDER_NUMBER] est annulée. Merci de ne plus la payer.
Motif : [REASON]

Si vous avez déjà payé, nous vous écrirons au sujet de votre argent.
{_END}"""

EXPIRED = f"""\
[GREETING]

Votre devis [QUOTE_NUMBER] était valable jusqu'au [QUOTE_EXPIRES] ; nous ne vous réservons plus les articles. Merci de ne plus le payer.

Si vous les souhaitez toujours, répondez simplement à cet e-mail. Nous vérifierons ce qui est disponible et vous enverrons un nouveau devis.
{_END}"""

REFUNDED = f"""\
[GREETING]

Nous vous avons remboursé [AMOUNT] pour votre commande [ORDER_NUMBER], par le moyen que vous aviez utilisé pour payer. Selon les banques, quelques jours ouvrés peuvent s'écouler avant que vous ne le voyiez.
Motif : [REASON]
{_END}"""

TEMPLATES: Final = {
    "order_received": ("Nous avons reçu votre commande [ORDER_NUMBER]", RECEIVED),
    "order_quote": ("Votre devis [QUOTE_NUMBER]", QUOTE),
    "order_reminder": ("Votre devis [QUOTE_NUMBER] prend bientôt fin", REMINDER),
    "order_payment_received": (
        "Votre paiement pour la commande [ORDER_NUMBER] est arrivé",
        PAYMENT_RECEIVED,
    ),
    "order_payment_short": (
        "Votre paiement pour la commande [ORDER_NUMBER] : il manque [AMOUNT_MISSING]",
        PAYMENT_SHORT,
    ),
    "order_confirmed": ("Votre commande nº [ORDER_NUMBER] est confirmée", CONFIRMED),
    "order_shipped": ("Votre commande nº [ORDER_NUMBER] est expédiée !", SHIPPED),
    "order_cancelled": ("Votre commande [ORDER_NUMBER] est annulée", CANCELLED),
    "order_expired": ("Votre devis [QUOTE_NUMBER] a expiré", EXPIRED),
    "order_refunded": ("Votre remboursement pour la commande [ORDER_NUMBER]", REFUNDED),
}
