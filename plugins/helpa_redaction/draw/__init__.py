"""Functions that draw, loaded only in a worker."""
