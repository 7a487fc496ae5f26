"""What things are called: partners by their ids, limits by their scopes."""

from dataclasses import dataclass

from psycopg import sql

from network.api.pages.names import own_names
from network.api.pages.texts import Reader
from network.api.pages.visits import Visit
from network.projections import coalition, merchants

EVERYBODY = 100_000


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
        own_names(visit),
    )
