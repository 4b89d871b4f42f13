"""The standard templates and sentences in Spanish."""

from __future__ import annotations

from checkout_desk.correspondence.standard.milestones import es as milestones
from checkout_desk.correspondence.standard.model import Standard

MISSING_DETAILS = """\
[GREETING]

Gracias por su pedido. Antes de poder enviarle el presupuesto, todavía necesitamos saber lo siguiente:

[MISSING_DETAILS]

Basta con responder a este correo. O indíquelo en la página de su pedido, sin necesidad de registrarse:
[CUSTOMER_PAGE]

Esto es lo que tenemos anotado del pedido [ORDER_NUMBER] hasta ahora:
[ORDER_SUMMARY]

¿Tiene alguna pregunta? Escríbanos a [CONTACT_INFO].

Un saludo cordial
[STORE_NAME]
"""

REMINDER = """\
[GREETING]

Hace unos días le escribimos sobre su pedido [ORDER_NUMBER]. Nos gustaría seguir adelante, pero todavía necesitamos saber lo siguiente:

[MISSING_DETAILS]

Basta con responder a este correo. O indíquelo en la página de su pedido, sin necesidad de registrarse:
[CUSTOMER_PAGE]

Si ya nos ha respondido o ya no desea el pedido, no tiene que hacer nada.

¿Tiene alguna pregunta? Escríbanos a [CONTACT_INFO].

Un saludo cordial
[STORE_NAME]
"""

LANGUAGE = Standard(
    code="es",
    name="Spanish",
    locale="es_ES",
    quotes=("«", "»"),
    greeting="Hola, {name}:",
    greeting_plain="Hola:",
    nothing="todavía ningún producto",
    button="Abrir la página de mi pedido",
    templates={
        **milestones.TEMPLATES,
        "missing_details": ("Su pedido [ORDER_NUMBER]: nos falta un dato", MISSING_DETAILS),
        "missing_details_reminder": ("Recordatorio: su pedido [ORDER_NUMBER] le espera", REMINDER),
    },
    questions={
        "lines": "¿Qué productos desea y cuántas unidades de cada uno?",
        "choice": "¿A qué producto se refería con {words}? Tenemos:",
        "unknown": "¿A qué se refería con {words}? No lo hemos encontrado entre nuestros productos.",
        "quantity": "¿Cuántas unidades de {product} desea?",
        "ship_to": "¿A dónde enviamos el paquete? Por favor, indíquenos la dirección completa: nombre, calle y número, código postal, localidad y país.",
        "ship_to_named": "¿A dónde enviamos el paquete? Por favor, indíquenos la dirección completa: calle y número, código postal, localidad y país.",
        "ship_to.name": "¿A nombre de quién enviamos el paquete?",
        "ship_to.line1": "¿A qué calle y número enviamos el paquete?",
        "ship_to.line1_at": "¿A qué calle y número de {city} enviamos el paquete?",
        "ship_to.city": "¿A qué localidad enviamos el paquete?",
        "ship_to.city_at": "¿En qué localidad está {line1}?",
        "ship_to.region": "¿A qué estado, provincia o región enviamos el paquete?",
        "ship_to.region_at": "¿En qué estado, provincia o región está {place}?",
        "ship_to.postcode": "¿Cuál es el código postal de la dirección?",
        "ship_to.postcode_at": "¿Cuál es el código postal de {place}?",
        "ship_to.country": "¿A qué país enviamos el paquete?",
        "ship_to.country_at": "¿En qué país está {place}?",
        "phone": "¿A qué número de teléfono puede llamarle el transportista si hay alguna duda sobre la entrega?",
    },
    cues={
        "lines": ("qué productos", "qué artículos"),
        "quantity": ("cuántas", "cuántos", "cantidad", "unidades"),
        "ship_to": ("dirección",),
        "ship_to.name": ("nombre",),
        "ship_to.line1": ("calle",),
        "ship_to.city": ("localidad", "ciudad", "población"),
        "ship_to.region": ("estado", "provincia", "región"),
        "ship_to.postcode": ("código postal",),
        "ship_to.country": ("país",),
        "phone": ("teléfono", "móvil"),
    },
)
