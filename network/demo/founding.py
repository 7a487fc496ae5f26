"""The demo neighbourhood, founded: its shops and their agreements, its history, and everybody's credentials."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from network.application import Application
from network.coalitions import Coalitions, OpenCoalition
from network.credentials import create_credential
from network.demo import DAYS
from network.demo.closing import close_first_window
from network.demo.history import History
from network.demo.street import AGREEMENTS, BAKERY, COALITION, SLUG, STREET, TREAT, asked, id_of
from network.settings import Settings

Credential = tuple[str, str, str]
"""Role, whose it is, secret."""


def ensure_demo(
    database_url: str, settings: Settings, *, days: int = DAYS, told: Callable[[int], None] = lambda day: None
) -> list[Credential]:
    """Found the demo neighbourhood, or find it as it stands; either way its credentials come back.

    `days`: how long it has traded, `DAYS_LEAST` or more. `told`: how many of them are made.
    """
    with opened(database_url, settings) as coalitions:
        coalition = coalitions.found(
            coalition_id=COALITION, slug=SLUG, name="Brivibas Street", currency="EUR", time_zone="Europe/Riga"
        )
        _set_up(coalition.application)
        History(coalition.application, ends_at=coalition.entry.founded_at, days=days).trade(told)
        close_first_window(coalition, database_url, {shop.id: shop.name for shop in STREET})
        return _credentials(coalition)


@contextmanager
def opened(database_url: str, settings: Settings) -> Iterator[Coalitions]:
    """The coalitions of this database, for the length of the block."""
    coalitions = Coalitions(database_url, settings.master_key)
    try:
        yield coalitions
    finally:
        coalitions.close()


def _set_up(application: Application) -> None:
    for shop in STREET:
        application.apply_to_join(
            request=asked(f"apply {shop.name}"),
            merchant_id=shop.id,
            name=shop.name,
            category=shop.category,
            address=shop.address,
        ).result().facts()
        application.admit_merchant(request=asked(f"admit {shop.name}"), merchant_id=shop.id).result().facts()
    for one in AGREEMENTS:
        application.propose_agreement(
            request=asked(f"propose {one.name}"),
            agreement_id=one.id,
            issuer_id=one.issuer.id,
            acceptor_id=one.acceptor.id,
            terms=one.terms,
            by=one.issuer.id,
        ).result().facts()
        application.accept_version(
            request=asked(f"accept {one.name}"), agreement_id=one.id, version=1, by=one.acceptor.id
        ).result().facts()
    application.set_allotment_aside(
        request=asked("allotment"),
        allotment_id=id_of("allotment"),
        acceptor_id=BAKERY.id,
        agreement_id=TREAT.id,
        number=100,
        face=250,
        last_on=(datetime.now(UTC) + timedelta(days=365)).date().isoformat(),
    ).result()


def _credentials(coalition: OpenCoalition) -> list[Credential]:
    subjects = [("organizer", "Brivibas Street", COALITION)]
    for shop in STREET:
        subjects += [("owner", shop.name, shop.id), ("till", shop.name, shop.id)]
    founding = coalition.entry.founded_at.isoformat()  # a demo that is founded anew has new secrets
    credentials = []
    for role, name, subject_id in subjects:
        credential_id = id_of(f"credential {role} {name} {founding}")
        credentials.append((role, name, create_credential(coalition, credential_id, role, subject_id, name)))
    return credentials
