"""The terms of an agreement as they are sent: `network.domain.terms`, field for field."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from network.api.bodies import Amount, AmountOrZero, Body, Share
from network.domain import terms as domain
from network.domain.offline import Liability
from network.domain.terms import VALIDITY_DAYS_MAX


class Face(Body):
    """A fixed sum, or a share of the paid bill with an upper bound."""

    fixed: AmountOrZero = 0
    share: Share = 0
    at_most: Amount | None = None

    def meant(self) -> domain.FaceValue:
        """As the domain has it."""
        return domain.FaceValue(self.fixed, self.share, self.at_most)


class Funders(Body):
    """Basis points that issuer and pool bear; the rest is the acceptor's."""

    issuer: Share = 0
    pool: Share = 0

    def meant(self) -> domain.Funding:
        """As the domain has it."""
        return domain.Funding(self.issuer, self.pool)


class Thanks(Body):
    """A share of what the guest spends over the certificate, and a fixed sum once."""

    share: Share = 0
    fixed: AmountOrZero = 0

    def meant(self) -> domain.Reward:
        """As the domain has it."""
        return domain.Reward(self.share, self.fixed)


class Commissions(Body):
    """By how the acceptor knows the guest."""

    new: Thanks = Thanks()
    lapsed: Thanks = Thanks()
    returning: Thanks = Thanks()

    def meant(self) -> domain.Commission:
        """As the domain has them."""
        return domain.Commission(self.new.meant(), self.lapsed.meant(), self.returning.meant())


class NetworkFee(Body):
    """To the organizer, for each redemption."""

    payer: Literal["issuer", "acceptor"]
    share: Share = 0
    fixed: AmountOrZero = 0

    def meant(self) -> domain.Fee:
        """As the domain has it."""
        return domain.Fee(domain.Side(self.payer), self.share, self.fixed)


class UsedFor(Body):
    """What tax law asks: whether the acceptor takes it in payment, and the one rate of all that it can be used for."""

    as_payment: bool = False
    tax_rate: Share | None = None

    def meant(self) -> domain.Use:
        """As the domain has it."""
        return domain.Use(self.as_payment, self.tax_rate)


class AgreementTerms(Body):
    """One version of an agreement."""

    face: Face
    smallest_bill_to_issue: AmountOrZero = 0
    smallest_bill_to_redeem: AmountOrZero = 0
    validity_days: Annotated[int, Field(ge=0, le=VALIDITY_DAYS_MAX)] = 30
    transferable: bool = True
    partial_redemption: bool = False
    funding: Funders = Funders()
    commission: Commissions | None = None
    fee: NetworkFee | None = None
    combinable: bool = False
    allotment_transferable: bool = False
    reversal_hours: Annotated[int, Field(ge=0, le=720)] = 24
    campaign_id: UUID | None = None
    offline_ceiling: AmountOrZero = 0
    use: UsedFor = UsedFor()
    offline_liability: Literal["acceptor", "issuer", "pool"] = "acceptor"

    def meant(self) -> domain.Terms:
        """As the domain has them; it judges whether they make sense together."""
        return domain.Terms(
            face=self.face.meant(),
            smallest_bill_to_issue=self.smallest_bill_to_issue,
            smallest_bill_to_redeem=self.smallest_bill_to_redeem,
            validity_days=self.validity_days,
            transferable=self.transferable,
            partial_redemption=self.partial_redemption,
            funding=self.funding.meant(),
            commission=self.commission.meant() if self.commission else None,
            fee=self.fee.meant() if self.fee else None,
            combinable=self.combinable,
            allotment_transferable=self.allotment_transferable,
            reversal_hours=self.reversal_hours,
            campaign_id=self.campaign_id,
            offline_ceiling=self.offline_ceiling,
            use=self.use.meant(),
            offline_liability=Liability(self.offline_liability),
        )
