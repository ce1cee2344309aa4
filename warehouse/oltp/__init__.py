"""The operational store: what people write."""
