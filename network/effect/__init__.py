"""What a certificate brought, from randomised assignments: estimates, and the proof that they hold. No SQL, no web."""
