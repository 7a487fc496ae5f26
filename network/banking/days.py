"""Days as bank files write them."""

import re
from datetime import date
from typing import Final

from network.banking.refusals import BankFileUnreadable

_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)


def day_of(text: str) -> date:
    """The day that an ISO date or instant names, in the bank's own time zone. Raises BankFileUnreadable."""
    found = _DAY.fullmatch(text)
    if found is None:
        raise BankFileUnreadable(problem="a line has no day on which it was booked")
    try:
        return date.fromisoformat(found[1])
    except ValueError:
        raise BankFileUnreadable(problem="a day of it is not in the calendar") from None
