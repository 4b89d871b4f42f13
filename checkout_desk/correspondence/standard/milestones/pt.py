"""The mails of an order's milestones in Portuguese."""

from __future__ import annotations

from typing import Final

_END = """
Tem alguma dúvida? Basta responder a este e-mail ou escrever para [CONTACT_INFO].

Com os melhores cumprimentos
[STORE_NAME]
"""

RECEIVED = f"""\
[GREETING]

Obrigado pela sua encomenda. Chegou até nós com o número [ORDER_NUMBER] e uma pessoa está a vê-la neste momento. Depois enviamos-lhe o preço e as formas de pagamento. Até lá, não precisa de fazer nada.

Isto é o que anotámos:
[ORDER_SUMMARY]

Acompanhe a sua encomenda aqui, sem precisar de se registar:
[CUSTOMER_PAGE]
{_END}"""

QUOTE = f"""\
[GREETING]

Obrigado pela sua encomenda [ORDER_NUMBER]. Este é o nosso orçamento:

[ORDER_SUMMARY]

Total a pagar: [TOTAL_DUE]
Reservamos os artigos para si a este preço até: [QUOTE_EXPIRES]

Pode pagar assim:
[PAYMENT_INSTRUCTIONS]

Confirme também a morada e diga-nos se a encomenda deve seguir para outro lugar:
[SHIPPING_ADDRESS]

Aceite, pague ou pergunte na página da sua encomenda, sem precisar de se registar:
[CUSTOMER_PAGE]
{_END}"""

REMINDER = f"""\
[GREETING]

Reservamos os artigos da sua encomenda [ORDER_NUMBER] até [QUOTE_EXPIRES]. Depois voltam a ficar à venda.

[ORDER_SUMMARY]

Total a pagar: [TOTAL_DUE]
Pode pagar assim:
[PAYMENT_INSTRUCTIONS]

Ou na página da sua encomenda, sem precisar de se registar:
[CUSTOMER_PAGE]

Se entretanto já pagou, ou se já não deseja a encomenda, não precisa de fazer nada.
{_END}"""

PAYMENT_RECEIVED = f"""\
[GREETING]

Obrigado, o seu pagamento de [AMOUNT] pela encomenda [ORDER_NUMBER] chegou.
{_END}"""

PAYMENT_SHORT = """\
[GREETING]

Obrigado, o seu pagamento de [AMOUNT] pela encomenda [ORDER_NUMBER] chegou. O total da encomenda é de [TOTAL_DUE], por isso ainda faltam [AMOUNT_MISSING].

Pode pagar o resto assim:
[PAYMENT_INSTRUCTIONS]

Ou na página da sua encomenda, sem precisar de se registar:
[CUSTOMER_PAGE]

Assim que chegar, preparamos a sua encomenda. Se preferir que lhe devolvamos o dinheiro, basta responder a este e-mail.

Com os melhores cumprimentos
[STORE_NAME]
"""

CONFIRMED = """\
Obrigado pela sua encomenda!
Número da encomenda: [ORDER_NUMBER]
Artigos: [ORDER_SUMMARY]
Morada de entrega: [SHIPPING_ADDRESS]
Prazo de envio previsto: [ESTIMATED_SHIPPING_TIME]
Se tiver alguma dúvida, contacte-nos em [CONTACT_INFO].
"""

SHIPPED = """\
A sua encomenda está a caminho!
Número de seguimento: [TRACKING_NUMBER]
Seguir a encomenda: [TRACKING_LINK]
Data de entrega prevista:
[ESTIMATED_DELIVERY_DATE]
Para saber mais, responda a este e-mail ou contacte-nos em [CONTACT_INFO].
"""

CANCELLED = f"""\
[GREETING]

A sua encomenda [ORDER_NUMBER] está cancelada. Por favor, já não a pague.
Motivo: [REASON]

Se já pagou, escrever-lhe-emos sobre o seu dinheiro.
{_END}"""

EXPIRED = f"""\
[GREETING]

O seu orçamento [QUOTE_NUMBER] foi válido até [QUOTE_EXPIRES]; já não reservamos os artigos para si. Por favor, já não o pague.

Se ainda os quiser, basta responder a este e-mail. Vemos o que está disponível e enviamos-lhe um novo orçamento.
{_END}"""

REFUNDED = f"""\
[GREETING]

Devolvemos-lhe [AMOUNT] da sua encomenda [ORDER_NUMBER], pela mesma via por que pagou. Nos bancos pode demorar alguns dias úteis até que o veja.
Motivo: [REASON]
{_END}"""

TEMPLATES: Final = {
    "order_received": ("Recebemos a sua encomenda [ORDER_NUMBER]", RECEIVED),
    "order_quote": ("O seu orçamento [QUOTE_NUMBER]", QUOTE),
    "order_reminder": ("O seu orçamento [QUOTE_NUMBER] termina em breve", REMINDER),
    "order_payment_received": ("O seu pagamento da encomenda [ORDER_NUMBER] chegou", PAYMENT_RECEIVED),
    "order_payment_short": (
        "O seu pagamento da encomenda [ORDER_NUMBER]: faltam [AMOUNT_MISSING]",
        PAYMENT_SHORT,
    ),
    "order_confirmed": ("A sua encomenda n.º [ORDER_NUMBER] está confirmada", CONFIRMED),
    "order_shipped": ("A sua encomenda n.º [ORDER_NUMBER] foi enviada!", SHIPPED),
    "order_cancelled": ("A sua encomenda [ORDER_NUMBER] está cancelada", CANCELLED),
    "order_expired": ("O seu orçamento [QUOTE_NUMBER] expirou", EXPIRED),
    "order_refunded": ("O seu reembolso da encomenda [ORDER_NUMBER]", REFUNDED),
}
