"""The till's own reader of certificates, in a real browser, held to the vectors that the network and partners are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from network.api.static_files import FILES
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
WITHOUT_ED25519 = """() => { const kept = crypto.subtle.importKey.bind(crypto.subtle);
  crypto.subtle.importKey = (form, key, how, ...rest) => how === "Ed25519"
    ? Promise.reject(new DOMException("", "NotSupportedError")) : kept(form, key, how, ...rest); }"""


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
