"""Posts the events of each coalition to those who asked for them: in order, signed, at least once, one at a time.

A webhook is a cursor in the log. A sender takes one that is due by a lease, not by a lock held while the network waits:
if the process dies, another takes it up when the lease is over. A repeat carries the same `webhook-id`.
"""

import base64
import logging
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import psycopg
from psycopg import sql
from psycopg.rows import class_row

from network.coalitions import Coalitions, OpenCoalition
from network.domain.errors import Conflict, NotFound
from network.feed import page_of_events
from network.store.recorder import Write
from network.webhook_posting import ERROR_CHARACTERS_MAX, TIMEOUT_SECONDS, InvalidAddress, Posting, post
from network.webhook_tries import TEST_TOPIC, Try, tries_of

log = logging.getLogger(__name__)

RETRIES = tuple(timedelta(seconds=s) for s in (5, 300, 1_800, 7_200, 18_000, 36_000))
"""After each of these without a 2xx the webhook is disabled and shown as such; it goes on where it stood."""

LEASE = timedelta(seconds=60)
PAGE = 20
_IDLE_SECONDS = 1.0
_GATHER_SECONDS = 0.1
_DIRECTORY_SECONDS = 1.0


class WebhookNotFound(NotFound):
    """No webhook of this caller has this id."""

    code = "webhook_not_found"
    sentence = "There is no such webhook."


class WebhookConflict(Conflict):
    """The webhook id is taken."""

    code = "webhook_conflict"
    sentence = "This webhook is already on record with other details."


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to post what. `subject_id`: the merchant whose events, or the coalition for all; no topics means all."""

    webhook_id: UUID
    subject_id: UUID
    url: str
    topics: list[str]
    position: int
    failures: int
    next_try_at: datetime
    last_error: str | None
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class _Taken:
    webhook_id: UUID
    subject_id: UUID
    url: str
    topics: list[str]
    position: int
    failures: int
    sealed_secret: bytes


_COLUMNS = "webhook_id, subject_id, url, topics, position, failures, next_try_at, last_error, state, created_at"


def new_secret() -> str:
    """A signing secret as the Standard Webhooks convention writes it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def keeping(
    coalition: OpenCoalition,
    *,
    webhook_id: UUID,
    subject_id: UUID,
    url: str,
    topics: Sequence[str],
    secret: str,
    position: int,
) -> Write:
    """A webhook on record, to begin after `position`; one that is there stays as it is."""
    sealed = coalition.seal.seal(secret.encode(), _context(webhook_id))
    return Write(
        "INSERT INTO {s}.webhooks (webhook_id, subject_id, url, topics, sealed_secret, position)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (webhook_id, subject_id, url, list(topics), sealed, position),
    )


def must_be(coalition: OpenCoalition, webhook_id: UUID, details: tuple[UUID, str, list[str]]) -> None:
    """Whether what is on record is this webhook. Raises: WebhookConflict."""
    kept = find_webhook(coalition, webhook_id)
    if kept is None or (kept.subject_id, kept.url, kept.topics) != details:
        raise WebhookConflict()


def find_webhook(coalition: OpenCoalition, webhook_id: UUID) -> Webhook | None:
    """One webhook, whatever its state."""
    return next(iter(_select(coalition, "WHERE webhook_id = %s", [webhook_id])), None)


def list_webhooks(coalition: OpenCoalition, subject_id: UUID) -> list[Webhook]:
    """A subject's webhooks, without the deleted ones."""
    return _select(coalition, "WHERE subject_id = %s AND state <> 'deleted' ORDER BY created_at", [subject_id])


def change_of_state(webhook_id: UUID, state: str) -> Write:
    """A webhook deleted, paused, or let go on where it stood. A deleted one stays deleted."""
    return Write(
        "UPDATE {s}.webhooks SET state = %s, failures = 0, next_try_at = now(), last_error = NULL"
        " WHERE webhook_id = %s AND state <> 'deleted'",
        (state, webhook_id),
    )


def slowest_position(coalition: OpenCoalition) -> int | None:
    """How far the slowest active webhook has come."""
    with coalition.readers.connection() as connection:
        row = connection.execute(_sql(coalition, "SELECT min(position) FROM {t} WHERE state = 'active'")).fetchone()
    return row[0] if row else None


class WebhookSender:
    """A few threads that post what is due. `dev` allows plain http and this machine."""

    def __init__(
        self, coalitions: Coalitions, *, dev: bool, threads: int = 2, retries: Sequence[timedelta] = RETRIES
    ) -> None:
        self._coalitions = coalitions
        self._dev = dev
        self._retries = retries
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._known_slugs: list[str] = []
        self._slugs_until = 0.0
        self._threads = [threading.Thread(target=self._run, name=f"webhooks-{n}", daemon=True) for n in range(threads)]

    @property
    def is_alive(self) -> bool:
        """Whether every thread still runs."""
        return all(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def appended(self, slug: str, position: int) -> None:
        """There may be something to post. Cheap, and safe from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the delivery in hand."""
        self._stopping.set()
        self._wake.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client:
            while not self._stopping.is_set():
                self._wake.clear()
                busy = False
                try:
                    for slug in self._slugs():
                        busy |= self._serve(client, self._coalitions.open(slug))
                except psycopg.Error as error:
                    log.warning("webhooks_retried", extra={"error": type(error).__name__})
                except Exception:
                    log.exception("webhooks_failed")
                if not busy:
                    self._wake.wait(_IDLE_SECONDS)
                    self._stopping.wait(_GATHER_SECONDS)

    def _slugs(self) -> list[str]:
        """Every coalition, as the directory had them a moment ago."""
        if time.monotonic() >= self._slugs_until:
            self._known_slugs = [entry.slug for entry in self._coalitions.directory.all()]
            self._slugs_until = time.monotonic() + _DIRECTORY_SECONDS
        return self._known_slugs

    def _serve(self, client: httpx.Client, coalition: OpenCoalition) -> bool:
        """Take one webhook that is due and post what it has not seen; True when there was one."""
        taken = _take(coalition)
        if taken is None:
            return False
        secret = coalition.seal.open(taken.sealed_secret, _context(taken.webhook_id)).decode()
        merchant_id = None if taken.subject_id == coalition.coalition_id else taken.subject_id
        page = page_of_events(coalition, merchant_id=merchant_id, after=taken.position, limit=PAGE, topics=taken.topics)
        position = taken.position
        for event in page.events:
            if self._stopping.is_set():
                break
            try:
                self._post(client, coalition, taken, secret, event)
            except (httpx.HTTPError, InvalidAddress) as error:
                self._failed(coalition, taken, position, error)
                return True
            at = event["position"]
            assert isinstance(at, int), "events have positions"
            position = _advance(coalition, taken, position, at)
        else:
            position = _advance(coalition, taken, position, page.next_after)
        _release(coalition, taken)
        return True

    def _post(
        self, client: httpx.Client, coalition: OpenCoalition, taken: _Taken, secret: str, event: dict[str, object]
    ) -> None:
        """Raises: httpx.HTTPError unless the answer is a 2xx; InvalidAddress."""
        message_id = f"msg_{taken.webhook_id.hex}_{event['position']}"
        posting = Posting(taken.webhook_id, taken.url, secret, message_id, event)
        post(client, coalition, posting, at=self._coalitions.clock(), dev=self._dev)

    def _failed(self, coalition: OpenCoalition, taken: _Taken, position: int, error: Exception) -> None:
        """The next try, or none: after the last one it is disabled."""
        earlier = taken.failures if position == taken.position else 0
        wait = self._retries[earlier] if earlier < len(self._retries) else None
        text = (str(error) or type(error).__name__)[:ERROR_CHARACTERS_MAX]
        with coalition.readers.connection() as connection:
            connection.execute(
                _sql(
                    coalition,
                    "UPDATE {t} SET failures = %s, last_error = %s, next_try_at = now() + %s, state = %s"
                    " WHERE webhook_id = %s AND position = %s AND state = 'active'",
                ),
                (
                    earlier + 1,
                    text,
                    wait or timedelta(0),
                    "disabled" if wait is None else "active",
                    taken.webhook_id,
                    position,
                ),
            )


def post_test(coalition: OpenCoalition, webhook: Webhook, *, at: datetime, dev: bool) -> Try:
    """Post a message that nothing happened for, once, and say what came of it."""
    sealed = _sealed_secret(coalition, webhook.webhook_id)
    secret = coalition.seal.open(sealed, _context(webhook.webhook_id)).decode()
    event: dict[str, object] = {"topic": TEST_TOPIC, "position": 0, "at": at, "facts": {}}
    posting = Posting(webhook.webhook_id, webhook.url, secret, f"msg_{uuid4().hex}_test", event)
    with (
        httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client,
        suppress(httpx.HTTPError, InvalidAddress),
    ):
        post(client, coalition, posting, at=at, dev=dev)
    return tries_of(coalition, webhook.webhook_id)[0]


def _sealed_secret(coalition: OpenCoalition, webhook_id: UUID) -> bytes:
    with coalition.readers.connection() as connection:
        statement = _sql(coalition, "SELECT sealed_secret FROM {t} WHERE webhook_id = %s")
        row = connection.execute(statement, (webhook_id,)).fetchone()
    assert row is not None, "a webhook keeps its row"
    return bytes(row[0])


def _take(coalition: OpenCoalition) -> _Taken | None:
    """A due webhook that nobody else is at, for the length of the lease."""
    with coalition.readers.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(_Taken))
        return cursor.execute(_sql(coalition, _TAKE), (LEASE,)).fetchone()


_TAKE = """
UPDATE {t} SET next_try_at = now() + %s WHERE webhook_id = (
    SELECT w.webhook_id FROM {t} w, {h} h
    WHERE w.state = 'active' AND w.next_try_at <= now() AND w.position < h.position
    ORDER BY w.next_try_at LIMIT 1 FOR UPDATE OF w SKIP LOCKED)
RETURNING webhook_id, subject_id, url, topics, position, failures, sealed_secret
"""


def _advance(coalition: OpenCoalition, taken: _Taken, before: int, position: int) -> int:
    """Delivered, or not for this webhook: the cursor moves on, and the lease with it."""
    with coalition.readers.connection() as connection:
        connection.execute(
            _sql(
                coalition,
                "UPDATE {t} SET position = %s, failures = 0, last_error = NULL, next_try_at = now() + %s"
                " WHERE webhook_id = %s AND position = %s",
            ),
            (position, LEASE, taken.webhook_id, before),
        )
    return position


def _release(coalition: OpenCoalition, taken: _Taken) -> None:
    with coalition.readers.connection() as connection:
        connection.execute(
            _sql(coalition, "UPDATE {t} SET next_try_at = now() WHERE webhook_id = %s AND failures = 0"),
            (taken.webhook_id,),
        )


def _select(coalition: OpenCoalition, where: str, parameters: list[object]) -> list[Webhook]:
    with coalition.readers.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(Webhook))
        return cursor.execute(_sql(coalition, f"SELECT {_COLUMNS} FROM {{t}} {where}"), parameters).fetchall()  # noqa: S608


def _context(webhook_id: UUID) -> bytes:
    return f"webhook {webhook_id}".encode()


def _sql(coalition: OpenCoalition, text: str) -> sql.Composed:
    return sql.SQL(text).format(
        t=sql.Identifier(coalition.schema, "webhooks"), h=sql.Identifier(coalition.schema, "head")
    )
