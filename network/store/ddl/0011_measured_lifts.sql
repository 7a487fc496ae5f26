-- What certificates were measured to bring, for the draw to read: worked out anew every hour, and so beside the log.
CREATE TABLE {schema}.measured_lifts (
    issuer_id   uuid        NOT NULL,
    acceptor_id uuid        NOT NULL,
    lift        integer     NOT NULL,
    measured_at timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, acceptor_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.measured_lifts TO pollen_app;
