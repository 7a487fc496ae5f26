"""Netting once more, for an archive of the whole coalition: bilateral, loops, everybody together."""

Debts = dict[tuple[str, str], int]


def netted(debts: Debts, method: str) -> Debts:
    """What the method leaves to pay, before the threshold."""
    if method == "multilateral":
        return _together(debts)
    left = {pair: amount - debts.get(pair[::-1], 0) for pair, amount in debts.items()}
    left = {pair: amount for pair, amount in left.items() if amount > 0}
    return left if method == "bilateral" else _without_circles(left)


def _without_circles(debts: Debts) -> Debts:
    """From the lowest id on, always to the lowest creditor that is not done; a circle gives up its smallest debt."""
    left: dict[str, dict[str, int]] = {}
    for (debtor, creditor), amount in sorted(debts.items()):
        left.setdefault(debtor, {})[creditor] = amount
    done: set[str] = set()
    for start in sorted(left):
        path = [start]
        while path:
            following = min((one for one in left.get(path[-1], {}) if one not in done), default=None)
            if following is None:
                done.add(path.pop())
            elif following in path:
                begin = path.index(following)
                del path[begin + _cleared(path[begin:], left) + 1 :]
            else:
                path.append(following)
    return {(debtor, creditor): amount for debtor, owes in left.items() for creditor, amount in owes.items()}


def _cleared(circle: list[str], left: dict[str, dict[str, int]]) -> int:
    """Take the smallest debt off a circle; the place of the first whose debt is gone."""
    pairs = list(zip(circle, [*circle[1:], circle[0]], strict=True))
    smallest = min(left[debtor][creditor] for debtor, creditor in pairs)
    gone = []
    for place, (debtor, creditor) in enumerate(pairs):
        left[debtor][creditor] -= smallest
        if left[debtor][creditor] == 0:
            del left[debtor][creditor]
            gone.append(place)
    return gone[0]


def _together(debts: Debts) -> Debts:
    """The largest payer pays the largest receiver, by id among equals; who is not done stays first in its row."""
    nets: dict[str, int] = {}
    for (debtor, creditor), amount in debts.items():
        nets[debtor] = nets.get(debtor, 0) - amount
        nets[creditor] = nets.get(creditor, 0) + amount
    pays = sorted([party for party in nets if nets[party] < 0], key=lambda party: (nets[party], party))
    gets = sorted([party for party in nets if nets[party] > 0], key=lambda party: (-nets[party], party))
    found: Debts = {}
    while pays and gets:
        payer, receiver = pays[0], gets[0]
        amount = min(-nets[payer], nets[receiver])
        found[payer, receiver] = amount
        nets[payer] += amount
        nets[receiver] -= amount
        pays = pays if nets[payer] else pays[1:]
        gets = gets if nets[receiver] else gets[1:]
    return found
