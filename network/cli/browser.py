"""The Chromium that browser tests drive: what is there, else Debian's, else Playwright's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from network.cli.steps import PROGRAMS, run


def find_browser() -> str | None:
    """The path of a Chromium, asking no network."""
    named = os.environ.get("POLLEN_CHROMIUM")
    for name in (named, "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def ensure_browser() -> str | None:
    """Find or install a Chromium; without one say so aloud, and the browser tests will fail to start."""
    if found := find_browser():
        return found
    print("Installing Chromium for the browser tests ...", file=sys.stderr, flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _install_debians()
    if not find_browser():
        run([str(PROGRAMS / "playwright"), "install", "chromium"])
    found = find_browser()
    if found is None:
        print("WARNING: no Chromium could be installed; install one or set POLLEN_CHROMIUM.", file=sys.stderr)
    return found


def _install_debians() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        subprocess.run(
            ["/usr/bin/apt-get", *command], check=False, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr
        )


if __name__ == "__main__":
    print(ensure_browser() or "none")
