"""Who may come in: the door a review is served through, the guard of every request, and the roles of routes."""
