-- A guest who is forgotten leaves no credential that calls and no recovery code. What was left half done when the network
-- died between the event and this is done here, once; since then both are one transaction.
UPDATE {schema}.credentials c SET revoked_at = now()
    FROM {schema}.events e
    WHERE c.role = 'wallet' AND c.revoked_at IS NULL AND e.originator_id = c.subject_id AND e.topic = 'Wallet.Erased';
DELETE FROM {schema}.wallet_recoveries w
    USING {schema}.events e WHERE e.originator_id = w.wallet_id AND e.topic = 'Wallet.Erased';
