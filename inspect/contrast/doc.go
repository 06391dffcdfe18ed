// Package contrast finds what sets bad histories apart from good ones.
//
// A [Study] watches a check. It notes which features each stream has, and at which of
// its events each feature first occurs: types, revisions, actors, members of payload and
// metadata and their values, changed paths of the state, the order of types, gaps, hours
// and releases. [Study.Explain] then compares, for each invariant, the events of the bad
// streams up to and including the first bad event with those of the good ones.
//
// # What is compared
//
// A longer history has more of everything. Each good stream is therefore compared over as
// many events as one of the bad streams had when it became bad, and only if it has that
// many. Bad and good streams with the same number of events are a stratum; the test is
// exact within strata. If each event were equally likely to make its state bad, whatever
// came before it, no feature would part the two groups.
//
// # What is claimed
//
// A finding needs [minSupport] bad streams, and a one-sided exact test whose probability,
// times the number of features that could have passed it, is at most [level]. Of the
// features of nearly the same streams only the best is a finding; the others are listed
// under it. Further findings must part the streams that no earlier finding covers.
//
// # What is bounded
//
// Features are kept as hashes, at most [Options].Entries of them over all streams. Beyond
// that, half of the streams are left out, by a hash of the stream id, until the rest fits:
// which streams are compared depends only on the store. Bad streams are read a second time
// to name what they have, and all of them are compared, up to maxBad.
package contrast
