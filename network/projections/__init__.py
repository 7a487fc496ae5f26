"""Views of the log, one question a file. `runner` keeps them up, `rebuilding` makes them anew, `reports` reads them.

A view holds nothing that is not in the log: any of them can be dropped and folded again.
"""
