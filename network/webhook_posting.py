"""Posts one message to a webhook: signed, to a machine of the public internet alone, and what came of it is kept."""

import ipaddress
import socket
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import msgspec
from standardwebhooks import Webhook as Signing

from network.coalitions import OpenCoalition
from network.domain.errors import Invalid
from network.webhook_tries import Try, keep_try

_json = msgspec.json.Encoder()

TIMEOUT_SECONDS = 10.0
ERROR_CHARACTERS_MAX = 200


class InvalidAddress(Invalid):
    """An address that we do not post to."""

    code = "invalid_webhook_url"


@dataclass(frozen=True, slots=True)
class Posting:
    """One message on its way."""

    webhook_id: UUID
    url: str
    secret: str
    message_id: str
    event: dict[str, object]


def post(client: httpx.Client, coalition: OpenCoalition, posting: Posting, *, at: datetime, dev: bool) -> None:
    """Post it, signed, and keep what came of it. Raises: httpx.HTTPError unless the answer is a 2xx; InvalidAddress."""
    status: int | None = None
    error: str | None = None
    try:
        status = _answered(client, posting, at, dev)
        if not 200 <= status < 300:
            raise httpx.HTTPError(f"answered {status}")
    except (httpx.HTTPError, InvalidAddress) as problem:
        error = (str(problem) or type(problem).__name__)[:ERROR_CHARACTERS_MAX]
        raise
    finally:
        position, topic = int(str(posting.event["position"])), str(posting.event["topic"])
        keep_try(coalition, posting.webhook_id, Try(at, position, topic, status, error))


def _answered(client: httpx.Client, posting: Posting, at: datetime, dev: bool) -> int:
    number, host = public_address(posting.url, dev=dev)
    body = _json.encode(posting.event)
    headers = {
        "Host": urlsplit(posting.url).netloc,
        "Content-Type": "application/json",
        "User-Agent": "Pollen-Webhooks/1",
        "webhook-id": posting.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signing(posting.secret).sign(posting.message_id, at, body.decode()),
    }
    # The number is the one that was looked at: a second look-up could lead elsewhere.
    with client.stream("POST", number, content=body, headers=headers, extensions={"sni_hostname": host}) as response:
        return response.status_code


def public_address(url: str, *, dev: bool) -> tuple[str, str]:
    """The address to connect to, as a URL with a number for a host, and the host's name. For a thread: it asks DNS.

    Raises: InvalidAddress when it is not https, or leads to a machine that is not on the public internet.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidAddress(reason="This is not an address that can be posted to.") from None
    host = parts.hostname
    if not host or parts.username is not None or parts.fragment or parts.scheme not in ("https", "http"):
        raise InvalidAddress(reason="A webhook's address is https://HOST/PATH, without a name and password.")
    if parts.scheme == "http" and not dev:
        raise InvalidAddress(reason="A webhook's address begins with https://.")
    try:
        found = socket.getaddrinfo(host, port or (443 if parts.scheme == "https" else 80), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise InvalidAddress(reason="The host of this address is not found.") from None
    numbers = [str(entry[4][0]) for entry in found]
    # Every address that the name has: a name that leads here and there could choose another one later.
    if not dev and not all(ipaddress.ip_address(number.partition("%")[0]).is_global for number in numbers):
        raise InvalidAddress(reason="This address leads to a machine that is not on the public internet.")
    number = f"[{numbers[0]}]" if ":" in numbers[0] else numbers[0]
    at = f"{number}:{port}" if port else number
    return parts._replace(netloc=at).geturl(), host
