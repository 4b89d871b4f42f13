"""The look obeys its own rules: nothing inline, every icon there, files from others untouched, and small enough."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(p.relative_to(ROOT / "templates").as_posix() for p in (ROOT / "templates").rglob("*.html"))
#: Mails are for mail programs, which need inline styles; the timeline of a ZIP stands alone, with a policy of its own.
PAGES = [name for name in TEMPLATES if not name.startswith("mail/") and name != "records/timeline.html"]


def source(name: str) -> str:
    return (ROOT / "templates" / name).read_text("utf-8")


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name: str) -> None:
    Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True).get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_inline(name: str) -> None:
    text = re.sub(r"\{#.*?#\}", "", source(name), flags=re.S)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|js:", text), (
        "the policy forbids inline code"
    )
    assert all(re.match(r"<script src=\"\{\{ asset\(", tag) for tag in re.findall(r"<script[^>]*>", text))


def test_every_icon_named_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', (ROOT / "static/icons.svg").read_text("utf-8")))
    used: set[str] = set()
    for name in PAGES:
        used |= set(re.findall(r"#i-([a-z0-9-]+)(?=\")", source(name)))
        used |= set(re.findall(r'icon\("([a-z0-9-]+)"', source(name)))
    assert used - known == set()


def test_files_from_others_are_as_they_came() -> None:
    table = (ROOT / "static/vendor/README.md").read_text("utf-8")
    digest = hashlib.sha256((ROOT / "static/vendor/htmx.min.js").read_bytes()).hexdigest()
    assert digest in table


def test_a_cold_page_stays_small() -> None:
    """Everything but the page itself may cost 48 kB compressed, so that the whole stays under 60 kB; one font 80 kB."""
    parts = ["app.css", "app.js", "icons.svg", "icon.svg", "vendor/htmx.min.js"]
    assert sum(len(gzip.compress((ROOT / "static" / part).read_bytes())) for part in parts) <= 48_000
    assert (ROOT / "static/fonts/inter-latin.woff2").stat().st_size <= 80_000


def test_styles_fetch_only_fonts_that_are_here() -> None:
    css = (ROOT / "static/app.css").read_text("utf-8")
    addresses = re.findall(r'url\("?([^")]+)', css)
    assert addresses
    assert all((ROOT / "static" / address).is_file() for address in addresses)


def test_rows_are_plain() -> None:
    """Fifty rows are drawn on every poll: no macro is called for one."""
    assert not re.search(r"\{\{ *(icon|pill|face|tag|mini|docket)\(", source("desk/_rows.html"))
    assert "{% from" not in source("desk/_rows.html")
