"""Long texts in parts: WeCom cuts a text silently behind 2,048 bytes (documents, path/90236)."""

MAX_TEXT_BYTES = 2048


def split_text(text: str, limit: int = MAX_TEXT_BYTES) -> list[str]:
    """Parts of at most `limit` UTF-8 bytes, cut at line ends where lines are short enough; no part is blank.

    Joining the parts with line ends gives the text back, but for the blanks around cuts. `limit` is at least 4,
    the longest character.
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
    """How many characters go into the first part: to the last line end that fits, else as many as fit."""
    fitting = len(text.encode()[:limit].decode(errors="ignore"))
    line_end = text.rfind("\n", 1, fitting + 1)
    return line_end if line_end > 0 else fitting
