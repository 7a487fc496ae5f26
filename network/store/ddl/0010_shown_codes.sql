-- The codes that phones asked for, one for a certificate: short-lived, and so beside the log.
CREATE TABLE {schema}.shown_codes (
    certificate_id uuid        PRIMARY KEY,
    epoch          integer     NOT NULL,
    digest         bytea       NOT NULL,
    made_at        timestamptz NOT NULL
);
CREATE INDEX shown_codes_by_digest ON {schema}.shown_codes (digest);
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.shown_codes TO pollen_app;
