"""Makes a new version of a stated window, when something came to its debts. Netting runs outside the writer."""

from network.application import Answer, Request
from network.coalitions import OpenCoalition
from network.domain.errors import Refusal
from network.domain.restating import Change, Restated, restate
from network.domain.window import Window, window_id_of
from network.projections import windows
from network.settlement.closing import find_closing
from network.settlement.requests import own_request
from network.store.recorder import CoalitionRecorder


def recompute_window(coalition: OpenCoalition, number: int, *, request: Request | None = None) -> Answer:
    """Take in what was disputed, or paid by an earlier version, since the present one.

    Answers with a refusal: FiguresChanged, also when there is nothing to take in. Raises: WindowNotFound.
    """
    with coalition.reading() as recorder:
        window = find_closing(coalition, recorder, number).window
        restated = restated_with(window, window.pending, opened_next=is_opened(coalition, recorder, number + 1))
    command = coalition.application.recompute_window(
        request=request or own_request("network", number, window.settlement_version, window.pending),
        number=number,
        version=window.settlement_version + 1,
        changes=window.pending,
        restated=restated,
    )
    return command.result()


def recompute_due(coalition: OpenCoalition) -> list[int]:
    """Bring every window that was stated and is not paid yet to a version that takes in everything; their numbers.

    Safe to repeat and to run twice at once. Reads the view `windows`: what that does not show yet is left for the next
    run.
    """
    with coalition.readers.connection() as connection:
        shown = [row.number for row in windows.not_current(connection, coalition.schema)]
    with coalition.reading() as recorder:
        waiting = [n for n in shown if not find_closing(coalition, recorder, n).window.is_current]
    done = []
    for number in waiting:
        try:
            recompute_window(coalition, number).facts()
        except Refusal:  # another run was first, or something changed meanwhile: the next run sees it
            continue
        done.append(number)
    return done


def restated_with(window: Window, changes: tuple[Change, ...], *, opened_next: bool) -> Restated:
    """What is left to pay when these come to the window's debts."""
    carried = window.carried if opened_next else None
    return restate(window.owed(*changes), window.terms, defaulters=window.defaulters, carried=carried)


def is_opened(coalition: OpenCoalition, recorder: CoalitionRecorder, number: int) -> bool:
    """Whether that window was stated, so that its opening is what was carried into it."""
    window_id = window_id_of(coalition.coalition_id, number)
    events = [coalition.mapper.to_domain_event(stored) for stored in recorder.select_events(window_id)]
    return any(isinstance(event, Window.Stated) for event in events)
