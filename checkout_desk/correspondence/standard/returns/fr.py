"""The mails and sentences about returns in French."""

from __future__ import annotations

from typing import Final

_END = """
Une question ? Répondez simplement à ce message ou écrivez à [CONTACT_INFO].

Cordialement
[STORE_NAME]
"""

APPROVED = f"""\
[GREETING]

Votre retour [RETURN_NUMBER] pour la commande [ORDER_NUMBER] est accepté. Il concerne :

[RETURN_ITEMS]

[RETURN_INSTRUCTIONS]

Envoyez-le à : [RETURN_ADDRESS]

Vous pouvez suivre votre retour ici, sans inscription :
[CUSTOMER_PAGE]
{_END}"""

REFUSED = f"""\
[GREETING]

Vous souhaitez renvoyer une partie de la commande [ORDER_NUMBER] :

[RETURN_ITEMS]

Nous sommes désolés, nous ne pouvons pas la reprendre. La raison :
[REASON]

Merci de ne rien envoyer. Si nous nous sommes trompés, dites-le-nous, et quelqu’un l’examinera de nouveau.
{_END}"""

RECEIVED = f"""\
[GREETING]

Votre retour [RETURN_NUMBER] nous est parvenu :

[RETURN_ITEMS]

Nous l’examinons maintenant et vous écrirons dès que nous aurons terminé. Vous n’avez rien à faire.
{_END}"""

SETTLED = f"""\
[GREETING]

Votre retour [RETURN_NUMBER] pour la commande [ORDER_NUMBER] est réglé :

[RETURN_ITEMS]

[RETURN_OUTCOME]
{_END}"""

TEMPLATES: Final = {
    "order_return_approved": ("Votre retour [RETURN_NUMBER] : comment faire", APPROVED),
    "order_return_refused": ("Votre retour pour la commande [ORDER_NUMBER]", REFUSED),
    "order_return_received": ("Votre retour [RETURN_NUMBER] est arrivé", RECEIVED),
    "order_return_settled": ("Votre retour [RETURN_NUMBER] est réglé", SETTLED),
}

SENTENCES: Final = {
    "pack": "Emballez bien le tout et écrivez {number} sur le colis, ou glissez-y un papier avec ce numéro. C’est ainsi que nous saurons à qui il est.",
    "customer": "Les frais de retour sont à votre charge. Gardez le reçu jusqu’à ce que nous vous ayons écrit.",
    "store": "Nous prenons en charge les frais de retour. Gardez le reçu du transporteur et envoyez-nous-en une photo.",
    "keep": "Vous n’avez rien à renvoyer ; gardez l’article ou jetez-le.",
    "refund": "Nous vous remboursons {amount} par le moyen que vous avez utilisé pour payer. Avec les banques, cela peut prendre quelques jours ouvrés.",
    "exchange": "Ce que vous souhaitez à la place est la commande {number} ; vous recevrez son numéro de suivi à son départ.",
    "nothing": "Aucune somme n’est due à ce titre.",
    "partly": "{received} sur {quantity} reçu(s)",
}
