"""What was decided elsewhere and is imported here gives nothing to a guest who was forgotten."""

from datetime import timedelta
from uuid import uuid4

import pytest

from network.application.imports import Imported
from network.domain.errors import WalletErased
from tests.support import Neighbourhood


def test_an_import_gives_nothing_to_a_forgotten_guest(street: Neighbourhood) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    agreement_id = street.agreement(salon, restaurant)
    forgotten = street.wallet()
    payment_id = street.paid(salon)
    street.do("erase_wallet", wallet_id=forgotten)
    one = Imported(uuid4(), agreement_id, 500, street.clock.now + timedelta(days=30))

    with pytest.raises(WalletErased):
        street.do(
            "import_certificates",
            merchant_id=salon,
            payment_id=payment_id,
            campaign="spring",
            holder_id=forgotten,
            certificates=(one,),
        )

    assert "Certificate.Issued" not in street.topics()
