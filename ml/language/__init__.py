"""Questions in plain words: what they mean in the semantic layer of the organization they are asked of."""
