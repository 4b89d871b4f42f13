"""The standard templates and sentences in Japanese."""

from __future__ import annotations

from checkout_desk.correspondence.standard.milestones import ja as milestones
from checkout_desk.correspondence.standard.model import Standard

MISSING_DETAILS = """\
[GREETING]

このたびはご注文いただき、誠にありがとうございます。お見積もりをお送りする前に、次の点を教えていただけますでしょうか。

[MISSING_DETAILS]

このメールにそのままご返信ください。ログイン不要の、お客様専用のご注文ページからもご入力いただけます。
[CUSTOMER_PAGE]

ご注文 [ORDER_NUMBER] について、現在承っている内容は次のとおりです。
[ORDER_SUMMARY]

ご不明な点がございましたら、[CONTACT_INFO] までお気軽にお問い合わせください。

どうぞよろしくお願いいたします。
[STORE_NAME]
"""

REMINDER = """\
[GREETING]

先日、ご注文 [ORDER_NUMBER] について確認のメールをお送りいたしました。お手続きを進めるため、次の点を教えていただけますでしょうか。

[MISSING_DETAILS]

このメールにそのままご返信ください。ログイン不要の、お客様専用のご注文ページからもご入力いただけます。
[CUSTOMER_PAGE]

すでにご返信いただいている場合や、ご注文を希望されない場合は、お手続きは不要です。

ご不明な点がございましたら、[CONTACT_INFO] までお気軽にお問い合わせください。

どうぞよろしくお願いいたします。
[STORE_NAME]
"""

LANGUAGE = Standard(
    code="ja",
    name="Japanese",
    locale="ja_JP",
    quotes=("「", "」"),
    greeting="{name} 様",
    greeting_plain="お客様",
    nothing="まだ商品はありません",
    button="ご注文ページを開く",
    templates={
        **milestones.TEMPLATES,
        "missing_details": ("ご注文 [ORDER_NUMBER] について確認のお願い", MISSING_DETAILS),
        "missing_details_reminder": ("【再送】ご注文 [ORDER_NUMBER] について確認のお願い", REMINDER),
    },
    questions={
        "lines": "ご希望の商品と、それぞれの数量を教えてください。",
        "choice": "{words}は、次のどの商品でしょうか。",
        "unknown": "{words}とは、どの商品のことでしょうか。当店の商品の中に見つかりませんでした。",
        "quantity": "{product}の数量はいくつでしょうか。",
        "ship_to": "お届け先のご住所(お名前、郵便番号、都道府県、市区町村、番地、国名)を教えてください。",
        "ship_to_named": "お届け先のご住所(郵便番号、都道府県、市区町村、番地、国名)を教えてください。",
        "ship_to.name": "お届け先のお名前を教えてください。",
        "ship_to.line1": "お届け先の番地を教えてください。",
        "ship_to.line1_at": "お届け先({city})の番地を教えてください。",
        "ship_to.city": "お届け先の市区町村を教えてください。",
        "ship_to.city_at": "お届け先({line1})の市区町村を教えてください。",
        "ship_to.region": "お届け先の都道府県(州・地域)を教えてください。",
        "ship_to.region_at": "お届け先({place})の都道府県(州・地域)を教えてください。",
        "ship_to.postcode": "お届け先の郵便番号を教えてください。",
        "ship_to.postcode_at": "お届け先({place})の郵便番号を教えてください。",
        "ship_to.country": "お届け先の国名を教えてください。",
        "ship_to.country_at": "お届け先({place})の国名を教えてください。",
        "phone": "配送業者からご連絡できるお電話番号を教えてください。",
    },
    cues={
        "lines": ("どの商品", "ご希望の商品"),
        "quantity": ("数量", "いくつ", "個数"),
        "ship_to": ("住所",),
        "ship_to.name": ("名前", "氏名", "宛名"),
        "ship_to.line1": ("番地",),
        "ship_to.city": ("市区町村",),
        "ship_to.region": ("都道府県", "州"),
        "ship_to.postcode": ("郵便番号",),
        "ship_to.country": ("国",),
        "phone": ("電話",),
    },
)
