"""Splits long texts, because WeCom silently cuts a text after 2,048 bytes (documents, path/90236)."""

MAX_TEXT_BYTES = 2048


def split_text(text: str, limit: int = MAX_TEXT_BYTES) -> list[str]:
    """Splits a text into parts of at most `limit` UTF-8 bytes, at line ends where lines are short enough.

    No part is blank. The parts joined with line ends give the text again, except for blanks around the cuts.
    `limit` is at least 4, the bytes of the longest character.
    """
    parts: list[str] = []
    rest = text
    while len(rest.encode()) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut])
        rest = rest[cut:].removeprefix("\n")
    parts.append(rest)
    return [part for part in parts if part.strip()]


def _cut(text: str, limit: int) -> int:
    """Returns how many characters go into the first part: to the last line end that fits, else as many as fit."""
    fitting = len(text.encode()[:limit].decode(errors="ignore"))  # `ignore` drops a character cut in the middle
    line_end = text.rfind("\n", 1, fitting + 1)  # not at 0: an empty part would be no progress
    return line_end if line_end > 0 else fitting
