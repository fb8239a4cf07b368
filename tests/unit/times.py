"""A clock to move."""

from datetime import timedelta


class Times:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def offset(self) -> timedelta:
        return self.ahead
