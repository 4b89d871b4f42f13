"""The mails and sentences about parcels in Japanese."""

from __future__ import annotations

from typing import Final

_END = """
ご不明な点がございましたら、このメールにご返信いただくか、[CONTACT_INFO] までお問い合わせください。

どうぞよろしくお願いいたします。
[STORE_NAME]
"""

DELIVERED = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] の配達が完了したと、配送会社より連絡がございました。お気に召していただければ幸いです。

お手元に届いていない場合や、不足・破損がございました場合は、このメールにご返信ください。すぐに対応いたします。
{_END}"""

DELAYED = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] の配送が予定どおりに進んでおりません。ご迷惑をおかけし、申し訳ございません。

[PARCEL_STATUS]

配送会社：[CARRIER]
追跡番号：[TRACKING_NUMBER]
荷物を追跡する：[TRACKING_LINK]
お届け予定日：[ESTIMATED_DELIVERY_DATE]

ただいま配送会社に確認しており、あらためてご連絡いたします。お届け先についてのご希望などがございましたら、どうぞお知らせください。

ご注文の状況は、ログイン不要のご注文ページでもご覧いただけます。
[CUSTOMER_PAGE]
{_END}"""

CORRECTED = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] についてお知らせした追跡番号に誤りがございました。申し訳ございません。正しい番号は次のとおりです。

追跡番号：[TRACKING_NUMBER]
荷物を追跡する：[TRACKING_LINK]
お届け予定日：[ESTIMATED_DELIVERY_DATE]

次の番号は使用なさらないでください：[OLD_TRACKING_NUMBER]
{_END}"""

SHORT = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] の梱包中に、次の商品の在庫が不足していることが分かりました。

[MISSING_ITEMS]

申し訳ございません。ご希望をお知らせいただけますでしょうか。
1. 残りの商品を先に送り、不足分は追加料金なしで後から送る
2. 残りの商品を先に送り、不足分の代金を返金する
3. すべてそろってからまとめて送る
{_END}"""

WHERE = f"""\
[GREETING]

お問い合わせありがとうございます。ご注文 [ORDER_NUMBER] の現在の状況は次のとおりです。

[PARCEL_STATUS]

追跡番号：[TRACKING_NUMBER]
荷物を追跡する：[TRACKING_LINK]
お届け予定日：[ESTIMATED_DELIVERY_DATE]

ご注文の状況は、ログイン不要のご注文ページでもご覧いただけます。
[CUSTOMER_PAGE]
{_END}"""

ADDRESS = f"""\
[GREETING]

ご注文 [ORDER_NUMBER] のページで、次の住所へのお届けをご依頼いただきました。

[NEW_ADDRESS]

ご本人でしたら、2日以内にこちらでご確認ください。
[CUSTOMER_PAGE]

お心当たりがない場合は、何もなさらず当店にお知らせください。ご確認がない限り、元のお届け先にお送りします。
{_END}"""

TEMPLATES: Final = {
    "order_address_asked": ("ご注文 [ORDER_NUMBER] の新しいお届け先をご確認ください", ADDRESS),
    "order_delivered": ("ご注文 [ORDER_NUMBER] の配達が完了しました", DELIVERED),
    "order_delayed": ("ご注文 [ORDER_NUMBER] の配送が遅れています", DELAYED),
    "order_tracking_corrected": ("ご注文 [ORDER_NUMBER] の正しい追跡番号", CORRECTED),
    "order_item_short": ("ご注文 [ORDER_NUMBER] の商品が不足しています", SHORT),
    "order_where": ("ご注文 [ORDER_NUMBER] の配送状況", WHERE),
}

SENTENCES: Final = {
    "follow": "ご注文の状況は、ログイン不要のご注文ページでもご覧いただけます。",
    "asked": "お客様からのご回答をお待ちしております。",
    "open": "内容を確認しており、金額とお支払い方法をお知らせいたします。",
    "unpaid": "お支払いをお待ちしております。",
    "paid": "お支払いを確認し、これから梱包いたします。",
    "packing": "ただいま梱包しております。",
    "leaves": "{date}までに発送する予定です。",
    "cancelled": "キャンセルされています。",
    "handed_over": "配送会社に引き渡しました。最初の通過記録を待っています。",
    "in_transit": "お届け先へ輸送中です。",
    "out_for_delivery": "配達に出ています。",
    "failed_attempt": "配達に伺いましたが、お届けできませんでした。",
    "available_for_pickup": "受け取り場所に到着しています。",
    "delivered": "{date}に配達が完了しました。",
    "exception": "配送会社より、荷物に問題があるとの連絡がございました。",
    "returning": "荷物は弊店へ返送されています。",
    "returned_to_sender": "荷物は弊店に戻りました。",
    "lost": "配送会社で荷物の所在が確認できません。",
    "last_scan": "最新の通過記録：{when}",
    "parcel": "荷物 {n} / {count}：",
}
