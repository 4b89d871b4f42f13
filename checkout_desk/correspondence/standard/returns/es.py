"""The mails and sentences about returns in Spanish."""

from __future__ import annotations

from typing import Final

_END = """
¿Tiene alguna pregunta? Responda a este correo o escríbanos a [CONTACT_INFO].

Un cordial saludo
[STORE_NAME]
"""

APPROVED = f"""\
[GREETING]

Su devolución [RETURN_NUMBER] del pedido [ORDER_NUMBER] está acordada. Se trata de:

[RETURN_ITEMS]

[RETURN_INSTRUCTIONS]

Envíela a: [RETURN_ADDRESS]

Aquí puede ver cómo va su devolución, sin registrarse:
[CUSTOMER_PAGE]
{_END}"""

REFUSED = f"""\
[GREETING]

Usted desea devolver algo del pedido [ORDER_NUMBER]:

[RETURN_ITEMS]

Lo sentimos, no podemos aceptarlo. El motivo:
[REASON]

Por favor, no envíe nada. Si nos hemos equivocado, díganoslo y alguien lo volverá a mirar.
{_END}"""

RECEIVED = f"""\
[GREETING]

Hemos recibido su devolución [RETURN_NUMBER]:

[RETURN_ITEMS]

La revisamos ahora y le escribiremos en cuanto terminemos. No tiene que hacer nada.
{_END}"""

SETTLED = f"""\
[GREETING]

Su devolución [RETURN_NUMBER] del pedido [ORDER_NUMBER] está resuelta:

[RETURN_ITEMS]

[RETURN_OUTCOME]
{_END}"""

TEMPLATES: Final = {
    "order_return_approved": ("Su devolución [RETURN_NUMBER]: cómo hacerla", APPROVED),
    "order_return_refused": ("Su devolución del pedido [ORDER_NUMBER]", REFUSED),
    "order_return_received": ("Su devolución [RETURN_NUMBER] ha llegado", RECEIVED),
    "order_return_settled": ("Su devolución [RETURN_NUMBER] está resuelta", SETTLED),
}

SENTENCES: Final = {
    "pack": "Embálelo bien y escriba {number} en el exterior del paquete, o meta dentro una nota con este número. Así sabemos de quién es.",
    "customer": "Los gastos de devolución corren por su cuenta. Guarde el recibo hasta que le hayamos escrito.",
    "store": "Nosotros pagamos los gastos de devolución. Guarde el recibo del transportista y envíenos una foto.",
    "keep": "No tiene que devolver nada; quédeselo o deséchelo.",
    "refund": "Le devolvemos {amount} por el mismo medio con el que pagó. Con los bancos puede tardar unos días hábiles.",
    "exchange": "Lo que desea a cambio es el pedido {number}; recibirá su número de seguimiento cuando salga.",
    "nothing": "No corresponde devolver dinero.",
    "partly": "han llegado {received} de {quantity}",
}
