"""What comes next? Many series at once: simple methods, mixed by how well each did, with intervals."""
