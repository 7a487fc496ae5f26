"""Days of trade from one seed, against the real application, checked against the naive model at every step.

The invariants that hold after each step (numbers of DOMAIN 9):

1. The network accepts and refuses what the model does, with the same code. Rival tills that redeem one certificate
   at the same time through two applications get what one of the two orders gives, never both the whole of it, and
   the parts never exceed the face value.
2. A command that is sent again, at once or after a lost reply, through the same application or another, is answered
   with the same bytes and has no second effect; the same key with other details is `request_conflict`. This holds
   when the database connection of an application is cut.
3. For every agreement: issued = active + redeemed + released + lapsed, in value; issued = active + redeemed + expired +
   revoked, in number; and what a certificate has outstanding, its holder and its epoch are those of the model.
4. What is owed between each pair, and the reserve, are those of the model's own ledger; all net positions sum to zero;
   the reserve is the funders' share of what is outstanding on active certificates.
7. A redemption and its reversal restore every balance (checked when one follows the other at once).
8. Tills without a network come back in any order; what stands, who loses, why, and who bears it are the model's.
   The use of each limit is the model's, and no issue passes a limit that was set, whatever else shares its batch.
10. Positions have no gaps.

5, 6 and 9 speak of views, windows and erasure and are tested with them.
"""

from collections.abc import Callable

from tests.simulation.tills import Tills

MINUTES_A_STEP = 6


class Trading(Tills):
    """One seed's neighbourhood. `step` does one thing that a shop, a guest or the organizer might do."""

    def __init__(self, database_url: str, seed: int) -> None:
        super().__init__(database_url, seed)
        self._settle()

    def step(self) -> None:
        """One thing happens, and everything is compared. Raises: Difference, which names seed and step."""
        self.steps += 1
        with self._located():
            self._let_time_pass()
            action = self.random.choices(ACTIONS, WEIGHTS)[0]
            action(self)

    def _let_time_pass(self) -> None:
        minutes = self.random.expovariate(1 / MINUTES_A_STEP)
        if self.random.random() < 0.01:
            minutes += self.random.choice([60, 300, 600, 1_440])
        if self.random.random() < 0.0003:
            minutes += 181 * 1_440
        self.clock.move(minutes=round(minutes, 3))


_MIX: list[tuple[Callable[[Trading], None], float]] = [
    (Trading.sell, 26),
    (Trading.redeem, 26),
    (Trading.draw, 10),
    (Trading.rule_draws, 0.7),
    (Trading.pass_on, 7),
    (Trading.claim, 6),
    (Trading.keep_or_print, 6),
    (Trading.refund, 5),
    (Trading.undo_redemption, 5),
    (Trading.take_without_a_network, 8),
    (Trading.come_back, 5),
    (Trading.send_again, 4),
    (Trading.expire, 4),
    (Trading.race, 2.5),
    (Trading.pay_again, 3),
    (Trading.issue_for_old_bill, 2),
    (Trading.limit, 3),
    (Trading.set_aside, 2),
    (Trading.move_stock, 2),
    (Trading.revoke, 2),
    (Trading.change_agreement, 1.5),
    (Trading.new_agreement, 0.5),
    (Trading.reuse_key, 1),
    (Trading.discipline, 0.4),
    (Trading.lift_limits, 0.7),
]
ACTIONS = [action for action, _ in _MIX]
WEIGHTS = [weight for _, weight in _MIX]
