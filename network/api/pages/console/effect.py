"""What certificates changed, by the draw alone: estimate and interval for each pair, or why there is none yet."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.commands import asked
from network.api.pages.console.naming import names_of
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import effects
from network.api.threads import in_thread
from network.reports.measured import says_of

router = APIRouter()


@page(router, "GET /console/effect", who=(ORGANIZER,))
async def show_effect(visit: Visit) -> Response:
    """Guests who came, and what they spent, with a certificate against without one."""
    found = await asked(visit, effects.report_effect, effects.Measuring.model_validate({}))
    names = await in_thread(names_of, visit)
    together = {**found["together"], "name": visit.gettext("The street together")}
    pairs = [
        {**one, "name": f"{names.merchant(one['issuer_id'])} → {names.merchant(one['acceptor_id'])}"}
        for one in found["pairs"]
    ]
    return await visit.show(
        "console/effect.html", horizon_days=found["horizon_days"], draws=found["draws"],
        pairs=[_shown(visit, one) for one in (together, *pairs)],
    )  # fmt: skip


def _shown(visit: Visit, one: dict[str, Any]) -> dict[str, Any]:
    """Visits of a hundred guests, spending in minor units a guest: estimate, lowest, highest, by the interval that
    holds for all pairs, however often one looks. Empty where nothing honest can be said; `says` why, how much longer.
    """
    says = says_of(one, visit.reader.currency, visit.reader.language)
    return {
        **one,
        "points": [round(100 * value, 1) for value in _numbers(one["visits"], says)],
        "spent": [round(value) for value in _numbers(one["revenue"], says)],
        "says": says.get("sizes") or says["visits"],
        "spending": says.get("revenue", ""),
    }


def _numbers(outcome: dict[str, Any] | None, says: dict[str, str]) -> list[float]:
    interval = (outcome or {}).get("always_valid_interval_all_arms")
    is_known = outcome and interval is not None and outcome["verdict"] != "not_enough_yet" and "sizes" not in says
    return [outcome["difference"], *interval] if outcome and interval is not None and is_known else []
