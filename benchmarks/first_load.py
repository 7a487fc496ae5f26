"""scripts/weigh: what a guest's phone fetches when it opens a scanned code for the first time, against the budget."""

import argparse
import gzip
import sys
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

from playwright.sync_api import Response, sync_playwright
from rich.console import Console
from rich.table import Table

from network.cli.browser import find_browser
from network.store.embedded import EmbeddedPostgres
from tests.api.street import Street, serving

BUDGET_BYTES = 100_000
"""DESIGN: the wallet's first load, compressed, without the scanner."""


def weigh(street: Street) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """`{path: (compressed bytes, requests)}` of a first load with the certificate shown, and other hosts asked."""
    weights: dict[str, tuple[int, int]] = {}
    elsewhere: list[str] = []
    host = urlsplit(street.server.url).netloc

    def count(answer: Response) -> None:
        address = urlsplit(answer.url)
        if address.netloc != host:
            elsewhere.append(answer.url)
            return
        size, times = weights.get(address.path, (0, 0))
        weights[address.path] = (size + len(gzip.compress(answer.body(), 9)), times + 1)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_context(locale="ru-RU", viewport={"width": 360, "height": 800}).new_page()
        page.on("response", count)
        page.goto(f"{street.server.url}/v#{street.paper()['token']}")
        page.locator("button.main").click()
        page.locator(".alive").wait_for()
        page.wait_for_load_state("networkidle")
        browser.close()
    return weights, elsewhere


def main() -> int:
    """Print the table; fail when the budget is broken."""
    argparse.ArgumentParser(prog="scripts/weigh", description=__doc__).parse_args()
    database = EmbeddedPostgres(Path(mkdtemp(prefix="pollen-weigh-")))
    try:
        with serving(database.start()) as server:
            street = Street.found(server, "street")
            weights, elsewhere = weigh(street)
            street.http.close()
    finally:
        database.stop()
    table = Table("fetched", "bytes, gzip -9", "requests")
    for path, (size, times) in sorted(weights.items(), key=lambda one: -one[1][0]):
        table.add_row(path, f"{size:,}", str(times))
    total = sum(size for size, _ in weights.values())
    console = Console()
    console.print(table)
    console.print(f"{total:,} bytes of {BUDGET_BYTES:,}; {len(elsewhere)} requests to other hosts")
    return 0 if total < BUDGET_BYTES and not elsewhere else 1


if __name__ == "__main__":
    sys.exit(main())
