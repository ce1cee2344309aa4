"""What watches numbers for people, while nobody looks."""
