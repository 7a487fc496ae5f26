-- A key for each guest, under which what is personal of that guest is sealed: without it, it is noise.
CREATE TABLE {schema}.guest_keys (
    wallet_id  uuid  PRIMARY KEY,
    sealed_key bytea NOT NULL
);

-- How a guest can be reached, sealed under the guest's key and found by a digest that only the coalition's key makes.
CREATE TABLE {schema}.contacts (
    wallet_id    uuid        PRIMARY KEY,
    digest       bytea       NOT NULL,
    sealed       bytea       NOT NULL,
    kept_at      timestamptz NOT NULL,
    confirmed_at timestamptz,
    code_digest  bytea,
    code_ends_at timestamptz
);
CREATE INDEX contacts_by_digest ON {schema}.contacts (digest);

-- What a guest said yes to, each purpose apart. Taking one back leaves its row, being forgotten does not.
CREATE TABLE {schema}.consents (
    wallet_id    uuid        NOT NULL,
    purpose      text        NOT NULL CHECK (purpose IN ('recovery', 'news')),
    given_at     timestamptz NOT NULL,
    text_version integer     NOT NULL,
    language     text        NOT NULL,
    withdrawn_at timestamptz,
    PRIMARY KEY (wallet_id, purpose, given_at)
);
CREATE UNIQUE INDEX one_standing_consent ON {schema}.consents (wallet_id, purpose) WHERE withdrawn_at IS NULL;

-- A code that was sent by mail ends soon; one that was kept on paper does not.
ALTER TABLE {schema}.wallet_recoveries ADD COLUMN ends_at timestamptz;

GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.guest_keys, {schema}.contacts, {schema}.consents TO pollen_app;
