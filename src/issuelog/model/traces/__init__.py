"""Reading error messages and stack traces: repairing them, taking them apart, telling them without what changes."""
