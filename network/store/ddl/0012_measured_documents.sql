-- What each reader is shown of measured effects: worked out anew every hour, so that a report costs the same however
-- many draws there are. The nil id reads for the whole street.
CREATE TABLE {schema}.measured_documents (
    reader_id   uuid        PRIMARY KEY,
    day         date        NOT NULL,
    measured_at timestamptz NOT NULL,
    document    jsonb       NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.measured_documents TO pollen_app;
