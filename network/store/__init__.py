"""PostgreSQL: one schema per coalition, our own versioned DDL, the append that orders and chains the log."""
