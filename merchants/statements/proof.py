"""Whether the events are those of the log: the signature, each event's link in the chain, the tree over all of them."""

from hashlib import sha256
from uuid import UUID

from merchants.cbor import CborError, read_one
from merchants.keys import COSE_NAMES, KeysRefused, VerifyKey, open_sign1, signed_part
from merchants.statements.archive import Archive, Event

CONTENT_TYPE = "application/vnd.pollen.window-archive"


def check_signature(archive: Archive, root_key: str | None) -> str:
    """The coalition's root key must have signed the manifest. `root_key`: the one that was given out of band, in hex;
    without it the one in the archive vouches for itself. Returns the key that was used.
    """
    about = archive.manifest["root_key"]
    named = str(about["public_key"])
    try:
        protected, payload, signature = open_sign1(archive.raw["signature.cose"])
        header = read_one(protected)
        point = bytes.fromhex(root_key or named)
        key = VerifyKey.of(bytes.fromhex(about["kid"]), about["algorithm"], point[-64:][:32], point[-64:][32:])
        fits = isinstance(header, dict) and header.get(3) == CONTENT_TYPE and header.get(4) == key.kid
        fits = fits and COSE_NAMES.get(header[1]) == key.algorithm  # type: ignore[index,arg-type]
        if not fits or not key.fits(signature, signed_part(protected, payload)):
            archive.find("signature", "signature.cose", "it is not the signature of this coalition's root key")
    except (CborError, KeysRefused, LookupError, TypeError, ValueError) as problem:
        archive.find("signature", "signature.cose", f"it cannot be read: {problem}")
        return named
    if payload != sha256(archive.raw["manifest.json"]).digest():
        archive.find("signature", "manifest.json", "it is not the manifest that was signed: it was changed afterwards")
    return root_key or named


def check_events(archive: Archive) -> tuple[int, int]:
    """Returns how many events were held against the chain, and how many show no guest and so cannot be."""
    _check_order(archive)
    hidden = 0
    for event in archive.events:
        if event.state is None:
            hidden += 1
        elif _link(event) != event.hash:
            archive.find("event", event.position, f"this is not the {event.topic} that was appended there")
    _check_tree(archive)
    if archive.party_id is None:
        _check_whole_chain(archive)
    return len(archive.events) - hidden, hidden


def _check_order(archive: Archive) -> None:
    last = 0
    for event in archive.events:
        if event.position <= last:
            archive.find("event", event.position, "it stands twice, or in the wrong place")
        last = event.position


def _check_whole_chain(archive: Archive) -> None:
    """From the hash at the cut before to the hash at this cut, without a gap."""
    manifest = archive.manifest
    position, link = manifest["after_position"], manifest["after_hash"]
    for event in archive.covered:
        if event.position > position + 1:
            archive.find("event", position + 1, f"the events {position + 1} to {event.position - 1} were taken out")
        elif event.previous != link:
            archive.find("event", event.position, "it does not follow the event before it")
        position, link = event.position, event.hash
    if (position, link) != (manifest["position"], manifest["chain_hash"]):
        archive.find("event", position, "the chain does not end with the hash that the statement names")


def _check_tree(archive: Archive) -> None:
    manifest = archive.manifest
    after, size = manifest["after_position"], manifest["position"] - manifest["after_position"]
    root = bytes.fromhex(manifest["events_root"])
    for event in archive.covered:
        path = [bytes.fromhex(step) for step in event.path or ()]
        if climbed(bytes.fromhex(event.hash), event.position - after - 1, size, path) != root:
            archive.find("event", event.position, "it is not under the root that stands for this window's events")
    cut = [bytes.fromhex(step) for step in manifest["cut_path"]]
    if climbed(bytes.fromhex(manifest["chain_hash"]), size - 1, size, cut) != root:
        archive.find("event", manifest["position"], "the hash at the cut is not the last one under the root")


def climbed(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a leaf and its neighbours lead to; empty bytes when there are too few or too many of them."""
    found, left = sha256(b"\x00" + leaf).digest(), list(path)
    while size > 1:
        if index ^ 1 < size:
            if not left:
                return b""
            pair = (left.pop(0), found) if index % 2 else (found, left.pop(0))
            found = sha256(b"\x01" + pair[0] + pair[1]).digest()
        index, size = index // 2, (size + 1) // 2
    return b"" if left else found


def _link(event: Event) -> str:
    topic, state = event.topic.encode(), (event.state or "").encode()
    head = bytes.fromhex(event.previous) + UUID(event.id).bytes + event.version.to_bytes(4)
    return sha256(head + len(topic).to_bytes(4) + topic + state).hexdigest()
