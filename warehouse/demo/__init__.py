"""A believable small company, the same every time it is made."""
