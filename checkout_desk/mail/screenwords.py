"""The words by which bounces and automatic replies give themselves away, in the languages that customers use."""

from __future__ import annotations

import re

DAEMON = re.compile(
    r"\b(?:mailer-?\s?daemon|postmaster|mail delivery (?:sub)?system|mail ?administrator|bounce[sd]?)\b", re.I
)
NO_REPLY = re.compile(
    r"(?:no-?_?\.?reply|do-?not-?reply|donotreply|mailer-daemon|postmaster|bounces?)\b[^@]{0,64}@", re.I
)

BOUNCE_SUBJECT = re.compile(
    r"undeliver|deliver(?:y|ies)[\w\s()]{0,20}(?:fail|status|notification|problem|delay|error|report)|returned (?:mail|to sender)"
    r"|failure notice|mail (?:delivery|system) (?:error|fail)|message (?:not|delivery|undeliver|could not)|non.?deliver"
    r"|could not be (?:sent|delivered)|rejected mail|mail failure|returning message|unzustellbar|nicht zugestellt|zustellung"
    r"|non remis|échec|non distribu|no se puede entregar|no entregado|devuelto|não entregue|falha na entrega|mancat[oa] (?:consegna|recapito)"
    r"|non recapitabile|onbestelbaar|niet bezorgd|kunde inte levereras|olevererbar|kan ikke leveres|toimittaminen|niedostarcz"
    r"|nedoručiteln|nedoručen|kézbesíthetetlen|teslim edilemedi|недоставлен|не доставлено|не удалось|配信不能|配信できません|エラーメール|退信|无法投递|전송 실패|반송",
    re.IGNORECASE,
)
BOUNCE_BODY = re.compile(
    r"could not be delivered|could(?:n.t| not) deliver|wasn.t delivered|was not delivered|has not been delivered|undeliverable|unable to deliver"
    r"|delivery (?:to the following|has failed|failed|error|attempts)|permanent(?:ly)? (?:error|fail)|fatal errors|user unknown|unknown user|no such user"
    r"|mailbox (?:is )?(?:full|unavailable|not found|does not exist)|does not exist|over quota|quota exceeded|address(?:es)? (?:not found|failed|rejected)"
    r"|recipient(?:'s)? (?:address )?(?:rejected|unknown|not found)|host (?:not found|unknown)|domain not found|relay(?:ing)? denied|message (?:rejected|blocked)"
    r"|i.m afraid i wasn.t able to deliver|\b5[05]\d[ -]5?\.?\d|not be delivered to one or more|konnte nicht zugestellt|nicht zugestellt werden|unzustellbar"
    r"|n.a pas pu être (?:remis|distribu)|adresse introuvable|no se (?:ha podido|pudo) entregar|no se ha entregado|não (?:pôde|foi) (?:ser )?entregue"
    r"|impossibile (?:recapitare|consegnare)|non è stato (?:possibile )?(?:recapitat|consegnat)|kon niet worden (?:bezorgd|afgeleverd)|kunde inte levereras"
    r"|nie można (?:było )?dostarczyć|nie została dostarczona|nelze doručit|nem kézbesíthető|teslim edilemedi|не удалось доставить|не может быть доставлено|未能投递|无法送达|配信できませんでした|送信できませんでした|전달되지",
    re.IGNORECASE,
)
RETURNED = re.compile(
    r"^[ \t>-]{0,12}(?:-{2,}\s?(?:this is a copy|original message|below this line|unsent message|returned message|message header|the header|transcript)"
    r"|(?:this is a copy of (?:the|your) message|below is a copy of|copy of the original|original message (?:headers|follows)|received: from|return-path: <|message-id: ?<))",
    re.IGNORECASE | re.MULTILINE,
)
RETURNED_ID = re.compile(r"^[ \t>]{0,8}message-id:\s{0,4}<([^<>\s]{1,400})>", re.IGNORECASE | re.MULTILINE)
STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")

# The prefix must be at the start and be followed by a sign or the end where the words also begin ordinary subjects.
AUTO_SUBJECT = re.compile(
    r"\s*(?:(?:auto(?:matic|mated|-)?[ -]?(?:reply|response|answer)|autoreply|auto(?:matische)?[ -]?(?:antwort|respuesta|svar)"
    r"|automatische[sr]? (?:antwort|antwoord|beantwoording|rückmeldung)|réponse automatique|respuesta automática|resposta automática|risposta automatica"
    r"|automatisch antwoord|automatiskt svar|autosvar|automatisk svar|automaattinen vastaus|automatyczna odpowiedź|odpowiedź automatyczna"
    r"|automatická odpověď|automatická odpoveď|automatikus válasz|răspuns automat|otomatik yanıt|автоматический ответ|автоответ|автоматична відповідь"
    r"|automatski odgovor|samodejni odgovor|αυτόματη απάντηση|自動返信|自動応答|自动回复|自動回覆|자동 회신|자동 응답|trả lời tự động|balasan otomatis"
    r"|מענה אוטומטי|رد تلقائي|resposta automàtica)(?![a-zà-ÿ])"
    r"|(?:out of (?:the )?office|ooo|abwesenheitsnotiz|abwesenheit|außer haus|absence du bureau|absent du bureau|message d.absence|fuera de (?:la )?oficina"
    r"|ausente|fuori (?:sede|ufficio)|ausência|fora do escritório|afwezig(?:heid)?|frånvaro|fravær|ikke på kontoret|poissaolo|nieobecność|poza biurem"
    r"|mimo kancelář|házon kívül|ofis dışında|не в офисе|在宅勤務|不在通知|外出中|부재중|休假自动回复)\s*(?:$|[:：\-–(!]|re:|aw:|autoreply)"
    r"|(?:read|delivery receipt|gelesen|lu|leído|letto|gelezen|läst|lest|lida)\s?:\s)",
    re.IGNORECASE,
)
CYRILLIC_GREEK = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
# Letters of those scripts that nobody takes for Latin ones.
NOT_LATIN_LIKE = re.compile(
    "[бвгджзийклмнптфцчшщъыьэюяєїґ\u03b2-\u03b4\u03b6-\u03b8\u03bb\u03be\u03c0\u03c3-\u03c4\u03c6\u03c8\u03c9]"
)
