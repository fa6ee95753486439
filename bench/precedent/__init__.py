"""How well `precedent` finds what was reported before, and how fast, on reports whose duplicates are known."""
