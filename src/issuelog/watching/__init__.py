"""Watching logs: finding known errors in what programs write, fast, whatever else is in there.

`targets` says what is looked for, `streams` reads, `sieve` finds, `occurrences` counts a stack trace once, and
`recording` notes on a report that its error is back.
"""
