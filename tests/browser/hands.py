"""How somebody works a page: by keys alone, or by links and forms where there is no script. One language for both."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Locator, Page, expect

STOPS = 400
"""how often Tab is pressed before what is looked for counts as out of reach"""
WAY = """e => e === document.activeElement ? '' : document.activeElement !== document.body
&& e.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING ? 'Shift+Tab' : 'Tab'"""
MOUSE = """for (const kind of ["mousedown", "pointerdown", "touchstart", "wheel"])
addEventListener(kind, e => console.error("not by the keyboard: " + kind), true)"""


class Hands:
    """A person's hands on `page`. `keyboard`: nothing but keys, and every page tells when it was touched otherwise."""

    def __init__(self, page: Page, *, keyboard: bool) -> None:
        self.page, self.keyboard = page, keyboard
        self._file: FilePayload | None = None
        if keyboard:
            page.add_init_script(MOUSE)
            page.on("filechooser", lambda chooser: chooser.set_files([self._file] if self._file else []))

    def reach(self, what: Locator) -> None:
        """Walk to a control by Tab, the shorter way round. Fails where no number of strokes comes to it."""
        expect(what).to_be_visible()
        for _ in range(STOPS):
            way = what.evaluate(WAY)
            if not way:
                return
            self.page.keyboard.press(way)
        raise AssertionError(f"Tab never comes to {what}")

    def use(self, what: Locator, *keys: str) -> None:
        """Press a button or follow a link, by its own keys where it has some."""
        if not self.keyboard:
            self.page.wait_for_load_state()  # what still comes moves what is below it
            what.click()
        elif keys:
            expect(what).to_be_attached()
            self.stroke(*keys)
        else:
            self.reach(what)
            self.page.keyboard.press("Enter")

    def unfold(self, summary: Locator) -> None:
        """Open a menu."""
        self.use(summary)
        expect(summary.locator("xpath=..")).to_have_attribute("open", "")

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def stroke(self, *keys: str) -> None:
        """Keys of the desk's own, as soon as the page knows them."""
        expect(self.page.locator("html.js")).to_be_attached()
        self.press(*keys)

    def type(self, what: Locator, text: str) -> None:
        """Replace what stands in a field."""
        if not self.keyboard:
            what.fill(text)
            return
        self.reach(what)
        if what.get_attribute("type") in ("date", "datetime-local"):
            self.page.keyboard.type(text)
            return
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)
        expect(what).to_have_value(text)

    def tick(self, what: Locator) -> None:
        """Choose a checkbox or a radio button."""
        if not self.keyboard:
            what.check()
        elif what.get_attribute("type") == "radio":
            every = self.page.locator(f'input[name="{what.get_attribute("name")}"]')
            self.reach(every.first)  # Tab stops once at a group; arrows go on in it
            self.press("Space")
            for _ in range(every.count()):
                if not what.is_checked():
                    self.press("ArrowDown")
        else:
            self.reach(what)
            if not what.is_checked():
                self.press("Space")
        expect(what).to_be_checked()

    def pick(self, what: Locator, words: str) -> None:
        """Choose the entry of a list that says this, with the arrows."""
        if self.keyboard:
            self.reach(what)
            chosen = what.locator("option:checked")
            self.press("Home")
            for _ in range(what.locator("option").count()):
                if (chosen.text_content() or "").strip() != words:
                    self.press("ArrowDown")
        else:
            what.select_option(label=words)
        expect(what.locator("option:checked")).to_have_text(words)

    def upload(self, what: Locator, file: FilePayload) -> None:
        """Choose a file of one's own."""
        if self.keyboard:
            self._file = file
            self.reach(what)
            self.press("Enter")
        else:
            what.set_input_files(file)
        expect(what).to_have_value(re.compile(re.escape(file["name"])))
