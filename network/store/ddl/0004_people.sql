-- An organizer's credential belongs to a person: raising a limit needs two of them. Those that name nobody all belong to
-- one and the same, so that two keys of one person never pass for two people.
ALTER TABLE {schema}.credentials ADD COLUMN IF NOT EXISTS person_id uuid;
