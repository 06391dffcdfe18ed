package materialize

import "asof/inspect/query"

// A Trailer is a target that also keeps the state after each event, and each change.
type Trailer interface {
	Target

	// Trail returns what receives the events of the streams that are folded next. What an
	// earlier one has received is dropped.
	Trail() (query.Trail, error)
}

// samePast keeps the rows of a past moment, unless it is another one now: that which a
// text names, such as yesterday, moves.
func (b *build) samePast(now *Checkpoint) (r *Result, why string) {
	if now.Position == nil || position(b.old) != position(now) || b.old.Time != now.Time || b.export.Whole() {
		return nil, "the moment is another one"
	}
	return &Result{How: Current, Checkpoint: *b.old}, ""
}
