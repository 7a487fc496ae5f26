"""Whether the events are those of the log: the signature, each event's link in the chain, the tree over all of them."""

from merchants.cbor import CborError, read_one
from merchants.keys import COSE_NAMES, KeysRefused, VerifyKey, open_sign1, signed_part
from merchants.statements.archive import Archive
from merchants.statements.hashes import leads_to

CONTENT_TYPE = "application/vnd.pollen.window-archive"


def check_signature(archive: Archive, root_key: str | None) -> str:
    """The coalition's root key must have signed the manifest. `root_key`: the one that was given out of band, in hex;
    without it the one in the archive vouches for itself. Returns the key that was used.
    """
    about = archive.manifest["root_key"]
    named = str(about["public_key"])
    try:
        protected, payload, signature = open_sign1(archive.signature)
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
    if payload != bytes.fromhex(archive.hashes["manifest.json"]):
        archive.find("signature", "manifest.json", "it is not the manifest that was signed: it was changed afterwards")
    return root_key or named


def check_events(archive: Archive) -> tuple[int, int]:
    """Returns how many events were held against the chain, and how many show no guest and so cannot be."""
    _check_order(archive)
    hidden = 0
    for event in archive.events:
        if event.linked is None:
            hidden += 1
        elif not event.linked:
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
    size = manifest["position"] - manifest["after_position"]
    for event in archive.covered:
        if not event.rooted:
            archive.find("event", event.position, "it is not under the root that stands for this window's events")
    if not leads_to(manifest["events_root"], manifest["chain_hash"], size - 1, size, manifest["cut_path"]):
        archive.find("event", manifest["position"], "the hash at the cut is not the last one under the root")
