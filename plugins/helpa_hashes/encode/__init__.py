"""Functions that encode, loaded only in a worker."""
