"""Who signs in to pages: people and their posts, invitations, sessions, counted tries. None of it is in the log."""
