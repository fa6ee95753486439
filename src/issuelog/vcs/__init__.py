"""Git: the one way to run it, its objects, its history."""
