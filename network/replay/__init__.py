"""Imports the history of a coalition that moves to the network: three CSV files, with their recorded times.

`lines` reads a file, however damaged; `rows` says what one line means; `source` puts the files together; `steps` turns
them into commands with ids and request keys that follow from the files alone; `importer` has them decided in order;
`report` says what came of it. Since every key is the same in every run, a run that was killed is simply run again.
"""
