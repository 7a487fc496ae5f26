-- What the log names by a keyed digest and must not show: where parties are paid, and lines of banks that name no payment.
-- Rows are found by what they hold, so writing one again changes nothing, and a row that no event names counts for nothing.

CREATE TABLE {schema}.bank_details (
    party_id uuid  NOT NULL,
    digest   text  NOT NULL,
    sealed   bytea NOT NULL,
    kept_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (party_id, digest)
);

CREATE TABLE {schema}.bank_lines (
    line    text  PRIMARY KEY,
    file_id uuid  NOT NULL,
    sealed  bytea NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, DELETE ON {schema}.bank_details, {schema}.bank_lines TO pollen_app;
