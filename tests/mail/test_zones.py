"""Own words are told from quotes, forwards and signatures in the ways of many programs and languages."""

import itertools

import pytest

from checkout_desk.mail.zones import fresh, preview, zones

OWN = "Three blue mugs, please."

ATTRIBUTIONS = [
    "On Mon, Jan 5, 2024 at 10:00 AM Jane Miller <jane@example.com> wrote:",
    "On Mon, Jan 5, 2024 at 10:00 AM Jane Miller <jane@example.com>\nwrote:",
    "On Mon, Jan 5, 2024 at 10:00 AM Jane\nMiller <jane@example.com>\nwrote:",
    "On 5 Jan 2024, at 10:00, Shop wrote:",
    "Am 05.01.2024 um 10:00 schrieb Laden:",
    "Am Fr., 5. Jan. 2024 um 10:00 Uhr schrieb Laden <laden@example.com>:",
    "Laden <laden@example.com> schrieb am Fr., 5. Jan. 2024, 10:00:",
    "Le ven. 5 janv. 2024 à 10:00, Boutique <b@example.com> a écrit :",
    "Le ven. 5 janv. 2024 à 10:00, Boutique <b@example.com> a\nécrit :",
    "El vie, 5 ene 2024 a las 10:00, Tienda (<t@example.com>) escribió:",
    "Em sex., 5 de jan. de 2024 às 10:00, Loja <l@example.com> escreveu:",
    "Il giorno ven 5 gen 2024 alle ore 10:00 Negozio <n@example.com> ha scritto:",
    "Op vr 5 jan 2024 om 10:00 schreef Winkel <w@example.com>:",
    "Op 5 jan. 2024 om 10:00 heeft Winkel <w@example.com> het volgende geschreven:",
    "Den fre 5 jan. 2024 kl 10:00 skrev Butik <b@example.com>:",
    "Den 5. jan. 2024 kl. 10.00 skrev Butik <b@example.com>:",
    "fre. 5. jan. 2024 kl. 10:00 skrev Butikk <b@example.com>:",
    "pe 5. tammik. 2024 klo 10.00 Kauppa (k@example.com) kirjoitti:",
    "pt., 5 sty 2024 o 10:00 Sklep <s@example.com> napisał(a):",
    "W dniu 05.01.2024 o 10:00, Sklep pisze:",
    "pá 5. 1. 2024 v 10:00 odesílatel Obchod <o@example.com> napsal:",
    "pi 5. 1. 2024 o 10:00 Obchod <o@example.com> napísal(a):",
    "Bolt <b@example.com> ezt írta (időpont: 2024. jan. 5., P, 10:00):",
    "În vin., 5 ian. 2024 la 10:00, Magazin <m@example.com> a scris:",
    "Dükkan <d@example.com>, 5 Oca 2024 Cum, 10:00 tarihinde şunu yazdı:",
    "пт, 5 янв. 2024 г. в 10:00, Магазин <m@example.com>:",
    "05.01.2024 10:00, Магазин пишет:",
    "пт, 5 січ. 2024 р. о 10:00 Магазин <m@example.com> пише:",
    "На пт, 5.01.2024 г. в 10:00 Магазин <m@example.com> написа:",
    "Στις Παρ 5 Ιαν 2024 στις 10:00 π.μ., ο χρήστης Shop <s@example.com> έγραψε:",
    "2024年1月5日(金) 10:00 店 <shop@example.com>:",
    "2024年1月5日 10:00、店 <shop@example.com>のメール:",
    "店 <shop@example.com> 于2024年1月5日周五 10:00写道：",
    "在 2024-01-05 10:00:00，店 <shop@example.com> 写道：",
    "2024년 1월 5일 (금) 오전 10:00, 가게 <shop@example.com>님이 작성:",
    "Vào Th 6, 5 thg 1, 2024 vào lúc 10:00 Shop <s@example.com> đã viết:",
    "Pada Jum, 5 Jan 2024 pukul 10.00 Toko <t@example.com> menulis:",
    "Dana pet, 5. sij 2024. u 10:00 Trgovina <t@example.com> je napisao/la:",
]


def kinds(text: str) -> list[str]:
    return [zone.kind for zone in zones(text)]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_the_quote_of_a_reply_is_cut_off(attribution: str, mark: str) -> None:
    text = f"{OWN}\n\n{attribution}\n\n{mark}Which colour do you want?\n{mark}Red or blue?\n"
    assert fresh(text) == OWN
    assert kinds(text) == ["own", "quoted"]


HEADERS = [
    "From: Shop <s@example.com>\nSent: Friday, January 5, 2024 10:00 AM\nTo: Jane\nSubject: Your order",
    "*From:* Shop <s@example.com>\n*Sent:* Friday, January 5, 2024 10:00 AM\n*To:* Jane\n*Subject:* Your order",
    "Von: Laden <l@example.com>\nGesendet: Freitag, 5. Januar 2024 10:00\nAn: Jane\nBetreff: Bestellung",
    "De : Boutique <b@example.com>\nEnvoyé : vendredi 5 janvier 2024 10:00\nÀ : Jane\nObjet : Commande",
    "De: Tienda <t@example.com>\nEnviado el: viernes, 5 de enero de 2024 10:00\nPara: Jane\nAsunto: Pedido",
    "Da: Negozio <n@example.com>\nInviato: venerdì 5 gennaio 2024 10:00\nA: Jane\nOggetto: Ordine",
    "Van: Winkel <w@example.com>\nVerzonden: vrijdag 5 januari 2024 10:00\nAan: Jane\nOnderwerp: Bestelling",
    "Från: Butik <b@example.com>\nSkickat: den 5 januari 2024 10:00\nTill: Jane\nÄmne: Beställning",
    "Fra: Butik <b@example.com>\nSendt: 5. januar 2024 10:00\nTil: Jane\nEmne: Bestilling",
    "Od: Sklep <s@example.com>\nWysłano: piątek, 5 stycznia 2024 10:00\nDo: Jane\nTemat: Zamówienie",
    "От: Магазин <m@example.com>\nОтправлено: 5 января 2024 г. 10:00\nКому: Jane\nТема: Заказ",
    "差出人: 店 <s@example.com>\n送信日時: 2024年1月5日 10:00\n宛先: Jane\n件名: 注文",
    "发件人: 店 <s@example.com>\n发送时间: 2024年1月5日 10:00\n收件人: Jane\n主题: 订单",
    "보낸 사람: 가게 <s@example.com>\n보낸 날짜: 2024년 1월 5일\n받는 사람: Jane\n제목: 주문",
    "Kimden: Dükkan <d@example.com>\nGönderildi: 5 Ocak 2024 10:00\nKime: Jane\nKonu: Sipariş",
    "-----Original Message-----\nFrom: Shop",
    "-----Ursprüngliche Nachricht-----\nVon: Laden",
    "-------- Message d'origine --------\nDe : Boutique",
    "-----Mensaje original-----\nDe: Tienda",
    "-----Messaggio originale-----\nDa: Negozio",
    "-----Oorspronkelijk bericht-----\nVan: Winkel",
    "-----Исходное сообщение-----\nОт: Магазин",
    "-----元のメッセージ-----\n差出人: 店",
    "________________________________\nFrom: Shop <s@example.com>\nSent: Friday\nTo: Jane\nSubject: Your order",
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_block_starts_the_quote(header: str) -> None:
    assert fresh(f"{OWN}\n\n{header}\n\nWhich colour?\n\n> older\nMore of it") == OWN


@pytest.mark.parametrize(
    "line",
    [
        "Begin forwarded message:",
        "Anfang der weitergeleiteten Nachricht:",
        "---------- Forwarded message ---------",
        "---------- Message transféré ---------",
        "-------- Weitergeleitete Nachricht --------",
        "---------- Messaggio inoltrato ---------",
        "---------- 転送されたメッセージ ---------",
    ],
)
def test_a_forward_is_its_own_kind(line: str) -> None:
    text = f"See below.\n\n{line}\nFrom: Jane <jane@example.com>\nSubject: Order\n\nTwo mugs"
    assert kinds(text) == ["own", "forwarded"]
    assert fresh(text) == "See below."


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Verzonden vanaf mijn iPhone",
        "Skickat från min iPhone",
        "Отправлено с iPhone",
        "iPhoneから送信",
        "发自我的 iPhone",
        "나의 iPhone에서 보냄",
        "iPhone'umdan gönderildi",
        "Wysłane z iPhone'a",
        "-- \nJane Miller\nBlue Café",
        "--\nJane Miller",
    ],
)
def test_a_signature_is_folded(line: str) -> None:
    text = f"{OWN}\n\n{line}"
    assert kinds(text) == ["own", "signature"]
    assert fresh(text) == OWN


def test_answers_below_and_between_quotes_stay_own() -> None:
    text = "On 5 Jan 2024, at 10:00, Shop wrote:\n> Which colour?\n\nBlue.\n\n> How many?\nThree.\n"
    assert fresh(text) == "Blue.\nThree."
    assert kinds(text) == ["quoted", "own", "quoted", "own"]


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote:\nthree mugs, but I need four.",
        "Am 12.03.2024 schrieb ich Ihnen:\nbitte vier Tassen.",
        "He wrote:\nplease send it soon.",
        "Please deliver on 5 March 2024 at 10:00 to:\nJane Miller\n14 Station Road",
        "From: Berlin\nTo: Leeds\nDate: 5 March 2024\nHow much is the parcel?",
        "We were sent from my old address to the new mobile home,\nso please update it.",
        "> 5 kg each\n3 sacks of flour please",
        "I need:\n- 3 mugs\n- 2 bowls",
        "-- 3 mugs",
        "Subject: mugs\nthree please",
        "Pay to: jane@example.com\nThree mugs",
    ],
)
def test_ordinary_text_is_all_own(text: str) -> None:
    assert kinds(text) == ["own"]


def test_nothing_left_shows_everything() -> None:
    assert fresh("> two mugs\n> one bowl") == "two mugs\none bowl"
    assert fresh("---------- Forwarded message ---------\nFrom: A\n\nTwo mugs").endswith("Two mugs")
    assert zones("") == [] and fresh("") == "" and preview("") == ""


@pytest.mark.parametrize(
    "text", ["a\r\n> b\r\nc", "\n\n> x\n\n", "-- \n", ">", ":", "-", "a\n-- \nb\n> c\nd\n"]
)
def test_zones_cover_the_text(text: str) -> None:
    found = zones(text)
    assert "".join(text[zone.start : zone.end] for zone in found) == text
    assert all(a.kind != b.kind for a, b in itertools.pairwise(found))


def test_preview_is_one_short_line() -> None:
    assert preview("Hello,\n\n three   mugs\n> old") == "Hello, three mugs"
    short = preview("word " * 100, length=50)
    assert len(short) <= 50 and short.endswith("word…")
