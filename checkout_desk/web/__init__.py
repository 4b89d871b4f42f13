"""Knows HTTP and no domain: declared permissions, security headers, error pages, keyset paging, page or fragment."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from checkout_desk.web import (
    access,
    compression,
    headers,
    health,
    late_rules,
    limits,
    numbers,
    origin,
    pages,
    static,
    tokens,
)


def init_app(app: Flask) -> None:
    """Bind what every request passes through. The order counts: what is registered first sees the answer last."""
    app.url_map.converters["int"] = numbers.RowNumber
    app.url_rule_class = late_rules.LateRule
    hops: int = app.config["DESK_PROXIES"]
    if hops:
        # The Host header is the proxy's to keep: X-Forwarded-Host is passed on unread by most of them.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    compression.init_app(app)
    headers.init_app(app)
    static.init_app(app)
    tokens.init_app(app)
    pages.init_app(app)
    app.before_request(origin.check)
    app.before_request(access.enforce)
    limits.init_app(app)
    health.init_app(app)
