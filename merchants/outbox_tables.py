"""The outbox's tables, and the one query that keeps its order.

`state` is final unless `waiting`. `place` orders a stream: an undoing comes in where its redemption stood.
`undo`: nobody may be waiting for this answer; from `due_at` on it is asked for and undone. `shown`: the cashier saw it.
"""

TABLES = """
CREATE TABLE IF NOT EXISTS commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    place INTEGER,
    key TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    name TEXT NOT NULL,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    body BLOB NOT NULL,
    note TEXT NOT NULL,
    after_key TEXT,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused', 'dropped')),
    undo INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    may_have_arrived INTEGER NOT NULL DEFAULT 0,
    made_at REAL NOT NULL,
    due_at REAL NOT NULL,
    leased_by TEXT,
    leased_until REAL,
    answered_at REAL,
    status INTEGER,
    answer TEXT,
    problem TEXT,
    position INTEGER,
    shown INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS waiting ON commands (stream, place, number) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS by_stream ON commands (stream, place, number);
CREATE INDEX IF NOT EXISTS unseen ON commands (shown) WHERE NOT shown;
CREATE INDEX IF NOT EXISTS by_time ON commands (made_at);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, fact TEXT NOT NULL);
"""

NEXT = """
SELECT * FROM commands AS mine
WHERE state = 'waiting' AND (:stream IS NULL OR stream = :stream)
  AND (:stream IS NOT NULL OR due_at <= :now OR due_at > :now + :longest)
  AND NOT EXISTS (SELECT 1 FROM commands AS earlier WHERE earlier.state = 'waiting' AND earlier.stream = mine.stream
                  AND (earlier.place, earlier.number) < (mine.place, mine.number))
ORDER BY due_at, number
"""
