"""Writes a window's archive: a zip whose manifest hashes every file, and the coalition's signature on the manifest."""

import shutil
import zipfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from uuid import UUID

import msgspec

import network
from network import cose
from network.archive.merkle import Tree
from network.archive.selecting import Kept, cuts_of, events_of, link_at, links_of
from network.coalitions import OpenCoalition, Readable
from network.public_keys import COSE_ALGORITHMS
from network.settlement import documents
from network.settlement.closing import predecessor_when_stated
from network.settlement.reading import Reading, stated_window
from network.signing import RootSigner

FORMAT = 1
CONTENT_TYPE = "application/vnd.pollen.window-archive"
_ALG, _CONTENT_TYPE, _KID = 1, 3, 4
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_json = msgspec.json.Encoder(order="deterministic")
_READ_ME = """This is window {window} of {name}, as its log has it.
Check it without the network:  python -m merchants statement check FILE
"""


def write_archive(coalition: OpenCoalition, number: int, party_id: UUID | None, out: BinaryIO) -> None:
    """One window for one partner, or with everything for the organizer. The same window gives the same bytes. What is
    long goes through files on disk.

    Raises: WindowNotFound, WindowStateForbids before it is stated, ViewBehind, StatementDiffers.
    """
    with TemporaryDirectory(prefix="pollen-archive-") as folder:
        about = make_members(coalition, number, party_id, Path(folder))
        pack(coalition, about, Path(folder), out)


def make_members(coalition: Readable, number: int, party_id: UUID | None, folder: Path) -> bytes:
    """Write the files that need no key into a folder; what the manifest says of them. Raises: as `write_archive`."""
    files: dict[str, dict[str, Any]] = {}

    def add(name: str, pieces: Iterable[bytes]) -> None:
        size, whole = 0, sha256()
        with (folder / name).open("wb") as content:
            for piece in pieces:
                size += content.write(piece)
                whole.update(piece)
        files[name] = {"bytes": size, "sha256": whole.hexdigest()}

    if number > 1:
        with stated_window(coalition, number - 1) as before:
            add("previous.json", _statements(before, party_id))
    with stated_window(coalition, number) as reading:
        add("statement.json", _statements(reading, party_id))
        heading = reading.heading
        tree = Tree(links_of(reading.connection, reading.schema, heading.after_position, heading.position))
        kept = events_of(reading, party_id)
        add("events.jsonl", (_line(one, tree, heading.after_position, heading.position) for one in kept))
        add("README.txt", [_READ_ME.format(window=number, name=heading.coalition_name).encode()])
        return _json.encode({**_about(coalition, reading, tree, party_id), "files": files})


def pack(coalition: OpenCoalition, about: bytes, folder: Path, out: BinaryIO) -> None:
    """The files of a folder behind a signed manifest."""
    root = coalition.keyring.root()
    told = msgspec.json.decode(about) | {
        "root_key": {
            "kid": root.key.kid.hex(),
            "algorithm": root.key.algorithm.value,
            "public_key": root.key.public_key.hex(),
        }
    }
    manifest = msgspec.json.format(_json.encode(told), indent=1) + b"\n"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(_member("manifest.json"), manifest)
        package.writestr(_member("signature.cose"), signature_of(manifest, root))
        for name, file in told["files"].items():
            member = _member(name)
            member.file_size = file["bytes"]
            with (folder / name).open("rb") as content, package.open(member, "w") as copy:
                shutil.copyfileobj(content, copy)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _LONG_AGO)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member


def _about(coalition: Readable, reading: Reading, tree: Tree, party_id: UUID | None) -> dict[str, Any]:
    heading = reading.heading
    return {
        "format": FORMAT,
        "coalition_id": heading.coalition_id,
        "window": heading.window,
        "party_id": party_id,
        "currency": heading.currency,
        "after_position": heading.after_position,
        "after_hash": link_at(reading.connection, reading.schema, heading.after_position).hex(),
        "position": heading.position,
        "chain_hash": heading.chain_hash,
        "events_root": tree.root.hex(),
        "cut_path": [step.hex() for step in tree.path(heading.position - heading.after_position - 1)],
        "cuts": cuts_of(reading.connection, reading.schema, heading.window),
        "opening": _opening(coalition, heading.window, party_id),
        "terms": {"method": heading.method, "threshold": heading.threshold},
        "code": {"version": version("pollen"), "sha256": code_digest()},
    }


def signature_of(manifest: bytes, root: RootSigner) -> bytes:
    """A COSE_Sign1 of the manifest's SHA-256 by the coalition's root key."""
    protected: dict[int, Any] = {
        _ALG: COSE_ALGORITHMS[root.key.algorithm][0],
        _CONTENT_TYPE: CONTENT_TYPE,
        _KID: root.key.kid,
    }
    return cose.seal(protected, sha256(manifest).digest(), root)


@lru_cache(maxsize=1)
def code_digest() -> str:
    """What made the archive: the hash of this package's source, file by file in order of their names."""
    folder = Path(network.__file__).parent
    whole = sha256()
    for path in sorted(folder.rglob("*.py"), key=lambda one: one.relative_to(folder).as_posix()):
        whole.update(f"{path.relative_to(folder).as_posix()}\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _statements(reading: Reading, party_id: UUID | None) -> Iterator[bytes]:
    """By the first version."""
    parties = reading.parties() if party_id is None else [party_id]
    sums = (reading.summary(party, 1) for party in parties)
    told = ((statement, reading.each_line(statement)) for statement in sums)
    return documents.all_json_of(told) if party_id is None else documents.json_of(*next(told))


def _opening(coalition: Readable, number: int, party_id: UUID | None) -> dict[str, Any]:
    """What the window before carried over, by its version that counted when this one was stated."""
    if number == 1:
        return {"version": None, "carried": []}
    with coalition.reading() as recorder:
        before = predecessor_when_stated(coalition, recorder, number)
    own = [due for due in before.carried if party_id in (None, due.debtor, due.creditor)]
    return {"version": before.settlement_version, "carried": own}


def _line(kept: Kept, tree: Tree, after: int, until: int) -> bytes:
    facts: dict[str, Any] = {
        "position": kept.position,
        "id": kept.id,
        "version": kept.version,
        "topic": kept.topic,
        "previous": kept.previous,
        "hash": kept.hash,
    }
    facts |= {"state": kept.state} if kept.facts is None else {"facts": kept.facts}
    if after < kept.position <= until:
        facts["path"] = [step.hex() for step in tree.path(kept.position - after - 1)]
    return _json.encode(facts) + b"\n"
