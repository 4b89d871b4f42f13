"""The mails and sentences about parcels in Spanish."""

from __future__ import annotations

from typing import Final

_END = """
¿Tiene alguna pregunta? Responda a este correo o escríbanos a [CONTACT_INFO].

Un saludo cordial
[STORE_NAME]
"""

DELIVERED = f"""\
[GREETING]

El transportista nos informa de que su pedido [ORDER_NUMBER] ha sido entregado. Esperamos que lo disfrute.

¿No le ha llegado, o falta algo o está dañado? Responda a este correo y lo arreglaremos.
{_END}"""

DELAYED = f"""\
[GREETING]

Su pedido [ORDER_NUMBER] no avanza como debería, y lo sentimos.

[PARCEL_STATUS]

Transportista: [CARRIER]
Número de seguimiento: [TRACKING_NUMBER]
Siga su paquete: [TRACKING_LINK]
Fecha de entrega estimada: [ESTIMATED_DELIVERY_DATE]

Estamos preguntando al transportista y volveremos a escribirle. ¿Hay algo que pueda ayudar, por ejemplo un vecino que reciba el paquete? Díganoslo, por favor.

Puede seguir su pedido aquí, sin iniciar sesión:
[CUSTOMER_PAGE]
{_END}"""

CORRECTED = f"""\
[GREETING]

El número de seguimiento que le enviamos para su pedido [ORDER_NUMBER] era incorrecto, y lo sentimos. Este es el correcto:

Número de seguimiento: [TRACKING_NUMBER]
Siga su paquete: [TRACKING_LINK]
Fecha de entrega estimada: [ESTIMATED_DELIVERY_DATE]

Por favor, no utilice más este número: [OLD_TRACKING_NUMBER]
{_END}"""

SHORT = f"""\
[GREETING]

Al preparar su pedido [ORDER_NUMBER] hemos visto que falta algo en nuestro almacén:

[MISSING_ITEMS]

Lo sentimos. Díganos, por favor, qué prefiere:
1. Enviamos ahora el resto y más tarde lo que falta, sin coste adicional.
2. Enviamos ahora el resto y le devolvemos el dinero de lo que falta.
3. Esperamos hasta poder enviarlo todo junto.
{_END}"""

WHERE = f"""\
[GREETING]

Gracias por preguntar. Así está ahora su pedido [ORDER_NUMBER]:

[PARCEL_STATUS]

Número de seguimiento: [TRACKING_NUMBER]
Siga su paquete: [TRACKING_LINK]
Fecha de entrega estimada: [ESTIMATED_DELIVERY_DATE]

Puede seguir su pedido aquí, sin iniciar sesión:
[CUSTOMER_PAGE]
{_END}"""

ADDRESS = f"""\
[GREETING]

En la página de su pedido [ORDER_NUMBER] nos han pedido enviar el paquete aquí:

[NEW_ADDRESS]

¿Ha sido usted? Entonces confírmelo en los próximos dos días:
[CUSTOMER_PAGE]

Si no ha sido usted, no haga nada y avísenos: mientras nadie lo confirme, el paquete va a la dirección prevista.
{_END}"""

TEMPLATES: Final = {
    "order_address_asked": ("Su pedido [ORDER_NUMBER]: confirme la nueva dirección", ADDRESS),
    "order_delivered": ("Su pedido [ORDER_NUMBER] ha sido entregado", DELIVERED),
    "order_delayed": ("Su pedido [ORDER_NUMBER]: el paquete se retrasa", DELAYED),
    "order_tracking_corrected": ("Su pedido [ORDER_NUMBER]: el número de seguimiento correcto", CORRECTED),
    "order_item_short": ("Su pedido [ORDER_NUMBER]: falta algo en nuestro almacén", SHORT),
    "order_where": ("Dónde está su pedido [ORDER_NUMBER]", WHERE),
}

SENTENCES: Final = {
    "follow": "Puede seguir su pedido aquí, sin iniciar sesión:",
    "asked": "Todavía esperamos algunos datos suyos.",
    "open": "Lo estamos revisando y le enviaremos el precio y las formas de pago.",
    "unpaid": "Está a la espera de su pago.",
    "paid": "Está pagado y lo prepararemos a continuación.",
    "packing": "Lo estamos preparando.",
    "leaves": "Debería salir de nuestro almacén el {date} a más tardar.",
    "cancelled": "Está cancelado.",
    "handed_over": "El transportista tiene el paquete; todavía no lo ha escaneado.",
    "in_transit": "El paquete está en camino.",
    "out_for_delivery": "El paquete está en reparto.",
    "failed_attempt": "El transportista intentó entregar el paquete y no pudo.",
    "available_for_pickup": "El paquete está listo para que lo recoja.",
    "delivered": "El paquete se entregó el {date}.",
    "exception": "El transportista informa de un problema con el paquete.",
    "returning": "El paquete está volviendo a nuestro almacén.",
    "returned_to_sender": "El paquete ha vuelto a nuestro almacén.",
    "lost": "El transportista no encuentra el paquete.",
    "last_scan": "Último escaneo: {when}",
    "parcel": "Paquete {n} de {count}:",
}
