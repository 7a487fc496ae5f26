"""The till's own reader of certificates, in a real browser, held to the vectors that the network and partners are."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Route

from network.api.holder_keys import HolderKey
from network.api.static_files import FILES
from network.public_keys import Algorithm, key_of_point, key_text
from network.receipts import possession_of
from network.status_list import Heading, room_for, sign_delta, sign_list
from tests.tills import device_key
from tests.token import gc1_live_vectors as live
from tests.token import gc1_vectors as static

pytestmark = pytest.mark.browser

VECTORS = Path(__file__).parents[1] / "vectors"
GC1, LIVE = (json.loads((VECTORS / name).read_text()) for name in ("gc1.json", "gc1_live.json"))
# Reads each text or hex with the till's modules; the answer is the claims, or the code of the refusal.
READS = """async ({ signed, root, texts, asked }) => {
  const names = ["key_set", "token", "cbor"];
  const [keySet, token, cbor] = await Promise.all(names.map((name) => import(`/static/till/${name}.js`)));
  const raw = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const trusted = { kid: raw(root.kid), curve: root.algorithm, point: raw(root.x) };
  const set = await keySet.openKeySet(raw(signed), trusted, { atSeconds: asked.at });
  const keys = keySet.keysByKid(set.keys);
  const told = async (reads) => {
    try { return await reads(); } catch (problem) { return problem.code ?? String(problem.stack); }
  };
  const claims = (one) => ({
    certificate_id: cbor.hex(one.id), coalition_number: one.coalition, issuer_number: one.issuer,
    acceptor_number: one.acceptor, face_value: one.face, currency: one.currency, epoch: one.epoch,
    status_index: one.statusIndex, expires_at: one.expires, online_only: one.onlineOnly, shown_at: one.shownAt });
  const read = [];
  for (const { scanned, nonce } of asked.scanned) {
    const nonced = nonce ? raw(nonce) : null;
    read.push(await told(async () => claims(await token.verifyPresented(raw(scanned), keys, asked.at, nonced))));
  }
  const found = [];
  for (const text of texts) found.push(await told(() => cbor.hex(token.bytesOfText(text))));
  return { read, found, version: set.version };
}"""
# A browser without Ed25519, as Chromium was until 2025.
WITHOUT_ED25519 = """() => { const { subtle } = crypto;
  const refused = () => Promise.reject(new DOMException("", "NotSupportedError"));
  const [imports, makes] = [subtle.importKey.bind(subtle), subtle.generateKey.bind(subtle)];
  subtle.importKey = (form, key, how, ...rest) => how === "Ed25519" ? refused() : imports(form, key, how, ...rest);
  subtle.generateKey = (how, ...rest) => how === "Ed25519" ? refused() : makes(how, ...rest); }"""
# The device's public key and its proof for the network, and what it signs of each message.
SIGNS = """async ({ till, messages }) => {
  const [device, bytes] = await Promise.all(["device", "bytes"].map((name) => import(`/static/till/${name}.js`)));
  const key = await device.deviceKey();
  const signed = [];
  for (const one of messages) signed.push(bytes.hex(await device.signs(key, bytes.unhex(one))));
  return { registration: await device.registration(key, till), signed, kid: key.kid, point: bytes.hex(key.point) };
}"""
# A whole list and then each change in turn: the version and the places after each, or the code of the refusal.
FOLLOWS = """async ({ root, whole, changes, about }) => {
  const [list, bytes] = await Promise.all(["status_list", "bytes"].map((name) => import(`/static/till/${name}.js`)));
  const trusted = { kid: bytes.unhex(root.kid), curve: "Ed25519", point: bytes.unhex(root.point) };
  const known = { root: trusted, ...about, coalitionId: bytes.unhex(about.id) };
  let now = await list.openList(bytes.unhex(whole), known);
  const told = [];
  for (const change of changes) {
    try {
      now = await list.openDelta(bytes.unhex(change), known, now);
      told.push([now.version, Array.from({ length: now.entries }, (_, place) => list.statusAt(now, place))]);
    } catch (problem) { told.push(problem.code ?? String(problem.stack)); }
  }
  return told;
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()

    def served(route: Route) -> None:
        path = route.request.url.removeprefix("http://localhost/static/")
        if path.endswith(".js"):
            route.fulfill(path=FILES / path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    context.route("http://localhost/**", served)
    opened = context.new_page()
    opened.goto("http://localhost/")
    yield opened
    context.close()


def read(page: Page, scanned: list[dict[str, Any]], texts: list[str], at: int = GC1["at"]) -> dict[str, Any]:
    asked = {"at": at, "scanned": [{"nonce": None, **one} for one in scanned]}
    facts = {"signed": GC1["key_set"], "root": GC1["root"], "texts": texts, "asked": asked}
    return page.evaluate(READS, facts)  # type: ignore[no-any-return]


@pytest.mark.parametrize("has_ed25519", [True, False], ids=["Ed25519 by the browser", "Ed25519 by ourselves"])
def test_the_till_reads_every_vector_as_the_network_does(page: Page, has_ed25519: bool) -> None:
    if not has_ed25519:
        page.evaluate(WITHOUT_ED25519)
    plain = [{"scanned": one["token"]} for one in (*GC1["accepted"], *GC1["refused"])]
    phones = [{"scanned": one["scanned"], "nonce": one["nonce"]} for one in (*LIVE["accepted"], *LIVE["refused"])]
    texts = GC1["texts"]

    answer = read(page, [*plain, *phones], [one["text"] for one in texts])

    told = iter(answer["read"])
    for one in GC1["accepted"]:
        assert next(told) == {**one["claims"], "shown_at": None}, one["name"]
    for one in GC1["refused"]:
        assert next(told) == one["code"], one["name"]
    for one in LIVE["accepted"]:
        claims = next(told)
        assert isinstance(claims, dict), (one["name"], claims)
        assert claims["shown_at"] == one["shown_at"], one["name"]
    for one in LIVE["refused"]:
        assert next(told) == one["code"], one["name"]
    for one, found in zip(texts, answer["found"], strict=True):
        assert found == (one["code"] or one["token"]), one["name"]


def test_every_flipped_bit_is_refused(page: Page) -> None:
    flipped = []
    for good in (static.GOOD, live._GOOD):
        for bit in range(0, 8 * len(good), 5):
            changed = bytearray(good)
            changed[bit // 8] ^= 1 << bit % 8
            flipped.append({"scanned": changed.hex()})

    answer = read(page, flipped, [])

    assert [one for one in answer["read"] if isinstance(one, dict)] == []


@pytest.mark.parametrize("has_ed25519", [True, False], ids=["Ed25519", "P-256"])
def test_what_a_device_signs_is_what_the_network_takes(page: Page, has_ed25519: bool) -> None:
    if not has_ed25519:
        page.evaluate(WITHOUT_ED25519)
    till_id, messages = UUID(int=5), [f"message {number}".encode() for number in range(40)]

    said = page.evaluate(SIGNS, {"till": str(till_id), "messages": [one.hex() for one in messages]})

    algorithm = Algorithm.ED25519 if has_ed25519 else Algorithm.P256
    key = key_of_point(algorithm, bytes.fromhex(said["point"]))
    assert key.kid.hex() == said["kid"]
    for message, signature in zip(messages, said["signed"], strict=True):
        assert key.verifies(bytes.fromhex(signature), message)
    proof = urlsafe_b64decode(said["registration"].pop("signature") + "==")
    assert key.verifies(proof, possession_of(till_id, key))
    assert HolderKey(**said["registration"]).checked() == key_text(key)


def test_a_list_follows_what_changed_and_nothing_else(page: Page) -> None:
    root, draw = device_key(3), Random(7)
    heading = Heading(
        url="https://example.com/2026Q2.cwt",
        coalition_id=UUID(int=7),
        coalition_number=4,
        quarter="2026Q2",
        version=10,
        made_at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    )
    places = room_for(1_024)
    whole, naive = sign_list(heading, places, root), [0] * 1_024

    def changed(version: int, *, since: int, entries: int, **other: Any) -> tuple[bytes, list[tuple[int, int]]]:
        changes = [(place, draw.randrange(4)) for place in draw.sample(range(entries), 30)]
        said = replace(heading, version=version, made_at=heading.made_at + timedelta(minutes=version), **other)
        return sign_delta(said, since=since, entries=entries, changes=changes, root=root), changes

    asked, expected = [], []
    for version, entries in ((20, 1_024), (30, 2_048), (40, 2_048)):  # each is since an earlier one; the list grows
        delta, changes = changed(version, since=version - 15, entries=entries)
        naive += [0] * (entries - len(naive))
        for place, status in changes:
            naive[place] = status
        asked.append(delta)
        expected.append([version, list(naive)])
    asked += [
        changed(50, since=45, entries=2_048)[0],
        changed(35, since=30, entries=2_048)[0],
        changed(50, since=40, entries=2_048, quarter="2026Q3")[0],
        sign_delta(heading, since=5, entries=2_048, changes=[], root=device_key(4)),
        changed(50, since=40, entries=2_048)[0][:-1] + b"\0",
    ]
    expected += [
        f"status_list_{code}"
        for code in ("another_list", "rolled_back", "another_list", "root_unknown", "signature_invalid")
    ]

    about = {"coalition": 4, "id": heading.coalition_id.hex, "quarter": "2026Q2"}
    facts = {"root": {"kid": root.key.kid.hex(), "point": root.key.public_key.hex()}, "whole": whole.hex()}
    told = page.evaluate(FOLLOWS, facts | {"changes": [one.hex() for one in asked], "about": about})

    assert told == expected
