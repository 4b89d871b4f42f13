"""The pages that every store begins with: their titles and their files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

TITLES = {
    "email-checkout": "Email checkout (procedure A)",
    "order-confirmation-and-tracking": "Order confirmation and tracking (procedure B)",
    "customer-service-policy": "Customer service policy",
    "email-communication-guidelines": "Email communication guidelines",
}


@cache
def words(slug: str) -> str:
    """The Markdown of version 1 of a standard page. Raises KeyError where there is none."""
    if slug not in TITLES:
        raise KeyError(slug)
    return Path(__file__).with_name(f"{slug}.md").read_text("utf-8")
