"""Reads an archive's files. Nothing in them is believed yet; `proof` and `recompute` look at what they say.

Events are read one at a time and are most of an archive, so their hashes are made as they pass, and of their text and
their way to the root only the outcome is kept.
"""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from merchants.statements.hashes import leads_to, link_of

Facts = dict[str, Any]
FORMAT = 1
_FILES = {"manifest.json", "signature.cose", "events.jsonl", "statement.json"}
_MAY_BE = {"previous.json", "README.txt"}


class NotAnArchive(Exception):
    """The file cannot be read as an archive of ours; the text says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `check` is a stable word, `where` the file, event, line or pair."""

    check: str
    where: str
    says: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the log. `linked`: its text gives its link; None where there is no text, since a guest was left out.
    `rooted`: its link is under the window's root; None for an event from before.
    """

    position: int
    id: str
    version: int
    topic: str
    facts: Facts
    previous: str
    hash: str
    linked: bool | None
    rooted: bool | None


@dataclass(slots=True)
class Archive:
    """All of it. `previous` are the statements of the window before; none before the first. `hashes`: SHA-256 of each
    file, in hex.
    """

    hashes: dict[str, str]
    signature: bytes
    manifest: Facts
    events: list[Event]
    statements: list[Facts]
    previous: list[Facts]
    findings: list[Finding] = field(default_factory=list)

    @property
    def party_id(self) -> str | None:
        """Whose archive it is; None for that of the whole coalition."""
        found: str | None = self.manifest["party_id"]
        return found

    @property
    def currency(self) -> str:
        """Of all its amounts."""
        return str(self.manifest["currency"])

    @property
    def covered(self) -> list[Event]:
        """The events of this window; the others are from before it, or its own statement."""
        after, until = self.manifest["after_position"], self.manifest["position"]
        return [event for event in self.events if after < event.position <= until]

    def find(self, check: str, where: object, says: str) -> None:
        """Note a difference."""
        self.findings.append(Finding(check, str(where), says))


class _Package:
    """The files of an archive, each hashed while it is read."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self.names = set(package.namelist())
        self.hashes: dict[str, str] = {}

    def lines(self, name: str) -> Iterator[bytes]:
        whole = sha256()
        with self._package.open(name) as document:
            for line in document:
                whole.update(line)
                yield line
        self.hashes[name] = whole.hexdigest()

    def whole(self, name: str) -> bytes:
        return b"".join(self.lines(name))

    def statements(self, name: str) -> list[Facts]:
        if name not in self.names:
            return []
        document: Facts = json.loads(self.whole(name))
        found: list[Facts] = document["statements"] if "statements" in document else [document["statement"]]
        return found


def read_archive(path: Path) -> Archive:
    """Raises: NotAnArchive."""
    try:
        with zipfile.ZipFile(path) as package:
            return _read(path, _Package(package))
    except (OSError, zipfile.BadZipFile, RuntimeError, zipfile.zlib.error) as problem:  # type: ignore[attr-defined]
        raise NotAnArchive(f"{path} cannot be read: {problem}") from problem
    except (LookupError, TypeError, ValueError, OverflowError) as problem:
        raise NotAnArchive(f"{path} is not what an archive looks like: {problem!r}") from problem


def _read(path: Path, package: _Package) -> Archive:
    if missing := sorted(_FILES - package.names):
        raise NotAnArchive(f"{path} has no {', '.join(missing)}")
    manifest = json.loads(package.whole("manifest.json"))
    if manifest["format"] != FORMAT:
        raise NotAnArchive(f"{path} is of format {manifest['format']}, this program reads {FORMAT}: update it")
    events = [_event(json.loads(line), manifest) for line in package.lines("events.jsonl")]
    statements = package.statements("statement.json")
    archive = Archive(
        package.hashes,
        package.whole("signature.cose"),
        manifest,
        events,
        statements,
        package.statements("previous.json"),
    )
    for name in sorted(package.names - _FILES - _MAY_BE):
        archive.find("file", name, "this file does not belong to an archive")
    for name in sorted(package.names - package.hashes.keys()):
        for _ in package.lines(name):
            pass
    return archive


def check_files(archive: Archive) -> None:
    """Every file must be the one that the manifest names."""
    named: Facts = archive.manifest["files"]
    for name in sorted({*named, *(archive.hashes.keys() - {"manifest.json", "signature.cose"})}):
        found = archive.hashes.get(name)
        if found is None:
            archive.find("file", name, "the manifest names it, and it is not there")
        elif name not in named:
            archive.find("file", name, "the manifest does not name it")
        elif found != named[name]["sha256"]:
            archive.find("file", name, "it is not the file that the manifest names: it was changed afterwards")


def _event(line: Facts, manifest: Facts) -> Event:
    state: str | None = line.get("state")
    place = (line["id"], line["version"], line["topic"])
    after, until = manifest["after_position"], manifest["position"]
    index, rooted = line["position"] - after - 1, None
    if after < line["position"] <= until:
        rooted = leads_to(manifest["events_root"], line["hash"], index, until - after, line.get("path") or ())
    return Event(
        line["position"],
        *place,
        facts=line["facts"] if state is None else json.loads(state),
        previous=line["previous"],
        hash=line["hash"],
        linked=None if state is None else link_of(*place, state, line["previous"]) == line["hash"],
        rooted=rooted,
    )
