-- Kept weeks are found by their comparison. Of a table that filled since it was last counted a planner thinks that this
-- index is as good as the key, and then reads all comparisons of a week for each of them: 9 s instead of 0.01.
DROP INDEX IF EXISTS {schema}.measured_weeks_week_idx;
