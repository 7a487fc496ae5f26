"""Deterministic CBOR (RFC 8949, section 4.2.1), read and written, that knows only what our documents contain.

Integers, bytes, text, arrays, maps with integers or text as keys. Everything else, and every second spelling, is an
error by construction: no tags, no floats, no indefinite lengths, shortest heads, map keys in order, nothing after.
"""

from typing import Any, TypeAlias

Item: TypeAlias = "int | bytes | str | list[Item] | dict[int | str, Item]"

_DEPTH_MAX = 6
_SHORTEST = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}  # the least number that needs this head


class CborError(Exception):
    """Bytes that are no deterministic CBOR of ours. `spelling` tells a second spelling from damage."""

    def __init__(self, *, spelling: bool = False) -> None:
        super().__init__("another spelling" if spelling else "malformed")
        self.spelling = spelling


def read_one(encoded: bytes) -> Item:
    """The one item that fills `encoded` exactly. Raises CborError."""
    item, end = _item(encoded, 0, _DEPTH_MAX)
    if end != len(encoded):
        raise CborError(spelling=True)
    return item


def written(item: Any) -> bytes:
    """The one spelling of integers, bytes, text, lists and maps of them."""
    if isinstance(item, int):
        return _headed(0, item) if item >= 0 else _headed(1, -1 - item)
    if isinstance(item, bytes):
        return _headed(2, len(item)) + item
    if isinstance(item, str):
        return _headed(3, len(item.encode())) + item.encode()
    if isinstance(item, list):
        return _headed(4, len(item)) + b"".join(written(one) for one in item)
    entries = sorted((written(key), written(value)) for key, value in item.items())
    return _headed(5, len(entries)) + b"".join(key + value for key, value in entries)


def _headed(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + number.to_bytes(size)


def byte_string(content: bytes) -> bytes:
    """`content` with its shortest byte-string head."""
    length = len(content)
    if length < 24:
        return bytes([0x40 + length]) + content
    size = 1 if length < 1 << 8 else 2 if length < 1 << 16 else 4
    return bytes([{1: 0x58, 2: 0x59, 4: 0x5A}[size]]) + length.to_bytes(size) + content


def _item(encoded: bytes, at: int, depth: int) -> tuple[Item, int]:
    major, number, at = _head(encoded, at)
    if major <= 1:
        return (number if major == 0 else -1 - number), at
    if major <= 3:
        end = at + number
        if end > len(encoded):
            raise CborError
        return (encoded[at:end] if major == 2 else _text(encoded[at:end])), end
    if major > 5 or depth == 0:
        raise CborError
    if major == 4:
        return _array(encoded, at, number, depth)
    return _map(encoded, at, number, depth)


def _head(encoded: bytes, at: int) -> tuple[int, int, int]:
    if at >= len(encoded):
        raise CborError
    major, short = encoded[at] >> 5, encoded[at] & 31
    at += 1
    if short < 24:
        return major, short, at
    if short > 27:
        raise CborError
    end = at + (1 << short - 24)
    if end > len(encoded):
        raise CborError
    number = int.from_bytes(encoded[at:end])
    if number < _SHORTEST[short]:
        raise CborError(spelling=True)
    return major, number, end


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise CborError from error


def _array(encoded: bytes, at: int, count: int, depth: int) -> tuple[Item, int]:
    items: list[Item] = []
    for _ in range(count):
        item, at = _item(encoded, at, depth - 1)
        items.append(item)
    return items, at


def _map(encoded: bytes, at: int, count: int, depth: int) -> tuple[Item, int]:
    entries: dict[int | str, Item] = {}
    previous = b""
    for _ in range(count):
        start = at
        key, at = _item(encoded, at, depth - 1)
        spelled = encoded[start:at]
        if not isinstance(key, int | str) or key in entries:
            raise CborError
        if spelled <= previous:
            raise CborError(spelling=True)
        previous = spelled
        entries[key], at = _item(encoded, at, depth - 1)
    return entries, at
