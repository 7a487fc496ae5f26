-- People who sign in to pages, their sessions, and what was done by whom at a till. None of it is in the log: an event
-- names nobody. A name and a login are sealed; a login is found by its digest. Every secret is stored as a hash.

CREATE TABLE {schema}.people (
    person_id     uuid  PRIMARY KEY,
    sealed        bytea NOT NULL,
    login_digest  bytea UNIQUE,
    password_hash text,
    sealed_totp   bytea,
    totp_step     bigint NOT NULL DEFAULT 0,
    pin_hash      text,
    created_at    timestamptz NOT NULL,
    left_at       timestamptz
);

-- What a person may do, and for whom: the coalition (organizer) or a merchant.
CREATE TABLE {schema}.posts (
    person_id  uuid NOT NULL REFERENCES {schema}.people,
    role       text NOT NULL CHECK (role IN ('organizer', 'owner', 'shift_leader', 'cashier')),
    subject_id uuid NOT NULL,
    ended_at   timestamptz,
    PRIMARY KEY (person_id, role, subject_id)
);
CREATE INDEX posts_of_subject ON {schema}.posts (subject_id, role);

CREATE TABLE {schema}.recovery_codes (
    code_hash bytea PRIMARY KEY,
    person_id uuid  NOT NULL REFERENCES {schema}.people,
    used_at   timestamptz
);
CREATE INDEX recovery_codes_of_person ON {schema}.recovery_codes (person_id);

-- A code that works once. `kind`: person (a new one takes a post), entry (a known person comes in), till (a device).
CREATE TABLE {schema}.invitations (
    code_hash     bytea PRIMARY KEY,
    invitation_id uuid  NOT NULL UNIQUE,
    kind          text  NOT NULL CHECK (kind IN ('person', 'entry', 'till')),
    role          text  NOT NULL,
    subject_id    uuid  NOT NULL,
    person_id     uuid,
    label         text  NOT NULL,
    created_at    timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    used_at       timestamptz
);
CREATE INDEX invitations_of_subject ON {schema}.invitations (subject_id, role);

-- `kind`: person, or till (a device; `person_id` is the cashier whose shift it is). `stage`: second (the password was
-- right, the second factor is due) or full.
CREATE TABLE {schema}.sessions (
    secret_hash   bytea PRIMARY KEY,
    session_id    uuid  NOT NULL UNIQUE,
    kind          text  NOT NULL CHECK (kind IN ('person', 'till')),
    stage         text  NOT NULL CHECK (stage IN ('second', 'full')),
    person_id     uuid REFERENCES {schema}.people,
    role          text  NOT NULL,
    subject_id    uuid  NOT NULL,
    credential_id uuid REFERENCES {schema}.credentials,
    shift_id      uuid,
    shift_role    text,
    shift_began_at timestamptz,
    label         text  NOT NULL,
    created_at    timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL,
    confirmed_at  timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    ended_at      timestamptz
);
CREATE INDEX sessions_of_person ON {schema}.sessions (person_id);

-- Counted tries in one stretch of time; the key is a digest, so that no address and no login stands here.
CREATE TABLE {schema}.tries (
    key      bytea PRIMARY KEY,
    counted  integer NOT NULL,
    began_at timestamptz NOT NULL
);

-- Who asked for a command at a till, written before the command is: whether it came to anything is in the log.
CREATE TABLE {schema}.deeds (
    merchant_id   uuid NOT NULL,
    command_key   text NOT NULL,
    what          text NOT NULL CHECK (what IN ('pay', 'issue', 'redeem', 'undo')),
    reference_id  uuid NOT NULL,
    person_id     uuid NOT NULL REFERENCES {schema}.people,
    credential_id uuid NOT NULL,
    shift_id      uuid NOT NULL,
    at            timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, command_key)
);
CREATE INDEX deeds_of_shift ON {schema}.deeds (shift_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.people, {schema}.posts, {schema}.recovery_codes, {schema}.invitations,
    {schema}.sessions, {schema}.tries TO pollen_app;
GRANT SELECT, INSERT ON {schema}.deeds TO pollen_app;
