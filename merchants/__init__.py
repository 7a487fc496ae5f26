"""What a partner runs at its own counter: the SDK, the till, its outbox, and the offline reader of certificates.

`cli -> till -> outbox -> client -> transport -> HTTP`. The network is known only by its HTTP API (docs/api.md).
"""
