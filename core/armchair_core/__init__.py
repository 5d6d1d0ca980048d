"""The ground floor: what every room stands on. It imports none of the other rooms."""
