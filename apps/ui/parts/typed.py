"""What a person typed into a form, and what of it cannot be saved."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from apps.ui import formats


@dataclass
class Typed:
    """What was typed, and what is wrong with it by field."""

    values: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    asked: bool = True
    """Whether the person has tried to save; an empty form is not wrong before."""

    def refuse(self, name: str, sentence: str) -> None:
        """Say at the field that was just drawn why it cannot be saved."""
        self.wrong[name] = sentence
        if self.asked:
            st.markdown(f":red[:material/error: {formats.plain(sentence)}]")
