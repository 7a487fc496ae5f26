"""What several pages of an owner ask."""

from typing import Any
from uuid import UUID

from network.api.pages.commands import found
from network.api.pages.names import own_names
from network.api.pages.visits import Visit
from network.api.routes import merchants
from network.domain.errors import Refusal


async def shops(visit: Visit) -> dict[str, dict[str, Any]]:
    """Everybody of the coalition by id, as text like in every answer."""
    everybody = await found(visit, merchants.list_merchants, merchants.ByNumber(limit=1000))
    return {one["merchant_id"]: one for one in everybody["merchants"]}


async def party_names(visit: Visit) -> dict[str, str]:
    """What every party is called that can owe something, by id as text."""
    named = {key: one["name"] for key, one in (await shops(visit)).items()}
    return named | own_names(visit)


def id_in(visit: Visit, name: str, missing: type[Refusal]) -> UUID:
    """An id of the page's address. Raises: `missing`."""
    try:
        return UUID(visit.request.path_params[name])
    except ValueError:
        raise missing() from None
