"""What people and programs may do, declared once."""
