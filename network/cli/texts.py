"""`scripts/texts`: bring the readers' languages up to the texts in the code, or list what is missing."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from network.languages import LANGUAGES, catalogue_path

ROOT: Final = Path(__file__).parents[1]
ROOMS: Final[dict[str, tuple[str, ...]]] = {
    "pages": ("api/pages/**.py", "api/templates/**.html", "api/static/pages/**.js", "contacts/**.py"),
    "papers": ("papers/**.py",),
    "reports": ("reports/**.py",),
    "wallet": ("api/wallet/**.py", "api/templates/wallet/**.html", "api/static/wallet/**.js"),
}
"""Which files speak in which room; a file belongs to the last room that names it."""
_METHODS: Final = {".py": "python", ".html": "jinja2.ext.babel_extract", ".js": "javascript"}


def room_catalogue(room: str) -> Catalog:
    """Every text of the room as the code has it now."""
    catalogue = Catalog(domain=room, charset="utf-8")
    later = [p for name in list(ROOMS)[list(ROOMS).index(room) + 1 :] for p in ROOMS[name]]
    methods = [(pattern, "ignore") for pattern in later] + [(p, _METHODS[Path(p).suffix]) for p in ROOMS[room]]
    found = extract_from_dir(ROOT, methods, comment_tags=("For translators:",), strip_comment_tags=True)
    for path, line, text, comments, context in sorted(found, key=lambda one: (one[0], one[1])):
        catalogue.add(text, None, [(path, line)], auto_comments=comments, context=context)
    return catalogue


def missing(room: str, language: str) -> Iterator[str]:
    """The texts of the room that the language lacks, and those that the code no longer has."""
    known = _known(room, language)
    wanted = room_catalogue(room)
    for message in wanted:
        if not message.id:
            continue
        have = known.get(message.id, message.context)
        if have is None or have.fuzzy or not all(have.string if isinstance(have.string, tuple) else (have.string,)):
            yield f"{language} {room}: lacks {message.id!r}"
    for message in known:
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"{language} {room}: no longer said: {message.id!r}"


def _known(room: str, language: str) -> Catalog:
    path = catalogue_path(room, language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=room)


def update(room: str, language: str) -> None:
    """Add the room's new texts to a catalogue, untranslated, and drop the old ones."""
    path = catalogue_path(room, language)
    wanted = room_catalogue(room)
    if not path.exists() and not any(message.id for message in wanted):
        return
    known = _known(room, language)
    known.update(wanted, no_fuzzy_matching=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, known, width=110, no_location=True, omit_header=True, ignore_obsolete=True, sort_output=True)


def main() -> int:
    """Update every catalogue; with --check only list what is missing, and fail if anything is."""
    parser = argparse.ArgumentParser(prog="scripts/texts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a text is missing")
    options = parser.parse_args()
    pairs = [(room, language) for room in ROOMS for language in LANGUAGES[1:]]
    if not options.check:
        for room, language in pairs:
            update(room, language)
    left = [line for room, language in pairs for line in missing(room, language)]
    print("\n".join(left) or "every text is there")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
