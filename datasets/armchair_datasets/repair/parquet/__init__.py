"""Damaged Parquet files: rows read without their footer, and the tables of meta/ as far as they can be read."""
