"""Uploads that arrive: a dataset or a policy goes to the Hub whole, described, tagged and checked, or says why not.

    parcel     what is sent and where to
    rights     whether this login may write there
    whole      nothing is missing
    scan       nothing is in it that must not leave the machine
    card       the README that goes with it, with a moving preview
    upload     one pass over the network: one commit, its tag, and the check that it arrived
    courier    passes in processes of their own until one succeeds, with an end to waiting
    snapshot   what can be sent of a dataset while it is recorded
    follow     sends one snapshot after another
    queue      uploads that wait on the disk for the worker, who outlives whoever asked for them

Everything here is light to import.
"""
