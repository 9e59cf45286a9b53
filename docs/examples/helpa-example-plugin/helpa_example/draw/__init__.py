"""Pixels: loaded only by workers."""
