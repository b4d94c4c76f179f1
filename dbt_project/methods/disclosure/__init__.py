"""Statistical disclosure control of averages over enterprises, as pure functions.

A package of `methods`, for it is one method in several steps, each with its own reason to change:

    rules           which cell is unsafe by itself
    hierarchy       the cells of a dataset's hierarchy; what a cell that is not published becomes
    suppression     which further cells must stay back, so that no withheld one can be computed
    audit           what an intruder can compute from everything published; independent of the above
    differencing    what two releases say together that neither says alone
    recoverability  which withheld flow of a dataset follows from published scores
    grading         percentile bands of a product, under the same rules
    duplicates      the same plant reported under two names
    published_form  rounding, bands and classes: the only form in which a figure leaves

Belongs here: decisions on figures of legal groups. Does not belong here: how figures are averaged,
where the record of earlier releases lies, files, settings. The rules' parameters are handed in and
have no default: they are confidential and must not be readable from a release or from this code.

What is assumed of an intruder: the list of contributors and their weights (capacities are public),
every published value of every release, the own figures of one group, and each other group's
emission within the prior q of its true value (technology ranges are public). A figure counts as
recovered when the intruder can place it within p of its true value. The parameter q must be chosen
so that the public range of a technology is nowhere narrower than q around a plant.

Source of the rules: A. Hundepool et al., Statistical Disclosure Control (Wiley 2012), chapter 4.
"""
