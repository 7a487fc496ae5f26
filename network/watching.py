"""Warns when what counts against a limit comes near it, and says when it is away from it again (DOMAIN 4.3).

A warning is an event, not only a figure: the feed and webhooks are cursors in the log, so that organizer and parties
are told in order and after every restart; and what was told already is the log's own state, so two processes that look
at once tell it once. It is decided beside the commits, by what the limits' rows hold then: no till waits for it.
"""

import logging
from uuid import uuid4

from psycopg import sql

from network.application import Request
from network.coalitions import OpenCoalition
from network.domain.coalition import Coalition
from network.unit import WorkingSet

log = logging.getLogger(__name__)


def watch_caps(coalition: OpenCoalition) -> int:
    """Write down every warning that begins or ends now; how many did. Safe to repeat, and to run twice at once."""
    told = 0
    for scope, key in _to_look_at(coalition):
        asked = Request("network", str(uuid4()), f"{scope} {key}".encode())
        facts = coalition.application.watch_cap(request=asked, scope=scope, key=key).result().facts()
        told += bool(facts["told"])
    if told:
        log.info("caps_watched", extra={"coalition": coalition.entry.slug, "told": told})
    return told


def _to_look_at(coalition: OpenCoalition) -> list[tuple[str, str]]:
    """What may have come near, and what was near and may not be any more. The command decides."""
    with coalition.reading() as recorder:
        near = recorder.connection.execute(
            sql.SQL(_NEAR).format(
                x=sql.Identifier(coalition.schema, "exposures"), c=sql.Identifier(coalition.schema, "caps")
            )
        ).fetchall()
        aggregate = WorkingSet(recorder, coalition.mapper, {}).find(coalition.coalition_id)
    assert isinstance(aggregate, Coalition), "a coalition that is open was founded"
    told = aggregate.near
    begun = [(scope, key) for scope, key in near if told.get(scope) != key]
    ended = [(scope, key) for scope, key in told.items() if (scope, key) not in set(near)]
    return begun + ended


# Of what is counted by day only the newest day; the limit of guests warns nobody: it is each guest's own.
_NEAR = """
SELECT DISTINCT ON (x.scope) x.scope, x.key FROM {x} x JOIN {c} c USING (scope)
WHERE x.scope <> 'customer' AND x.used > 0 AND x.used * 10 >= c.cap * 8
ORDER BY x.scope, x.key DESC
"""
