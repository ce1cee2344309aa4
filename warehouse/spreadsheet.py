"""What leaves as CSV is opened in spreadsheets, which compute what looks like a formula."""

FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def safe_cell(value: object) -> object:
    """A text as a cell that a spreadsheet shows and never computes; a number, which may be negative, as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_MARKS) else value
