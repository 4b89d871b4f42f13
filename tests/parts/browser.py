"""The machine's Chromium, driven by Playwright, and axe-core as the judge of accessibility."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.parts.process import PartMissing

HOW_TO_INSTALL = (
    "Browser: none of chromium, chromium-browser, google-chrome, chrome is installed; "
    "install chromium (`python -m tests.parts.install`)"
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
ARGUMENTS = [
    "--no-sandbox",  # Chromium refuses its sandbox to root; the pages are our own
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
# WCAG 2.2 AA contains the levels and versions before it.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]


class Chromium:
    """A headless browser. Every `page` has cookies and storage of its own. `arguments` are more words for its command."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    @property
    def browser(self) -> Browser:
        """Playwright's browser, for what `page` does not offer."""
        if self._browser is None:
            raise RuntimeError("start() comes first")
        return self._browser

    def start(self) -> Self:
        """Start the browser."""
        program = find_chromium()
        if program is None:
            raise PartMissing(HOW_TO_INSTALL)
        self._playwright = sync_playwright().start()
        try:
            self._browser = self._playwright.chromium.launch(
                executable_path=program, args=[*ARGUMENTS, *self._arguments]
            )
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Close the browser and every page."""
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()
        self._browser = self._playwright = None

    @contextmanager
    def page(
        self,
        *,
        base_url: str | None = None,
        width: int = 1280,
        height: int = 800,
        javascript: bool = True,
        dark: bool = False,
        **context: Any,
    ) -> Iterator[Page]:
        """A page in a fresh context, closed at the end of the block.

        `context` is passed on to Playwright's `new_context` (locale, timezone_id, reduced_motion ...).
        """
        fresh = self.browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            **context,
        )
        try:
            yield fresh.new_page()
        finally:
            fresh.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def find_chromium() -> str | None:
    """The path of an installed Chromium or Chrome, or None."""
    found = (shutil.which(name) for name in (*NAMES, *PLACES))
    return next((path for path in found if path), None)


def check_accessibility(page: Page, *, only: str = "") -> list[str]:
    """What axe-core finds wrong on `page` by the rules of WCAG 2.2 AA, one sentence for each element.

    An empty list means that no machine-checkable rule is broken. The page's Content-Security-Policy stays as
    it is, since the debugger runs axe, not the page. Needs a page with JavaScript switched on. `only` names the one
    rule to be checked.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})",
        {"type": "rule", "values": [only]} if only else {"type": "tag", "values": AXE_TAGS},
    )
    return [_sentence(violation, node) for violation in found["violations"] for node in violation["nodes"]]


def _sentence(violation: dict[str, Any], node: dict[str, Any]) -> str:
    place = " > ".join(str(step) for step in node["target"])
    reasons = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return f"{violation['help']} ({violation['id']}): {place}: {'; '.join(reasons)}"
