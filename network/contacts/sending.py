"""Messages on their way: one small interface, and the mail server of the settings behind it.

A phone gets its message through a gateway that turns mail into SMS, where one is named. Without a mail server there is
no channel, and nothing that needs one is offered.
"""

import logging
import smtplib
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

from network.contacts.addresses import EMAIL, PHONE, Address
from network.settings import THIS_MACHINE, Settings

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
WAITING_MAX = 200


class NotSent(Exception):
    """The message did not go out; says why without naming anybody."""


class Sender(Protocol):
    """One way to reach people."""

    def send(self, address: str, subject: str, text: str) -> None:
        """Hand it over for good. Raises: NotSent."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server. `url`: smtps://USER:PASSWORD@HOST, or smtp:// with STARTTLS, which only this machine may lack."""

    url: str
    sender: str

    def send(self, address: str, subject: str, text: str) -> None:
        """Raises: NotSent."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = address
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=parseaddr(self.sender)[1].rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            with self._connected() as server:
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as problem:
            raise NotSent(type(problem).__name__) from None  # its text may hold the address

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        secure = ssl.create_default_context()
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=secure)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_SECONDS)
            if host not in THIS_MACHINE:
                server.starttls(context=secure)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server


@dataclass(frozen=True, slots=True)
class MailToPhone:
    """A gateway: what is mailed to NUMBER@GATEWAY arrives as an SMS, so it is short and has no subject of its own."""

    server: MailServer
    gateway: str

    def send(self, address: str, subject: str, text: str) -> None:
        """Raises: NotSent."""
        self.server.send(f"{address.removeprefix('+')}@{self.gateway}", subject, text)


def senders_of(settings: Settings) -> dict[str, Sender]:
    """`{channel: sender}` of an installation; empty where no mail server is set."""
    if not settings.smtp_url or not settings.mail_from:
        return {}
    server = MailServer(settings.smtp_url, settings.mail_from)
    found: dict[str, Sender] = {EMAIL: server}
    if settings.sms_gateway:
        found[PHONE] = MailToPhone(server, settings.sms_gateway)
    return found


class Postman:
    """Sends behind the caller's back, one after the other: how long an answer takes says nothing of who is known.

    What waits when the process dies is lost; the guest asks again.
    """

    def __init__(self, senders: Mapping[str, Sender]) -> None:
        self.senders = senders
        self._room = threading.BoundedSemaphore(WAITING_MAX)
        self._thread = ThreadPoolExecutor(1, "postman")

    @property
    def channels(self) -> list[str]:
        """The kinds of address that a message can be sent to."""
        return list(self.senders)

    def send(self, address: Address, subject: str, text: str) -> None:
        """Now, in the caller's thread. Raises: NotSent."""
        self.senders[address.channel].send(address.text, subject, text)

    def later(self, work: Callable[[], None]) -> bool:
        """Do it soon, in the postman's thread; False when too much waits already."""
        if not self._room.acquire(blocking=False):
            return False
        self._thread.submit(self._do, work)
        return True

    def stop(self) -> None:
        """Finish what waits."""
        self._thread.shutdown()

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except NotSent as problem:
            log.warning("message_not_sent", extra={"error": str(problem)})
        except Exception as error:  # noqa: BLE001 - one's trouble is not the next one's, and a trace may name people
            log.error("message_failed", extra={"error": type(error).__name__})
        finally:
            self._room.release()
