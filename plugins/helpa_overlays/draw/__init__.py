"""Pixels of the overlays; only workers load these modules, for they load libvips."""
