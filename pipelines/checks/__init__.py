"""What checks found, and whom it holds back."""
