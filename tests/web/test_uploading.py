"""Pictures on their way in, in a real browser: paste, drop, choice, and what goes wrong."""

from __future__ import annotations

import base64
import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from pictures import jpeg, png
from serving import Server
from web.tabs import PDF, Tab, card, choose, file, link, loaded

pytestmark = pytest.mark.browser

TRANSFER = """([name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type }));
    return transfer;
}"""


class TestUploading:
    """Pictures come in by paste, drop and choice."""

    def test_paste_from_the_clipboard(self, tab: Tab, site: Server) -> None:
        page = tab.page
        page.goto(f"{site.url}/")
        page.evaluate(
            """async (data) => {
                const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
                const blob = new Blob([bytes], { type: "image/png" });
                await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
            }""",
            base64.b64encode(png(320, 200)).decode(),
        )
        page.keyboard.press("Control+V")
        done = card(page, "pasted")
        expect(done.locator(".card-name")).to_have_text(
            re.compile(r"pasted \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png")
        )
        expect(done.locator(".card-state")).to_have_text("320 × 200")
        assert loaded(page, ".card img")
        expect(page.locator("#status")).to_contain_text("is uploaded")

    def test_paste_of_a_file(self, tab: Tab, site: Server) -> None:
        page = tab.page
        page.goto(f"{site.url}/")
        data = base64.b64encode(png(330, 200)).decode()
        transfer = page.evaluate_handle(TRANSFER, ["shot.png", "image/png", data])
        page.evaluate(
            """(clipboardData) => document.body.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))""",
            transfer,
        )
        assert link(card(page, "shot.png"), "original").startswith(f"{site.url}/img/")

    def test_paste_of_text_says_what_is_missing(self, tab: Tab, site: Server) -> None:
        page = tab.page
        page.goto(f"{site.url}/")
        page.evaluate("navigator.clipboard.writeText('words')")
        page.keyboard.press("Control+V")
        expect(page.locator("#notice")).to_contain_text("The clipboard holds no picture")

    def test_drop(self, tab: Tab, site: Server) -> None:
        page = tab.page
        page.goto(f"{site.url}/")
        data = base64.b64encode(jpeg(300, 200)).decode()
        transfer = page.evaluate_handle(TRANSFER, ["dropped.jpg", "image/jpeg", data])
        veil = page.locator(".veil")
        expect(veil).to_be_hidden()
        page.dispatch_event("h2", "dragover", {"dataTransfer": transfer})
        expect(veil).to_be_visible()
        page.dispatch_event("body", "dragleave", {"dataTransfer": transfer})
        expect(veil).to_be_hidden()
        page.dispatch_event("h2", "dragover", {"dataTransfer": transfer})
        page.dispatch_event("h2", "drop", {"dataTransfer": transfer})
        expect(veil).to_be_hidden()
        card(page, "dropped.jpg")

    def test_choose_several(self, tab: Tab, site: Server) -> None:
        tab.refusals.add(415)
        page = tab.page
        page.goto(f"{site.url}/")
        choose(
            page,
            file("one.png", png(500, 300)),
            file("two.pdf", PDF, "application/pdf"),
            file("three.jpg", jpeg(900, 700), "image/jpeg"),
        )
        card(page, "one.png")
        failed = card(page, "two.pdf", "failed")
        expect(failed.locator(".card-state")).to_contain_text("This is PDF")
        expect(failed.locator(".card-state")).to_contain_text("Accepted: jpg, png")
        expect(failed.get_by_role("button")).to_have_count(0)
        card(page, "three.jpg")
        # A tile comes a moment after its card is done.
        expect(page.locator(".tile-name").nth(0)).to_have_text("three.jpg")
        expect(page.locator(".tile-name").nth(1)).to_have_text("one.png")

    def test_the_links_work(self, tab: Tab, site: Server) -> None:
        page = tab.page
        page.goto(f"{site.url}/")
        choose(page, file("linked.png", png(1000, 600)))
        done = card(page, "linked.png")
        for name, size in (
            ("original", (1000, 600)),
            ("medium", (800, 480)),
            ("small", (400, 240)),
        ):
            reply = site.get(link(done, name).removeprefix(site.url))
            assert Image.open(io.BytesIO(reply.content)).size == size
        assert link(done, "medium") in link(done, "markdown")
        page.goto(link(done, "page"))
        expect(page.get_by_role("heading", level=1)).to_have_text("linked.png")
        assert loaded(page, "#picture")

    def test_progress_is_seen(self, tab: Tab, site: Server) -> None:
        page = tab.page
        page.goto(f"{site.url}/")
        network = page.context.new_cdp_session(page)
        network.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 150_000},
        )
        page.evaluate(
            """() => {
                window.seen = [];
                new MutationObserver(() => {
                    const state = document.querySelector(".card-state");
                    const bar = document.querySelector(".card progress");
                    if (state) seen.push([state.textContent, bar.value]);
                }).observe(document.body, { subtree: true, childList: true, characterData: true });
            }"""
        )
        choose(page, file("slow.jpg", jpeg(1100, 900, quality=95), "image/jpeg"))
        bar = page.get_by_role("progressbar", name="Upload of slow.jpg")
        expect(bar).to_be_visible()
        card(page, "slow.jpg")
        expect(bar).to_be_hidden()
        seen = page.evaluate("seen")
        percents = [int(found[1]) for text, _ in seen if (found := re.search(r", (\d+) %", text))]
        assert percents == sorted(percents)
        assert len({p for p in percents if 0 < p < 100}) >= 3
        assert any("checking" in text for text, _ in seen)

    def test_a_large_file_is_refused_before_it_is_sent(self, tab: Tab, site: Server) -> None:
        page = tab.page
        page.goto(f"{site.url}/")
        choose(page, file("large.png", png(40, 30) + b"\0" * 1_500_000))
        failed = card(page, "large.png", "failed")
        expect(failed.locator(".card-state")).to_have_text(
            "This file has 1.4 MB. The server takes up to 977 KB."
        )
        expect(page.locator("#status")).to_contain_text("large.png: This file has")

    def test_a_damaged_picture_is_refused_in_the_servers_words(
        self, tab: Tab, site: Server
    ) -> None:
        tab.refusals.add(422)
        damaged = jpeg(600, 500)[:20_000]
        with site.client() as client:
            words = client.post("/api/images", files={"file": ("d.jpg", damaged)}).json()["detail"]
        page = tab.page
        page.goto(f"{site.url}/")
        choose(page, file("d.jpg", damaged, "image/jpeg"))
        expect(card(page, "d.jpg", "failed").locator(".card-state")).to_have_text(words)

    def test_a_lost_connection_can_be_tried_again(self, tab: Tab, site: Server) -> None:
        page = tab.page
        page.goto(f"{site.url}/")
        page.route("**/api/images", lambda route: route.abort())
        choose(page, file("again.png", png(310, 200)))
        failed = card(page, "again.png", "failed")
        expect(failed.locator(".card-state")).to_contain_text("The server cannot be reached")
        page.unroute("**/api/images")
        failed.get_by_role("button", name="Try again").click()
        card(page, "again.png")
        tab.errors = [error for error in tab.errors if "ERR_FAILED" not in error]

    def test_who_was_signed_out_is_told(self, tab: Tab, site: Server) -> None:
        # Tiles of private pictures may still load while the cookie goes.
        tab.refusals |= {401, 404}
        page = tab.page
        page.goto(f"{site.url}/")
        page.context.clear_cookies()
        choose(page, file("late.png", png(312, 200)))
        failed = card(page, "late.png", "failed")
        expect(failed.locator(".card-state")).to_contain_text("You are signed out")
        expect(failed.get_by_role("button", name="Try again")).to_be_visible()
