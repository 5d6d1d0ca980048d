"""The fine level of detail: meshes made by code, which people look at. Nothing collides with them."""
