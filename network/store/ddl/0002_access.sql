-- Keys that sign, credentials that call, and the webhooks that are called.
-- The coalition's root key stands under the coalition's own id.

CREATE TABLE {schema}.signing_keys (
    kid         bytea NOT NULL,
    merchant_id uuid  NOT NULL,
    merchant_number integer NOT NULL,
    algorithm   text  NOT NULL,
    public_key  bytea NOT NULL,
    nonce       bytea NOT NULL,
    ciphertext  bytea NOT NULL,
    state       text  NOT NULL CHECK (state IN ('active', 'retired', 'compromised')),
    limits      jsonb NOT NULL DEFAULT '{{}}',
    created_at  timestamptz NOT NULL,
    retired_at  timestamptz,
    PRIMARY KEY (kid, merchant_id)
);
CREATE UNIQUE INDEX one_active_key ON {schema}.signing_keys (merchant_id) WHERE state = 'active';

-- A secret is stored as its SHA-256: it is 256 random bits, which no dictionary holds. It is derived from the id and
-- the version, so that the answer of a retried creation or rotation is the same again. The organizer's subject is the
-- coalition, an owner's and a till's the merchant, a wallet's the wallet.
CREATE TABLE {schema}.credentials (
    credential_id uuid  PRIMARY KEY,
    role          text  NOT NULL CHECK (role IN ('organizer', 'owner', 'till', 'wallet')),
    subject_id    uuid  NOT NULL,
    label         text  NOT NULL,
    version       integer NOT NULL DEFAULT 0,
    secret_hash   bytea NOT NULL UNIQUE,
    created_at    timestamptz NOT NULL DEFAULT now(),
    revoked_at    timestamptz
);
CREATE INDEX credentials_of_subject ON {schema}.credentials (role, subject_id);

-- `subject_id` is the merchant whose events are posted, or the coalition, whose organizer gets all. `topics` empty: every
-- topic. `position` is the last event that was delivered or is not for this webhook. A deleted one keeps its row, so
-- that a late retry of its creation does not bring it back.
CREATE TABLE {schema}.webhooks (
    webhook_id    uuid PRIMARY KEY,
    subject_id    uuid NOT NULL,
    url           text NOT NULL,
    topics        text[] NOT NULL,
    sealed_secret bytea NOT NULL,
    position      bigint NOT NULL,
    failures      integer NOT NULL DEFAULT 0,
    next_try_at   timestamptz NOT NULL DEFAULT now(),
    last_error    text,
    state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled', 'deleted')),
    created_at    timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, UPDATE ON {schema}.signing_keys, {schema}.credentials TO pollen_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.webhooks TO pollen_app;
