"""Words of others in a terminal."""

import re

from rich.text import Text

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def plain(words: str, style: str = "") -> Text:
    """Words of a user, a file or an error as they are: no markup, no codes that steer a terminal."""
    return Text(_UNPRINTABLE.sub("\ufffd", words), style)
