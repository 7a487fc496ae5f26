"""`scripts/vendor`: fetch from npm, at fixed versions, the files that pages serve themselves, or check those here.

Each folder's `vendor.json` names version, licence and the SHA-256 of every file. Nothing is fetched when
pages are served.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SERVED: Final = ROOT / "network" / "api" / "static" / "vendor"
TESTED: Final = ROOT / "tests" / "browser" / "vendor"


@dataclass(frozen=True)
class Package:
    """One npm package: which of its files go where. `files`: {path in the package: name here}."""

    name: str
    version: str
    licence: str
    folder: Path
    files: dict[str, str]


PACKAGES: Final = (
    Package("htmx.org", "2.0.11", "0BSD", SERVED / "htmx", {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"}),
    Package("barcode-detector", "3.2.2", "MIT", SERVED / "barcode-detector", {
        "dist/es/ponyfill.js": "ponyfill.js", "dist/es/zxing-exported.js": "zxing-exported.js", "LICENSE": "LICENSE"}),
    # The version that barcode-detector names: the two are built for each other.
    Package("zxing-wasm", "3.1.3", "MIT", SERVED / "zxing-wasm", {
        "dist/reader/zxing_reader.wasm": "zxing_reader.wasm", "LICENSE": "LICENSE"}),
    Package("chart.js", "4.6.1", "MIT", SERVED / "chart", {
        "dist/chart.umd.min.js": "chart.umd.min.js", "LICENSE.md": "LICENSE.md"}),
    Package("axe-core", "4.14.1", "MPL-2.0", TESTED, {"axe.min.js": "axe.min.js", "LICENSE": "LICENSE"}),
)  # fmt: skip


def fetch(package: Package) -> None:
    """Replace the package's folder by what npm has under this version."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("scripts/vendor needs npm")
    with tempfile.TemporaryDirectory() as name:
        subprocess.run(
            [npm, "pack", "--silent", f"{package.name}@{package.version}"], cwd=name, check=True, capture_output=True
        )
        (packed,) = Path(name).glob("*.tgz")
        with tarfile.open(packed) as archive:
            contents = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
            shutil.rmtree(package.folder, ignore_errors=True)
            package.folder.mkdir(parents=True)
            for source, here in package.files.items():
                file = contents[f"package/{source}"]
                assert file is not None, "only files were kept"
                (package.folder / here).write_bytes(file.read())
    facts = {"name": package.name, "version": package.version, "licence": package.licence, "sha256": sums(package)}
    (package.folder / "vendor.json").write_text(json.dumps(facts, indent=1) + "\n")


def sums(package: Package) -> dict[str, str]:
    """The SHA-256 of each file as it is here."""
    return {
        name: hashlib.sha256((package.folder / name).read_bytes()).hexdigest()
        for name in sorted(package.files.values())
    }


def differences(package: Package) -> list[str]:
    """What is not as `vendor.json` and the table above say."""
    told = json.loads((package.folder / "vendor.json").read_text())
    wanted = {"name": package.name, "version": package.version, "licence": package.licence, "sha256": sums(package)}
    known = {"vendor.json", *package.files.values()}
    strangers = {path.name for path in package.folder.iterdir()} - known
    return [f"{package.name}: {key} differs" for key in wanted if told.get(key) != wanted[key]] + [
        f"{package.name}: {name} is none of its files" for name in sorted(strangers)
    ]


def main() -> int:
    """Fetch; with --check only compare what is here with its hashes."""
    parser = argparse.ArgumentParser(prog="scripts/vendor", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fetch nothing; fail if a file is not the one it was")
    options = parser.parse_args()
    if not options.check:
        for package in PACKAGES:
            fetch(package)
    found = [line for package in PACKAGES for line in differences(package)]
    print("\n".join(found) or "every vendored file is as its hash says")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
