package wire

import (
	"time"

	"asof/inspect/check"
	"asof/inspect/contrast"
)

// Checked lists the streams that violate invariants. A bisection of all streams is a
// check of one invariant.
type Checked struct {
	At         *Moment     `json:"at"` // of the whole store
	Shard      string      `json:"shard,omitempty"`
	Streams    int64       `json:"streams"`
	Untaken    int64       `json:"untaken"` // other streams, which no invariant is for
	Events     int64       `json:"events"`
	Invariants []Invariant `json:"invariants"`
	Incomplete *Incomplete `json:"incomplete,omitempty"`
	LeftOut    []string    `json:"left_out"`         // what may be events of any stream; no invariant is then known to hold
	Cursor     string      `json:"cursor,omitempty"` // only if the findings are cut
	Next       [][]string  `json:"next,omitzero"`    // commands to try, as arguments
}

// An Invariant is the result for an invariant.
type Invariant struct {
	Name       string        `json:"name"`
	Projection *string       `json:"projection"`
	Predicate  string        `json:"predicate"`
	Streams    int64         `json:"streams"` // tested streams
	Violations []Violation   `json:"violations"`
	Groups     []Group       `json:"groups"` // of all violations
	Errors     []StreamError `json:"errors"`
	Unknown    []Unknown     `json:"unknown"`

	// All that there are, of which a page lists some.
	ViolationCount int `json:"violation_count"`
	ErrorCount     int `json:"error_count"`
	UnknownCount   int `json:"unknown_count"`

	Explained *Explained `json:"explained,omitzero"` // only if asked
}

// A Violation is a stream that is or was bad.
type Violation struct {
	Stream      string    `json:"stream"`
	Culprit     EventHead `json:"culprit"`
	FromStart   bool      `json:"from_start"`
	Turns       int64     `json:"turns"` // how often it became bad
	Recovered   bool      `json:"recovered"`
	RecoveredAt *Moment   `json:"recovered_at"`
	Cause       *Cause    `json:"cause"`        // null: not known
	CauseSought bool      `json:"cause_sought"` // only the first violations, in short histories
}

// A Group counts the culprits of a type on a day in UTC.
type Group struct {
	Type     string  `json:"type"`
	Revision *int64  `json:"revision"`
	Day      *string `json:"day"`
	Count    int     `json:"count"`
}

// A StreamError is a stream that could not be folded or tested to its end.
type StreamError struct {
	Stream  string `json:"stream"`
	Message string `json:"message"`
}

// Unknown is a stream with unreadable payloads.
type Unknown struct {
	Stream string  `json:"stream"`
	Unread int64   `json:"unread"`
	First  *Moment `json:"first"`
	Reason *string `json:"reason"`
}

// NewChecked converts c.
func NewChecked(c *check.Result) Checked { return NewCheckedPart(c, c, "") }

// NewCheckedPart converts c, with the findings of a part of it.
func NewCheckedPart(c, part *check.Result, cursor string) Checked {
	all := Checked{At: momentOf(c.At), Streams: c.Streams, Untaken: c.Untaken, Events: c.Events, Invariants: make([]Invariant, len(c.Invariants)), Incomplete: incomplete(c.Incomplete), LeftOut: texts(c.Lost), Cursor: cursor}
	if !c.Shard.IsAll() {
		all.Shard = c.Shard.String()
	}
	for i := range c.Invariants {
		all.Invariants[i] = newInvariant(&c.Invariants[i], &part.Invariants[i])
	}
	return all
}

// Explain adds what sets the bad streams apart, by invariant.
func (c *Checked) Explain(all []*contrast.Explained) {
	for i, x := range all {
		if x != nil {
			c.Invariants[i].Explained = newExplained(x)
		}
	}
}

// NewMerged converts the merged reports of shards.
func NewMerged(r *check.Report) Checked {
	all := NewChecked(r.Result)
	all.Next = r.Next
	return all
}

func newInvariant(whole, inv *check.InvariantResult) Invariant {
	all := Invariant{
		ViolationCount: len(whole.Violations), ErrorCount: len(whole.Errors), UnknownCount: len(whole.Unknown),

		Name: inv.Name, Projection: text(&inv.Projection), Predicate: inv.Text, Streams: inv.Streams,
		Violations: make([]Violation, len(inv.Violations)), Groups: []Group{},
		Errors: make([]StreamError, len(inv.Errors)), Unknown: make([]Unknown, len(inv.Unknown)),
	}
	for i := range inv.Violations {
		v := &inv.Violations[i]
		all.Violations[i] = Violation{
			Stream: string(v.Stream), Culprit: NewEventHead(v.Culprit), FromStart: v.FromStart, Turns: v.Turns,
			Recovered: v.Recovered, RecoveredAt: momentAt(v.RecoveredAt),
			Cause: causeOf(v.Cause), CauseSought: v.Sought,
		}
	}
	for _, g := range check.Groups(whole.Violations, time.UTC) {
		all.Groups = append(all.Groups, Group{Type: g.Type, Revision: revision(g.Revision), Day: text(&g.Day), Count: g.Count})
	}
	for i, e := range inv.Errors {
		all.Errors[i] = StreamError{Stream: string(e.Stream), Message: e.Err.Error()}
	}
	for i, u := range inv.Unknown {
		all.Unknown[i] = Unknown{Stream: string(u.Stream), Unread: u.Unread}
		if u.First != nil {
			all.Unknown[i].First, all.Unknown[i].Reason = momentAt(&u.First.At), &u.First.Reason
		}
	}
	return all
}
