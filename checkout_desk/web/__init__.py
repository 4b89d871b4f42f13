"""Knows HTTP and no domain: declared permissions, security headers, error pages, keyset paging, page or fragment."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind what every request passes through."""
