"""The core: private to Helpa. Plugins use the names of the package `helpa` alone."""
