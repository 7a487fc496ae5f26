"""What an audit says."""

from dataclasses import dataclass, field

FINDINGS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. `check` names what was compared, `where` the position, row or key."""

    check: str
    where: str
    says: str


@dataclass(slots=True)
class AuditReport:
    """The figures of one coalition as its log gives them, and everything that disagrees.

    `head` is the hash of the chain at `position`, for a later audit to expect. `views`: `{view: position compared at}`.
    `total` counts all findings; `findings` keeps the first thousand.
    """

    schema: str
    position: int = 0
    head: str = ""
    events: int = 0
    certificates: int = 0
    outstanding: int = 0
    reserved: int = 0
    owed: int = 0
    views: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    total: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing disagrees."""
        return self.total == 0

    def find(self, check: str, where: object, says: str) -> None:
        """Note a difference."""
        self.total += 1
        if len(self.findings) < FINDINGS_KEPT:
            self.findings.append(Finding(check, str(where), says))

    def same(self, check: str, where: object, *, log: object, stored: object) -> None:
        """Note a difference unless the two are equal."""
        if log != stored:
            self.find(check, where, f"the log gives {log}, stored is {stored}")
