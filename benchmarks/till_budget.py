"""What a till costs: the bytes of its first use with and without the scanner, and the time from scan to answer.

`scripts/bench-till`: a network of its own with the demo, and a real headless Chromium. Fails when a budget is broken.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from playwright.sync_api import Page, expect, sync_playwright

from network.cli.browser import find_browser

SCANNER_BYTES_MAX = 700_000
ANSWER_MS_MAX = 300
SCANS = 30
_TIMED = """() => { addEventListener("keydown",
(event) => { if (event.key === "Enter") globalThis.began = performance.now(); }, true);
document.addEventListener("pollen:shown", () => { globalThis.took = performance.now() - globalThis.began; }); }"""


def main() -> int:
    """Measure, print, and compare with the budgets."""
    with tempfile.TemporaryDirectory(prefix="pollen-bench-") as folder:
        environment = {**os.environ, "POLLEN_DATA_DIR": f"{folder}/data", "PYTHONUNBUFFERED": "1"}
        environment.pop("DATABASE_URL", None)
        server = subprocess.Popen(
            [sys.executable, "-P", "-m", "network.cli.run", "--port", "0", "--demo-days", "28"],
            env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            return _measure(_welcome(server), Path(folder))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def _welcome(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line)
        if line.startswith("Every command"):
            break
    return "".join(lines)


def _measure(welcome: str, folder: Path) -> int:
    door = re.search(r"(http://\S+/enrol#\S+)  till of Terrace Restaurant", welcome)
    assert door is not None, "the demo has a till there"
    base = "{0.scheme}://{0.netloc}".format(urlsplit(door[1]))
    credentials = json.loads((folder / "data" / "demo-credentials.json").read_text())
    salon = next(secret for role, name, secret in credentials if (role, name) == ("till", "Anna's Salon"))
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {salon}"}) as http:
        tokens = [_issued(http, number) for number in range(SCANS + 3)]
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        browser = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        # Without the service worker: what that fetches for a time without a network, the page's wire does not show.
        page = browser.new_page(locale="en-GB", service_workers="block")
        bytes_of, hosts = _counted(page)
        _take(page, door[1])
        page.goto(f"{base}/till/redeem", wait_until="networkidle")
        without = sum(bytes_of)
        page.get_by_role("button", name="Use the camera").click()
        page.wait_for_timeout(2_000)
        with_scanner = sum(bytes_of)
        times = [_scan(page, base, token, number) for number, token in enumerate(tokens)][3:]
        browser.close()
    return _told(without, with_scanner, median(times), hosts - {urlsplit(base).netloc})


def _issued(http: httpx.Client, number: int) -> str:
    """A certificate of the salon for the restaurant."""
    bill = {"bill_reference": f"bench {number}", "amount": 5_000, "currency": "EUR"}
    paid = http.post("/v1/payments", json=bill, headers={"Idempotency-Key": str(uuid4())})
    payment = paid.json()["payment_id"]
    options = _options(http, payment, paid.headers["Pollen-Position"])
    agreement = next(one["agreement_id"] for one in options if one["acceptor_name"] == "Terrace Restaurant")
    choice = {"choices": [{"certificate_id": str(uuid4()), "agreement_id": agreement}]}
    path = f"/v1/payments/{payment}/certificates"
    answer = http.post(path, json=choice, headers={"Idempotency-Key": str(uuid4())}).json()
    return str(answer["certificates"][0]["token"])


def _options(http: httpx.Client, payment: str, position: str) -> list[dict[str, Any]]:
    """What may be handed out, once the views have come as far as this bill."""
    while True:
        answer = http.get(f"/v1/payments/{payment}/options", headers={"Pollen-Position": position})
        if answer.is_success:
            found: list[dict[str, Any]] = answer.json()["options"]
            return found


def _counted(page: Page) -> tuple[list[float], set[str]]:
    """Every byte that came over the wire, and every host that was asked."""
    sizes: list[float] = []
    hosts: set[str] = set()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))

    def asked(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            hosts.add(urlsplit(event["request"]["url"]).netloc)

    session.on("Network.requestWillBeSent", asked)
    return sizes, hosts


def _take(page: Page, door: str) -> None:
    page.goto(door)
    page.get_by_role("button", name="Connect").click()
    page.get_by_label("Ivan").check()
    page.get_by_label("PIN").fill("2580")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("link", name="After payment Give")).to_be_visible()


def _scan(page: Page, base: str, token: str, number: int) -> float:
    """Milliseconds from the scanner's Enter to the answer on the screen."""
    page.goto(f"{base}/till/redeem")
    page.evaluate(_TIMED)
    page.get_by_label("The whole bill").fill("30.00")
    page.get_by_label("Number of the bill").fill(f"R {number}")
    page.get_by_label("Scan or type the code").focus()
    page.keyboard.insert_text(f"{base}/v#{token}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Yes")).to_be_visible()
    return float(page.evaluate("globalThis.took"))


def _told(without: float, with_scanner: float, milliseconds: float, strangers: set[str]) -> int:
    print(f"till, first use without the camera: {without / 1000:.0f} kB")
    print(f"till, first use with the scanner:   {with_scanner / 1000:.0f} kB (budget {SCANNER_BYTES_MAX // 1000} kB)")
    print(f"scan to answer, median of {SCANS}:     {milliseconds:.0f} ms (budget {ANSWER_MS_MAX} ms)")
    print(f"other hosts asked:                  {', '.join(sorted(strangers)) or 'none'}")
    broken = with_scanner > SCANNER_BYTES_MAX or milliseconds > ANSWER_MS_MAX or bool(strangers)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
