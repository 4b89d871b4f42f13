"""The mails and sentences about parcels in Portuguese."""

from __future__ import annotations

from typing import Final

_END = """
Tem alguma dúvida? Basta responder a este e-mail ou escrever para [CONTACT_INFO].

Com os melhores cumprimentos
[STORE_NAME]
"""

DELIVERED = f"""\
[GREETING]

A transportadora informa que a sua encomenda [ORDER_NUMBER] foi entregue. Esperamos que goste.

Não lhe chegou, ou falta alguma coisa ou está danificada? Responda a este e-mail e tratamos disso.
{_END}"""

DELAYED = f"""\
[GREETING]

A sua encomenda [ORDER_NUMBER] não está a avançar como devia, e lamentamos.

[PARCEL_STATUS]

Transportadora: [CARRIER]
Número de seguimento: [TRACKING_NUMBER]
Seguir a encomenda: [TRACKING_LINK]
Data de entrega prevista: [ESTIMATED_DELIVERY_DATE]

Estamos a perguntar à transportadora e voltamos a escrever-lhe. Há alguma coisa que possa ajudar, por exemplo um vizinho que receba a encomenda? Diga-nos, por favor.

Pode acompanhar a sua encomenda aqui, sem precisar de se registar:
[CUSTOMER_PAGE]
{_END}"""

CORRECTED = f"""\
[GREETING]

O número de seguimento que lhe enviámos para a encomenda [ORDER_NUMBER] estava errado, e lamentamos. Este é o correto:

Número de seguimento: [TRACKING_NUMBER]
Seguir a encomenda: [TRACKING_LINK]
Data de entrega prevista: [ESTIMATED_DELIVERY_DATE]

Por favor, não use mais este número: [OLD_TRACKING_NUMBER]
{_END}"""

SHORT = f"""\
[GREETING]

Ao preparar a sua encomenda [ORDER_NUMBER], vimos que falta alguma coisa no nosso armazém:

[MISSING_ITEMS]

Lamentamos. Diga-nos, por favor, o que prefere:
1. Enviamos o resto agora e o que falta mais tarde, sem custos adicionais.
2. Enviamos o resto agora e devolvemos-lhe o dinheiro do que falta.
3. Esperamos até podermos enviar tudo junto.
{_END}"""

WHERE = f"""\
[GREETING]

Obrigado pela sua pergunta. É assim que está a sua encomenda [ORDER_NUMBER]:

[PARCEL_STATUS]

Número de seguimento: [TRACKING_NUMBER]
Seguir a encomenda: [TRACKING_LINK]
Data de entrega prevista: [ESTIMATED_DELIVERY_DATE]

Pode acompanhar a sua encomenda aqui, sem precisar de se registar:
[CUSTOMER_PAGE]
{_END}"""

ADDRESS = f"""\
[GREETING]

Na página da sua encomenda [ORDER_NUMBER] pediram-nos para enviar o volume para aqui:

[NEW_ADDRESS]

Foi o senhor ou a senhora? Então confirme, por favor, nos próximos dois dias:
[CUSTOMER_PAGE]

Se não foi, não faça nada e avise-nos: enquanto ninguém confirmar, o volume segue para a morada prevista.
{_END}"""

TEMPLATES: Final = {
    "order_address_asked": ("A sua encomenda [ORDER_NUMBER]: confirme a nova morada", ADDRESS),
    "order_delivered": ("A sua encomenda [ORDER_NUMBER] foi entregue", DELIVERED),
    "order_delayed": ("A sua encomenda [ORDER_NUMBER] está atrasada", DELAYED),
    "order_tracking_corrected": ("A sua encomenda [ORDER_NUMBER]: o número de seguimento correto", CORRECTED),
    "order_item_short": ("A sua encomenda [ORDER_NUMBER]: falta um artigo no nosso armazém", SHORT),
    "order_where": ("Onde está a sua encomenda [ORDER_NUMBER]", WHERE),
}

SENTENCES: Final = {
    "follow": "Pode acompanhar a sua encomenda aqui, sem precisar de se registar:",
    "asked": "Ainda esperamos alguns dados seus.",
    "open": "Estamos a analisá-la e enviar-lhe-emos o preço e as formas de pagamento.",
    "unpaid": "Está à espera do seu pagamento.",
    "paid": "Está paga e vamos prepará-la a seguir.",
    "packing": "Estamos a prepará-la.",
    "leaves": "Deve sair do nosso armazém até {date}.",
    "cancelled": "Está cancelada.",
    "handed_over": "A transportadora tem a encomenda; ainda não a leu.",
    "in_transit": "A encomenda está a caminho.",
    "out_for_delivery": "A encomenda está em distribuição.",
    "failed_attempt": "A transportadora tentou entregar a encomenda e não conseguiu.",
    "available_for_pickup": "A encomenda está pronta para levantar.",
    "delivered": "A encomenda foi entregue em {date}.",
    "exception": "A transportadora comunica um problema com a encomenda.",
    "returning": "A encomenda está a voltar para nós.",
    "returned_to_sender": "A encomenda voltou para nós.",
    "lost": "A transportadora não encontra a encomenda.",
    "last_scan": "Última leitura: {when}",
    "parcel": "Volume {n} de {count}:",
}
