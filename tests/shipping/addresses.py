"""Addresses in nine scripts, and facts of a label to them."""

from __future__ import annotations

from typing import Any


def address(
    name: str, line1: str, city: str, postcode: str, country: str, line2: str = "", region: str = ""
) -> dict[str, str]:
    """Where a parcel goes."""
    return {
        "name": name, "line1": line1, "line2": line2, "city": city, "region": region, "postcode": postcode,
        "country": country, "phone": "",
    }  # fmt: skip


SCRIPTS = {
    "latin": address("Zoë Müller-Łódźkiewicz", "Żółta Straße 12a", "Düsseldorf", "40213", "DE"),
    "cyrillic": address("Александра Щербакова", "ул. Ленина, д. 12, кв. 5", "Москва", "101000", "RU"),
    "greek": address("Ελένη Παπαδοπούλου", "Οδός Ερμού 45", "Αθήνα", "105 63", "GR"),
    "arabic": address("محمد عبد الله الأحمد", "شارع الملك فهد 12", "الرياض", "11564", "SA", "شقة 5"),
    "hebrew": address("יוסף כהן", "רחוב הרצל 12", "תל אביב", "6688312", "IL"),
    "japanese": address(
        "渡辺 𠮷野", "千代田1-1-1", "千代田区", "100-0001", "JP", "コーポ桜 203号室", "東京都"
    ),
    "chinese": address("王小明", "中山东一路12号", "黄浦区", "200002", "CN", "", "上海市"),
    "korean": address("김철수", "세종대로 110", "중구", "04524", "KR", "", "서울특별시"),
    "thai": address("สมชาย ใจดีมาก", "123/45 ถนนสุขุมวิท", "เขตคลองเตย", "10110", "TH", "", "กรุงเทพมหานคร"),
}
LONG = address(
    ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3)[:200],
    ("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Street " * 4)[:200],
    ("Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokaiwhenuakitanatahu " * 2)[:120],
    "40213",
    "DE",
    ("Behind the second courtyard, left of the bakery, ask for Mrs Wolfeschlegelsteinhausenbergerdorff " * 3)[
        :200
    ],
)
"""as much as an order can hold"""
WIDEST = address("Ж" * 200, "Ш" * 200, "Ю" * 120, "40213", "DE", "Щ" * 200)
"""the same in letters that need most room, and no place to break"""
SENDER = {
    "name": "Fern & Kiln",
    "lines": ["14 Potter’s Row", "Bristol BS1 4ND"],
    "country": "GB",
    "language": "en",
}


def facts(recipient: dict[str, str], number: int = 1042, **parcel: Any) -> dict[str, Any]:
    """What a label to `recipient` keeps."""
    return {
        "sender": SENDER,
        "recipient": recipient,
        "parcel": {
            "name": f"{number}-P1", "order": number, "number": 1, "of": 2, "service": "Tracked 48",
            "carrier": "Royal Mail", "grams": 1240, **parcel,
        },
    }  # fmt: skip
