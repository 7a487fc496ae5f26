"""The requests of whoever has no request key: the network itself, and its commands on the operator's terminal."""

import hashlib
from uuid import uuid4

import msgspec

from network.application import Request

_json = msgspec.json.Encoder(order="deterministic")


def own_request(caller: str, *details: object) -> Request:
    """A try of its own. Repeating it is safe where the log decides, not the key."""
    return Request(caller, str(uuid4()), hashlib.sha256(_json.encode(details)).digest())
