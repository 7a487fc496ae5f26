-- What the draws of each week come to, for every comparison: so the hourly estimates read what is new or was corrected,
-- not all draws. The nil id stands for all shops, or all neighbours. `added`: sums over both arms of the week alone;
-- `released`: of all weeks to this one, where counts have grown by enough for a look.
CREATE TABLE {schema}.measured_weeks (
    issuer_id   uuid      NOT NULL,
    acceptor_id uuid      NOT NULL,
    week        integer   NOT NULL,
    added       numeric[] NOT NULL,
    released    numeric[],
    PRIMARY KEY (issuer_id, acceptor_id, week)
);
CREATE INDEX ON {schema}.measured_weeks (week);
-- How far that is: the log position, the first week that is not in, and the fold whose rows were read.
CREATE TABLE {schema}.measured_until (
    only_one    boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    fold        text    NOT NULL,
    position    bigint  NOT NULL,
    before_week integer NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.measured_weeks, {schema}.measured_until TO pollen_app;
