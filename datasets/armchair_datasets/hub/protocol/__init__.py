"""The Hub's protocol as its clients know it: names, limits and errors."""
