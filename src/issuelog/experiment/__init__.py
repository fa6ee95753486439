"""Running a command of the user's again and again at a revision of the product, and saying what that shows."""
