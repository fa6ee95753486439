"""What earlier errors tell of a new one: likeness, standing, recurrence."""
