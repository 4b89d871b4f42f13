"""The mails and sentences about returns in Japanese."""

from __future__ import annotations

from typing import Final

_END = """
ご不明な点がございましたら、このメールにご返信いただくか、[CONTACT_INFO] までご連絡ください。

どうぞよろしくお願いいたします。
[STORE_NAME]
"""

APPROVED = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] の返品 [RETURN_NUMBER] を承りました。対象の商品は次のとおりです。

[RETURN_ITEMS]

[RETURN_INSTRUCTIONS]

返送先: [RETURN_ADDRESS]

返品の状況はこちらでご覧いただけます。ログインは不要です。
[CUSTOMER_PAGE]
{_END}"""

REFUSED = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] について、次の商品の返品をご希望いただきました。

[RETURN_ITEMS]

申し訳ございませんが、返品をお受けすることができません。理由は次のとおりです。
[REASON]

商品はお送りにならないようお願いいたします。当店の誤りでしたらお知らせください。担当者が改めて確認いたします。
{_END}"""

RECEIVED = f"""\
[GREETING]

返品 [RETURN_NUMBER] の商品が当店に到着しました。

[RETURN_ITEMS]

これから確認し、終わり次第ご連絡いたします。お客様に行っていただくことはございません。
{_END}"""

SETTLED = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] の返品 [RETURN_NUMBER] の手続きが完了しました。

[RETURN_ITEMS]

[RETURN_OUTCOME]
{_END}"""

TEMPLATES: Final = {
    "order_return_approved": ("返品 [RETURN_NUMBER] のご案内", APPROVED),
    "order_return_refused": ("ご注文 [ORDER_NUMBER] の返品について", REFUSED),
    "order_return_received": ("返品 [RETURN_NUMBER] が到着しました", RECEIVED),
    "order_return_settled": ("返品 [RETURN_NUMBER] の手続きが完了しました", SETTLED),
}

SENTENCES: Final = {
    "pack": "しっかり梱包し、荷物の外側に {number} とお書きいただくか、この番号を書いた紙を同封してください。どなたのお荷物か分かるようにするためです。",
    "customer": "返送料はお客様のご負担となります。当店からご連絡するまで、控えを保管してください。",
    "store": "返送料は当店が負担いたします。運送会社の控えを保管し、その写真をお送りください。",
    "keep": "商品をお送りいただく必要はございません。お手元でお使いいただくか、処分してください。",
    "refund": "お支払いいただいた方法で {amount} を返金いたします。銀行の場合、反映まで数営業日かかることがございます。",
    "exchange": "交換の商品はご注文 {number} としてお送りします。発送時に追跡番号をお知らせいたします。",
    "nothing": "お支払いする金額はございません。",
    "partly": "{quantity}点中{received}点到着",
}
