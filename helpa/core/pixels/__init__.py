"""The only code of the core that touches pixels; it runs in worker processes."""
