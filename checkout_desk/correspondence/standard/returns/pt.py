"""The mails and sentences about returns in Portuguese."""

from __future__ import annotations

from typing import Final

_END = """
Tem alguma pergunta? Responda a este e-mail ou escreva para [CONTACT_INFO].

Com os melhores cumprimentos
[STORE_NAME]
"""

APPROVED = f"""\
[GREETING]

A sua devolução [RETURN_NUMBER] da encomenda [ORDER_NUMBER] está combinada. Trata-se de:

[RETURN_ITEMS]

[RETURN_INSTRUCTIONS]

Envie para: [RETURN_ADDRESS]

Pode ver aqui o estado da sua devolução, sem registo:
[CUSTOMER_PAGE]
{_END}"""

REFUSED = f"""\
[GREETING]

Pediu para devolver algo da encomenda [ORDER_NUMBER]:

[RETURN_ITEMS]

Lamentamos, não podemos aceitar a devolução. O motivo:
[REASON]

Por favor, não envie nada. Se nos enganámos, diga-nos e alguém volta a ver o caso.
{_END}"""

RECEIVED = f"""\
[GREETING]

Recebemos a sua devolução [RETURN_NUMBER]:

[RETURN_ITEMS]

Vamos agora vê-la e voltamos a escrever assim que terminarmos. Não precisa de fazer nada.
{_END}"""

SETTLED = f"""\
[GREETING]

A sua devolução [RETURN_NUMBER] da encomenda [ORDER_NUMBER] está resolvida:

[RETURN_ITEMS]

[RETURN_OUTCOME]
{_END}"""

TEMPLATES: Final = {
    "order_return_approved": ("A sua devolução [RETURN_NUMBER]: como fazer", APPROVED),
    "order_return_refused": ("A sua devolução da encomenda [ORDER_NUMBER]", REFUSED),
    "order_return_received": ("A sua devolução [RETURN_NUMBER] chegou", RECEIVED),
    "order_return_settled": ("A sua devolução [RETURN_NUMBER] está resolvida", SETTLED),
}

SENTENCES: Final = {
    "pack": "Embale bem e escreva {number} no exterior da embalagem, ou ponha lá dentro um papel com este número. É assim que sabemos de quem é.",
    "customer": "Os custos da devolução ficam a seu cargo. Guarde o recibo até lhe escrevermos.",
    "store": "Nós pagamos os custos da devolução. Guarde o recibo da transportadora e envie-nos uma fotografia.",
    "keep": "Não precisa de devolver nada; fique com o artigo ou deite-o fora.",
    "refund": "Devolvemos-lhe {amount} pelo mesmo meio com que pagou. Com os bancos pode demorar alguns dias úteis.",
    "exchange": "O que pretende em troca é a encomenda {number}; recebe o número de seguimento quando sair.",
    "nothing": "Não há dinheiro a devolver.",
    "partly": "chegaram {received} de {quantity}",
}
