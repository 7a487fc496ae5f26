"""What opens a wallet is in a cookie that no script reads: it counts for our own page, and ends with the wallet."""

from typing import Any

import httpx

from tests.api.street import Street, serving, settings

HERE = {"Pollen-Coalition": "street"}


def kept(street: Street, browser: httpx.Client) -> str:
    """A new wallet, kept in this browser; its secret."""
    _, secret = street.open_wallet()
    answer = browser.post("/v1/wallet/cookie", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    return secret


def me(browser: httpx.Client, **headers: str) -> Any:
    answer = browser.get("/v1/me", headers=headers)
    return answer.json().get("code") or answer.json()["role"]


def test_a_page_calls_by_the_cookie_and_other_sites_cannot(street: Street) -> None:
    with street.server.client() as browser:
        kept(street, browser)

        assert me(browser, **HERE) == "wallet"
        assert me(browser, **HERE, **{"Sec-Fetch-Site": "same-origin"}) == "wallet"
        for site in ("cross-site", "same-site", "none"):
            assert me(browser, **HERE, **{"Sec-Fetch-Site": site}) == "credential_missing"
        assert me(browser) == "credential_missing"
        assert me(browser, **{"Pollen-Coalition": "elsewhere"}) == "credential_missing"
        preflight = browser.options("/v1/me", headers={"Origin": "https://evil.example"} | HERE)
        assert "access-control-allow-origin" not in preflight.headers


def test_no_script_reads_it_and_no_other_site_sends_it(street: Street, module_database_url: str) -> None:
    _, secret = street.open_wallet()
    bearer = {"Authorization": f"Bearer {secret}"}

    with street.server.client() as browser:
        plain = browser.post("/v1/wallet/cookie", headers=bearer)
    secured = settings(public_url="https://pollen.example")
    with serving(module_database_url, settings=secured, beside=False) as server, server.client() as browser:
        secure = browser.post("/v1/wallet/cookie", headers=bearer).headers["set-cookie"]

    assert secret not in plain.text
    assert "HttpOnly" in plain.headers["set-cookie"]
    assert secure.startswith("__Host-pollen-wallet-street=pollen_wallet_")
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/", f"Max-Age={400 * 24 * 3600}"):
        assert part in secure


def test_a_browser_that_forgot_finds_its_wallets_again_and_none_that_ended(street: Street) -> None:
    with street.server.client() as browser:
        secret = kept(street, browser)
        (found,) = browser.get("/v1/wallets").json()["wallets"]
        erased = browser.delete("/v1/wallet", headers={"Idempotency-Key": "erase", **HERE})

        assert found == {"slug": "street", "wallet_id": erased.json()["wallet_id"]}
        assert not browser.cookies
        browser.cookies.set("pollen-wallet-street", secret)
        assert browser.get("/v1/wallets").json() == {"wallets": []}


def test_a_cookie_of_anything_but_a_wallet_opens_nothing(street: Street) -> None:
    with street.server.client() as browser:
        browser.cookies.set("pollen-wallet-street", street.salon.owner)

        assert me(browser, **HERE) == "credential_unknown"
        assert browser.get("/v1/wallets").json() == {"wallets": []}
