"""What every answer of the API is: members may be added, none is taken away."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Members may be added; a reader ignores those it does not know."""

    model_config = ConfigDict(extra="allow")
