"""Encodes bytes as Bech32 (BIP-173), the text form of age keys. Nothing here decodes it."""

# The character set and the generator of the checksum are constants of BIP-173.
_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK_DIGITS = 6


def bech32(prefix: str, data: bytes) -> str:
    """Returns `data` as Bech32 text; `prefix` must be in lower case.

    Like age, it does without BIP-173's limit of 90 characters.
    """
    digits = _five_bit_digits(data)
    return prefix + "1" + "".join(_CHARSET[digit] for digit in digits + checksum(prefix, digits))


def checksum(prefix: str, digits: list[int]) -> list[int]:
    # The final 1 is the constant of Bech32; its successor Bech32m uses another one.
    expanded = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    remainder = _polymod([*expanded, *digits, *[0] * _CHECK_DIGITS]) ^ 1
    return [remainder >> 5 * (_CHECK_DIGITS - 1 - place) & 31 for place in range(_CHECK_DIGITS)]


def _polymod(values: list[int]) -> int:
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                remainder ^= generator
    return remainder


def _five_bit_digits(data: bytes) -> list[int]:
    """Regroups the bits of `data` into digits of five bits; the last digit is filled up with zeros."""
    bits = len(data) * 8
    padding = -bits % 5
    number = int.from_bytes(data, "big") << padding
    return [number >> shift & 31 for shift in range(bits + padding - 5, -1, -5)]
