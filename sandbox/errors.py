"""The one way an official path says no: an errcode and a sentence, sent with HTTP 200 (path/90313)."""

from typing import Any


class ApiError(Exception):
    """Carries what goes into the answer; `more` holds fields beside errcode and errmsg."""

    def __init__(self, errcode: int, errmsg: str, **more: Any) -> None:
        super().__init__(f"{errcode}: {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.more = more


class Refused(Exception):
    """What a person in the client could not do (a dead button, a card that is not there)."""

    def __init__(self, reason: str, status: int = 409) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
