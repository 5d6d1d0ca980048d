"""Access to the page: roles, invitations, messages and headers."""
