"""The Feetech STS3215 servo as numbers: packets, control table and status bits."""
