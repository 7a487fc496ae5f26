"""The hashes that bind events together, made from the format alone: links of the chain, and the tree over them."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID


def link_of(event_id: str, version: int, topic: str, state: str, previous: str) -> str:
    """The link of the chain that an event's text gives, in hex. Raises: ValueError."""
    named, text = topic.encode(), state.encode()
    head = bytes.fromhex(previous) + UUID(event_id).bytes + version.to_bytes(4)
    return sha256(head + len(named).to_bytes(4) + named + text).hexdigest()


def climbed(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
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


def leads_to(root: str, link: str, index: int, size: int, path: Sequence[str]) -> bool:
    """Whether that link, in its place, is under the root. All in hex. Raises: ValueError."""
    return climbed(bytes.fromhex(link), index, size, [bytes.fromhex(step) for step in path]) == bytes.fromhex(root)
