"""One read-only file per organization, and the locked room it is read in."""
