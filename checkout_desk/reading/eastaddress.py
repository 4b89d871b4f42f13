"""Japanese addresses: postcode, prefecture, city, the rest, and a name before or behind."""

from __future__ import annotations

import re
import unicodedata

from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import ShipTo, Span, Value

_ADDRESS = re.compile(
    r"(?:〒? ?(?P<postcode>\d{3}-?\d{4})[\s,]{0,6})?(?:日本国?)?(?P<region>北海道|東京都|京都府|大阪府|(?:神奈川|和歌山|鹿児島|[^\s\d:、。]{2})県)\s?"
    r"(?P<city>[^\s\d、。]{1,6}?市|[^\s\d、。]{1,5}?区|[^\s\d、。]{1,5}?郡[^\s\d、。]{1,5}?[町村]|[^\s\d、。]{1,6}?[町村])\s?(?P<line1>[^\s、。]{1,40})(?P<more>[ ][^\n\d]{1,20}(?:\d{1,4}(?:号室?|階|f)?(?![\d-]))?)?"
)
_NAME_LABEL = re.compile(
    r"(?:お名前|氏名|名前|宛名|受取人|お届け先名)[ ]?[::]?[ ]?(?P<name>[^\s、。\d][^\n、。\d]{1,18})"
)
_NAME = re.compile(
    r"(?:(?:株式|有限|合同)会社[^\s\d、。]{1,14}|[^\s\d、。]{1,14}(?:株式|有限|合同)会社)(?:[ ][^\s\d、。]{1,8}[部課係室店])?|[\u3400-\u9fff\u3041-\u30ff\u3005]{1,6}[ ]?[\u3400-\u9fff\u3041-\u30ff\u3005]{0,6}(?:様)?"
)
_BUILDING = re.compile(
    r"[ ]?\n(?P<building>[^\n、。:]{2,24}(?:ビル|マンション|ハイツ|荘|コーポ|アパート|タワー|号室?|階|\d{1,2}f)[^\n、。:]{0,10})(?=\n|$)"
)
_CODE = re.compile(r"(?:〒|郵便番号[ ]?[::]?)[ ]?(\d{3}-?\d{4})(?!\d)")
# The last word of its kind before an address says what it is for.
_BILL = re.compile(
    r"(?:請求先|請求書送付先|ご依頼主|依頼主|送り主|贈り主)(?:(?!届け先|送付先|送り先|配送先)[^\d])*$"
)
_SHIP = re.compile(r"(?:届け先|送付先|送り先|配送先|納品先)(?:(?!請求先|依頼主|送り主)[^\d])*$")
_HOUSED = re.compile(r"\d|号|階|ビル|マンション|ハイツ")
_POLITE = re.compile(r"[ ]?(?:です|まで|宛て?|へ)[^\n]*$")
_NOT_NAME = re.compile(r"電話|届け|住所|宛先|は$|先$|送付|お願い|注文|よろしく|です|ます|商品|以上")


def japanese_address(canon: Canon, *, source: str) -> tuple[ShipTo, Span] | None:
    """The last Japanese address of a text with the range that it takes, or None."""
    matches = list(_ADDRESS.finditer(canon.low))
    if not matches:
        return None
    found = next(
        (m for m in reversed(matches) if not _BILL.search(canon.low[: m.start()][-60:])), matches[-1]
    )
    if (ship := [m for m in matches if _SHIP.search(canon.low[: m.start()][-60:])]) and found not in ship:
        found = ship[-1]
    below = _BUILDING.match(canon.low, found.end("line1"))
    housed = found["more"] and _HOUSED.search(found["more"]) and not re.search(r"電話|tel", found["more"])
    name = _name(canon.low, found, below.end() if below else found.end() if housed else found.end("line1"))
    building: Span | None = below.span("building") if below else None
    code = found.span("postcode")
    if code[0] < 0 and (labelled := _CODE.search(canon.low, max(0, found.start() - 120), found.start())):
        code = labelled.span(1)
    if found["more"]:
        start = found.start("more") + 1
        who = _POLITE.sub("", found["more"])
        if name is None and _NAME.fullmatch(who.strip()) and not _NOT_NAME.search(who):
            name = (start, found.start("more") + len(who))
        elif housed:
            building = (start, found.end("more"))

    def value(span: Span | None) -> Value | None:
        if not span or span[0] < 0:
            return None
        text = unicodedata.normalize("NFKC", canon.shown(*span)).strip().removesuffix("様").strip()
        return Value(text, "address-japan", 0.95, source, canon.span(*span)) if text else None

    said = value(name)
    country = Value("JP", "country-inferred", 0.9, source, inferred=True)
    result = ShipTo(
        said, value(found.span("line1")), value(building), value(found.span("city")), value(found.span("region")),
        value(code), country,
    )  # fmt: skip
    start = min(found.start(), name[0]) if name and found.start() - name[1] < 3 else found.start()
    end = max(below.end() if below else found.end("line1"), name[1] if name else 0)
    return result, (start, end)


def _name(low: str, found: re.Match[str], end: int) -> Span | None:
    if label := _NAME_LABEL.search(low):
        return label.span("name")
    behind = re.compile(r"[ ]?\n(?P<name>[^\n\d]{2,28}?)(?=[ ]*(?:\n|$|[+(]?\d|電話|携帯|tel))").match(
        low, end
    )
    if behind and _NAME.fullmatch(behind["name"].strip()) and not _NOT_NAME.search(behind["name"]):
        return behind.span("name")
    above = low[: found.start()].rstrip("\n ").rpartition("\n")[2].strip()
    if _NAME.fullmatch(above) and not _NOT_NAME.search(above):
        at = low.rindex(above, 0, found.start())
        return at, at + len(above)
    return None
