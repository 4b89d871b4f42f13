"""The one place where mail becomes work: raw mail -> letter -> verdict -> conversation, message, promise."""
