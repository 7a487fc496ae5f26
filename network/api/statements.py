"""Reads statements for routes: in a thread, with what can be wrong said as HTTP says it."""

import logging
from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import Field

from network.api import errors
from network.api.bodies import Query
from network.api.threads import in_thread
from network.domain.errors import Refusal
from network.projections.tracking import ViewBehind
from network.settlement.apart import NotMade, TooMany
from network.settlement.statement import StatementDiffers

log = logging.getLogger(__name__)
R = TypeVar("R")
VERSION_MAX = 999_999
Version = Annotated[int, Field(ge=1, le=VERSION_MAX)]


class StatementUnsound(Refusal):
    """The lines do not add up to what was stated: a view or the log is damaged, so nothing is shown."""

    code = "statement_unsound"
    sentence = (
        "The lines of this statement do not add up to what was stated, so it is not shown. The operator was told."
    )


class Which(Query):
    """`version`: left out, the one in force."""

    version: Version | None = None


async def reading_statements(read: Callable[[], R]) -> R:
    """What `read` returns.

    Raises: errors.ViewBehind, PapersBusy and PaperNotMade, StatementUnsound, and the reader's refusals.
    """
    try:
        return await in_thread(read)
    except ViewBehind as behind:
        raise errors.ViewBehind(position=behind.position, reached=behind.reached) from None
    except TooMany:
        raise errors.PapersBusy() from None
    except NotMade:
        raise errors.PaperNotMade() from None
    except StatementDiffers as differs:
        log.error("statement_unsound", extra={"says": str(differs)})
        raise StatementUnsound() from None
