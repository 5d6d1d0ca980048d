"""The face of Armchair: the command line, and the console's page. Importing it is light."""
