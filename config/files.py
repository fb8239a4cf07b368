"""Reads the TOML files that an operator writes."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from core.domain.errors import ConfigError

DEFAULT_POLICY = Path(__file__).with_name("policy.toml")
DEFAULT_ROLES = Path(__file__).with_name("roles.toml")


def read_toml(path: Path) -> Mapping[str, object]:
    """Returns the content of a file. Raises ConfigError naming the file, and the line of a syntax error."""
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        repr(read)  # fails for a huge number or depth, which could not be shown in a fault later
    except OSError as error:
        raise ConfigError(str(path), [f"cannot be read · 无法读取: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), ["is not UTF-8 text · 不是 UTF-8 文本"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), [f"is not TOML · 不是 TOML: {error}"]) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(str(path), ["a number is too long or a list too deep · 数字太长或列表太深"]) from error
    return read
