"""The headers that every answer carries, whatever its status (SECURITY section 2, ASVS 3.4)."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""No inline script or style anywhere. A view that shows foreign HTML sets its own, stricter one."""

ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not 'no-referrer': that turns the Origin of our own forms into 'null', and https forms are checked by Referer.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
"""Set unless the view set the header itself."""

HSTS = "max-age=31536000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Put the headers on every answer of `app`."""
    app.after_request(_complete)


def _complete(response: Response) -> Response:
    present = {name.lower() for name, _ in response.headers}
    for name, value in ALWAYS.items():
        if (
            name.lower() not in present
        ):  # asked of a set: Headers raises and catches an error for each that is missing
            response.headers.add(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
    if response.mimetype == "text/html":
        response.vary.add("HX-Request")  # else the back button may show a fragment as a page
    return response
