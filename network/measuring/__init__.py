"""Estimates from the log: the draws as samples for `network.effect`, what may be shown of them, and what steers."""
