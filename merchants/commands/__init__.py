"""The routes of docs/api.md as methods, one file for each kind of caller; `merchants.client.Client` has them all."""
