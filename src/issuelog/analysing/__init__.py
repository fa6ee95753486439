"""What an analysis needs besides its report: the past, by the index and the texts of other reports."""
