"""A naive second implementation of the rules in DOMAIN 2-5, in plain dicts and fractions.

It knows nothing of events, versions, batches or PostgreSQL, and imports nothing of the network. Each command answers
`(code, facts)`: "done" or the code of the refusal, and what the network's answer has to say. Terms are plain dicts.
Each file is a few pages, and builds on those before: partners, agreements, issuing, drawing, bills, holding, redeeming,
offline.
"""

from tests.simulation.notebook.offline import Offline


class Model(Offline):
    """The neighbourhood as somebody with a notebook would keep it."""
