"""The shapes of the answers, for the description of the API. Commands answer with stored bytes; these check nothing."""
