"""The mail that asks how it was, in eight languages: version 1 of `order_feedback`."""

from __future__ import annotations

from collections.abc import Mapping

_EN = """\
[GREETING]

Your order [ORDER_NUMBER] has been with you for some days. How was it?

It takes one minute, no sign-in needed:
[CUSTOMER_PAGE]

Is anything not as it should be? Then simply reply to this mail, and we put it right.

Kind regards
[STORE_NAME]

We ask once for each order. You can tell us on the same page that you do not want to be asked again. You reach us at [CONTACT_INFO].
"""

_DE = """\
[GREETING]

Ihre Bestellung [ORDER_NUMBER] ist nun seit einigen Tagen bei Ihnen. Wie war sie?

Es dauert eine Minute, ohne Anmeldung:
[CUSTOMER_PAGE]

Ist etwas nicht in Ordnung? Dann antworten Sie einfach auf diese E-Mail, und wir kümmern uns darum.

Freundliche Grüße
[STORE_NAME]

Wir fragen zu jeder Bestellung einmal. Auf derselben Seite können Sie uns sagen, dass Sie nicht mehr gefragt werden möchten. Sie erreichen uns unter [CONTACT_INFO].
"""

_FR = """\
[GREETING]

Vous avez reçu votre commande [ORDER_NUMBER] il y a quelques jours. Qu’en pensez-vous ?

Cela prend une minute, sans inscription :
[CUSTOMER_PAGE]

Quelque chose ne va pas ? Répondez simplement à ce message, et nous y remédierons.

Cordialement
[STORE_NAME]

Nous ne posons la question qu’une fois par commande. Sur la même page, vous pouvez nous dire de ne plus la poser. Pour nous joindre : [CONTACT_INFO].
"""

_ES = """\
[GREETING]

Hace unos días que recibió su pedido [ORDER_NUMBER]. ¿Qué le ha parecido?

Es un minuto, sin registrarse:
[CUSTOMER_PAGE]

¿Hay algo que no está bien? Responda a este correo y lo arreglaremos.

Un cordial saludo
[STORE_NAME]

Preguntamos una sola vez por pedido. En la misma página puede decirnos que no quiere que volvamos a preguntar. Nos encuentra en [CONTACT_INFO].
"""

_PT = """\
[GREETING]

Já tem a sua encomenda [ORDER_NUMBER] há alguns dias. Como correu?

Demora um minuto, sem registo:
[CUSTOMER_PAGE]

Algo não está como devia? Basta responder a este e-mail e tratamos do assunto.

Com os melhores cumprimentos
[STORE_NAME]

Perguntamos uma só vez por encomenda. Na mesma página pode dizer-nos que não quer voltar a ser questionado. Pode contactar-nos em [CONTACT_INFO].
"""

_IT = """\
[GREETING]

Ha ricevuto il suo ordine [ORDER_NUMBER] da qualche giorno. Com’è andata?

Basta un minuto, senza registrarsi:
[CUSTOMER_PAGE]

C’è qualcosa che non va? Risponda a questa e-mail e rimedieremo.

Cordiali saluti
[STORE_NAME]

Lo chiediamo una sola volta per ordine. Nella stessa pagina può dirci che non desidera più ricevere questa domanda. Ci trova a [CONTACT_INFO].
"""

_NL = """\
[GREETING]

U hebt uw bestelling [ORDER_NUMBER] nu een paar dagen in huis. Hoe was het?

Het kost een minuut, zonder aanmelden:
[CUSTOMER_PAGE]

Is er iets niet in orde? Beantwoord dan gewoon deze mail, en wij lossen het op.

Met vriendelijke groet
[STORE_NAME]

Wij vragen het één keer per bestelling. Op dezelfde pagina kunt u aangeven dat u niet meer gevraagd wilt worden. U bereikt ons via [CONTACT_INFO].
"""

_JA = """\
[GREETING]

ご注文 [ORDER_NUMBER] をお届けしてから数日が経ちました。いかがでしたでしょうか。

1分ほどで済みます。ログインは不要です。
[CUSTOMER_PAGE]

何か問題がございましたら、このメールにそのままご返信ください。すぐに対応いたします。

どうぞよろしくお願いいたします。
[STORE_NAME]

お伺いするのは1回のご注文につき一度だけです。今後お伺いしないよう、同じページでお知らせいただけます。お問い合わせ先: [CONTACT_INFO]
"""

TEMPLATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {"order_feedback": ("How was order [ORDER_NUMBER]?", _EN)},
    "de": {"order_feedback": ("Wie war Ihre Bestellung [ORDER_NUMBER]?", _DE)},
    "fr": {"order_feedback": ("Comment s’est passée votre commande [ORDER_NUMBER] ?", _FR)},
    "es": {"order_feedback": ("¿Qué tal su pedido [ORDER_NUMBER]?", _ES)},
    "pt": {"order_feedback": ("Como foi a sua encomenda [ORDER_NUMBER]?", _PT)},
    "it": {"order_feedback": ("Com’è andato il suo ordine [ORDER_NUMBER]?", _IT)},
    "nl": {"order_feedback": ("Hoe was uw bestelling [ORDER_NUMBER]?", _NL)},
    "ja": {"order_feedback": ("ご注文 [ORDER_NUMBER] はいかがでしたか", _JA)},
}
"""language -> key -> (subject, body)"""
