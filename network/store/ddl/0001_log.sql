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
-- with a write, so that position order is commit order. `last_events` gives, for each request, the place in the batch
-- of its last event (0: it wrote none).
CREATE FUNCTION {schema}.append(
    expected_epoch integer,
    base_ids uuid[], base_versions integer[],
    event_ids uuid[], event_versions integer[], topics text[], states bytea[],
    callers text[], keys text[], fingerprints bytea[], refusals boolean[], answers bytea[], last_events integer[],
    cap_scopes text[], cap_limits bigint[],
    move_scopes text[], move_keys text[], move_free bigint[], move_guarded bigint[],
    visit_merchants uuid[], visit_customers uuid[], visit_times timestamptz[],
    code_digests bytea[], code_certificates uuid[], code_epochs integer[],
    OUT outcome text, OUT start bigint
) LANGUAGE plpgsql AS $$
DECLARE
    chained bytea;
    hashes  bytea[] := '{{}}';
    event   record;
    counted bigint := coalesce(cardinality(event_ids), 0);
BEGIN
    UPDATE {schema}.head SET position = position WHERE epoch = expected_epoch AND NOT frozen
        RETURNING position, hash INTO start, chained;
    IF NOT FOUND THEN outcome := 'moved'; RETURN; END IF;

    IF EXISTS (SELECT FROM unnest(base_ids, base_versions) AS base (id, version)
               JOIN {schema}.events e ON e.originator_id = base.id AND e.originator_version = base.version + 1)
    OR EXISTS (SELECT FROM unnest(callers, keys) AS asked (caller, key) JOIN {schema}.requests USING (caller, key))
    OR EXISTS (SELECT FROM unnest(move_scopes, move_keys, move_free, move_guarded) AS m (scope, key, free, guarded)
               LEFT JOIN {schema}.exposures x ON x.scope = m.scope AND x.key = m.key
               LEFT JOIN {schema}.caps c ON c.scope = m.scope
               WHERE m.guarded > 0 AND coalesce(x.used, 0) + m.free + m.guarded
                     > greatest(c.cap, coalesce(x.used, 0) + m.free) AND c.cap IS NOT NULL)
    THEN outcome := 'stale'; RETURN; END IF;

    FOR event IN SELECT * FROM unnest(event_ids, event_versions, topics, states) WITH ORDINALITY
                 AS e (id, version, topic, state, place) ORDER BY place LOOP
        chained := sha256(chained || uuid_send(event.id) || int4send(event.version)
                          || int4send(octet_length(event.topic)) || convert_to(event.topic, 'UTF8') || event.state);
        hashes := hashes || chained;
    END LOOP;
    INSERT INTO {schema}.events (position, originator_id, originator_version, topic, state, hash)
        SELECT start + e.place, e.id, e.version, e.topic, e.state, e.hash
        FROM unnest(event_ids, event_versions, topics, states, hashes) WITH ORDINALITY
             AS e (id, version, topic, state, hash, place);
    INSERT INTO {schema}.requests (caller, key, fingerprint, refused, answer, position)
        SELECT r.caller, r.key, r.fingerprint, r.refused, r.answer, start + r.last_event
        FROM unnest(callers, keys, fingerprints, refusals, answers, last_events)
             AS r (caller, key, fingerprint, refused, answer, last_event);

    IF cardinality(cap_scopes) > 0 THEN
        DELETE FROM {schema}.caps WHERE scope = ANY (cap_scopes);
        INSERT INTO {schema}.caps SELECT * FROM unnest(cap_scopes, cap_limits) AS c (scope, cap) WHERE c.cap IS NOT NULL;
        UPDATE {schema}.exposures x SET cap = c.cap, ceiling = greatest(c.cap, CASE WHEN c.cap IS NULL THEN NULL ELSE x.used END)
            FROM unnest(cap_scopes, cap_limits) AS c (scope, cap) WHERE x.scope = c.scope;
    END IF;
    IF cardinality(move_scopes) > 0 THEN
        INSERT INTO {schema}.exposures (scope, key, used, cap, ceiling)
            SELECT m.scope, m.key, 0, c.cap, greatest(c.cap, CASE WHEN c.cap IS NULL THEN NULL ELSE 0 END)
            FROM unnest(move_scopes, move_keys) AS m (scope, key) LEFT JOIN {schema}.caps c USING (scope)
            ON CONFLICT (scope, key) DO NOTHING;
        UPDATE {schema}.exposures x
            SET used = x.used + m.free + m.guarded,
                ceiling = CASE WHEN x.cap IS NULL THEN NULL ELSE greatest(x.cap, x.used + m.free) END
            FROM unnest(move_scopes, move_keys, move_free, move_guarded) AS m (scope, key, free, guarded)
            WHERE x.scope = m.scope AND x.key = m.key;
    END IF;
    INSERT INTO {schema}.visits AS v (merchant_id, customer_id, last_paid_at)
        SELECT * FROM unnest(visit_merchants, visit_customers, visit_times)
        ON CONFLICT (merchant_id, customer_id)
        DO UPDATE SET last_paid_at = greatest(v.last_paid_at, excluded.last_paid_at);
    INSERT INTO {schema}.typed_codes (digest, certificate_id, epoch)
        SELECT * FROM unnest(code_digests, code_certificates, code_epochs);

    UPDATE {schema}.head SET position = start + counted, hash = chained;
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
