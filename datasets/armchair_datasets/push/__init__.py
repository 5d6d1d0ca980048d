"""Uploads that arrive: a dataset or a policy goes to the Hub whole, described, tagged and checked, or says why not.

    content/   the payload: which files go where, whether they are complete, what they would give away; snapshots
    transfer/  passes over the network until one succeeds: one commit, its tag, and the check that it arrived
    queue/     uploads that wait on the disk for the worker, which outlives whoever asked for them

huggingface_hub takes its settings when it is imported, so only the processes that speak to a Hub import it.
"""
