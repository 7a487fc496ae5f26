"""What a shop's owner does: agree on terms, set stocks aside, give tills their credentials."""

from collections.abc import Sequence
from typing import Any

from merchants.answers import AgreementShown, AllotmentShown, CredentialMade, DrawRules, View
from merchants.commands.base import Command, Commands, Id, segment


class OwnerCommands(Commands):
    """For an owner's credential; the organizer shares those on credentials and webhooks. `terms`: see docs/api.md."""

    def propose_agreement(
        self, *, agreement_id: Id, issuer_id: Id, acceptor_id: Id, terms: dict[str, Any], key: str | None = None
    ) -> AgreementShown:
        """Offer first terms to another partner."""
        ids = {"agreement_id": agreement_id, "issuer_id": issuer_id, "acceptor_id": acceptor_id}
        body = {**{name: str(value) for name, value in ids.items()}, "terms": terms}
        return self._post(AgreementShown, "/v1/agreements", body, key)

    def propose_version(self, *, agreement_id: Id, terms: dict[str, Any], key: str | None = None) -> AgreementShown:
        """Offer other terms."""
        return self._on(agreement_id, "versions", {"terms": terms}, key)

    def accept_version(self, *, agreement_id: Id, version: int, key: str | None = None) -> AgreementShown:
        """Put the waiting version in force."""
        return self._on(agreement_id, f"versions/{version}/acceptance", {}, key)

    def pause_agreement(self, *, agreement_id: Id, key: str | None = None) -> AgreementShown:
        """Hand out nothing under it for now."""
        return self._on(agreement_id, "pause", {}, key)

    def resume_agreement(self, *, agreement_id: Id, key: str | None = None) -> AgreementShown:
        """Go on after a pause."""
        return self._on(agreement_id, "resumption", {}, key)

    def end_agreement(self, *, agreement_id: Id, reason: str, key: str | None = None) -> AgreementShown:
        """Hand out nothing more under it; what is out stays good."""
        return self._on(agreement_id, "end", {"reason": reason}, key)

    def agreements(self) -> View:
        """The agreements that this credential may see."""
        return self._read("/v1/agreements")

    def agreement(self, *, agreement_id: Id) -> View:
        """One agreement with every version."""
        return self._read(f"/v1/agreements/{segment(agreement_id)}")

    def set_draw_rules(
        self,
        *,
        neutral: int = 500,
        exploration: int = 2_000,
        partners: Sequence[dict[str, Any]] = (),
        key: str | None = None,
    ) -> DrawRules:
        """Take a hand in the draw: each of `partners` has `acceptor_id`, `hand` (pinned, excluded, share, free) and,
        for a share, `share`. The whole replaces the rules before; basis points.
        """
        body = {"neutral": neutral, "exploration": exploration, "partners": list(partners)}
        return self._do(DrawRules, Command("", "PUT", "/v1/draw-rules", body), key)

    def draw_rules(self) -> View:
        """How the draw is ruled now."""
        return self._read("/v1/draw-rules")

    def set_allotment_aside(
        self, *, allotment_id: Id, agreement_id: Id, number: int, face: int, last_on: str, key: str | None = None
    ) -> AllotmentShown:
        """Give the issuer of an agreement a stock; `last_on` is a date, YYYY-MM-DD."""
        ids = {"allotment_id": str(allotment_id), "agreement_id": str(agreement_id)}
        body = {**ids, "number": number, "face": face, "last_on": last_on}
        return self._post(AllotmentShown, "/v1/allotments", body, key)

    def return_allotment(self, *, allotment_id: Id, number: int, key: str | None = None) -> AllotmentShown:
        """Give unused ones back to the acceptor."""
        return self._post(AllotmentShown, f"/v1/allotments/{segment(allotment_id)}/returns", {"number": number}, key)

    def transfer_allotment(
        self, *, allotment_id: Id, to_allotment_id: Id, to_agreement_id: Id, number: int, key: str | None = None
    ) -> View:
        """Move part of a stock to another partner: `raw` has it `from` and `to`."""
        ids = {"to_allotment_id": str(to_allotment_id), "to_agreement_id": str(to_agreement_id)}
        return self._post(View, f"/v1/allotments/{segment(allotment_id)}/transfers", {**ids, "number": number}, key)

    def allotments(self) -> View:
        """The stocks that this merchant gave or has."""
        return self._read("/v1/allotments")

    def make_credential(
        self, *, credential_id: Id, role: str, subject_id: Id, label: str, key: str | None = None
    ) -> CredentialMade:
        """A new credential, shown once: an owner makes those of its tills."""
        ids = {"credential_id": str(credential_id), "subject_id": str(subject_id)}
        return self._post(CredentialMade, "/v1/credentials", {**ids, "role": role, "label": label}, key)

    def rotate_credential(self, *, credential_id: Id, key: str | None = None) -> CredentialMade:
        """Replace a credential's secret; the old one dies."""
        return self._post(CredentialMade, f"/v1/credentials/{segment(credential_id)}/rotation", {}, key)

    def revoke_credential(self, *, credential_id: Id, key: str | None = None) -> None:
        """Cut one credential off, such as a stolen till's."""
        self._delete(f"/v1/credentials/{segment(credential_id)}", key)

    def credentials(self) -> View:
        """The credentials that this one may manage, without their secrets."""
        return self._read("/v1/credentials")

    def add_webhook(self, *, webhook_id: Id, url: str, topics: list[str], key: str | None = None) -> View:
        """Have events posted to `url`, in order."""
        return self._post(View, "/v1/webhooks", {"webhook_id": str(webhook_id), "url": url, "topics": topics}, key)

    def webhooks(self) -> View:
        """The webhooks and how their deliveries stand."""
        return self._read("/v1/webhooks")

    def remove_webhook(self, *, webhook_id: Id, key: str | None = None) -> None:
        """Post nothing more there."""
        self._delete(f"/v1/webhooks/{segment(webhook_id)}", key)

    def resume_webhook(self, *, webhook_id: Id, key: str | None = None) -> View:
        """Go on where a disabled one stood, after the repair."""
        return self._post(View, f"/v1/webhooks/{segment(webhook_id)}/resumption", {}, key)

    def rotate_signing_key(self, *, merchant_id: Id, leaked: bool, key: str | None = None) -> View:
        """A new signing key; with `leaked` what the old one signed is good online only."""
        return self._post(View, f"/v1/merchants/{segment(merchant_id)}/keys/rotation", {"leaked": leaked}, key)

    def _on(self, agreement_id: Id, step: str, body: dict[str, Any], key: str | None) -> AgreementShown:
        return self._post(AgreementShown, f"/v1/agreements/{segment(agreement_id)}/{step}", body, key)
