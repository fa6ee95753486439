"""What a command does to a report, one function a verb; each returns a :class:`~issuelog.model.step.Step`."""
