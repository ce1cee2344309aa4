"""Floor 3: where people and programs come in."""
