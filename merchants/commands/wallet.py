"""What a guest's wallet does: claim a copy, pass it on, look at what it holds."""

from merchants.answers import CertificateShown, View, shown_as
from merchants.commands.base import Commands, Id, segment, text_of, without_none


class WalletCommands(Commands):
    """For a wallet's credential."""

    def claim(
        self, *, token: str | None = None, typed_code: str | None = None, key: str | None = None
    ) -> CertificateShown:
        """Put a presented copy into this wallet; the copy dies."""
        return self._post(CertificateShown, "/v1/claims", without_none({"token": token, "typed_code": typed_code}), key)

    def pass_on(self, *, certificate_id: Id, key: str | None = None) -> CertificateShown:
        """Give a certificate away; this wallet's copy dies, the answer has the new link."""
        return self._post(CertificateShown, f"/v1/certificates/{segment(certificate_id)}/passing", {}, key)

    def wallet_certificates(
        self, *, before: int | None = None, before_id: Id | None = None, limit: int | None = None
    ) -> View:
        """What this wallet holds, and what became of the rest; the cursor is `next_before` and `next_id`."""
        return self._read("/v1/wallet/certificates", before=before, before_id=text_of(before_id), limit=limit)

    def copy(self, *, certificate_id: Id) -> CertificateShown:
        """Token, typed code and link of a certificate that this wallet holds."""
        return shown_as(CertificateShown, self.transport.read(f"/v1/certificates/{segment(certificate_id)}/copy"))
