"""A table whose rows can be opened."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

ROW_PIXELS, HEAD_PIXELS = 36, 37


def clickable(
    lines: Sequence[Mapping[str, str]], *, key: str, alt_text: str, columns: Mapping[str, Any], most: int = 50
) -> int | None:
    """Draw the lines; the place of the one whose cell was just clicked."""
    shown = st.dataframe(
        lines,
        hide_index=True,
        key=key,
        alt=alt_text,
        on_select="rerun",
        selection_mode="single-cell",
        row_height=ROW_PIXELS,
        height="content" if len(lines) <= most else HEAD_PIXELS + ROW_PIXELS * most,
        column_config=dict(columns),
    )
    picked: Any = shown.get("selection", {}).get("cells") or []
    return int(picked[0][0]) if picked and picked[0][0] < len(lines) else None
