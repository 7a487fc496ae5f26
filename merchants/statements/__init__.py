"""Checks a settlement statement offline, from the archive of its window: `command` is what a shop's accountant runs.

Written from docs/archive.md alone, apart from the network's own code, so that one mistake is not made twice.
"""
