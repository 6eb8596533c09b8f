"""The same studies as a good user would write them by hand: what Soundproof is measured against.

Networks, data, epochs and seeds are those of the study; none of the code that trains is Soundproof's. The rivals get
for free, outside of the measured time, the features from Soundproof's cache, and use its arithmetic of splits and
its error rate.
"""
