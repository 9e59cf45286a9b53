"""Pixels of annotations; only workers load these modules, for they load libvips."""
