"""Mappings of foreign exports, and the code that follows them."""
