"""Floor 2: what the platform guesses."""
