"""Where files lie, what they are, and the links that open them."""
