-- What came of the newest deliveries of each webhook, for whoever repairs one. `status` is that of the answer; null
-- when there was none. A webhook that its owner paused keeps its place.
CREATE TABLE {schema}.webhook_tries (
    number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id uuid        NOT NULL REFERENCES {schema}.webhooks,
    tried_at   timestamptz NOT NULL,
    position   bigint      NOT NULL,
    topic      text        NOT NULL,
    status     integer,
    error      text
);
CREATE INDEX ON {schema}.webhook_tries (webhook_id, number);
ALTER TABLE {schema}.webhooks DROP CONSTRAINT webhooks_state_check;
ALTER TABLE {schema}.webhooks ADD CONSTRAINT webhooks_state_check
    CHECK (state IN ('active', 'paused', 'disabled', 'deleted'));
GRANT SELECT, INSERT, DELETE ON {schema}.webhook_tries TO pollen_app;
