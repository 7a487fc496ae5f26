"""The rules of the network: aggregates that decide and record, and pure functions of money. No web, SQL or clock."""
