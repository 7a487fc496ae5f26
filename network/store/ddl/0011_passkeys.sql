-- Public keys that people sign in with; the private ones never leave their devices.
CREATE TABLE {schema}.passkeys (
    passkey_id bytea       PRIMARY KEY,
    person_id  uuid        NOT NULL REFERENCES {schema}.people,
    public_key bytea       NOT NULL,
    sign_count bigint      NOT NULL,
    label      text        NOT NULL,
    created_at timestamptz NOT NULL,
    used_at    timestamptz NOT NULL
);
CREATE INDEX passkeys_of_person ON {schema}.passkeys (person_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.passkeys TO pollen_app;
