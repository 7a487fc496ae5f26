"""Answers about webhooks."""

from network.api.answers.answer import Answer


class WebhookTry(Answer):
    """What came of one post to a webhook."""

    delivered: bool
    status: int | None
    error: str | None
