"""The mails and sentences about parcels in French."""

from __future__ import annotations

from typing import Final

_END = """
Une question ? Répondez simplement à cet e-mail ou écrivez-nous à [CONTACT_INFO].

Cordialement,
[STORE_NAME]
"""

DELIVERED = f"""\
[GREETING]

Le transporteur nous indique que votre commande [ORDER_NUMBER] a été livrée. Nous espérons qu'elle vous plaît.

Elle ne vous est pas parvenue, ou quelque chose manque ou est abîmé ? Répondez à cet e-mail et nous y remédierons.
{_END}"""

DELAYED = f"""\
[GREETING]

L'acheminement de votre commande [ORDER_NUMBER] ne se passe pas comme prévu, et nous en sommes désolés.

[PARCEL_STATUS]

Transporteur : [CARRIER]
Numéro de suivi : [TRACKING_NUMBER]
Suivre votre colis : [TRACKING_LINK]
Date de livraison estimée : [ESTIMATED_DELIVERY_DATE]

Nous interrogeons le transporteur et vous écrirons de nouveau. Quelque chose pourrait-il aider, par exemple un voisin qui accepte le colis ? Dites-le-nous.

Vous pouvez suivre votre commande ici, sans vous identifier :
[CUSTOMER_PAGE]
{_END}"""

CORRECTED = f"""\
[GREETING]

Le numéro de suivi que nous vous avons envoyé pour votre commande [ORDER_NUMBER] était faux, et nous en sommes désolés. Voici le bon :

Numéro de suivi : [TRACKING_NUMBER]
Suivre votre colis : [TRACKING_LINK]
Date de livraison estimée : [ESTIMATED_DELIVERY_DATE]

Merci de ne plus utiliser ce numéro : [OLD_TRACKING_NUMBER]
{_END}"""

SHORT = f"""\
[GREETING]

En préparant votre commande [ORDER_NUMBER], nous avons vu qu'il manque quelque chose dans nos rayons :

[MISSING_ITEMS]

Nous en sommes désolés. Dites-nous ce que vous préférez :
1. Nous envoyons le reste maintenant, et ce qui manque plus tard, sans frais supplémentaires.
2. Nous envoyons le reste maintenant et vous remboursons ce qui manque.
3. Nous attendons de pouvoir tout envoyer ensemble.
{_END}"""

WHERE = f"""\
[GREETING]

Merci de votre message. Voici où en est votre commande [ORDER_NUMBER] :

[PARCEL_STATUS]

Numéro de suivi : [TRACKING_NUMBER]
Suivre votre colis : [TRACKING_LINK]
Date de livraison estimée : [ESTIMATED_DELIVERY_DATE]

Vous pouvez suivre votre commande ici, sans vous identifier :
[CUSTOMER_PAGE]
{_END}"""

ADDRESS = f"""\
[GREETING]

Sur la page de votre commande [ORDER_NUMBER], on nous a demandé d’envoyer le colis ici :

[NEW_ADDRESS]

Est-ce vous ? Alors merci de le confirmer dans les deux jours :
[CUSTOMER_PAGE]

Si ce n’est pas vous, ne faites rien et prévenez-nous : tant que personne ne confirme, le colis part à l’adresse prévue.
{_END}"""

TEMPLATES: Final = {
    "order_address_asked": (
        "Votre commande [ORDER_NUMBER] : merci de confirmer la nouvelle adresse",
        ADDRESS,
    ),
    "order_delivered": ("Votre commande [ORDER_NUMBER] est livrée", DELIVERED),
    "order_delayed": ("Votre commande [ORDER_NUMBER] : le colis est retardé", DELAYED),
    "order_tracking_corrected": ("Votre commande [ORDER_NUMBER] : le bon numéro de suivi", CORRECTED),
    "order_item_short": ("Votre commande [ORDER_NUMBER] : il manque un article dans nos rayons", SHORT),
    "order_where": ("Où en est votre commande [ORDER_NUMBER]", WHERE),
}

SENTENCES: Final = {
    "follow": "Vous pouvez suivre votre commande ici, sans vous identifier :",
    "asked": "Nous attendons encore quelques précisions de votre part.",
    "open": "Nous l'examinons et vous enverrons le prix et les moyens de paiement.",
    "unpaid": "Elle attend votre paiement.",
    "paid": "Elle est payée, et nous allons la préparer.",
    "packing": "Nous la préparons en ce moment.",
    "leaves": "Elle devrait partir de chez nous le {date} au plus tard.",
    "cancelled": "Elle est annulée.",
    "handed_over": "Le transporteur a le colis ; il ne l'a pas encore scanné.",
    "in_transit": "Le colis est en route vers vous.",
    "out_for_delivery": "Le colis est en cours de livraison.",
    "failed_attempt": "Le transporteur a tenté de livrer le colis, sans succès.",
    "available_for_pickup": "Le colis vous attend au point de retrait.",
    "delivered": "Le colis a été livré le {date}.",
    "exception": "Le transporteur signale un problème avec le colis.",
    "returning": "Le colis est en train de revenir chez nous.",
    "returned_to_sender": "Le colis est revenu chez nous.",
    "lost": "Le transporteur ne retrouve pas le colis.",
    "last_scan": "Dernier scan : {when}",
    "parcel": "Colis {n} sur {count} :",
}
