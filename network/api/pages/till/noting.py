"""Who did what at a till, noted beside the log for the shift report."""

from uuid import UUID

from network.access.deeds import note
from network.api.pages.visits import Visit
from network.api.threads import in_thread


async def noted(visit: Visit, key: str, what: str, reference_id: UUID) -> None:
    """Put down who asks, before it is done."""
    await in_thread(note, visit.coalition, visit.session, key=key, what=what, reference_id=reference_id, at=visit.at)
