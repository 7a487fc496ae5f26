"""The guest's wallet: one page of plain scripts that works from a phone's home screen, without a session."""
