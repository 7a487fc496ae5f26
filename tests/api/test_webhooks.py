"""Webhooks: signed, in order, retried with the same id, disabled at the end, and nothing is skipped."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from standardwebhooks import Webhook

from network.webhook_posting import InvalidAddress, public_address
from network.webhooks import WebhookSender
from tests.api.street import MANY, Server, Street, an_id, serving


class Receiver:
    """A partner's server, which answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()


@pytest.fixture(scope="module")
def server(module_database_url: str) -> Iterator[Server]:
    """The sender is started here, with waits that a test can sit out."""
    with serving(module_database_url, limits=MANY, beside=False) as running:
        sender = WebhookSender(running.app.state.service.coalitions, dev=True, retries=[timedelta(seconds=0.05)] * 2)
        sender.start()
        yield running
        sender.stop()


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def hook(street: Street, secret: str, receiver: Receiver, *topics: str) -> tuple[str, str]:
    webhook_id = an_id()
    asked = {"webhook_id": webhook_id, "url": receiver.url, "topics": list(topics)}
    return webhook_id, street.done("POST", "/v1/webhooks", secret, asked)["secret"]


def test_events_are_posted_in_order_and_signed(street: Street, receiver: Receiver) -> None:
    _, secret = hook(street, street.organizer, receiver, "Payment.Recorded")

    for _ in range(5):
        street.bill()
    until(lambda: len(receiver.got) >= 5)

    events = [Webhook(secret).verify(body, headers) for headers, body in receiver.got]
    assert [event["topic"] for event in events] == ["Payment.Recorded"] * 5
    assert [event["position"] for event in events] == sorted(event["position"] for event in events)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 5


def test_a_merchants_webhook_gets_what_names_it(street: Street, receiver: Receiver) -> None:
    hook(street, street.restaurant.owner, receiver)

    street.bill()
    street.paper()
    until(lambda: len(receiver.got) >= 1)

    assert b"Certificate.Issued" in receiver.got[0][1]
    assert not any(b'"Payment.' in body for _, body in receiver.got)


def test_a_failure_is_tried_again_with_the_same_id_and_nothing_overtakes(street: Street, receiver: Receiver) -> None:
    receiver.answers = [500, 302]
    webhook_id, _ = hook(street, street.organizer, receiver, "Payment.Recorded")

    street.bill()
    street.bill()
    until(lambda: len(receiver.got) >= 4)

    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    until(lambda: street.done("GET", f"/v1/webhooks/{webhook_id}", street.organizer)["failures"] == 0)


def test_after_the_last_try_it_is_disabled_and_goes_on_where_it_stood(street: Street, receiver: Receiver) -> None:
    receiver.answers = [500, 500, 500]
    webhook_id, _ = hook(street, street.organizer, receiver, "Payment.Recorded")
    path = f"/v1/webhooks/{webhook_id}"

    street.bill()
    until(lambda: street.done("GET", path, street.organizer)["state"] == "disabled")
    shown = street.done("GET", path, street.organizer)
    street.bill()
    street.done("POST", f"{path}/resumption", street.organizer)
    until(lambda: len(receiver.got) >= 5)

    assert shown["last_error"] == "answered 500"
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert ids[0] == ids[1] == ids[2] == ids[3] != ids[4]


def test_a_deleted_one_is_posted_nothing_and_a_late_retry_does_not_bring_it_back(
    street: Street, receiver: Receiver
) -> None:
    webhook_id, key = an_id(), an_id()
    asked = {"webhook_id": webhook_id, "url": receiver.url}
    made = street.call("POST", "/v1/webhooks", street.organizer, asked, key=key)

    street.done("DELETE", f"/v1/webhooks/{webhook_id}", street.organizer)
    late = street.call("POST", "/v1/webhooks", street.organizer, asked, key=key)
    street.bill()
    time.sleep(1.5)

    assert late.content == made.content
    assert street.call("GET", f"/v1/webhooks/{webhook_id}", street.organizer).status_code == 404
    assert receiver.got == []


def test_another_merchants_webhook_is_not_there(street: Street, receiver: Receiver) -> None:
    webhook_id, _ = hook(street, street.organizer, receiver, "Coalition.Founded")

    for method in ("GET", "DELETE"):
        assert street.call(method, f"/v1/webhooks/{webhook_id}", street.salon.owner).status_code == 404


@pytest.mark.parametrize("url", [
    "http://example.org/", "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/x", "https://[::1]/",
    "https://169.254.169.254/latest", "https://user:word@example.org/", "ftp://example.org/", "https:///x",
    "https://192.168.1.1:8443/", "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/", "https://100.64.0.1/",
    "https://no-such-host.invalid/", "https://example.org:99999/", "https://[fe80::1]/",
])  # fmt: skip
def test_no_webhook_leads_into_our_own_network(url: str) -> None:
    with pytest.raises(InvalidAddress):
        public_address(url, dev=False)


def test_an_address_of_the_public_internet_is_pinned() -> None:
    assert public_address("https://93.184.215.14:8443/hook?a=1", dev=False) == (
        "https://93.184.215.14:8443/hook?a=1",
        "93.184.215.14",
    )
