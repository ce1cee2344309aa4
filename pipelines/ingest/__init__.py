"""Operational tables into the lake, unchanged."""
