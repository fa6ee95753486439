"""What the customer hears: templates and the lint of every outgoing message."""
