-- One coalition: its log, the head that orders it, and the guards that move in the same transaction as the events.

CREATE TABLE {schema}.head (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL DEFAULT 0,
    hash     bytea   NOT NULL DEFAULT sha256('pollen'::bytea),
    epoch    integer NOT NULL DEFAULT 1,
    frozen   boolean NOT NULL DEFAULT false
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
INSERT INTO {schema}.head DEFAULT VALUES;

CREATE TABLE {schema}.events (
    position           bigint  PRIMARY KEY,
    originator_id      uuid    NOT NULL,
    originator_version integer NOT NULL,
    topic              text    NOT NULL,
    state              bytea   NOT NULL,
    hash               bytea   NOT NULL,
    UNIQUE (originator_id, originator_version)
);

-- The answer of every command, written with its events. `answer` is sealed: it may hold bearer tokens.
CREATE TABLE {schema}.requests (
    caller      text    NOT NULL,
    key         text    NOT NULL,
    fingerprint bytea   NOT NULL,
    refused     boolean NOT NULL,
    answer      bytea   NOT NULL,
    position    bigint  NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);

CREATE TABLE {schema}.caps (
    scope text   PRIMARY KEY,
    cap   bigint NOT NULL
);

-- `ceiling` is the cap, or what was used already when it was lowered: only a new issue can run into the CHECK.
CREATE TABLE {schema}.exposures (
    scope   text   NOT NULL,
    key     text   NOT NULL,
    used    bigint NOT NULL,
    cap     bigint,
    ceiling bigint,
    PRIMARY KEY (scope, key),
    CONSTRAINT cap_holds CHECK (used <= ceiling)
) WITH (fillfactor = 50);

CREATE TABLE {schema}.visits (
    merchant_id  uuid NOT NULL,
    customer_id  uuid NOT NULL,
    last_paid_at timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, customer_id)
);

CREATE TABLE {schema}.typed_codes (
    digest         bytea   NOT NULL,
    certificate_id uuid    NOT NULL,
    epoch          integer NOT NULL,
    PRIMARY KEY (digest, certificate_id, epoch)
);

-- Where each quarter's next block of status-list indexes begins.
CREATE TABLE {schema}.status_indexes (
    quarter text    PRIMARY KEY,
    next    integer NOT NULL
);

CREATE TABLE {schema}.tracking (
    projection text   PRIMARY KEY,
    position   bigint NOT NULL,
    stopped    text
);

-- Append a batch, or say that it was decided on stale facts and write nothing. Every append takes the head row first,
-- with a write, so that position order is commit order. `batch` is one JSON document, because a client dumps one value
-- far faster than twenty arrays; what is bytes comes in base64. A request's `last` is the place in the batch of its last
-- event (0: it wrote none).
CREATE FUNCTION {schema}.append(
    expected_epoch integer, batch jsonb, OUT outcome text, OUT start bigint
) LANGUAGE plpgsql AS $$
DECLARE
    chained  bytea;
    hashes   bytea[] := '{{}}';
    event    record;
    ids      uuid[];
    versions integer[];
    topics   text[];
    states   bytea[];
BEGIN
    UPDATE {schema}.head SET position = position WHERE epoch = expected_epoch AND NOT frozen
        RETURNING position, hash INTO start, chained;
    IF NOT FOUND THEN outcome := 'moved'; RETURN; END IF;

    IF EXISTS (SELECT FROM jsonb_to_recordset(batch->'bases') AS base (id uuid, version integer)
               JOIN {schema}.events e ON e.originator_id = base.id AND e.originator_version = base.version + 1)
    OR EXISTS (SELECT FROM jsonb_to_recordset(batch->'requests') AS asked (caller text, key text)
               JOIN {schema}.requests r ON r.caller = asked.caller AND r.key = asked.key)
    OR EXISTS (SELECT FROM jsonb_to_recordset(batch->'moves') AS m (scope text, key text, free bigint, guarded bigint)
               JOIN {schema}.caps c ON c.scope = m.scope
               LEFT JOIN {schema}.exposures x ON x.scope = m.scope AND x.key = m.key
               WHERE m.guarded > 0
                 AND coalesce(x.used, 0) + m.free + m.guarded > greatest(c.cap, coalesce(x.used, 0) + m.free))
    THEN outcome := 'stale'; RETURN; END IF;

    SELECT array_agg(e.id ORDER BY place), array_agg(e.version ORDER BY place), array_agg(e.topic ORDER BY place),
           array_agg(convert_to(e.state, 'UTF8') ORDER BY place)
        INTO ids, versions, topics, states
        FROM ROWS FROM (jsonb_to_recordset(batch->'events') AS (id uuid, version integer, topic text, state text))
             WITH ORDINALITY AS e (id, version, topic, state, place);
    FOR event IN SELECT * FROM unnest(ids, versions, topics, states) AS e (id, version, topic, state) LOOP
        chained := sha256(chained || uuid_send(event.id) || int4send(event.version)
                          || int4send(octet_length(event.topic)) || convert_to(event.topic, 'UTF8') || event.state);
        hashes := hashes || chained;
    END LOOP;
    INSERT INTO {schema}.events (position, originator_id, originator_version, topic, state, hash)
        SELECT start + e.place, e.id, e.version, e.topic, e.state, e.hash
        FROM unnest(ids, versions, topics, states, hashes) WITH ORDINALITY
             AS e (id, version, topic, state, hash, place);
    INSERT INTO {schema}.requests (caller, key, fingerprint, refused, answer, position)
        SELECT r.caller, r.key, decode(r.fingerprint, 'base64'), r.refused, decode(r.answer, 'base64'), start + r.last
        FROM jsonb_to_recordset(batch->'requests')
             AS r (caller text, key text, fingerprint text, refused boolean, answer text, last integer);

    IF batch ? 'caps' THEN
        DELETE FROM {schema}.caps USING jsonb_to_recordset(batch->'caps') AS c (scope text) WHERE caps.scope = c.scope;
        INSERT INTO {schema}.caps
            SELECT c.scope, c.cap FROM jsonb_to_recordset(batch->'caps') AS c (scope text, cap bigint)
            WHERE c.cap IS NOT NULL;
        UPDATE {schema}.exposures x
            SET cap = c.cap, ceiling = CASE WHEN c.cap IS NULL THEN NULL ELSE greatest(c.cap, x.used) END
            FROM jsonb_to_recordset(batch->'caps') AS c (scope text, cap bigint) WHERE x.scope = c.scope;
    END IF;
    IF batch ? 'moves' THEN
        INSERT INTO {schema}.exposures (scope, key, used, cap, ceiling)
            SELECT m.scope, m.key, 0, c.cap, CASE WHEN c.cap IS NULL THEN NULL ELSE greatest(c.cap, 0) END
            FROM jsonb_to_recordset(batch->'moves') AS m (scope text, key text)
            LEFT JOIN {schema}.caps c ON c.scope = m.scope
            ON CONFLICT (scope, key) DO NOTHING;
        UPDATE {schema}.exposures x
            SET used = x.used + m.free + m.guarded,
                ceiling = CASE WHEN x.cap IS NULL THEN NULL ELSE greatest(x.cap, x.used + m.free) END
            FROM jsonb_to_recordset(batch->'moves') AS m (scope text, key text, free bigint, guarded bigint)
            WHERE x.scope = m.scope AND x.key = m.key;
    END IF;
    IF batch ? 'visits' THEN
        INSERT INTO {schema}.visits AS v (merchant_id, customer_id, last_paid_at)
            SELECT * FROM jsonb_to_recordset(batch->'visits') AS n (merchant uuid, customer uuid, at timestamptz)
            ON CONFLICT (merchant_id, customer_id)
            DO UPDATE SET last_paid_at = greatest(v.last_paid_at, excluded.last_paid_at);
    END IF;
    IF batch ? 'codes' THEN
        INSERT INTO {schema}.typed_codes (digest, certificate_id, epoch)
            SELECT decode(c.digest, 'base64'), c.certificate, c.epoch
            FROM jsonb_to_recordset(batch->'codes') AS c (digest text, certificate uuid, epoch integer);
    END IF;

    UPDATE {schema}.head SET position = start + coalesce(cardinality(ids), 0), hash = chained;
    outcome := 'appended';
END $$;

-- What is in the log is history. The application's role has no right to change it; this stops a slip of the owner's hand.
CREATE FUNCTION {schema}.refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_to_rewrite();

GRANT USAGE ON SCHEMA {schema} TO pollen_app;
GRANT SELECT, INSERT ON {schema}.events TO pollen_app;
GRANT SELECT, UPDATE ON {schema}.head TO pollen_app;
GRANT SELECT, INSERT ON {schema}.requests, {schema}.typed_codes TO pollen_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    {schema}.caps, {schema}.exposures, {schema}.visits, {schema}.status_indexes, {schema}.tracking TO pollen_app;
