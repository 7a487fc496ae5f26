"""What a guest leaves beside the log, and what is done to it when the guest is forgotten: one list, one transaction."""

from uuid import UUID

from network.store.recorder import Write


def forgetting(wallet_id: UUID) -> tuple[Write, ...]:
    """Nobody calls for this wallet any more, no code opens it, and the key of what was sealed for the guest goes."""
    return (
        Write(
            "UPDATE {s}.credentials SET revoked_at = now(), secret_hash = sha256(gen_random_uuid()::text::bytea)"
            " WHERE role = 'wallet' AND subject_id = %s AND revoked_at IS NULL",
            (wallet_id,),
        ),
        Write("DELETE FROM {s}.wallet_recoveries WHERE wallet_id = %s", (wallet_id,)),
        Write("DELETE FROM {s}.guest_keys WHERE wallet_id = %s", (wallet_id,)),
        Write("DELETE FROM {s}.contacts WHERE wallet_id = %s", (wallet_id,)),
        Write("DELETE FROM {s}.consents WHERE wallet_id = %s", (wallet_id,)),
    )
