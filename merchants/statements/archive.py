"""Reads an archive's files. Nothing in them is believed yet; `proof` and `recompute` look at what they say."""

import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

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
    """One event of the log. `state` is the text that was hashed; None where a guest was left out of the facts."""

    position: int
    id: str
    version: int
    topic: str
    facts: Facts
    state: str | None
    previous: str
    hash: str
    path: tuple[str, ...] | None


@dataclass(slots=True)
class Archive:
    """All of it. `previous` are the statements of the window before; none before the first."""

    raw: dict[str, bytes]
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
    def covered(self) -> list[Event]:
        """The events of this window; the others are from before it, or its own statement."""
        after, until = self.manifest["after_position"], self.manifest["position"]
        return [event for event in self.events if after < event.position <= until]

    def find(self, check: str, where: object, says: str) -> None:
        """Note a difference."""
        self.findings.append(Finding(check, str(where), says))


def read_archive(path: Path) -> Archive:
    """Raises: NotAnArchive."""
    try:
        with zipfile.ZipFile(path) as package:
            raw = {name: package.read(name) for name in package.namelist()}
    except (OSError, zipfile.BadZipFile, RuntimeError, zipfile.zlib.error) as problem:  # type: ignore[attr-defined]
        raise NotAnArchive(f"{path} cannot be read: {problem}") from problem
    if missing := sorted(_FILES - raw.keys()):
        raise NotAnArchive(f"{path} has no {', '.join(missing)}")
    try:
        manifest = json.loads(raw["manifest.json"])
        if manifest["format"] != FORMAT:
            raise NotAnArchive(f"{path} is of format {manifest['format']}, this program reads {FORMAT}: update it")
        events = [_event(json.loads(line)) for line in raw["events.jsonl"].splitlines()]
        archive = Archive(raw, manifest, events, _statements(raw, "statement.json"), _statements(raw, "previous.json"))
    except (LookupError, TypeError, ValueError) as problem:
        raise NotAnArchive(f"{path} is not what an archive looks like: {problem!r}") from problem
    for name in sorted(raw.keys() - _FILES - _MAY_BE):
        archive.find("file", name, "this file does not belong to an archive")
    return archive


def check_files(archive: Archive) -> None:
    """Every file must be the one that the manifest names."""
    named: Facts = archive.manifest["files"]
    for name in sorted({*named, *(archive.raw.keys() - {"manifest.json", "signature.cose"})}):
        document = archive.raw.get(name)
        if document is None:
            archive.find("file", name, "the manifest names it, and it is not there")
        elif name not in named:
            archive.find("file", name, "the manifest does not name it")
        elif sha256(document).hexdigest() != named[name]["sha256"]:
            archive.find("file", name, "it is not the file that the manifest names: it was changed afterwards")


def _event(line: Facts) -> Event:
    state = line.get("state")
    facts: Facts = line["facts"] if state is None else json.loads(state)
    path: Iterable[str] | None = line.get("path")
    return Event(
        position=line["position"],
        id=line["id"],
        version=line["version"],
        topic=line["topic"],
        facts=facts,
        state=state,
        previous=line["previous"],
        hash=line["hash"],
        path=None if path is None else tuple(path),
    )


def _statements(raw: dict[str, bytes], name: str) -> list[Facts]:
    if name not in raw:
        return []
    document: Facts = json.loads(raw[name])
    found: list[Facts] = document["statements"] if "statements" in document else [document["statement"]]
    return found
