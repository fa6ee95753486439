"""What a report is and how it may change: pure, with no files, git, clock or environment."""
