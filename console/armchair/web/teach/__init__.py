"""The Teach view's server side: recordings, the dataset library, and episode videos."""
