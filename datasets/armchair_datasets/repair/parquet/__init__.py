"""Parquet files read without their footer, row group by row group."""
