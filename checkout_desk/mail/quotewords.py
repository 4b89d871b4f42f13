"""The words by which mail programs announce quoted and forwarded mail, in the languages that customers use.

Only patterns live here; `zones` decides with them. Each is tried on single lines of limited length and is linear.
"""

from __future__ import annotations

import re

# Label of an Outlook-like header block, by what it stands for.
FROM = (
    "from|von|de|da|van|från|fra|lähettäjä|od|feladó|de la|kimden|gönderen|от|від|差出人|送信元|发件人|寄件者|보낸 사람"
    "|보낸사람|από|pošiljatelj|dari|từ|מאת|من|nadawca|šalje|remitente|expéditeur|mittente|avsender|afzender|absender"
    "|avsändare|afsender|odesílatel|odosielateľ|expeditor|отправитель|saatja|nuo|no"
)
DATE = (
    "sent|date|gesendet|datum|envoyé|envoyé le|enviado|enviado el|enviada em|enviado em|enviada|data|fecha|inviato"
    "|data invio|verzonden|skickat|sendt|dato|lähetetty|päivämäärä|päiväys|wysłano|odesláno|odoslané|dátum|elküldve"
    "|küldve|küldés ideje|trimis|gönderildi|gönderme tarihi|tarih|отправлено|дата|надіслано|送信日時|日付|日時"
    "|发送时间|日期|寄件日期|보낸 날짜|보낸날짜|날짜|ημερομηνία|στάλθηκε|изпратено|poslano|dikirim|tanggal|đã gửi|ngày"
    "|נשלח|תאריך|التاريخ|تاريخ|saadetud|išsiųsta"
)
TO = (
    "to|an|à|para|a|aan|till|til|vastaanottaja|do|komu|címzett|către|kime|alıcı|кому|до|宛先|收件人|받는 사람|받는사람"
    "|προς|za|prima|kepada|đến|אל|إلى|cc|kopie|kopia|copie|копия|抄送|참조|destinatario|empfänger"
)
SUBJECT = (
    "subject|betreff|objet|asunto|oggetto|onderwerp|assunto|ämne|emne|aihe|temat|předmět|predmet|tárgy|subiect|konu"
    "|тема|件名|主题|主題|主旨|제목|θέμα|perihal|subjek|chủ đề|נושא|الموضوع|относно|zadeva|teema|tema"
)
LABEL = re.compile(
    rf"[*_ \t|]{{0,4}}(?:(?P<from>{FROM})|(?P<date>{DATE})|(?P<subject>{SUBJECT})|(?P<to>{TO}))"
    r"[*_ \xa0]{0,3}[:：]",
    re.IGNORECASE,
)

# "-----Original Message-----" and its like.
ORIGINAL = re.compile(
    r"original message|original appointment|originalnachricht|ursprüngliche nachricht|message d.origine"
    r"|message original|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original"
    r"|originalmeddelande|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti"
    r"|wiadomość oryginalna|oryginalna wiadomość|původní (?:zpráva|e-mail)|pôvodná správa|eredeti üzenet"
    r"|mesaj original|mesajul original|özgün ileti|orijinal mesaj|исходное сообщение|оригинальное сообщение"
    r"|вихідне повідомлення|оригинално съобщение|元のメッセージ|オリジナルメッセージ|original メッセージ|原始邮件|邮件原件|原始郵件"
    r"|원본 메시지|원본 메일|αρχικό μήνυμα|izvorna poruka|izvirno sporočilo|tin nhắn gốc|thư gốc|pesan asli"
    r"|הודעה מקורית|الرسالة الأصلية|reply message|reply to message",
    re.IGNORECASE,
)

# "---------- Forwarded message ---------", "Begin forwarded message:".
FORWARD = re.compile(
    r"forwarded (?:message|mail|by)|weitergeleitete nachricht|weitergeleiteten nachricht|message (?:transféré|réexpédié)"
    r"|mensaje (?:reenviado|original reenviado)|messaggio inoltrato|doorgestuurd bericht|mensagem (?:en|reen)caminhada"
    r"|vidarebefordrat (?:meddelande|brev)|videresendt (?:besked|melding|meddelelse)|välitetty viesti|edelleenlähetetty"
    r"|przekazan[ae]j? wiadomoś|wiadomość przekazan|přeposlan|preposlan|továbbított üzenet|mesaj redirecționat"
    r"|yönlendirilmiş ileti|iletilen mesaj|пересылаемое сообщение|пересланное сообщение|переадресованно|переслане повідомлення"
    r"|転送されたメッセージ|転送メッセージ|转发的?邮件|轉寄的?郵件|转发邮件信息|被转发的邮件|전달된 메시지|전달된 메일|προωθημένο μήνυμα"
    r"|препратено съобщение|proslijeđena poruka|posredovano sporočilo|thư đã chuyển tiếp|tin nhắn được chuyển tiếp"
    r"|pesan terusan|הודעה שהועברה|رسالة معاد توجيهها",
    re.IGNORECASE,
)

# The verb of "On …, … wrote:" with what may stand behind it, at the end of the line.
_END_VERBS = (
    r"wrote|writes|schrieb|schrieb folgendes|hat geschrieben|a écrit|ecrit|écrit|escribió|escribio|va escriure|escreveu"
    r"|ha scritto|scrive|het volgende geschreven|geschreven|schreef|skrev|skrev følgende|följande|kirjoitti|kirjutas"
    r"|napisał|napisała|napisał\(a\)|pisze|napsal|napsala|napsal\(a\)|napsal/a|napísal|napísala|napísal\(a\)|napísal/a"
    r"|írta|ezt írta|a scris|yazdı|şunu yazdı|şunları yazdı|пишет|написал|написала|написал\(а\)|пише|написав|написала"
    r"|написа|έγραψε|je napisao|je napisala|je napisao/la|je napisal|je napisal/a|napisao|menulis|đã viết|viết|rašė|rakstīja"
    r"|כתב|כתבה|כתב/ה|כתב\(ה\)|كتب|كتبت|เขียนว่า|写道|寫道|さんは書きました|wrote the following"
    r"|さんが書きました|は書きました|님이 작성|님이 작성함|님이 쓴 글|작성|のメール|のメッセージ"
)
END_VERB = re.compile(
    rf"(?:^|[\s,>)，、\u2069\u202c-]|(?<=[\d\u3000-\u9fff\uac00-\ud7a3 ]))(?:{_END_VERBS})$", re.I
)
# Verb first, the name behind it: "Am … schrieb Jane Miller <jane@…>:", "(időpont: 2024. jan. 5.)".
MID_VERB = re.compile(
    r"(?:^|\s)(?:schrieb|schreef|skrev|heeft|írta|كتب|כתב)\s(?!ich\b|ik\b|jag\b|jeg\b|wir\b).{2,120}$",
    re.IGNORECASE,
)
# First person means that the customer tells a story, not that a mail program quotes.
FIRST_PERSON = re.compile(
    r"\b(?:i|we|ich|wir|j.ai|yo|eu|io|ik|jag|jeg|minä)\s+(?:have\s+)?(?:wrote|schrieb|scritto|schreef|skrev|escribí)"
    r"|\b(?:schrieb|schreef)\s+(?:ich|wir|ik)\b|\bj.ai écrit",
    re.IGNORECASE,
)
START = re.compile(
    r"[*_\"' \u200e\u200f\u202a-\u202e\u2066-\u2069]{0,4}(?:on|am|le|el|em|no dia|a|il|il giorno|op|den|på|w dniu|dnia"
    r"|dne|dňa|în|in data|pe|στις|στις|на|dana|dne|pada|vào|lúc|в|у|в|pt|בתאריך|في|เมื่อ|在|於|于|date|at|mensaje|missatge"
    r"|(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|mié|mie|jeu|jue|ven|vie|sam|sáb|sab|dim|dom|ma|ti|ke|to|pe|la|su"
    r"|pon|wt|śr|czw|pt|sob|niedz|po|út|st|čt|pá|so|ne|пн|вт|ср|чт|пт|сб|вс|нд)[a-zéäöáíúыи]{0,7}"
    r")[\s.,:]|[*_\"' \u200e\u200f]{0,4}(?:\d{4}[-./年년 ]|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.? \w{3,10}\.? \d{4})",
    re.IGNORECASE,
)
WHEN = re.compile(r"\d{1,2}[:.h時点시]\s?\d{2}|\b(?:19|20)\d\d\b|\d{4}[年년]|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,255}")
# "5 Feb 2024, 10:00, Jane <jane@example.com>:" says no verb at all.
BARE = re.compile(r"@[^\s<>@]{1,255}[>)\]\"』」*]{1,3}$|님이 작성|:$")

DEVICES = tuple(
    "iphone ipad ipod ios android galaxy samsung huawei xiaomi redmi oneplus pixel blackberry smartphone mobile mobil"
    " phone handy tablet windows nokia sony outlook yahoo mail proton gmail telefon téléphone telefoon telefono"
    " teléfono telefone móvil celular cellulare puhelin телефон смартфон айфон モバイル スマートフォン 手机 手機 휴대"
    " aol gmx web.de spark canary thunderbird virus".split()
)
_DEVICES = "|".join(map(re.escape, DEVICES))
_SENT = (
    r"sent (?:from|via|using|with|by)|get outlook|von meinem|gesendet (?:von|mit|aus|über)|diese nachricht wurde|envoyé (?:de|depuis|à partir)"
    r"|télécharg|obtenez|enviado (?:desde|do|a partir|de|com|por)|obtener|inviato (?:da|dal)|scarica|verzonden (?:vanaf|vanuit|met|via)|outlook voor"
    r"|skickat från|hämta|sendt fra|hent|lähetetty|hanki|wysłan[eoa] z|wysłano z|odesláno z|odoslané z|trimis (?:de pe|din)"
    r"|отправлено (?:с|из)|надіслано (?:з|із)|发自|發自|從我的|从我的|στάλθηκε από|изпратено от|poslano (?:s|sa|iz|z)\b"
    r"|được gửi từ|gửi từ|dikirim dari|נשלח מ|أُرسلت من|أرسلت من|enviat des|saadetud|išsiųsta|nosūtīts|virus-free|virenfrei"
)
MOBILE = re.compile(
    rf"^[\s*_\[(<-]{{0,4}}(?:(?:{_SENT}).{{0,30}}?(?:{_DEVICES})|virus-free|virenfrei"
    rf"|.{{0,30}}(?:{_DEVICES}).{{0,30}}(?:から送信|gönderildi|küldve|보냄|傳送|发送|發送|で送信)|.{{0,20}}(?:에서 보냄))",
    re.IGNORECASE,
)
LINK = re.compile(r"<https?://[^\s>]{1,300}>|\(https?://[^\s)]{1,300}\)|https?://\S{1,300}")
