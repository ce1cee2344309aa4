"""What a file is called by people: shown and offered when it is saved, never part of a path here."""

import re
import unicodedata

from warehouse.oltp.files import NAME_LENGTH

UNNAMED = "file"
SEPARATORS = re.compile(r"[/\\]")
LONGEST_ENDING = 12


def plain_name(told: str) -> str:
    """The last part of a path, on one line, without characters that are not seen; never empty, never too long."""
    last = SEPARATORS.split(told.strip())[-1]
    # Control and format characters: among them those that turn the direction of writing and disguise an ending.
    seen = "".join(char for char in last if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    name = seen.strip(" .") or UNNAMED
    if len(name) <= NAME_LENGTH:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > LONGEST_ENDING:
        return name[:NAME_LENGTH]
    return stem[: NAME_LENGTH - len(dot + ending)] + dot + ending
