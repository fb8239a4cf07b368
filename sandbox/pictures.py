"""Makes small files that people in the pretend chat can send."""

import struct
import zlib


def png(width: int = 240, height: int = 150) -> bytes:
    """Returns a PNG picture with a gentle blue-green gradient."""
    # The zero at the start of each row is its PNG filter type: none.
    rows = b"".join(
        b"\0" + b"".join(bytes((60 + 120 * x // width, 140 + 60 * y // height, 190)) for x in range(width))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits a channel, RGB
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def sample_file(kind: str) -> tuple[str, str, bytes]:
    """Returns (file name, content type, bytes) of an image, voice, video or file."""
    # Voice and video begin as their formats do, which is all that media/upload checks; nothing plays them.
    match kind:
        case "image":
            return "photo.png", "image/png", png()
        case "voice":
            return "voice.amr", "audio/amr", b"#!AMR\n" + bytes(32)
        case "video":
            return "clip.mp4", "video/mp4", b"\0\0\0\x18ftypmp42" + bytes(32)
        case _:
            return "customers.csv", "text/csv", "客户编号,客户名称\r\nC1024,宏远科技\r\n".encode()
