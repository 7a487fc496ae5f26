"""The demo neighbourhood: five shops, agreements of every funding model, and months of trade with invented guests."""

from typing import Final

DAYS: Final = 140
"""How long it has traded: thirty days for the last draws to be over, and as many before as an effect takes to show."""
OPEN_DAYS: Final = 14
"""The first window was cut so long ago; what came since is in the open one."""
DAYS_LEAST: Final = 2 * OPEN_DAYS
