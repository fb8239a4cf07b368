"""The app's chats as addresses: a person's chat with the app is all there is, groups are not its."""

from core.domain.address import Address, Channel
from core.domain.people import person_id

WECOM_APP = Channel("wecom_app")


def chat_of(userid: str) -> Address:
    """The chat of this member, however WeCom spells the user id."""
    return Address(WECOM_APP, person_id(userid))
