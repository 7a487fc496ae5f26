"""The demo's first window, settled as far as nobody has to decide: cut, stated, agreed by silence. Its payments wait
for an organizer to ask for them, and one shop has no bank account on record.
"""

from datetime import datetime, timedelta
from uuid import UUID

import psycopg

from network.application import Request
from network.bank_details import BankDetails, keep_details
from network.coalitions import OpenCoalition
from network.domain.statement import SettlementTerms
from network.projections import coalition, merchants, statement_lines, windows
from network.replay.figures import catch_up
from network.settlement.closing import find_closing, state_window

TERMS = SettlementTerms(review_days=7)
_VIEWS = (coalition.PROJECTION, merchants.PROJECTION, statement_lines.PROJECTION, windows.PROJECTION)
_IBANS = ("LV44DEMO0000000000001", "LV17DEMO0000000000002", "LV87DEMO0000000000003", "LV60DEMO0000000000004")
"""Of a bank that does not exist."""


def close_first_window(opened: OpenCoalition, database_url: str, shops: dict[UUID, str]) -> None:
    """`shops`: `{id: name}`. Again, nothing happens."""
    for (shop_id, name), iban in zip(shops.items(), _IBANS, strict=False):
        digest = keep_details(opened, shop_id, BankDetails.checked(holder=name, iban=iban))
        opened.application.set_bank_details(
            request=_asked(f"bank {name}"), party_id=shop_id, digest=digest, by="owner"
        ).result().facts()
    with psycopg.connect(opened.entry.database_url or database_url, autocommit=True) as connection:
        catch_up(connection, opened.schema, views=_VIEWS)
    with opened.reading() as recorder:
        window = find_closing(opened, recorder, 1).window
    stated_at = window.created_on + timedelta(hours=1)
    state_window(opened, 1, request=_asked("state window 1", stated_at)).facts()
    with opened.reading() as recorder:
        review_ends_at = find_closing(opened, recorder, 1).window.review_ends_at
    opened.application.agree_window(request=_asked("agree window 1", review_ends_at), number=1).result().facts()


def _asked(what: str, at: datetime | None = None) -> Request:
    return Request("demo", what, what.encode(), at)
