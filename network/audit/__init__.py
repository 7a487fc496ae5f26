"""Recomputes everything from the raw log and trusts no view: `audit` for one coalition, `AuditReport` as the result.

It is a second, naive implementation: it reads the stored JSON as it stands and imports neither a projection nor an
aggregate, so that a mistake there is not repeated here.

What it cannot see from inside: somebody who rewrites the log from some event to its end, recomputes every hash and the
head. Note the head that an audit prints, outside the database, and name it to a later one (`--expect HASH@POSITION`).
"""

from network.audit.report import AuditReport, Finding
from network.audit.run import audit

__all__ = ["AuditReport", "Finding", "audit"]
