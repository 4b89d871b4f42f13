"""The mails of an order's milestones in Japanese."""

from __future__ import annotations

from typing import Final

_END = """
ご不明な点がございましたら、このメールにご返信いただくか、[CONTACT_INFO] までお問い合わせください。

どうぞよろしくお願いいたします。
[STORE_NAME]
"""

RECEIVED = f"""\
[GREETING]

このたびはご注文いただき、誠にありがとうございます。注文番号 [ORDER_NUMBER] として承り、ただいま担当者が内容を確認しております。追って金額とお支払い方法をお知らせいたします。それまでお手続きは不要です。

承った内容は次のとおりです。
[ORDER_SUMMARY]

ご注文の状況は、ログイン不要のご注文ページでご覧いただけます。
[CUSTOMER_PAGE]
{_END}"""

QUOTE = f"""\
[GREETING]

このたびはご注文 [ORDER_NUMBER] をいただき、誠にありがとうございます。お見積もりは次のとおりです。

[ORDER_SUMMARY]

お支払い金額：[TOTAL_DUE]
この価格での商品のお取り置き期限：[QUOTE_EXPIRES]

お支払い方法は次のとおりです。
[PAYMENT_INSTRUCTIONS]

お届け先もご確認ください。別の住所への配送をご希望の場合は、お知らせください。
[SHIPPING_ADDRESS]

ご承諾、お支払い、ご質問は、ログイン不要のご注文ページで承っております。
[CUSTOMER_PAGE]
{_END}"""

REMINDER = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] の商品を [QUOTE_EXPIRES] までお取り置きしております。期限を過ぎますと、お取り置きは終了いたします。

[ORDER_SUMMARY]

お支払い金額：[TOTAL_DUE]
お支払い方法は次のとおりです。
[PAYMENT_INSTRUCTIONS]

ログイン不要のご注文ページからもお支払いいただけます。
[CUSTOMER_PAGE]

すでにお支払いいただいている場合や、ご注文を希望されない場合は、お手続きは不要です。
{_END}"""

PAYMENT_RECEIVED = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] のお支払い [AMOUNT] を確認いたしました。誠にありがとうございます。
{_END}"""

PAYMENT_SHORT = """\
[GREETING]

ご注文 [ORDER_NUMBER] のお支払い [AMOUNT] を確認いたしました。誠にありがとうございます。ご注文の合計金額は [TOTAL_DUE] ですので、[AMOUNT_MISSING] が不足しております。

不足分のお支払い方法は次のとおりです。
[PAYMENT_INSTRUCTIONS]

ログイン不要のご注文ページからもお支払いいただけます。
[CUSTOMER_PAGE]

ご入金を確認次第、荷物を梱包いたします。ご返金を希望される場合は、このメールにご返信ください。

どうぞよろしくお願いいたします。
[STORE_NAME]
"""

CONFIRMED = """\
ご注文ありがとうございます！
注文番号：[ORDER_NUMBER]
商品：[ORDER_SUMMARY]
お届け先：[SHIPPING_ADDRESS]
配送日数の目安：[ESTIMATED_SHIPPING_TIME]
ご不明な点は [CONTACT_INFO] までお問い合わせください。
"""

SHIPPED = """\
ご注文の商品を発送いたしました！
追跡番号：[TRACKING_NUMBER]
荷物を追跡する：[TRACKING_LINK]
お届け予定日：
[ESTIMATED_DELIVERY_DATE]
配送状況については、このメールにご返信いただくか、[CONTACT_INFO] までお問い合わせください。
"""

CANCELLED = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] はキャンセルされました。お支払いはなさらないでください。
理由：[REASON]

すでにお支払いいただいている場合は、代金について改めてご連絡いたします。
{_END}"""

EXPIRED = f"""\
[GREETING]

お見積もり [QUOTE_NUMBER] の有効期限（[QUOTE_EXPIRES]）が過ぎたため、商品のお取り置きを終了いたしました。お支払いはなさらないでください。

引き続きご希望の場合は、このメールにご返信ください。在庫を確認し、新しいお見積もりをお送りいたします。
{_END}"""

REFUNDED = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] の代金 [AMOUNT] を、お支払い時と同じ方法で返金いたしました。銀行によっては、反映まで数営業日かかる場合がございます。
理由：[REASON]
{_END}"""

TEMPLATES: Final = {
    "order_received": ("ご注文 [ORDER_NUMBER] を承りました", RECEIVED),
    "order_quote": ("お見積もり [QUOTE_NUMBER]", QUOTE),
    "order_reminder": ("お見積もり [QUOTE_NUMBER] の期限が近づいています", REMINDER),
    "order_payment_received": ("ご注文 [ORDER_NUMBER] のご入金を確認いたしました", PAYMENT_RECEIVED),
    "order_payment_short": (
        "ご注文 [ORDER_NUMBER] のお支払い：[AMOUNT_MISSING] が不足しております",
        PAYMENT_SHORT,
    ),
    "order_confirmed": ("ご注文（番号 [ORDER_NUMBER]）が確定いたしました", CONFIRMED),
    "order_shipped": ("ご注文（番号 [ORDER_NUMBER]）を発送いたしました", SHIPPED),
    "order_cancelled": ("ご注文 [ORDER_NUMBER] はキャンセルされました", CANCELLED),
    "order_expired": ("お見積もり [QUOTE_NUMBER] の期限が切れました", EXPIRED),
    "order_refunded": ("ご注文 [ORDER_NUMBER] のご返金のお知らせ", REFUNDED),
}
