"""What things are called: partners and people by their ids, limits by their scopes."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg import sql

from network.access.people import find_person
from network.api.pages.texts import N_, Reader
from network.api.pages.visits import Visit
from network.domain.postings import own_parties
from network.projections import coalition, merchants

EVERYBODY = 100_000
OWN: Final = (N_("The common pool"), N_("The organizer"), N_("The deposits"))
"""As `own_parties` has them."""


@dataclass(frozen=True)
class Names:
    """The names of one coalition as they are now, by id."""

    coalition: str
    merchants: dict[str, str]
    campaigns: dict[str, str]
    agreements: dict[str, tuple[str, str]]
    own: dict[str, str]
    """The parties that are no partners: pool, organizer, deposits."""

    def party(self, party_id: object) -> str:
        """Whoever can owe and be owed."""
        return self.own.get(str(party_id)) or self.merchant(party_id)

    def merchant(self, merchant_id: object) -> str:
        """A partner; an unknown one as its id."""
        return self.merchants.get(str(merchant_id), str(merchant_id))

    def scope(self, reader: Reader, scope: str) -> str:
        """What a limit is on, in words."""
        kind, _, rest = scope.partition(":")
        one, _, other = rest.partition(":")
        issuer, acceptor = self.agreements.get(rest, (rest, "?"))
        return {
            "pair": reader.gettext(
                "What %(debtor)s owes %(creditor)s", debtor=self.merchant(one), creditor=self.merchant(other)
            ),
            "debtor": reader.gettext("What %(name)s owes in all", name=self.merchant(one)),
            "agreement": reader.gettext(
                "Given by %(issuer)s for %(acceptor)s, in all",
                issuer=self.merchant(issuer),
                acceptor=self.merchant(acceptor),
            ),
            "campaign": reader.gettext("Campaign %(name)s", name=self.campaigns.get(rest, rest)),
            "intake": reader.gettext("Certificates for %(name)s in a day", name=self.merchant(one)),
            "customer": reader.gettext("Certificates for one guest in a day"),
        }.get(kind, scope)


def names_of(visit: Visit) -> Names:
    """For a thread."""
    schema = visit.coalition.schema
    with visit.coalition.readers.connection() as connection:
        about = coalition.find(connection, schema)
        shops = merchants.all(connection, schema, limit=EVERYBODY)
        pairs = connection.execute(
            sql.SQL("SELECT agreement_id, issuer_id, acceptor_id FROM {}").format(sql.Identifier(schema, "agreements"))
        ).fetchall()
        campaigns = coalition.campaigns(connection, schema)
    return Names(
        about.name if about else "",
        {str(one.merchant_id): one.name for one in shops},
        {str(one.campaign_id): one.name for one in campaigns},
        {str(agreement): (str(issuer), str(acceptor)) for agreement, issuer, acceptor in pairs},
        dict(zip(map(str, own_parties(visit.coalition.coalition_id)), map(visit.gettext, OWN), strict=True)),
    )


def people_named(visit: Visit, ids: set[UUID]) -> dict[str, str]:
    """The names of people who are still on record. For a thread."""
    found = {one: find_person(visit.coalition, one) for one in ids}
    return {str(one): person.name for one, person in found.items() if person is not None}
