"""Known errors: publishing what a report found out, keeping it right, listing it, and showing it to everybody."""
