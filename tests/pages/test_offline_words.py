"""What the till keeps on the device is all that it needs there."""

import re

from network.api.pages.till.words import WORDS
from network.api.static_files import FILES

WORKER = (FILES / "till" / "worker.js").read_text(encoding="utf-8")
NOT_NEEDED = {"worker", "undelivered"}  # the worker itself; and a note for a device that is no till


def kept(folder: str) -> set[str]:
    """The modules of a folder that the worker keeps."""
    (names,) = re.findall(rf"\.\.\.\[([^\]]+)\]\.map\(\(name\) => `/static/{folder}/", WORKER)
    return set(re.findall(r'"(\w+)"', names))


def test_the_worker_keeps_every_script_of_the_till() -> None:
    ours = {path.stem for path in (FILES / "till").glob("*.js")} - NOT_NEEDED

    assert kept("till") == ours


def test_what_a_kept_script_imports_is_kept_too() -> None:
    for folder in ("till", "pages"):
        for name in kept(folder):
            text = (FILES / folder / f"{name}.js").read_text(encoding="utf-8")
            for where, wanted in re.findall(r'from "(\./|\.\./pages/)(\w+)\.js"', text):
                assert wanted in kept("pages" if where == "../pages/" else folder), (name, wanted)


def test_every_reason_that_a_script_gives_has_its_words() -> None:
    said = set()
    for name in ("judge", "keeper", "taking", "listing", "till"):
        text = (FILES / "till" / f"{name}.js").read_text(encoding="utf-8")
        said |= set(re.findall(r'(?:\bno|\bsay|code:)\(?\s*"(\w+)"', text)) | set(re.findall(r'"(pages_\w+)"', text))

    assert said - WORDS.keys() == set()
    assert len(said) > 15
