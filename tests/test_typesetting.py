"""Pages of typst: the desk's fonts alone, the same bytes every time, nothing of the words is markup."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from checkout_desk import typesetting

SOURCE = b"""
#let d = json(bytes(sys.inputs.data))
#set page(width: 80mm, height: 20mm, margin: 2mm)
#set text(font: d.fonts)
#d.words
"""
WORDS = "Zoë Łódź Привет Ελλάδα محمد יוסף สมชาย 渡辺 𠮷野 王 김철수"
AT = datetime(2026, 11, 22, 5, tzinfo=UTC)


def _data(words: str) -> dict[str, object]:
    return {"words": words, "fonts": typesetting.families(words)}


def test_the_same_words_are_the_same_bytes_whoever_else_prints() -> None:
    first = typesetting.pdf(SOURCE, _data(WORDS), at=AT)
    with ThreadPoolExecutor(4) as pool:
        again = list(
            pool.map(lambda n: typesetting.pdf(SOURCE, _data(WORDS if n % 2 else str(n)), at=AT), range(8))
        )
    assert first.startswith(b"%PDF")
    assert {page for n, page in enumerate(again) if n % 2} == {first}
    assert first not in again[::2]


def test_nothing_that_somebody_writes_is_markup() -> None:
    plain = typesetting.pictures(SOURCE, _data("x"), dpi=72)
    hostile = typesetting.pictures(SOURCE, _data('#panic("no") $ x $ ] #['), dpi=72)
    assert len(plain) == len(hostile) == 1 and plain != hostile


def test_the_fonts_say_what_they_lack() -> None:
    assert typesetting.undrawable(WORDS) == []
    assert typesetting.undrawable("Ann ნინო 😀 ნ") == ["ნ", "ი", "ო", "😀"]
    assert {0x41, 0x0E2A, 0xAC00, 0x9FA5, 0x20BB7, 0xFA11} <= typesetting.covered()


def test_the_country_chooses_between_the_shapes_of_a_shared_character() -> None:
    first = {place: typesetting.families("直", country=place)[4] for place in ("JP", "CN", "TW", "KR", "DE")}
    assert first == {
        "JP": "Noto Sans JP",
        "CN": "Noto Sans SC",
        "TW": "Noto Sans TC",
        "KR": "Noto Sans KR",
        "DE": "Noto Sans SC",
    }
    assert typesetting.families("ひろし 直", country="CN")[4] == "Noto Sans JP"
    assert typesetting.families("직", language="ja")[4] == "Noto Sans KR"


def test_words_are_cleaned_of_what_turns_a_line_around() -> None:
    assert typesetting.clean(" Ann\u202e\u0000 Cafe\u0301\r\n") == "Ann Café"
    assert typesetting.right_to_left("12, شارع Main") and not typesetting.right_to_left("Main שלום")
