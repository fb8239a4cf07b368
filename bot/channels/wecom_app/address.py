"""Addresses of the WeCom app channel: only a person's own chat with the app, as apps get no group messages."""

from core.domain.address import Address, Channel
from core.domain.people import person_id

WECOM_APP = Channel("wecom_app")


def chat_of(userid: str) -> Address:
    """Returns the chat of this member, in whatever case the user id is written."""
    return Address(WECOM_APP, person_id(userid))
