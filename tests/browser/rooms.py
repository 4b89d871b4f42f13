"""What each room of the desk does for one order, on its own screens, by the hands of a clerk."""

from __future__ import annotations

import re
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import Locator, expect

from checkout_desk.demo import PASSWORD
from tests.browser import shelves
from tests.browser.hands import Hands
from tests.browser.test_paid_walk import bank_file
from tests.browser.walking import Clerk

LEFT = "Left in the porch"


def stock_shows(clerk: Clerk, *, on_hand: int, held: int, sold: int) -> None:
    """What the product's page says of its stock."""
    page, buyer = clerk.page, clerk.walk.buyer
    clerk.goes_to("Catalogue")
    clerk.type(page.locator("main").get_by_role("searchbox").first, buyer.sku)
    clerk.press("Enter")
    clerk.use(page.locator("main").get_by_role("link", name=re.compile(buyer.product, re.IGNORECASE)).first)
    figures = page.locator("#stock .fig")
    for name, n in {
        "On hand": on_hand,
        "Held for quotes": held,
        "Sold, not shipped": sold,
        "Available": on_hand - held - sold,
    }.items():
        expect(figures.filter(has_text=name).locator("dd").first).to_have_text(str(n))


def approves(clerk: Clerk, template: str, line: str) -> int:
    """A template gets one more line, as a draft, and the draft is approved. Returns the number of that version."""
    page = clerk.page
    clerk.goes_to("Templates")
    clerk.use(page.get_by_role("link", name=template, exact=True))
    body = page.get_by_label("Text", exact=True)
    words = body.input_value()
    if clerk.keyboard:
        clerk.reach(body)
        clerk.press("Control+End", "Enter")
        page.keyboard.type(line)
    else:
        body.fill(f"{words}\n{line}")
    clerk.use(page.get_by_role("button", name="Save as draft"), "Control+Enter")
    versions = page.locator(".tpl__versions li")
    versions.first.scroll_into_view_if_needed()
    expect(page.frame_locator("#preview iframe").get_by_text(line)).to_be_visible()
    clerk.use(versions.get_by_role("button", name="Approve"))
    expect(versions.get_by_role("button", name="Approve")).to_have_count(0)
    expect(versions.first).to_contain_text("Ines Duarte")
    return versions.count()


def takes_in_statement(clerk: Clerk) -> None:
    """The bank's file has the money; a worker takes it in."""
    page, quote = clerk.page, clerk.walk.quoted()
    clerk.goes_to("Payments")
    clerk.use(page.locator("main").get_by_role("link", name=re.compile("Import")).first)
    clerk.upload(page.get_by_label("Statement"), bank_file(quote, clerk.walk.buyer))
    clerk.use(page.get_by_role("button", name="Look at it"))
    expect(page.get_by_role("region", name="New money in")).to_contain_text(quote.total)
    clerk.use(page.get_by_role("button", name="Take in 1 payment"), "Control+Enter")
    expect(page.locator("#progress")).to_contain_text("All rows are taken in")


def is_paid(clerk: Clerk, quote: EmailMessage) -> None:
    """The money comes: by the bank's file, or by the signed event of the card's provider."""
    if clerk.keyboard:
        takes_in_statement(clerk)
    else:
        with clerk.walk.at_the_door(quote) as customer:
            pays_by_card(customer)
    walk = clerk.walk
    walk.live.until(lambda: shelves.states(walk.live.app, walk.number) == ["paid"])


def pays_by_card(customer: Hands) -> None:
    """The customer on the page of the quote, on Stripe's, and back."""
    page = customer.page
    customer.use(page.get_by_role("button", name="Pay by card"))
    customer.use(page.get_by_role("button", name="Pay"))
    page.wait_for_url(re.compile(r"/order\?paid=1$"))


def payment_shows(clerk: Clerk) -> None:
    """The payment stands among those that are done, with its evidence."""
    quote = clerk.walk.quoted()
    clerk.goes_to("Payments")
    clerk.use(clerk.page.get_by_role("link", name=re.compile(r"^Done")))
    mine = clerk.page.locator("main li, main tr, main article", has_text=clerk.walk.buyer.name).first
    expect(mine).to_contain_text(quote.total)


def packs(clerk: Clerk, barcode: str, tracking: str) -> None:
    """A batch of one order, its pieces scanned, its label put on, and the carrier's number scanned off it."""
    page, n = clerk.page, clerk.walk.number
    clerk.goes_to("Pack")
    clerk.tick(page.get_by_role("checkbox", name=f"Order {n}"))
    clerk.use(page.get_by_role("button", name="Batch of the ticked"), "b")
    expect(clerk.title).to_have_text(re.compile("Batch"))
    clerk.use(page.get_by_role("button", name="Start packing"), "Enter")
    for code, said in (
        (barcode, "1 of 2"),
        (clerk.walk.buyer.sku, "Put the label on the box"),
        (tracking, f"{n}-P1 has the number {tracking}"),
    ):
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.type(code)
        clerk.press("Enter")
        expect(page.locator(".verdict")).to_contain_text(said)
    clerk.use(page.get_by_role("link", name="Pack list"), "Enter")
    expect(clerk.title).to_have_text("Pack")


def prints_label(clerk: Clerk) -> None:
    """The label was printed by the station, or is now."""
    page = clerk.page
    clerk.use(page.get_by_role("link", name="Labels", exact=True))
    row = page.get_by_role("row", name=f"{clerk.walk.number}-P1")
    if not clerk.keyboard:
        clerk.tick(row.get_by_role("checkbox"))
        with page.context.expect_event("response", lambda one: one.request.method == "POST") as paper:
            clerk.use(page.get_by_role("button", name="Print ticked"))
        assert paper.value.headers["content-type"] == "application/pdf"
        page.reload()
    expect(row).to_contain_text("Printed")
    clerk.use(page.get_by_role("link", name="Back to packing"))


def hands_over(clerk: Clerk, carrier: str, tracking: str) -> None:
    """The parcel goes on the list of its carrier, whose driver takes it along."""
    page = clerk.page
    clerk.use(page.get_by_role("link", name="Manifests", exact=True))
    clerk.use(page.get_by_role("button", name=f"Put on the list of {carrier}"))
    row = page.get_by_role("row", name=f"{clerk.walk.number}-P1")
    expect(row).to_contain_text(tracking)
    clerk.use(page.get_by_role("button", name="The driver has it"), "Control+Enter")
    clerk.sees(row, "Left")


def hears_of_delivery(clerk: Clerk) -> None:
    """The carrier says that it is there."""
    page, name = clerk.page, f"{clerk.walk.number}-P1"
    clerk.goes_to("Track")
    clerk.use(page.get_by_role("link", name=name))
    clerk.pick(page.get_by_label("What happened"), "Delivered")
    clerk.type(page.get_by_label("In the carrier’s words"), LEFT)
    clerk.use(page.get_by_role("button", name="Write it down"))
    expect(page.locator("main header")).to_contain_text("Delivered")
    expect(page.locator(".scans")).to_contain_text(LEFT)


def _field(clerk: Clerk, name: str) -> Locator:
    return clerk.page.get_by_label(name, exact=True)


def _act(clerk: Clerk, name: str, key: str) -> None:
    """An act on the conversation: by its key, or out of its menu."""
    if not clerk.keyboard:
        clerk.unfold(clerk.page.locator("#case summary"))
    clerk.use(clerk.page.locator(f'#case .menu [data-key="{key}"]', has_text=name), key)


def escalates(clerk: Clerk, reason: str) -> None:
    """The case goes to the managers."""
    _act(clerk, "Escalate", "l")
    clerk.type(_field(clerk, "Reason"), reason)
    clerk.use(clerk.page.get_by_role("button", name="Escalate", exact=True).last)
    clerk.sees(clerk.page.locator(".case__flag"), reason)


def hands_back(clerk: Clerk, answer: str) -> None:
    """The manager's answer, for whoever goes on."""
    _act(clerk, "Hand back", "b")
    clerk.type(_field(clerk, "Answer"), answer)
    clerk.use(clerk.page.get_by_role("button", name="Hand back", exact=True).last)
    expect(clerk.page.locator(".case__flag")).to_have_count(0)


def replies(clerk: Clerk, text: str) -> None:
    """An answer in somebody's own words."""
    clerk.use(clerk.page.locator("#composer").get_by_role("link", name="Reply", exact=True), "r")
    clerk.type(clerk.text, text)
    clerk.sends(text)


def asks_to_return(customer: Hands) -> None:
    """The customer wants to send one piece back."""
    page = customer.page
    customer.use(page.get_by_role("link", name="Send something back"))
    customer.pick(page.locator("select[name^=q]"), "1")
    customer.pick(page.get_by_label("Why?"), "It does not fit")
    customer.tick(page.get_by_role("radio", name=re.compile("My money back")))
    customer.use(page.get_by_role("button", name="Send the request"))
    expect(page.get_by_role("heading", name="Thank you, we have your request")).to_be_visible()


def allows(clerk: Clerk) -> None:
    """The return is allowed; the customer is told where to send it."""
    clerk.step("Look at the return", "d")
    clerk.use(clerk.page.get_by_role("button", name="Allow", exact=True))
    expect(clerk.page.get_by_text("Goods are coming").first).to_be_visible()


def receives(clerk: Clerk) -> None:
    """It comes, and can be sold again."""
    page = clerk.page
    clerk.goes_to("Returns")
    clerk.use(page.get_by_role("link", name=re.compile(rf"{clerk.walk.number}-R1")).first)
    clerk.type(page.get_by_label("Scan a piece"), clerk.walk.buyer.sku)
    clerk.press("Enter")
    expect(page.get_by_text(f"{clerk.walk.buyer.sku} is here.")).to_be_visible()
    clerk.type(page.get_by_label("Sell again"), "1")
    clerk.use(page.get_by_role("button", name="Put away"))
    expect(page.get_by_text("1 on sale again")).to_be_visible()


def settles(clerk: Clerk) -> None:
    """The money goes back, and the return is over."""
    page = clerk.page
    clerk.opens("Returns, refunds")
    clerk.step("Refund", "d")
    clerk.type(page.get_by_label("Your password"), PASSWORD)
    clerk.use(page.get_by_role("button", name="Settle"))
    expect(page.get_by_text("Settled.").first).to_be_visible()
    clerk.use(page.get_by_role("button", name="Close", exact=True))
    expect(page.locator("main header")).to_contain_text("Closed")


def says_how_it_was(customer: Hands, score: str, words: str) -> None:
    """The customer on the page behind the signed link: only the button counts."""
    page = customer.page
    customer.tick(page.get_by_role("radio", name=re.compile(score)))
    customer.pick(page.get_by_label("What went wrong?"), "The packing, or something broke")
    customer.type(page.get_by_label("In your own words"), words)
    customer.use(page.get_by_role("button", name="Send", exact=True))
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def stages(clerk: Clerk) -> dict[str, str]:
    """Step of the procedures -> what the order's strip says of it."""
    page = clerk.page
    clerk.side.locator(".procedure").scroll_into_view_if_needed()
    live = "[hx-get]" if clerk.keyboard else ""  # where there is script, it comes once it is looked at
    clerk.use(clerk.side.locator(f".procedure a{live}", has_text="Evidence"))
    steps = page.locator(".past--steps li")
    expect(steps.first).to_be_visible()
    told = {
        str(one.get_attribute("id")): one.locator("b + span > span").first.inner_text() for one in steps.all()
    }
    if clerk.keyboard:
        clerk.press("Escape")
    else:
        clerk.use(page.get_by_role("link", name="Back to the order"))
    return told


def downloads_records(clerk: Clerk, folder: Path) -> Path:
    """The ZIP with all that is kept about the order."""
    page = clerk.page
    clerk.unfold(clerk.side.get_by_label(f"Acts of order {clerk.walk.number}"))
    clerk.use(clerk.side.get_by_role("link", name="What happened"))
    clerk.use(page.get_by_role("link", name="Download the order’s records"))
    clerk.type(page.get_by_label("Your password"), PASSWORD)
    with page.expect_download() as coming:
        clerk.use(page.get_by_role("button", name="Download the ZIP"))
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def checks_itself(path: Path) -> str:
    """What the ZIP's own checker says of it, run by nothing but Python."""
    with ZipFile(path) as case:
        [name] = [one for one in case.namelist() if one.endswith("verify.py")]
        checker = path.with_name("verify.py")
        checker.write_bytes(case.read(name))
    done = subprocess.run([sys.executable, "-I", checker, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


def verifies_chain(clerk: Clerk) -> None:
    """Every event is as it was written."""
    clerk.goes_to("Records")
    clerk.use(clerk.page.get_by_role("button", name="Verify the chain"))
    clerk.sees(clerk.page.locator("#check"), "The record is whole")


def report_shows(clerk: Clerk, words: str, template: str) -> None:
    """The manager's report has the score with its words, the version that the customer read, and how long answers took."""
    page = clerk.page
    clerk.goes_to("Reports")
    row = page.get_by_role("region", name="Table: In their own words").get_by_role("row", name=words)
    expect(row.get_by_role("cell")).to_have_text(["2", str(clerk.walk.number), "open"])
    read = page.get_by_role("region", name="Table: Feedback by template")
    expect(read.get_by_role("row", name=template)).to_be_visible()
    clerk.use(page.locator(".fig", has_text="Any reply, median").get_by_role("link"))
    expect(page.get_by_role("row", name=clerk.walk.buyer.name).first).to_contain_text("Mia Okafor")
