"""The two refusals of the sandbox: by errcode on the official paths, by HTTP status under /sandbox/."""

from typing import Any


class ApiError(Exception):
    """A refusal on an official path, answered with HTTP 200 (path/90313).

    `more` holds fields of the answer beside errcode and errmsg.
    """

    def __init__(self, errcode: int, errmsg: str, **more: Any) -> None:
        super().__init__(f"{errcode}: {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.more = more


class Refused(Exception):
    """A refusal under /sandbox/: a bad request, or what the client would not let a person do (tap a dead button).

    `status` is the HTTP status of the answer.
    """

    def __init__(self, reason: str, status: int = 409) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
