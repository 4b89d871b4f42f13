"""The standard templates and sentences in Portuguese."""

from __future__ import annotations

from checkout_desk.correspondence.standard.milestones import pt as milestones
from checkout_desk.correspondence.standard.model import Standard

MISSING_DETAILS = """\
[GREETING]

Obrigado pela sua encomenda. Antes de lhe podermos enviar o orçamento, ainda precisamos de saber o seguinte:

[MISSING_DETAILS]

Basta responder a este e-mail. Ou indique-o na página da sua encomenda, sem precisar de se registar:
[CUSTOMER_PAGE]

Isto é o que temos anotado para a encomenda [ORDER_NUMBER] até agora:
[ORDER_SUMMARY]

Tem alguma dúvida? Contacte-nos em [CONTACT_INFO].

Com os melhores cumprimentos
[STORE_NAME]
"""

REMINDER = """\
[GREETING]

Há alguns dias escrevemos-lhe sobre a sua encomenda [ORDER_NUMBER]. Gostaríamos de avançar, mas ainda precisamos de saber o seguinte:

[MISSING_DETAILS]

Basta responder a este e-mail. Ou indique-o na página da sua encomenda, sem precisar de se registar:
[CUSTOMER_PAGE]

Se entretanto já respondeu, ou se já não deseja a encomenda, não precisa de fazer nada.

Tem alguma dúvida? Contacte-nos em [CONTACT_INFO].

Com os melhores cumprimentos
[STORE_NAME]
"""

LANGUAGE = Standard(
    code="pt",
    name="Portuguese",
    locale="pt_PT",
    quotes=("“", "”"),
    greeting="Olá, {name},",
    greeting_plain="Olá,",
    nothing="ainda nenhum produto",
    button="Abrir a página da encomenda",
    templates={
        **milestones.TEMPLATES,
        "missing_details": ("A sua encomenda [ORDER_NUMBER]: falta-nos uma informação", MISSING_DETAILS),
        "missing_details_reminder": ("Lembrete: a sua encomenda [ORDER_NUMBER] está à sua espera", REMINDER),
    },
    questions={
        "lines": "Que produtos deseja, e quantas unidades de cada um?",
        "choice": "A que produto se referia com {words}? Temos:",
        "unknown": "A que se referia com {words}? Não o encontrámos entre os nossos produtos.",
        "quantity": "Quantas unidades de {product} deseja?",
        "ship_to": "Para onde devemos enviar a encomenda? Indique-nos, por favor, a morada completa: nome, rua e número, código postal, localidade e país.",
        "ship_to_named": "Para onde devemos enviar a encomenda? Indique-nos, por favor, a morada completa: rua e número, código postal, localidade e país.",
        "ship_to.name": "Em nome de quem devemos enviar a encomenda?",
        "ship_to.line1": "Para que rua e número devemos enviar a encomenda?",
        "ship_to.line1_at": "Para que rua e número em {city} devemos enviar a encomenda?",
        "ship_to.city": "Para que localidade devemos enviar a encomenda?",
        "ship_to.city_at": "Em que localidade fica {line1}?",
        "ship_to.region": "Para que estado, província ou região devemos enviar a encomenda?",
        "ship_to.region_at": "Em que estado, província ou região fica {place}?",
        "ship_to.postcode": "Qual é o código postal da morada?",
        "ship_to.postcode_at": "Qual é o código postal de {place}?",
        "ship_to.country": "Para que país devemos enviar a encomenda?",
        "ship_to.country_at": "Em que país fica {place}?",
        "phone": "Para que número de telefone pode a transportadora ligar se houver alguma dúvida sobre a entrega?",
    },
    cues={
        "lines": ("que produtos", "quais produtos", "que artigos"),
        "quantity": ("quantas", "quantos", "quantidade", "unidades"),
        "ship_to": ("morada", "endereço"),
        "ship_to.name": ("nome",),
        "ship_to.line1": ("rua",),
        "ship_to.city": ("localidade", "cidade"),
        "ship_to.region": ("estado", "província", "região"),
        "ship_to.postcode": ("código postal", "cep"),
        "ship_to.country": ("país",),
        "phone": ("telefone", "telemóvel", "celular"),
    },
)
