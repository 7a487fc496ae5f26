"""A window as one self-contained file that a partner checks offline: `selecting` what is in it, `merkle` binding it
together, `writing` it. docs/archive.md says what is in it, and what it proves; `merchants/statements` reads it.
"""
