-- What was stated before pairs gave way to what netting left between them (domain/exposure.py): made up for, once.
WITH stated AS (
    SELECT convert_from(state, 'UTF8')::jsonb AS facts FROM {schema}.events WHERE topic = 'Window.Stated'
), moved AS (
    SELECT debt->>'debtor' AS debtor, debt->>'creditor' AS creditor,
           -((debt->>'opening')::bigint + (debt->>'value')::bigint + (debt->>'commission')::bigint
             + (debt->>'fee')::bigint + (debt->>'adjustment')::bigint) AS amount
        FROM stated, jsonb_array_elements(facts->'debts') AS debt
    UNION ALL
    SELECT due->>'debtor', due->>'creditor', (due->>'amount')::bigint
        FROM stated, jsonb_array_elements((facts->'payments') || (facts->'carried')) AS due
), both_ways AS (
    SELECT 'pair:' || debtor || ':' || creditor AS scope, amount FROM moved
    UNION ALL
    SELECT 'pair:' || creditor || ':' || debtor, -amount FROM moved
), summed AS (
    SELECT scope, sum(amount)::bigint AS amount FROM both_ways GROUP BY scope HAVING sum(amount) <> 0
)
INSERT INTO {schema}.exposures AS x (scope, key, used, cap, ceiling)
    SELECT s.scope, '', s.amount, c.cap, greatest(c.cap, s.amount)
    FROM summed s LEFT JOIN {schema}.caps c USING (scope)
    ON CONFLICT (scope, key) DO UPDATE
        SET used = x.used + excluded.used,
            ceiling = CASE WHEN x.cap IS NULL THEN NULL ELSE greatest(x.cap, x.used + excluded.used) END;
