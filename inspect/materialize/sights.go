package materialize

import "asof/inspect/query"

// first are the members whose columns come first. In files of which each has some of the
// streams, all columns are in the order in which their members were found.
func (b *build) first() []string {
	if _, ok := b.job.Target.(Trailer); ok {
		return []string{}
	}
	return nil
}

// sight is where a member was first found, in the states that are kept or folded.
func (b *build) sight(member string) query.Sight {
	old, had := b.sights[member]
	now, found := b.export.Sight(member)
	if had && (!found || old.Compare(now) < 0) {
		return old
	}
	return now
}
