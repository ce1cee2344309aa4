"""Pieces several screens share."""
