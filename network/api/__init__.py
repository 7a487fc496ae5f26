"""The network over HTTP: thin routes that turn a request into one command or one question."""
