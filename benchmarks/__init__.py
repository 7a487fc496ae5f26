"""Ratios within one run: the network against the limits of the database and the web framework beside it."""
