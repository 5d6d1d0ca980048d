"""The store of the classroom hub: blobs, commits, repositories and tokens in one folder."""
