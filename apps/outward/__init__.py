"""What goes out of the house by itself: calls to people's own addresses, and reports."""
