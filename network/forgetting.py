"""What a guest leaves beside the log, and what is done to it when the guest is forgotten: one list, one transaction."""

from uuid import UUID

from network.store.recorder import Write


def forgetting(wallet_id: UUID) -> tuple[Write, ...]:
    """Nobody calls for this wallet any more, and no code opens it."""
    return (
        Write(
            "UPDATE {s}.credentials SET revoked_at = now()"
            " WHERE role = 'wallet' AND subject_id = %s AND revoked_at IS NULL",
            (wallet_id,),
        ),
        Write("DELETE FROM {s}.wallet_recoveries WHERE wallet_id = %s", (wallet_id,)),
    )
