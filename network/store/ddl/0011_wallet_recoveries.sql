-- What opens a wallet again: digests of codes, beside the log, so that a guest who is forgotten leaves none.
CREATE TABLE {schema}.wallet_recoveries (
    digest     bytea   PRIMARY KEY,
    wallet_id  uuid    NOT NULL,
    recoveries integer NOT NULL
);
CREATE INDEX wallet_recoveries_of_wallet ON {schema}.wallet_recoveries (wallet_id);
GRANT SELECT, INSERT, DELETE ON {schema}.wallet_recoveries TO pollen_app;
