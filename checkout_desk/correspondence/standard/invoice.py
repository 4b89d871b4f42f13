"""The mail with the copy of an invoice, in eight languages: version 1 of `order_invoice`."""

from __future__ import annotations

from collections.abc import Mapping

_EN = """\
[GREETING]

Here is the copy of the invoice for your order [ORDER_NUMBER]; you find it attached as a PDF.

Any questions? Simply reply to this mail, or write to us at [CONTACT_INFO].

Kind regards
[STORE_NAME]
"""

_DE = """\
[GREETING]

anbei die Kopie der Rechnung zu Ihrer Bestellung [ORDER_NUMBER] als PDF.

Haben Sie Fragen? Antworten Sie einfach auf diese E-Mail oder schreiben Sie an [CONTACT_INFO].

Freundliche Grüße
[STORE_NAME]
"""

_FR = """\
[GREETING]

Voici la copie de la facture de votre commande [ORDER_NUMBER], jointe au format PDF.

Une question ? Répondez simplement à ce message ou écrivez à [CONTACT_INFO].

Cordialement
[STORE_NAME]
"""

_ES = """\
[GREETING]

Le enviamos adjunta, en PDF, la copia de la factura de su pedido [ORDER_NUMBER].

¿Tiene alguna pregunta? Responda a este correo o escríbanos a [CONTACT_INFO].

Un cordial saludo
[STORE_NAME]
"""

_PT = """\
[GREETING]

Segue em anexo, em PDF, a cópia da fatura da sua encomenda [ORDER_NUMBER].

Tem alguma pergunta? Responda a este e-mail ou escreva para [CONTACT_INFO].

Com os melhores cumprimentos
[STORE_NAME]
"""

_IT = """\
[GREETING]

Ecco la copia della fattura del Suo ordine [ORDER_NUMBER], allegata in PDF.

Ha domande? Risponda semplicemente a questa e-mail o scriva a [CONTACT_INFO].

Cordiali saluti
[STORE_NAME]
"""

_NL = """\
[GREETING]

Hierbij de kopie van de factuur van uw bestelling [ORDER_NUMBER], als pdf in de bijlage.

Hebt u vragen? Beantwoord gewoon deze mail of schrijf naar [CONTACT_INFO].

Met vriendelijke groet
[STORE_NAME]
"""

_JA = """\
[GREETING]

ご注文 [ORDER_NUMBER] の請求書の控えをPDFで添付いたします。

ご不明な点がございましたら、このメールにご返信いただくか、[CONTACT_INFO] までご連絡ください。

どうぞよろしくお願いいたします。
[STORE_NAME]
"""

TEMPLATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {"order_invoice": ("The invoice for your order [ORDER_NUMBER]", _EN)},
    "de": {"order_invoice": ("Die Rechnung zu Ihrer Bestellung [ORDER_NUMBER]", _DE)},
    "fr": {"order_invoice": ("La facture de votre commande [ORDER_NUMBER]", _FR)},
    "es": {"order_invoice": ("La factura de su pedido [ORDER_NUMBER]", _ES)},
    "pt": {"order_invoice": ("A fatura da sua encomenda [ORDER_NUMBER]", _PT)},
    "it": {"order_invoice": ("La fattura del Suo ordine [ORDER_NUMBER]", _IT)},
    "nl": {"order_invoice": ("De factuur van uw bestelling [ORDER_NUMBER]", _NL)},
    "ja": {"order_invoice": ("ご注文 [ORDER_NUMBER] の請求書", _JA)},
}
"""language -> key -> (subject, body)"""
