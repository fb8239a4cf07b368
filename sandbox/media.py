"""Checks the files of media/upload (path/90253), without HTTP."""

from dataclasses import dataclass

from sandbox.errors import ApiError
from sandbox.world import Media, World

MEGA = 1 << 20


@dataclass(frozen=True, slots=True)
class Kind:
    """The largest size of a kind in bytes, and how its files begin: with any of `heads`, at `offset`."""

    most: int
    offset: int = 0
    heads: tuple[bytes, ...] = ()


# JPEG and PNG, AMR, MP4; a file may be anything.
KINDS = {
    "image": Kind(10 * MEGA, 0, (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")),
    "voice": Kind(2 * MEGA, 0, (b"#!AMR",)),
    "video": Kind(10 * MEGA, 4, (b"ftyp",)),
    "file": Kind(20 * MEGA),
}


def upload(world: World, kind: str | None, file_name: str | None, content_type: str, data: bytes) -> Media:
    """Stores the file and returns it. Raises ApiError when WeCom would refuse it."""
    if kind not in KINDS:
        raise ApiError(40004, "invalid media type")
    if not file_name:
        raise ApiError(41005, "media data missing: no usable filename in the part's header")
    if len(data) <= 5:  # the page wants more than 5 bytes
        raise ApiError(44001, "empty media data")
    shape = KINDS[kind]
    if len(data) > shape.most:
        raise ApiError(45001, f"media is larger than {shape.most} bytes")
    if shape.heads and not data[shape.offset :].startswith(shape.heads):
        raise ApiError(40005, "the file is not of that kind")
    return world.add_media(kind, file_name, content_type, data)
