"""The mails of an order's milestones in Spanish."""

from __future__ import annotations

from typing import Final

_END = """
¿Tiene alguna pregunta? Responda a este correo o escríbanos a [CONTACT_INFO].

Un saludo cordial
[STORE_NAME]
"""

RECEIVED = f"""\
[GREETING]

Gracias por su pedido. Nos ha llegado con el número [ORDER_NUMBER] y una persona lo está revisando. Después le enviaremos el precio y las formas de pago. Hasta entonces no tiene que hacer nada.

Esto es lo que hemos anotado:
[ORDER_SUMMARY]

Siga su pedido aquí, sin iniciar sesión:
[CUSTOMER_PAGE]
{_END}"""

QUOTE = f"""\
[GREETING]

Gracias por su pedido [ORDER_NUMBER]. Este es nuestro presupuesto:

[ORDER_SUMMARY]

Total a pagar: [TOTAL_DUE]
Le reservamos los artículos a este precio hasta: [QUOTE_EXPIRES]

Puede pagar así:
[PAYMENT_INSTRUCTIONS]

Revise también la dirección y díganos si el paquete debe ir a otro lugar:
[SHIPPING_ADDRESS]

Acepte, pague o pregunte en la página de su pedido, sin iniciar sesión:
[CUSTOMER_PAGE]
{_END}"""

REMINDER = f"""\
[GREETING]

Le reservamos los artículos de su pedido [ORDER_NUMBER] hasta [QUOTE_EXPIRES]. Después volverán a la venta.

[ORDER_SUMMARY]

Total a pagar: [TOTAL_DUE]
Puede pagar así:
[PAYMENT_INSTRUCTIONS]

O en la página de su pedido, sin iniciar sesión:
[CUSTOMER_PAGE]

Si ya ha pagado, o si ya no quiere el pedido, no tiene que hacer nada.
{_END}"""

PAYMENT_RECEIVED = f"""\
[GREETING]

Gracias, su pago de [AMOUNT] por el pedido [ORDER_NUMBER] ha llegado.
{_END}"""

PAYMENT_SHORT = """\
[GREETING]

Gracias, su pago de [AMOUNT] por el pedido [ORDER_NUMBER] ha llegado. El pedido asciende a [TOTAL_DUE], así que todavía faltan [AMOUNT_MISSING].

Puede pagar el resto así:
[PAYMENT_INSTRUCTIONS]

O en la página de su pedido, sin iniciar sesión:
[CUSTOMER_PAGE]

En cuanto llegue, prepararemos su paquete. Si prefiere que le devolvamos el dinero, responda a este correo.

Un saludo cordial
[STORE_NAME]
"""

CONFIRMED = """\
¡Gracias por su pedido!
Número de pedido: [ORDER_NUMBER]
Artículos: [ORDER_SUMMARY]
Envío a: [SHIPPING_ADDRESS]
Plazo de envío estimado: [ESTIMATED_SHIPPING_TIME]
Si tiene preguntas, escríbanos a [CONTACT_INFO].
"""

SHIPPED = """\
¡Su pedido está en camino!
Número de seguimiento: [TRACKING_NUMBER]
Siga su paquete: [TRACKING_LINK]
Fecha de entrega estimada:
[ESTIMATED_DELIVERY_DATE]
Para saber más, responda a este correo o escríbanos a [CONTACT_INFO].
"""

CANCELLED = f"""\
[GREETING]

Su pedido [ORDER_NUMBER] está cancelado. Por favor, ya no lo pague.
Motivo: [REASON]

Si ya ha pagado, le escribiremos acerca de su dinero.
{_END}"""

EXPIRED = f"""\
[GREETING]

Su presupuesto [QUOTE_NUMBER] fue válido hasta [QUOTE_EXPIRES]; ya no le reservamos los artículos. Por favor, ya no lo pague.

Si todavía los quiere, responda a este correo. Comprobaremos qué hay disponible y le enviaremos un presupuesto nuevo.
{_END}"""

REFUNDED = f"""\
[GREETING]

Le hemos devuelto [AMOUNT] por su pedido [ORDER_NUMBER], por la misma vía por la que pagó. Con los bancos pueden pasar algunos días laborables hasta que lo vea.
Motivo: [REASON]
{_END}"""

TEMPLATES: Final = {
    "order_received": ("Hemos recibido su pedido [ORDER_NUMBER]", RECEIVED),
    "order_quote": ("Su presupuesto [QUOTE_NUMBER]", QUOTE),
    "order_reminder": ("Su presupuesto [QUOTE_NUMBER] termina pronto", REMINDER),
    "order_payment_received": ("Su pago por el pedido [ORDER_NUMBER] ha llegado", PAYMENT_RECEIVED),
    "order_payment_short": ("Su pago por el pedido [ORDER_NUMBER]: faltan [AMOUNT_MISSING]", PAYMENT_SHORT),
    "order_confirmed": ("Su pedido n.º [ORDER_NUMBER] está confirmado", CONFIRMED),
    "order_shipped": ("¡Su pedido n.º [ORDER_NUMBER] ha sido enviado!", SHIPPED),
    "order_cancelled": ("Su pedido [ORDER_NUMBER] está cancelado", CANCELLED),
    "order_expired": ("Su presupuesto [QUOTE_NUMBER] ha caducado", EXPIRED),
    "order_refunded": ("Su reembolso por el pedido [ORDER_NUMBER]", REFUNDED),
}
