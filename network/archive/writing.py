"""Writes a window's archive: a zip whose manifest hashes every file, and the coalition's signature on the manifest."""

import io
import zipfile
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

import network
from network import cose
from network.archive.merkle import Tree
from network.archive.selecting import Kept, cuts_of, events_of, link_at, links_of
from network.coalitions import OpenCoalition
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


def archive_of(coalition: OpenCoalition, number: int, party_id: UUID | None) -> bytes:
    """One window for one partner, or with everything for the organizer. The same window gives the same bytes.

    Raises: WindowNotFound, WindowStateForbids before it is stated, ViewBehind, StatementDiffers.
    """
    files: dict[str, bytes] = {}
    if number > 1:
        with stated_window(coalition, number - 1) as before:
            files["previous.json"] = _statements(before, party_id)
    with stated_window(coalition, number) as reading:
        files["statement.json"] = _statements(reading, party_id)
        kept = events_of(reading, party_id)
        heading = reading.heading
        tree = Tree(links_of(reading.connection, reading.schema, heading.after_position, heading.position))
        files["events.jsonl"] = b"".join(_line(one, tree, heading.after_position, heading.position) for one in kept)
        files["README.txt"] = _READ_ME.format(window=number, name=heading.coalition_name).encode()
        root = coalition.keyring.root()
        about = {
            "format": FORMAT,
            "coalition_id": heading.coalition_id,
            "window": number,
            "party_id": party_id,
            "currency": heading.currency,
            "after_position": heading.after_position,
            "after_hash": link_at(reading.connection, reading.schema, heading.after_position).hex(),
            "position": heading.position,
            "chain_hash": heading.chain_hash,
            "events_root": tree.root.hex(),
            "cut_path": [step.hex() for step in tree.path(heading.position - heading.after_position - 1)],
            "cuts": cuts_of(reading.connection, reading.schema, number),
            "opening": _opening(coalition, number, party_id),
            "terms": {"method": heading.method, "threshold": heading.threshold},
            "code": {"version": version("pollen"), "sha256": code_digest()},
            "root_key": {
                "kid": root.key.kid.hex(),
                "algorithm": root.key.algorithm.value,
                "public_key": root.key.public_key.hex(),
            },
            "files": {name: {"bytes": len(it), "sha256": sha256(it).hexdigest()} for name, it in files.items()},
        }
    manifest = msgspec.json.format(_json.encode(about), indent=1) + b"\n"
    return _packed({"manifest.json": manifest, "signature.cose": signature_of(manifest, root), **files})


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


def _statements(reading: Reading, party_id: UUID | None) -> bytes:
    if party_id is not None:
        return documents.as_json(reading.statement(party_id))
    return documents.all_as_json(reading.statement(party) for party in reading.parties())


def _opening(coalition: OpenCoalition, number: int, party_id: UUID | None) -> dict[str, Any]:
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


def _packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, document in files.items():
            member = zipfile.ZipInfo(name, _LONG_AGO)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            package.writestr(member, document)
    return out.getvalue()
