"""The standard templates and sentences in French."""

from __future__ import annotations

from checkout_desk.correspondence.standard.milestones import fr as milestones
from checkout_desk.correspondence.standard.model import Standard

MISSING_DETAILS = """\
[GREETING]

Merci pour votre commande. Avant de pouvoir vous envoyer le devis, il nous manque encore une précision :

[MISSING_DETAILS]

Répondez simplement à ce message. Ou indiquez-le sur la page de votre commande, sans aucune inscription :
[CUSTOMER_PAGE]

Voici ce que nous avons noté pour la commande [ORDER_NUMBER] jusqu’ici :
[ORDER_SUMMARY]

Une question ? Écrivez-nous : [CONTACT_INFO].

Cordialement
[STORE_NAME]
"""

REMINDER = """\
[GREETING]

Il y a quelques jours, nous vous avons écrit au sujet de votre commande [ORDER_NUMBER]. Nous aimerions la préparer, mais il nous manque encore une précision :

[MISSING_DETAILS]

Répondez simplement à ce message. Ou indiquez-le sur la page de votre commande, sans aucune inscription :
[CUSTOMER_PAGE]

Si vous avez répondu entre-temps, ou si vous ne souhaitez plus cette commande, vous n’avez rien à faire.

Une question ? Écrivez-nous : [CONTACT_INFO].

Cordialement
[STORE_NAME]
"""

LANGUAGE = Standard(
    code="fr",
    name="French",
    locale="fr_FR",
    quotes=("«\N{NO-BREAK SPACE}", "\N{NO-BREAK SPACE}»"),
    greeting="Bonjour {name},",
    greeting_plain="Bonjour,",
    nothing="aucun article pour le moment",
    button="Ouvrir la page de ma commande",
    templates={
        **milestones.TEMPLATES,
        "missing_details": ("Votre commande [ORDER_NUMBER] : il nous manque une précision", MISSING_DETAILS),
        "missing_details_reminder": ("Rappel : votre commande [ORDER_NUMBER] vous attend", REMINDER),
    },
    questions={
        "lines": "Quels articles souhaitez-vous, et en quelle quantité ?",
        "choice": "À quel article pensiez-vous en écrivant {words} ? Nous avons :",
        "unknown": "Que vouliez-vous dire par {words} ? Nous ne l’avons pas trouvé parmi nos articles.",
        "quantity": "Combien d’exemplaires de {product} souhaitez-vous ?",
        "ship_to": "Où devons-nous envoyer le colis ? Merci de nous indiquer l’adresse complète : nom, numéro et rue, code postal, ville et pays.",
        "ship_to_named": "Où devons-nous envoyer le colis ? Merci de nous indiquer l’adresse complète : numéro et rue, code postal, ville et pays.",
        "ship_to.name": "À quel nom devons-nous adresser le colis ?",
        "ship_to.line1": "À quel numéro et dans quelle rue devons-nous envoyer le colis ?",
        "ship_to.line1_at": "À quel numéro et dans quelle rue, à {city}, devons-nous envoyer le colis ?",
        "ship_to.city": "Dans quelle ville devons-nous envoyer le colis ?",
        "ship_to.city_at": "Dans quelle ville se trouve l’adresse {line1} ?",
        "ship_to.region": "Dans quel État, quelle province ou quelle région devons-nous envoyer le colis ?",
        "ship_to.region_at": "Dans quel État, quelle province ou quelle région se trouve l’adresse {place} ?",
        "ship_to.postcode": "Quel est le code postal de l’adresse ?",
        "ship_to.postcode_at": "Quel est le code postal de l’adresse {place} ?",
        "ship_to.country": "Dans quel pays devons-nous envoyer le colis ?",
        "ship_to.country_at": "Dans quel pays se trouve l’adresse {place} ?",
        "phone": "À quel numéro de téléphone le transporteur peut-il vous joindre en cas de besoin ?",
    },
    cues={
        "lines": ("quels articles", "quels produits"),
        "quantity": ("combien", "quantité", "nombre"),
        "ship_to": ("adresse",),
        "ship_to.name": ("nom",),
        "ship_to.line1": ("rue", "numéro"),
        "ship_to.city": ("ville", "localité", "commune"),
        "ship_to.region": ("état", "province", "région"),
        "ship_to.postcode": ("code postal",),
        "ship_to.country": ("pays",),
        "phone": ("téléphone", "portable"),
    },
)
