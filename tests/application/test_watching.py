"""Limits that come near are told once, by whichever process looks first, and again after they were away."""

from collections.abc import Callable

import psycopg

from network.audit import audit
from network.feed import page_of_events
from network.watching import watch_caps
from tests.support import Neighbourhood


def test_a_limit_is_told_near_once_to_its_parties_and_eased_when_it_is_used_less(
    street: Neighbourhood, module_database_url: str
) -> None:
    salon, restaurant, other = (street.merchant(name) for name in ("Salon", "Restaurant", "Bakery"))
    agreement = street.agreement(salon, restaurant)
    pair = f"pair:{salon}:{restaurant}"
    street.do("set_cap", scope=pair, limit=2_500, by="organizer", reason="careful")
    look: Callable[[], int] = lambda: watch_caps(street.opened)  # noqa: E731
    given = [street.issued(salon, agreement) for _ in range(3)]
    before = look()
    given.append(street.issued(salon, agreement))

    told = [look(), look()]
    for certificate_id in given[:3]:
        street.do("revoke_certificate", certificate_id=certificate_id, issuer_id=salon, reason="a mistake")
    eased = [look(), look()]

    assert (before, told, eased) == (0, [1, 0], [1, 0])
    for merchant, topics in ((salon, 2), (restaurant, 2), (other, 0)):
        page = page_of_events(street.opened, merchant_id=merchant, after=0, limit=500)
        named = [one for one in page.events if one["topic"] in ("Coalition.CapNeared", "Coalition.CapEased")]
        assert len(named) == topics
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        assert audit(connection, street.opened.schema).findings == []
