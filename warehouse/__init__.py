"""Floor 1: what the platform knows."""
