-- What opens a wallet again: digests of codes, beside the log, so that a guest who is forgotten leaves none.
CREATE TABLE {schema}.recovery_codes (
    digest     bytea   PRIMARY KEY,
    wallet_id  uuid    NOT NULL,
    recoveries integer NOT NULL
);
CREATE INDEX recovery_codes_of_wallet ON {schema}.recovery_codes (wallet_id);
GRANT SELECT, INSERT, DELETE ON {schema}.recovery_codes TO pollen_app;
