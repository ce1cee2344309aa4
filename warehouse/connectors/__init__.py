"""What Longhouse knows of outside systems: where they are, what they have, and how private each field is."""
